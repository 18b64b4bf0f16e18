/* WebP both ways. Bytes come in, RGBA goes out; of an animation the first frame, on its canvas.
 * What is written is lossy and the same for the same pixels. */
/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>

#include <webp/decode.h>
#include <webp/encode.h>

#include "base/mem.h"
#include "picture/picture_priv.h"

#define WEBP_QUALITY 90.0f

static uint32_t little_endian(const uint8_t *p, size_t width)
{
    uint32_t v = 0;
    while (width--)
        v = v << 8 | p[width];
    return v;
}

static void put_little_endian(uint8_t *p, uint32_t v)
{
    for (int i = 0; i < 4; i++)
        p[i] = (uint8_t)(v >> (8 * i));
}

/* ---- reading */

static int decode_whole(struct span file, const WebPBitstreamFeatures *f, struct pixels *ret_pixels,
                        struct err *e)
{
    struct pixels p = {0};
    int rc = pixels_init(&p, f->width, f->height, e);
    if (rc) {
        err_prefix(e, "the WebP's header says");
        return rc;
    }
    size_t room = (size_t)f->width * (size_t)f->height * 4;
    if (!WebPDecodeRGBAInto(file.data, file.len, p.data, room, f->width * 4)) {
        pixels_finish(&p);
        return err_set(e, ERR_INPUT, "the WebP is torn or damaged; copy it again");
    }
    if (f->has_alpha)
        pixels_look_opaque(&p);
    else
        p.opaque = true;
    *ret_pixels = p;
    return 0;
}

/* Walks the chunks between at and the end; stands on the first of that name. */
static bool find_chunk(struct span in, size_t at, const char *name, struct span *ret_body)
{
    while (at + 8 <= in.len) {
        uint32_t len = little_endian(in.data + at + 4, 4);
        if (len > in.len - at - 8)
            return false;
        if (memcmp(in.data + at, name, 4) == 0) {
            *ret_body = (struct span){in.data + at + 8, len};
            return true;
        }
        at += 8 + (size_t)len + (len & 1);
    }
    return false;
}

/* A frame's chunks (alpha and picture) dressed as a file of their own. Owned. */
static struct encoded frame_file(struct span chunks, const uint8_t *size)
{
    struct encoded out = {.data = mem_alloc(chunks.len + 31), .len = chunks.len + 30};
    memcpy(out.data, "RIFF....WEBPVP8X", 16);
    put_little_endian(out.data + 4, (uint32_t)(out.len - 8));
    put_little_endian(out.data + 16, 10);
    out.data[20] = 0x10; /* may hold alpha */
    memcpy(out.data + 24, size, 6);
    memcpy(out.data + 30, chunks.data, chunks.len);
    return out;
}

/* A frame: x/2 and y/2, width-1 and height-1, duration in three bytes each, flags, then its chunks.
 */
static int decode_first_frame(struct span file, const WebPBitstreamFeatures *canvas,
                              struct pixels *ret_pixels, struct err *e)
{
    struct span frame;
    struct pixels part = {0}, whole = {0};
    WebPBitstreamFeatures features;
    if (!find_chunk(file, 12, "ANMF", &frame) || frame.len < 24)
        return err_set(e, ERR_INPUT, "the animated WebP has no whole first frame; copy it again");
    struct encoded alone =
        frame_file((struct span){frame.data + 16, frame.len - 16}, frame.data + 6);
    struct span bytes = {alone.data, alone.len};
    int rc = 0;
    if (WebPGetFeatures(bytes.data, bytes.len, &features) != VP8_STATUS_OK)
        rc = err_set(e, ERR_INPUT, "the animated WebP's first frame is damaged; copy it again");
    if (!rc)
        rc = decode_whole(bytes, &features, &part, e);
    if (!rc)
        rc = pixels_init(&whole, canvas->width, canvas->height, e);
    if (!rc) {
        pixels_lay(&whole, &part, (int)little_endian(frame.data, 3) * 2,
                   (int)little_endian(frame.data + 3, 3) * 2);
        pixels_look_opaque(&whole);
        *ret_pixels = whole;
    }
    pixels_finish(&part);
    free(alone.data);
    return rc;
}

int webp_read(struct span file, struct pixels *ret_pixels, struct err *e)
{
    WebPBitstreamFeatures f;
    if (file.len < 12 || little_endian(file.data + 4, 4) > file.len - 8)
        return err_set(e, ERR_INPUT,
                       "the WebP announces %zu bytes and has %zu; it was cut short, copy it again",
                       file.len < 12 ? (size_t)12 : (size_t)little_endian(file.data + 4, 4) + 8,
                       file.len);
    if (WebPGetFeatures(file.data, file.len, &f) != VP8_STATUS_OK)
        return err_set(e, ERR_INPUT, "the WebP's header is damaged; copy it again");
    int rc = pixels_check_size((uint64_t)f.width, (uint64_t)f.height, e);
    if (rc) {
        err_prefix(e, "the WebP's header says");
        return rc;
    }
    return f.has_animation ? decode_first_frame(file, &f, ret_pixels, e)
                           : decode_whole(file, &f, ret_pixels, e);
}

/* ---- writing */

int webp_write(const struct pixels *p, struct encoded *ret_out, struct err *e)
{
    uint8_t *out = NULL;
    if (p->width > WEBP_MAX_DIMENSION || p->height > WEBP_MAX_DIMENSION)
        return err_set(e, ERR_LIMIT,
                       "a WebP of %d x %d cannot be written: a side may have at most %d", p->width,
                       p->height, WEBP_MAX_DIMENSION);
    size_t len = WebPEncodeRGBA(p->data, p->width, p->height, p->width * 4, WEBP_QUALITY, &out);
    if (len == 0)
        return err_set(e, ERR_IO, "the WebP of %d x %d cannot be encoded", p->width, p->height);
    ret_out->data = mem_grow(NULL, len, 1);
    ret_out->len = len;
    memcpy(ret_out->data, out, len);
    WebPFree(out);
    return 0;
}
