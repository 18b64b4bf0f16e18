/* One fact out of an EXIF block: which way up a picture was taken. An untrusted TIFF structure
 * comes in, a number from 1 to 8 goes out; whatever does not make sense counts as upright. */
/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "picture/picture_priv.h"

#define TAG_ORIENTATION 0x0112
#define TYPE_SHORT      3
#define ENTRY_LEN       12

/* A TIFF structure and its byte order; offsets count from its start. */
struct tiff {
    struct span bytes;
    bool big;
};

/* A number of 2 or 4 bytes at an offset; 0 past the end. */
static uint32_t number(const struct tiff *t, size_t at, size_t width)
{
    if (at > t->bytes.len || width > t->bytes.len - at)
        return 0;
    uint32_t v = 0;
    for (size_t i = 0; i < width; i++)
        v = v << 8 | t->bytes.data[at + (t->big ? i : width - 1 - i)];
    return v;
}

int exif_orientation(struct span block)
{
    if (block.len < 14 || memcmp(block.data, "Exif\0\0", 6) != 0)
        return 1;
    struct tiff t = {.bytes = {block.data + 6, block.len - 6}};
    t.big = t.bytes.data[0] == 'M';
    if (t.bytes.data[0] != t.bytes.data[1] || (!t.big && t.bytes.data[0] != 'I') ||
        number(&t, 2, 2) != 42)
        return 1;
    size_t list = number(&t, 4, 4);
    uint32_t entries = number(&t, list, 2);
    for (uint32_t i = 0; i < entries; i++) {
        size_t entry = list + 2 + (size_t)i * ENTRY_LEN;
        if (entry + ENTRY_LEN > t.bytes.len)
            return 1;
        if (number(&t, entry, 2) != TAG_ORIENTATION || number(&t, entry + 2, 2) != TYPE_SHORT)
            continue;
        uint32_t v = number(&t, entry + 8, 2);
        return v >= 1 && v <= 8 ? (int)v : 1;
    }
    return 1;
}
