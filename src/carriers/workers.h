/* The pool of worker processes: picture, film and archive work goes in as one JSON line, its answer
 * comes out. Processes are started when there is work, kept while there is more, and ended after
 * they were idle for a while, so that an idle daemon is alone. One that dies, hangs or talks
 * nonsense is replaced; only its own request suffers.
 *
 * The caller: 1. workers_create 2. workers_ask while workers_free > 0 3. each turn workers_turn,
 * then workers_take until false
 * 4. workers_destroy (kills what runs). */
/* SPDX-License-Identifier: ISC */
#ifndef CARRIERS_WORKERS_H
#define CARRIERS_WORKERS_H

#include "base/err.h"
#include "carriers/carrier.h"
#include "loop/loop.h"

struct workers;

/* program: path of slated-worker (copied). count: how many at most at one time. */
struct workers *workers_create(struct loop *loop, const char *program, int count);
void workers_destroy(struct workers *w);

int workers_free(const struct workers *w); /* how many more requests can start now */
int workers_busy(const struct workers *w);

/* Hands one request to a process; takes request->line. A process that cannot be started is a
 * RESPONSE_UNSENT later. Only while workers_free > 0. */
void workers_ask(struct workers *w, struct request *takes_request, int64_t now_ms);

/* Kills the process that works on the request; its response is never handed out. */
void workers_cancel(struct workers *w, int64_t id);

/* Times out what is late and ends idle processes; returns the next instant it wants to be called.
 */
int64_t workers_turn(struct workers *w, int64_t now_ms);

/* One finished response, owned by the caller; false when there is none. */
bool workers_take(struct workers *w, struct response *ret_response);

#endif
