/* Entries of the inbox that the watcher offers come in; small files are listed here and read, what
 * takes longer is queued for a worker (arrival_look.c). Moves nothing itself. */
/* SPDX-License-Identifier: ISC */
#include "engine/arrivals.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/str.h"
#include "base/utf8.h"
#include "engine/manual.h"

#define INLINE_MAX                                                                                 \
    (1024 * 1024) /* a larger file is looked at by a worker: hashing it would hold up the others   \
                   */
#define FUSE_AGAIN_MS 5000
#define GONE_AGAIN_MS 200

static struct arrival *arrival_find(struct engine *en, const char *name)
{
    for (size_t i = 0; i < en->arrivals_n; i++)
        if (str_eq(en->arrivals[i]->name, name))
            return en->arrivals[i];
    return NULL;
}

struct arrival *arrival_get(struct engine *en, const char *name)
{
    struct arrival *a = arrival_find(en, name);
    if (a)
        return a;
    a = mem_alloc(sizeof(*a));
    a->name = mem_dup(name);
    arrival_anew(en, a);
    en->arrivals = mem_grow(en->arrivals, en->arrivals_n + 1, sizeof(*en->arrivals));
    return en->arrivals[en->arrivals_n++] = a;
}

void arrival_anew(struct engine *en, struct arrival *a)
{
    if (a->staged)
        (void)file_remove_tree(a->staged, NULL); /* a left-over is swept at the next start */
    mem_free(a->staged);
    free(a->dir);
    free(a->inner);
    a->dir = mem_dup(en->places.inbox);
    a->inner = mem_dup(a->name);
    a->look = LOOK_NONE;
    a->unpack = a->stale = false;
}

static void arrival_free(struct arrival *a)
{
    free(a->name);
    free(a->staged);
    free(a->dir);
    free(a->inner);
    free(a);
}

void arrival_forget(struct engine *en, const char *name)
{
    for (size_t i = 0; i < en->arrivals_n; i++) {
        if (!str_eq(en->arrivals[i]->name, name))
            continue;
        arrival_free(en->arrivals[i]);
        en->arrivals[i] = en->arrivals[--en->arrivals_n];
        return;
    }
}

void arrivals_finish(struct engine *en)
{
    for (size_t i = 0; i < en->arrivals_n; i++)
        arrival_free(en->arrivals[i]);
    free(en->arrivals);
}

/* --- what the watcher offers --- */

static void refuse_in_place(struct engine *en, const char *name)
{
    desk_receipt(en, name, "left alone",
                 "This is not a regular file or folder (a link, a pipe, a socket or a device) and "
                 "is never opened. "
                 "Drop the file itself.\n");
    engine_say(en, "refused", "%s: NOT_REGULAR, left where it is", log_quote(name));
    en->refused_n++;
    en->needs_you_dirty = true;
}

static enum watch_answer read_inline(struct engine *en, struct arrival *a, int64_t *ret_again_ms)
{
    struct listing *listing = NULL;
    struct err e = {0};
    struct listing_limits limits = arrival_limits(en->rules);
    int rc = listing_make(a->dir, a->inner, &limits, &listing, &e);
    if (rc == ERR_MISSING) { /* renamed just now, and perhaps back in a moment */
        arrival_forget(en, a->name);
        *ret_again_ms = en->now_ms + GONE_AGAIN_MS;
        return WATCH_WAIT;
    }
    if (rc)
        return arrival_refuse(en, a, rc == ERR_LIMIT ? "FILE_SIZE" : "UNREADABLE", e.text,
                              "make the file readable for slated and drop it again", ret_again_ms);
    return arrival_read(en, a, listing, ret_again_ms);
}

static bool small_file(const struct engine *en, const char *name)
{
    char *path = path_join(en->places.inbox, name);
    struct stat st;
    bool small = lstat(path, &st) == 0 && S_ISREG(st.st_mode) && st.st_size <= INLINE_MAX;
    free(path);
    return small;
}

/* The two folders of the inbox that take gestures. */
static bool is_gesture(const char *name)
{
    return str_eq(name, "escalate") || str_eq(name, "notes");
}

enum watch_answer arrivals_offer(void *ctx, const struct watch_ready *ready, int64_t *ret_again_ms)
{
    struct engine *en = ctx;
    if (en->fuse || en->stopping) {
        *ret_again_ms = en->now_ms + FUSE_AGAIN_MS;
        return WATCH_WAIT;
    }
    if (ready->folder && is_gesture(ready->name)) {
        gestures_look(en, ready->name);
        return WATCH_IGNORE;
    }
    if (!ready->folder && !ready->regular) {
        refuse_in_place(en, ready->name);
        return WATCH_IGNORE;
    }
    struct arrival *a = arrival_get(en, ready->name);
    if (utf8_bad_at(ready->name, strlen(ready->name)) >= 0) /* plans and records are UTF-8 */
        return arrival_refuse(en, a, "NAME_BAD", "a name that is not UTF-8",
                              "Rename it and drop it again.", ret_again_ms);
    if (ready->changed && a->look == LOOK_WAITING)
        a->waiting_since_ms = en->now_ms;
    if (a->look == LOOK_QUEUED || a->look == LOOK_SURVEY || a->look == LOOK_UNPACK) {
        a->stale = true;
        return WATCH_WAIT;
    }
    if (ready->changed && a->staged)
        arrival_anew(en, a);
    if (!ready->folder && small_file(en, ready->name))
        return read_inline(en, a, ret_again_ms);
    if (a->look != LOOK_WAITING)
        a->waiting_since_ms = en->now_ms;
    a->look = LOOK_QUEUED;
    a->unpack = false;
    return WATCH_WAIT;
}

void arrivals_gone(void *ctx, const char *name)
{
    struct engine *en = ctx;
    struct arrival *a = arrival_find(en, name);
    if (a && (a->look == LOOK_SURVEY || a->look == LOOK_UNPACK))
        workers_cancel(en->workers, a->request_id);
    if (a && a->staged)
        (void)file_remove_tree(a->staged, NULL); /* a left-over is swept at the next start */
    arrival_forget(en, name);
    desk_forget_receipt(en, name);
}

void arrivals_moving(void *ctx, const char *name, int64_t bytes, int files)
{
    struct engine *en = ctx;
    if (is_gesture(name))
        return; /* no drop, and no receipt */
    struct buf text;
    buf_init(&text, 4096);
    if (bytes >= 0)
        buf_printf(&text, bytes < 1000000 ? "%.1f kB so far" : "%.1f MB so far",
                   (double)bytes / (bytes < 1000000 ? 1e3 : 1e6));
    if (files > 1)
        buf_printf(&text, " in %d files", files);
    buf_text(&text, ". It is looked at when nothing changes any more.\n");
    desk_receipt(en, name, "arriving", text.data);
    buf_finish(&text);
}

void arrivals_unread(struct engine *en, const char *name)
{
    watch_again(en->watch, name, en->now_ms + ARRIVAL_AGAIN_MS);
}

bool arrivals_pending(const struct engine *en)
{
    for (size_t i = 0; i < en->arrivals_n; i++)
        if (en->arrivals[i]->look != LOOK_NONE)
            return true;
    return false;
}
