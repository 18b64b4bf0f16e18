/* Any bytes as a PNG: the walk over its chunks, the two decoders behind it, and the way back out.
 * With CRCs taken as given the fuzzer could not get far, so they are put right before the bytes go
 * in. Links with: src/picture, src/base; libpng libdeflate libjpeg libwebp cairo libcjson. */
/* SPDX-License-Identifier: ISC */
#include <libdeflate.h>
#include <stdlib.h>
#include <string.h>

#include "picture/picture_priv.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

/* A picture larger than this only costs the fuzzer time. */
#define FUZZ_MAX_PIXELS (512 * 512)

static uint32_t big_endian(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

/* Makes every chunk's CRC fit what it holds. */
static void mend(uint8_t *bytes, size_t len)
{
    for (size_t at = 8; at + 12 <= len;) {
        size_t body = big_endian(bytes + at);
        if (body > len - at - 12)
            return;
        uint32_t crc = libdeflate_crc32(0, bytes + at + 4, body + 4);
        for (size_t i = 0; i < 4; i++)
            bytes[at + 8 + body + i] = (uint8_t)(crc >> (24 - 8 * i));
        at += body + 12;
    }
}

static bool is_small(const uint8_t *bytes, size_t len)
{
    return len < 33 || (uint64_t)big_endian(bytes + 16) * big_endian(bytes + 20) <= FUZZ_MAX_PIXELS;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    uint8_t *bytes = malloc(len + 1);
    struct pixels p = {0}, back = {0};
    struct encoded out = {0};
    if (len)
        memcpy(bytes, data, len);
    mend(bytes, len);
    if (is_small(bytes, len) && png_read((struct span){bytes, len}, &p, NULL) == 0) {
        if (png_write(&p, NULL, &out, NULL) ||
            png_read((struct span){out.data, out.len}, &back, NULL))
            abort();
        if (back.opaque != p.opaque ||
            memcmp(back.data, p.data, (size_t)p.width * (size_t)p.height * 4) != 0)
            abort();
    }
    free(out.data);
    pixels_finish(&back);
    pixels_finish(&p);
    free(bytes);
    return 0;
}
