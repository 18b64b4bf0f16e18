/* Bytes in, a tree or the first fault out: the shape of a document, its limits, and no key twice.
 * What the pieces look like is json_token.c's. */
/* SPDX-License-Identifier: ISC */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json_priv.h"
#include "base/mem.h"

const struct json_limits json_limits_drop = {
    .bytes = 8 << 20, .depth = 32, .values = 200000, .keys = 1000, .string = 64 << 10};
const struct json_limits json_limits_rules = {.bytes = 4 << 20,
                                              .depth = 32,
                                              .values = 200000,
                                              .keys = 2000,
                                              .string = 64 << 10,
                                              .comments = true};

static int read_value(struct json_reader *r, cJSON **ret_item);

static cJSON *need(cJSON *item)
{
    if (!item)
        mem_grow(NULL, (size_t)-1, 2); /* ends the process as any exhausted memory does */
    return item;
}

static int fail_limit(struct json_reader *r, const char *code, const char *found, const char *what,
                      int limit)
{
    char expected[64];
    snprintf(expected, sizeof expected, "at most %d %s", limit, what);
    return json_fail(r, code, r->at, found, expected);
}

/* Steps into a list or object; its first place has no name yet. */
static int enter(struct json_reader *r)
{
    if (r->depth >= r->limits->depth || r->depth >= JSON_DEPTH_MAX)
        return fail_limit(r, "JSON_DEPTH", "one more level", "levels of lists and objects",
                          r->limits->depth);
    r->steps[r->depth++] = (struct json_step){.index = -1};
    r->at++;
    return json_skip(r);
}

/* After a member: `,` and the next one (1), or the closing byte (0). */
static int next_member(struct json_reader *r, char close)
{
    int rc = json_skip(r);
    if (rc)
        return rc;
    char c = r->at < r->len ? r->bytes[r->at] : '\0';
    if (c == close) {
        r->at++;
        return 0;
    }
    if (c != ',')
        return json_fail_here(r, close == ']' ? "',' or ']'" : "',' or '}'");
    size_t comma = r->at++;
    if ((rc = json_skip(r)))
        return rc;
    if (r->at < r->len && r->bytes[r->at] == close)
        return json_fail(r, "JSON_SYNTAX", comma,
                         close == ']' ? "a comma before ']'" : "a comma before '}'",
                         "no comma after the last member");
    return 1;
}

static int read_list(struct json_reader *r, cJSON *list)
{
    int rc = enter(r);
    if (rc)
        return rc;
    struct json_step *step = &r->steps[r->depth - 1];
    int more = 1;
    if (r->at < r->len && r->bytes[r->at] == ']') {
        r->at++;
        more = 0;
    }
    while (more) {
        cJSON *item;
        step->index++;
        if ((rc = read_value(r, &item)))
            return rc;
        cJSON_AddItemToArray(list, item);
        if ((more = next_member(r, ']')) < 0)
            return more;
    }
    r->depth--;
    return 0;
}

/* --- objects --- */

static uint32_t hash_of(const char *text)
{
    uint32_t hash = 2166136261u;
    for (; *text; text++)
        hash = (hash ^ (unsigned char)*text) * 16777619u;
    return hash;
}

static bool key_is_there(const cJSON *object, const char *key)
{
    const cJSON *member;
    cJSON_ArrayForEach(member, object) if (strcmp(member->string, key) == 0) return true;
    return false;
}

/* Notes the key just read as one of object's, whose keys start at first. */
static int note_key(struct json_reader *r, const cJSON *object, size_t first, size_t offset)
{
    const char *key = r->text.data;
    uint32_t hash = hash_of(key);
    bool maybe = false;
    for (size_t i = first; i < r->keys_n && !maybe; i++)
        maybe = r->keys[i] == hash;
    if (maybe && key_is_there(object, key)) {
        char found[128];
        snprintf(found, sizeof found, "the key \"%.80s\" a second time", key);
        return json_fail(r, "JSON_DUPLICATE_KEY", offset, found, "each key once");
    }
    if (r->keys_n - first >= (size_t)r->limits->keys)
        return fail_limit(r, "JSON_SIZE", "one more key", "keys in an object", r->limits->keys);
    if (r->keys_n == r->keys_room) {
        r->keys_room = r->keys_room ? r->keys_room * 2 : 64;
        r->keys = mem_grow(r->keys, r->keys_room, sizeof *r->keys);
    }
    r->keys[r->keys_n++] = hash;
    return 0;
}

/* `"key" : value` into object. */
static int read_member(struct json_reader *r, cJSON *object, size_t first)
{
    size_t offset = r->at;
    if (r->at >= r->len || r->bytes[r->at] != '"')
        return json_fail_here(r, "a key in double quotes");
    int rc = json_read_string(r);
    if (rc || (rc = note_key(r, object, first, offset)))
        return rc;
    char *key = mem_dup(r->text.data);
    r->steps[r->depth - 1].key = key;
    cJSON *item = NULL;
    if (!(rc = json_skip(r)) && (r->at >= r->len || r->bytes[r->at] != ':'))
        rc = json_fail_here(r, "':' after a key");
    if (!rc) {
        r->at++;
        rc = read_value(r, &item);
    }
    r->steps[r->depth - 1].key = NULL;
    if (rc) {
        free(key);
        return rc;
    }
    item->string = key; /* set by hand: cJSON would copy it once more */
    cJSON_AddItemToArray(object, item);
    return 0;
}

static int read_object(struct json_reader *r, cJSON *object)
{
    size_t first = r->keys_n;
    int rc = enter(r);
    if (rc)
        return rc;
    int more = 1;
    if (r->at < r->len && r->bytes[r->at] == '}') {
        r->at++;
        more = 0;
    }
    while (more) {
        if ((rc = read_member(r, object, first)))
            return rc;
        if ((more = next_member(r, '}')) < 0)
            return more;
    }
    r->keys_n = first;
    r->depth--;
    return 0;
}

/* --- values --- */

/* A word at the reader's place: true, false or null. */
static int read_word(struct json_reader *r, const char *word, cJSON *item, cJSON **ret_item)
{
    size_t len = strlen(word), left = r->len - r->at;
    if (memcmp(r->bytes + r->at, word, left < len ? left : len) != 0) {
        cJSON_Delete(item);
        return json_fail_here(r, "a value");
    }
    if (left < len) {
        cJSON_Delete(item);
        return json_fail_cut(r, word);
    }
    r->at += len;
    *ret_item = item;
    return 0;
}

static int read_text(struct json_reader *r, cJSON **ret_item)
{
    int rc = json_read_string(r);
    if (!rc)
        *ret_item = need(cJSON_CreateString(r->text.data));
    return rc;
}

static int read_number(struct json_reader *r, cJSON **ret_item)
{
    double value;
    int rc = json_read_number(r, &value);
    if (!rc)
        *ret_item = need(cJSON_CreateNumber(value));
    return rc;
}

static int read_branch(struct json_reader *r, cJSON **ret_item)
{
    bool list = r->bytes[r->at] == '[';
    cJSON *item = need(list ? cJSON_CreateArray() : cJSON_CreateObject());
    int rc = list ? read_list(r, item) : read_object(r, item);
    if (rc)
        cJSON_Delete(item);
    else
        *ret_item = item;
    return rc;
}

static int read_value(struct json_reader *r, cJSON **ret_item)
{
    int rc = json_skip(r);
    if (rc)
        return rc;
    if (r->at >= r->len)
        return json_fail_cut(r, "a value");
    if (++r->values > r->limits->values)
        return fail_limit(r, "JSON_SIZE", "one more value", "values", r->limits->values);
    switch (r->bytes[r->at]) {
    case '{':
    case '[':
        return read_branch(r, ret_item);
    case '"':
        return read_text(r, ret_item);
    case 't':
        return read_word(r, "true", need(cJSON_CreateTrue()), ret_item);
    case 'f':
        return read_word(r, "false", need(cJSON_CreateFalse()), ret_item);
    case 'n':
        return read_word(r, "null", need(cJSON_CreateNull()), ret_item);
    case '-':
    case '0' ... '9':
        return read_number(r, ret_item);
    default:
        return json_fail_here(r, "a value");
    }
}

/* --- the document --- */

/* Text in an encoding of wider units, by its mark or by the NUL that every ASCII character carries
 * there. */
static bool is_utf16(const char *b, size_t len)
{
    if (len < 2)
        return false;
    return memcmp(b, "\xff\xfe", 2) == 0 || memcmp(b, "\xfe\xff", 2) == 0 ||
           (b[0] == '\0' && b[1] != '\0') ||
           (b[0] != '\0' && b[1] == '\0' && len > 2 && b[0] > '9');
}

/* Checks the bytes as a whole and steps over a byte order mark. */
static int begin(struct json_reader *r)
{
    if (r->len > r->limits->bytes) {
        char found[64], expected[64];
        snprintf(found, sizeof found, "%zu bytes", r->len);
        snprintf(expected, sizeof expected, "at most %zu bytes", r->limits->bytes);
        return json_fail(r, "JSON_SIZE", 0, found, expected);
    }
    if (is_utf16(r->bytes, r->len))
        return json_fail(r, "JSON_ENCODING", 0, "UTF-16 text", "UTF-8: save as UTF-8");
    if (r->len >= 3 && memcmp(r->bytes, "\xef\xbb\xbf", 3) == 0)
        r->at = 3;
    int rc = json_skip(r);
    if (!rc && r->at >= r->len) {
        rc = json_fail(r, "JSON_EMPTY", r->len, "nothing", "a JSON document");
        r->fault->cut = true;
    }
    return rc;
}

/* Only blanks may follow the value. */
static int finish(struct json_reader *r)
{
    int rc = json_skip(r);
    if (rc || r->at >= r->len)
        return rc;
    rc = json_fail_here(r, "the end of the file");
    r->fault->code = "JSON_TRAILING";
    return rc;
}

int json_parse(const char *bytes, size_t len, const struct json_limits *limits, cJSON **ret_tree,
               struct json_fault *ret_fault)
{
    struct json_reader r = {.bytes = bytes, .len = len, .limits = limits, .fault = ret_fault};
    buf_init(&r.text, limits->string);
    buf_text(&r.text, "");
    cJSON *tree = NULL;
    int rc = begin(&r);
    if (!rc)
        rc = read_value(&r, &tree);
    if (!rc)
        rc = finish(&r);
    if (rc)
        cJSON_Delete(tree);
    else
        *ret_tree = tree;
    free(r.keys);
    buf_finish(&r.text);
    return rc;
}
