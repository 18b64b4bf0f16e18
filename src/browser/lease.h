/* Who drives a browser: a lock on a file beside its notes, so that two processes of one root never
 * work in the same browser at once. The lock dies with its holder. */
/* SPDX-License-Identifier: ISC */
#ifndef BROWSER_LEASE_H
#define BROWSER_LEASE_H

#include <stdbool.h>
#include <sys/types.h>

/* Takes it, unless *fd holds it already (-1: nothing held). False: another process has it. Where no
 * such file can be made nobody can hold one, and it is taken without. */
bool lease_take(const char *path, int *fd);
void lease_drop(int *fd);

/* The process that holds it, 0 when none but this one does. */
pid_t lease_holder(const char *path);

#endif
