/* A PNG's chunks: the file's bytes come in, its header and the places of its rows go out. Checks
 * every length and CRC; never inflates anything. */
/* SPDX-License-Identifier: ISC */
#include "picture/png_chunks.h"

#include <libdeflate.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

static const uint8_t signature[8] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};

/* One chunk while the walk stands on it. */
struct chunk {
    const uint8_t *type; /* four letters */
    struct span body;
    size_t at;    /* offset of its length field */
    char name[5]; /* the type when its letters can be shown, else "????" */
};

struct walk {
    struct span file;
    size_t at;
    size_t chunks, text_len;
    bool ended;
};

static uint32_t big_endian(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static bool is_letter(uint8_t c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

static bool is(const struct chunk *c, const char *name)
{
    return memcmp(c->type, name, 4) == 0;
}

/* Stands on the next chunk: its length fits the file and its CRC is right. */
static int next_chunk(struct walk *w, struct chunk *ret_chunk, struct err *e)
{
    size_t left = w->file.len - w->at;
    const uint8_t *p = w->file.data + w->at;
    if (left < 12)
        return err_set(
            e, ERR_INPUT,
            "the PNG ends at byte %zu without its IEND chunk; it was cut short, copy it again",
            w->file.len);
    struct chunk c = {.type = p + 4, .at = w->at, .name = "????"};
    uint32_t len = big_endian(p);
    for (int i = 0; i < 4; i++)
        if (!is_letter(c.type[i]))
            return err_set(e, ERR_INPUT,
                           "the PNG has no chunk at byte %zu where one must begin; it is damaged",
                           w->at);
    memcpy(c.name, c.type, 4);
    if (len > left - 12)
        return err_set(e, ERR_INPUT,
                       "the PNG ends inside chunk %s at byte %zu: %zu of %u bytes are there; it "
                       "was cut short, "
                       "copy it again",
                       c.name, w->at, left - 8 < len ? left - 8 : (size_t)len, len);
    c.body = (struct span){p + 8, len};
    if (libdeflate_crc32(0, c.type, (size_t)len + 4) != big_endian(p + 8 + len))
        return err_set(e, ERR_INPUT,
                       "the PNG's chunk %s at byte %zu is damaged: its CRC does not fit", c.name,
                       w->at);
    w->at += (size_t)len + 12;
    *ret_chunk = c;
    return 0;
}

static bool depth_fits(int colour, int depth)
{
    switch (colour) {
    case PNG_GREY:
        return depth == 1 || depth == 2 || depth == 4 || depth == 8 || depth == 16;
    case PNG_PALETTE:
        return depth == 1 || depth == 2 || depth == 4 || depth == 8;
    case PNG_RGB:
    case PNG_GREY_ALPHA:
    case PNG_RGBA:
        return depth == 8 || depth == 16;
    }
    return false;
}

static int take_header(const struct chunk *c, struct png_chunks *out, struct err *e)
{
    const uint8_t *p = c->body.data;
    if (!is(c, "IHDR") || c->body.len != 13)
        return err_set(e, ERR_INPUT,
                       "the PNG begins with chunk %s of %zu bytes, expected IHDR of 13", c->name,
                       c->body.len);
    out->width = big_endian(p), out->height = big_endian(p + 4);
    int rc = pixels_check_size(out->width, out->height, e);
    if (rc) {
        err_prefix(e, "the PNG's header says");
        return rc;
    }
    if (!depth_fits(p[9], p[8]) || p[10] != 0 || p[11] != 0 || p[12] > 1)
        return err_set(
            e, ERR_INPUT,
            "the PNG's IHDR holds a form that does not exist (depth %d, colour %d, compression %d, "
            "filter %d, interlace %d)",
            p[8], p[9], p[10], p[11], p[12]);
    out->depth = p[8], out->colour = (enum png_colour)p[9], out->interlaced = p[12] == 1;
    return 0;
}

static void take_rows(const struct chunk *c, struct png_chunks *out)
{
    if ((out->rows_n & (out->rows_n - 1)) == 0)
        out->rows = mem_grow(out->rows, out->rows_n ? out->rows_n * 2 : 1, sizeof *out->rows);
    out->rows[out->rows_n++] = c->body;
    out->rows_len += c->body.len;
}

static int take_text(struct walk *w, const struct chunk *c, struct err *e)
{
    w->text_len += c->body.len;
    if (w->text_len > PNG_MAX_TEXT)
        return err_set(
            e, ERR_LIMIT,
            "the PNG carries more than %zu MiB of text, reached in chunk %s at byte %zu; save it "
            "again without its comments",
            PNG_MAX_TEXT >> 20, c->name, c->at);
    return 0;
}

static int take_palette(const struct chunk *c, struct png_chunks *out, struct err *e)
{
    if (c->body.len == 0 || c->body.len % 3 != 0 || c->body.len > 768 || out->palette.data)
        return err_set(e, ERR_INPUT,
                       "the PNG's chunk PLTE at byte %zu is not one palette of 1 to 256 colours",
                       c->at);
    out->palette = c->body;
    return 0;
}

/* Files one chunk after the first; a chunk that must be understood and is not known is refused. */
static int take_chunk(struct walk *w, const struct chunk *c, struct png_chunks *out, struct err *e)
{
    if (is(c, "IDAT"))
        take_rows(c, out);
    else if (is(c, "IEND"))
        w->ended = true;
    else if (is(c, "PLTE"))
        return take_palette(c, out, e);
    else if (is(c, "tRNS"))
        out->clear = c->body;
    else if (is(c, "tEXt") || is(c, "zTXt") || is(c, "iTXt"))
        return take_text(w, c, e);
    else if (c->type[0] >= 'A' && c->type[0] <= 'Z')
        return err_set(
            e, is(c, "IHDR") ? ERR_INPUT : ERR_UNSUPPORTED,
            "the PNG has a chunk %s at byte %zu that does not belong in a plain PNG; save it again "
            "with another program",
            c->name, c->at);
    return 0;
}

static int walk_all(struct walk *w, struct png_chunks *out, struct err *e)
{
    struct chunk c;
    int rc = next_chunk(w, &c, e);
    if (!rc)
        rc = take_header(&c, out, e);
    while (!rc && !w->ended) {
        rc = next_chunk(w, &c, e);
        if (!rc && ++w->chunks > PNG_MAX_CHUNKS)
            rc = err_set(e, ERR_LIMIT,
                         "the PNG has more than %d chunks, reached with %s at byte %zu",
                         PNG_MAX_CHUNKS, c.name, c.at);
        if (!rc)
            rc = take_chunk(w, &c, out, e);
    }
    if (!rc && out->rows_n == 0)
        rc = err_set(e, ERR_INPUT, "the PNG has no IDAT chunk, so there is no picture in it");
    if (!rc && out->colour == PNG_PALETTE && !out->palette.data)
        rc = err_set(e, ERR_INPUT, "the PNG uses a palette and has no PLTE chunk");
    return rc;
}

int png_chunks_walk(struct span file, struct png_chunks *ret_chunks, struct err *e)
{
    struct walk w = {.file = file, .at = sizeof signature};
    struct png_chunks out = {0};
    if (file.len < sizeof signature || memcmp(file.data, signature, sizeof signature) != 0)
        return err_set(e, ERR_INPUT, "the PNG's first eight bytes are damaged");
    int rc = walk_all(&w, &out, e);
    if (rc)
        png_chunks_finish(&out);
    else
        *ret_chunks = out;
    return rc;
}

void png_chunks_finish(struct png_chunks *c)
{
    mem_free(c->rows);
    *c = (struct png_chunks){0};
}

/* Copies a chunk as it stands in the file, with its length before and its CRC behind. */
static void copy_chunk(struct encoded *out, struct span body)
{
    memcpy(out->data + out->len, body.data - 8, body.len + 12);
    out->len += body.len + 12;
}

struct encoded png_chunks_bare(struct span file, const struct png_chunks *c)
{
    static const uint8_t end[12] = {0, 0, 0, 0, 'I', 'E', 'N', 'D', 0xae, 0x42, 0x60, 0x82};
    struct encoded out = {.data = mem_alloc(file.len + sizeof end)};
    memcpy(out.data, file.data, 33); /* signature and IHDR */
    out.len = 33;
    if (c->palette.data)
        copy_chunk(&out, c->palette);
    if (c->clear.data)
        copy_chunk(&out, c->clear);
    for (size_t i = 0; i < c->rows_n; i++)
        copy_chunk(&out, c->rows[i]);
    memcpy(out.data + out.len, end, sizeof end);
    out.len += sizeof end;
    return out;
}
