/* The embedded engine: a job's op, params and files become one line for the worker, and its answer
 * an outcome. Free, repeatable, without a key; never touches a file itself. */
/* SPDX-License-Identifier: ISC */
#include "providers/worker_answer.h"

#include "base/json.h"
#include "base/mem.h"

/* Provenance for the picture's own metadata. Nothing here changes from run to run, so equal work
 * stays equal bytes. */
static cJSON *local_tag(const struct job_row *job)
{
    cJSON *tag = cJSON_CreateObject();
    json_set_str(tag, "Software", "slated");
    json_set_str(tag, "slated-request", job->hash);
    json_set_str(tag, "slated-model", job->model);
    if (job->prompt)
        json_set_str(tag, "Description", job->prompt);
    return tag;
}

static int local_build(const struct ask *ask, struct request *ret_request, struct err *e)
{
    const struct job_row *job = ask->job;
    cJSON *params = cJSON_Parse(job->params);
    if (!params)
        return err_set(e, ERR_STATE, "the stored parameters of %s are damaged", job->key);
    ret_request->by = CARRY_WORKER;
    ret_request->timeout_ms = worker_timeout_ms(job->seconds);
    ret_request->line = worker_line(job->op, params, ask->files);
    json_set(ret_request->line, "tag", local_tag(job));
    return 0;
}

static void local_read(const struct ask *ask, const struct response *response,
                       struct outcome *ret_outcome)
{
    worker_answer_read(ask->files, response, ret_outcome);
}

const struct provider provider_local = {.name = "local", .build = local_build, .read = local_read};
