/* Filtered rows come in, one zlib stream goes out. Drawings repeat themselves: libdeflate's fastest
 * level finds that. Photographs do not: every match found in their noise costs more than the bytes
 * it replaces, so zlib codes them with Huffman's code alone, a tenth smaller than level 1 and as
 * small as the usual level 6 in a tenth of its time. */
/* SPDX-License-Identifier: ISC */
#include "picture/png_pack.h"

#include <libdeflate.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "base/mem.h"

/* The sample: this many stretches of this many bytes, evenly apart. */
#define SAMPLE_PARTS 8
#define SAMPLE_LEN   ((size_t)16 * 1024)

size_t png_pack_room(size_t len)
{
    size_t plain = libdeflate_zlib_compress_bound(NULL, len),
           noisy = compressBound((uLong)len) + len / 8;
    return plain > noisy ? plain : noisy;
}

/* Bits of n bytes coded one by one: each takes what its share deserves, and never less than one. */
static double single_byte_bits(const uint8_t *bytes, size_t n)
{
    uint32_t count[256] = {0};
    double bits = 0;
    for (size_t i = 0; i < n; i++)
        count[bytes[i]]++;
    for (int v = 0; v < 256; v++)
        if (count[v])
            bits += count[v] * fmax(1, log2((double)n / (double)count[v]));
    return bits;
}

/* Whether looking for matches makes the sample larger than not looking. A short picture is its own
 * sample. */
static bool is_noise(struct libdeflate_compressor *c, const uint8_t *rows, size_t len)
{
    size_t room = libdeflate_zlib_compress_bound(c, SAMPLE_LEN);
    uint8_t *to = mem_grow(NULL, room, 1);
    double matched = 0, single = 0;
    for (size_t i = 0; i < SAMPLE_PARTS; i++) {
        size_t at = len / SAMPLE_PARTS * i, n = len - at < SAMPLE_LEN ? len - at : SAMPLE_LEN;
        matched += 8.0 * (double)libdeflate_zlib_compress(c, rows + at, n, to, room);
        single += single_byte_bits(rows + at, n);
    }
    free(to);
    return single < matched;
}

static int pack_noise(const uint8_t *rows, size_t len, uint8_t *to, size_t *ret_len, struct err *e)
{
    z_stream z = {.next_in = (uint8_t *)(uintptr_t)rows, .avail_in = (uInt)len, .next_out = to};
    z.avail_out = (uInt)png_pack_room(len);
    if (deflateInit2(&z, 1, Z_DEFLATED, 15, 9, Z_HUFFMAN_ONLY) != Z_OK)
        return err_set(e, ERR_IO, "no memory to compress the PNG");
    int ended = deflate(&z, Z_FINISH);
    *ret_len = z.total_out;
    deflateEnd(&z);
    if (ended != Z_STREAM_END)
        bug("a PNG's rows of %zu bytes did not fit the room reckoned for them", len);
    return 0;
}

int png_pack(const uint8_t *rows, size_t len, uint8_t *to, size_t *ret_len, struct err *e)
{
    struct libdeflate_compressor *c = libdeflate_alloc_compressor(1);
    if (!c)
        return err_set(e, ERR_IO, "no memory to compress the PNG");
    int rc = 0;
    if (is_noise(c, rows, len))
        rc = pack_noise(rows, len, to, ret_len, e);
    else
        *ret_len = libdeflate_zlib_compress(c, rows, len, to, png_pack_room(len));
    libdeflate_free_compressor(c);
    return rc;
}
