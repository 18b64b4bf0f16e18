/* What the files of path_*.c share. */
/* SPDX-License-Identifier: ISC */
#ifndef BASE_PATH_PRIV_H
#define BASE_PATH_PRIV_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/err.h"

/* Relative, and no part is empty, "." or ".."; any other byte is allowed (names in an inbox are as
 * people gave them). */
bool path_is_plain(const char *relative);

/* path_open_beneath for a relative path that is plain or ".", with plain openat alone. */
int path_open_by_steps(int root_fd, const char *relative, int flags, mode_t mode, struct err *e);

#endif
