/* A web site driven by step files: a job becomes a procedure's state, each act of it a request to a
 * browser, and what came of the act the next one. The state travels in the job's memo, so that a
 * procedure is taken up after a restart where it stood; after a lost answer the site's own trace
 * decides whether a paid click was taken. Every paid click is an intent of its own, which settles
 * those before it. Drives nothing itself.
 *
 *   memo: {"state": {...}, "act": {...}, "once": bool, "credits": n, "settles": n, "idle": bool}
 *         {"state": {...}, "trace": n}      looks what became of a result, the n-th time
 *         {"state": {...}, "check": "/path of what was fetched", "release": bool}
 *         {"state": {...}, "mishap": {"class", "step", "error", "cure", "on"}}: it failed, and the
 *         page is described; on: then its act is done, of a procedure that stands in */
/* SPDX-License-Identifier: ISC */
#include "providers/sop_job.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"
#include "providers/worker_answer.h"

static void read_browser(const struct ask *ask, cJSON *memo, const struct response *r,
                         struct outcome *o)
{
    cJSON *state = cJSON_Duplicate(json_get(memo, "state"), true);
    const cJSON *result = cJSON_GetArrayItem(json_get(r->body, "results"), 0);
    bool once = json_bool(memo, "once", false), begun = ask->job->memo != NULL;
    bool pressed = once && !json_bool(result, "ok", false) && json_bool(result, "pressed", false);
    bool owed = !once && json_bool(state, "open", false); /* a result that lies on the page */
    bool silent = owed && json_bool(result, "silent", false);
    if (r->kind == RESPONSE_UNSENT) {
        sop_job_unsent(ask, memo, r, o);
        cJSON_Delete(state);
    } else if (json_get(memo, "trace")) {
        sop_job_read_trace(ask, state, (int)json_num(memo, "trace", 1), r, o);
    } else if (r->kind != RESPONSE_ANSWERED || !result || pressed || silent) {
        sop_job_lost(ask, state, once,
                     r->error ? r->error : json_str(result, "error", "nothing answered"), o);
    } else if (begun && json_bool(r->body, "fresh", false)) {
        sop_job_lost(ask, state, once, "the browser began anew", o);
    } else {
        sop_job_go_on(ask, state, json_bool(memo, "idle", false) ? NULL : result, o);
    }
}

static void sop_read(const struct ask *ask, const struct response *response,
                     struct outcome *ret_outcome)
{
    cJSON *memo = NULL;
    struct err e = {0};
    if (sop_job_memo(ask, &memo, &e)) {
        ret_outcome->kind = OUTCOME_REFUSED;
        ret_outcome->class = CLASS_BAD_REQUEST;
        ret_outcome->error = mem_dup(e.text);
        return;
    }
    if (json_bool(memo, "release", false)) {
        struct sop_turn turn = {0};
        json_set_bool(memo, "release", false); /* whatever it answered: the picture is here */
        sop_job_next(ret_outcome, memo, 0, &turn);
    } else if (json_bool(json_get(memo, "mishap"), "on", false)) {
        struct sop_turn turn = {0};
        cJSON_DeleteItemFromObjectCaseSensitive(memo, "mishap");
        sop_job_next(ret_outcome, memo, 0, &turn);
    } else if (json_get(memo, "mishap")) { /* whatever it answered */
        sop_job_failed(ask, json_get(memo, "state"), json_get(memo, "mishap"), ret_outcome);
    } else if (json_get(memo, "check")) {
        worker_answer_read(ask->files, response, ret_outcome);
        sop_job_end(ask, json_get(memo, "state"), ret_outcome);
    } else {
        read_browser(ask, memo, response, ret_outcome);
    }
    cJSON_Delete(memo);
}

const struct provider provider_sop = {.name = "sop",
                                      .build = sop_job_build,
                                      .read = sop_read,
                                      .lookup = sop_job_lookup,
                                      .read_lookup = sop_job_read_lookup};
