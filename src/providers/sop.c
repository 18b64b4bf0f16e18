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
#include "providers/worker_answer.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"
#include "sop/sop.h"

#define RUN_SLACK_MS   15000 /* beside an act's own time: to reach the browser and make a tab */
#define MISHAP_MS      20000 /* to describe a page that a procedure failed on */
#define BROWSER_WAIT_S 15    /* between looks for a browser that is not there */
#define LOOKUP_WAIT_S  60    /* the same while a click is in doubt: a person is asked in the end */
#define TRACE_MS       60000
#define TRACES_MAX     5
#define RESTARTS_MAX   5 /* on a page that keeps going away */
#define SIGNED_OUT     "nobody is signed in on the page, and a result may lie there"
#define SIGN_IN                                                                                    \
    "sign in in the browser that slated uses, then lift the stop with slated resume and its name"

/* --- the conversation --- */

static const cJSON *provider_of(const struct ask *ask)
{
    return json_get(rules_kind(ask->rules, "providers"), ask->job->engine);
}

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
    json_set_str(memo, "step", turn->step);
    if (turn->move == SOP_ACT) {
        json_set(memo, "act", turn->act);
        turn->act = NULL;
        json_set_bool(memo, "once", turn->once);
        json_set_num(memo, "credits", turn->credits);
        json_set_num(memo, "settles", turn->settles);
    } else if (turn->move == SOP_WAIT) {
        cJSON *act = cJSON_CreateObject();
        json_set_str(act, "act", "address");
        json_set(memo, "act", act);
        json_set_bool(memo, "idle", true);
    }
    return memo;
}

/* Several jobs at once on one account: what the page's balance says belongs to nobody alone. */
static int begin(const struct ask *ask, const char *name, cJSON *takes_wishes, cJSON **ret_state,
                 struct err *e)
{
    int rc = sop_begin(ask->rules, ask->job->engine, name, takes_wishes, ret_state, e);
    if (!rc && json_num(json_get(provider_of(ask), "limits"), "at_once", 0) != 1)
        sop_shared(*ret_state);
    return rc;
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
    int rc = begin(ask, name, wishes_of(ask), &state, e);
    if (!rc)
        *ret_memo = memo_of(ask, state, NULL, &turn);
    sop_turn_finish(&turn);
    return rc;
}

/* --- money --- */

/* What a credit costs, in dollars; 0: only the price of the whole picture is known. */
static double credit_price(const struct ask *ask)
{
    return json_num(provider_of(ask), "credit", 0);
}

static void set_paid(const struct ask *ask, const cJSON *memo, struct request *r)
{
    r->paid = json_bool(memo, "once", false) && json_num(memo, "credits", 0) > 0;
    r->further = r->paid;
    r->price = json_num(memo, "credits", 0) * credit_price(ask);
    r->settled = json_num(memo, "settles", 0) * credit_price(ask);
}

/* How an attempt ends: what of it is not settled, and how it was made. */
static void tell_end(const struct ask *ask, const cJSON *state, struct outcome *o)
{
    cJSON *facts = cJSON_CreateObject();
    cJSON *before = ask->job->facts ? cJSON_Parse(ask->job->facts) : NULL; /* of earlier attempts */
    cJSON *notes = cJSON_Duplicate(json_get(before, "notes"), true);
    const cJSON *note;
    const char *url = json_str(state, "fetched_from", NULL);
    o->cost_known = ask->handle && credit_price(ask) > 0;
    o->cost = o->cost_known ? sop_owed(state) * credit_price(ask) : 0;
    json_set_str(facts, "procedure", json_str(state, "sop", ""));
    json_set_num(facts, "credits", sop_spent(state) + json_num(before, "credits", 0));
    if (url)
        json_set_str(facts, "image_url", url);
    if (!notes)
        notes = cJSON_CreateArray();
    cJSON_ArrayForEach(note, sop_notes(state))
        cJSON_AddItemToArray(notes, cJSON_Duplicate(note, true));
    json_set(facts, "notes", notes);
    cJSON_Delete(before);
    cJSON_Delete(o->facts);
    o->facts = facts;
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
    r->line = worker_line("picture.copy", worker_look_params(ask), &look);
}

static int build_trace(const struct ask *ask, const cJSON *memo, struct request *r, struct err *e)
{
    cJSON *acts = sop_trace_acts(ask->rules, json_get(memo, "state"));
    if (cJSON_IsArray(acts)) {
        fill_request(ask, acts, TRACE_MS, true, r);
        return 0;
    }
    cJSON_Delete(acts);
    return err_set(e, ERR_UNSUPPORTED, "%s says nowhere how a lost click is looked for",
                   ask->job->engine);
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
        fill_request(ask, acts, (int)json_num(act, "within_ms", 0), true, ret_request);
        set_paid(ask, memo, ret_request);
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

/* What failed, for whoever reads the memo when the page was described. Owned. */
static cJSON *told_of(const struct sop_turn *turn)
{
    cJSON *told = cJSON_CreateObject();
    json_set_str(told, "class", turn->class ? turn->class : "transient");
    json_set_str(told, "step", turn->step ? turn->step : "the procedure");
    json_set_str(told, "error", turn->error);
    json_set_str(told, "cure", turn->cure);
    return told;
}

/* A procedure that has tried again already is not begun a third time. */
static void failed(const struct ask *ask, const cJSON *state, const cJSON *told, struct outcome *o)
{
    enum outcome_class class = outcome_class_of_word(json_str(told, "class", ""));
    bool tried = json_num(state, "tries", 0) > 0 || json_get(state, "instead_of");
    o->class = class < OUTCOME_CLASSES_N ? class : CLASS_TRANSIENT;
    o->kind = o->class == CLASS_AUTH || o->class == CLASS_QUOTA ? OUTCOME_HOLD
              : o->class == CLASS_TRANSIENT && !tried           ? OUTCOME_RETRY
                                                                : OUTCOME_REFUSED;
    o->wait_s = 30;
    o->error = mem_printf("%s: %s", json_str(told, "step", ""), json_str(told, "error", ""));
    o->cure = mem_dup(json_str(told, "cure", NULL));
    tell_end(ask, state, o);
}

/* The wishes for the procedure that stands in: the job's own, but for what was meant for this one.
 */
static cJSON *wishes_instead(const struct ask *ask)
{
    cJSON *wishes = wishes_of(ask);
    const cJSON *more = json_get(wishes, "otherwise"), *member;
    cJSON_DeleteItemFromObjectCaseSensitive(wishes, "model");
    cJSON_ArrayForEach(member, more)
        json_set(wishes, member->string, cJSON_Duplicate(member, true));
    return wishes;
}

/* A result lies on a page that shows it to nobody now. What is known of it stays until a person has
 * signed in; then it is looked for. */
static void signed_out(struct outcome *o, cJSON *takes_state, const char *why, const char *cure)
{
    cJSON *memo = cJSON_CreateObject();
    json_set(memo, "state", takes_state);
    json_set_num(memo, "trace", 1);
    o->kind = OUTCOME_DOUBT;
    o->class = CLASS_AUTH;
    o->error = mem_dup(why);
    o->cure = mem_dup(cure);
    o->memo = json_compact(memo);
    cJSON_Delete(memo);
}

/* The next act of the procedure that is tried in place of one that failed; NULL when there is none,
 * and the state says why. Owned. */
static cJSON *instead(const struct ask *ask, cJSON *state, struct sop_turn *turn)
{
    const char *name = sop_otherwise(ask->rules, state);
    bool stopped = str_eq(turn->class, "auth") || str_eq(turn->class, "quota_exhausted");
    cJSON *other = NULL;
    struct err e = {0};
    if (!name || stopped)
        return NULL;
    if (begin(ask, name, wishes_instead(ask), &other, &e)) {
        sop_note(state, "%s cannot stand in: %s", name, e.text);
        return NULL;
    }
    sop_note(state, "%s: %s: %s; %s makes it", json_str(state, "sop", ""), turn->step, turn->error,
             name);
    sop_carry(other, state);
    sop_turn_finish(turn);
    return memo_of(ask, other, NULL, turn);
}

/* Where the picture lies that was fetched last. */
static void remember_fetched(cJSON *state, const cJSON *result)
{
    const cJSON *value = json_get(result, "value");
    const char *path = json_str(value, "path", NULL);
    if (!path)
        return;
    json_set_str(state, "fetched", path);
    json_set_str(state, "fetched_from", json_str(value, "from", ""));
}

/* The page is described first; then the outcome is said, or the procedure that stands in begins. */
static void fail(const struct ask *ask, cJSON *state, cJSON **memo, struct sop_turn *turn,
                 struct outcome *o)
{
    cJSON *told = told_of(turn), *other = instead(ask, state, turn);
    if (other) {
        cJSON_Delete(*memo);
        *memo = other;
    }
    if (other && turn->move == SOP_FAILED) { /* that one, too, and before its first act */
        cJSON_Delete(told);
        told = told_of(turn);
    } else {
        json_set_bool(told, "on", other != NULL);
    }
    json_set(*memo, "mishap", told);
    next(o, *memo, 0, turn);
    o->over = true;
}

static void go_on(const struct ask *ask, cJSON *takes_state, const cJSON *result, struct outcome *o)
{
    struct sop_turn turn = {0};
    remember_fetched(takes_state, result);
    cJSON *before =
        json_bool(takes_state, "open", false) ? cJSON_Duplicate(takes_state, true) : NULL;
    cJSON *memo = memo_of(ask, takes_state, result, &turn);
    const char *path = json_str(takes_state, "fetched", NULL);
    if (turn.move == SOP_FAILED && before && str_eq(turn.class, "auth")) {
        signed_out(o, before, turn.error, turn.cure);
        before = NULL;
    } else if (turn.move == SOP_FAILED) {
        fail(ask, takes_state, &memo, &turn, o);
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
        tell_end(ask, takes_state, o);
    }
    cJSON_Delete(before);
    cJSON_Delete(memo);
    sop_turn_finish(&turn);
}

static void doubt(struct outcome *o, const char *why)
{
    o->kind = OUTCOME_DOUBT;
    o->class = CLASS_UNKNOWN_SUBMIT;
    o->error = mem_printf("a click that costs was under way when %s", why);
}

/* What was paid for may be there: looked for without pressing anything. */
static void look_for(cJSON *takes_state, int n, struct outcome *o)
{
    struct sop_turn turn = {0};
    cJSON *memo = cJSON_CreateObject();
    json_set(memo, "state", takes_state);
    json_set_num(memo, "trace", n);
    next(o, memo, n > 1 ? BROWSER_WAIT_S * 1000 : 0, &turn);
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
        tell_end(ask, takes_state, o);
        cJSON_Delete(takes_state);
        return;
    }
    json_set_num(takes_state, "restarts", n);
    sop_restart(takes_state);
    go_on(ask, takes_state, NULL, o);
}

/* The browser did not answer, or the tab is another one: what the site would still know decides. */
static void lost(const struct ask *ask, cJSON *takes_state, bool once, const char *why,
                 struct outcome *o)
{
    if (once) {
        doubt(o, why);
        cJSON_Delete(takes_state);
    } else if (json_bool(takes_state, "open", false)) {
        look_for(takes_state, 1, o);
    } else {
        begin_anew(ask, takes_state, why, o);
    }
}

static void read_trace(const struct ask *ask, cJSON *takes_state, int n, const struct response *r,
                       struct outcome *o)
{
    enum sop_trace trace =
        r->kind == RESPONSE_ANSWERED
            ? sop_trace_read(ask->rules, takes_state, json_get(r->body, "results"))
            : TRACE_UNCLEAR;
    if (trace == TRACE_FOUND) {
        go_on(ask, takes_state, NULL, o);
    } else if (trace == TRACE_SIGNED_OUT) {
        signed_out(o, takes_state, SIGNED_OUT, SIGN_IN);
    } else if (n < TRACES_MAX || r->kind == RESPONSE_UNSENT) {
        look_for(takes_state, n + 1, o);
    } else {
        cJSON_Delete(takes_state);
        doubt(o, "its page was lost, and it does not show its results any more");
    }
}

/* No browser was there. A job that has paid for nothing gives its place away until there is one. */
static void unsent(const struct ask *ask, cJSON *memo, const struct response *r, struct outcome *o)
{
    struct sop_turn turn = {0};
    if (ask->handle && sop_spent(json_get(memo, "state")) > 0) {
        json_set_num(memo, "settles", 0); /* booked with the intent */
        next(o, memo, BROWSER_WAIT_S * 1000, &turn);
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
        unsent(ask, memo, r, o);
        cJSON_Delete(state);
    } else if (json_get(memo, "trace")) {
        read_trace(ask, state, (int)json_num(memo, "trace", 1), r, o);
    } else if (r->kind != RESPONSE_ANSWERED || !result || pressed || silent) {
        lost(ask, state, once, r->error ? r->error : json_str(result, "error", "nothing answered"),
             o);
    } else if (begun && json_bool(r->body, "fresh", false)) {
        lost(ask, state, once, "the browser began anew", o);
    } else {
        go_on(ask, state, json_bool(memo, "idle", false) ? NULL : result, o);
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
    } else if (json_bool(json_get(memo, "mishap"), "on", false)) {
        struct sop_turn turn = {0};
        cJSON_DeleteItemFromObjectCaseSensitive(memo, "mishap");
        next(ret_outcome, memo, 0, &turn);
    } else if (json_get(memo, "mishap")) { /* whatever it answered */
        failed(ask, json_get(memo, "state"), json_get(memo, "mishap"), ret_outcome);
    } else if (json_get(memo, "check")) {
        worker_answer_read(ask->files, response, ret_outcome);
        tell_end(ask, json_get(memo, "state"), ret_outcome);
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
    if (!rc)
        rc = build_trace(ask, memo, ret_request, e);
    cJSON_Delete(memo);
    return rc;
}

/* Not taken: the procedure begins anew, with what it has kept; its next click is another intent. */
static void sop_read_lookup(const struct ask *ask, const struct response *response,
                            struct outcome *ret_outcome)
{
    cJSON *memo = NULL, *state;
    struct err e = {0};
    enum sop_trace trace;
    if (response->kind != RESPONSE_ANSWERED || memo_now(ask, &memo, &e)) {
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
    } else if (trace == TRACE_SIGNED_OUT) {
        signed_out(ret_outcome, state, SIGNED_OUT, SIGN_IN);
        mem_free(ret_outcome->memo); /* its click is still looked up */
    } else {
        go_on(ask, state, NULL, ret_outcome);
    }
    cJSON_Delete(memo);
}

const struct provider provider_sop = {.name = "sop",
                                      .build = sop_build,
                                      .read = sop_read,
                                      .lookup = sop_lookup,
                                      .read_lookup = sop_read_lookup};
