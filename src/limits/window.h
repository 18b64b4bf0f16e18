/* How many starts lie in the last stretch of time, counted so that the limit is never passed in any
 * stretch of that length, wherever it begins. Memory is bounded whatever the limit is: up to
 * WINDOW_SLOTS starts each has its own instant; above, a slot stands for several starts and is free
 * again only when the last of them has left the stretch, which can only hold back, never let
 * through. */
/* SPDX-License-Identifier: ISC */
#ifndef LIMITS_WINDOW_H
#define LIMITS_WINDOW_H

#include <stdint.h>

#define WINDOW_SLOTS 1024

/* Zeroed memory is a window without a limit. */
struct window {
    int64_t span_ms;
    int64_t *last; /* a ring: the instant of the last start in each slot; owned */
    int slots;     /* 0: no limit */
    int each;      /* starts a slot stands for */
    int at;        /* the slot that is being filled */
    int filled;    /* starts in it */
    int used;      /* slots that hold anything */
};

/* Sets limit and span; the starts that are counted stay, the newest first when there are more. */
void window_set(struct window *w, int limit, int64_t span_ms);
void window_finish(struct window *w);

/* The first instant, now or later, at which one more fits. */
int64_t window_free_at(const struct window *w, int64_t now_ms);
void window_add(struct window *w, int64_t now_ms);

/* The starts counted since from_ms happened at to_ms, which is no earlier. */
void window_late(struct window *w, int64_t from_ms, int64_t to_ms);

/* How many more fit at this instant; -1 without a limit. */
int window_left(const struct window *w, int64_t now_ms);

#endif
