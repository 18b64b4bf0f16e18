/* The bridge to Cairo: straight RGBA bytes on our side, native words of premultiplied ARGB on
 * Cairo's. Copies both ways; draws nothing. */
/* SPDX-License-Identifier: ISC */
#include <cairo.h>

#include "base/mem.h"
#include "picture/picture_priv.h"

/* value * alpha / 255, rounded. */
static inline uint32_t weighted(uint32_t value, uint32_t alpha)
{
    uint32_t product = value * alpha + 128;
    return (product + (product >> 8)) >> 8;
}

HOT_LOOP static void row_to_words(uint32_t *restrict to, const uint8_t *restrict row, size_t width)
{
    for (size_t x = 0; x < width; x++) {
        uint32_t alpha = row[x * 4 + 3];
        to[x] = alpha << 24 | weighted(row[x * 4], alpha) << 16 |
                weighted(row[x * 4 + 1], alpha) << 8 | weighted(row[x * 4 + 2], alpha);
    }
}

/* A premultiplied value back to straight. */
static inline uint8_t straight(uint32_t value, uint32_t alpha)
{
    uint32_t v = alpha ? (value * 255 + alpha / 2) / alpha : 0;
    return (uint8_t)(v > 255 ? 255 : v);
}

static void row_from_words(uint8_t *to, const uint32_t *row, size_t width)
{
    for (size_t x = 0; x < width; x++) {
        uint32_t word = row[x], alpha = word >> 24;
        to[x * 4] = straight(word >> 16 & 255, alpha);
        to[x * 4 + 1] = straight(word >> 8 & 255, alpha);
        to[x * 4 + 2] = straight(word & 255, alpha);
        to[x * 4 + 3] = (uint8_t)alpha;
    }
}

HOT_LOOP static void row_from_opaque_words(uint8_t *restrict to, const uint32_t *restrict row,
                                           size_t width)
{
    for (size_t x = 0; x < width; x++) {
        to[x * 4] = (uint8_t)(row[x] >> 16);
        to[x * 4 + 1] = (uint8_t)(row[x] >> 8);
        to[x * 4 + 2] = (uint8_t)row[x];
        to[x * 4 + 3] = 255;
    }
}

struct _cairo_surface *pixels_to_surface(const struct pixels *p)
{
    cairo_surface_t *s = cairo_image_surface_create(
        p->opaque ? CAIRO_FORMAT_RGB24 : CAIRO_FORMAT_ARGB32, p->width, p->height);
    if (cairo_surface_status(s) != CAIRO_STATUS_SUCCESS)
        return s;
    uint8_t *words = cairo_image_surface_get_data(s);
    size_t stride = (size_t)cairo_image_surface_get_stride(s);
    for (int y = 0; y < p->height; y++)
        row_to_words((uint32_t *)(void *)(words + (size_t)y * stride),
                     p->data + (size_t)y * (size_t)p->width * 4, (size_t)p->width);
    cairo_surface_mark_dirty(s);
    return s;
}

int pixels_from_surface(struct _cairo_surface *surface, bool opaque, struct pixels *ret_pixels,
                        struct err *e)
{
    cairo_surface_flush(surface);
    cairo_format_t format = cairo_image_surface_get_format(surface);
    if (cairo_surface_status(surface) != CAIRO_STATUS_SUCCESS ||
        (format != CAIRO_FORMAT_ARGB32 && format != CAIRO_FORMAT_RGB24))
        return err_set(e, ERR_IO, "the drawing could not be made: %s",
                       cairo_status_to_string(cairo_surface_status(surface)));
    struct pixels p = {0};
    int rc = pixels_init(&p, cairo_image_surface_get_width(surface),
                         cairo_image_surface_get_height(surface), e);
    if (rc) {
        err_prefix(e, "the drawing has");
        return rc;
    }
    const uint8_t *words = cairo_image_surface_get_data(surface);
    size_t stride = (size_t)cairo_image_surface_get_stride(surface);
    bool solid = opaque || format == CAIRO_FORMAT_RGB24;
    for (int y = 0; y < p.height; y++) {
        const uint32_t *row = (const uint32_t *)(const void *)(words + (size_t)y * stride);
        uint8_t *to = p.data + (size_t)y * (size_t)p.width * 4;
        if (solid)
            row_from_opaque_words(to, row, (size_t)p.width);
        else
            row_from_words(to, row, (size_t)p.width);
    }
    if (solid)
        p.opaque = true;
    else
        pixels_look_opaque(&p);
    *ret_pixels = p;
    return 0;
}
