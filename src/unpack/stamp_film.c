/* An MP4 or MOV file comes in as bytes; the same goes out with the mark in an XMP box behind its
 * end, and with the boxes that say where it was taken blanked in place, so that no offset inside
 * moves. Knows boxes, no samples. */
/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "unpack/stamp_priv.h"

#define DEPTH_MAX 6

static const unsigned char xmp_box[16] = {0xBE, 0x7A, 0xCF, 0xCB, 0x97, 0xA9, 0x42, 0xE8,
                                          0x9C, 0x71, 0x99, 0x94, 0x91, 0xE3, 0xAF, 0xAC};

static uint64_t big(const unsigned char *at, int width)
{
    uint64_t v = 0;
    for (int i = 0; i < width; i++)
        v = v << 8 | at[i];
    return v;
}

/* A box at the start of bytes: its whole length and that of its header, 0 when it makes no sense.
 */
static size_t box_len(const unsigned char *at, size_t left, size_t *ret_header)
{
    if (left < 8)
        return 0;
    uint64_t len = big(at, 4);
    *ret_header = 8;
    if (len == 1 && left >= 16) {
        len = big(at + 8, 8);
        *ret_header = 16;
    } else if (len == 0) {
        len = left;
    }
    return len >= *ret_header && len <= left ? (size_t)len : 0;
}

static bool type_is(const unsigned char *box, const char *type)
{
    return memcmp(box + 4, type, 4) == 0;
}

static void blank(unsigned char *box, size_t len, size_t header)
{
    memcpy(box + 4, "free", 4);
    memset(box + header, 0, len - header);
}

static bool says_where(const unsigned char *box, size_t len)
{
    static const char word[] = "location.ISO6709";
    if (type_is(box, "\xa9xyz") || type_is(box, "loci"))
        return true;
    return type_is(box, "meta") && memmem(box, len, word, sizeof(word) - 1) != NULL;
}

static void blank_places(unsigned char *at, size_t len, int depth)
{
    size_t header = 0, box;
    for (; (box = box_len(at, len, &header)); at += box, len -= box) {
        if (says_where(at, box))
            blank(at, box, header);
        else if (depth < DEPTH_MAX &&
                 (type_is(at, "moov") || type_is(at, "trak") || type_is(at, "udta")))
            blank_places(at + header, box - header, depth + 1);
    }
}

/* Whether the top boxes fill the file, with a film's header among them. A last box that runs to the
 * end of the file would swallow what is put behind it. */
static bool is_whole(const struct stamped *s)
{
    bool film = false;
    size_t at = 0, header = 0;
    while (at < s->len) {
        size_t box = box_len(s->data + at, s->len - at, &header);
        if (!box || big(s->data + at, 4) == 0)
            return false;
        film = film || type_is(s->data + at, "moov");
        at += box;
    }
    return film;
}

int stamp_film(const struct stamped *s, struct buf *out, struct err *e)
{
    struct buf xmp;
    if (!is_whole(s))
        return stamp_torn(s, e);
    buf_init(&xmp, 4096);
    stamp_xmp(s->token, &xmp);
    uint32_t len = (uint32_t)(8 + sizeof(xmp_box) + xmp.len);
    unsigned char head[8] = {
        len >> 24 & 255, len >> 16 & 255, len >> 8 & 255, len & 255, 'u', 'u', 'i', 'd'};
    buf_add(out, s->data, s->len);
    if (!out->full)
        blank_places((unsigned char *)out->data, out->len, 0);
    buf_add(out, head, sizeof(head));
    buf_add(out, xmp_box, sizeof(xmp_box));
    buf_add(out, xmp.data, xmp.len);
    buf_finish(&xmp);
    return 0;
}
