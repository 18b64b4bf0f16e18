/* The rarer forms of PNG, read by libpng. Private to src/picture. */
/* SPDX-License-Identifier: ISC */
#ifndef PICTURE_PNG_SLOW_H
#define PICTURE_PNG_SLOW_H

#include "picture/picture_priv.h"

/* Decodes a PNG whose chunks and size were checked and which holds nothing but picture chunks
 * (png_chunks_bare). ERR_INPUT with libpng's own reason. */
int png_slow_read(struct span bare, struct pixels *ret_pixels, struct err *e);

#endif
