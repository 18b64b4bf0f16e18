/* The folder an archive is unpacked into: empty before, and empty again after a refusal. */
/* SPDX-License-Identifier: ISC */
#ifndef UNPACK_CLEAR_H
#define UNPACK_CLEAR_H

#include "base/err.h"

/* Opens an existing folder with nothing in it; *ret_fd is the caller's. ERR_MISSING, ERR_KIND,
 * ERR_EXISTS when something is in it, ERR_IO. */
int clear_open_empty(const char *dir, int *ret_fd, struct err *e);

/* Removes everything in the folder and keeps the folder. What cannot be removed stays. */
void clear_folder(const char *dir);

#endif
