/* The one interpreter of provider files: where a conversation stands comes in with the
 * job's memo, the next request or what an answer leads to goes out.
 *
 *   submit --> poll --> result --> download* --> look* --> done
 *     |  (an input is uploaded before, when the body needs its address)
 *     '-- an engine that answers at once leaves poll and result out
 *
 * Once a submit was accepted nothing here asks for it again: trouble after it waits and goes on. */
/* SPDX-License-Identifier: ISC */
#include "providers/http_priv.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"

#define GIVE_UP_S   86400 /* so long an accepted job is asked for when the file says nothing */
#define WAIT_AUTH_S 300   /* a person has to act */
#define TRIES_LEAST 4     /* in a row, before what was accepted is given up */
#define TRIES_WAIT  30000 /* ms between tries after an acceptance, at most */

/* --- where it stands --- */

static const char *step_name(const struct talk *t)
{
    return json_str(t->memo, "step", "submit");
}

static bool accepted(const struct talk *t)
{
    return !str_eq(step_name(t), "submit");
}

/* The request of an upload that is next, or NULL. */
static const cJSON *upload_stage(const struct talk *t)
{
    const cJSON *stages = json_get(talk_step(t, "upload"), "stages");
    return cJSON_GetArrayItem(stages, (int)json_int(t->memo, "stage", 0));
}

/* Finds in t->unsent the input that has to be uploaded before the submit's body can be said. */
static void find_unsent(struct talk *t)
{
    const cJSON *step = talk_step(t, "submit"), *body = json_get(step, "body");
    const cJSON *own = json_get(t->model, "body"), *part;
    if (!talk_step(t, "upload"))
        return;
    if (own && json_bool(step, "model_body", false))
        body = own;
    cJSON_Delete(body ? template_fill(t, body) : NULL);
    cJSON_ArrayForEach(part, json_get(step, "multipart"))
        cJSON_Delete(template_fill(t, json_get(part, "value")));
    t->pieces_n = 0;
    t->wanting = NULL;
}

/* --- build --- */

static int build_upload(struct talk *t, struct request *r, struct err *e)
{
    const cJSON *stage = upload_stage(t);
    t->item_file = t->unsent;
    if (!stage)
        return err_set(e, ERR_RULES, "rules/providers/%s.json uploads %s and keeps no \"file_url\"",
                       t->ask->job->engine, t->unsent->name);
    return compose_step(t, stage, r, e);
}

static int build_download(struct talk *t, struct request *r, struct err *e)
{
    const cJSON *step = talk_step(t, "download"), *items = json_get(t->memo, "items");
    cJSON *plain = NULL;
    int at = (int)json_int(t->memo, "item", 0), rc;
    t->item = cJSON_GetArrayItem(items, at);
    if (!step) {
        plain = cJSON_Parse("{\"url\": \"{item}\", \"keyed\": false}");
        step = plain;
    }
    cJSON *whole = cJSON_Duplicate(step, true);
    json_set_bool(whole, "to_file", true);
    rc = compose_step(t, whole, r, e);
    if (!rc)
        r->path = mem_printf("%s/answer-%d", t->ask->work, at);
    r->digest = !rc;
    cJSON_Delete(plain);
    cJSON_Delete(whole);
    return rc;
}

static int request_for(struct talk *t, struct request *r, struct err *e)
{
    const char *name = step_name(t);
    const cJSON *step = talk_step(t, name);
    bool paid = !accepted(t) && !talk_is_free(t);
    int rc;
    if (str_eq(name, "look"))
        return finish_build(t, r, e);
    if (str_eq(name, "download"))
        return build_download(t, r, e);
    if (!step)
        return err_set(e, ERR_RULES, "rules/providers/%s.json has no step \"%s\"",
                       t->ask->job->engine, name);
    if (!accepted(t))
        find_unsent(t);
    if (t->unsent)
        return build_upload(t, r, e);
    if (paid && !t->handle)
        t->handle = t->ask->fresh;
    rc = compose_step(t, step, r, e);
    r->paid = !rc && paid;
    return rc;
}

static int http_build(const struct ask *ask, struct request *ret_request, struct err *e)
{
    struct talk t;
    int rc;
    talk_open(&t, ask);
    if (!t.file)
        rc =
            err_set(e, ERR_RULES, "there is no rules/providers/%s.json any more", ask->job->engine);
    else if (!t.model && json_get(t.file, "models"))
        rc = err_set(e, ERR_RULES, "%s is not a model of rules/providers/%s.json", ask->job->model,
                     ask->job->engine);
    else
        rc = request_for(&t, ret_request, e);
    talk_close(&t);
    return rc;
}

/* --- read: moving on --- */

static void next_after(struct talk *t, int wait_ms, struct outcome *o)
{
    o->kind = OUTCOME_NEXT;
    o->wait_ms = wait_ms;
    o->memo = json_compact(t->memo);
    o->remote = mem_dup(json_str(json_get(t->memo, "reply"), "id", NULL));
}

static void move_to(struct talk *t, const char *step, int wait_ms, struct outcome *o)
{
    json_set_str(t->memo, "step", step);
    json_set_num(t->memo, "tries", 0);
    next_after(t, wait_ms, o);
}

static int poll_wait_ms(const struct talk *t)
{
    const cJSON *poll = talk_step(t, "poll");
    double first = json_num(poll, "first_ms", 2000), most = json_num(poll, "most_ms", 10000);
    double n = json_num(t->memo, "polls", 0);
    double ms = first * pow(json_num(poll, "growth", 1.3), n > 60 ? 60 : n);
    return (int)(ms < most ? ms : most);
}

/* What was accepted and gives no answer any more is for a person: it may have been charged. */
static bool gave_up(struct talk *t, const char *why, struct outcome *o)
{
    double most = json_num(talk_step(t, "poll"), "give_up_s", GIVE_UP_S);
    double since = json_num(t->memo, "sent_s", (double)t->ask->now_s);
    if ((double)t->ask->now_s - since < most)
        return false;
    o->kind = OUTCOME_DOUBT;
    o->class = CLASS_UNKNOWN_SUBMIT;
    o->error = mem_printf("%s accepted it and has given no result for %.0f minutes%s%s",
                          json_str(t->file, "title", "the engine"), most / 60, why ? ": " : "",
                          why ? why : "");
    o->memo = json_compact(t->memo);
    o->remote = mem_dup(json_str(json_get(t->memo, "reply"), "id", NULL));
    return true;
}

/* --- read: trouble --- */

static bool passes_by_itself(enum outcome_class class)
{
    return class == CLASS_RATE_LIMITED || class == CLASS_QUOTA || class == CLASS_AUTH ||
           class == CLASS_TRANSIENT;
}

/* Accepted work is asked for again, with growing waits, whatever stands in the way. */
static void ask_again(struct talk *t, const struct verdict *v, struct outcome *o)
{
    double tries = json_num(t->memo, "tries", 0) + 1;
    double ms = 1000 * pow(2, tries > 10 ? 10 : tries);
    ms = ms > TRIES_WAIT ? TRIES_WAIT : ms;
    /* a machine that slept over the time has no network yet when it wakes, and the result is there
     */
    if (tries >= TRIES_LEAST && gave_up(t, v->say, o))
        return;
    if (v->class == CLASS_AUTH || v->class == CLASS_QUOTA)
        ms = WAIT_AUTH_S * 1000.0;
    else if (v->class == CLASS_RATE_LIMITED && v->wait_s * 1000.0 > ms)
        ms = v->wait_s * 1000.0;
    json_set_num(t->memo, "tries", tries);
    next_after(t, (int)ms, o);
    o->progress = mem_dup(v->say);
}

static void read_trouble(struct talk *t, const struct verdict *v, struct outcome *o)
{
    o->class = v->class;
    o->cure = mem_dup(v->cure);
    if (accepted(t) && !v->over && passes_by_itself(v->class)) {
        ask_again(t, v, o);
        return;
    }
    o->kind = outcome_kind_of(v->class);
    o->wait_s = v->class == CLASS_AUTH || v->class == CLASS_QUOTA
                    ? (v->wait_s > WAIT_AUTH_S ? v->wait_s : WAIT_AUTH_S)
                    : v->wait_s;
    o->error = mem_dup(v->say ? v->say : "the engine answered something that is no answer");
    talk_tell_cost(t, o);
    if (v->free) {
        o->cost_known = true;
        o->cost = 0;
    }
}

/* No answer. Only what never left may be sent again by itself. */
static void read_silence(struct talk *t, const struct response *response, bool paid,
                         struct outcome *o)
{
    bool unsent = response->kind == RESPONSE_UNSENT;
    bool forbidden = unsent && response->error && str_starts(response->error, "forbidden");
    struct verdict v = {.class = CLASS_TRANSIENT, .wait_s = 5};
    if (paid && !unsent)
        v.class = CLASS_UNKNOWN_SUBMIT;
    else if (forbidden)
        v.class = CLASS_BAD_REQUEST;
    v.say = mem_printf("%s: %s", json_str(t->file, "title", "the engine"),
                       response->error ? response->error : "no answer");
    read_trouble(t, &v, o);
    verdict_finish(&v);
}

/* --- read: what went well --- */

/* The address of a file that lies at the engine now. */
static void keep_uploaded(struct talk *t, const char *url, struct outcome *o)
{
    if (!cJSON_IsObject(json_get(t->memo, "up")))
        json_set(t->memo, "up", cJSON_CreateObject());
    json_set_str(cJSON_GetObjectItemCaseSensitive(t->memo, "up"), t->unsent->name, url);
    json_set_num(t->memo, "stage", 0);
    move_to(t, "submit", 0, o);
}

/* Without an address the paid request would go out with no picture, or with that of the file
 * before. */
static void read_upload(struct talk *t, const struct response *response, const cJSON *body,
                        struct outcome *o)
{
    const cJSON *stages = json_get(talk_step(t, "upload"), "stages");
    int stage = (int)json_int(t->memo, "stage", 0);
    if (stage == 0)
        cJSON_DeleteItemFromObjectCaseSensitive(cJSON_GetObjectItemCaseSensitive(t->memo, "reply"),
                                                "file_url");
    harvest_replies(t, upload_stage(t), response, body);
    const char *url = json_str(json_get(t->memo, "reply"), "file_url", "");
    if (stage + 1 < cJSON_GetArraySize(stages)) {
        json_set_num(t->memo, "stage", stage + 1);
        move_to(t, "submit", 0, o);
    } else if (*url) {
        keep_uploaded(t, url, o);
    } else {
        struct verdict v = {.class = CLASS_TRANSIENT, .wait_s = 5};
        v.say = mem_printf("%s took the file %s and gave no address for it",
                           json_str(t->file, "title", "the engine"), t->unsent->name);
        read_trouble(t, &v, o);
        verdict_finish(&v);
    }
}

/* Items that came as bytes lie in the work folder already; the first of the others from i on is
 * downloaded, if there is one. */
static void go_download(struct talk *t, size_t i, struct outcome *o)
{
    i = harvest_missing(t, i);
    bool more = i < t->ask->files->out_n;
    json_set_num(t->memo, "item", more ? (double)i : 0);
    if (more)
        move_to(t, "download", 0, o);
    else
        finish_read(t, NULL, o);
}

static void read_results(struct talk *t, const cJSON *step, const cJSON *body, struct outcome *o)
{
    size_t n = harvest_results(t, step, body), wanted = t->ask->files->out_n;
    if (n < wanted) {
        struct verdict v = {.class = CLASS_REFUSED_OUTPUT, .wait_s = 5};
        v.say =
            mem_printf("%s answered %zu of %zu results", json_str(t->file, "title", ""), n, wanted);
        json_set_num(t->memo, "item", 0);
        read_trouble(t, &v, o);
        verdict_finish(&v);
    } else {
        go_download(t, 0, o);
    }
}

static void read_download(struct talk *t, const struct response *response, struct outcome *o)
{
    size_t i = (size_t)json_int(t->memo, "item", 0);
    finish_keep_sum(t, i, response->sha256);
    go_download(t, i + 1, o);
}

/* The first answer after which the engine has the work. */
static void keep_acceptance(struct talk *t)
{
    const cJSON *base = json_get(t->file, "base");
    if (cJSON_IsArray(base))
        for (int i = 0; i < cJSON_GetArraySize(base); i++)
            if (str_eq(cJSON_GetStringValue(cJSON_GetArrayItem(base, i)), talk_base(t, NULL)))
                json_set_num(t->memo, "base", i);
    json_set_num(t->memo, "sent_s", (double)t->ask->now_s);
    json_set_num(t->memo, "polls", 0);
}

/* A submit may be answered so, too: the engine has the work, and told its name for it. */
static void read_pending(struct talk *t, const struct response *response, const cJSON *body,
                         struct outcome *o)
{
    const cJSON *step = talk_step(t, step_name(t));
    const cJSON *progress = pointer_any(body, json_get(step, "progress"));
    if (gave_up(t, NULL, o))
        return;
    if (!accepted(t)) {
        keep_acceptance(t);
        harvest_replies(t, step, response, body);
    }
    json_set_num(t->memo, "polls", json_num(t->memo, "polls", 0) + 1);
    move_to(t, "poll", poll_wait_ms(t), o);
    o->class = CLASS_PENDING;
    o->progress = value_text(progress);
}

static void read_good(struct talk *t, const struct response *response, const cJSON *body,
                      struct outcome *o)
{
    const char *name = step_name(t);
    const cJSON *step = talk_step(t, name);
    if (str_eq(name, "download")) {
        read_download(t, response, o);
        return;
    }
    if (!accepted(t))
        keep_acceptance(t);
    harvest_replies(t, step, response, body);
    if (str_eq(name, "submit") && talk_step(t, "poll"))
        move_to(t, "poll", poll_wait_ms(t), o);
    else if (!str_eq(name, "result") && talk_step(t, "result")) {
        o->repeats = str_eq(name, "poll");
        move_to(t, "result", 0, o);
    } else
        read_results(t, step, body, o);
}

static void read_answer(struct talk *t, const struct response *response, struct outcome *o)
{
    const char *name = t->unsent ? "upload" : step_name(t);
    cJSON *body = answer_body(response);
    struct verdict v;
    answers_judge(t, name, response, body, &v);
    wait_left(t, name, response, &o->left);
    if (v.class == CLASS_PENDING && !t->unsent)
        read_pending(t, response, body, o);
    else if (v.class != CLASS_OK) {
        if (v.class == CLASS_REFUSED_OUTPUT) /* it worked, and what it made is held back */
            harvest_cost(t, talk_step(t, name), response, body);
        else if (accepted(t))
            harvest_units(t, response, body);
        read_trouble(t, &v, o);
    } else if (t->unsent)
        read_upload(t, response, body, o);
    else
        read_good(t, response, body, o);
    verdict_finish(&v);
    cJSON_Delete(body);
}

static void http_read(const struct ask *ask, const struct response *response,
                      struct outcome *ret_outcome)
{
    struct talk t;
    talk_open(&t, ask);
    if (!accepted(&t) && t.file)
        find_unsent(&t);
    if (str_eq(step_name(&t), "look"))
        finish_read(&t, response, ret_outcome);
    else if (response->kind != RESPONSE_ANSWERED)
        read_silence(&t, response, !accepted(&t) && !t.unsent && !talk_is_free(&t), ret_outcome);
    else
        read_answer(&t, response, ret_outcome);
    if (ret_outcome->kind == OUTCOME_DONE)
        ret_outcome->remote = mem_dup(json_str(json_get(t.memo, "reply"), "id", NULL));
    talk_close(&t);
}

/* --- the lost answer --- */

static int http_lookup(const struct ask *ask, struct request *ret_request, struct err *e)
{
    struct talk t;
    const cJSON *step;
    int rc;
    talk_open(&t, ask);
    step = talk_step(&t, "lookup");
    rc = step ? compose_step(&t, step, ret_request, e)
              : err_set(e, ERR_UNSUPPORTED, "%s cannot be asked whether it accepted %s",
                        json_str(t.file, "title", ask->job->engine), ask->job->key);
    talk_close(&t);
    return rc;
}

/* ok and pending: it is there. bad_request in a row of the step itself is the table's word for
 * "never heard of it"; any other answer that is none leaves it open, as sending it again would pay
 * twice. */
static void http_read_lookup(const struct ask *ask, const struct response *response,
                             struct outcome *ret_outcome)
{
    struct outcome *o = ret_outcome;
    struct verdict v = {.class = CLASS_TRANSIENT};
    struct talk t;
    cJSON *body = NULL;
    talk_open(&t, ask);
    if (response->kind == RESPONSE_ANSWERED) {
        body = answer_body(response);
        answers_judge(&t, "lookup", response, body, &v);
    }
    o->class = v.class;
    if (v.class == CLASS_OK || v.class == CLASS_PENDING) {
        harvest_replies(&t, talk_step(&t, "lookup"), response, body);
        keep_acceptance(&t);
        move_to(&t, "poll", poll_wait_ms(&t), o);
    } else if (v.class == CLASS_BAD_REQUEST && v.told) {
        o->kind = OUTCOME_UNSEEN;
    } else {
        o->kind = OUTCOME_DOUBT;
        o->wait_s = v.wait_s;
        o->error = mem_dup(v.say ? v.say : response->error);
    }
    verdict_finish(&v);
    cJSON_Delete(body);
    talk_close(&t);
}

const struct provider provider_http = {
    "http",           http_build,    http_read,         http_lookup,
    http_read_lookup, beside_cancel, beside_cancel_fits};
const struct provider provider_http_blind = {.name = "http",
                                             .build = http_build,
                                             .read = http_read,
                                             .cancel = beside_cancel,
                                             .cancel_fits = beside_cancel_fits};
