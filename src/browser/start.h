/* A browser of our own: a program that is found, started with a profile of its own, and spoken to
 * over a pipe that ends it when slated ends. */
/* SPDX-License-Identifier: ISC */
#ifndef BROWSER_START_H
#define BROWSER_START_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/err.h"

/* The program named, or the first of Brave, Chrome, Chromium and Edge that is installed; owned. NULL:
 * none. */
char *browser_program(const char *named);

struct browser_start {
    const char *program; /* as browser_program takes it */
    const char *profile; /* a folder; made when missing */
    bool headless, no_sandbox;
};

/* Starts it. Messages are read from *ret_read_fd and written to *ret_write_fd, both owned by the
 * caller; what it says on stderr is in profile/slated.log. ERR_MISSING, ERR_CHILD, ERR_IO. */
int browser_start(const struct browser_start *wish, pid_t *ret_pid, int *ret_read_fd,
                  int *ret_write_fd, struct err *e);

#endif
