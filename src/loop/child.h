/* Other programs: started with an argv and never a shell, in a process group of their own, ended as
 * a group. */
/* SPDX-License-Identifier: ISC */
#ifndef LOOP_CHILD_H
#define LOOP_CHILD_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/err.h"

/* From now on no child is given the variables of the environment whose name hides says yes to
 * (NULL: all are given). */
void child_hide(bool (*hides)(const char *name));

/* Starts argv[0] (an absolute path, or looked up in PATH) with stdin from /dev/null, stdout and
 * stderr to ours, and fd_at_3 (or -1) as its descriptor 3; every other descriptor is closed. Lowers
 * its priority by nice. ERR_CHILD when it cannot be started. */
int child_start(const char *const argv[], int fd_at_3, int nice_by, pid_t *ret_pid, struct err *e);

/* Descriptors of a child; -1: at 3 and 4 none, for out ours. */
struct child_wires {
    int at_3, at_4, out; /* out: its stdout and stderr */
    int in;              /* its stdin; 0: /dev/null */
};

/* child_start with more wires, at our own priority. */
int child_start_wired(const char *const argv[], const struct child_wires *wires, pid_t *ret_pid,
                      struct err *e);

/* Ends the whole group, if it has not ended by itself, and collects it. Until then its pid is
 * nobody else's. */
void child_kill(pid_t pid);

#endif
