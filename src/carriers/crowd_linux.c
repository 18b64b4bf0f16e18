/* A crowd is an epoll set: sockets come in, those that are ready go out. Never waits itself. */
/* SPDX-License-Identifier: ISC */
#include "carriers/crowd.h"

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "base/mem.h"

#define READY_MOST 256 /* in one go; what is left is ready in the next turn, too */

struct crowd {
    struct loop *loop;
    loop_ready *ready;
    void *ctx;
    int fd;
    bool *in; /* by descriptor: is in the set, unless it was closed meanwhile */
    int in_n;
};

/* The bits that matter have the same values in both interfaces. */
_Static_assert(EPOLLIN == POLLIN && EPOLLOUT == POLLOUT && EPOLLERR == POLLERR &&
                   EPOLLHUP == POLLHUP,
               "poll's bits are epoll's");

static void some_ready(void *ctx, int fd, short revents)
{
    struct crowd *c = ctx;
    struct epoll_event events[READY_MOST];
    (void)revents;
    int n = epoll_wait(fd, events, READY_MOST, 0);
    for (int i = 0; i < n; i++)
        c->ready(c->ctx, events[i].data.fd, (short)events[i].events);
}

int crowd_create(struct loop *loop, loop_ready *ready, void *ctx, struct crowd **ret_crowd,
                 struct err *e)
{
    int fd = epoll_create1(EPOLL_CLOEXEC);
    if (fd < 0)
        return err_sys(e, ERR_IO, errno, "no set of sockets can be made");
    struct crowd *c = mem_alloc(sizeof *c);
    *c = (struct crowd){.loop = loop, .ready = ready, .ctx = ctx, .fd = fd};
    loop_set(loop, fd, POLLIN, some_ready, c);
    *ret_crowd = c;
    return 0;
}

void crowd_destroy(struct crowd *c)
{
    if (!c)
        return;
    loop_remove(c->loop, c->fd);
    close(c->fd);
    free(c->in);
    free(c);
}

static bool *place_of(struct crowd *c, int fd)
{
    if (fd >= c->in_n) {
        int wanted = fd + 1 > c->in_n * 2 ? fd + 1 : c->in_n * 2;
        c->in = mem_grow(c->in, (size_t)wanted, sizeof *c->in);
        memset(c->in + c->in_n, 0, (size_t)(wanted - c->in_n) * sizeof *c->in);
        c->in_n = wanted;
    }
    return &c->in[fd];
}

void crowd_set(struct crowd *c, int fd, short events)
{
    struct epoll_event event = {.events = (uint32_t)events, .data.fd = fd};
    bool *in = place_of(c, fd);
    int rc = epoll_ctl(c->fd, *in ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, fd, &event);
    if (rc && *in && errno == ENOENT)
        rc = epoll_ctl(c->fd, EPOLL_CTL_ADD, fd, &event);
    if (rc)
        bug("a socket cannot be waited for: %s", strerror(errno));
    *in = true;
}

void crowd_remove(struct crowd *c, int fd)
{
    bool *in = place_of(c, fd);
    if (*in)
        (void)epoll_ctl(c->fd, EPOLL_CTL_DEL, fd, NULL); /* a closed one has left by itself */
    *in = false;
}
