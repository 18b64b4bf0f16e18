/* A crowd is so many descriptors of the loop. */
/* SPDX-License-Identifier: ISC */
#include "carriers/crowd.h"

#include <stdlib.h>

#include "base/mem.h"

struct crowd {
    struct loop *loop;
    loop_ready *ready;
    void *ctx;
};

int crowd_create(struct loop *loop, loop_ready *ready, void *ctx, struct crowd **ret_crowd,
                 struct err *e)
{
    (void)e;
    *ret_crowd = mem_alloc(sizeof **ret_crowd);
    **ret_crowd = (struct crowd){loop, ready, ctx};
    return 0;
}

void crowd_destroy(struct crowd *c)
{
    free(c);
}

void crowd_set(struct crowd *c, int fd, short events)
{
    loop_set(c->loop, fd, events, c->ready, c->ctx);
}

void crowd_remove(struct crowd *c, int fd)
{
    loop_remove(c->loop, fd);
}
