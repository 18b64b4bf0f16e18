/* A pod's state comes in; its host is asked the next thing, and what the answer leads to is stored.
 * A pod that may have been begun is looked for until its host has said what became of it. */
/* SPDX-License-Identifier: ISC */
#include "engine/pods.h"
#include "engine/flight.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"
#include "money/caps.h"

#define POLL_MS      5000
#define CHECK_POLLS  12 /* looks at one that serves are so much rarer */
#define LOOKS        5  /* in vain for one that may have been begun */
#define STOP_AGAIN   3  /* looks at one that still runs, before it is told once more */
#define WAIT_MOST_MS 60000
#define SWEEPS       3 /* after a start that nobody heard of: it may have been heard late */

static int64_t poll_ms(const struct engine *en, const struct pod *p)
{
    return (int64_t)pod_number(en, p->row.engine, "poll_ms", POLL_MS);
}

/* Once more later, with growing waits. */
static void later(struct engine *en, struct pod *p, const char *why)
{
    int64_t wait_ms = poll_ms(en, p) << (p->tries > 6 ? 6 : p->tries);
    p->due_ms = en->now_ms + (wait_ms > WAIT_MOST_MS ? WAIT_MOST_MS : wait_ms);
    p->tries++;
    if (why) {
        char *text = mem_dup(why);
        free(p->row.why);
        p->row.why = text;
    }
    en->needs_you_dirty = true;
}

/* --- asking --- */

static int64_t leave(struct engine *en, struct request *r)
{
    r->id = ++en->next_request;
    int64_t id = r->id;
    http_ask(en->http, r, en->now_ms);
    return id;
}

static void send(struct engine *en, struct pod *p, enum pod_act act)
{
    struct pod_wish wish = pod_wish_of(en, p);
    struct request r = {0};
    struct err e = {0};
    p->act = act;
    p->probing = false;
    if (pod_build(&wish, act, &r, &e) == 0)
        p->request_id = leave(en, &r);
    else if (act == POD_BEGIN)
        p->unsure = true; /* nothing has left: it is not found, and given up */
    request_finish(&r);
    if (!p->request_id)
        later(en, p, e.text);
}

/* The engine's own free call, to where the pod serves. */
static void probe(struct engine *en, struct pod *p)
{
    struct job_row job = {.key = (char *)"probe", .engine = p->row.engine, .model = (char *)""};
    struct job_files files = {0};
    struct ask ask = {.rules = en->rules,
                      .job = &job,
                      .files = &files,
                      .work = ".",
                      .now_s = en->now_s,
                      .base = p->service};
    struct request r = {0};
    struct err e = {0};
    memset(job.hash, '0', DIGEST_LEN - 1);
    p->probing = true;
    if (provider_probe_build(&ask, &r, &e) == 0)
        p->request_id = leave(en, &r);
    else
        later(en, p, e.text);
    request_finish(&r);
}

void pod_ask(struct engine *en, struct pod *p)
{
    bool known = pod_wish_of(en, p).id != NULL;
    if (p->row.state == POD_STARTING)
        send(en, p, !p->unsure ? POD_BEGIN : known ? POD_LOOK : POD_LIST);
    else if (p->row.state == POD_STOPPING && !p->asked)
        send(en, p, POD_END);
    else
        send(en, p, POD_LOOK);
}

/* --- answers --- */

/* One that costs more than was set aside for it is not used. */
static void hear_price(struct engine *en, struct pod *p, double usd_hour)
{
    int64_t told_u = usd_hour > 0 ? money_of(usd_hour) : p->row.hour_u;
    char told[MONEY_TEXT_LEN], said[MONEY_TEXT_LEN];
    if (told_u == p->row.hour_u || told_u == INT64_MAX)
        return;
    money_text(told_u, told);
    money_text(p->row.hour_u, said);
    bool dear = told_u > p->row.hour_u;
    p->row.hour_u = told_u; /* what it costs is booked either way */
    pod_store(en, p);
    if (!dear)
        return;
    char *why = mem_printf("its pod costs %s an hour and not %s", told, said);
    char *cure = mem_printf("Write that into rules/providers/%s.json (usd_hour of the pod), or ask "
                            "for another machine there.",
                            p->row.engine);
    stop_engine(en, p->row.engine, CLASS_BAD_REQUEST, why, cure);
    pod_stop(en, p, why);
    free(why);
    free(cure);
}

static void is_there(struct engine *en, struct pod *p, const char *id)
{
    if (id) {
        char *text = mem_dup(id);
        free(p->row.remote);
        p->row.remote = text;
    }
    p->unsure = false;
    pod_move(en, p, p->ending ? POD_STOPPING : POD_RUNNING);
    pod_store(en, p);
}

static void not_there(struct engine *en, struct pod *p, const struct pod_answer *a)
{
    struct pod_answer none = {.class = CLASS_TRANSIENT, .say = (char *)"its host began no pod"};
    const struct pod_answer *why = a->say ? a : &none;
    bool for_good = a->class == CLASS_AUTH || a->class == CLASS_QUOTA ||
                    a->class == CLASS_BAD_REQUEST || a->class == CLASS_REFUSED_INPUT;
    char *engine = mem_dup(p->row.engine);
    if (p->unsure) {
        en->pods->sweeps = SWEEPS;
        en->pods->sweep_ms = en->now_ms + poll_ms(en, p) * CHECK_POLLS;
    }
    if (for_good)
        stop_engine(en, engine, a->class, why->say, a->cure);
    else
        pods_rest(en, engine, why);
    pod_gone(en, p, false, why->say);
    free(engine);
}

static void told_begin(struct engine *en, struct pod *p, const struct pod_answer *a)
{
    if (a->class == CLASS_OK || a->class == CLASS_PENDING) {
        is_there(en, p, a->id);
        hear_price(en, p, a->usd_hour);
    } else if (a->class == CLASS_UNKNOWN_SUBMIT) {
        p->unsure = true;
        later(en, p, a->say);
    } else {
        not_there(en, p, a);
    }
}

static void told_list(struct engine *en, struct pod *p, const struct pod_answer *a)
{
    if (a->class != CLASS_OK) {
        later(en, p, a->say);
        return;
    }
    for (size_t i = 0; i < a->seen_n; i++)
        if (str_eq(a->seen[i].name, p->row.name)) {
            is_there(en, p, a->seen[i].id);
            return;
        }
    if (p->tries < LOOKS)
        later(en, p, NULL);
    else
        not_there(en, p, a);
}

static bool is_up(enum outcome_class class)
{
    return class == CLASS_OK || class == CLASS_PENDING;
}

static void look_starting(struct engine *en, struct pod *p, const struct pod_answer *a)
{
    if (is_up(a->class))
        is_there(en, p, a->id);
    else if (a->class == CLASS_REFUSED_OUTPUT && p->tries >= LOOKS)
        not_there(en, p, a);
    else
        later(en, p, a->say);
}

static void look_running(struct engine *en, struct pod *p, const struct pod_answer *a)
{
    if (a->class == CLASS_REFUSED_OUTPUT) {
        pod_stop(en, p, a->say ? a->say : "its host has ended it");
        return;
    }
    p->due_ms = en->now_ms + poll_ms(en, p) * (p->ready ? CHECK_POLLS : 1);
    if (!is_up(a->class))
        return;
    p->tries = 0;
    hear_price(en, p, a->usd_hour);
    if (a->class == CLASS_OK && a->service && !p->service)
        p->service = mem_dup(a->service);
    if (a->class == CLASS_OK && p->service && !p->ready && p->row.state == POD_RUNNING)
        probe(en, p);
}

static void look_stopping(struct engine *en, struct pod *p, const struct pod_answer *a)
{
    if (a->class == CLASS_REFUSED_OUTPUT) {
        pod_gone(en, p, true, p->row.why);
        return;
    }
    if (is_up(a->class) && p->tries % STOP_AGAIN == STOP_AGAIN - 1)
        p->asked = false;
    later(en, p, is_up(a->class) ? NULL : a->say);
    if (is_up(a->class))
        p->due_ms = en->now_ms + poll_ms(en, p);
}

static void told_end(struct engine *en, struct pod *p, const struct pod_answer *a)
{
    bool heard = is_up(a->class) || a->class == CLASS_REFUSED_OUTPUT;
    p->asked = heard;
    if (heard)
        p->due_ms = en->now_ms;
    else
        later(en, p, a->say);
}

static void told_probe(struct engine *en, struct pod *p, const struct response *response)
{
    struct job_row job = {.key = (char *)"probe", .engine = p->row.engine, .model = (char *)""};
    struct job_files files = {0};
    struct ask ask = {.rules = en->rules, .job = &job, .files = &files, .base = p->service};
    struct outcome o = {0};
    provider_probe_read(&ask, response, &o);
    p->ready = o.kind == OUTCOME_DONE && p->row.state == POD_RUNNING;
    p->due_ms = en->now_ms + poll_ms(en, p) * (p->ready ? CHECK_POLLS : 1);
    if (p->ready) {
        p->wanted = false;
        engine_say(en, "pod", "%s serves at %s", p->row.name, p->service);
        p->used_ms = en->now_ms;
        for (size_t i = 0; i < en->pods->rests_n; i++)
            if (str_eq(en->pods->rests[i].engine, p->row.engine))
                en->pods->rests[i].failures = 0;
        en->start_more = true;
    }
    outcome_finish(&o);
}

void pod_told(struct engine *en, struct pod *p, const struct response *response)
{
    struct pod_wish wish = pod_wish_of(en, p);
    struct pod_answer a;
    if (p->probing) {
        told_probe(en, p, response);
        return;
    }
    pod_read(&wish, p->act, response, &a);
    if (p->act == POD_BEGIN)
        told_begin(en, p, &a);
    else if (p->act == POD_LIST)
        told_list(en, p, &a);
    else if (p->act == POD_END)
        told_end(en, p, &a);
    else if (p->row.state == POD_STARTING)
        look_starting(en, p, &a);
    else if (p->row.state == POD_STOPPING)
        look_stopping(en, p, &a);
    else
        look_running(en, p, &a);
    pod_answer_finish(&a);
}

/* --- pods that nobody here knows of --- */

/* The next engine whose pods are created, after the one of that name; NULL none. */
static const char *next_swept(const struct engine *en, const char *after)
{
    const cJSON *file;
    bool seen = after == NULL;
    cJSON_ArrayForEach(file, rules_kind(en->rules, "providers"))
    {
        if (seen && json_get(json_get(file, "pod"), "body"))
            return file->string;
        seen = seen || str_eq(file->string, after);
    }
    return NULL;
}

static void sweep_engine(struct engine *en, const char *engine)
{
    struct pod_wish wish = {en->rules, engine, "none", NULL, en->now_s};
    struct pods *all = en->pods;
    struct request r = {0};
    struct err e = {0};
    free(all->sweep_engine);
    all->sweep_engine = mem_dup(engine);
    if (engine && pod_build(&wish, POD_LIST, &r, &e) == 0)
        all->sweep_id = leave(en, &r);
    request_finish(&r);
    if (all->sweep_id)
        return;
    all->sweep_ms = all->sweeps-- > 0
                        ? en->now_ms + (int64_t)POLL_MS * CHECK_POLLS * (SWEEPS - all->sweeps)
                        : INT64_MAX;
}

void pods_sweep(struct engine *en)
{
    sweep_engine(en, next_swept(en, NULL));
}

static bool is_open(const struct engine *en, const char *name)
{
    for (size_t i = 0; i < en->pods->n; i++)
        if (str_eq(en->pods->list[i]->row.name, name))
            return true;
    return false;
}

/* Ours, and said to be gone: it was begun late. */
static void readopt(struct engine *en, const struct pod_seen *seen)
{
    struct pod fresh = {0};
    struct err e = {0};
    if (is_open(en, seen->name) || store_pod(en->store, seen->name, &fresh.row))
        return;
    free(fresh.row.remote);
    fresh.row.remote = mem_dup(seen->id);
    if (pod_readopt(en, &fresh, &e)) {
        engine_say(en, "error", "the pod %s runs and cannot be taken up: %s", seen->name, e.text);
        pod_row_finish(&fresh.row);
        return;
    }
    engine_say(en, "pod", "%s was begun after all and is stopped", seen->name);
    pods_add(en, &fresh.row)->ending = true;
}

bool pods_swept(struct engine *en, const struct response *response)
{
    struct pods *all = en->pods;
    struct pod_answer a;
    if (!all->sweep_id || all->sweep_id != response->id)
        return false;
    struct pod_wish wish = {en->rules, all->sweep_engine, "none", NULL, en->now_s};
    all->sweep_id = 0;
    pod_read(&wish, POD_LIST, response, &a);
    for (size_t i = 0; a.class == CLASS_OK && i < a.seen_n; i++)
        readopt(en, &a.seen[i]);
    pod_answer_finish(&a);
    char *before = mem_dup(all->sweep_engine);
    sweep_engine(en, next_swept(en, before));
    free(before);
    return true;
}
