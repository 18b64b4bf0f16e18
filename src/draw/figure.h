/* A dressed person in the picture: from a mark on the stage to a painted figure with its shadow. */
/* SPDX-License-Identifier: ISC */
#ifndef DRAW_FIGURE_H
#define DRAW_FIGURE_H

#include "draw/brush.h"
#include "draw/head.h"
#include "draw/pose.h"
#include "draw/shape.h"

#define FIGURE_LIMBS_MAX    24
#define FIGURE_SECTIONS_MAX 6

enum limb_kind { LIMB_BODY, LIMB_HOOD }; /* a hood lies behind the head and casts no shadow of its own */

/* One piece of a person or of what is worn. */
struct limb {
    struct section chain[FIGURE_SECTIONS_MAX];
    int n;
    struct tone albedo;
    double nearer; /* metres it counts as nearer than it is, when pieces are put in order */
    enum limb_kind kind;
};

struct figure {
    struct mark mark;
    struct pose pose;
    struct limb limb[FIGURE_LIMBS_MAX];
    int n;
};

/* Dresses the person of a mark. */
void figure_init(struct figure *f, const struct mark *m, double moment);

/* Paints the shadow a figure throws onto its ground. */
void figure_shadow(const struct brush *b, const struct figure *f);
/* Paints the dressed figure, its pieces from far to near. */
void figure_paint(const struct brush *b, const struct figure *f);

/* The rectangle a figure covers in the picture (may hang over its edges). */
void figure_bounds(const struct figure *f, const struct view *v, struct point *ret_low,
                   struct point *ret_high);

/* dress.c: fills the limbs from pose and look. */
void figure_dress(struct figure *f);
/* dress.c: lapels, belt, straps, drawn on the trunk once it is painted. */
void figure_trim(const struct brush *b, const struct figure *f);

#endif
