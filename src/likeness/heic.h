/* Pictures as telephones take them (HEIC), read with the help of a program. */
/* SPDX-License-Identifier: ISC */
#ifndef LIKENESS_HEIC_H
#define LIKENESS_HEIC_H

#include "base/err.h"
#include "picture/pixels.h"

/* Decodes its first picture, turned as it was taken. beside: a path that may be written and is free
 * again afterwards. ERR_UNSUPPORTED with the cure when no program can read it, ERR_INPUT when it is
 * damaged. */
int heic_read(const char *path, const char *beside, struct pixels *ret_pixels, struct err *e);

#endif
