/* A memo comes in, the request that its act is goes out: to the browser, or to the worker that
 * looks at what was fetched. Reads no answer. */
/* SPDX-License-Identifier: ISC */
#include "providers/sop_job.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"
#include "providers/worker_answer.h"

#define RUN_SLACK_MS 15000 /* beside an act's own time: to reach the browser and make a tab */
#define MISHAP_MS    20000 /* to describe a page that a procedure failed on */
#define TRACE_MS     60000

static void fill_request(const struct ask *ask, cJSON *takes_acts, int timeout_ms, bool keep,
                         struct request *r)
{
    const cJSON *site = sop_site(ask->rules, ask->job->engine);
    char *lease = mem_printf("job %lld", (long long)ask->job->id);
    r->by = CARRY_BROWSER;
    r->timeout_ms = timeout_ms + RUN_SLACK_MS;
    r->line = cJSON_CreateObject();
    json_set(r->line, "run", takes_acts);
    json_set(r->line, "window", cJSON_Duplicate(json_get(site, "window"), true));
    json_set_str(r->line, "own", json_str(site, "own", ""));
    json_set_str(r->line, "dir", ask->work);
    json_set_str(r->line, "lease", lease);
    json_set_bool(r->line, "keep", keep);
    free(lease);
}

/* What was fetched is decoded whole and written under the output's name and form. */
static void build_check(const struct ask *ask, const char *fetched, struct request *r)
{
    struct job_file in = {(char *)"picture", (char *)fetched};
    struct job_files look = {&in, ask->files->out, 1, 1};
    r->by = CARRY_WORKER;
    r->timeout_ms = worker_timeout_ms(0);
    r->line = worker_line("picture.copy", worker_look_params(ask), &look);
}

/* The page is described after it, whatever came of it: it may be all that a person will have. */
static void add_description(cJSON *acts)
{
    cJSON *page = sop_page_acts(), *act;
    while ((act = cJSON_DetachItemFromArray(page, 0))) {
        json_set_bool(act, "anyway", true);
        cJSON_AddItemToArray(acts, act);
    }
    cJSON_Delete(page);
}

static int build_trace(const struct ask *ask, const cJSON *memo, struct request *r, struct err *e)
{
    cJSON *acts = sop_trace_acts(ask->rules, json_get(memo, "state"));
    if (cJSON_IsArray(acts)) {
        add_description(acts);
        fill_request(ask, acts, TRACE_MS + MISHAP_MS, true, r);
        return 0;
    }
    cJSON_Delete(acts);
    return err_set(e, ERR_UNSUPPORTED, "%s says nowhere how a lost click is looked for",
                   ask->job->engine);
}

int sop_job_build(const struct ask *ask, struct request *ret_request, struct err *e)
{
    cJSON *memo = NULL;
    int rc = sop_job_memo(ask, &memo, e);
    if (rc)
        return rc;
    const char *fetched = json_str(memo, "check", NULL);
    const cJSON *act = json_get(memo, "act");
    if (json_bool(memo, "release", false)) {
        cJSON *acts = cJSON_Parse("[{\"act\": \"address\"}]"); /* and the tab goes */
        fill_request(ask, acts, 0, false, ret_request);
    } else if (json_get(memo, "mishap")) { /* console, HTML and picture; at the end the tab goes */
        fill_request(ask, sop_page_acts(), MISHAP_MS,
                     json_bool(json_get(memo, "mishap"), "on", false), ret_request);
    } else if (fetched) {
        build_check(ask, fetched, ret_request);
    } else if (json_get(memo, "trace")) {
        rc = build_trace(ask, memo, ret_request, e);
    } else if (act) {
        cJSON *acts = cJSON_CreateArray();
        cJSON_AddItemToArray(acts, cJSON_Duplicate(act, true));
        fill_request(ask, acts, sop_act_ms(act), true, ret_request);
        sop_job_price(ask, memo, ret_request);
    } else {
        rc =
            err_set(e, ERR_STATE, "the procedure for %s ended before its first act", ask->job->key);
    }
    cJSON_Delete(memo);
    return rc;
}

int sop_job_lookup(const struct ask *ask, struct request *ret_request, struct err *e)
{
    cJSON *memo = NULL;
    int rc = sop_job_memo(ask, &memo, e);
    if (!rc)
        rc = build_trace(ask, memo, ret_request, e);
    cJSON_Delete(memo);
    return rc;
}
