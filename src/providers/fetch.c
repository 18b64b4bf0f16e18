/* A reference photo by URL: first the bytes through HTTP, then a look at them by the worker, which
 * decodes the whole picture, so that what lies in the tree is known to be one. */
/* SPDX-License-Identifier: ISC */
#include "providers/worker_answer.h"

#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"

#include <stdlib.h>

#define FETCH_TIMEOUT_MS 60000
#define FETCH_MAX_LEN    (64 * 1024 * 1024)
#define MEMO_CHECK       "{\"step\":\"check\"}"

static bool fetch_checks(const struct job_row *job)
{
    return job->memo && str_eq(job->memo, MEMO_CHECK);
}

/* The check reads what the fetch wrote, and writes it again without its metadata. */
static void fetch_build_check(const struct job_files *files, struct request *r)
{
    struct job_file in = {(char *)"picture", mem_printf("%s.fetched", files->out[0].path)};
    struct job_files look = {&in, files->out, 1, 1};
    r->by = CARRY_WORKER;
    r->timeout_ms = worker_timeout_ms(0);
    r->line = worker_line("picture.copy", cJSON_CreateObject(), &look);
    free(in.path);
}

static int fetch_build(const struct ask *ask, struct request *ret_request, struct err *e)
{
    const struct job_row *job = ask->job;
    const struct job_files *files = ask->files;
    if (fetch_checks(job)) {
        fetch_build_check(files, ret_request);
        return 0;
    }
    cJSON *params = cJSON_Parse(job->params);
    const char *url = json_str(params, "url", NULL);
    int rc = 0;
    if (!url || files->out_n != 1) {
        rc = err_set(e, ERR_STATE, "%s is a fetch without an address", job->key);
    } else {
        ret_request->by = CARRY_HTTP;
        ret_request->timeout_ms = FETCH_TIMEOUT_MS;
        ret_request->url = mem_dup(url);
        ret_request->path = mem_printf("%s.fetched", files->out[0].path);
        ret_request->redirects = 5;
        ret_request->max_len = json_int(params, "max_bytes", FETCH_MAX_LEN);
        ret_request->private_ok = json_bool(params, "private_ok", false);
    }
    cJSON_Delete(params);
    return rc;
}

static void fetch_read_http(const struct response *response, struct outcome *o)
{
    bool server_fault =
        response->status >= 500 || response->status == 429 || response->status == 408;
    if (response->kind == RESPONSE_ANSWERED && response->status == 200) {
        o->kind = OUTCOME_NEXT;
        o->memo = mem_dup(MEMO_CHECK);
    } else if (response->kind == RESPONSE_ANSWERED) {
        o->kind = server_fault ? OUTCOME_RETRY : OUTCOME_REFUSED;
        o->wait_s = 5;
        o->error = mem_printf("the server answered %ld instead of a picture", response->status);
    } else {
        o->kind = response->kind == RESPONSE_UNSENT && str_starts(response->error, "forbidden")
                      ? OUTCOME_REFUSED
                      : OUTCOME_RETRY;
        o->wait_s = 5;
        o->error = mem_dup(response->error);
    }
}

static void fetch_read(const struct ask *ask, const struct response *response,
                       struct outcome *ret_outcome)
{
    if (fetch_checks(ask->job))
        worker_answer_read(ask->files, response, ret_outcome);
    else
        fetch_read_http(response, ret_outcome);
}

const struct provider provider_fetch = {.name = "fetch", .build = fetch_build, .read = fetch_read};
