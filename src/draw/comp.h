/* Words on a scene that has no photograph behind it: what the picture will be of, and that it is a
 * comp. */
/* SPDX-License-Identifier: ISC */
#ifndef DRAW_COMP_H
#define DRAW_COMP_H

#include <cjson/cJSON.h>

#include "base/err.h"
#include "draw/backdrop.h"
#include "picture/pixels.h"

/* Lays the panel with name, positioning, benefits, price and rank from params onto the canvas: at
 * the left of a wide one, at the foot of a square or tall one. */
int comp_label(struct pixels *canvas, enum variant variant, const cJSON *params, struct err *e);

/* The comp's clay, a little different for each variant. */
uint32_t comp_clay(enum variant variant);

#endif
