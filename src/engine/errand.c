/* Requests that are no job come in; they go to free workers in their order, and their answers to
 * whoever asked. Stores nothing: who asked asks again after a restart. */
/* SPDX-License-Identifier: ISC */
#include "engine/errand.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "engine/engine_priv.h"

#define ERRAND_TIMEOUT_MS 300000

struct errand {
    int64_t request_id; /* 0 while it waits */
    cJSON *line;
    errand_done *done;
    void *ctx;
};

cJSON *errand_line(const char *op)
{
    cJSON *line = cJSON_CreateObject();
    json_set_str(line, "op", op);
    json_set(line, "params", cJSON_CreateObject());
    json_set(line, "in", cJSON_CreateArray());
    json_set(line, "out", cJSON_CreateArray());
    return line;
}

static void add_file(cJSON *line, const char *list, const char *key, const char *name,
                     const char *path)
{
    cJSON *one = cJSON_CreateObject();
    json_set_str(one, key, name);
    json_set_str(one, "path", path);
    cJSON_AddItemToArray(cJSON_GetObjectItemCaseSensitive(line, list), one);
}

void errand_in(cJSON *line, const char *name, const char *path)
{
    add_file(line, "in", "name", name, path);
}

void errand_out(cJSON *line, const char *role, const char *path)
{
    add_file(line, "out", "role", role, path);
}

void errand_ask(struct engine *en, cJSON *takes_line, errand_done *done, void *ctx)
{
    en->errands = mem_grow(en->errands, en->errands_n + 1, sizeof(*en->errands));
    struct errand *one = mem_alloc(sizeof(*one));
    *one = (struct errand){.line = takes_line, .done = done, .ctx = ctx};
    en->errands[en->errands_n++] = one;
}

bool errand_ok(const struct response *response, const char **ret_error)
{
    bool ok = response->kind == RESPONSE_ANSWERED && json_bool(response->body, "ok", false);
    *ret_error = response->kind == RESPONSE_ANSWERED
                     ? json_str(response->body, "error", "the worker gave no reason")
                     : response->error;
    return ok;
}

int errands_busy(const struct engine *en)
{
    int n = 0;
    for (size_t i = 0; i < en->errands_n; i++)
        n += en->errands[i]->request_id != 0;
    return n;
}

bool errands_pending(const struct engine *en)
{
    return en->errands_n > 0;
}

void errands_start(struct engine *en)
{
    int busy = errands_busy(en);
    for (size_t i = 0; i < en->errands_n; i++) {
        struct errand *one = en->errands[i];
        struct request r = {.by = CARRY_WORKER, .timeout_ms = ERRAND_TIMEOUT_MS};
        if (one->request_id)
            continue;
        if (busy >= en->jobs_at_once || workers_free(en->workers) == 0)
            return;
        r.id = one->request_id = ++en->next_request;
        r.line = one->line;
        one->line = NULL;
        workers_ask(en->workers, &r, en->now_ms);
        busy++;
    }
}

static void errand_free(struct errand *one)
{
    cJSON_Delete(one->line);
    free(one);
}

bool errands_answer(struct engine *en, const struct response *response)
{
    for (size_t i = 0; i < en->errands_n; i++) {
        struct errand *one = en->errands[i];
        if (one->request_id != response->id)
            continue;
        memmove(en->errands + i, en->errands + i + 1,
                (en->errands_n - i - 1) * sizeof(*en->errands));
        en->errands_n--;
        en->start_more = true; /* its worker is free: a job may have found none */
        one->done(en, one->ctx, response);
        errand_free(one);
        return true;
    }
    return false;
}

void errands_finish(struct engine *en)
{
    for (size_t i = 0; i < en->errands_n; i++)
        errand_free(en->errands[i]);
    free(en->errands);
}
