/* Pixels and provenance come in, a PNG's bytes go out: RGB when nothing is transparent, one IDAT,
 * the fastest compression with a filter chosen for every row. The same pixels and tag always give
 * the same bytes. */
/* SPDX-License-Identifier: ISC */
#include <libdeflate.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "picture/picture_priv.h"
#include "picture/png_filter.h"
#include "picture/png_pack.h"

#define PNG_MAX_TAG ((size_t)1024 * 1024)

static void put_big_endian(uint8_t *to, uint32_t v)
{
    to[0] = (uint8_t)(v >> 24), to[1] = (uint8_t)(v >> 16), to[2] = (uint8_t)(v >> 8),
    to[3] = (uint8_t)v;
}

/* ---- text chunks */

static void add_chunk(struct buf *out, const char *type, const void *body, size_t len)
{
    uint8_t word[4];
    put_big_endian(word, (uint32_t)len);
    buf_add(out, word, 4);
    buf_add(out, type, 4);
    buf_add(out, body, len);
    put_big_endian(word, libdeflate_crc32(libdeflate_crc32(0, type, 4), body, len));
    buf_add(out, word, 4);
}

static bool is_plain(const char *text)
{
    for (; *text; text++)
        if ((unsigned char)*text > 126 || ((unsigned char)*text < 32 && *text != '\n'))
            return false;
    return true;
}

static bool is_key(const char *key)
{
    size_t len = strlen(key);
    return len >= 1 && len <= 79 && is_plain(key) && !strchr(key, '\n') && !strstr(key, "  ") &&
           key[0] != ' ' && key[len - 1] != ' ';
}

/* One member as tEXt (plain ASCII) or as uncompressed iTXt (UTF-8). */
static int add_text(struct buf *out, const cJSON *member, struct err *e)
{
    if (!cJSON_IsString(member) || !member->string || !is_key(member->string))
        return err_set(e, ERR_INPUT,
                       "the tag \"%.80s\" cannot be written into a PNG: a name has 1 to 79 plain "
                       "letters, a value is text",
                       member->string ? member->string : "");
    struct buf body;
    buf_init(&body, PNG_MAX_TAG);
    bool plain = is_plain(member->valuestring);
    buf_add(&body, member->string, strlen(member->string) + 1);
    if (!plain)
        buf_add(&body, "\0\0\0\0",
                4); /* not compressed, method 0, no language, no translated name */
    buf_text(&body, member->valuestring);
    if (!body.full)
        add_chunk(out, plain ? "tEXt" : "iTXt", body.data, body.len);
    int rc = body.full ? err_set(e, ERR_LIMIT, "the tag \"%s\" is longer than %zu bytes",
                                 member->string, PNG_MAX_TAG)
                       : 0;
    buf_finish(&body);
    return rc;
}

static int add_tag(struct buf *out, const cJSON *tag, struct err *e)
{
    const cJSON *member;
    int rc = 0;
    cJSON_ArrayForEach(member, tag) if (!rc) rc = add_text(out, member, e);
    if (!rc && out->full)
        rc = err_set(e, ERR_LIMIT, "the tags of one picture are longer than %zu bytes together",
                     PNG_MAX_TAG);
    return rc;
}

/* ---- rows */

/* Four bytes at a time: the fourth is written over by the next pixel, or lies in the slack behind
 * the row. */
static void take_rgb(uint8_t *restrict to, const uint8_t *restrict row, size_t width)
{
    for (size_t x = 0; x < width; x++)
        memcpy(to + x * 3, row + x * 4, 4);
}

/* All rows filtered, each behind its filter byte. The row and the one above take turns in two
 * padded buffers. */
static uint8_t *filter_rows(const struct pixels *p, int wide, size_t *ret_len)
{
    size_t width = (size_t)p->width, row_len = width * (size_t)wide,
           padded = row_len + 2 * PNG_ROW_SLACK;
    uint8_t *all = mem_grow(NULL, (row_len + 1) * (size_t)p->height, 1);
    uint8_t *pair = mem_alloc(padded * 2);
    uint8_t *scratch = mem_alloc((row_len + PNG_ROW_SLACK) * PNG_FILTERS);
    for (int y = 0; y < p->height; y++) {
        uint8_t *row = pair + PNG_ROW_SLACK + (y % 2 ? padded : 0);
        const uint8_t *above = pair + PNG_ROW_SLACK + (y % 2 ? 0 : padded);
        const uint8_t *from = p->data + (size_t)y * width * 4;
        uint8_t *out = all + (row_len + 1) * (size_t)y;
        if (wide == 4)
            memcpy(row, from, row_len);
        else
            take_rgb(row, from, width);
        out[0] = (uint8_t)png_filter_row(row, above, row_len, wide, scratch, out + 1);
    }
    free(scratch);
    free(pair);
    *ret_len = (row_len + 1) * (size_t)p->height;
    return all;
}

/* ---- the file */

static void add_header(struct buf *out, const struct pixels *p)
{
    uint8_t body[13] = {0};
    put_big_endian(body, (uint32_t)p->width);
    put_big_endian(body + 4, (uint32_t)p->height);
    body[8] = 8;
    body[9] = p->opaque ? 2 : 6;
    buf_add(out, "\x89PNG\r\n\x1a\n", 8);
    add_chunk(out, "IHDR", body, sizeof body);
}

/* Head, one IDAT compressed in its place, IEND. */
static int join(const struct buf *head, const uint8_t *rows, size_t len, struct encoded *ret_out,
                struct err *e)
{
    static const uint8_t end[12] = {0, 0, 0, 0, 'I', 'E', 'N', 'D', 0xae, 0x42, 0x60, 0x82};
    uint8_t *data = mem_grow(NULL, head->len + 8 + png_pack_room(len) + 4 + sizeof end, 1);
    uint8_t *idat = data + head->len;
    size_t packed;
    int rc = png_pack(rows, len, idat + 8, &packed, e);
    if (rc) {
        free(data);
        return rc;
    }
    memcpy(data, head->data, head->len);
    put_big_endian(idat, (uint32_t)packed);
    memcpy(idat + 4, "IDAT", 4);
    put_big_endian(idat + 8 + packed, libdeflate_crc32(0, idat + 4, packed + 4));
    memcpy(idat + 12 + packed, end, sizeof end);
    *ret_out = (struct encoded){data, head->len + 12 + packed + sizeof end};
    return 0;
}

int png_write(const struct pixels *p, const cJSON *tag, struct encoded *ret_out, struct err *e)
{
    struct buf head;
    buf_init(&head, PNG_MAX_TAG + 4096);
    add_header(&head, p);
    int rc = add_tag(&head, tag, e);
    if (!rc) {
        size_t len;
        uint8_t *rows = filter_rows(p, p->opaque ? 3 : 4, &len);
        rc = join(&head, rows, len, ret_out, e);
        free(rows);
    }
    buf_finish(&head);
    return rc;
}
