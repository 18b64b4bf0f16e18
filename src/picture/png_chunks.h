/* The parts of a PNG file found by one careful walk: header facts, where the compressed rows lie,
 * palette and transparency. Private to src/picture. */
/* SPDX-License-Identifier: ISC */
#ifndef PICTURE_PNG_CHUNKS_H
#define PICTURE_PNG_CHUNKS_H

#include "picture/picture_priv.h"

/* Text is provenance and never needed here; more of it than this is a file made to hurt. */
#define PNG_MAX_TEXT   ((size_t)8 * 1024 * 1024)
#define PNG_MAX_CHUNKS 10000

enum png_colour { PNG_GREY = 0, PNG_RGB = 2, PNG_PALETTE = 3, PNG_GREY_ALPHA = 4, PNG_RGBA = 6 };

struct png_chunks {
    uint32_t width, height;
    int depth; /* bits a sample: 1 2 4 8 16 */
    enum png_colour colour;
    bool interlaced;
    struct span *rows; /* the IDAT contents in order; the list is owned, the bytes are the file's */
    size_t rows_n;
    size_t rows_len;     /* all of them together */
    struct span palette; /* contents of PLTE, or empty */
    struct span clear;   /* contents of tRNS, or empty */
};

/* Walks the whole file: signature, each length and CRC, IHDR first and sane, size within the
 * limits, IEND there. Bytes after IEND are tolerated. ERR_INPUT naming the chunk and its place, or
 * ERR_LIMIT. png_chunks_finish afterwards. */
int png_chunks_walk(struct span file, struct png_chunks *ret_chunks, struct err *e);
void png_chunks_finish(struct png_chunks *c);

/* The same picture with nothing in it but what its pixels need, for a decoder that should see no
 * other chunk. Owned. */
struct encoded png_chunks_bare(struct span file, const struct png_chunks *c);

#endif
