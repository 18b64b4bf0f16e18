/* What the files of stamping share: a file's bytes, and the forms a mark takes in them. */
/* SPDX-License-Identifier: ISC */
#ifndef UNPACK_STAMP_PRIV_H
#define UNPACK_STAMP_PRIV_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

struct stamped {
    const unsigned char *data; /* the file as it is; borrowed */
    size_t len;
    const char *name;  /* for messages */
    const char *token; /* the mark */
};

/* Each appends the whole new file to out: the same pixels byte for byte, the mark added, what tells
 * where it was taken left out. ERR_INPUT when the file is torn. */
int stamp_png(const struct stamped *s, struct buf *out, struct err *e);
int stamp_jpeg(const struct stamped *s, struct buf *out, struct err *e);
int stamp_webp(const struct stamped *s, struct buf *out, struct err *e);
int stamp_film(const struct stamped *s, struct buf *out, struct err *e);

/* The mark as an XMP packet. */
void stamp_xmp(const char *token, struct buf *out);

/* A TIFF block that says which way up and nothing else, when the given one says something other
 * than upright; nothing is added otherwise. tiff: after "Exif\0\0". */
void stamp_turn(const unsigned char *tiff, size_t len, struct buf *out);

/* The sentence of a file that ends too early or contradicts itself. Returns ERR_INPUT. */
int stamp_torn(const struct stamped *s, struct err *e);

#endif
