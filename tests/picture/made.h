/* Pictures and files made for the tests of src/picture: nothing is read from outside. */
/* SPDX-License-Identifier: ISC */
#ifndef TESTS_PICTURE_MADE_H
#define TESTS_PICTURE_MADE_H

#include <libdeflate.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/path.h"
#include "picture/pixels.h"

/* A folder of the test's own, made in setup and removed in teardown; *state is its path. */
static inline int made_setup(void **state)
{
    char dir[] = "/tmp/slated-picture-XXXXXX";
    if (!mkdtemp(dir))
        return -1;
    *state = mem_dup(dir);
    return 0;
}

static inline int made_teardown(void **state)
{
    struct err e;
    int rc = file_remove_tree(*state, &e);
    free(*state);
    return rc;
}

/* A path in the test's folder; lives until the eighth later call. */
static inline const char *made_path(void **state, const char *name)
{
    static char paths[8][256];
    static int turn;
    char *path = paths[turn++ % 8];
    snprintf(path, sizeof paths[0], "%s/%s", (const char *)*state, name);
    return path;
}

static inline uint32_t made_random(uint32_t *seed)
{
    *seed = *seed * 1664525u + 1013904223u;
    return *seed >> 8;
}

/* Something like a photograph: soft shapes with noise upon them. grain 0 gives the shapes alone. */
static inline struct pixels made_photo(int width, int height, int grain, bool opaque)
{
    struct pixels p = {.width = width, .height = height, .opaque = opaque};
    uint32_t seed = 7;
    p.data = mem_alloc((size_t)width * (size_t)height * 4);
    for (int y = 0; y < height; y++)
        for (int x = 0; x < width; x++) {
            uint8_t *to = p.data + ((size_t)y * (size_t)width + (size_t)x) * 4;
            int noise = grain ? (int)(made_random(&seed) % (uint32_t)(2 * grain)) - grain : 0;
            int base[3] = {128 + 90 * (x - width / 2) / width, 60 + 120 * y / height,
                           40 + (x * 3 + y * 2) % 160};
            for (int c = 0; c < 3; c++) {
                int v = base[c] + noise;
                to[c] = (uint8_t)(v < 0 ? 0 : v > 255 ? 255 : v);
            }
            to[3] = opaque ? 255 : (uint8_t)(x * 255 / width);
        }
    return p;
}

static inline bool made_same(const struct pixels *a, const struct pixels *b)
{
    return a->width == b->width && a->height == b->height && a->opaque == b->opaque &&
           memcmp(a->data, b->data, (size_t)a->width * (size_t)a->height * 4) == 0;
}

/* ---- PNG files by hand */

static inline void made_word(struct buf *out, uint32_t v)
{
    uint8_t b[4] = {(uint8_t)(v >> 24), (uint8_t)(v >> 16), (uint8_t)(v >> 8), (uint8_t)v};
    buf_add(out, b, 4);
}

static inline void made_chunk(struct buf *out, const char *type, const void *body, size_t len)
{
    made_word(out, (uint32_t)len);
    buf_add(out, type, 4);
    buf_add(out, body, len);
    made_word(out, libdeflate_crc32(libdeflate_crc32(0, type, 4), body, len));
}

static inline void made_header(struct buf *out, uint32_t width, uint32_t height, int depth,
                               int colour, int interlace)
{
    uint8_t b[13] = {(uint8_t)(width >> 24),
                     (uint8_t)(width >> 16),
                     (uint8_t)(width >> 8),
                     (uint8_t)width,
                     (uint8_t)(height >> 24),
                     (uint8_t)(height >> 16),
                     (uint8_t)(height >> 8),
                     (uint8_t)height,
                     (uint8_t)depth,
                     (uint8_t)colour,
                     0,
                     0,
                     (uint8_t)interlace};
    buf_init(out, (size_t)64 << 20);
    buf_add(out, "\x89PNG\r\n\x1a\n", 8);
    made_chunk(out, "IHDR", b, sizeof b);
}

/* IDAT of the given filtered rows. */
static inline void made_rows(struct buf *out, const void *rows, size_t len)
{
    struct libdeflate_compressor *c = libdeflate_alloc_compressor(6);
    size_t room = libdeflate_zlib_compress_bound(c, len);
    char *z = mem_alloc(room);
    size_t n = libdeflate_zlib_compress(c, rows, len, z, room);
    made_chunk(out, "IDAT", z, n);
    free(z);
    libdeflate_free_compressor(c);
}

static inline void made_end(struct buf *out)
{
    made_chunk(out, "IEND", "", 0);
}

static inline void made_file(const char *path, const void *bytes, size_t len)
{
    FILE *f = fopen(path, "wb");
    if (!f || (len && fwrite(bytes, 1, len, f) != len) || fclose(f))
        abort();
}

static inline void made_save(struct buf *out, const char *path)
{
    made_file(path, out->data, out->len);
    buf_finish(out);
}

static inline char *made_bytes(const char *path, size_t *ret_len)
{
    struct err e;
    char *bytes = NULL;
    if (file_read(path, (size_t)256 << 20, &bytes, ret_len, &e))
        abort();
    return bytes;
}

#endif
