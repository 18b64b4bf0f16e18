/* Everything that waits for a person, gathered from the folders and the store. */
/* SPDX-License-Identifier: ISC */
#ifndef ENGINE_NEEDS_H
#define ENGINE_NEEDS_H

#include "base/buf.h"

struct engine;

/* Appends the page NEEDS-YOU.md; nothing when nothing waits. */
void needs_collect(struct engine *en, struct buf *out);

/* Each, borrowed for the call. */
struct need;
void needs_each(struct engine *en, void (*visit)(void *ctx, const struct need *need), void *ctx);

/* How many things wait. */
int needs_count(struct engine *en);

#endif
