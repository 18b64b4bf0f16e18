/* The zlib stream of a PNG's filtered rows. Private to src/picture. */
/* SPDX-License-Identifier: ISC */
#ifndef PICTURE_PNG_PACK_H
#define PICTURE_PNG_PACK_H

#include "picture/picture_priv.h"

/* How many bytes the stream of `len` bytes can take at most. */
size_t png_pack_room(size_t len);

/* Compresses rows to `to`, which has png_pack_room(len) bytes, in whichever of two ways a sample
 * says is smaller. The same rows always give the same bytes. ERR_IO when the library has no memory.
 */
int png_pack(const uint8_t *rows, size_t len, uint8_t *to, size_t *ret_len, struct err *e);

#endif
