/* Pixels in memory: a size comes in, checked memory goes out; copies of a part, and one picture
 * laid onto another. Knows no file and no format. */
/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "picture/picture_priv.h"

int pixels_check_size(uint64_t width, uint64_t height, struct err *e)
{
    if (width == 0 || height == 0)
        return err_set(e, ERR_INPUT, "a picture of %llu x %llu pixels has nothing in it",
                       (unsigned long long)width, (unsigned long long)height);
    if (width > PICTURE_MAX_SIDE || height > PICTURE_MAX_SIDE)
        return err_set(e, ERR_LIMIT, "%llu x %llu pixels; a side may have at most %d",
                       (unsigned long long)width, (unsigned long long)height, PICTURE_MAX_SIDE);
    if (width * height > PICTURE_MAX_PIXELS)
        return err_set(e, ERR_LIMIT, "%llu x %llu pixels; a picture may have at most %d million",
                       (unsigned long long)width, (unsigned long long)height,
                       PICTURE_MAX_PIXELS / (1024 * 1024));
    return 0;
}

int pixels_init(struct pixels *p, int width, int height, struct err *e)
{
    int rc =
        pixels_check_size(width < 0 ? 0 : (uint64_t)width, height < 0 ? 0 : (uint64_t)height, e);
    if (rc)
        return rc;
    *p = (struct pixels){.width = width, .height = height};
    p->data = mem_alloc((size_t)width * (size_t)height * 4);
    return 0;
}

void pixels_finish(struct pixels *p)
{
    mem_free(p->data);
    *p = (struct pixels){0};
}

HOT_LOOP void pixels_look_opaque(struct pixels *p)
{
    size_t width = (size_t)p->width;
    p->opaque = false;
    for (int y = 0; y < p->height; y++) {
        const uint8_t *row = p->data + (size_t)y * width * 4;
        uint8_t all = 255;
        for (size_t x = 0; x < width * 4; x++)
            all &= row[x] | (uint8_t)(x % 4 == 3 ? 0 : 255);
        if (all != 255)
            return;
    }
    p->opaque = true;
}

int pixels_crop(const struct pixels *from, int x, int y, int width, int height,
                struct pixels *ret_to, struct err *e)
{
    if (x < 0 || y < 0 || width < 1 || height < 1 || width > from->width - x ||
        height > from->height - y)
        return err_set(e, ERR_INPUT,
                       "the part %d x %d at %d, %d is not inside a picture of %d x %d", width,
                       height, x, y, from->width, from->height);
    struct pixels to = {.width = width, .height = height, .opaque = from->opaque};
    to.data = mem_grow(NULL, (size_t)width * (size_t)height, 4);
    for (int row = 0; row < height; row++)
        memcpy(to.data + (size_t)row * (size_t)width * 4,
               from->data + ((size_t)(y + row) * (size_t)from->width + (size_t)x) * 4,
               (size_t)width * 4);
    *ret_to = to;
    return 0;
}

/* One part of 255, rounded. */
static inline unsigned part(unsigned value, unsigned of)
{
    unsigned product = value * of + 128;
    return (product + (product >> 8)) >> 8;
}

/* `over` upon `under`, both straight: colours weighted by what each one contributes to the new
 * alpha. */
static inline void lay_one(uint8_t *under, const uint8_t *over)
{
    unsigned alpha = over[3];
    if (alpha == 0)
        return;
    unsigned rest = part(under[3], 255 - alpha), sum = alpha + rest;
    for (int c = 0; c < 3; c++)
        under[c] = (uint8_t)((over[c] * alpha + under[c] * rest + sum / 2) / sum);
    under[3] = (uint8_t)sum;
}

static inline long larger(long a, long b)
{
    return a > b ? a : b;
}

static inline long smaller(long a, long b)
{
    return a < b ? a : b;
}

HOT_LOOP void pixels_lay(struct pixels *base, const struct pixels *over, int x, int y)
{
    long left = larger(0, x), right = smaller(base->width, (long)x + over->width);
    long top = larger(0, y), bottom = smaller(base->height, (long)y + over->height);
    for (long row = top; row < bottom && left < right; row++) {
        uint8_t *to = base->data + (row * base->width + left) * 4;
        const uint8_t *from = over->data + ((row - y) * over->width + left - x) * 4;
        if (over->opaque) {
            memcpy(to, from, (size_t)(right - left) * 4);
            continue;
        }
        for (long i = 0; i < right - left; i++)
            lay_one(to + i * 4, from + i * 4);
    }
}
