/* Files and params become a worker's request line, its answer becomes an outcome. Believes the
 * answer only about outputs that were asked for. */
/* SPDX-License-Identifier: ISC */
#include "providers/worker_answer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"
#include "gates/gates.h"

#define TIMEOUT_LEAST_S 120
#define RETRY_WAIT_S    2
#define SPACE_WAIT_S    30

static cJSON *file_list(const struct job_file *list, size_t n, const char *name_key)
{
    cJSON *out = cJSON_CreateArray();
    for (size_t i = 0; i < n; i++) {
        cJSON *item = cJSON_CreateObject();
        json_set_str(item, name_key, list[i].name);
        json_set_str(item, "path", list[i].path);
        cJSON_AddItemToArray(out, item);
    }
    return out;
}

cJSON *worker_line(const char *op, cJSON *takes_params, const struct job_files *files)
{
    cJSON *line = cJSON_CreateObject();
    json_set_str(line, "op", op);
    json_set(line, "params", takes_params);
    json_set(line, "in", file_list(files->in, files->in_n, "name"));
    json_set(line, "out", file_list(files->out, files->out_n, "role"));
    return line;
}

cJSON *worker_look_params(const struct ask *ask)
{
    const char *why;
    cJSON *params = cJSON_CreateObject();
    cJSON *rule = gates_rule(ask->rules, ask->job->engine, ask->job->op, &why);
    if (rule)
        json_set_bool(params, "look", true);
    cJSON_Delete(rule);
    return params;
}

int worker_timeout_ms(int expected_s)
{
    int s = expected_s * 10;
    return (s < TIMEOUT_LEAST_S ? TIMEOUT_LEAST_S : s) * 1000;
}

static const struct job_file *asked_for(const struct job_files *files, const char *role)
{
    for (size_t i = 0; i < files->out_n; i++)
        if (str_eq(files->out[i].name, role))
            return &files->out[i];
    return NULL;
}

static void add_made(struct outcome *o, const struct job_file *file, const cJSON *said)
{
    o->made = mem_grow(o->made, o->made_n + 1, sizeof(*o->made));
    struct made *m = &o->made[o->made_n++];
    memset(m, 0, sizeof(*m));
    m->role = mem_dup(file->name);
    m->path = mem_dup(file->path);
    m->media = mem_dup(json_str(said, "media", "other"));
    m->bytes = json_int(said, "bytes", 0);
    m->width = (int)json_int(said, "width", 0);
    m->height = (int)json_int(said, "height", 0);
    snprintf(m->sha256, sizeof(m->sha256), "%s", json_str(said, "sha256", ""));
}

static void read_made(const struct job_files *files, const cJSON *body, struct outcome *o)
{
    const cJSON *said;
    cJSON_ArrayForEach(said, json_get(body, "out"))
    {
        const struct job_file *file = asked_for(files, json_str(said, "role", ""));
        if (file && strlen(json_str(said, "sha256", "")) == DIGEST_LEN - 1)
            add_made(o, file, said);
    }
    const cJSON *look = json_get(json_get(body, "facts"), "look");
    if (look && o->made_n == 1)
        o->made[0].look = cJSON_Duplicate(look, true);
    o->kind = OUTCOME_DONE;
    if (o->made_n != files->out_n) {
        o->kind = OUTCOME_RETRY;
        o->error = mem_dup("the worker said it was done and left an output out");
    }
}

/* Classes as in base/err.h. What the input is to blame for will not get better by asking again. */
static void read_error(const cJSON *body, struct outcome *o)
{
    static const char *const world[] = {"io", "child", "busy", "time", "store"};
    const char *class = json_str(body, "class", "bug");
    o->error = mem_dup(json_str(body, "error", "the worker failed without a word"));
    o->kind = OUTCOME_REFUSED;
    if (str_eq(class, "space")) {
        o->kind = OUTCOME_HOLD;
        o->wait_s = SPACE_WAIT_S;
    }
    for (size_t i = 0; i < sizeof(world) / sizeof(*world); i++) {
        if (!str_eq(class, world[i]))
            continue;
        o->kind = OUTCOME_RETRY;
        o->wait_s = RETRY_WAIT_S;
    }
}

void worker_answer_read(const struct job_files *files, const struct response *response,
                        struct outcome *ret_outcome)
{
    struct outcome *o = ret_outcome;
    if (response->kind != RESPONSE_ANSWERED) {
        o->kind = OUTCOME_RETRY;
        o->wait_s = RETRY_WAIT_S;
        o->struck = response->kind == RESPONSE_DIED;
        o->error = mem_dup(response->error);
    } else if (json_bool(response->body, "ok", false)) {
        read_made(files, response->body, o);
    } else {
        read_error(response->body, o);
    }
}
