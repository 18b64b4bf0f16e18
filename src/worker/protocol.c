/* One line of JSON comes in, a request goes out; an answer goes back to one line. Takes nothing it
 * does not know and never looks at the files it names. */
/* SPDX-License-Identifier: ISC */
#include "worker/protocol.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"

static const struct json_limits line_limits = {
    .bytes = PROTOCOL_LINE_MAX,
    .depth = 16,
    .values = 100000,
    .keys = 1000,
    .string = 256 * 1024,
    .comments = false,
};

static int refuse(struct err *e, const char *what)
{
    return err_set(e, ERR_INPUT, "the request was not taken: %s", what);
}

static bool is_whole(const cJSON *v, double min, double max)
{
    return cJSON_IsNumber(v) && v->valuedouble >= min && v->valuedouble <= max &&
           v->valuedouble == floor(v->valuedouble);
}

static bool is_word(const cJSON *v)
{
    return cJSON_IsString(v) && v->valuestring[0] != '\0';
}

/* One list of files: objects of exactly two strings, the name's member being `key`. */
static int files_parse(const cJSON *list, const char *key, int max, struct op_file **ret_files,
                       int *ret_n, struct err *e)
{
    if (!list)
        return 0;
    if (!cJSON_IsArray(list))
        return refuse(e, "\"in\" and \"out\" must be lists");
    int n = cJSON_GetArraySize(list), i = 0;
    if (n > max)
        return err_set(e, ERR_LIMIT, "the request names %d files where %d are the limit", n, max);
    if (n == 0)
        return 0;
    struct op_file *files = mem_alloc((size_t)n * sizeof *files);
    const cJSON *item;
    cJSON_ArrayForEach(item, list)
    {
        const cJSON *name = cJSON_GetObjectItemCaseSensitive(item, key);
        const cJSON *path = cJSON_GetObjectItemCaseSensitive(item, "path");
        if (!cJSON_IsObject(item) || cJSON_GetArraySize(item) != 2 || !is_word(name) ||
            !is_word(path) || path->valuestring[0] != '/') {
            free(files);
            return err_set(e, ERR_INPUT,
                           "the request was not taken: file %d needs exactly \"%s\" and an "
                           "absolute \"path\"",
                           i + 1, key);
        }
        files[i].name = name->valuestring;
        files[i++].path = path->valuestring;
    }
    *ret_files = files;
    *ret_n = n;
    return 0;
}

static bool tag_is_flat(const cJSON *tag)
{
    const cJSON *item;
    if (!cJSON_IsObject(tag))
        return false;
    cJSON_ArrayForEach(item, tag) if (!cJSON_IsString(item)) return false;
    return true;
}

/* Puts each member where it belongs; the lists stay for later. */
static int members_parse(struct asked *a, struct err *e)
{
    const cJSON *m;
    cJSON_ArrayForEach(m, a->tree)
    {
        if (strcmp(m->string, "id") == 0 && is_whole(m, 0, 9007199254740991.0))
            a->id = (int64_t)m->valuedouble;
        else if (strcmp(m->string, "op") == 0 && is_word(m))
            a->request.op = m->valuestring;
        else if (strcmp(m->string, "params") == 0 && cJSON_IsObject(m))
            a->request.params = m;
        else if (strcmp(m->string, "tag") == 0 && tag_is_flat(m))
            a->request.tag = m;
        else if (strcmp(m->string, "cpu_s") == 0 && is_whole(m, 1, PROTOCOL_CPU_S_MAX))
            a->cpu_s = (int)m->valuedouble;
        else if (strcmp(m->string, "in") != 0 && strcmp(m->string, "out") != 0)
            return err_set(e, ERR_INPUT,
                           "the request was not taken: member \"%.40s\" is unknown or not of "
                           "its type",
                           m->string);
    }
    return 0;
}

static int whole_parse(struct asked *a, struct err *e)
{
    if (!cJSON_IsObject(a->tree))
        return refuse(e, "a line must hold one JSON object");
    int r = members_parse(a, e);
    if (r)
        return r;
    if (a->id < 0)
        return refuse(e, "\"id\" is missing");
    if (!a->request.op)
        return refuse(e, "\"op\" is missing");
    if (!a->request.params)
        a->request.params = cJSON_AddObjectToObject(a->tree, "params");
    r = files_parse(cJSON_GetObjectItemCaseSensitive(a->tree, "in"), "name", PROTOCOL_IN_MAX,
                    &a->in, &a->request.in_n, e);
    if (r == 0)
        r = files_parse(cJSON_GetObjectItemCaseSensitive(a->tree, "out"), "role", PROTOCOL_OUT_MAX,
                        &a->out, &a->request.out_n, e);
    a->request.in = a->in;
    a->request.out = a->out;
    return r;
}

int protocol_parse(const char *line, size_t len, struct asked *ret_asked, struct err *e)
{
    struct asked a = {.id = -1, .cpu_s = PROTOCOL_CPU_S};
    struct json_fault fault = {0};
    int r = json_parse(line, len, &line_limits, &a.tree, &fault);
    if (r) {
        char text[512];
        json_fault_text(&fault, text, sizeof text);
        *ret_asked = a;
        return err_set(e, r, "the request was not taken: %s", text);
    }
    r = whole_parse(&a, e);
    if (r) {
        int64_t id = a.id;
        asked_finish(&a);
        *ret_asked = (struct asked){.id = id};
        return r;
    }
    *ret_asked = a;
    return 0;
}

void asked_finish(struct asked *a)
{
    free(a->in);
    free(a->out);
    cJSON_Delete(a->tree);
    *a = (struct asked){.id = -1};
}

/* One line of a tree, newline included; the tree is released. */
static char *line_of(cJSON *takes_tree)
{
    char *text = json_compact(takes_tree);
    cJSON_Delete(takes_tree);
    size_t len = strlen(text);
    while (len && text[len - 1] == '\n')
        text[--len] = '\0';
    char *line = mem_printf("%s\n", text);
    free(text);
    return line;
}

static cJSON *answer_new(int64_t id, bool ok)
{
    cJSON *answer = cJSON_CreateObject();
    if (id < 0)
        json_set(answer, "id", cJSON_CreateNull());
    else
        json_set_num(answer, "id", (double)id);
    json_set_bool(answer, "ok", ok);
    return answer;
}

char *protocol_done(int64_t id, const struct made *made, int made_n, const cJSON *facts)
{
    cJSON *answer = answer_new(id, true);
    cJSON *list = cJSON_AddArrayToObject(answer, "out");
    for (int i = 0; i < made_n; i++) {
        cJSON *one = cJSON_CreateObject();
        json_set_str(one, "role", made[i].role);
        json_set_str(one, "path", made[i].path);
        json_set_num(one, "bytes", (double)made[i].bytes);
        json_set_str(one, "sha256", made[i].sha256);
        json_set_str(one, "media", made[i].media);
        json_set_num(one, "width", made[i].width);
        json_set_num(one, "height", made[i].height);
        cJSON_AddItemToArray(list, one);
    }
    json_set(answer, "facts", facts ? cJSON_Duplicate(facts, true) : cJSON_CreateObject());
    return line_of(answer);
}

char *protocol_failed(int64_t id, const struct err *e)
{
    cJSON *answer = answer_new(id, false);
    json_set_str(answer, "class", err_word(e->code));
    json_set_str(answer, "error", e->text);
    return line_of(answer);
}
