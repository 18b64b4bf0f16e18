/* What the other side said is left of its own limits: so many more now, and more again later, all
 * at once or one by one. Plain values; never reads a clock. A brake beside the limits of the rules,
 * so that the "too many" does not come.
 *
 * Example: left 2 of 60, whole again in 58 s, steady: two may start at once, and then one a second.
 * The same, not steady: two may start, and the third waits for 58 s. */
/* SPDX-License-Identifier: ISC */
#ifndef LIMITS_LEFT_H
#define LIMITS_LEFT_H

#include <stdbool.h>
#include <stdint.h>

/* Nothing that was said holds for longer: then one asks anew, and is told anew. An engine does not
 * stand still for a day over one header that was wrong. */
#define LEFT_MOST_MS ((int64_t)15 * 60 * 1000)

/* As it was said. */
struct left_told {
    int left, of;     /* of 0: not said */
    int64_t reset_ms; /* until the limit is whole again */
    bool steady;      /* it fills one by one until then */
};

/* What is known of it; all zero: nothing. */
struct left {
    int64_t until_ms; /* forgotten then; 0: nothing was said */
    int64_t at_ms;    /* when left was right */
    int64_t slot_ms;  /* until one more; 0: all at until_ms */
    int left, of;
};

/* later_n: how many have started after the request that was answered so; they are not counted in
 * what it said, or may not be. */
void left_set(struct left *l, const struct left_told *told, int later_n, int64_t now_ms);
void left_started(struct left *l, int64_t now_ms);
int64_t left_free_at(const struct left *l, int64_t now_ms); /* now_ms, or the next instant */
int left_now(const struct left *l, int64_t now_ms);         /* for people; -1: nothing was said */

#endif
