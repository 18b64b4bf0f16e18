/* Which names inside an archive may become files. */
/* SPDX-License-Identifier: ISC */
#ifndef UNPACK_ENTRY_NAME_H
#define UNPACK_ENTRY_NAME_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

/* The name as a relative path that is safe to create: "./" in front and '/' behind are taken off.
 * The caller owns *ret_path, which is "" for the archive's own top folder. ERR_PATH, ERR_INPUT or
 * ERR_LIMIT with a sentence naming the entry. */
int entry_name_check(const char *name, int max_depth, char **ret_path, struct err *e);

/* Whether any part of the path is a name that never means anything (junk_name). */
bool entry_name_is_junk(const char *path);

#endif
