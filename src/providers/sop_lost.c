/* An answer of the browser that did not come, or came from another tab: what the site still shows
 * decides whether a click was taken. Presses nothing. */
/* SPDX-License-Identifier: ISC */
#include "providers/sop_job.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"

#define BROWSER_WAIT_S 15 /* between looks for a browser that is not there */
#define LOOKUP_WAIT_S  60 /* the same while a click is in doubt: a person is asked in the end */
#define LOOK_AGAIN_S   15 /* between looks at a page that does not say; site.json may say else */
#define TRACES_MAX     5
#define RESTARTS_MAX   5 /* on a page that keeps going away */
#define SIGNED_OUT     "nobody is signed in on the page, and a result may lie there"
#define SIGN_IN                                                                                    \
    "sign in in the browser that slated uses, then lift the stop with slated resume and its name"

static void doubt(struct outcome *o, const char *why)
{
    o->kind = OUTCOME_DOUBT;
    o->class = CLASS_UNKNOWN_SUBMIT;
    o->error = mem_printf("a click that costs was under way when %s", why);
}

/* How long the site is given to show what a click brought. */
static int look_again_s(const struct ask *ask)
{
    return (int)json_num(sop_site(ask->rules, ask->job->engine), "/trace/every_s", LOOK_AGAIN_S);
}

/* What was paid for may be there: looked for without pressing anything. */
static void look_for(const struct ask *ask, cJSON *takes_state, int n, struct outcome *o)
{
    struct sop_turn turn = {0};
    cJSON *memo = cJSON_CreateObject();
    json_set(memo, "state", takes_state);
    json_set_num(memo, "trace", n);
    sop_job_next(o, memo, n > 1 ? look_again_s(ask) * 1000 : 0, &turn);
    cJSON_Delete(memo);
}

/* Nothing was paid for: from the first step, unless that was done too often. */
static void begin_anew(const struct ask *ask, cJSON *takes_state, const char *why,
                       struct outcome *o)
{
    int n = (int)json_num(takes_state, "restarts", 0) + 1;
    if (n > RESTARTS_MAX) {
        o->kind = OUTCOME_RETRY;
        o->class = CLASS_TRANSIENT;
        o->error = mem_printf("the page went away %d times: %s", n, why);
        sop_job_end(ask, takes_state, o);
        cJSON_Delete(takes_state);
        return;
    }
    json_set_num(takes_state, "restarts", n);
    sop_restart(takes_state);
    sop_job_go_on(ask, takes_state, NULL, o);
}

/* The browser did not answer, or the tab is another one: what the site would still know decides. */
void sop_job_lost(const struct ask *ask, cJSON *takes_state, bool once, const char *why,
                  struct outcome *o)
{
    if (once) {
        doubt(o, why);
        cJSON_Delete(takes_state);
    } else if (json_bool(takes_state, "open", false)) {
        look_for(ask, takes_state, 1, o);
    } else {
        begin_anew(ask, takes_state, why, o);
    }
}

void sop_job_read_trace(const struct ask *ask, cJSON *takes_state, int n, const struct response *r,
                        struct outcome *o)
{
    enum sop_trace trace =
        r->kind == RESPONSE_ANSWERED
            ? sop_trace_read(ask->rules, takes_state, json_get(r->body, "results"))
            : TRACE_UNCLEAR;
    if (trace == TRACE_FOUND) {
        sop_job_go_on(ask, takes_state, NULL, o);
    } else if (trace == TRACE_SIGNED_OUT) {
        sop_job_signed_out(o, takes_state, SIGNED_OUT, SIGN_IN);
    } else if (n < TRACES_MAX || r->kind == RESPONSE_UNSENT) {
        look_for(ask, takes_state, n + 1, o);
    } else {
        cJSON_Delete(takes_state);
        doubt(o, "its page was lost, and it does not show its results any more");
    }
}

/* No browser was there. A job that has paid for nothing gives its place away until there is one. */
void sop_job_unsent(const struct ask *ask, cJSON *memo, const struct response *r, struct outcome *o)
{
    struct sop_turn turn = {0};
    if (ask->handle && sop_spent(json_get(memo, "state")) > 0) {
        json_set_num(memo, "settles", 0); /* booked with the intent */
        sop_job_next(o, memo, BROWSER_WAIT_S * 1000, &turn);
        free(o->progress);
        o->progress = mem_dup(r->error);
        return;
    }
    o->kind = OUTCOME_HOLD;
    o->class = CLASS_TRANSIENT;
    o->wait_s = BROWSER_WAIT_S;
    o->error = mem_dup(r->error);
    o->cure = mem_dup("slated browser doctor says what is missing");
    o->cost_known = ask->handle != NULL;
}

/* Not taken: the procedure begins anew, with what it has kept; its next click is another intent. */
void sop_job_read_lookup(const struct ask *ask, const struct response *response,
                         struct outcome *ret_outcome)
{
    cJSON *memo = NULL, *state;
    struct err e = {0};
    enum sop_trace trace;
    if (response->kind != RESPONSE_ANSWERED || sop_job_memo(ask, &memo, &e)) {
        doubt(ret_outcome, response->error ? response->error : e.text);
        ret_outcome->wait_s = LOOKUP_WAIT_S;
        return;
    }
    state = cJSON_Duplicate(json_get(memo, "state"), true);
    trace = sop_trace_read(ask->rules, state, json_get(response->body, "results"));
    if (trace == TRACE_UNCLEAR) {
        cJSON_Delete(state);
        doubt(ret_outcome, "its answer was lost, and the page shows neither a new result nor the "
                           "balance");
        ret_outcome->wait_s = look_again_s(ask);
    } else if (trace == TRACE_SIGNED_OUT) {
        sop_job_signed_out(ret_outcome, state, SIGNED_OUT, SIGN_IN);
        mem_free(ret_outcome->memo); /* its click is still looked up */
    } else {
        sop_job_go_on(ask, state, NULL, ret_outcome);
    }
    cJSON_Delete(memo);
}
