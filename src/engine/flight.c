/* Ready jobs come in and are set to work; answers find their job again. Knows no op and no vendor:
 * what a request says is the provider's, how it leaves is flight_send.c's, what an outcome leads to
 * flight_end.c's. Everything is found in one step, however many are at work. */
/* SPDX-License-Identifier: ISC */
#include "engine/flight.h"
#include "engine/frames.h"
#include "engine/manual.h"
#include "engine/pods.h"
#include "engine/vision.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"

#define SAME_WAIT_S    1 /* between looks at a job that another drop is just making */
#define DISK_WAIT_S    30
#define UNREAD_WAIT_MS 1000
#define A_TURN         64 /* starts in one turn, so that drops are still taken at once */
#define SKIPS_MAX      64

/* --- the list, and who waits --- */

void flight_free(struct flight *f)
{
    job_row_finish(&f->job);
    job_files_finish(&f->files);
    cJSON_Delete(f->shown);
    attempt_row_finish(&f->attempt);
    free(f->rejected);
    free(f->work);
    free(f->fresh);
    free(f->remote);
    free(f->said);
    free(f->given_up);
    for (size_t i = 0; i < RATED_MOST; i++)
        free(f->rated[i]);
    free(f);
}

void flight_add(struct engine *en, struct flight *f)
{
    en->flights = mem_grow(en->flights, en->flights_n + 1, sizeof(*en->flights));
    f->at = en->flights_n;
    en->flights[en->flights_n++] = f;
    map_put(&en->by_hash, f->hash, f);
}

/* A heap by due_ms; a flight knows its place (from 1). */
static void wait_put(struct engine *en, size_t at, struct flight *f)
{
    en->waiting[at - 1] = f;
    f->wait_at = at;
}

static void wait_sift(struct engine *en, size_t at, struct flight *f)
{
    for (; at > 1 && en->waiting[at / 2 - 1]->due_ms > f->due_ms; at /= 2)
        wait_put(en, at, en->waiting[at / 2 - 1]);
    for (size_t next; (next = at * 2) <= en->waiting_n; at = next) {
        if (next < en->waiting_n && en->waiting[next]->due_ms < en->waiting[next - 1]->due_ms)
            next++;
        if (en->waiting[next - 1]->due_ms >= f->due_ms)
            break;
        wait_put(en, at, en->waiting[next - 1]);
    }
    wait_put(en, at, f);
}

static void wait_remove(struct engine *en, struct flight *f)
{
    size_t at = f->wait_at;
    if (!at)
        return;
    struct flight *last = en->waiting[--en->waiting_n];
    f->wait_at = 0;
    if (last != f)
        wait_sift(en, at, last);
}

void flight_wait(struct engine *en, struct flight *f, int wait_ms)
{
    f->due_ms = en->now_ms + wait_ms;
    en->waiting = mem_grow(en->waiting, en->waiting_n + 1, sizeof(*en->waiting));
    wait_sift(en, ++en->waiting_n, f);
}

/* As many looks at what engines brought as there are cores, beside the jobs that draw. */
bool flight_may_check(const struct engine *en)
{
    return workers_free(en->workers) > 0 && en->checks_n < en->jobs_at_once;
}

void flight_queue(struct engine *en, struct flight *f)
{
    if (en->queue_n == en->queue_room) {
        en->queue_room = en->queue_room ? en->queue_room * 2 : 16;
        en->queue = mem_grow(en->queue, en->queue_room, sizeof(*en->queue));
    }
    en->queue[en->queue_n++] = f;
    f->queued = true;
}

static void queue_remove(struct engine *en, size_t at)
{
    en->queue[at]->queued = false;
    memmove(&en->queue[at], &en->queue[at + 1], (--en->queue_n - at) * sizeof(*en->queue));
}

static void check_over(struct engine *en, struct flight *f)
{
    en->checks_n -= f->checks;
    f->checks = false;
}

static void queue_leave(struct engine *en, struct flight *f)
{
    for (size_t i = 0; i < en->queue_n && f->queued; i++)
        if (en->queue[i] == f)
            queue_remove(en, i);
}

void flight_let_go(struct engine *en, struct flight *f)
{
    flight_recall(en, f);
    if (f->request_id)
        (void)map_remove(&en->by_request, f->request_name);
    f->request_id = 0;
    wait_remove(en, f);
    queue_leave(en, f);
    check_over(en, f);
}

void flight_remove(struct engine *en, struct flight *f)
{
    struct flight *last = en->flights[--en->flights_n];
    en->flights[f->at] = last;
    last->at = f->at;
    wait_remove(en, f);
    queue_leave(en, f);
    check_over(en, f);
    if (f->request_id)
        (void)map_remove(&en->by_request, f->request_name);
    (void)map_remove(&en->by_hash, f->hash);
    if (f->tab_of)
        browser_leave(en->browser, f->tab_of);
    limit_ended(en, f);
    pods_used(en, f->job.engine);
    listen_off(en, f);
    en->start_more = true;
    flight_free(f);
}

void flights_finish(struct engine *en)
{
    for (size_t i = 0; i < en->flights_n; i++)
        flight_free(en->flights[i]);
    map_finish(&en->by_request);
    map_finish(&en->by_hash);
    free(en->flights);
    free(en->waiting);
    free(en->queue);
    free(en->running);
    free(en->said);
}

/* --- starting --- */

/* Made before, by whichever drop: then there is nothing to send. */
static bool kept(struct engine *en, struct flight *f)
{
    struct err e = {0};
    if (!deliver_may_keep(en, &f->job, f->hash) || store_begin(en->store, &e))
        return false;
    if (!deliver_kept(en, &f->job, f->hash)) {
        store_rollback(en->store);
        return false;
    }
    job_move(&f->job, JOB_KEPT, en->now_s);
    if (ends_job(en, &f->job, &e) || store_commit(en->store, &e)) {
        store_rollback(en->store);
        return false;
    }
    desk_touch(en, f->job.drop_id);
    ends_drop(en, f->job.drop_id);
    return true;
}

/* Work for a person: its bundle goes out, and what hangs on it follows when its file comes back.
 * The bundle first: a kill between the two offers it once more, and it is the same one. */
static void hand_over(struct engine *en, struct flight *f)
{
    struct job_row *job = &f->job;
    bundles_offer(en, job);
    free(job->error);
    job->error = mem_dup("it is handwork: its bundle lies in manual_export/");
    job_move(job, JOB_NEEDS_PERSON, en->now_s);
    engine_say(en, "handwork", "%s: %s", job->title, job->error);
    en->needs_you_dirty = true;
    flight_step(en, f, true);
    ends_drop(en, job->drop_id);
}

/* What was paid for once is served from what is kept; what was submitted goes on from its memo;
 * what may have been is looked up first. */
static void launch_on(struct engine *en, struct flight *f)
{
    struct outcome o = {0};
    if (!f->again && !f->attempt.id && result_serve(en, f, &o)) {
        flight_done(en, f, &o);
        flight_remove(en, f);
        outcome_finish(&o);
    } else if (f->attempt.id && f->attempt.state != ATTEMPT_SUBMITTED) {
        f->looking = true;
        flight_wait(en, f, LOOKUP_AFTER_MS);
    } else {
        flight_send(en, f);
    }
}

static void launch(struct engine *en, struct flight *f, bool again)
{
    struct err e = {0};
    if (flight_files_out(en, f, &e)) {
        flight_fail(en, f, e.text);
        flight_free(f);
        return;
    }
    f->again = again;
    f->started_ms = en->now_ms;
    job_move(&f->job, JOB_RUNNING, en->now_s);
    f->unstored = true; /* with the intent of what it begins with, mostly */
    if (f->attempt.id)
        flight_step_later(en, f);
    flight_add(en, f);
    limit_started(en, f);
    listen_pick_server(en, f);
    if (!frames_make(en, f, launch_on))
        launch_on(en, f);
    else if (f->unstored)
        flight_step_later(en, f);
}

/* What was paid for it is known before anything else; NULL: it is. */
static const char *unread(struct engine *en, struct flight *f, int *ret_wait_s)
{
    *ret_wait_s = DISK_WAIT_S;
    return store_attempt_open(en->store, f->job.id, &f->attempt)
               ? "what was paid for it cannot be read from the store; it is tried again"
               : NULL;
}

/* Why it cannot start now, and how long it waits; NULL: it can. */
static const char *not_now(struct engine *en, const struct flight *f, int *ret_wait_s)
{
    *ret_wait_s = SAME_WAIT_S;
    const struct flight *same = map_get(&en->by_hash, f->hash);
    if (same && same->back)
        return "what its engine has of it is being taken back";
    if (same || land_has_made(en, f->hash))
        return "the same picture is being made for another drop";
    *ret_wait_s = DISK_WAIT_S;
    return en->low_disk ? "the disk is nearly full; it goes on when there is room" : NULL;
}

/* False: it stays ready, and so do others of its engine, until the engine's pod is there. */
static bool start_sent(struct engine *en, struct flight *f, bool again)
{
    struct err e = {0};
    enum pods_word word = pods_let(en, &f->job, &e);
    if (word == PODS_GO) {
        launch(en, f, again);
        return true;
    }
    if (word == PODS_NO)
        flight_park(en, f, e.text);
    flight_free(f);
    return word == PODS_NO;
}

bool flight_start(struct engine *en, struct job_row *takes_job)
{
    struct flight *f = mem_alloc(sizeof(*f));
    struct drop_row drop = {0};
    struct err e = {0};
    int wait_s;
    f->job = *takes_job;
    f->charged_u = CHARGE_OPEN;
    if (store_drop(en->store, f->job.drop_id, &drop))
        bug("job %lld belongs to no drop", (long long)f->job.id);
    bool again = str_eq(f->job.memo, MEMO_AGAIN);
    if (again)
        mem_free(f->job.memo);
    again = again || vision_is_fresh(en, &f->job);
    const char *why = unread(en, f, &wait_s);
    int rc = why ? 0 : flight_files_in(en, &drop, f, &e);
    if (!rc && !why)
        why = not_now(en, f, &wait_s);
    drop_row_finish(&drop);
    if (rc)
        flight_fail(en, f, e.text);
    else if (why)
        flight_hold(en, f, wait_s, why);
    else if (!f->attempt.id && vision_needless(en, f))
        desk_touch(en, f->job.drop_id);
    else if (!f->attempt.id && limit_same(en, &f->job))
        flight_pass_on(en, f, "the same error came again and again");
    else if (again || f->attempt.id || !kept(en, f)) {
        if (!str_eq(f->job.engine, "manual"))
            return start_sent(en, f, again);
        hand_over(en, f);
    }
    flight_free(f);
    return true;
}

static int worker_room(const struct engine *en)
{
    return en->jobs_at_once - (workers_busy(en->workers) - arrivals_looking(en));
}

static enum limit_room room_for(struct engine *en, const struct job_row *job, int64_t *ret_at_ms)
{
    *ret_at_ms = INT64_MAX;
    if (limit_counts(en, job->engine))
        return limit_room(en, job, ret_at_ms);
    return worker_room(en) > 0 ? LIMIT_ROOM : LIMIT_ENGINE_FULL;
}

/* When it is worth looking again, of all there is to wait for. */
static void look_again(struct engine *en, int64_t at_ms)
{
    if (at_ms != INT64_MAX && (!en->room_at_ms || at_ms < en->room_at_ms))
        en->room_at_ms = at_ms;
}

/* Engines that get nothing: the stopped ones. A stop whose date has come is lifted. False: who is
 * stopped cannot be read. */
static bool stopped(struct engine *en, struct store_skip *skip, size_t *ret_n)
{
    struct stop_row *rows = NULL;
    struct err e = {0};
    size_t n = 0, skips = 0;
    int64_t until_s = 0;
    if (en->any_stop && store_stops(en->store, &rows, &n))
        return false;
    if (!en->any_stop)
        goto out;
    for (size_t i = 0; i < n; i++) {
        bool over = rows[i].until_s && rows[i].until_s <= en->now_s;
        if (over && !store_begin(en->store, &e) &&
            (store_lift_stop(en->store, rows[i].engine, &e) || store_commit(en->store, &e)))
            store_rollback(en->store); /* lifted at the next look */
        else if (!over && skips < SKIPS_MAX / 2)
            skip[skips++].engine = mem_dup(rows[i].engine);
        if (!over && rows[i].until_s && (!until_s || rows[i].until_s < until_s))
            until_s = rows[i].until_s;
        stop_row_finish(&rows[i]);
    }
    en->any_stop = n > 0;
    en->stops_over_ms = until_s ? en->now_ms + (until_s - en->now_s) * 1000 : 0;
    free(rows);
out:
    *ret_n = skips;
    return true;
}

static void start_ready(struct engine *en)
{
    struct store_skip skip[SKIPS_MAX] = {0};
    struct job_row job = {0};
    en->jobs_due_s = en->room_at_ms = 0; /* the store says anew when the next one is due */
    size_t skips = 0;
    if (!stopped(en, skip, &skips)) {
        en->room_at_ms = en->now_ms + UNREAD_WAIT_MS;
        return;
    }
    bool more = resume_start(en, skip, skips);
    for (int i = 0; i < A_TURN && skips < SKIPS_MAX; i++) {
        int64_t at_ms;
        if (store_next_job(en->store, en->now_s, skip, skips, &job, &en->jobs_due_s)) {
            en->start_more = more;
            break;
        }
        enum limit_room room = room_for(en, &job, &at_ms);
        if (room == LIMIT_ROOM) {
            char *engine = mem_dup(job.engine);
            int64_t drop_id = job.drop_id;
            if (flight_start(en, &job)) {
                store_served(en->store, drop_id);
                free(engine);
            } else {
                skip[skips++].engine = engine;
            }
        } else { /* full: the next one of another engine, or of another of its models */
            look_again(en, at_ms);
            skip[skips].model = room == LIMIT_MODEL_FULL ? mem_dup(job.model) : NULL;
            skip[skips++].engine = mem_dup(job.engine);
            job_row_finish(&job);
        }
        memset(&job, 0, sizeof(job));
    }
    for (size_t i = 0; i < skips; i++) {
        free((char *)skip[i].engine);
        free((char *)skip[i].model);
    }
}

/* Its time has come: once, also while nothing may be started. */
static bool is_due(const struct engine *en, int64_t *at_ms)
{
    bool due = *at_ms && *at_ms <= en->now_ms;
    if (due)
        *at_ms = 0;
    return due;
}

int64_t flights_start(struct engine *en)
{
    while (en->waiting_n && en->waiting[0]->due_ms <= en->now_ms) {
        struct flight *f = en->waiting[0];
        wait_remove(en, f);
        if (f->back)
            withdraw_go_on(en, f);
        else if (f->looking)
            flight_look_up(en, f);
        else
            flight_send(en, f);
    }
    while (en->queue_n && flight_may_check(en)) {
        struct flight *f = en->queue[0];
        queue_remove(en, 0);
        flight_send(en, f);
    }
    bool room = is_due(en, &en->room_at_ms), over = is_due(en, &en->stops_over_ms);
    if (room || over)
        en->start_more = true;
    if (en->start_more && !en->paused && !en->stopping && !en->fuse && !en->missing)
        start_ready(en);
    int64_t next = en->waiting_n ? en->waiting[0]->due_ms : INT64_MAX;
    if (en->stops_over_ms && en->stops_over_ms < next)
        next = en->stops_over_ms;
    return en->room_at_ms && en->room_at_ms < next ? en->room_at_ms : next;
}

bool flights_submitting(const struct engine *en)
{
    for (size_t i = 0; i < en->flights_n; i++) {
        const struct flight *f = en->flights[i];
        if (f->request_id && f->attempt.id && f->attempt.state == ATTEMPT_SUBMITTING)
            return true;
    }
    return false;
}

bool flights_answer(struct engine *en, struct response *response)
{
    char name[24];
    str_format(name, sizeof name, "%lld", (long long)response->id);
    struct flight *f = map_remove(&en->by_request, name);
    if (!f)
        return false;
    f->request_id = 0;
    check_over(en, f);
    flight_outcome(en, f, response);
    return true;
}

/* A paid request that waits for its commit still costs nothing. */
static int take_unsent(struct engine *en, struct flight *f, struct err *e)
{
    bool paid = f->attempt.id && f->attempt.state == ATTEMPT_SUBMITTING && !f->looking;
    if (!paid || !f->request_id || !land_recall(en, f->request_id))
        return 0;
    (void)map_remove(&en->by_request, f->request_name);
    f->request_id = 0;
    return store_settle_attempt(en->store, f->attempt.id, 0, "cancelled before it left", en->now_s,
                                e);
}

int flights_cancel(struct engine *en, int64_t drop_id, struct err *e)
{
    int rc = 0;
    for (size_t i = en->flights_n; i-- > 0 && !rc;) {
        struct flight *f = en->flights[i];
        if (f->job.drop_id != drop_id)
            continue;
        rc = take_unsent(en, f, e);
        if (rc || withdraw_wants(en, f))
            continue;
        flight_recall(en, f);
        flight_remove(en, f);
    }
    return rc;
}
