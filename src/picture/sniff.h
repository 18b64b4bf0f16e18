/* Which kind of picture a file is by its first bytes. */
/* SPDX-License-Identifier: ISC */
#ifndef PICTURE_SNIFF_H
#define PICTURE_SNIFF_H

#include <stddef.h>

#include "picture/pixels.h"

enum picture_kind { PICTURE_OTHER, PICTURE_PNG, PICTURE_JPEG, PICTURE_WEBP };

/* Decides by the first 12 bytes; fewer may leave it PICTURE_OTHER. */
enum picture_kind picture_sniff(const void *head, size_t len);

/* "png", "jpeg", "webp" or "other". Static. */
const char *picture_kind_word(enum picture_kind kind);

/* picture_read that also tells what the file was. */
int picture_read_kind(const char *path, struct pixels *ret_pixels, enum picture_kind *ret_kind,
                      struct err *e);

#endif
