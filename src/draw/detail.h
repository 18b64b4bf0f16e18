/* The detail picture: an extreme crop of the product where there is most to see, hard light from
 * the side, little in focus. */
/* SPDX-License-Identifier: ISC */
#ifndef DRAW_DETAIL_H
#define DRAW_DETAIL_H

#include "base/err.h"
#include "draw/cutout.h"
#include "picture/pixels.h"

/* A new canvas of that size, owned by the caller; share is how much of the product's longer side is
 * shown, 0 to 1. */
int detail_make(const struct cutout *product, double share, int width, int height, uint32_t seed,
                struct pixels *ret_canvas, struct err *e);

#endif
