/* A zlib stream for rows that do not repeat themselves. Private to src/picture. */
/* SPDX-License-Identifier: ISC */
#ifndef PICTURE_PNG_NOISE_H
#define PICTURE_PNG_NOISE_H

#include <stddef.h>
#include <stdint.h>

/* How many bytes the stream of `len` bytes can take at most. */
size_t png_noise_room(size_t len);

/* Codes single bytes and runs of one byte, nothing else. len > 0; to has png_noise_room(len) bytes.
 * Returns the stream's length. */
size_t png_noise_pack(const uint8_t *bytes, size_t len, uint8_t *to);

#endif
