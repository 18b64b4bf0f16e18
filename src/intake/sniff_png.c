/* A PNG's chunks: signature, IHDR, then length by length to IEND. */
/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "intake/sniff.h"

#define SIGNATURE_LEN 8
#define FRAME_LEN     12                 /* length, type, CRC */
#define CHUNKS_MAX    50000              /* an encoder writes some thousands at most */
#define TEXT_LEN_MAX  (8u * 1024 * 1024) /* libpng's own limit for a chunk it keeps */

static uint32_t crc_of(const unsigned char *bytes, size_t n)
{
    uint32_t crc = 0xffffffff;
    for (size_t i = 0; i < n; i++) {
        crc ^= bytes[i];
        for (int bit = 0; bit < 8; bit++)
            crc = crc >> 1 ^ (crc & 1 ? 0xedb88320 : 0);
    }
    return ~crc;
}

static bool read_header(const struct sniff_from *from, struct sniffed *s)
{
    unsigned char b[8 + 13 + 4];
    if (sniff_read(from, SIGNATURE_LEN, b, sizeof b) < sizeof b) {
        sniff_short(s, from->len, SIGNATURE_LEN + sizeof b,
                    "IMAGE_TRUNCATED it ends in its header");
        return false;
    }
    if (sniff_be32(b) != 13 || memcmp(b + 4, "IHDR", 4) != 0 ||
        crc_of(b + 4, 17) != sniff_be32(b + 21)) {
        sniff_say(s, "IMAGE_CORRUPT its first chunk is no sound IHDR");
        return false;
    }
    sniff_size(s, sniff_be32(b + 8), sniff_be32(b + 12));
    return true;
}

static bool is_text_chunk(const unsigned char *type)
{
    return memcmp(type + 1, "EXt", 3) == 0 || memcmp(type + 1, "TXt", 3) == 0 ||
           memcmp(type, "iCCP", 4) == 0 || memcmp(type, "eXIf", 4) == 0;
}

void sniff_png(const struct sniff_from *from, struct sniffed *s)
{
    uint64_t at = SIGNATURE_LEN;
    unsigned char head[8];
    if (!read_header(from, s))
        return;
    for (int chunks = 0; chunks < CHUNKS_MAX; chunks++) {
        uint32_t len;
        if (sniff_read(from, at, head, sizeof head) < sizeof head) {
            sniff_short(s, 0, 0, "IMAGE_TRUNCATED it ends before its IEND chunk");
            return;
        }
        len = sniff_be32(head);
        if (len > 0x7fffffff || (is_text_chunk(head + 4) && len > TEXT_LEN_MAX)) {
            sniff_say(s, "IMAGE_CORRUPT a %.4s chunk of %u bytes at byte %llu", head + 4, len,
                      (unsigned long long)at);
            return;
        }
        at += FRAME_LEN + (uint64_t)len;
        if (at > from->len) {
            sniff_short(s, from->len, at, "IMAGE_TRUNCATED it ends inside a chunk");
            return;
        }
        if (memcmp(head + 4, "IEND", 4) == 0) {
            if (at < from->len)
                sniff_say(s, "IMAGE_TAIL %llu bytes after the picture's end",
                          (unsigned long long)(from->len - at));
            return;
        }
    }
    sniff_say(s, "IMAGE_CORRUPT more than %d chunks", CHUNKS_MAX);
}
