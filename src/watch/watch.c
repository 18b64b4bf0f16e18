/* Hints, the clock and the folder come in; offers of entries that rest go out. The turn itself:
 * root, hints, mode, scan, then every entry that is due, at most WATCH_OFFERS of them offered.
 * Never opens a file, never moves anything. */
/* SPDX-License-Identifier: ISC */
#define WATCH_ROOM
#include "watch/watch_priv.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/mem.h"

/* Offers of one turn: the loop has others to serve. */
#define WATCH_OFFERS 256
/* A folder or file that is written to all the time is looked at in such steps. */
#define WATCH_STEP_MS 100
/* arriving is told at most so often. */
#define WATCH_SAY_MS 1000
/* What could not be looked at (no descriptors, disk error) is looked at again after so long. */
#define WATCH_RETRY_MS 1000

/* life */
static void forget(struct watch *w, struct entry *e);

/* hints */
static void hear_in_root(struct watch *w, const struct hint *hint);

/* the turn */
static bool turn_root(struct watch *w);
static void turn_due(struct watch *w);
static int64_t next_turn(const struct watch *w);

/* one entry */
static int look(struct watch *w, struct entry *e);

/* ---- life ---- */

int watch_open(const struct watch_config *config, int64_t now_ms, struct watch **ret_watch,
               struct err *e)
{
    return watch_open_with(config, &hints_native, now_ms, ret_watch, e);
}

int watch_open_with(const struct watch_config *config, const struct hints_ops *ops, int64_t now_ms,
                    struct watch **ret_watch, struct err *e)
{
    if (!config->dir || config->dir[0] != '/')
        return err_set(e, ERR_PATH, "the inbox must be named by a whole path, found \"%s\"",
                       config->dir ? config->dir : "");
    struct watch *w = mem_alloc(sizeof(*w));
    root_init(&w->root, config->dir);
    w->config = *config;
    w->config.dir = w->root.dir;
    w->ops = ops;
    w->mode = config->mode;
    w->now_ms = now_ms;
    w->canary_until_ms = w->events_at_ms = ENTRY_NEVER;
    w->want = SCAN_ALL;
    w->scan_at_ms = now_ms + config->safety_scan_ms;
    if (config->mode == WATCH_EVENTS)
        (void)ops->open(&w->hints, &w->no_hints); /* mode_start tells why not */
    root_check(&w->root, now_ms);
    if (w->root.state == ROOT_HERE)
        mode_start(w);
    else
        w->root.again_ms = now_ms; /* the first turn looks once more and says what it found */
    *ret_watch = w;
    return 0;
}

void watch_close(struct watch *w)
{
    if (!w)
        return;
    struct entry *e;
    for (size_t at = 0; (e = map_next(&w->entries, &at));)
        entry_destroy(e);
    map_finish(&w->entries);
    due_finish(&w->due);
    if (w->hints)
        w->ops->close(w->hints);
    root_finish(&w->root);
    free(w);
}

int watch_fd(const struct watch *w)
{
    return w->hints ? w->ops->fd(w->hints) : -1;
}

struct entry *watch_entry(struct watch *w, const char *name)
{
    struct entry *e = map_get(&w->entries, name);
    if (e)
        return e;
    e = entry_create(name, w->now_ms);
    e->order = w->order_n++;
    e->scan = w->scan_n;
    map_put(&w->entries, e->name, e);
    due_add(&w->due, e);
    return e;
}

static void drop_watches(struct watch *w, struct entry *e)
{
    for (int i = 0; i < e->watches.n; i++)
        w->ops->drop(w->hints, e->watches.handles[i], e);
    e->watches.n = 0;
    e->blind = false;
}

static void forget(struct watch *w, struct entry *e)
{
    drop_watches(w, e);
    map_remove(&w->entries, e->name);
    due_remove(&w->due, e);
    bool known = e->offered || e->said_ms >= 0;
    if (known && e->state != ENTRY_TAKEN && w->config.gone)
        w->config.gone(w->config.ctx, e->name);
    entry_destroy(e);
}

void watch_say(struct watch *w, enum said cause, const char *code, const char *fmt, ...)
{
    if (w->said & cause)
        return;
    w->said |= cause;
    va_list args;
    va_start(args, fmt);
    char *sentence = mem_vprintf(fmt, args);
    va_end(args);
    if (w->config.told)
        w->config.told(w->config.ctx, code, sentence);
    free(sentence);
}

bool watch_is_skipped(const struct watch *w, const char *name)
{
    return strcmp(name, CANARY_NAME) == 0 || (w->config.is_junk && w->config.is_junk(name));
}

void watch_look_at(struct watch *w, struct entry *e, int64_t at_ms)
{
    if (at_ms < e->due_ms)
        due_set(&w->due, e, at_ms);
}

/* ---- hints ---- */

static void hear_lost(struct watch *w)
{
    w->overflows++;
    w->want = SCAN_ALL;
    if (w->config.told) {
        char *sentence = mem_printf(
            "more changed at once than the kernel keeps hints of (%llu times by now); the "
            "whole inbox %s is looked through",
            (unsigned long long)w->overflows, w->root.dir);
        w->config.told(w->config.ctx, "overflow", sentence);
        free(sentence);
    }
    struct entry *e;
    for (size_t at = 0; (e = map_next(&w->entries, &at));)
        e->heard_touch = false; /* the hint of a write may be among the lost ones */
}

/* Something in a folder of e. Its look waits a little, since a copy gives thousands of these. */
static void hear_inside(struct watch *w, struct entry *e, const struct hint *hint)
{
    if (hint->name && w->config.is_junk && w->config.is_junk(hint->name))
        return;
    if (hint->name)
        entry_hear(e, hint->kind, true, w->now_ms);
    watch_look_at(w, e, w->now_ms + (e->stamped ? WATCH_STEP_MS : 0));
}

/* A rename inside the root takes the state along: what was taken is no new work under its new name,
 * and what was still being written is not complete because it was renamed. */
static void follow_rename(struct watch *w, struct entry *e, uint32_t pair)
{
    const struct leaver *from = &w->leaver;
    if (!pair || from->pair != pair)
        return;
    if (from->state == ENTRY_TAKEN && from->stamped) {
        e->state = ENTRY_TAKEN;
        e->stamp = from->stamp;
        e->stamped = true;
        e->heard_wrote = false;
    } else if (from->state == ENTRY_MOVING && from->proof == PROOF_NONE) {
        e->proof = PROOF_NONE;
    }
    w->leaver.pair = 0;
}

static void hear_in_root(struct watch *w, const struct hint *hint)
{
    struct entry *e = map_get(&w->entries, hint->name);
    if (hint->kind == HINT_LEFT) {
        w->leaver.pair = 0;
        if (!e)
            return;
        w->leaver = (struct leaver){hint->pair, e->state, e->proof, e->stamped, e->stamp};
        watch_look_at(w, e, w->now_ms);
        return;
    }
    e = e ? e : watch_entry(w, hint->name);
    entry_hear(e, hint->kind, false, w->now_ms);
    if (hint->kind == HINT_ARRIVED)
        follow_rename(w, e, hint->pair);
    bool in_step = e->stamped && e->state == ENTRY_MOVING && hint->kind != HINT_ARRIVED;
    int64_t at_ms = w->now_ms;
    if (in_step) {
        int64_t rest_ms = entry_rest_at(e, &w->config);
        at_ms = rest_ms < w->now_ms + WATCH_STEP_MS ? rest_ms : w->now_ms + WATCH_STEP_MS;
    }
    watch_look_at(w, e, at_ms);
}

void watch_on_hint(void *watch, const struct hint *hint)
{
    struct watch *w = watch;
    w->hints_n++;
    if (hint->kind == HINT_LOST)
        hear_lost(w);
    else if (hint->kind == HINT_ROOT)
        return; /* every turn compares the root */
    else if (hint->owner)
        hear_inside(w, hint->owner, hint);
    else if (!hint->name)
        w->want = w->want < SCAN_NAMES ? SCAN_NAMES : w->want;
    else if (!watch_is_skipped(w, hint->name))
        hear_in_root(w, hint);
    else if (hint->kind == HINT_LEFT && w->leaver.pair != hint->pair)
        w->leaver.pair = 0;
    if (!hint->owner && (!hint->name || strcmp(hint->name, CANARY_NAME) == 0))
        mode_heard(w);
}

/* ---- the turn ---- */

int64_t watch_turn(struct watch *w, int64_t now_ms)
{
    w->now_ms = now_ms;
    if (!turn_root(w))
        return w->root.again_ms;
    if (w->hints)
        w->ops->drain(w->hints, watch_on_hint, w);
    mode_turn(w);
    scan_turn(w);
    turn_due(w);
    return next_turn(w);
}

static void hear_nothing(void *ctx, const struct hint *hint)
{
    (void)ctx;
    (void)hint;
}

static void say_root_lost(struct watch *w)
{
    const struct root *r = &w->root;
    if (r->state == ROOT_CLOSED)
        watch_say(
            w, SAID_CLOSED, "inbox unreadable",
            "the inbox %s cannot be looked into: %s; it is tried again every few seconds; give "
            "slated's user the right to read it (chmod u+rwx, chown)",
            r->dir, strerror(r->errnum));
    else if (r->state == ROOT_MISSING)
        watch_say(
            w, SAID_MISSING, "inbox missing",
            "the inbox %s is gone: %s; nothing is taken until it is back, it is looked for every "
            "few seconds; mount or make it again",
            r->dir, strerror(r->errnum));
    else
        watch_say(
            w, SAID_MISSING, "inbox missing",
            "the inbox %s is gone, another folder is in its place; nothing is taken from that one "
            "until it is confirmed",
            r->dir);
    if (r->state == ROOT_OTHER)
        watch_say(
            w, SAID_OTHER, "inbox replaced",
            "%s names another folder now (a new one, or another mount); what lies in it waits "
            "until it is confirmed as the inbox, or the old one is back",
            r->dir);
}

/* The old folder is back, or another one was adopted: all is looked at as at the start. */
static void root_is_back(struct watch *w)
{
    const unsigned lost = SAID_MISSING | SAID_OTHER | SAID_CLOSED;
    bool was_lost = w->said & lost;
    w->said &= ~lost;
    w->want = SCAN_ALL;
    mode_start(w);
    if (was_lost && w->config.told) {
        char *sentence =
            mem_printf("the inbox %s is back; everything in it is looked at", w->root.dir);
        w->config.told(w->config.ctx, "inbox back", sentence);
        free(sentence);
    }
}

static bool turn_root(struct watch *w)
{
    bool was_here = w->root.state == ROOT_HERE;
    bool here = root_check(&w->root, w->now_ms) == ROOT_HERE;
    if (here && !was_here)
        root_is_back(w);
    if (here)
        return true;
    say_root_lost(w);
    w->canary_until_ms = ENTRY_NEVER;
    if (w->hints && was_here)
        (void)w->ops->set_root(w->hints, -1, NULL, NULL); /* giving up cannot fail */
    if (w->hints)
        w->ops->drain(w->hints, hear_nothing, NULL);
    return false;
}

static void turn_due(struct watch *w)
{
    int offers = 0;
    struct entry *e = due_first(&w->due);
    while (e && e->due_ms <= w->now_ms && offers < WATCH_OFFERS) {
        offers += look(w, e);
        e = due_first(&w->due);
    }
}

static int64_t least(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static int64_t next_turn(const struct watch *w)
{
    const struct entry *first = due_first(&w->due);
    int64_t next = first ? first->due_ms : ENTRY_NEVER;
    if (w->want != SCAN_NOTHING)
        return w->now_ms;
    next = least(next, w->scan_at_ms);
    next = least(next, w->canary_until_ms);
    return least(next, w->events_at_ms);
}

/* ---- one entry ---- */

struct looking {
    struct watch *watch;
    struct entry *entry;
};

static void say_limit(struct watch *w, const struct entry *e, const char *why)
{
    (void)e;
    watch_say(w, SAID_LIMIT, "watch limit",
              "%s; folders above the limit are looked through every %d ms", why, w->config.scan_ms);
}

/* Puts a watch on a folder inside an entry, just before that folder is listed. */
static void watch_dir(void *ctx, int dir_fd)
{
    struct looking *l = ctx;
    struct watch *w = l->watch;
    struct entry *e = l->entry;
    struct err why = {0};
    int handle;
    int rc = w->ops->add(w->hints, dir_fd, e, &handle, &why);
    if (rc == 1)
        return;
    if (rc < 0) {
        e->blind = true;
        say_limit(w, e, why.text);
        return;
    }
    struct entry_watches *own = &e->watches;
    if (own->n == own->room) {
        own->room = own->room ? own->room * 2 : 4;
        own->handles = mem_grow(own->handles, (size_t)own->room, sizeof(int));
    }
    own->handles[own->n++] = handle;
}

/* How long ago it last changed in any way, by the clock that stamped it; -1 when that clock is not
 * known. */
static int64_t age_of(const struct watch *w, int64_t fresh_ns)
{
    if (!w->skew_known && w->foreign)
        return -1;
    struct timespec t;
    (void)clock_gettime(CLOCK_REALTIME, &t); /* cannot fail for this clock */
    int64_t wall_ms = (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
    return wall_ms + w->skew_ms - fresh_ns / 1000000;
}

static int take_stamp(struct watch *w, struct entry *e, struct stamp *ret_stamp,
                      int64_t *ret_age_ms)
{
    struct looking l = {w, e};
    struct stamp_look at = {.root_fd = w->root.fd, .is_junk = w->config.is_junk, .ctx = &l};
    if (w->mode == WATCH_EVENTS)
        at.on_dir = watch_dir;
    e->blind = !w->ops->sees_writes;
    int64_t fresh_ns;
    int rc = stamp_take(&at, e->name, ret_stamp, &fresh_ns);
    if (rc == 0)
        *ret_age_ms = e->stamped ? 0 : age_of(w, fresh_ns);
    return rc;
}

static void say_unseen(struct watch *w, const struct entry *e, int errnum)
{
    const char *cure = "looking at the disk helps";
    if (errnum == EMFILE || errnum == ENFILE)
        cure = "raise the limit of open files (ulimit -n, or LimitNOFILE= in the service)";
    else if (errnum == EACCES)
        cure = "give slated's user the right to look into the inbox (chmod u+rwx)";
    watch_say(w, SAID_LIMIT, "entry unreadable",
              "\"%s\" in the inbox cannot be looked at: %s; it waits; %s", e->name,
              strerror(errnum), cure);
}

static void tell_arriving(struct watch *w, struct entry *e)
{
    if (!w->config.arriving || (e->said_ms >= 0 && w->now_ms - e->said_ms < WATCH_SAY_MS))
        return;
    e->said_ms = w->now_ms;
    w->config.arriving(w->config.ctx, e->name, e->stamp.bytes, e->stamp.files);
}

static int offer(struct watch *w, struct entry *e)
{
    struct watch_ready ready = {
        .name = e->name,
        .folder = entry_is_folder(e),
        .regular = !entry_is_special(e),
        .changed = e->offered && e->state == ENTRY_MOVING,
        .since_ms = e->since_ms,
        .quiet_ms = w->now_ms - e->changed_ms,
    };
    int64_t again_ms = 0;
    enum watch_answer answer = w->config.offer(w->config.ctx, &ready, &again_ms);
    if (entry_is_special(e) && answer == WATCH_WAIT)
        answer =
            WATCH_IGNORE; /* it cannot become complete; a file in its place has another inode */
    entry_answer(e, answer, again_ms);
    return 1;
}

static void plan_next_look(struct watch *w, struct entry *e)
{
    int64_t at_ms = ENTRY_NEVER;
    if (e->state == ENTRY_MOVING)
        at_ms = entry_rest_at(e, &w->config);
    else if (e->state == ENTRY_WAITING)
        at_ms = least(e->again_ms, e->blind ? w->now_ms + w->config.scan_ms : ENTRY_NEVER);
    if (at_ms <= w->now_ms)
        at_ms = w->now_ms + 1;
    due_set(&w->due, e, at_ms);
}

/* Answers how many offers were made. */
static int look(struct watch *w, struct entry *e)
{
    struct stamp stamp;
    int64_t age_ms;
    int rc = take_stamp(w, e, &stamp, &age_ms);
    if (rc == -ENOENT) {
        forget(w, e);
        return 0;
    }
    if (rc != 0) {
        say_unseen(w, e, -rc);
        due_set(&w->due, e, w->now_ms + WATCH_RETRY_MS);
        return 0;
    }
    bool different = entry_see(e, &stamp, age_ms, &w->config, w->now_ms);
    bool rests = e->state == ENTRY_MOVING && entry_rest_at(e, &w->config) <= w->now_ms;
    bool asked = e->state == ENTRY_WAITING && (e->forced || e->again_ms <= w->now_ms);
    int offers = rests || asked ? offer(w, e) : 0;
    if (!offers && different && e->state == ENTRY_MOVING)
        tell_arriving(w, e);
    plan_next_look(w, e);
    return offers;
}

/* ---- what the caller may ask ---- */

void watch_rescan(struct watch *w)
{
    if (w->root.state == ROOT_OTHER)
        root_adopt(&w->root);
    w->want = SCAN_ALL;
}

void watch_again(struct watch *w, const char *name, int64_t at_ms)
{
    struct entry *e = watch_entry(w, name);
    if (e->state != ENTRY_MOVING) {
        e->state = ENTRY_WAITING;
        e->again_ms = at_ms;
    }
    watch_look_at(w, e, at_ms);
}

void watch_took(struct watch *w, const char *name)
{
    struct entry *e = map_get(&w->entries, name);
    if (e)
        entry_answer(e, WATCH_ACCEPT, 0);
}

void watch_facts(const struct watch *w, struct watch_facts *ret_facts)
{
    *ret_facts = (struct watch_facts){
        .mode = w->mode,
        .missing = w->root.state != ROOT_HERE,
        .overflows = w->overflows,
        .scans = w->scans,
        .hints = w->hints_n,
        .entries = (int)w->entries.n,
    };
    const struct entry *e;
    for (size_t at = 0; (e = map_next(&w->entries, &at));)
        ret_facts->moving += e->state == ENTRY_MOVING;
}
