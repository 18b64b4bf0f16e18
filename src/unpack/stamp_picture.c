/* A PNG, JPEG or WebP file comes in as bytes; the same goes out with the mark and without the place
 * where it was taken. Knows the outer parts of the three formats and no pixel.
 *
 *   PNG    IHDR, tEXt "slated-bundle", the other chunks; eXIf and XMP are left out
 *   JPEG   SOI, APP0, APP1 (which way up), APP1 (XMP with the mark), the rest; Exif, XMP and IPTC
 *          are left out
 *   WebP   VP8X (made when there is none), the picture's chunks, EXIF (which way up), XMP */
/* SPDX-License-Identifier: ISC */
#include <string.h>

#include <libdeflate.h>

#include "unpack/stamp_priv.h"

/* --- PNG --- */

static uint32_t big32(const unsigned char *at)
{
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

static void put_big32(struct buf *b, uint32_t v)
{
    unsigned char bytes[4] = {v >> 24 & 255, v >> 16 & 255, v >> 8 & 255, v & 255};
    buf_add(b, bytes, 4);
}

static void png_mark(const char *token, struct buf *out)
{
    struct buf chunk;
    buf_init(&chunk, 4096);
    buf_add(&chunk, "tEXtslated-bundle", 18); /* with the NUL behind the keyword */
    buf_text(&chunk, token);
    put_big32(out, (uint32_t)(chunk.len - 4));
    buf_add(out, chunk.data, chunk.len);
    put_big32(out, libdeflate_crc32(0, chunk.data, chunk.len));
    buf_finish(&chunk);
}

static bool keyword_is(const unsigned char *data, size_t len, const char *word)
{
    size_t n = strlen(word);
    return len >= n && memcmp(data, word, n) == 0;
}

/* Chunks that may say where it was taken, and an older mark. */
static bool png_left_out(const unsigned char *type, size_t len)
{
    const unsigned char *data = type + 4;
    if (memcmp(type, "eXIf", 4) == 0)
        return true;
    if (memcmp(type, "tEXt", 4) && memcmp(type, "zTXt", 4) && memcmp(type, "iTXt", 4))
        return false;
    return keyword_is(data, len, "XML:com.adobe.xmp") ||
           keyword_is(data, len, "Raw profile type") || keyword_is(data, len, "slated-bundle");
}

int stamp_png(const struct stamped *s, struct buf *out, struct err *e)
{
    size_t at = 8;
    bool ended = false;
    buf_add(out, s->data, 8);
    while (!ended) {
        if (s->len - at < 12)
            return stamp_torn(s, e);
        size_t len = big32(s->data + at);
        const unsigned char *type = s->data + at + 4;
        if (len > s->len - at - 12 || (at == 8) != (memcmp(type, "IHDR", 4) == 0))
            return stamp_torn(s, e);
        if (!png_left_out(type, len))
            buf_add(out, s->data + at, len + 12);
        if (at == 8)
            png_mark(s->token, out);
        ended = memcmp(type, "IEND", 4) == 0;
        at += len + 12;
    }
    return 0;
}

/* --- JPEG --- */

static void jpeg_segment(struct buf *out, const void *head, size_t head_len, const struct buf *body)
{
    size_t len = 2 + head_len + body->len;
    unsigned char start[4] = {0xff, 0xe1, len >> 8 & 255, len & 255};
    buf_add(out, start, 4);
    buf_add(out, head, head_len);
    buf_add(out, body->data, body->len);
}

static void jpeg_marks(const struct stamped *s, const struct buf *turn, struct buf *out)
{
    static const char name[] = "http://ns.adobe.com/xap/1.0/";
    struct buf xmp;
    buf_init(&xmp, 4096);
    stamp_xmp(s->token, &xmp);
    if (turn->len)
        jpeg_segment(out, "Exif\0\0", 6, turn);
    jpeg_segment(out, name, sizeof(name), &xmp);
    buf_finish(&xmp);
}

/* Where the pixels' own segments begin to matter: copies all but APP1 and APP13. */
static int jpeg_rest(const struct stamped *s, size_t at, struct buf *rest, struct buf *turn,
                     struct err *e)
{
    for (;;) {
        if (s->len - at < 4 || s->data[at] != 0xff)
            return stamp_torn(s, e);
        unsigned char marker = s->data[at + 1];
        size_t len = (size_t)s->data[at + 2] << 8 | s->data[at + 3];
        if (marker == 0xff) {
            at++; /* a fill byte */
            continue;
        }
        if (marker == 0xda)
            break;
        if (len < 2 || len > s->len - at - 2)
            return stamp_torn(s, e);
        if (marker == 0xe1 && len >= 8 && memcmp(s->data + at + 4, "Exif\0\0", 6) == 0) {
            buf_reset(turn);
            stamp_turn(s->data + at + 10, len - 8, turn);
        }
        if (marker != 0xe1 && marker != 0xed)
            buf_add(rest, s->data + at, len + 2);
        at += len + 2;
    }
    buf_add(rest, s->data + at, s->len - at);
    return 0;
}

int stamp_jpeg(const struct stamped *s, struct buf *out, struct err *e)
{
    struct buf rest, turn;
    size_t first = 2;
    buf_init(&rest, out->cap);
    buf_init(&turn, 64);
    if (s->len > 6 && s->data[3] == 0xe0) /* APP0 stays the first */
        first += 2 + ((size_t)s->data[4] << 8 | s->data[5]);
    int rc = first > s->len ? stamp_torn(s, e) : jpeg_rest(s, first, &rest, &turn, e);
    if (!rc) {
        buf_add(out, s->data, first);
        jpeg_marks(s, &turn, out);
        buf_add(out, rest.data, rest.len);
    }
    buf_finish(&rest);
    buf_finish(&turn);
    return rc;
}

/* --- WebP --- */

#define WEBP_ALPHA 0x10
#define WEBP_EXIF  0x08
#define WEBP_XMP   0x04

static uint32_t little32(const unsigned char *at)
{
    return (uint32_t)at[3] << 24 | (uint32_t)at[2] << 16 | (uint32_t)at[1] << 8 | at[0];
}

static void webp_chunk(struct buf *out, const char *type, const void *data, size_t len)
{
    unsigned char size[4] = {len & 255, len >> 8 & 255, len >> 16 & 255, len >> 24 & 255};
    buf_add(out, type, 4);
    buf_add(out, size, 4);
    buf_add(out, data, len);
    if (len & 1)
        buf_add(out, "", 1);
}

/* The extended header of a file that has only a picture chunk. */
static bool webp_header(const unsigned char *chunk, size_t len, unsigned char ret_header[10])
{
    const unsigned char *data = chunk + 8;
    uint32_t width, height;
    memset(ret_header, 0, 10);
    if (memcmp(chunk, "VP8 ", 4) == 0 && len >= 10 && memcmp(data + 3, "\x9d\x01\x2a", 3) == 0) {
        width = ((uint32_t)data[7] << 8 | data[6]) & 0x3fff;
        height = ((uint32_t)data[9] << 8 | data[8]) & 0x3fff;
    } else if (memcmp(chunk, "VP8L", 4) == 0 && len >= 5 && data[0] == 0x2f) {
        uint32_t bits = little32(data + 1);
        width = (bits & 0x3fff) + 1;
        height = (bits >> 14 & 0x3fff) + 1;
        ret_header[0] = bits >> 28 & 1 ? WEBP_ALPHA : 0;
    } else {
        return false;
    }
    for (int i = 0; i < 3; i++) {
        ret_header[4 + i] = (width - 1) >> (8 * i) & 255;
        ret_header[7 + i] = (height - 1) >> (8 * i) & 255;
    }
    return width > 0 && height > 0;
}

/* Every chunk but the header, EXIF and XMP is copied. */
static int webp_chunks(const struct stamped *s, struct buf *ret_rest, struct buf *turn,
                       unsigned char ret_header[10], struct err *e)
{
    bool extended = false, any = false;
    for (size_t at = 12; s->len - at >= 8;) {
        const unsigned char *chunk = s->data + at;
        size_t len = little32(chunk + 4), padded = len + (len & 1);
        if (len > s->len - at - 8)
            return stamp_torn(s, e);
        if (padded > s->len - at - 8)
            padded = len;
        if (memcmp(chunk, "VP8X", 4) == 0 && len >= 10) {
            memcpy(ret_header, chunk + 8, 10);
            extended = true;
        } else if (memcmp(chunk, "EXIF", 4) == 0) {
            size_t skip = len >= 6 && memcmp(chunk + 8, "Exif\0\0", 6) == 0 ? 6 : 0;
            stamp_turn(chunk + 8 + skip, len - skip, turn);
        } else if (memcmp(chunk, "XMP ", 4)) {
            if (!extended && !any && !webp_header(chunk, len, ret_header))
                return stamp_torn(s, e);
            any = true;
            webp_chunk(ret_rest, (const char *)chunk, chunk + 8, len);
        }
        at += 8 + padded;
    }
    return any ? 0 : stamp_torn(s, e);
}

int stamp_webp(const struct stamped *s, struct buf *out, struct err *e)
{
    unsigned char header[10];
    struct buf rest, turn, xmp, body;
    buf_init(&rest, out->cap);
    buf_init(&turn, 64);
    buf_init(&xmp, 4096);
    buf_init(&body, out->cap);
    int rc = webp_chunks(s, &rest, &turn, header, e);
    if (!rc) {
        header[0] =
            (unsigned char)((header[0] & ~WEBP_EXIF) | WEBP_XMP | (turn.len ? WEBP_EXIF : 0));
        stamp_xmp(s->token, &xmp);
        buf_add(&body, "WEBP", 4);
        webp_chunk(&body, "VP8X", header, sizeof(header));
        buf_add(&body, rest.data, rest.len);
        if (turn.len)
            webp_chunk(&body, "EXIF", turn.data, turn.len);
        webp_chunk(&body, "XMP ", xmp.data, xmp.len);
        webp_chunk(out, "RIFF", body.data, body.len);
    }
    buf_finish(&rest);
    buf_finish(&turn);
    buf_finish(&xmp);
    buf_finish(&body);
    return rc;
}
