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

/* cut_flood.c: marks k->out from the edges inwards, then gaps, holes and specks. */
void cut_flood(struct cut *k);
void cut_clean(struct cut *k);

/* cut_edge.c: alpha and clean colours at full size from the marked working picture; full is changed
 * in place. */
void cut_edge(const struct cut *k, struct pixels *full);

#endif
