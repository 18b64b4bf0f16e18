/* Bodies as unions of tapering pieces: each piece is the hull of two cross-sections seen by the
 * camera, so that a shape is right from any side. A shape knows its outline in the picture and is
 * painted in three tones and a rim, like a marker drawing. */
/* SPDX-License-Identifier: ISC */
#ifndef DRAW_SHAPE_H
#define DRAW_SHAPE_H

#include "draw/brush.h"

#define SHAPE_PIECES_MAX 8
#define SHAPE_CORNERS    32

/* A cross-section: the ellipse middle +- a +- b, in metres. A ball has no direction: a is {radius,
 * 0, 0} and ball is true. */
struct section {
    struct vec middle, a, b;
    bool ball;
};

static inline struct section section_ball(struct vec middle, double radius)
{
    return (struct section){middle, {radius, 0, 0}, {0, 0, 0}, true};
}

static inline struct section section_ring(struct vec middle, struct vec a, struct vec b)
{
    return (struct section){middle, a, b, false};
}

struct shape {
    struct point corner[SHAPE_PIECES_MAX][SHAPE_CORNERS];
    int corner_n[SHAPE_PIECES_MAX], n;
    double depth; /* of its middle */
    double thick; /* pixels, half the width of its thickest section */
};

/* The chain of sections, each hulled with the next. */
struct shape shape_of(const struct view *v, const struct section *chain, int n);

/* Its outline as cairo's path (nonzero winding: one union). */
void shape_path(cairo_t *cr, const struct shape *s);

/* What a painter needs to know about light on something of one albedo, at one depth. */
struct shade {
    struct tone dark, mid, lit, rim;
    struct point to; /* toward the light in the picture; sideways counts more than up */
    double side; /* 0 the light is behind the camera (or the thing) .. 1 it comes from the side */
    bool back;   /* the light is behind the thing */
    double rim_width; /* share of `thick`, 0 for none */
};
struct shade shade_of(const struct brush *b, struct tone albedo, double depth);

/* Paints the path that draw() adds, in three tones and a rim. thick: half its width in pixels. */
void shade_paint(const struct brush *b, const struct shade *sh, double thick,
                 void (*draw)(cairo_t *cr, const void *what), const void *what);

/* A shape painted, with a sketched edge of the given strength 0..1. */
void shape_paint(const struct brush *b, const struct shape *s, struct tone albedo, double edge);

#endif
