/* Descriptors and a deadline come in, callbacks go out, through poll(2). Never sleeps for a fixed
 * time, never knows what a descriptor means. */
/* SPDX-License-Identifier: ISC */
#include "loop/loop.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"

struct watched {
    loop_ready *ready;
    void *ctx;
};

/* polls[i] belongs to watched[i]; a removed entry has fd -1 and is closed up before the next wait.
 * place[fd] is i + 1, or 0: with thousands of descriptors none is searched for. */
struct loop {
    struct pollfd *polls;
    struct watched *watched;
    int n, room;
    int *place;
    int places;
};

struct loop *loop_create(void)
{
    return mem_alloc(sizeof(struct loop));
}

void loop_destroy(struct loop *l)
{
    if (!l)
        return;
    free(l->polls);
    free(l->watched);
    free(l->place);
    free(l);
}

static int loop_find(const struct loop *l, int fd)
{
    return fd < l->places ? l->place[fd] - 1 : -1;
}

static void loop_note(struct loop *l, int fd, int i)
{
    if (fd >= l->places) {
        int wanted = fd + 1 > l->places * 2 ? fd + 1 : l->places * 2;
        l->place = mem_grow(l->place, (size_t)wanted, sizeof(*l->place));
        memset(l->place + l->places, 0, (size_t)(wanted - l->places) * sizeof(*l->place));
        l->places = wanted;
    }
    l->place[fd] = i + 1;
}

static int loop_grow(struct loop *l)
{
    if (l->n == l->room) {
        l->room = l->room ? l->room * 2 : 16;
        l->polls = mem_grow(l->polls, (size_t)l->room, sizeof(*l->polls));
        l->watched = mem_grow(l->watched, (size_t)l->room, sizeof(*l->watched));
    }
    return l->n++;
}

void loop_set(struct loop *l, int fd, short events, loop_ready *ready, void *ctx)
{
    if (fd < 0)
        bug("loop_set: descriptor %d", fd);
    int i = loop_find(l, fd);
    if (i < 0)
        i = loop_grow(l);
    loop_note(l, fd, i);
    l->polls[i] = (struct pollfd){.fd = fd, .events = events};
    l->watched[i] = (struct watched){ready, ctx};
}

void loop_remove(struct loop *l, int fd)
{
    int i = fd < 0 ? -1 : loop_find(l, fd);
    if (i < 0)
        return;
    l->polls[i].fd = -1;
    l->place[fd] = 0;
}

static void loop_close_up(struct loop *l)
{
    int kept = 0;
    for (int i = 0; i < l->n; i++) {
        if (l->polls[i].fd < 0)
            continue;
        l->place[l->polls[i].fd] = kept + 1;
        l->polls[kept] = l->polls[i];
        l->watched[kept++] = l->watched[i];
    }
    l->n = kept;
}

static int wait_ms(int64_t now_ms, int64_t deadline_ms)
{
    if (deadline_ms == INT64_MAX)
        return -1;
    if (deadline_ms <= now_ms)
        return 0;
    int64_t left = deadline_ms - now_ms;
    return left > INT_MAX ? INT_MAX : (int)left;
}

void loop_wait(struct loop *l, int64_t now_ms, int64_t deadline_ms)
{
    loop_close_up(l);
    int ready = poll(l->polls, (nfds_t)l->n, wait_ms(now_ms, deadline_ms));
    if (ready < 0 && errno != EINTR && errno != EAGAIN)
        bug("poll: %s", strerror(errno));
    int known = l->n; /* callbacks may add; those have no answer yet */
    for (int i = 0; ready > 0 && i < known; i++) {
        if (l->polls[i].fd < 0 || l->polls[i].revents == 0)
            continue;
        ready--;
        l->watched[i].ready(l->watched[i].ctx, l->polls[i].fd, l->polls[i].revents);
    }
}
