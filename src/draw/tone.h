/* A tone: red, green and blue, 0..1 where 1 is paper white; light may push it above before it is
 * put on paper. */
/* SPDX-License-Identifier: ISC */
#ifndef DRAW_TONE_H
#define DRAW_TONE_H

#include <stdint.h>

struct tone {
    double r, g, b;
};

static inline struct tone tone_mix(struct tone a, struct tone b, double t)
{
    return (struct tone){a.r + (b.r - a.r) * t, a.g + (b.g - a.g) * t, a.b + (b.b - a.b) * t};
}

static inline struct tone tone_scale(struct tone a, double k)
{
    return (struct tone){a.r * k, a.g * k, a.b * k};
}

static inline struct tone tone_add(struct tone a, struct tone b)
{
    return (struct tone){a.r + b.r, a.g + b.g, a.b + b.b};
}

static inline struct tone tone_times(struct tone a, struct tone b)
{
    return (struct tone){a.r * b.r, a.g * b.g, a.b * b.b};
}

static inline double tone_luma(struct tone a)
{
    return 0.3 * a.r + 0.59 * a.g + 0.11 * a.b;
}

/* How one person looks in every shot: chosen by the hash of the name (palette.c). */
enum outfit { OUTFIT_JACKET, OUTFIT_COAT, OUTFIT_HOOD, OUTFIT_DRESS, OUTFIT_OVERALL, OUTFIT_N };
enum hair {
    HAIR_SHORT,
    HAIR_LONG,
    HAIR_BOB,
    HAIR_BUN,
    HAIR_TAIL,
    HAIR_CROP,
    HAIR_CURLS,
    HAIR_CAP,
    HAIR_N
};

struct look {
    struct tone main, under, legs, shoes, skin, hair;
    enum outfit outfit;
    enum hair hair_style;
    double height; /* metres, 1.55..1.93 */
    double build;  /* 0.88..1.18 of the usual girth */
    double jaw;    /* -1 narrow .. 1 square */
};

/* The look of the person with this hash of a name; always the same. */
struct look palette_look(uint64_t self);

#endif
