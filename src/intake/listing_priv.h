/* What the files that look at dropped files share: one opened file judged whole. */
/* SPDX-License-Identifier: ISC */
#ifndef INTAKE_LISTING_PRIV_H
#define INTAKE_LISTING_PRIV_H

#include <sys/stat.h>

#include "intake/listing.h"

/* NULL, or the code why a thing with that status is not read: NOT_REGULAR, HARDLINK.
 * in_open_folder: others than its owner can write into the folder it lies in, so that a hard link
 * might show a file that its maker could not read. */
const char *listing_refusal(const struct stat *st, bool in_open_folder);

/* Can others than the owner write into that folder? */
bool listing_is_open_folder(int dir_fd);

/* Everything about one opened regular file but its path: kind, size, whether it is whole, digest.
 * ret's path is untouched. */
void listing_judge(int fd, const struct stat *st, const char *name,
                   const struct listing_limits *limits, struct listed *ret);

#endif
