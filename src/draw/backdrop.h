/* What stands behind and under a product, by variant and category, and how light falls there. Made
 * at half size: it is out of focus but for the strip of surface the product stands on. */
/* SPDX-License-Identifier: ISC */
#ifndef DRAW_BACKDROP_H
#define DRAW_BACKDROP_H

#include <stdbool.h>
#include <stdint.h>

#include "draw/plate.h"
#include "draw/set.h"

/* variant, word */
#define VARIANT_LIST(X)                                                                            \
    X(VARIANT_HERO, "hero")                                                                        \
    X(VARIANT_USAGE1, "usage1")                                                                    \
    X(VARIANT_DETAIL, "detail")                                                                    \
    X(VARIANT_USAGE2, "usage2")                                                                    \
    X(VARIANT_MOOD, "mood")
enum variant {
#define X(variant, word) variant,
    VARIANT_LIST(X)
#undef X
};
const char *variant_word(enum variant v);
/* The variant of a word; an unknown or missing word is hero. */
enum variant variant_of(const char *word);

struct backdrop {
    struct plate plate; /* owned */
    /* All lengths are shares of the canvas; x to its width, y and tall to its height. */
    float horizon;      /* far edge of the surface; above 1 there is none */
    float x, base;      /* the product's middle and its foot */
    float tall, wide;   /* the box the product is fitted into */
    float key_x, key_y; /* where the main light comes from, unit length; y is up */
    struct light key;   /* its colour */
    struct light air;   /* mean colour around the product */
    float shadow;       /* 0..1 */
    float gloss;        /* mirror of the product in the surface, 0..1 */
    float rim;          /* strength of the light along the product's edge, 0..1 */
    float relight;      /* how far the product's own light may be bent, 0..1; 0 keeps every pixel */
    float grain;        /* in 8-bit levels */
};

/* studio: the plain sets of a faithful picture in place of the staged ones. */
void backdrop_make(enum variant variant, const char *category, bool studio, int width, int height,
                   uint32_t seed, struct backdrop *ret_backdrop);
void backdrop_finish(struct backdrop *b);

/* surface.c: paints rows from b->horizon down; mirrors what the plate shows above. */
void surface_paint(struct plate *p, float horizon, enum surface surface, struct light colour,
                   float gloss, uint32_t seed);
/* Soft everywhere but around the row `focus`; radius in plate pixels is reached at the horizon and
 * nearly at the front. */
void surface_focus(struct plate *p, float horizon, float focus, int radius);

#endif
