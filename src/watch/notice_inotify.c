/* Hints by inotify: one descriptor for all folders. */
/* SPDX-License-Identifier: ISC */
#include "watch/notice.h"

#include <stdlib.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "base/mem.h"

struct notice {
    int fd;
};

struct notice *notice_open(void)
{
    int fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
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
    close(n->fd);
    free(n);
}

void notice_add(struct notice *n, const char *dir)
{
    /* a folder that cannot be watched is looked at with the next change elsewhere */
    (void)inotify_add_watch(
        n->fd, dir, IN_MOVED_TO | IN_MOVED_FROM | IN_CREATE | IN_DELETE | IN_ATTRIB | IN_ONLYDIR);
}

int notice_fd(const struct notice *n)
{
    return n->fd;
}

bool notice_drain(struct notice *n)
{
    char bytes[4096] __attribute__((aligned(8)));
    bool any = false;
    while (read(n->fd, bytes, sizeof(bytes)) > 0)
        any = true;
    return any;
}
