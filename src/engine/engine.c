/* The conductor: opens the rooms of one root, turns until told to stop, closes them in reverse.
 * Each turn calls the rooms in the order data flows; the wait at its end is the only one. What a
 * step means is in the rooms; that it happens is here. */
/* SPDX-License-Identifier: ISC */
#include "engine/engine_priv.h"

#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/str.h"
#include "engine/errand.h"
#include "engine/cards.h"
#include "engine/flight.h"
#include "engine/manual.h"
#include "engine/needs.h"
#include "engine/ruleset.h"
#include "engine/tell.h"
#include "loop/child.h"
#include "loop/notify.h"
#include "loop/signals.h"
#include "secrets/secrets.h"

#define WORKERS_MAX 64 /* as the shape of policy.json says */
#define CLOCK_LEAP_S                                                                               \
    86400             /* a suspended machine's other clock stands still: shorter ones are usual */
#define DRAIN_MS 1500 /* for answers to paid requests that have left, when told to stop */

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

static void clocks_read(struct engine *en)
{
    int64_t before_ms = en->now_ms, before_s = en->now_s;
    en->now_ms = clock_mono_ms();
    en->now_s = clock_wall_s();
    if (before_s)
        clock_leapt(en, en->now_s - before_s - (en->now_ms - before_ms) / 1000);
}

/* --- opening and closing --- */

static void watch_told(void *ctx, const char *code, const char *sentence)
{
    struct engine *en = ctx;
    engine_say(en, "watch", "%s: %s", code, sentence);
    en->needs_you_dirty = en->start_more = true;
    if (str_eq(code, "inbox replaced"))
        en->inbox_replaced = true; /* looked at in the next turn, outside the watcher's own */
}

static bool not_for_us(const char *name)
{
    return str_starts(name, ".slated") || str_ends(name, ".slated.txt") || junk_name(name);
}

static void ignore_ready(void *ctx, int fd, short revents)
{
    (void)ctx; /* the turn looks at everything: a wake-up is all that is wanted */
    (void)fd;
    (void)revents;
}

/* Opens a watcher with the rules in force; the old one, if any, is closed only when the new one is
 * open. */
static int open_watch(struct engine *en, struct err *e)
{
    struct watch *fresh = NULL;
    const struct rules *r = en->rules;
    const char *mode =
        en->config.watch_mode ? en->config.watch_mode : rules_policy_str(r, "/watch/mode");
    struct watch_config config = {
        .dir = en->places.inbox,
        .mode = str_eq(mode, "scan") ? WATCH_SCAN : WATCH_EVENTS,
        .settle_ms = (int)rules_policy_num(r, "/watch/settle_ms"),
        .settle_folder_ms = (int)rules_policy_num(r, "/watch/settle_folder_ms"),
        .settle_unclosed_ms = (int)rules_policy_num(r, "/watch/settle_unclosed_ms"),
        .scan_ms = (int)rules_policy_num(r, "/watch/scan_ms"),
        .safety_scan_ms = (int)rules_policy_num(r, "/watch/safety_scan_ms"),
        .is_junk = not_for_us,
        .arriving = arrivals_moving,
        .gone = arrivals_gone,
        .offer = arrivals_offer,
        .told = watch_told,
        .ctx = en,
    };
    int rc = watch_open(&config, en->now_ms, &fresh, e);
    if (rc)
        return rc;
    if (en->watch)
        loop_remove(en->loop, watch_fd(en->watch));
    watch_close(en->watch);
    en->watch = fresh;
    if (watch_fd(fresh) >= 0)
        loop_set(en->loop, watch_fd(fresh), POLLIN, ignore_ready, en);
    return 0;
}

/* 0 in the policy: one a core. */
static int workers_wanted(const struct engine *en)
{
    long n = (long)rules_policy_num(en->rules, "/engine/workers");
    if (n == 0)
        n = sysconf(_SC_NPROCESSORS_ONLN);
    return n < 1 ? 1 : n > WORKERS_MAX ? WORKERS_MAX : (int)n;
}

/* Nothing is started or reached before the first job that needs one. */
static void open_browsers(struct engine *en)
{
    struct browser_config config;
    const char **urls = NULL;
    char *dir = path_join(en->places.state, "browser");
    en->sockets = websockets_create(en->loop);
    browser_config_read(en->rules, dir, &config, &urls);
    en->browser = browser_create(en->loop, en->sockets, &config);
    free(urls);
    free(dir);
}

static int open_rooms(struct engine *en, struct faults *faults, struct err *e)
{
    int rc = places_init(&en->places, en->config.root, e);
    if (!rc)
        rc = places_lock(&en->places, &en->lock_fd, e);
    if (!rc && ruleset_load(en->config.rules_dir, &en->rules, faults))
        rc = err_set(e, ERR_RULES, "the rules in %s have faults", en->config.rules_dir);
    if (!rc)
        rc = store_open(en->places.state, false, &en->store, e);
    if (!rc)
        rc = places_mark(en, e);
    if (!rc)
        rc = signals_open(&en->signal_fd, e);
    if (rc)
        return rc;
    struct err refused = {0};
    if (secrets_open(en->config.root, &refused)) /* what needs no key from there goes on */
        engine_say(en, "error", "%s", refused.text);
    child_hide(secrets_hides);
    en->loop = loop_create();
    /* room for the largest number the rules allow, and for looking at drops beside that; a place
     * costs nothing until a process is started for it */
    en->workers = workers_create(en->loop, en->config.worker, WORKERS_MAX + LOOKS_AT_ONCE);
    en->jobs_at_once = workers_wanted(en);
    limits_load(en);
    en->http = http_create(en->loop, secrets_get);
    open_browsers(en);
    loop_set(en->loop, en->signal_fd, POLLIN, ignore_ready, en);
    char *paused = store_fact(en->store, "paused");
    en->paused = paused != NULL;
    free(paused);
    return 0;
}

int engine_open(const struct engine_config *config, struct engine **ret_engine,
                struct faults *faults, struct err *e)
{
    struct engine *en = mem_alloc(sizeof(*en));
    en->config = *config;
    en->lock_fd = en->signal_fd = -1;
    clocks_read(en);
    int rc = open_rooms(en, faults, e);
    if (!rc)
        manual_recover(en); /* before what is left in .slated/work is swept */
    if (!rc)
        rc = recover_all(en, e);
    if (!rc)
        rc = open_watch(en, e);
    if (!rc)
        rc = manual_open(en, e);
    if (!rc) {
        verdicts_open(en);
        cards_open(en);
        tell_open(en);
        paid_recover_doubts(en);
    }
    if (rc) {
        engine_close(en);
        return rc;
    }
    if (en->fuse)
        engine_say(en, "stop", "%s; nothing is taken or made until `slated resume`", en->fuse_why);
    *ret_engine = en;
    return 0;
}

void engine_close(struct engine *en)
{
    if (!en)
        return;
    watch_close(en->watch);
    manual_close(en);
    verdicts_close(en);
    workers_destroy(en->workers);
    http_destroy(en->http);
    browser_destroy(en->browser);
    websockets_destroy(en->sockets);
    secrets_close();
    flights_finish(en);
    limits_close(en);
    cards_close(en);
    tell_close(en);
    take_back_finish(en);
    listen_finish(en);
    take_finish(en);
    arrivals_finish(en);
    errands_finish(en);
    desk_finish(en);
    loop_destroy(en->loop);
    rules_release(en->rules);
    store_close(en->store);
    if (en->lock_fd >= 0)
        close(en->lock_fd);
    places_finish(&en->places);
    free(en->root_id);
    free(en->fuse_why);
    free(en);
}

/* --- turning --- */

static void reload_secrets(struct engine *en)
{
    struct err e = {0};
    if (secrets_reload(&e))
        engine_say(en, "error", "the keys stay as they were: %s", e.text);
    stops_reconsider(en);
    tell_load(en);
}

static void reload_rules(struct engine *en)
{
    struct rules *fresh = NULL;
    struct faults faults = {0};
    struct buf text;
    buf_init(&text, 65536);
    if (ruleset_load(en->config.rules_dir, &fresh, &faults)) {
        faults_text(&faults, &text);
        engine_say(en, "error", "the new rules have faults and the old ones stay in force:\n%s",
                   text.data);
    } else {
        struct err e = {0};
        rules_release(en->rules);
        en->rules = fresh;
        en->jobs_at_once = workers_wanted(en);
        limits_load(en);
        tell_load(en);
        en->start_more = true;
        if (open_watch(en, &e)) /* the old one goes on */
            engine_say(en, "error", "the inbox is watched as before: %s", e.text);
        engine_say(en, "rules", "loaded again from %s", rules_dir(fresh));
    }
    watch_rescan(en->watch);
    faults_finish(&faults);
    buf_finish(&text);
}

static void signals_turn(struct engine *en)
{
    struct signals s = signals_take();
    if (s.stop && !en->stopping) {
        en->stopping = true;
        notify_send("STOPPING=1");
    }
    if (s.reload) {
        notify_send("RELOADING=1");
        reload_secrets(en);
        reload_rules(en);
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
            !take_back_answer(en, &r))
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

static int64_t engine_turn(struct engine *en)
{
    clocks_read(en);
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
    next = earlier(next, jobs_due_ms(en));
    next = earlier(next, desk_turn(en));
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

/* Nothing arrives, nothing runs, nothing waits for its time. What waits for a person does not
 * count. */
static bool all_done(struct engine *en)
{
    struct watch_facts facts;
    struct job_counts counts;
    watch_facts(en->watch, &facts);
    if (en->fuse)
        return true;
    if (facts.moving || arrivals_pending(en) || en->accepted_n || en->flights_n ||
        manual_pending(en) || verdicts_pending(en) || tell_pending(en) || en->take_backs_n)
        return false;
    if (en->paused || store_count_jobs(en->store, 0, &counts))
        return true;
    /* what is left waits for a person: nothing can start, and nothing waits for its time */
    return counts.n[JOB_MADE] == 0 && !en->start_more && !en->jobs_due_s && !en->room_at_ms;
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
    return flights_submitting(en) || tell_busy(en) || en->take_backs_n;
}

/* A paid request that has left gets its answer, or it would be in doubt at the next start; so does
 * a message. */
static void drain(struct engine *en)
{
    int64_t until_ms = clock_mono_ms() + DRAIN_MS;
    for (clocks_read(en); draining(en) && en->now_ms < until_ms; clocks_read(en)) {
        int64_t next = http_turn(en->http, en->now_ms);
        answers_turn(en);
        next = earlier(next, tell_programs_turn(en));
        if (draining(en))
            loop_wait(en->loop, clock_mono_ms(), earlier(next, until_ms));
    }
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
