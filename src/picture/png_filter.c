/* Choosing PNG's row filter: a plain row and the row above come in, the filtered row that should
 * compress best goes out. Sixteen bytes at a time with the compiler's own vectors, so that one text
 * serves every processor. */
/* SPDX-License-Identifier: ISC */
#include "picture/png_filter.h"

#include <string.h>

#include "picture/picture_priv.h"

typedef uint8_t bytes16 __attribute__((vector_size(16)));
typedef uint16_t shorts8 __attribute__((vector_size(16)));

static inline bytes16 load(const uint8_t *p)
{
    bytes16 v;
    memcpy(&v, p, 16);
    return v;
}

static inline void store(uint8_t *p, bytes16 v)
{
    memcpy(p, &v, 16);
}

static inline bytes16 pick(bytes16 mask, bytes16 yes, bytes16 no)
{
    return (mask & yes) | (~mask & no);
}

static inline bytes16 least(bytes16 a, bytes16 b)
{
    return pick((bytes16)(a < b), a, b);
}

static inline bytes16 apart(bytes16 a, bytes16 b)
{
    bytes16 low = least(a, b);
    return (a ^ b ^ low) - low;
}

static inline bytes16 mean(bytes16 a, bytes16 b)
{
    return (a & b) + (((a ^ b) >> 1) & 0x7f);
}

/* Paeth's choice. |left + up - 2 corner| is only smaller than both other distances when left and up
 * lie on different sides of the corner, where it is the difference of the two; so eight bits are
 * enough. */
static inline bytes16 paeth(bytes16 left, bytes16 up, bytes16 corner)
{
    bytes16 far_left = apart(up, corner), far_up = apart(left, corner);
    bytes16 same_side = (bytes16)(left > corner) ^ (bytes16)(up < corner);
    bytes16 far_corner = apart(far_left, far_up) | same_side;
    bytes16 best = least(far_left, least(far_up, far_corner));
    return pick((bytes16)(far_left == best), left, pick((bytes16)(far_up == best), up, corner));
}

/* Filtered bytes read as signed: how far each is from zero. */
static inline bytes16 size_of(bytes16 v)
{
    return least(v, -v);
}

/* Sums of sixteen sizes, kept in eight lanes that are emptied before they can run over. */
struct tally {
    shorts8 lanes;
    uint64_t total;
};

static inline void tally_add(struct tally *t, bytes16 v)
{
    bytes16 size = size_of(v);
    t->lanes += ((shorts8)size & 0xff) + ((shorts8)size >> 8);
}

static inline void tally_empty(struct tally *t)
{
    for (int i = 0; i < 8; i++)
        t->total += t->lanes[i];
    t->lanes = (shorts8){0};
}

/* 2 x 128 a step and lane: after 128 steps a lane holds at most 32,768. */
#define STEPS_BEFORE_FULL 128

/* One step of all filters at once, since they share what they read; only the bytes under `counts`
 * are summed. */
static inline __attribute__((always_inline)) void
filter_step(const uint8_t *row, const uint8_t *above, size_t i, size_t width, bytes16 counts,
            uint8_t *const out[], struct tally *sums)
{
    bytes16 here = load(row + i), up = load(above + i);
    bytes16 left = load(row + i - width), corner = load(above + i - width);
    bytes16 made[PNG_FILTERS] = {here, here - left, here - up, here - mean(left, up),
                                 here - paeth(left, up, corner)};
    for (int f = PNG_NONE; f < PNG_FILTERS; f++) {
        store(out[f] + i, made[f]);
        tally_add(&sums[f], made[f] & counts);
    }
}

static inline __attribute__((always_inline)) void filter_all(const uint8_t *row,
                                                             const uint8_t *above, size_t len,
                                                             size_t width, uint8_t *const out[],
                                                             struct tally *ret_sums)
{
    struct tally sums[PNG_FILTERS] = {0};
    size_t whole = len / 16 * 16, step = 0;
    bytes16 all = {0}, rest = {0};
    all = ~all;
    for (size_t i = 0; i < len % 16; i++)
        rest[i] = 255;
    for (size_t i = 0; i < whole; i += 16) {
        filter_step(row, above, i, width, all, out, sums);
        if (++step % STEPS_BEFORE_FULL == 0)
            for (int f = 0; f < PNG_FILTERS; f++)
                tally_empty(&sums[f]);
    }
    filter_step(row, above, whole, width, rest, out, sums);
    for (int f = 0; f < PNG_FILTERS; f++) {
        tally_empty(&sums[f]);
        ret_sums[f] = sums[f];
    }
}

enum png_filter png_filter_row(const uint8_t *row, const uint8_t *above, size_t len,
                               int bytes_per_pixel, uint8_t *scratch, uint8_t *out)
{
    struct tally sums[PNG_FILTERS];
    uint8_t *rows[PNG_FILTERS];
    for (size_t f = 0; f < PNG_FILTERS; f++)
        rows[f] = scratch + f * (len + PNG_ROW_SLACK);
    if (bytes_per_pixel == 4)
        filter_all(row, above, len, 4, rows, sums);
    else
        filter_all(row, above, len, 3, rows, sums);
    int best = PNG_NONE;
    for (int f = PNG_SUB; f < PNG_FILTERS; f++)
        if (sums[f].total < sums[best].total)
            best = f;
    memcpy(out, rows[best], len);
    return (enum png_filter)best;
}
