/* Thousands of sockets that the loop watches as one descriptor: what a turn costs hangs on how many
 * of them are ready, not on how many there are. Where the system has nothing of the kind the loop
 * watches each. */
/* SPDX-License-Identifier: ISC */
#ifndef CARRIERS_CROWD_H
#define CARRIERS_CROWD_H

#include "base/err.h"
#include "loop/loop.h"

struct crowd;

/* A crowd of none yet; loop and ctx are borrowed until crowd_destroy. ready is called within
 * loop_wait and may also be called for a socket that is not ready any more. ERR_IO. */
int crowd_create(struct loop *loop, loop_ready *ready, void *ctx, struct crowd **ret_crowd,
                 struct err *e);
void crowd_destroy(struct crowd *c); /* NULL is fine; the sockets stay open */

/* Waits for events (poll(2)'s bits) of fd from now on; again: changes them. */
void crowd_set(struct crowd *c, int fd, short events);
void crowd_remove(struct crowd *c, int fd); /* before it is closed; one that is not in is fine */

#endif
