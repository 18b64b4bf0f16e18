/* Hints by kqueue: an open descriptor a folder. */
/* SPDX-License-Identifier: ISC */
#include "watch/notice.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/event.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/str.h"

struct notice {
    int fd;
    char **dirs;
    int *fds;
    size_t n;
};

struct notice *notice_open(void)
{
    int fd = kqueue();
    if (fd < 0)
        return NULL;
    struct notice *n = mem_alloc(sizeof(*n));
    n->fd = fd;
    return n;
}

void notice_close(struct notice *n)
{
    if (!n)
        return;
    for (size_t i = 0; i < n->n; i++) {
        close(n->fds[i]);
        free(n->dirs[i]);
    }
    free(n->dirs);
    free(n->fds);
    close(n->fd);
    free(n);
}

void notice_add(struct notice *n, const char *dir)
{
    struct kevent event;
    for (size_t i = 0; i < n->n; i++)
        if (str_eq(n->dirs[i], dir))
            return;
    int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return; /* looked at with the next change elsewhere */
    EV_SET(&event, fd, EVFILT_VNODE, EV_ADD | EV_CLEAR, NOTE_WRITE | NOTE_ATTRIB, 0, NULL);
    if (kevent(n->fd, &event, 1, NULL, 0, NULL) != 0) {
        close(fd);
        return;
    }
    n->dirs = mem_grow(n->dirs, n->n + 1, sizeof(*n->dirs));
    n->fds = mem_grow(n->fds, n->n + 1, sizeof(*n->fds));
    n->dirs[n->n] = mem_dup(dir);
    n->fds[n->n++] = fd;
}

int notice_fd(const struct notice *n)
{
    return n->fd;
}

bool notice_drain(struct notice *n)
{
    struct kevent events[16];
    struct timespec now = {0, 0};
    bool any = false;
    while (kevent(n->fd, NULL, 0, events, 16, &now) > 0)
        any = true;
    return any;
}
