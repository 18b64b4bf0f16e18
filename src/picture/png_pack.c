/* Filtered rows come in, one zlib stream goes out. Drawings repeat themselves: libdeflate's fastest
 * level finds that. Photographs do not: their bytes are only coded, which is a tenth smaller than
 * level 1, as small as the usual level 6, and faster than either. A sample of the rows decides. */
/* SPDX-License-Identifier: ISC */
#include "picture/png_pack.h"

#include <libdeflate.h>
#include <stdlib.h>

#include "base/mem.h"
#include "picture/png_noise.h"

/* The sample: this many stretches of this many bytes, evenly apart. */
#define SAMPLE_PARTS 8
#define SAMPLE_LEN   ((size_t)16 * 1024)

static size_t larger(size_t a, size_t b)
{
    return a > b ? a : b;
}

size_t png_pack_room(size_t len)
{
    return larger(libdeflate_zlib_compress_bound(NULL, len), png_noise_room(len));
}

/* Whether looking for repetition makes the sample larger than not looking. */
static bool is_noise(struct libdeflate_compressor *c, const uint8_t *rows, size_t len)
{
    size_t room = png_pack_room(SAMPLE_LEN), matched = 0, coded = 0;
    uint8_t *to = mem_grow(NULL, room, 1);
    for (size_t i = 0; i < SAMPLE_PARTS; i++) {
        size_t at = len / SAMPLE_PARTS * i, n = len - at < SAMPLE_LEN ? len - at : SAMPLE_LEN;
        matched += libdeflate_zlib_compress(c, rows + at, n, to, room);
        coded += png_noise_pack(rows + at, n, to);
    }
    free(to);
    return coded < matched;
}

int png_pack(const uint8_t *rows, size_t len, uint8_t *to, size_t *ret_len, struct err *e)
{
    struct libdeflate_compressor *c = libdeflate_alloc_compressor(1);
    if (!c)
        return err_set(e, ERR_IO, "no memory to compress the PNG");
    if (is_noise(c, rows, len))
        *ret_len = png_noise_pack(rows, len, to);
    else
        *ret_len = libdeflate_zlib_compress(c, rows, len, to, png_pack_room(len));
    libdeflate_free_compressor(c);
    return 0;
}
