/* Hints, stamps and answers about one name come in; its state and the instant of its rest go out.
 * Never looks at the disk and never asks the time. */
/* SPDX-License-Identifier: ISC */
#define WATCH_ROOM
#include "watch/entry.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/mem.h"

struct entry *entry_create(const char *name, int64_t now_ms)
{
    size_t len = strlen(name);
    struct entry *e = mem_alloc(sizeof(*e) + len + 1);
    memcpy(e->name, name, len);
    e->since_ms = e->changed_ms = now_ms;
    e->again_ms = e->due_ms = ENTRY_NEVER;
    e->said_ms = -1;
    return e;
}

void entry_destroy(struct entry *e)
{
    if (!e)
        return;
    free(e->watches.handles);
    free(e);
}

void entry_hear(struct entry *e, enum hint_kind kind, bool inside, int64_t now_ms)
{
    switch (kind) {
    case HINT_WRITTEN:
        e->heard_wrote = true;
        e->proof = PROOF_NONE;
        break;
    case HINT_CLOSED:
        e->heard_close = true;
        if (!inside && e->proof == PROOF_NONE)
            e->proof = PROOF_CLOSED;
        break;
    case HINT_ARRIVED:
    case HINT_LEFT:
        if (inside) {
            e->heard_wrote = true;
            e->proof = PROOF_NONE;
        } else if (kind == HINT_ARRIVED) {
            e->heard_wrote = true;
            e->proof = PROOF_WHOLE;
        }
        break;
    case HINT_LOOK:
        e->heard_touch = true;
        return; /* a touch does not postpone rest; if times or bytes changed, the stamp will show it
                 */
    case HINT_LOST:
    case HINT_ROOT:
        return;
    }
    if (e->state == ENTRY_MOVING)
        e->changed_ms = now_ms;
}

/* A change that its owner would call one: other bytes may be there. Times alone moved by `touch`
 * are none; without hints a touch and a write of equal length look alike, and the reader is asked.
 */
static bool is_change(const struct entry *e, const struct stamp *stamp)
{
    if (stamp->what != e->stamp.what)
        return true;
    bool touched = e->heard_touch && !e->heard_wrote;
    if (stamp->when != e->stamp.when && !touched)
        return true;
    return e->state == ENTRY_WAITING && (e->heard_wrote || e->heard_close) && !touched;
}

/* Back to MOVING; seen_only: the stamp tells of it and no hint did, so nothing is known of a
 * writer. */
static void unsettle(struct entry *e, bool seen_only, int64_t now_ms)
{
    if (seen_only)
        e->proof = PROOF_NONE;
    e->state = ENTRY_MOVING;
    e->changed_ms = now_ms;
    e->again_ms = ENTRY_NEVER;
    e->forced = false;
}

static void see_first(struct entry *e, const struct stamp *stamp, int64_t age_ms,
                      const struct watch_config *config)
{
    bool heard = e->heard_wrote || e->heard_close;
    bool folder = stamp->type == S_IFDIR;
    if (!heard && age_ms >= (folder ? config->settle_folder_ms : config->settle_unclosed_ms))
        e->proof = PROOF_WHOLE;
    e->stamped = true;
}

bool entry_see(struct entry *e, const struct stamp *stamp, int64_t age_ms,
               const struct watch_config *config, int64_t now_ms)
{
    bool heard = e->heard_wrote || e->heard_close;
    bool different = !e->stamped || !stamp_same(&e->stamp, stamp);
    if (!e->stamped) {
        see_first(e, stamp, age_ms, config);
    } else if (e->state == ENTRY_MOVING) {
        bool touched = e->heard_touch && stamp->what == e->stamp.what;
        if (different && !heard && !touched)
            unsettle(e, true, now_ms);
    } else if (is_change(e, stamp)) {
        unsettle(e, !heard, now_ms);
    } else if (e->state == ENTRY_WAITING && stamp->access != e->stamp.access) {
        e->forced = true;
    }
    e->stamp = *stamp;
    e->heard_wrote = e->heard_close = e->heard_touch = false;
    return different;
}

int64_t entry_rest_at(const struct entry *e, const struct watch_config *config)
{
    if (e->proof == PROOF_WHOLE || entry_is_special(e))
        return e->changed_ms;
    if (entry_is_folder(e))
        return e->changed_ms + config->settle_folder_ms;
    int settle_ms = e->proof == PROOF_CLOSED ? config->settle_ms : config->settle_unclosed_ms;
    return e->changed_ms + settle_ms;
}

void entry_answer(struct entry *e, enum watch_answer answer, int64_t again_ms)
{
    e->offered = true;
    e->forced = false;
    e->again_ms = ENTRY_NEVER;
    switch (answer) {
    case WATCH_ACCEPT:
        e->state = ENTRY_TAKEN;
        break;
    case WATCH_IGNORE:
        e->state = ENTRY_QUIET;
        break;
    case WATCH_WAIT:
        e->state = ENTRY_WAITING;
        e->again_ms = again_ms > 0 ? again_ms : ENTRY_NEVER;
        break;
    }
}

bool entry_is_folder(const struct entry *e)
{
    return e->stamp.type == S_IFDIR;
}

bool entry_is_special(const struct entry *e)
{
    return e->stamp.type != S_IFDIR && e->stamp.type != S_IFREG;
}
