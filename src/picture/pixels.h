/* A picture in memory: 8-bit RGBA, straight alpha, rows top to bottom without padding. */
/* SPDX-License-Identifier: ISC */
#ifndef PICTURE_PIXELS_H
#define PICTURE_PIXELS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "ops/ops.h"

struct pixels {
    int width, height;
    uint8_t *data; /* owned; width * height * 4 bytes */
    bool opaque;   /* every alpha is 255 (known, not guessed) */
};

#define PICTURE_MAX_SIDE 16384
#define PICTURE_MAX_PIXELS (64 * 1024 * 1024)

int pixels_init(struct pixels *p, int width, int height, struct err *e); /* transparent black; ERR_LIMIT past the maxima */
void pixels_finish(struct pixels *p);                                    /* safe on zeroed memory */

/* Reads PNG, JPEG (EXIF-oriented, CMYK converted) or WebP (first frame) by content, whatever its extension; sizes are checked
 * from the header before any memory is taken; a torn file is ERR_INPUT saying where. */
int picture_read(const char *path, struct pixels *ret_pixels, struct err *e);

/* Writes by extension of `as` (png, jpg, webp); PNG through libdeflate at level 1 with adaptive filters, RGB when opaque, with tag
 * members as tEXt/iTXt. Deterministic: same pixels and tag, same bytes. Plain create-and-write (the dispatcher syncs). */
int picture_write(const char *path, const char *as, const struct pixels *p, const cJSON *tag, struct err *e);

/* Lanczos-3 (area-correct when shrinking) to exactly width x height, linear in memory, two passes. */
int pixels_scale(const struct pixels *from, int width, int height, struct pixels *ret_to, struct err *e);
/* A copy of the rectangle; ERR_INPUT when it is not inside. */
int pixels_crop(const struct pixels *from, int x, int y, int width, int height, struct pixels *ret_to, struct err *e);
/* Scaled to cover width x height, centred, cropped. */
int pixels_cover(const struct pixels *from, int width, int height, struct pixels *ret_to, struct err *e);
/* Scaled to lie inside width x height (never larger than asked), ratio kept. */
int pixels_inside(const struct pixels *from, int width, int height, struct pixels *ret_to, struct err *e);
/* `over` laid onto `base` with its alpha at x, y (may hang over the edges). */
void pixels_lay(struct pixels *base, const struct pixels *over, int x, int y);

/* Cairo's view: premultiplied BGRA in native order. picture_to_surface copies; the caller destroys the surface. */
struct _cairo_surface;
struct _cairo_surface *pixels_to_surface(const struct pixels *p);
int pixels_from_surface(struct _cairo_surface *surface, bool opaque, struct pixels *ret_pixels, struct err *e);

#endif
