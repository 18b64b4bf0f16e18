/* Bytes come in, a zlib stream of Huffman-coded bytes and runs goes out. Looks for no other
 * repetition: in a photograph's noise a found match costs more than the bytes it stands for.
 *
 *   stream   78 01, blocks, Adler-32 of the bytes (big-endian)
 *   block    last? (1 bit), 2 (2 bits: own codes), 257..286 lengths, 2 distances, 19 lengths of
 * lengths, the lengths themselves in 4 bits each, then codes of bytes and of runs (length, distance
 * 1), then the end code */
/* SPDX-License-Identifier: ISC */
#include "picture/png_noise.h"

#include <libdeflate.h>
#include <stdbool.h>
#include <string.h>

#include "picture/picture_priv.h"
#include "picture/png_huffman.h"

#define BLOCK_LEN ((size_t)64 * 1024)

/* Four codes and seven waiting bits fit a word of 64. */
#define CODE_MAX 14

#define END_SYMBOL 256
#define RUN_MIN    16  /* shorter ones are cheaper as bytes */
#define RUN_CODED  258 /* the longest one length can say */
#define HEAD_ROOM  192 /* bytes of a block's head and end, with room to spare */

/* bytes[at] .. repeat the byte in front of them */
struct run {
    uint32_t at, len;
};

struct block {
    const uint8_t *bytes;
    size_t len;
    struct run runs[BLOCK_LEN / RUN_MIN + 1];
    int runs_n;
    struct huffman_code codes[HUFFMAN_MAX_SYMBOLS];
};

size_t png_noise_room(size_t len)
{
    return len / 8 * CODE_MAX + 64 + (len / BLOCK_LEN + 1) * HEAD_ROOM;
}

/* ---- bits */

struct bits {
    uint8_t *to;
    uint64_t waiting;
    unsigned n;
};

static inline void put(struct bits *b, uint64_t value, unsigned n)
{
    b->waiting |= value << b->n;
    b->n += n;
}

/* Writes whole bytes; up to seven bits stay. */
static inline void settle(struct bits *b)
{
    for (int i = 0; i < 8; i++)
        b->to[i] = (uint8_t)(b->waiting >> (8 * i));
    b->to += b->n / 8;
    b->waiting >>= b->n / 8 * 8;
    b->n %= 8;
}

static inline void put_code(struct bits *b, struct huffman_code c)
{
    put(b, c.bits, c.len);
}

/* ---- runs */

/* The lengths 3..258 as deflate's symbols: 257 + index, and what is left over in extra bits. */
struct length {
    int symbol;
    unsigned extra, extra_len;
};

static struct length length_of(uint32_t len)
{
    static const uint16_t first[] = {3,  4,  5,  6,   7,   8,   9,   10,  11, 13,
                                     15, 17, 19, 23,  27,  31,  35,  43,  51, 59,
                                     67, 83, 99, 115, 131, 163, 195, 227, 258};
    static const uint8_t extra[] = {0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2,
                                    2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0};
    int i = 28;
    while (first[i] > len)
        i--;
    return (struct length){257 + i, len - first[i], extra[i]};
}

/* The next piece of a run: never so long that what remains is too short to be said. */
static uint32_t piece_of(uint32_t len)
{
    if (len <= RUN_CODED)
        return len;
    return len - RUN_CODED >= 3 ? RUN_CODED : RUN_CODED - 3;
}

static inline bool same_eight(const uint8_t *p)
{
    uint64_t v;
    memcpy(&v, p, 8);
    return v == (v << 8 | v >> 56);
}

/* Every run of RUN_MIN and more, found in strides of eight: such a run always covers one stride
 * whole. */
static void find_runs(struct block *b)
{
    size_t at = 8;
    b->runs_n = 0;
    while (at + 8 <= b->len) {
        if (!same_eight(b->bytes + at)) {
            at += 8;
            continue;
        }
        size_t start = at, end = at + 8,
               floor = b->runs_n ? b->runs[b->runs_n - 1].at + b->runs[b->runs_n - 1].len : 0;
        while (start > floor && b->bytes[start - 1] == b->bytes[at])
            start--;
        while (end < b->len && b->bytes[end] == b->bytes[at])
            end++;
        if (end - start > RUN_MIN)
            b->runs[b->runs_n++] = (struct run){(uint32_t)start + 1, (uint32_t)(end - start - 1)};
        at = end > at + 8 ? end : at + 8;
    }
}

/* ---- a block */

/* Four tables, so that equal bytes in a row do not wait for each other. */
HOT_LOOP static void count_bytes(const uint8_t *bytes, size_t len, uint32_t count[4][256])
{
    size_t i = 0;
    for (; i + 4 <= len; i += 4)
        for (size_t k = 0; k < 4; k++)
            count[k][bytes[i + k]]++;
    for (; i < len; i++)
        count[0][bytes[i]]++;
}

static void count_run(uint32_t *count, uint32_t len)
{
    while (len > 0) {
        uint32_t piece = piece_of(len);
        count[length_of(piece).symbol]++;
        len -= piece;
    }
}

static void make_codes(struct block *b)
{
    uint32_t bytes[4][256] = {{0}}, count[HUFFMAN_MAX_SYMBOLS] = {0};
    size_t at = 0;
    for (int i = 0; i <= b->runs_n; i++) {
        size_t end = i < b->runs_n ? b->runs[i].at : b->len;
        count_bytes(b->bytes + at, end - at, bytes);
        if (i < b->runs_n) {
            count_run(count, b->runs[i].len);
            at = end + b->runs[i].len;
        }
    }
    for (int v = 0; v < 256; v++)
        count[v] = bytes[0][v] + bytes[1][v] + bytes[2][v] + bytes[3][v];
    count[END_SYMBOL] = 1;
    huffman_make(count, HUFFMAN_MAX_SYMBOLS, CODE_MAX, b->codes);
}

/* Lengths 0..15 all get codes of four bits, which are then the numbers themselves, first bit first.
 */
static void put_head(struct bits *out, const struct block *b, bool last)
{
    put(out, last, 1);
    put(out, 2, 2);
    put(out, HUFFMAN_MAX_SYMBOLS - 257, 5);
    put(out, 2 - 1, 5);
    put(out, 19 - 4, 4);
    put(out, 0, 9); /* no repeats: symbols 16, 17, 18 */
    settle(out);
    for (int i = 0; i < 16; i++)
        put(out, 4, 3);
    settle(out);
    for (int i = 0; i < HUFFMAN_MAX_SYMBOLS + 2; i++) {
        unsigned len = i < HUFFMAN_MAX_SYMBOLS ? b->codes[i].len : 1;
        put(out, (len & 1) << 3 | (len & 2) << 1 | (len & 4) >> 1 | len >> 3, 4);
        settle(out);
    }
}

HOT_LOOP static void put_bytes(struct bits *out, const uint8_t *bytes, size_t len,
                               const struct huffman_code *codes)
{
    struct bits b = *out;
    size_t i = 0;
    for (; i + 4 <= len; i += 4) {
        put_code(&b, codes[bytes[i]]);
        put_code(&b, codes[bytes[i + 1]]);
        put_code(&b, codes[bytes[i + 2]]);
        put_code(&b, codes[bytes[i + 3]]);
        settle(&b);
    }
    for (; i < len; i++) {
        put_code(&b, codes[bytes[i]]);
        settle(&b);
    }
    *out = b;
}

static void put_run(struct bits *out, uint32_t len, const struct huffman_code *codes)
{
    while (len > 0) {
        uint32_t piece = piece_of(len);
        struct length l = length_of(piece);
        put_code(out, codes[l.symbol]);
        put(out, l.extra, l.extra_len);
        put(out, 0, 1); /* distance 1 */
        settle(out);
        len -= piece;
    }
}

static void put_block(struct bits *out, struct block *b, bool last)
{
    size_t at = 0;
    find_runs(b);
    make_codes(b);
    put_head(out, b, last);
    for (int i = 0; i <= b->runs_n; i++) {
        size_t end = i < b->runs_n ? b->runs[i].at : b->len;
        put_bytes(out, b->bytes + at, end - at, b->codes);
        if (i < b->runs_n) {
            put_run(out, b->runs[i].len, b->codes);
            at = end + b->runs[i].len;
        }
    }
    put_code(out, b->codes[END_SYMBOL]);
    settle(out);
}

size_t png_noise_pack(const uint8_t *bytes, size_t len, uint8_t *to)
{
    struct bits out = {.to = to + 2};
    struct block b;
    to[0] = 0x78, to[1] = 0x01;
    for (size_t at = 0; at < len; at += b.len) {
        b.bytes = bytes + at;
        b.len = len - at < BLOCK_LEN ? len - at : BLOCK_LEN;
        put_block(&out, &b, at + b.len == len);
    }
    out.n += 7; /* the last byte is filled with zeros */
    settle(&out);
    uint32_t sum = libdeflate_adler32(1, bytes, len);
    for (int i = 0; i < 4; i++)
        *out.to++ = (uint8_t)(sum >> (24 - 8 * i));
    return (size_t)(out.to - to);
}
