/* Other programs: started with an argv and never a shell, in a process group of their own, ended as a group. */
/* SPDX-License-Identifier: ISC */
#ifndef LOOP_CHILD_H
#define LOOP_CHILD_H

#include <sys/types.h>

#include "base/err.h"

/* Starts argv[0] (an absolute path, or looked up in PATH) with stdin from /dev/null, stdout and stderr to ours, and fd_at_3 (or -1)
 * as its descriptor 3; every other descriptor is closed. Lowers its priority by nice. ERR_CHILD when it cannot be started. */
int child_start(const char *const argv[], int fd_at_3, int nice_by, pid_t *ret_pid, struct err *e);

/* Sends SIGKILL to the whole group and collects it. */
void child_kill(pid_t pid);

/* Collects one ended child: its pid and wait status; 0 when none has ended. */
pid_t child_reap(int *ret_status);

/* "ended with 3", "was killed by signal 9 (Killed)": static. */
const char *child_status_text(int status);

#endif
