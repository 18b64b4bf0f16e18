/* Two pictures compared block by block, where one may be the other cut, widened, mirrored or
 * recoloured. */
/* SPDX-License-Identifier: ISC */
#ifndef LIKENESS_BLOCKS_H
#define LIKENESS_BLOCKS_H

#include "likeness/print.h"

/* Where a return lies over an original: the original's point (x, y) is the return's point
 * ((x - left) / scale, (y - top) / scale), all in thumbnail pixels; mirrored: counted from its
 * right edge. */
struct lay {
    double scale, left, top;
    bool mirrored;
};

#define BLOCK      8 /* thumbnail pixels a side */
#define BLOCKS_MAX ((PRINT_SIDE / BLOCK) * (PRINT_SIDE / BLOCK))

/* What a block of the original's grid says of a picture. */
enum block_word {
    BLOCK_OUTSIDE, /* the picture does not reach here */
    BLOCK_PLAIN,   /* nothing to see in either */
    BLOCK_SAME,    /* the same pattern */
    BLOCK_OTHER,   /* another one, or one has a pattern and the other none */
};

struct blocks {
    int columns, rows;
    enum block_word word[BLOCKS_MAX];
};

/* The return's grey values on the original's grid: grey[y * w + x], -1 where it does not reach. */
struct laid {
    int w, h;
    int16_t grey[PRINT_SIDE * PRINT_SIDE];
};
void blocks_lay(const struct print *original, const struct print *back, const struct lay *lay,
                struct laid *ret_laid);

/* Compares a laid picture with an original of the same grid. */
void blocks_compare(const struct print *original, const struct laid *laid,
                    struct blocks *ret_blocks);

/* The original's grey values on the return's grid: what the return would show if it had been made
 * from it under this lay. */
void blocks_expect(const struct print *original, const struct print *back, const struct lay *lay,
                   struct laid *ret_laid);

/* Blocks of the return in which two originals, each under its own lay, would show different things:
 * how many speak for the first, how many for the other. */
struct votes {
    int first, other;
};
struct votes blocks_vote(const struct print *back, const struct laid *first,
                         const struct laid *other);

#endif
