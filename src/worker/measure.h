/* What a file that was just made really is: size, digest, kind and picture size, read back from the
 * disk. */
/* SPDX-License-Identifier: ISC */
#ifndef WORKER_MEASURE_H
#define WORKER_MEASURE_H

#include "base/err.h"
#include "worker/protocol.h"

/* Syncs path to the disk and fills bytes, sha256, media, width and height of ret_made (role and
 * path are left alone). ERR_MISSING when nothing was made, ERR_KIND when it is no regular file,
 * ERR_IO, ERR_SPACE. */
int measure_file(const char *path, struct made *ret_made, struct err *e);

/* Kind and size told from the file's own structure; *ret_media is static, sizes are 0 when the
 * format has none. */
void measure_media(int fd, const char **ret_media, int *ret_width, int *ret_height);

#endif
