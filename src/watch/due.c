/* Entries and instants come in, the entry that is due next goes out. Never owns an entry. */
/* SPDX-License-Identifier: ISC */
#define WATCH_ROOM
#include "watch/due.h"

#include <stdlib.h>

#include "base/mem.h"

void due_finish(struct due *d)
{
    free(d->list);
    *d = (struct due){0};
}

static bool before(const struct entry *a, const struct entry *b)
{
    if (a->due_ms != b->due_ms)
        return a->due_ms < b->due_ms;
    return a->order < b->order;
}

static void place(struct due *d, uint32_t at, struct entry *e)
{
    d->list[at] = e;
    e->due_pos = at;
}

static void rise(struct due *d, struct entry *e)
{
    uint32_t at = e->due_pos;
    for (; at && before(e, d->list[(at - 1) / 2]); at = (at - 1) / 2)
        place(d, at, d->list[(at - 1) / 2]);
    place(d, at, e);
}

static void sink(struct due *d, struct entry *e)
{
    uint32_t at = e->due_pos;
    for (;;) {
        uint32_t child = 2 * at + 1;
        if (child + 1 < d->n && before(d->list[child + 1], d->list[child]))
            child++;
        if (child >= d->n || !before(d->list[child], e))
            break;
        place(d, at, d->list[child]);
        at = child;
    }
    place(d, at, e);
}

void due_add(struct due *d, struct entry *e)
{
    if (d->n == d->room) {
        d->room = d->room ? d->room * 2 : 64;
        d->list = mem_grow(d->list, d->room, sizeof(*d->list));
    }
    place(d, d->n++, e);
    rise(d, e);
}

void due_remove(struct due *d, struct entry *e)
{
    struct entry *last = d->list[--d->n];
    if (last == e)
        return;
    place(d, e->due_pos, last);
    rise(d, last);
    sink(d, last);
}

void due_set(struct due *d, struct entry *e, int64_t due_ms)
{
    e->due_ms = due_ms;
    rise(d, e);
    sink(d, e);
}

struct entry *due_first(const struct due *d)
{
    return d->n ? d->list[0] : NULL;
}
