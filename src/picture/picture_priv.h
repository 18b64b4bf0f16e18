/* What the files of this room share: a file's bytes on their way in, encoded bytes on their way
 * out, and the parts of the PNG codec. Nobody outside src/picture includes this. */
/* SPDX-License-Identifier: ISC */
#ifndef PICTURE_PRIV_H
#define PICTURE_PRIV_H

#include <stddef.h>
#include <stdint.h>

#include "picture/pixels.h"

/* The largest picture file that is read. */
#define PICTURE_MAX_FILE ((size_t)256 * 1024 * 1024)

/* Loops over pixels are worth the compiler's full effort even in a build that asks for less. */
#if defined(__GNUC__) && !defined(__clang__)
#define HOT_LOOP __attribute__((optimize("O3")))
#else
#define HOT_LOOP
#endif

/* Borrowed bytes. */
struct span {
    const uint8_t *data;
    size_t len;
};

/* Owned bytes of an encoded picture; released with free(data). */
struct encoded {
    uint8_t *data;
    size_t len;
};

/* Refuses a size past PICTURE_MAX_SIDE or PICTURE_MAX_PIXELS, or an empty one: ERR_LIMIT or
 * ERR_INPUT. */
int pixels_check_size(uint64_t width, uint64_t height, struct err *e);

/* Sets p->opaque by looking at every alpha. */
void pixels_look_opaque(struct pixels *p);

/* The decoders: bytes in, pixels out; ERR_INPUT, ERR_LIMIT or ERR_UNSUPPORTED with a sentence
 * without the file's name. */
int png_read(struct span file, struct pixels *ret_pixels, struct err *e);
int jpeg_read(struct span file, struct pixels *ret_pixels, struct err *e);
int webp_read(struct span file, struct pixels *ret_pixels, struct err *e);

/* The encoders: the caller owns ret_out->data. */
int png_write(const struct pixels *p, const cJSON *tag, struct encoded *ret_out, struct err *e);
int jpeg_write(const struct pixels *p, struct encoded *ret_out, struct err *e);
int webp_write(const struct pixels *p, struct encoded *ret_out, struct err *e);

/* The pixels turned as an EXIF orientation (1..8) asks; other numbers change nothing. */
void pixels_orient(struct pixels *p, int orientation);

/* The orientation named in an EXIF block ("Exif\0\0" and a TIFF header), 1 when there is none. */
int exif_orientation(struct span block);

#endif
