/* A JSON file of a drop comes in; its tree in the one form that plans receive goes out, or every
 * fault of it. */
/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/str.h"
#include "base/utf8.h"
#include "intake/intake_priv.h"
#include "rules/schema.h"

#define TEXT_LEN_MAX 4096 /* of a text file that fills a member */

/* --- reading --- */

char *document_name(const struct reading *r, const char *path)
{
    char *name = *path ? path_join(r->list->name, path) : mem_dup(r->list->name);
    char *shown = utf8_show(name);
    free(name);
    return shown;
}

char *document_path(const struct reading *r, const char *path)
{
    char *entry = path_join(r->place->dir, r->list->name);
    char *full = *path ? path_join(entry, path) : mem_dup(entry);
    free(entry);
    return full;
}

static void add_syntax_fault(struct faults *faults, const char *name, const struct json_fault *f)
{
    static const char *const cures[][2] = {
        {"JSON_ENCODING", "Save the file as UTF-8."},
        {"JSON_UTF8", "Save the file as UTF-8."},
        {"JSON_EMPTY", "Fill the file, or remove it."},
        {"JSON_SIZE", "Split it into several drops."},
    };
    char *place = mem_printf("%s: line %d, column %d, byte %zu (%s)", name, f->line, f->column,
                             f->offset, *f->pointer ? f->pointer : "top level");
    const char *cure = "Correct the file and drop it again.";
    for (size_t i = 0; i < sizeof cures / sizeof *cures; i++) {
        if (str_eq(cures[i][0], f->code))
            cure = cures[i][1];
    }
    faults_add(faults, f->code, place, f->found, f->expected, cure);
    free(place);
}

cJSON *document_read(struct reading *r, const struct listed *file, struct faults *faults)
{
    char *name = document_name(r, file->path), *path = document_path(r, file->path), *bytes = NULL;
    struct json_fault fault;
    struct err e = {0};
    cJSON *tree = NULL;
    size_t len = 0;
    if (file_read(path, json_limits_drop.bytes, &bytes, &len, &e) != 0) {
        faults_add(faults, e.code == ERR_LIMIT ? "JSON_SIZE" : "UNREADABLE", name, e.text,
                   "a file that can be read", "Allow slated to read it, and drop it again.");
    } else if (json_parse(bytes, len, &json_limits_drop, &tree, &fault) != 0) {
        tree = NULL;
        if (fault.cut)
            answer_add_missing(r, name, NULL, NULL, NULL, NULL);
        add_syntax_fault(fault.cut ? &r->pending : faults, name, &fault);
    } else if (len >= 3 && memcmp(bytes, "\xef\xbb\xbf", 3) == 0) {
        faults_add(&r->order->warnings, "JSON_BOM", name, "a byte order mark", "plain UTF-8",
                   "Nothing: it was skipped.");
    }
    free(bytes);
    free(path);
    free(name);
    return tree;
}

/* --- the one form --- */

static void visit_rewrite(void *ctx, cJSON *value, const char *pointer)
{
    const cJSON *words = ctx;
    const char *other = cJSON_IsString(value) ? json_str(words, value->valuestring, NULL) : NULL;
    (void)pointer;
    if (other)
        cJSON_SetValuestring(value, other);
}

static void rewrite(const cJSON *document, cJSON *tree)
{
    const cJSON *one;
    cJSON_ArrayForEach(one, json_get(document, "rewrite"))
    {
        cJSON *words = cJSON_Duplicate(json_get(one, "words"), true);
        pointers_each(tree, json_str(one, "at", "/"), visit_rewrite, words);
        cJSON_Delete(words);
    }
}

static cJSON *wrap(const cJSON *document, cJSON *tree)
{
    const char *member = json_str(document, "wrap", NULL);
    cJSON *object;
    if (!member || !cJSON_IsArray(tree))
        return tree;
    object = cJSON_CreateObject();
    json_set(object, member, tree);
    return object;
}

/* Members of the outer item that each inner one gets where it has none: {"scene_id": "id"}. */
static void copy_members(const cJSON *copy, const cJSON *outer, cJSON *inner)
{
    const cJSON *one;
    cJSON_ArrayForEach(one, copy)
    {
        const cJSON *value = json_get(outer, one->valuestring);
        if (value && !json_get(inner, one->string))
            json_set(inner, one->string, cJSON_Duplicate(value, true));
    }
}

/* {"scenes": [{"id": "S1", "shots": [..]}]} gets "shots": [..] at its top; the scenes keep what
 * else they say. */
static void flatten(const cJSON *document, cJSON *tree)
{
    const cJSON *how = json_get(document, "flatten");
    const char *member = json_str(how, "member", "");
    cJSON *outer, *all;
    if (!how || !json_get(tree, json_str(how, "from", "")))
        return;
    all = cJSON_DetachItemFromObjectCaseSensitive(tree, member);
    if (!cJSON_IsArray(all)) {
        cJSON_Delete(all);
        all = cJSON_CreateArray();
    }
    cJSON_ArrayForEach(outer, cJSON_GetObjectItemCaseSensitive(tree, json_str(how, "from", "")))
    {
        cJSON *list = cJSON_DetachItemFromObjectCaseSensitive(outer, member), *inner;
        while (list && (inner = cJSON_DetachItemFromArray(list, 0))) {
            copy_members(json_get(how, "copy"), outer, inner);
            cJSON_AddItemToArray(all, inner);
        }
        cJSON_Delete(list);
    }
    json_set(tree, member, all);
}

void document_normalise(struct reading *r, const cJSON *rule, const char *name, cJSON **tree)
{
    const cJSON *document = json_get(rule, "document"), *schema = json_get(document, "schema");
    struct faults *faults = &r->answer->faults;
    *tree = wrap(document, *tree);
    rewrite(document, *tree);
    schema_near_misses(schema, *tree, name, &r->order->warnings);
    if (schema_check(schema, *tree, name, faults) > 0)
        return;
    schema_fill(schema, *tree);
    flatten(document, *tree);
    if (json_get(document, "after"))
        schema_check(json_get(document, "after"), *tree, name, faults);
}

/* --- texts beside it --- */

/* The first line of a text of the folder, without blanks around it; NULL when there is none. Owned.
 */
static char *first_line(const struct reading *r, const char *folder, const char *file)
{
    char *path = *folder ? path_join(folder, file) : mem_dup(file), *full, *bytes = NULL;
    char *line = NULL;
    const struct listed *f = listing_find(r->list, path, NULL);
    size_t len = 0;
    if (f && f->media == MEDIA_TEXT) {
        full = document_path(r, f->path);
        if (file_read(full, TEXT_LEN_MAX, &bytes, &len, NULL) == 0 && utf8_bad_at(bytes, len) < 0) {
            bytes[strcspn(bytes, "\r\n")] = '\0';
            line = mem_dup(str_trim(bytes));
        }
        free(bytes);
        free(full);
    }
    free(path);
    return line;
}

static bool has_one_of(const cJSON *names, const cJSON *tree)
{
    const cJSON *name;
    cJSON_ArrayForEach(name, names)
    {
        const cJSON *value = json_get(tree, name->valuestring);
        if (value && !(cJSON_IsString(value) && !*value->valuestring))
            return true;
    }
    return false;
}

void document_add_texts(struct reading *r, const cJSON *rule, const char *folder, cJSON *tree)
{
    const cJSON *text, *file;
    cJSON_ArrayForEach(text, json_get(rule, "/document/texts"))
    {
        const char *into = json_str(text, "into", "");
        if (has_one_of(json_get(text, "unless"), tree))
            continue;
        cJSON_ArrayForEach(file, json_get(text, "files"))
        {
            char *line = first_line(r, folder, file->valuestring);
            if (line && *line && !json_get(tree, into))
                json_set_str(tree, into, line);
            free(line);
        }
    }
}

/* --- pictures beside it --- */

/* The name of a picture called stem in the folder, or NULL. Owned. */
static char *picture_called(const struct reading *r, const char *folder, const char *stem)
{
    static const char *const endings[] = {"png", "jpg", "jpeg", "webp"};
    char *found = NULL;
    for (size_t i = 0; i < sizeof endings / sizeof *endings && !found; i++) {
        char *name = mem_printf("%s.%s", stem, endings[i]);
        char *path = *folder ? path_join(folder, name) : mem_dup(name);
        const struct listed *f = r->list->folder ? listing_find(r->list, path, NULL) : NULL;
        if (f)
            found = mem_dup(path_base(f->path));
        free(path);
        free(name);
    }
    return found;
}

static char *picture_for(const struct reading *r, const cJSON *how, const char *folder)
{
    const char *at = json_str(how, "policy", NULL);
    const char *named = at ? cJSON_GetStringValue(rules_policy(r->rules, at)) : NULL;
    const cJSON *stem;
    cJSON_ArrayForEach(stem, json_get(how, "names"))
    {
        char *found = picture_called(r, folder, stem->valuestring);
        if (found)
            return found;
    }
    return named && *named ? mem_dup(named) : NULL;
}

void document_add_pictures(struct reading *r, const cJSON *rule, const char *folder, cJSON *tree)
{
    const cJSON *how;
    cJSON_ArrayForEach(how, json_get(rule, "/document/pictures"))
    {
        const char *into = json_str(how, "into", ""), *member = json_str(how, "member", "");
        cJSON *object = cJSON_GetObjectItemCaseSensitive(tree, into);
        char *path = *json_str(object, member, "") ? NULL : picture_for(r, how, folder);
        if (path && !cJSON_IsObject(object))
            json_set(tree, into, object = cJSON_CreateObject());
        if (path)
            json_set_str(object, member, path);
        free(path);
    }
}
