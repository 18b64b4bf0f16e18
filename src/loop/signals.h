/* Signals become bytes in a pipe, so that they arrive in the loop like everything else. */
/* SPDX-License-Identifier: ISC */
#ifndef LOOP_SIGNALS_H
#define LOOP_SIGNALS_H

#include <stdbool.h>

#include "base/err.h"

/* From now on SIGTERM and SIGINT (stop), SIGHUP (reload) and SIGUSR1 (look at the commands) wake
 * the returned descriptor; SIGPIPE is ignored. Once a process. */
int signals_open(int *ret_fd, struct err *e);

struct signals {
    bool stop, reload, commands;
};
/* What came since the last call. */
struct signals signals_take(void);
/* Whether commands have come that nobody has taken. */
bool signals_commands_wait(void);

#endif
