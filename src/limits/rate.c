/* Keys with limits and the starts under them come in; a yes, or the next instant worth asking, goes
 * out. Never reads a clock, never starts anything. */
/* SPDX-License-Identifier: ISC */
#include "limits/rate.h"

#include <stdlib.h>

#include "base/err.h"
#include "base/map.h"
#include "base/mem.h"
#include "limits/window.h"

#define MINUTE_MS 60000
#define DAY_MS    86400000

struct rate_key {
    char *name;
    struct rate_limits limits;
    struct window minute, day, other; /* other: of the rule's own length */
    int under_way;
    bool ever; /* last_ms is one */
    int64_t last_ms;
    int64_t started_n;
    struct left told; /* by the other side, of its own limit */
    int penalties;    /* in a row */
    int64_t waits_until_ms;
};

struct rate {
    struct map keys;
};

struct rate *rate_create(void)
{
    return mem_alloc(sizeof(struct rate));
}

static void key_free(struct rate_key *k)
{
    window_finish(&k->minute);
    window_finish(&k->day);
    window_finish(&k->other);
    free(k->name);
    free(k);
}

void rate_destroy(struct rate *r)
{
    if (!r)
        return;
    struct rate_key *k;
    for (size_t at = 0; (k = map_next(&r->keys, &at));)
        key_free(k);
    map_finish(&r->keys);
    free(r);
}

static struct rate_key *key_of(struct rate *r, const char *name)
{
    struct rate_key *k = map_get(&r->keys, name);
    if (k)
        return k;
    k = mem_alloc(sizeof(*k));
    k->name = mem_dup(name);
    map_put(&r->keys, k->name, k);
    return k;
}

static bool same_limits(const struct rate_limits *a, const struct rate_limits *b)
{
    bool same = a->at_once == b->at_once && a->gap_ms == b->gap_ms &&
                a->per_minute == b->per_minute && a->per_day == b->per_day &&
                a->per_window == b->per_window && a->window_ms == b->window_ms &&
                a->waits_n == b->waits_n;
    for (int i = 0; i < a->waits_n && same; i++)
        same = a->waits_ms[i] == b->waits_ms[i];
    return same;
}

void rate_set(struct rate *r, const char *key, const struct rate_limits *limits)
{
    struct rate_key *k = key_of(r, key);
    if (same_limits(&k->limits, limits))
        return;
    k->limits = *limits;
    window_set(&k->other, limits->per_window, limits->window_ms);
    window_set(&k->minute, limits->per_minute, MINUTE_MS);
    window_set(&k->day, limits->per_day, DAY_MS);
}

static int64_t later(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

static int64_t key_free_at(const struct rate_key *k, int64_t now_ms)
{
    if (k->limits.at_once > 0 && k->under_way >= k->limits.at_once)
        return INT64_MAX;
    int64_t at = later(now_ms, k->waits_until_ms);
    if (k->ever)
        at = later(at, k->last_ms + k->limits.gap_ms);
    at = left_free_at(&k->told, at);
    at = later(window_free_at(&k->minute, at), window_free_at(&k->day, at));
    return later(at, window_free_at(&k->other, at));
}

bool rate_may_start(struct rate *r, const char *const keys[], size_t keys_n, int64_t now_ms,
                    int64_t *ret_at_ms)
{
    int64_t at = now_ms;
    for (size_t i = 0; i < keys_n; i++) {
        const struct rate_key *k = map_get(&r->keys, keys[i]);
        if (k)
            at = later(at, key_free_at(k, now_ms));
    }
    if (at > now_ms)
        *ret_at_ms = at;
    return at <= now_ms;
}

void rate_started(struct rate *r, const char *const keys[], size_t keys_n, int64_t now_ms)
{
    for (size_t i = 0; i < keys_n; i++) {
        struct rate_key *k = key_of(r, keys[i]);
        if (k->ever && now_ms < k->last_ms)
            bug("rate_started: %s ran backwards", k->name);
        k->under_way++;
        k->started_n++;
        left_started(&k->told, now_ms);
        k->ever = true;
        k->last_ms = now_ms;
        window_add(&k->minute, now_ms);
        window_add(&k->day, now_ms);
        window_add(&k->other, now_ms);
    }
}

void rate_late(struct rate *r, int64_t from_ms, int64_t to_ms)
{
    struct rate_key *k;
    for (size_t at = 0; (k = map_next(&r->keys, &at));) {
        if (!k->ever || k->last_ms < from_ms)
            continue;
        k->last_ms = to_ms;
        window_late(&k->minute, from_ms, to_ms);
        window_late(&k->day, from_ms, to_ms);
        window_late(&k->other, from_ms, to_ms);
    }
}

void rate_ended(struct rate *r, const char *const keys[], size_t keys_n)
{
    for (size_t i = 0; i < keys_n; i++) {
        struct rate_key *k = key_of(r, keys[i]);
        if (k->under_way == 0)
            bug("rate_ended: %s had not started", k->name);
        k->under_way--;
    }
}

void rate_resumed(struct rate *r, const char *const keys[], size_t keys_n)
{
    for (size_t i = 0; i < keys_n; i++)
        key_of(r, keys[i])->under_way++;
}

int64_t rate_penalty(struct rate *r, const char *key, int64_t wait_ms, int64_t now_ms)
{
    struct rate_key *k = key_of(r, key);
    const struct rate_limits *l = &k->limits;
    bool waits = now_ms < k->waits_until_ms; /* it was under way already when the wait began */
    if (l->waits_n > 0 && !waits) {
        int n = k->penalties < l->waits_n ? k->penalties : l->waits_n - 1;
        wait_ms = later(wait_ms, l->waits_ms[n]);
    }
    k->penalties += !waits && k->penalties < RATE_WAITS_MAX;
    k->waits_until_ms = later(k->waits_until_ms, now_ms + wait_ms);
    return k->waits_until_ms;
}

void rate_fine(struct rate *r, const char *key)
{
    struct rate_key *k = map_get(&r->keys, key);
    if (k)
        k->penalties = 0;
}

int64_t rate_seen(struct rate *r, const char *key)
{
    return key_of(r, key)->started_n;
}

void rate_left(struct rate *r, const char *key, const struct left_told *told, int64_t seen,
               int64_t now_ms)
{
    struct rate_key *k = key_of(r, key);
    left_set(&k->told, told, (int)(k->started_n - seen), now_ms);
}

struct rate_view rate_look(struct rate *r, const char *key, int64_t now_ms)
{
    struct rate_view view = {.minute_left = -1, .day_left = -1, .window_left = -1, .told_left = -1};
    const struct rate_key *k = map_get(&r->keys, key);
    if (!k)
        return view;
    view.under_way = k->under_way;
    view.minute_left = window_left(&k->minute, now_ms);
    view.day_left = window_left(&k->day, now_ms);
    view.window_left = window_left(&k->other, now_ms);
    view.told_left = left_now(&k->told, now_ms);
    view.told_of = k->told.of;
    view.waits_until_ms = k->waits_until_ms > now_ms ? k->waits_until_ms : 0;
    return view;
}
