/* The rooms of one root are opened, rules and keys are loaded, again when told to, and all is
 * closed in reverse. A start is a recovery: the same after a kill as after a clean stop. */
/* SPDX-License-Identifier: ISC */
#include "engine/engine_priv.h"

#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/path.h"
#include "base/str.h"
#include "engine/cards.h"
#include "engine/errand.h"
#include "engine/flight.h"
#include "engine/manual.h"
#include "engine/pods.h"
#include "engine/ruleset.h"
#include "engine/tell.h"
#include "loop/child.h"
#include "loop/signals.h"
#include "secrets/secrets.h"

#define WORKERS_MAX 64 /* as the shape of policy.json says */

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

int engine_watch(struct engine *en, struct watch_config *config, struct watch **watch,
                 struct err *e)
{
    struct watch *fresh = NULL;
    const struct rules *r = en->rules;
    const char *mode =
        en->config.watch_mode ? en->config.watch_mode : rules_policy_str(r, "/watch/mode");
    config->mode = str_eq(mode, "scan") ? WATCH_SCAN : WATCH_EVENTS;
    config->settle_ms = (int)rules_policy_num(r, "/watch/settle_ms");
    config->settle_folder_ms = (int)rules_policy_num(r, "/watch/settle_folder_ms");
    config->settle_unclosed_ms = (int)rules_policy_num(r, "/watch/settle_unclosed_ms");
    config->scan_ms = (int)rules_policy_num(r, "/watch/scan_ms");
    config->safety_scan_ms = (int)rules_policy_num(r, "/watch/safety_scan_ms");
    config->ctx = en;
    int rc = watch_open(config, en->now_ms, &fresh, e);
    if (rc)
        return rc;
    if (*watch)
        loop_remove(en->loop, watch_fd(*watch));
    watch_close(*watch);
    *watch = fresh;
    if (watch_fd(fresh) >= 0)
        loop_set(en->loop, watch_fd(fresh), POLLIN, ignore_ready, en);
    return 0;
}

static int watch_inbox(struct engine *en, struct err *e)
{
    struct watch_config config = {
        .dir = en->places.inbox,
        .is_junk = not_for_us,
        .arriving = arrivals_moving,
        .gone = arrivals_gone,
        .offer = arrivals_offer,
        .told = watch_told,
    };
    return engine_watch(en, &config, &en->watch, e);
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
static void set_browsers(struct engine *en)
{
    struct browser_config config;
    const char **urls = NULL;
    char *dir = path_join(en->places.state, "browser");
    browser_config_read(en->rules, dir, &config, &urls);
    if (en->browser)
        browser_configure(en->browser, &config);
    else
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
        land_open(en);
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
    en->sockets = websockets_create(en->loop);
    set_browsers(en);
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
    engine_read_clocks(en);
    int rc = open_rooms(en, faults, e);
    if (!rc)
        manual_recover(en); /* before what is left in .slated/work is swept */
    if (!rc)
        rc = recover_all(en, e);
    if (!rc)
        rc = watch_inbox(en, e);
    if (!rc)
        rc = manual_open(en, e);
    if (!rc) {
        verdicts_open(en);
        cards_open(en);
        tell_open(en);
        pods_open(en);
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
    resume_finish(en);
    limits_close(en);
    cards_close(en);
    tell_close(en);
    pods_close(en);
    listen_finish(en);
    take_finish(en);
    arrivals_finish(en);
    errands_finish(en);
    desk_finish(en);
    loop_destroy(en->loop);
    rules_release(en->rules);
    store_close(en->store);
    land_close(en);
    if (en->lock_fd >= 0)
        close(en->lock_fd);
    places_finish(&en->places);
    free(en->root_id);
    free(en->fuse_why);
    free(en);
}

/* --- loading again --- */

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
        set_browsers(en);
        tell_load(en);
        en->start_more = true;
        if (watch_inbox(en, &e) || manual_watch(en, &e)) /* the old ones go on */
            engine_say(en, "error", "the folders are watched as before: %s", e.text);
        engine_say(en, "rules", "loaded again from %s", rules_dir(fresh));
    }
    watch_rescan(en->watch);
    faults_finish(&faults);
    buf_finish(&text);
}

void engine_reload(struct engine *en)
{
    reload_secrets(en);
    reload_rules(en);
}
