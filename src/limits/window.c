/* Instants of starts come in, the next free instant goes out. Never reads a clock. */
/* SPDX-License-Identifier: ISC */
#include "limits/window.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

/* The slot that the next start goes into, and whether it has to be emptied for it. */
static int slot_next(const struct window *w, int *ret_fresh)
{
    *ret_fresh = w->filled == w->each || w->used == 0;
    return *ret_fresh && w->used ? (w->at + 1) % w->slots : w->at;
}

int64_t window_free_at(const struct window *w, int64_t now_ms)
{
    int fresh;
    if (w->slots == 0)
        return now_ms;
    int slot = slot_next(w, &fresh);
    if (!fresh || w->used < w->slots)
        return now_ms;
    int64_t free_at = w->last[slot] + w->span_ms;
    return free_at > now_ms ? free_at : now_ms;
}

void window_add(struct window *w, int64_t now_ms)
{
    int fresh;
    if (w->slots == 0)
        return;
    w->at = slot_next(w, &fresh);
    if (fresh) {
        w->filled = 0;
        w->used += w->used < w->slots;
    }
    w->filled++;
    w->last[w->at] = now_ms;
}

void window_late(struct window *w, int64_t from_ms, int64_t to_ms)
{
    for (int i = 0; i < w->used; i++) {
        int64_t *last = &w->last[(w->at - i + w->slots) % w->slots];
        if (*last < from_ms)
            break; /* older ones are further back still */
        *last = to_ms;
    }
}

int window_left(const struct window *w, int64_t now_ms)
{
    if (w->slots == 0)
        return -1;
    int left = w->slots * w->each;
    for (int i = 0; i < w->used; i++) {
        int slot = (w->at - i + w->slots) % w->slots;
        if (w->last[slot] + w->span_ms <= now_ms)
            break; /* older ones are further away still */
        left -= i == 0 ? w->filled : w->each;
    }
    return left;
}

/* Plays what the old window held into the new one, oldest first; a slot's starts all count as its
 * last one. */
static void window_carry(const struct window *old, struct window *ret_new)
{
    for (int i = old->used - 1; i >= 0; i--) {
        int slot = (old->at - i + old->slots) % old->slots;
        int n = i == 0 ? old->filled : old->each;
        for (int k = 0; k < n; k++)
            window_add(ret_new, old->last[slot]);
    }
}

void window_set(struct window *w, int limit, int64_t span_ms)
{
    struct window fresh = {.span_ms = span_ms};
    if (limit > 0) {
        fresh.each = (limit + WINDOW_SLOTS - 1) / WINDOW_SLOTS;
        fresh.slots = limit / fresh.each;
        fresh.last = mem_alloc((size_t)fresh.slots * sizeof(*fresh.last));
    }
    if (fresh.slots == w->slots && fresh.each == w->each && span_ms == w->span_ms) {
        free(fresh.last);
        return;
    }
    if (fresh.slots)
        window_carry(w, &fresh);
    free(w->last);
    *w = fresh;
}

void window_finish(struct window *w)
{
    free(w->last);
    memset(w, 0, sizeof(*w));
}
