/* Jobs that need a machine by the hour come in; pods are begun, kept while they have work, and
 * stopped. What their hosts are asked and answer is pods_ask.c's, what they cost pods_money.c's. */
/* SPDX-License-Identifier: ISC */
#include "engine/pods.h"
#include "engine/flight.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"
#include "money/caps.h"

#define IDLE_S      300
#define UP_S        900
#define POLL_MS     5000
#define GRACE_MS    1000 /* for a last look whether a job waits for it */
#define AGAIN_S     5    /* before what a lost pod had at work is sent anew */
#define MARGIN_MOST 60   /* s before a stretch ends: stopping takes time, too */
#define FAILURES    5    /* in a row, and a person looks */
#define REST_POLLS  6    /* waits before another try, doubled each time */

double pod_number(const struct engine *en, const char *engine, const char *name, double otherwise)
{
    return json_num(pod_rule(en->rules, engine), name, otherwise);
}

struct pod_wish pod_wish_of(const struct engine *en, const struct pod *p)
{
    return (struct pod_wish){.rules = en->rules,
                             .engine = p->row.engine,
                             .name = p->row.name,
                             .id = p->row.remote
                                       ? p->row.remote
                                       : json_str(pod_rule(en->rules, p->row.engine), "id", NULL),
                             .now_s = en->now_s};
}

/* The engine's pod; one that is on its way out (taken up late, to be stopped) only when it is the
 * engine's last. */
static struct pod *find(const struct engine *en, const char *engine)
{
    struct pod *found = NULL;
    for (size_t i = 0; en->pods && i < en->pods->n; i++) {
        struct pod *p = en->pods->list[i];
        if (str_eq(p->row.engine, engine) && (!found || found->ending))
            found = p;
    }
    return found;
}

struct pod *pods_add(struct engine *en, struct pod_row *takes_row)
{
    struct pods *all = en->pods;
    struct pod *p = mem_alloc(sizeof(*p));
    p->row = *takes_row;
    p->due_ms = p->used_ms = en->now_ms;
    p->up_by_s = en->now_s + (int64_t)pod_number(en, p->row.engine, "up_s", UP_S);
    all->list = mem_grow(all->list, all->n + 1, sizeof(*all->list));
    return all->list[all->n++] = p;
}

static void pod_free(struct pod *p)
{
    pod_row_finish(&p->row);
    free(p->service);
    free(p);
}

/* --- states --- */

void pod_move(struct engine *en, struct pod *p, enum pod_state state)
{
    log_line(LOG_INFO, "pod", "name=%s from=%s to=%s", p->row.name, pod_state_word(p->row.state),
             pod_state_word(state));
    p->row.state = state;
    p->tries = 0;
    p->due_ms = en->now_ms;
}

void pod_stop(struct engine *en, struct pod *p, const char *why)
{
    if (p->row.state == POD_STOPPING || p->ending)
        return;
    engine_say(en, "pod", "%s is stopped: %s", p->row.name, why);
    p->ready = false;
    p->ending = true; /* one that may not be there yet is looked for first */
    if (p->row.state != POD_RUNNING)
        return;
    free(p->row.why);
    p->row.why = mem_dup(why);
    pod_move(en, p, POD_STOPPING);
    pod_store(en, p);
}

/* What was at work there is sent anew; free work that is not paid by the call. */
static void lose_flights(struct engine *en, const char *engine)
{
    for (size_t i = en->flights_n; i-- > 0;) {
        struct flight *f = en->flights[i];
        if (!str_eq(f->job.engine, engine) || f->attempt.id)
            continue;
        flight_recall(en, f);
        mem_free(f->job.memo);
        flight_hold(en, f, AGAIN_S, "the pod it was made on has ended");
        flight_remove(en, f);
    }
}

static void say_end(struct engine *en, const struct pod *p, bool was_there)
{
    char text[MONEY_TEXT_LEN];
    money_text(p->row.charged_u, text);
    if (was_there)
        engine_say(en, "pod", "%s has ended after %lld s, for %s", p->row.name,
                   (long long)(p->row.ended_s - p->row.since_s), text);
    else
        engine_say(en, "pod", "%s was not begun: %s", p->row.name, p->row.why);
}

void pod_gone(struct engine *en, struct pod *p, bool was_there, const char *why)
{
    struct pods *all = en->pods;
    pod_move(en, p, POD_GONE);
    pod_pay(en, p, was_there, why);
    say_end(en, p, was_there);
    for (size_t i = 0; i < all->n; i++)
        if (all->list[i] == p)
            all->list[i] = all->list[--all->n];
    const struct pod *other = find(en, p->row.engine);
    if (!other || other->ending)
        lose_flights(en, p->row.engine);
    if (was_there)
        rest_host_ended(en, p->row.engine, p->row.drop_id);
    pod_free(p);
    en->start_more = en->needs_you_dirty = true;
}

/* --- engines whose pod could not be had --- */

static struct pod_rest *rest_of(struct engine *en, const char *engine)
{
    struct pods *all = en->pods;
    for (size_t i = 0; i < all->rests_n; i++)
        if (str_eq(all->rests[i].engine, engine))
            return &all->rests[i];
    all->rests = mem_grow(all->rests, all->rests_n + 1, sizeof(*all->rests));
    all->rests[all->rests_n] = (struct pod_rest){.engine = mem_dup(engine)};
    return &all->rests[all->rests_n++];
}

void pods_rest(struct engine *en, const char *engine, const struct pod_answer *a)
{
    struct pod_rest *r = rest_of(en, engine);
    int64_t wait_ms = (int64_t)pod_number(en, engine, "poll_ms", POLL_MS) * REST_POLLS
                      << r->failures;
    if (a->wait_s * (int64_t)1000 > wait_ms)
        wait_ms = a->wait_s * (int64_t)1000;
    r->until_ms = en->now_ms + wait_ms;
    if (++r->failures < FAILURES)
        return;
    r->failures = 0;
    r->until_ms = 0;
    stop_engine(en, engine, a->class, a->say ? a->say : "its host begins no pod",
                a->cure ? a->cure : "Look at the host's own page: it may have no such machine.");
}

/* --- for the engine --- */

const char *pods_service(const struct engine *en, const char *engine)
{
    const struct pod *p = find(en, engine);
    return p ? p->service : NULL;
}

void pods_used(struct engine *en, const char *engine)
{
    struct pod *p = find(en, engine);
    if (p)
        p->used_ms = en->now_ms;
}

int pods_open_n(const struct engine *en)
{
    return en->pods ? (int)en->pods->n + (en->pods->sweep_id != 0) : 0;
}

bool pods_awaited(const struct engine *en)
{
    for (size_t i = 0; en->pods && i < en->pods->n; i++)
        if (en->pods->list[i]->wanted)
            return true;
    for (size_t i = 0; en->pods && i < en->pods->rests_n; i++)
        if (en->pods->rests[i].until_ms)
            return true;
    return false;
}

static enum pods_word begin(struct engine *en, const struct job_row *job, struct err *e)
{
    char *random = engine_random_name();
    struct pod fresh = {0};
    struct pod_row *row = &fresh.row;
    row->name = mem_printf("slated-%.8s-%s-%.8s", en->root_id, job->engine, random);
    row->engine = mem_dup(job->engine);
    free(random);
    if (pod_buy(en, job, &fresh, e)) {
        pod_row_finish(row);
        return PODS_NO;
    }
    engine_say(en, "pod", "%s is begun: %s waits for it", row->name, job->title);
    struct pod *p = pods_add(en, row);
    p->wanted = true;
    pod_ask(en, p);
    return PODS_WAIT;
}

enum pods_word pods_let(struct engine *en, const struct job_row *job, struct err *e)
{
    struct pod *p = find(en, job->engine);
    if (!pod_rule(en->rules, job->engine))
        return PODS_GO;
    if (!p)
        return rest_of(en, job->engine)->until_ms > en->now_ms ? PODS_WAIT : begin(en, job, e);
    p->used_ms = en->now_ms;
    p->wanted = !p->ready;
    if (p->wanted)
        return PODS_WAIT;
    p->row.job_id = job->id; /* its next stretch is for them; stored with it */
    p->row.drop_id = job->drop_id;
    return PODS_GO;
}

void pods_reconsider(struct engine *en)
{
    for (size_t i = 0; en->pods && i < en->pods->n; i++)
        en->pods->list[i]->wanted = false;
    en->start_more = true;
}

int pods_end(struct engine *en, const char *engine, const char *why)
{
    int n = 0;
    for (size_t i = 0; en->pods && i < en->pods->n; i++) {
        struct pod *p = en->pods->list[i];
        if (engine && !str_eq(p->row.engine, engine))
            continue;
        pod_stop(en, p, why);
        n++;
    }
    return n;
}

void pods_needs(struct engine *en,
                void (*add)(void *ctx, int64_t since_s, char *takes_what, char *takes_why,
                            char *takes_cure),
                void *ctx)
{
    for (size_t i = 0; en->pods && i < en->pods->n; i++) {
        const struct pod *p = en->pods->list[i];
        bool open = p->row.state == POD_STOPPING || p->unsure;
        if (open && p->tries >= FAILURES)
            add(ctx, p->row.since_s,
                mem_printf("a pod may still run and cost money: %s", p->row.name),
                mem_dup(p->row.why ? p->row.why : "its host does not answer"),
                mem_printf("stop %s at its host's own page; slated goes on trying",
                           p->row.remote ? p->row.remote : "the pod of that name"));
    }
}

/* --- turning --- */

static bool has_work(const struct engine *en, const char *engine)
{
    for (size_t i = 0; i < en->flights_n; i++)
        if (str_eq(en->flights[i]->job.engine, engine))
            return true;
    return false;
}

/* The next stretch begins soon: it is set aside, or the pod ends with this one. */
static int64_t stretch_turn(struct engine *en, struct pod *p)
{
    int64_t margin_s = (p->row.until_s - p->row.began_s) / 10;
    struct err e = {0};
    margin_s = margin_s < 1 ? 1 : margin_s > MARGIN_MOST ? MARGIN_MOST : margin_s;
    if (p->row.until_s - margin_s <= en->now_s && pod_extend(en, p, &e))
        pod_stop(en, p, e.text);
    int64_t left_s = p->row.until_s - margin_s - en->now_s;
    return en->now_ms + (left_s > 0 ? left_s * 1000 : 0);
}

/* Before it is stopped the store is asked once more whether a job waits for it. */
static int64_t idle_turn(struct engine *en, struct pod *p)
{
    int64_t idle_ms = (int64_t)(pod_number(en, p->row.engine, "idle_s", IDLE_S) * 1000);
    if (p->wanted || has_work(en, p->row.engine))
        p->used_ms = en->now_ms;
    int64_t ends_ms = p->used_ms + idle_ms;
    if (en->now_ms < ends_ms)
        return ends_ms;
    if (en->now_ms < ends_ms + GRACE_MS) {
        en->start_more = true;
        return ends_ms + GRACE_MS;
    }
    pod_stop(en, p, "nothing has needed it for a while");
    return en->now_ms;
}

static int64_t up_turn(struct engine *en, struct pod *p)
{
    if (p->ready)
        return INT64_MAX;
    if (en->now_s >= p->up_by_s) {
        stop_engine(en, p->row.engine, CLASS_TRANSIENT,
                    "its pod was begun, and what it serves did not answer in time",
                    "Look at the pod's own log at its host; more time is \"up_s\" of the pod.");
        pod_stop(en, p, "what it serves did not answer in time");
    }
    return en->now_ms + (p->up_by_s - en->now_s) * 1000;
}

static int64_t earlier(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static int64_t pod_turn(struct engine *en, struct pod *p)
{
    int64_t next = INT64_MAX;
    if (p->row.state == POD_RUNNING)
        next = stretch_turn(en, p);
    if (p->row.state == POD_RUNNING)
        next = earlier(next, idle_turn(en, p));
    if (p->row.state == POD_RUNNING)
        next = earlier(next, up_turn(en, p));
    if (p->request_id)
        return next;
    if (p->due_ms <= en->now_ms)
        pod_ask(en, p);
    return p->request_id ? next : earlier(next, p->due_ms);
}

int64_t pods_turn(struct engine *en)
{
    struct pods *all = en->pods;
    int64_t next = INT64_MAX;
    for (size_t i = 0; i < all->n; i++)
        next = earlier(next, pod_turn(en, all->list[i]));
    for (size_t i = 0; i < all->rests_n; i++) {
        if (all->rests[i].until_ms > en->now_ms)
            next = earlier(next, all->rests[i].until_ms);
        else if (all->rests[i].until_ms) {
            all->rests[i].until_ms = 0;
            en->start_more = true;
        }
    }
    if (all->sweep_ms <= en->now_ms && !all->sweep_id)
        pods_sweep(en);
    return all->sweep_id ? next : earlier(next, all->sweep_ms);
}

bool pods_answer(struct engine *en, const struct response *response)
{
    for (size_t i = 0; i < en->pods->n; i++) {
        struct pod *p = en->pods->list[i];
        if (!p->request_id || p->request_id != response->id)
            continue;
        p->request_id = 0;
        pod_told(en, p, response);
        return true;
    }
    return pods_swept(en, response);
}

/* --- opening and closing --- */

/* Whether a starting one was begun is not known; the others are asked how they are. */
void pods_open(struct engine *en)
{
    struct pod_row *rows = NULL;
    size_t n = 0;
    en->pods = mem_alloc(sizeof(*en->pods));
    en->pods->sweep_ms = INT64_MAX;
    if (store_pods(en->store, false, &rows, &n))
        n = 0;
    for (size_t i = 0; i < n; i++) {
        if (rows[i].state == POD_GONE) {
            en->pods->sweep_ms = en->now_ms; /* one that began late may be there after all */
            pod_row_finish(&rows[i]);
            continue;
        }
        struct pod *p = pods_add(en, &rows[i]);
        p->unsure = p->row.state == POD_STARTING;
        p->ending = p->row.state == POD_STOPPING;
        engine_say(en, "pod", "%s is taken up again (%s)", p->row.name,
                   pod_state_word(p->row.state));
    }
    free(rows);
}

void pods_close(struct engine *en)
{
    if (!en->pods)
        return;
    for (size_t i = 0; i < en->pods->n; i++) {
        engine_say(en, "pod", "%s may still run; the next start ends it",
                   en->pods->list[i]->row.name);
        pod_free(en->pods->list[i]);
    }
    for (size_t i = 0; i < en->pods->rests_n; i++)
        free(en->pods->rests[i].engine);
    free(en->pods->list);
    free(en->pods->rests);
    free(en->pods->sweep_engine);
    mem_free(en->pods);
}
