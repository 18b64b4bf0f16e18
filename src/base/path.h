/* Paths that cannot leave their root. Text checks first, then the kernel: openat2 with
 * RESOLVE_BENEATH and no symlinks on Linux, a walk with O_NOFOLLOW elsewhere (path_linux.c,
 * path_walk.c). */
/* SPDX-License-Identifier: ISC */
#ifndef BASE_PATH_H
#define BASE_PATH_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/err.h"

/* dir + "/" + name, owned by the caller; an empty or NULL dir gives name. */
char *path_join(const char *dir, const char *name);
const char *path_base(const char *path); /* after the last '/'; borrowed */
char *path_dir(const char *path);        /* before the last '/', "." when none; owned */
const char *path_ext(const char *path);  /* "png" or ""; borrowed */
char *path_stem(const char *path);       /* base name without extension; owned */
bool path_is_picture(const char *path);  /* by its name: .png, .jpg, .jpeg or .webp, in any case */

/* A relative path with no empty, "." or ".." part, no leading '/', no NUL, control byte or
 * backslash, at most 1,000 bytes and 200 a part: safe to create below a root. */
bool path_is_safe(const char *relative);

/* Opens root/relative below root_fd, never following a link and never leaving it. flags as for
 * open(2); O_CLOEXEC and O_NOFOLLOW are added. Returns the descriptor (>= 0, owned) or a code. */
int path_open_beneath(int root_fd, const char *relative, int flags, mode_t mode, struct err *e);

/* Creates all missing folders of relative below root_fd (0755), refusing links on the way. */
int path_make_dirs(int root_fd, const char *relative, struct err *e);

#endif
