/* Any bytes as the two formats this program walks through by itself inside other pictures: an EXIF
 * block in a JPEG, and the frames of an animated WebP. An orientation is always one of eight; a
 * frame never lands outside its canvas. */
/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>

#include <webp/decode.h>

#include "picture/picture_priv.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

/* A picture larger than this only costs the fuzzer time. */
#define FUZZ_MAX_PIXELS (256 * 256)

/* The bytes in memory of their own size, so that a read past the end is seen. */
static uint8_t *alone(const uint8_t *data, size_t len)
{
    uint8_t *bytes = malloc(len ? len : 1);
    if (len)
        memcpy(bytes, data, len);
    return bytes;
}

static void as_exif(const uint8_t *data, size_t len)
{
    uint8_t *block = malloc(len + 6);
    memcpy(block, "Exif\0\0", 6);
    if (len)
        memcpy(block + 6, data, len);
    int orientation = exif_orientation((struct span){block, len + 6});
    if (orientation < 1 || orientation > 8)
        abort();
    free(block);
}

static void as_webp(const uint8_t *data, size_t len)
{
    WebPBitstreamFeatures f;
    struct pixels p = {0};
    uint8_t *bytes = alone(data, len);
    if (WebPGetFeatures(bytes, len, &f) == VP8_STATUS_OK &&
        (int64_t)f.width * f.height <= FUZZ_MAX_PIXELS &&
        webp_read((struct span){bytes, len}, &p, NULL) == 0 &&
        (p.width != f.width || p.height != f.height))
        abort();
    pixels_finish(&p);
    free(bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    as_exif(data, len);
    as_webp(data, len);
    return 0;
}
