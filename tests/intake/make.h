/* Small files for tests, made of bytes: a PNG, JPEG, WebP, zip and MP4 that are whole as far as
 * headers and ends tell. */
/* SPDX-License-Identifier: ISC */
#ifndef TESTS_INTAKE_MAKE_H
#define TESTS_INTAKE_MAKE_H

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

struct bytes {
    unsigned char b[4096];
    size_t n;
};

static inline void put(struct bytes *o, const void *data, size_t n)
{
    assert(o->n + n <= sizeof o->b);
    memcpy(o->b + o->n, data, n);
    o->n += n;
}

static inline void put_be32(struct bytes *o, uint32_t v)
{
    unsigned char b[4] = {(unsigned char)(v >> 24), (unsigned char)(v >> 16),
                          (unsigned char)(v >> 8), (unsigned char)v};
    put(o, b, 4);
}

static inline void put_chunk(struct bytes *o, const char *type, const void *data, uint32_t n)
{
    size_t from = o->n + 4;
    uint32_t crc = 0xffffffff;
    put_be32(o, n);
    put(o, type, 4);
    put(o, data, n);
    for (size_t i = from; i < o->n; i++) {
        crc ^= o->b[i];
        for (int bit = 0; bit < 8; bit++)
            crc = crc >> 1 ^ (crc & 1 ? 0xedb88320 : 0);
    }
    put_be32(o, ~crc);
}

static inline struct bytes make_png(uint32_t width, uint32_t height)
{
    struct bytes o = {.n = 0};
    struct bytes head = {.n = 0};
    put_be32(&head, width);
    put_be32(&head, height);
    put(&head, "\x08\x02\0\0\0", 5);
    put(&o, "\x89PNG\r\n\x1a\n", 8);
    put_chunk(&o, "IHDR", head.b, 13);
    put_chunk(&o, "IDAT", "not really pixels", 17);
    put_chunk(&o, "IEND", "", 0);
    return o;
}

static inline struct bytes make_jpeg(unsigned width, unsigned height)
{
    struct bytes o = {.n = 0};
    unsigned char sof[19] = {0xff, 0xc0, 0, 17, 8};
    sof[5] = (unsigned char)(height >> 8);
    sof[6] = (unsigned char)height;
    sof[7] = (unsigned char)(width >> 8);
    sof[8] = (unsigned char)width;
    sof[9] = 3;
    put(&o, "\xff\xd8\xff\xe0\0\x10JFIF\0\1\1\0\0\1\0\1\0\0", 20);
    put(&o, sof, sizeof sof);
    put(&o, "\xff\xda\0\x08\1\1\0\0\x3f\0 coded\xff\0 data\xff\xd9", 25);
    return o;
}

static inline struct bytes make_webp(unsigned width, unsigned height)
{
    struct bytes o = {.n = 0};
    uint32_t bits = (width - 1) | (height - 1) << 14;
    unsigned char size[5] = {0x2f, (unsigned char)bits, (unsigned char)(bits >> 8),
                             (unsigned char)(bits >> 16), (unsigned char)(bits >> 24)};
    put(&o, "RIFF\x1a\0\0\0WEBPVP8L\x0d\0\0\0", 20);
    put(&o, size, 5);
    put(&o, "123456789", 9);
    return o;
}

static inline struct bytes make_zip(void)
{
    struct bytes o = {.n = 0};
    put(&o, "PK\5\6\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 22);
    return o;
}

static inline struct bytes make_mp4(int with_index)
{
    struct bytes o = {.n = 0};
    put(&o,
        "\0\0\0\x10"
        "ftypisom\0\0\2\0",
        16);
    put(&o, "\0\0\0\x0cmdatabcd", 12);
    if (with_index)
        put(&o, "\0\0\0\x0cmoovabcd", 12);
    return o;
}

#endif
