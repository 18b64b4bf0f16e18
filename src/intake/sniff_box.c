/* Formats that say their own length: WebP (RIFF), GIF (trailer), MP4 (boxes), zip (directory at the
 * end). */
/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "intake/sniff.h"

/* --- WebP --- */

static void webp_size(const unsigned char *b, struct sniffed *s)
{
    if (memcmp(b + 12, "VP8X", 4) == 0) {
        sniff_size(s, 1 + (uint64_t)(sniff_le32(b + 24) & 0xffffff),
                   1 + (uint64_t)(sniff_le32(b + 26) >> 8));
    } else if (memcmp(b + 12, "VP8L", 4) == 0 && b[20] == 0x2f) {
        uint32_t bits = sniff_le32(b + 21);
        sniff_size(s, 1 + (bits & 0x3fff), 1 + (bits >> 14 & 0x3fff));
    } else if (memcmp(b + 12, "VP8 ", 4) == 0 && memcmp(b + 23, "\x9d\x01\x2a", 3) == 0) {
        sniff_size(s, (uint64_t)(b[26] | b[27] << 8) & 0x3fff,
                   (uint64_t)(b[28] | b[29] << 8) & 0x3fff);
    } else {
        sniff_say(s, "IMAGE_CORRUPT no picture after its header");
    }
}

void sniff_webp(const struct sniff_from *from, struct sniffed *s)
{
    unsigned char b[30];
    size_t n = sniff_read(from, 0, b, sizeof b);
    uint64_t wanted = 8 + (uint64_t)sniff_le32(b + 4);
    if (n == sizeof b)
        webp_size(b, s);
    if (from->len < wanted || n < sizeof b)
        sniff_short(s, from->len, wanted, "IMAGE_TRUNCATED shorter than its header says");
    else if (from->len > wanted + 1) /* one byte of padding is usual */
        sniff_say(s, "IMAGE_TAIL %llu bytes after the picture's end",
                  (unsigned long long)(from->len - wanted));
}

/* --- GIF --- */

void sniff_gif(const struct sniff_from *from, struct sniffed *s)
{
    unsigned char b[10], last;
    if (sniff_read(from, 0, b, sizeof b) == sizeof b)
        sniff_size(s, (uint64_t)(b[6] | b[7] << 8), (uint64_t)(b[8] | b[9] << 8));
    if (sniff_read(from, from->len - 1, &last, 1) != 1 || last != 0x3b)
        sniff_short(s, 0, 0, "IMAGE_TRUNCATED it ends before its trailer");
}

/* --- MP4 --- */

#define BOXES_MAX 10000

/* The length of the box at b (n bytes are there): 0 when it reaches to the end of the file, 1 when
 * it makes no sense. */
static uint64_t box_len(const unsigned char *b, size_t n)
{
    uint64_t len = sniff_be32(b);
    if (len == 1)
        return n < 16 ? 1 : (uint64_t)sniff_be32(b + 8) << 32 | sniff_be32(b + 12);
    return len == 0 || len >= 8 ? len : 1;
}

void sniff_mp4(const struct sniff_from *from, struct sniffed *s)
{
    unsigned char b[16];
    uint64_t at = 0;
    bool moov = false;
    for (int n = 0; n < BOXES_MAX && at < from->len; n++) {
        size_t got = sniff_read(from, at, b, sizeof b);
        uint64_t len = got < 8 ? 8 : box_len(b, got);
        if (len != 0 && len < 8) {
            sniff_say(s, "VIDEO_CORRUPT a box without length at byte %llu", (unsigned long long)at);
            return;
        }
        moov = moov || (got >= 8 && memcmp(b + 4, "moov", 4) == 0);
        if (len == 0)
            break;
        if (len > from->len - at) {
            sniff_short(s, from->len, len > UINT64_MAX - at ? UINT64_MAX : at + len,
                        "VIDEO_TRUNCATED it ends inside a box");
            return;
        }
        at += len;
    }
    if (!moov)
        sniff_short(s, 0, 0, "VIDEO_TRUNCATED its index (moov) is not there yet");
}

/* --- zip --- */

#define ZIP_END_LEN  22
#define ZIP_TAIL_LEN (ZIP_END_LEN + 65535) /* the longest comment */

void sniff_zip(const struct sniff_from *from, struct sniffed *s)
{
    unsigned char tail[ZIP_TAIL_LEN];
    uint64_t start = from->len > sizeof tail ? from->len - sizeof tail : 0;
    size_t n = sniff_read(from, start, tail, sizeof tail);
    for (size_t i = n < ZIP_END_LEN ? 0 : n - ZIP_END_LEN + 1; i-- > 0;) {
        uint64_t comment, size, offset;
        if (memcmp(tail + i, "PK\5\6", 4) != 0)
            continue;
        comment = (uint64_t)tail[i + 20] | (uint64_t)tail[i + 21] << 8;
        size = sniff_le32(tail + i + 12);
        offset = sniff_le32(tail + i + 16);
        if (i + ZIP_END_LEN + comment > n || (offset != 0xffffffff && offset + size > start + i))
            continue;
        return;
    }
    sniff_short(s, 0, 0, "ZIP_TRUNCATED its directory is not there yet");
}
