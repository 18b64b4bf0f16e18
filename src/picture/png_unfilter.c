/* Undoing PNG's row filters: a filtered row and the row above come in, the plain row goes out in
 * the same place. The vectors are the compiler's own, so that one text serves every processor. */
/* SPDX-License-Identifier: ISC */
#include "picture/png_filter.h"

#include <string.h>

#include "picture/picture_priv.h"

typedef uint8_t four_bytes __attribute__((vector_size(4)));
typedef int16_t four_shorts __attribute__((vector_size(8)));

static inline uint32_t load(const uint8_t *p)
{
    uint32_t v;
    memcpy(&v, p, 4);
    return v;
}

static inline void store(uint8_t *p, uint32_t v, size_t width)
{
    memcpy(p, &v, width);
}

/* Four sums modulo 256 in one word. */
static inline uint32_t add4(uint32_t a, uint32_t b)
{
    return ((a & 0x7f7f7f7fu) + (b & 0x7f7f7f7fu)) ^ ((a ^ b) & 0x80808080u);
}

/* Four halved sums, rounded down. */
static inline uint32_t mean4(uint32_t a, uint32_t b)
{
    return (a & b) + (((a ^ b) >> 1) & 0x7f7f7f7fu);
}

static inline __attribute__((always_inline)) void undo_sub(uint8_t *row, size_t len, size_t width)
{
    uint32_t left = 0;
    for (size_t i = 0; i + width <= len; i += width) {
        left = add4(left, load(row + i));
        store(row + i, left, width);
    }
}

HOT_LOOP static void undo_up(uint8_t *restrict row, const uint8_t *restrict above, size_t len)
{
    for (size_t i = 0; i < len; i++)
        row[i] = (uint8_t)(row[i] + above[i]);
}

static inline __attribute__((always_inline)) void undo_average(uint8_t *row, const uint8_t *above,
                                                               size_t len, size_t width)
{
    uint32_t left = 0;
    for (size_t i = 0; i + width <= len; i += width) {
        left = add4(load(row + i), mean4(left, load(above + i)));
        store(row + i, left, width);
    }
}

static inline four_shorts widen(uint32_t v)
{
    four_bytes bytes;
    memcpy(&bytes, &v, 4);
    return __builtin_convertvector(bytes, four_shorts);
}

static inline four_shorts size_of(four_shorts v)
{
    four_shorts sign = v >> 15;
    return (v ^ sign) - sign;
}

/* Paeth's choice of left, up or corner: whichever is nearest to left + up - corner. */
static inline __attribute__((always_inline)) void undo_paeth(uint8_t *row, const uint8_t *above,
                                                             size_t len, size_t width)
{
    four_shorts left = {0}, corner = {0};
    for (size_t i = 0; i + width <= len; i += width) {
        four_shorts up = widen(load(above + i)), here = widen(load(row + i));
        four_shorts far_left = up - corner, far_up = left - corner;
        four_shorts far_corner = size_of(far_left + far_up);
        far_left = size_of(far_left), far_up = size_of(far_up);
        four_shorts not_left = (far_left > far_up) | (far_left > far_corner),
                    not_up = far_up > far_corner;
        four_shorts other = (up & ~not_up) | (corner & not_up);
        left = (here + ((left & ~not_left) | (other & not_left))) & 255;
        corner = up;
        four_bytes bytes = __builtin_convertvector(left, four_bytes);
        memcpy(row + i, &bytes, width);
    }
}

/* Each filter for one width of pixel, so that the compiler knows it. */
static inline __attribute__((always_inline)) int
undo(int filter, uint8_t *row, const uint8_t *above, size_t len, size_t width)
{
    switch (filter) {
    case PNG_NONE:
        return 0;
    case PNG_SUB:
        undo_sub(row, len, width);
        return 0;
    case PNG_UP:
        undo_up(row, above, len);
        return 0;
    case PNG_AVERAGE:
        undo_average(row, above, len, width);
        return 0;
    case PNG_PAETH:
        undo_paeth(row, above, len, width);
        return 0;
    }
    return -1;
}

int png_unfilter_row(int filter, uint8_t *row, const uint8_t *above, size_t len,
                     int bytes_per_pixel)
{
    switch (bytes_per_pixel) {
    case 4:
        return undo(filter, row, above, len, 4);
    case 3:
        return undo(filter, row, above, len, 3);
    default:
        return undo(filter, row, above, len, 1);
    }
}
