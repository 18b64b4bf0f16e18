/* What the files of the cut-out share: the photo at working size and the maps over it. */
/* SPDX-License-Identifier: ISC */
#ifndef DRAW_CUTOUT_PRIV_H
#define DRAW_CUTOUT_PRIV_H

#include <stdbool.h>
#include <stdint.h>

#include "draw/cutout.h"

#define CUT_SIDE                                                                                   \
    640 /* longest side of the working picture: edges are refined at full size afterwards */
#define CUT_TERMS    6 /* 1 x y xx xy yy */
#define CUT_CHANNELS 3 /* lightness, red-green, yellow-blue; each in 8-bit levels */

struct cut {
    int w, h;
    float *c[CUT_CHANNELS]; /* the photo, lightly smoothed */
    float *b[CUT_CHANNELS]; /* what the background would be behind each pixel */
    float *grad;            /* steepness of lightness, levels a pixel */
    uint8_t *out;           /* 1: background or its shadow */
    double sigma;           /* noise of the background after smoothing */
    double plain;           /* share of the border that follows the background's surface */
};

/* cut_model.c: planes from pixels, a smooth background from the border, and again from all that was
 * found. */
void cut_open(struct cut *k, const struct pixels *small);
void cut_close(struct cut *k);
void cut_model_border(struct cut *k);
void cut_model_refine(struct cut *k);

/* cut_flood.c: marks k->out from the edges inwards. */
void cut_flood(struct cut *k);
enum passable { PASS_NO, PASS_SHADOW, PASS_PLAIN };
/* Whether a pixel, by itself, could be background or its shadow. */
enum passable cut_passes(const struct cut *k, int i);
/* Distance of a pixel's colour from its background's, and of its tint when that is made s times as
 * light; in levels. */
double cut_distance(const struct cut *k, int i);
float cut_chroma_far(const struct cut *k, int i, float s);
#define PROBE 4 /* half the width of the probe: gaps under 2 * PROBE + 1 pixels hold */
/* Grows (largest) or shrinks the ones of a map by PROBE; outside counts as `outside`. spare is as
 * large as m. */
void cut_probe(uint8_t *m, uint8_t *spare, int w, int h, bool largest, uint8_t outside);
/* Grows mark through may, four ways, from the n pixels on the stack (room for w * h + 4). */
void cut_grow(uint8_t *mark, const uint8_t *may, int w, int h, int *stack, int n);

/* cut_patch.c */
/* One connected patch of pixels, gathered on a list. */
struct patch {
    int n;        /* pixels */
    int rim;      /* of them at its edge */
    int rim_hard; /* of those before a steep step */
    int rim_thin; /* of those with background again right behind the step */
    int open;     /* of those that touch the background */
    int plain;    /* pixels as plain as the background */
};
/* The patch of equal kind around `first`, gathered into list (room for w * h) and marked in seen;
 * look measures its edge too. */
struct patch cut_patch_take(const struct cut *k, const uint8_t *kind, uint8_t *seen, int first,
                            int *list, bool look);
void cut_holes_open(struct cut *k);
void cut_specks_turn(struct cut *k);

/* cut_clean.c: mends what the flood got wrong. */
void cut_clean(struct cut *k);

/* cut_edge.c: alpha and clean colours at full size from the marked working picture; full is changed
 * in place. */
void cut_edge(const struct cut *k, struct pixels *full);

#endif
