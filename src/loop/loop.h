/* The one place that waits. Descriptors and a deadline come in; the callbacks of those that are
 * ready are called, each of which only records what happened or takes what is there. Knows no room.
 */
/* SPDX-License-Identifier: ISC */
#ifndef LOOP_LOOP_H
#define LOOP_LOOP_H

#include <stdint.h>

struct loop;

/* events and revents are poll(2)'s bits. */
typedef void loop_ready(void *ctx, int fd, short revents);

/* A loop that waits for nothing yet. */
struct loop *loop_create(void);
void loop_destroy(struct loop *l);

/* Watches fd for events (again: changes them). One entry a descriptor. ctx is borrowed until
 * loop_remove. */
void loop_set(struct loop *l, int fd, short events, loop_ready *ready, void *ctx);
void loop_remove(struct loop *l,
                 int fd); /* an fd that is not watched is fine; safe inside a callback */

/* Waits until a descriptor is ready or the mono instant has come (INT64_MAX: only descriptors),
 * then calls back. */
void loop_wait(struct loop *l, int64_t now_ms, int64_t deadline_ms);

#endif
