/* A product set onto a finished backdrop: fitted, its shadow and mirror image first, then itself,
 * lit from the same side. */
/* SPDX-License-Identifier: ISC */
#ifndef DRAW_STAGE_H
#define DRAW_STAGE_H

#include "base/err.h"
#include "draw/backdrop.h"
#include "draw/cutout.h"
#include "picture/pixels.h"

/* Where the product stands on the canvas, in pixels. */
struct stood {
    int x, y, width, height;
};

/* The product scaled into b's box and laid onto canvas with shadow, mirror and rim. Its pixels keep
 * their colour within b->relight. ret_stood may be NULL. */
int stage_place(struct pixels *canvas, const struct cutout *product, const struct backdrop *b,
                struct stood *ret_stood, struct err *e);

/* Only the parts: the shadow of a shape (alpha of `shape`) that stands at s, and the shape's mirror
 * image below it. */
void stage_shadow(struct pixels *canvas, const struct pixels *shape, const struct stood *s,
                  const struct backdrop *b);
void stage_mirror(struct pixels *canvas, const struct pixels *shape, const struct stood *s,
                  float gloss);

#endif
