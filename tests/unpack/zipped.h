/* Zips written byte by byte, so that a test can say things in them no honest program says. */
/* SPDX-License-Identifier: ISC */
#ifndef TESTS_UNPACK_ZIPPED_H
#define TESTS_UNPACK_ZIPPED_H

#include <libdeflate.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"

struct zipped {
    struct buf files, directory;
    int n;
};

#define ZIPPED_FILE   0100644u
#define ZIPPED_FOLDER 0040755u
#define ZIPPED_LINK   0120777u
#define ZIPPED_LOCKED 1u
#define ZIPPED_UTF8   0x800u

static inline void zipped_init(struct zipped *z)
{
    buf_init(&z->files, (size_t)512 << 20);
    buf_init(&z->directory, (size_t)64 << 20);
    z->n = 0;
}

static inline void zipped_num(struct buf *b, uint32_t v, int width)
{
    uint8_t bytes[4] = {(uint8_t)v, (uint8_t)(v >> 8), (uint8_t)(v >> 16), (uint8_t)(v >> 24)};
    buf_add(b, bytes, (size_t)width);
}

/* What the header in front of a file and its line in the directory have in common. */
static inline void zipped_facts(struct buf *b, uint32_t flags, int method, uint32_t crc,
                                size_t packed, size_t len, const char *name)
{
    zipped_num(b, 20, 2);
    zipped_num(b, flags, 2);
    zipped_num(b, (uint32_t)method, 2);
    zipped_num(b, 0x5a210000, 4);
    zipped_num(b, crc, 4);
    zipped_num(b, (uint32_t)packed, 4);
    zipped_num(b, (uint32_t)len, 4);
    zipped_num(b, (uint32_t)strlen(name), 2);
    zipped_num(b, 0, 2);
}

/* Adds an entry; long data is deflated, short data stored. */
static inline void zipped_add(struct zipped *z, const char *name, uint32_t mode, uint32_t flags,
                              const void *data, size_t len)
{
    uint32_t at = (uint32_t)z->files.len, crc = libdeflate_crc32(0, len ? data : "", len);
    struct libdeflate_compressor *c = libdeflate_alloc_compressor(9);
    bool deflate = len > 1000;
    size_t room = libdeflate_deflate_compress_bound(c, len), packed = len;
    char *bytes = mem_alloc(room);
    if (deflate)
        packed = libdeflate_deflate_compress(c, data, len, bytes, room);
    else if (len)
        memcpy(bytes, data, len);
    buf_add(&z->files, "PK\3\4", 4);
    zipped_facts(&z->files, flags, deflate ? 8 : 0, crc, packed, len, name);
    buf_text(&z->files, name);
    buf_add(&z->files, bytes, packed);
    buf_add(&z->directory, "PK\1\2\24\3", 6);
    zipped_facts(&z->directory, flags, deflate ? 8 : 0, crc, packed, len, name);
    zipped_num(&z->directory, 0, 4);
    zipped_num(&z->directory, 0, 2);
    zipped_num(&z->directory, mode << 16, 4);
    zipped_num(&z->directory, at, 4);
    buf_text(&z->directory, name);
    z->n++;
    free(bytes);
    libdeflate_free_compressor(c);
}

static inline void zipped_text(struct zipped *z, const char *name, const char *text)
{
    zipped_add(z, name, ZIPPED_FILE, 0, text, strlen(text));
}

/* Closes the zip; its bytes are z->files afterwards. */
static inline void zipped_close(struct zipped *z)
{
    uint32_t at = (uint32_t)z->files.len;
    buf_add(&z->files, z->directory.data, z->directory.len);
    buf_add(&z->files, "PK\5\6\0\0\0\0", 8);
    zipped_num(&z->files, (uint32_t)z->n, 2);
    zipped_num(&z->files, (uint32_t)z->n, 2);
    zipped_num(&z->files, (uint32_t)z->directory.len, 4);
    zipped_num(&z->files, at, 4);
    zipped_num(&z->files, 0, 2);
    buf_finish(&z->directory);
}

static inline void zipped_save(struct zipped *z, const char *path)
{
    FILE *f = fopen(path, "wb");
    if (!f || fwrite(z->files.data, 1, z->files.len, f) != z->files.len || fclose(f))
        abort();
    buf_finish(&z->files);
}

#endif
