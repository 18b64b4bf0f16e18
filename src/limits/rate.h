/* How often something may be started: per key, which is any name such as "fal", "gemini/account" or
 * "gemini/nano" for one of its models. Instants come in, a yes or the next instant worth asking
 * goes out; never reads a clock, never starts anything. One request usually stands under several
 * keys at once.
 *
 * Example: at_once 3, gap_ms 1000, per_minute 10. Starts at 0, 1000, 2000 are allowed; the fourth
 * waits until one of the three has ended. The eleventh start waits until 60,000 ms after the first
 * one: in no window of a minute, wherever it begins, are there more than ten.
 *
 * The caller: 1. rate_set for each key of the rules (again after a reload) 2. rate_may_start, and
 * on yes rate_started 3. rate_ended for each start 4. rate_penalty when the other side says "too
 * many". */
/* SPDX-License-Identifier: ISC */
#ifndef LIMITS_RATE_H
#define LIMITS_RATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "limits/left.h"

#define RATE_WAITS_MAX 8

/* A plain value; 0 is "no limit" throughout. */
struct rate_limits {
    int at_once;    /* between their start and their end */
    int64_t gap_ms; /* from one start to the next */
    int per_minute; /* in any 60 s */
    int per_day;    /* in any 24 h */
    int per_window; /* in any window_ms */
    int64_t window_ms;
    int64_t waits_ms[RATE_WAITS_MAX]; /* after the first, second, ... penalty in a row; the last one
                                         for all that follow */
    int waits_n;
};

struct rate;

/* No key has limits yet. */
struct rate *rate_create(void);
void rate_destroy(struct rate *r);

/* Sets the limits of a key; what was counted stays counted. Costs next to nothing when they are
 * what they were. A key that was never set has none. */
void rate_set(struct rate *r, const char *key, const struct rate_limits *limits);

/* Whether one more may start now under all of these keys. When not, *ret_at_ms is the next instant
 * worth asking again; INT64_MAX: not before one of them has ended. */
bool rate_may_start(struct rate *r, const char *const keys[], size_t keys_n, int64_t now_ms,
                    int64_t *ret_at_ms);

/* One has started, one has ended. Instants of one key never run backwards. After a restart the
 * starts of the last day can be played in (started and ended at an instant before now, negative
 * ones too), so that a day's limit holds across it. */
void rate_started(struct rate *r, const char *const keys[], size_t keys_n, int64_t now_ms);
void rate_ended(struct rate *r, const char *const keys[], size_t keys_n);

/* One that started before a restart is under way still: counts at once, and not as a start. */
void rate_resumed(struct rate *r, const char *const keys[], size_t keys_n);

/* All that started since from_ms left at to_ms only: that is when the other side counts them. */
void rate_late(struct rate *r, int64_t from_ms, int64_t to_ms);

/* The other side said "too many" for this key: nothing starts under it for wait_ms (what it asked
 * for; 0: it did not say) or for the key's own wait of that many penalties in a row, whichever is
 * longer. Several that were under way together and all come back so are one. Returns the instant.
 * rate_fine ends the row after an answer that was none. */
int64_t rate_penalty(struct rate *r, const char *key, int64_t wait_ms, int64_t now_ms);
void rate_fine(struct rate *r, const char *key);

/* An answer said what is left of the other side's own limit. seen: what rate_seen gave when the
 * request that was answered had started. */
int64_t rate_seen(struct rate *r, const char *key);
void rate_left(struct rate *r, const char *key, const struct left_told *told, int64_t seen,
               int64_t now_ms);

/* For people: how many of the key are under way, how many starts are left in the minute, in the
 * day and in the window (-1: no limit), what the other side has left by its own word (-1: it said
 * nothing; of 0: not of how many), and until when it waits (0: it does not). */
struct rate_view {
    int under_way, minute_left, day_left, window_left;
    int told_left, told_of;
    int64_t waits_until_ms;
};
struct rate_view rate_look(struct rate *r, const char *key, int64_t now_ms);

#endif
