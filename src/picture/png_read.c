/* A PNG's bytes come in, pixels go out. The common forms (8 bits, grey, RGB or RGBA, not
 * interlaced) go through libdeflate and our own unfiltering, every other form through libpng; both
 * see only chunks that were checked before. */
/* SPDX-License-Identifier: ISC */
#include <libdeflate.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "picture/png_chunks.h"
#include "picture/png_filter.h"
#include "picture/png_slow.h"

/* The inflated picture: each row one filter byte and its samples. */
struct filtered {
    uint8_t *data; /* owned */
    size_t row_len;
    int width, height;
    int bytes_per_pixel;
};

static bool is_common(const struct png_chunks *c)
{
    return c->depth == 8 && !c->interlaced && !c->clear.data &&
           (c->colour == PNG_GREY || c->colour == PNG_RGB || c->colour == PNG_RGBA);
}

/* The zlib stream in one piece: borrowed when it is one chunk, else joined into *ret_owned. */
static struct span one_stream(const struct png_chunks *c, uint8_t **ret_owned)
{
    if (c->rows_n == 1)
        return c->rows[0];
    uint8_t *all = mem_alloc(c->rows_len + 1);
    size_t len = 0;
    for (size_t i = 0; i < c->rows_n; i++) {
        memcpy(all + len, c->rows[i].data, c->rows[i].len);
        len += c->rows[i].len;
    }
    *ret_owned = all;
    return (struct span){all, len};
}

static int inflate_rows(const struct png_chunks *c, struct filtered *f, struct err *e)
{
    size_t want = (f->row_len + 1) * (size_t)f->height, got = 0;
    struct libdeflate_decompressor *d = libdeflate_alloc_decompressor();
    if (!d)
        return err_set(e, ERR_IO, "no memory to inflate the PNG");
    uint8_t *owned = NULL;
    struct span stream = one_stream(c, &owned);
    f->data = mem_grow(NULL, want + PNG_ROW_SLACK, 1);
    memset(f->data + want, 0, PNG_ROW_SLACK);
    enum libdeflate_result r =
        libdeflate_zlib_decompress(d, stream.data, stream.len, f->data, want, &got);
    free(owned);
    libdeflate_free_decompressor(d);
    if (r == LIBDEFLATE_INSUFFICIENT_SPACE)
        return err_set(e, ERR_INPUT,
                       "the PNG's IDAT holds more rows than its header announces; it is damaged");
    if (r != LIBDEFLATE_SUCCESS)
        return err_set(e, ERR_INPUT, "the PNG's IDAT does not inflate; it is damaged");
    if (got != want)
        return err_set(
            e, ERR_INPUT,
            "the PNG's IDAT ends after %zu of %zu bytes (row %zu of %d); it was cut short", got,
            want, got / (f->row_len + 1), f->height);
    return 0;
}

HOT_LOOP static void spread_grey(uint8_t *restrict to, const uint8_t *restrict row, size_t width)
{
    for (size_t x = 0; x < width; x++) {
        to[x * 4] = to[x * 4 + 1] = to[x * 4 + 2] = row[x];
        to[x * 4 + 3] = 255;
    }
}

/* Four bytes at a time: the fourth is the next pixel's, or lies in the slack behind the last row.
 */
static void spread_rgb(uint8_t *restrict to, const uint8_t *restrict row, size_t width)
{
    for (size_t x = 0; x < width; x++) {
        memcpy(to + x * 4, row + x * 3, 4);
        to[x * 4 + 3] = 255;
    }
}

static void spread_row(uint8_t *to, const uint8_t *row, const struct filtered *f)
{
    size_t width = (size_t)f->width;
    if (f->bytes_per_pixel == 4)
        memcpy(to, row, width * 4);
    else if (f->bytes_per_pixel == 3)
        spread_rgb(to, row, width);
    else
        spread_grey(to, row, width);
}

/* Undoes the filters row by row, each spread into its pixels while it is still warm. */
static int unfilter(struct filtered *f, struct pixels *p, struct err *e)
{
    uint8_t *none = mem_alloc(f->row_len + PNG_ROW_SLACK);
    const uint8_t *above = none;
    int rc = 0;
    for (int y = 0; y < f->height && !rc; y++) {
        uint8_t *row = f->data + (f->row_len + 1) * (size_t)y;
        if (png_unfilter_row(row[0], row + 1, above, f->row_len, f->bytes_per_pixel) < 0)
            rc = err_set(e, ERR_INPUT,
                         "the PNG's row %d names filter %d, which does not exist; it is damaged", y,
                         row[0]);
        spread_row(p->data + (size_t)y * (size_t)f->width * 4, row + 1, f);
        above = row + 1;
    }
    free(none);
    return rc;
}

static int read_common(const struct png_chunks *c, struct pixels *ret_pixels, struct err *e)
{
    int wide = c->colour == PNG_GREY ? 1 : c->colour == PNG_RGB ? 3 : 4;
    struct filtered f = {.width = (int)c->width, .height = (int)c->height, .bytes_per_pixel = wide};
    struct pixels p = {.width = f.width, .height = f.height};
    f.row_len = (size_t)f.width * (size_t)wide;
    int rc = inflate_rows(c, &f, e);
    if (rc)
        goto out;
    p.data = mem_grow(NULL, (size_t)p.width * (size_t)p.height, 4);
    rc = unfilter(&f, &p, e);
    if (rc)
        goto out;
    if (wide == 4)
        pixels_look_opaque(&p);
    else
        p.opaque = true;
    *ret_pixels = p;
    p.data = NULL;
out:
    free(p.data);
    free(f.data);
    return rc;
}

int png_read(struct span file, struct pixels *ret_pixels, struct err *e)
{
    struct png_chunks c = {0};
    int rc = png_chunks_walk(file, &c, e);
    if (rc)
        return rc;
    if (is_common(&c)) {
        rc = read_common(&c, ret_pixels, e);
    } else {
        struct encoded bare = png_chunks_bare(file, &c);
        rc = png_slow_read((struct span){bare.data, bare.len}, ret_pixels, e);
        free(bare.data);
    }
    png_chunks_finish(&c);
    return rc;
}
