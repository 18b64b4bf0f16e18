/* What the files of path_*.c share. */
/* SPDX-License-Identifier: ISC */
#ifndef BASE_PATH_PRIV_H
#define BASE_PATH_PRIV_H

#include <stdbool.h>

/* Relative, and no part is empty, "." or ".."; any other byte is allowed (names in an inbox are as
 * people gave them). */
bool path_is_plain(const char *relative);

#endif
