/* The conductor turns until told to stop. Each turn calls the rooms in the order data flows; the
 * wait at its end is the only one. What a step means is in the rooms; that it happens is here. */
/* SPDX-License-Identifier: ISC */
#include "engine/engine_priv.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"
#include "engine/errand.h"
#include "engine/cards.h"
#include "engine/flight.h"
#include "engine/manual.h"
#include "engine/needs.h"
#include "engine/pods.h"
#include "engine/tell.h"
#include "engine/upkeep.h"
#include "loop/notify.h"
#include "loop/signals.h"
#include "secrets/secrets.h"

#define CLOCK_LEAP_S                                                                               \
    86400 /* a suspended machine's other clock stands still: shorter ones are usual */
#define DRAIN_PODS_MS 15000 /* until a machine by the hour is known to rest */
#define DRAIN_MS      1500  /* for answers to paid requests that have left, when told to stop */

void engine_say(struct engine *en, const char *word, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    char *sentence = mem_vprintf(fmt, args);
    va_end(args);
    secrets_mask(sentence);
    if (en->config.told.line)
        en->config.told.line(en->config.told.ctx, word, sentence);
    else
        log_line(str_eq(word, "error") ? LOG_ERROR : LOG_INFO, word, "text=%s",
                 log_quote(sentence));
    free(sentence);
}

/* A wall clock that leaps against the other one by more than a day makes caps of a day worthless:
 * nothing is made until a person has looked. */
static void clock_leapt(struct engine *en, int64_t leap_s)
{
    if (en->fuse || (leap_s < CLOCK_LEAP_S && leap_s > -CLOCK_LEAP_S))
        return;
    en->fuse = true;
    en->fuse_why =
        mem_printf("the clock went %s by %lld hours at once", leap_s > 0 ? "forward" : "back",
                   (long long)((leap_s > 0 ? leap_s : -leap_s) / 3600));
    engine_say(en, "stop", "%s; nothing is taken or made until `slated resume`", en->fuse_why);
    en->needs_you_dirty = true;
}

void engine_read_clocks(struct engine *en)
{
    int64_t before_ms = en->now_ms, before_s = en->now_s;
    en->now_ms = clock_mono_ms();
    en->now_s = clock_wall_s();
    if (before_s)
        clock_leapt(en, en->now_s - before_s - (en->now_ms - before_ms) / 1000);
}

/* --- turning --- */

static void signals_turn(struct engine *en)
{
    struct signals s = signals_take();
    if (s.stop && !en->stopping) {
        en->stopping = true;
        notify_send("STOPPING=1");
    }
    if (s.reload) {
        notify_send("RELOADING=1");
        engine_reload(en);
        notify_send("READY=1");
    }
    if (s.commands)
        commands_turn(en);
}

static void answers_turn(struct engine *en)
{
    struct response r;
    while (workers_take(en->workers, &r) || http_take(en->http, &r) ||
           browser_take(en->browser, &r)) {
        if (!flights_answer(en, &r) && !errands_answer(en, &r) && !tell_answer(en, &r) &&
            !pods_answer(en, &r))
            (void)arrivals_answer(en, &r); /* none: it was cancelled meanwhile */
        response_finish(&r);
    }
}

static int64_t earlier(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* Jobs that wait for their time, in terms of the clock that deadlines use. */
static int64_t jobs_due_ms(struct engine *en)
{
    if (!en->jobs_due_s || en->paused || en->fuse || en->missing)
        return INT64_MAX;
    if (en->jobs_due_s <= en->now_s)
        en->start_more = true;
    int64_t left_s = en->jobs_due_s - en->now_s;
    return en->now_ms + (left_s > 0 ? left_s * 1000 : 50);
}

static void disk_turn(struct engine *en)
{
    bool low = places_low_disk(&en->places, en->rules);
    if (low != en->low_disk) {
        engine_say(en, low ? "error" : "disk",
                   low ? "the disk is nearly full: nothing new is started until there is room"
                       : "there is room on the disk again");
        en->start_more = en->needs_you_dirty = true;
    }
    en->low_disk = low;
}

/* Receipts that were due while there was no folder for them. */
static void inbox_is_back(struct engine *en)
{
    struct drop_row *drops = NULL;
    size_t n = 0;
    if (store_drops(en->store, DROP_RUNNING, 0, &drops, &n))
        return;
    for (size_t i = 0; i < n; i++) {
        desk_touch(en, drops[i].id);
        drop_row_finish(&drops[i]);
    }
    free(drops);
}

/* Nothing arrives, nothing runs, nothing waits for its time. What waits for a person does not
 * count. */
static bool work_done(struct engine *en)
{
    struct watch_facts facts;
    struct job_counts counts;
    watch_facts(en->watch, &facts);
    if (en->fuse)
        return true;
    if (facts.moving || arrivals_pending(en) || en->accepted_n || en->untaken_ms || en->flights_n ||
        land_pending(en) || manual_pending(en) || verdicts_pending(en) || tell_pending(en) ||
        pods_awaited(en))
        return false;
    if (en->paused || store_count_jobs(en->store, 0, &counts))
        return true;
    /* what is left waits for a person: nothing can start, and nothing waits for its time */
    return counts.n[JOB_MADE] == 0 && !en->start_more && !en->jobs_due_s && !en->room_at_ms;
}

static bool all_done(struct engine *en)
{
    return work_done(en) && pods_open_n(en) == 0;
}

static int64_t engine_turn(struct engine *en)
{
    engine_read_clocks(en);
    land_place(en);
    signals_turn(en);
    if (en->inbox_replaced)
        places_other_inbox(en);
    answers_turn(en);
    int64_t next = en->stopping ? INT64_MAX : watch_turn(en->watch, en->now_ms);
    struct watch_facts facts;
    watch_facts(en->watch, &facts);
    if (en->missing && !facts.missing)
        inbox_is_back(en);
    en->missing = facts.missing;
    next = earlier(next, take_turn(en));
    next = earlier(next, manual_turn(en));
    next = earlier(next, verdicts_turn(en));
    arrivals_start(en);
    errands_start(en);
    if (en->start_more && en->flights_n == 0)
        disk_turn(en);
    next = earlier(next, cards_turn(en));
    next = earlier(next, flights_start(en));
    if (en->config.once && pods_open_n(en) && work_done(en))
        (void)pods_end(en, NULL, "nothing is left to do"); /* turned below */
    next = earlier(next, pods_turn(en));
    next = earlier(next, jobs_due_ms(en));
    next = earlier(next, land_turn(en));
    next = earlier(next, desk_turn(en));
    upkeep_turn(en);
    next = earlier(next, upkeep_memory(en));
    next = earlier(next, tell_turn(en));
    next = earlier(next, workers_turn(en->workers, en->now_ms));
    next = earlier(next, http_turn(en->http, en->now_ms));
    next = earlier(next, websockets_turn(en->sockets, en->now_ms));
    next = earlier(next, browser_turn(en->browser, en->now_ms));
    next = earlier(next, notify_turn(en->now_ms));
    if (en->config.told.turn)
        next = earlier(next, en->config.told.turn(en->config.told.ctx, en, en->now_ms));
    return next;
}

/* Whatever lags behind is written before the process ends. */
static void flush_desk(struct engine *en)
{
    cards_flush(en);
    for (size_t i = 0; i < en->desk_n; i++)
        if (en->desk[i].dirty)
            desk_flush(en, en->desk[i].id, false);
    en->needs_you_dirty = true;
    en->needs_rest_ms = 0;
    desk_turn(en);
}

static bool draining(const struct engine *en)
{
    return flights_submitting(en) || tell_busy(en) || pods_open_n(en);
}

/* A paid request that has left gets its answer, or it would be in doubt at the next start; so does
 * a message; and no machine is left running while nobody looks. */
static void drain(struct engine *en)
{
    int64_t until_ms = clock_mono_ms();
    until_ms += pods_end(en, NULL, "slated ends") ? DRAIN_PODS_MS : DRAIN_MS;
    for (engine_read_clocks(en); draining(en) && en->now_ms < until_ms; engine_read_clocks(en)) {
        answers_turn(en);
        int64_t next = earlier(pods_turn(en), tell_programs_turn(en));
        next = earlier(next, land_turn(en));
        next = earlier(next, http_turn(en->http, en->now_ms));
        if (draining(en))
            loop_wait(en->loop, clock_mono_ms(), earlier(next, until_ms));
    }
}

/* What was made while the engine stopped gets its names still. */
static void land_all(struct engine *en)
{
    bool stopping = en->stopping;
    en->stopping = false;
    do {
        land_place(en);
        (void)land_turn(en);
    } while (land_pending(en) && !en->stopping);
    en->stopping = en->stopping || stopping;
}

int engine_run(struct engine *en, struct err *e)
{
    (void)e; /* what goes wrong while turning is said, and mended or retried */
    notify_send("READY=1\nSTATUS=watching");
    commands_turn(en);
    while (!en->stopping) {
        int64_t next = engine_turn(en);
        if (en->stopping || (en->config.once && all_done(en)))
            break;
        loop_wait(en->loop, clock_mono_ms(), next);
    }
    drain(en);
    land_all(en);
    flush_desk(en);
    return 0;
}

void engine_settle(struct engine *en)
{
    while (!en->stopping && manual_busy(en)) {
        int64_t next = engine_turn(en);
        if (manual_busy(en))
            loop_wait(en->loop, clock_mono_ms(), next);
    }
    drain(en); /* no machine runs on while no daemon looks after it */
    land_all(en);
    flush_desk(en);
}

bool engine_needs_person(const struct engine *en)
{
    return en->refused_n > 0 || needs_count((struct engine *)en) > 0;
}

/* --- looking in --- */

struct store *engine_store(struct engine *en)
{
    return en->store;
}

void engine_now(struct engine *en, struct engine_now *ret_now)
{
    struct watch_facts facts;
    watch_facts(en->watch, &facts);
    en->running = mem_grow(en->running, en->flights_n + 1, sizeof(*en->running));
    en->said = mem_grow(en->said, en->flights_n + 1, sizeof(*en->said));
    for (size_t i = 0; i < en->flights_n; i++) {
        en->running[i] = &en->flights[i]->job;
        en->said[i] = en->flights[i]->said;
    }
    *ret_now = (struct engine_now){.running = en->running,
                                   .said = en->said,
                                   .running_n = (int)en->flights_n,
                                   .entries = facts.entries,
                                   .moving = facts.moving,
                                   .mode = facts.mode == WATCH_SCAN ? "scan" : "events",
                                   .paused = en->paused,
                                   .missing = facts.missing};
}
