/* Words for the service manager: readiness, status, watchdog, by a datagram to NOTIFY_SOCKET
 * (sd_notify(3)). Does nothing where there is no such socket. */
/* SPDX-License-Identifier: ISC */
#ifndef LOOP_NOTIFY_H
#define LOOP_NOTIFY_H

#include <stdint.h>

/* Sends one state line, "READY=1" or "STATUS=...". */
void notify_send(const char *state);

/* Feeds the watchdog when it is due (half of WATCHDOG_USEC); returns the next instant, INT64_MAX
 * without a watchdog. */
int64_t notify_turn(int64_t now_ms);

#endif
