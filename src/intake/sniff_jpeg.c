/* A JPEG's markers: segment by segment to the scan, the size on the way, then the end marker. */
/* SPDX-License-Identifier: ISC */
#include "intake/sniff.h"

#define SEGMENTS_MAX 20000
#define BLOCK_LEN    65536

/* SOF0..SOF15 without DHT, JPG and DAC, which lie in the same range. */
static bool is_frame(unsigned marker)
{
    return marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 && marker != 0xcc;
}

/* The last position in [from_at, len) of an end marker plus two, or 0. In coded data an FF is
 * followed by 00 or a restart, so the marker cannot be data. */
static uint64_t find_end(const struct sniff_from *from, uint64_t from_at)
{
    unsigned char block[BLOCK_LEN + 1];
    uint64_t stop = from->len;
    while (stop > from_at + 1) {
        uint64_t start = stop - from_at > BLOCK_LEN ? stop - BLOCK_LEN : from_at;
        /* one byte more than the block, so that a marker across two blocks is seen */
        size_t n = sniff_read(from, start, block, (size_t)(stop - start) + (stop < from->len));
        for (size_t i = n; i-- > 1;) {
            if (block[i - 1] == 0xff && block[i] == 0xd9)
                return start + i + 1;
        }
        stop = start;
    }
    return 0;
}

static void check_end(const struct sniff_from *from, uint64_t scan_at, struct sniffed *s)
{
    uint64_t end = find_end(from, scan_at);
    if (end == 0)
        sniff_short(s, 0, 0, "IMAGE_TRUNCATED it ends before its end marker");
    else if (end < from->len)
        sniff_say(s, "IMAGE_TAIL %llu bytes after the picture's end",
                  (unsigned long long)(from->len - end));
}

void sniff_jpeg(const struct sniff_from *from, struct sniffed *s)
{
    unsigned char b[9];
    uint64_t at = 2;
    for (int n = 0; n < SEGMENTS_MAX; n++) {
        size_t got = sniff_read(from, at, b, sizeof b), len;
        if (got < 4) {
            sniff_short(s, 0, 0, "IMAGE_TRUNCATED it ends in its header");
            return;
        }
        if (b[0] != 0xff) {
            sniff_say(s, "IMAGE_CORRUPT no marker at byte %llu", (unsigned long long)at);
            return;
        }
        if (b[1] == 0xff) { /* fill byte */
            at++;
            continue;
        }
        if (b[1] == 0xd9 || b[1] == 0xda) {
            if (!s->width && !*s->why)
                sniff_say(s, "IMAGE_CORRUPT no frame header before its scan");
            check_end(from, at, s);
            return;
        }
        if (is_frame(b[1]) && got == sizeof b)
            sniff_size(s, (uint64_t)b[7] << 8 | b[8], (uint64_t)b[5] << 8 | b[6]);
        len = (size_t)b[2] << 8 | b[3];
        if (len < 2) {
            sniff_say(s, "IMAGE_CORRUPT a segment without length at byte %llu",
                      (unsigned long long)at);
            return;
        }
        at += 2 + len;
    }
    sniff_say(s, "IMAGE_CORRUPT more than %d segments", SEGMENTS_MAX);
}
