/* Entries in the order in which they want to be looked at. Private to the room. */
/* SPDX-License-Identifier: ISC */
#ifndef WATCH_DUE_H
#define WATCH_DUE_H

#include "watch/entry.h"

/* A binary heap by (due_ms, order); an entry knows its place in it (due_pos). Zeroed memory is
 * empty. */
struct due {
    struct entry **list; /* borrowed entries; the table is owned */
    uint32_t n, room;
};

void due_finish(struct due *d);
void due_add(struct due *d, struct entry *e); /* once an entry */
void due_remove(struct due *d, struct entry *e);
void due_set(struct due *d, struct entry *e, int64_t due_ms); /* moves it to its new place */
struct entry *due_first(const struct due *d);                 /* NULL when empty */

#endif
