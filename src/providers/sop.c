/* A web site driven by step files: a job becomes a procedure's state, each act of it a request to a
 * browser, and what came of the act the next one. The state travels in the job's memo, so that a
 * procedure is taken up after a restart where it stood; after a lost answer the site's own trace
 * decides whether a paid click was taken. Drives nothing itself.
 *
 *   memo: {"state": {...}, "act": {...}, "once": bool, "credits": n, "idle": bool}
 *         {"state": {...}, "check": "/path of what was fetched"} */
/* SPDX-License-Identifier: ISC */
#include "providers/worker_answer.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"
#include "sop/sop.h"

#define RUN_SLACK_MS   15000 /* beside an act's own time: to reach the browser and make a tab */
#define BROWSER_WAIT_S 15    /* between looks for a browser that is not there */

/* --- the conversation --- */

static cJSON *wishes_of(const struct ask *ask)
{
    const struct job_row *job = ask->job;
    cJSON *params = cJSON_Parse(job->params);
    if (!params)
        params = cJSON_CreateObject();
    if (job->prompt)
        json_set_str(params, "prompt", job->prompt);
    if (job->model && !str_eq(job->model, "embedded"))
        json_set_str(params, "model", job->model);
    for (size_t i = 0; i < ask->files->in_n; i++)
        json_set_str(params, ask->files->in[i].name, ask->files->in[i].path);
    return params;
}

/* Moves a state that owes nothing to its next act; a rest is an act that does nothing, after it. */
static cJSON *memo_of(const struct ask *ask, cJSON *takes_state, const cJSON *result,
                      struct sop_turn *turn)
{
    cJSON *memo = cJSON_CreateObject();
    sop_next(ask->rules, takes_state, result, ask->now_s * 1000, turn);
    json_set(memo, "state", takes_state);
    if (turn->move == SOP_ACT) {
        json_set(memo, "act", turn->act);
        turn->act = NULL;
        json_set_bool(memo, "once", turn->once);
        json_set_num(memo, "credits", turn->credits);
    } else if (turn->move == SOP_WAIT) {
        cJSON *act = cJSON_CreateObject();
        json_set_str(act, "act", "address");
        json_set(memo, "act", act);
        json_set_bool(memo, "idle", true);
    }
    return memo;
}

/* The memo as stored, or that of a conversation that begins. Owned. */
static int memo_now(const struct ask *ask, cJSON **ret_memo, struct err *e)
{
    const struct job_row *job = ask->job;
    cJSON *memo = job->memo ? cJSON_Parse(job->memo) : NULL, *state = NULL;
    struct sop_turn turn = {0};
    if (json_get(memo, "state")) {
        *ret_memo = memo;
        return 0;
    }
    cJSON_Delete(memo);
    const char *name = sop_for_op(ask->rules, job->engine, job->op);
    if (!name)
        return err_set(e, ERR_UNSUPPORTED, "no procedure of %s makes %s", job->engine, job->op);
    int rc = sop_begin(ask->rules, job->engine, name, wishes_of(ask), &state, e);
    if (!rc)
        *ret_memo = memo_of(ask, state, NULL, &turn);
    sop_turn_finish(&turn);
    return rc;
}

/* --- asking --- */

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
    r->line = worker_line("picture.copy", cJSON_CreateObject(), &look);
}

static int sop_build(const struct ask *ask, struct request *ret_request, struct err *e)
{
    cJSON *memo = NULL;
    int rc = memo_now(ask, &memo, e);
    if (rc)
        return rc;
    const char *fetched = json_str(memo, "check", NULL);
    const cJSON *act = json_get(memo, "act");
    if (json_bool(memo, "release", false)) {
        cJSON *acts = cJSON_Parse("[{\"act\": \"address\"}]"); /* and the tab goes */
        fill_request(ask, acts, 0, false, ret_request);
    } else if (fetched) {
        build_check(ask, fetched, ret_request);
    } else if (act) {
        cJSON *acts = cJSON_CreateArray();
        cJSON_AddItemToArray(acts, cJSON_Duplicate(act, true));
        fill_request(ask, acts, (int)json_num(act, "within_ms", 0), true, ret_request);
        ret_request->paid = json_bool(memo, "once", false);
    } else {
        rc =
            err_set(e, ERR_STATE, "the procedure for %s ended before its first act", ask->job->key);
    }
    cJSON_Delete(memo);
    return rc;
}

/* --- reading --- */

static void next(struct outcome *o, const cJSON *memo, int wait_ms, const struct sop_turn *turn)
{
    o->kind = OUTCOME_NEXT;
    o->class = CLASS_PENDING;
    o->wait_ms = wait_ms;
    o->memo = json_compact(memo);
    o->progress = mem_dup(turn->step);
}

static void failed(struct outcome *o, struct sop_turn *turn)
{
    enum outcome_class class = outcome_class_of_word(turn->class ? turn->class : "transient");
    o->class = class < OUTCOME_CLASSES_N ? class : CLASS_TRANSIENT;
    o->kind = o->class == CLASS_AUTH || o->class == CLASS_QUOTA ? OUTCOME_HOLD
              : o->class == CLASS_TRANSIENT                     ? OUTCOME_RETRY
                                                                : OUTCOME_REFUSED;
    o->wait_s = 30;
    o->error = mem_printf("%s: %s", turn->step ? turn->step : "the procedure", turn->error);
    o->cure = turn->cure;
    turn->cure = NULL;
}

static void go_on(const struct ask *ask, cJSON *takes_state, const cJSON *result, struct outcome *o)
{
    struct sop_turn turn = {0};
    const char *fetched = NULL;
    char *path = NULL;
    if (result && (fetched = json_str(json_get(result, "value"), "path", NULL)))
        path = mem_dup(fetched);
    else
        path = mem_dup(json_str(takes_state, "fetched", NULL));
    if (path)
        json_set_str(takes_state, "fetched", path);
    cJSON *memo = memo_of(ask, takes_state, result, &turn);
    if (turn.move == SOP_FAILED) {
        failed(o, &turn);
    } else if (turn.move != SOP_DONE) {
        next(o, memo, turn.wait_ms, &turn);
    } else if (path) {
        json_set_str(memo, "check", path);
        json_set_bool(memo, "release", true);
        next(o, memo, 0, &turn);
    } else {
        o->kind = OUTCOME_REFUSED;
        o->class = CLASS_BAD_REQUEST;
        o->error = mem_dup("the procedure ended without fetching a picture; see its last step");
    }
    free(path);
    cJSON_Delete(memo);
    sop_turn_finish(&turn);
}

/* The browser did not answer, or the tab is another one: what the site would still know decides. */
static void lost(const struct ask *ask, cJSON *takes_state, bool once, const char *why,
                 struct outcome *o)
{
    if (once || json_bool(takes_state, "open", false)) {
        o->kind = OUTCOME_DOUBT;
        o->class = CLASS_UNKNOWN_SUBMIT;
        o->error = mem_printf("a click that costs was under way when %s", why);
        cJSON_Delete(takes_state);
        return;
    }
    sop_restart(takes_state);
    go_on(ask, takes_state, NULL, o);
}

static void read_browser(const struct ask *ask, cJSON *memo, const struct response *r,
                         struct outcome *o)
{
    cJSON *state = cJSON_Duplicate(json_get(memo, "state"), true);
    const cJSON *result = cJSON_GetArrayItem(json_get(r->body, "results"), 0);
    bool once = json_bool(memo, "once", false), begun = ask->job->memo != NULL;
    if (r->kind == RESPONSE_UNSENT) {
        o->kind = OUTCOME_HOLD;
        o->class = CLASS_TRANSIENT;
        o->wait_s = BROWSER_WAIT_S;
        o->error = mem_dup(r->error);
        o->cure = mem_dup("slated browser doctor says what is missing");
        cJSON_Delete(state);
    } else if (r->kind != RESPONSE_ANSWERED || !result) {
        lost(ask, state, once, r->error ? r->error : "the browser gave no answer", o);
    } else if (begun && json_bool(r->body, "fresh", false)) {
        lost(ask, state, once, "the browser began anew", o);
    } else if (json_bool(memo, "idle", false)) {
        go_on(ask, state, NULL, o);
    } else {
        go_on(ask, state, result, o);
    }
}

static void sop_read(const struct ask *ask, const struct response *response,
                     struct outcome *ret_outcome)
{
    cJSON *memo = NULL;
    struct err e = {0};
    if (memo_now(ask, &memo, &e)) {
        ret_outcome->kind = OUTCOME_REFUSED;
        ret_outcome->class = CLASS_BAD_REQUEST;
        ret_outcome->error = mem_dup(e.text);
        return;
    }
    if (json_bool(memo, "release", false)) {
        struct sop_turn turn = {0};
        json_set_bool(memo, "release", false); /* whatever it answered: the picture is here */
        next(ret_outcome, memo, 0, &turn);
    } else if (json_get(memo, "check")) {
        worker_answer_read(ask->files, response, ret_outcome);
    } else {
        read_browser(ask, memo, response, ret_outcome);
    }
    cJSON_Delete(memo);
}

/* --- after a lost answer --- */

static int sop_lookup(const struct ask *ask, struct request *ret_request, struct err *e)
{
    cJSON *memo = NULL;
    int rc = memo_now(ask, &memo, e);
    if (rc)
        return rc;
    cJSON *acts = sop_trace_acts(ask->rules, json_get(memo, "state"));
    if (cJSON_IsArray(acts))
        fill_request(ask, acts, 60000, true, ret_request);
    else
        rc = err_set(e, ERR_UNSUPPORTED, "%s says nowhere how a lost click is looked for",
                     ask->job->engine);
    if (rc)
        cJSON_Delete(acts);
    cJSON_Delete(memo);
    return rc;
}

static void sop_read_lookup(const struct ask *ask, const struct response *response,
                            struct outcome *ret_outcome)
{
    cJSON *memo = NULL, *state;
    struct err e = {0};
    struct sop_turn turn = {0};
    ret_outcome->kind = OUTCOME_DOUBT;
    ret_outcome->class = CLASS_UNKNOWN_SUBMIT;
    if (response->kind != RESPONSE_ANSWERED || memo_now(ask, &memo, &e)) {
        ret_outcome->error = mem_dup(response->error ? response->error : e.text);
        return;
    }
    state = cJSON_Duplicate(json_get(memo, "state"), true);
    switch (sop_trace_read(ask->rules, state, json_get(response->body, "results"))) {
    case TRACE_FOUND:
        memset(ret_outcome, 0, sizeof(*ret_outcome));
        go_on(ask, state, NULL, ret_outcome);
        state = NULL;
        break;
    case TRACE_NONE:
        ret_outcome->kind = OUTCOME_UNSEEN;
        cJSON_Delete(memo);
        memo = memo_of(ask, state, NULL, &turn);
        ret_outcome->memo = json_compact(memo);
        state = NULL;
        break;
    case TRACE_UNCLEAR:
        ret_outcome->error = mem_dup("the page shows neither a new result nor the balance");
        break;
    }
    sop_turn_finish(&turn);
    cJSON_Delete(state);
    cJSON_Delete(memo);
}

const struct provider provider_sop = {.name = "sop",
                                      .build = sop_build,
                                      .read = sop_read,
                                      .lookup = sop_lookup,
                                      .read_lookup = sop_read_lookup};
