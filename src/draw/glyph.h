/* A stand-in for a product nobody has photographed yet: a clay model by category, lit from the
 * upper left. */
/* SPDX-License-Identifier: ISC */
#ifndef DRAW_GLYPH_H
#define DRAW_GLYPH_H

#include <stdint.h>

#include "base/err.h"
#include "draw/cutout.h"

/* The model of a category ("audio", ...; unknown ones a box; "bust" a presenter), about `side`
 * pixels on its longer side, in the clay's colour 0xRRGGBB. */
int glyph_make(const char *category, int side, uint32_t clay, struct cutout *ret_cutout,
               struct err *e);

#endif
