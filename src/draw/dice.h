/* Seeded chance: the same seed always throws the same numbers, on every machine. */
/* SPDX-License-Identifier: ISC */
#ifndef DRAW_DICE_H
#define DRAW_DICE_H

#include <stdint.h>

struct dice {
    uint64_t state;
};

static inline uint64_t dice_next(struct dice *d)
{
    uint64_t x = d->state += 0x9e3779b97f4a7c15u;
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
    return x ^ (x >> 31);
}

/* 0 <= result < 1 */
static inline double dice_unit(struct dice *d)
{
    return (double)(dice_next(d) >> 11) / 9007199254740992.0;
}

static inline double dice_between(struct dice *d, double low, double high)
{
    return low + (high - low) * dice_unit(d);
}

/* 0 .. n-1 */
static inline int dice_pick(struct dice *d, int n)
{
    return (int)(dice_unit(d) * n);
}

/* One number from two, well mixed. */
static inline uint64_t dice_mix(uint64_t a, uint64_t b)
{
    struct dice d = {a ^ (b * 0xd6e8feb86659fd93u)};
    return dice_next(&d);
}

/* A number from a text (FNV-1a); NULL and "" give the same. */
static inline uint64_t dice_text(const char *text)
{
    uint64_t h = 0xcbf29ce484222325u;
    for (; text && *text; text++)
        h = (h ^ (unsigned char)*text) * 0x100000001b3u;
    return h;
}

#endif
