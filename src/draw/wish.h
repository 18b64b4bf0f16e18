/* What every drawing operation asks of its request: the canvas, the seed, the pictures that came
 * with it, and how it is handed back. */
/* SPDX-License-Identifier: ISC */
#ifndef DRAW_WISH_H
#define DRAW_WISH_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "draw/cutout.h"
#include "ops/ops.h"
#include "picture/pixels.h"

#define WISH_SIDE_LEAST 64

struct wish {
    int width, height;
    uint32_t seed;
};

/* Reads width, height (0 or absent: the given defaults) and seed. ERR_INPUT when a side is out of
 * range. */
int wish_take(const struct op_request *request, int width, int height, struct wish *ret_wish,
              struct err *e);

/* The input of that name cut out; *ret_have is false when the request has none. */
int wish_cutout(const struct op_request *request, const char *name, struct cutout *ret_cutout,
                bool *ret_have, struct err *e);

/* Writes the canvas to the output "picture", tagged; the format follows params.format or the
 * output's extension. */
int wish_write(const struct op_request *request, const struct pixels *canvas, struct err *e);

/* Facts every picture of a product carries: how it was cut, its share of the photo, why it is a
 * card. */
void wish_cut_facts(cJSON *facts, const struct cutout *c);

/* A cairo surface to write and draw on, and back: begin gives a context over a copy of canvas, end
 * replaces canvas. */
struct _cairo;
struct _cairo *wish_draw_begin(const struct pixels *canvas);
int wish_draw_end(struct _cairo *takes_cairo, struct pixels *canvas, struct err *e);

#endif
