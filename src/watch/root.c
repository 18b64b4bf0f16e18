/* The path of a folder comes in; whether it still names the folder it named at first goes out.
 * Never lists it. */
/* SPDX-License-Identifier: ISC */
#define WATCH_ROOM
#include "watch/root.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"

#define ROOT_WAIT_MIN_MS 1000
#define ROOT_WAIT_MAX_MS 5000

void root_init(struct root *r, const char *dir)
{
    *r = (struct root){.dir = mem_dup(dir), .fd = -1, .state = ROOT_MISSING};
}

static void forget(struct root *r)
{
    if (r->fd >= 0)
        (void)close(r->fd); /* only looked through */
    r->fd = -1;
}

void root_finish(struct root *r)
{
    forget(r);
    mem_free(r->dir);
}

/* The first sight of the folder: from now on it is this one. */
static enum root_state open_first(struct root *r)
{
    struct stat st;
    int fd = open(r->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &st) != 0) {
        r->errnum = errno;
        if (fd >= 0)
            (void)close(fd); /* only looked through */
        return r->errnum == ENOENT || r->errnum == ENOTDIR ? ROOT_MISSING : ROOT_CLOSED;
    }
    r->fd = fd;
    r->dev = st.st_dev;
    r->ino = st.st_ino;
    return ROOT_HERE;
}

static enum root_state look(struct root *r)
{
    if (r->fd < 0)
        return open_first(r);
    struct stat st;
    if (stat(r->dir, &st) != 0) {
        r->errnum = errno;
        return errno == EACCES ? ROOT_CLOSED : ROOT_MISSING;
    }
    if (st.st_dev == r->dev && st.st_ino == r->ino)
        return ROOT_HERE;
    r->errnum = ENOTDIR;
    return S_ISDIR(st.st_mode) ? ROOT_OTHER : ROOT_MISSING;
}

enum root_state root_check(struct root *r, int64_t now_ms)
{
    if (r->state != ROOT_HERE && now_ms < r->again_ms)
        return r->state;
    enum root_state was = r->state;
    r->state = look(r);
    if (r->state == ROOT_HERE)
        return r->state;
    if (was == ROOT_HERE || r->wait_ms == 0)
        r->wait_ms = ROOT_WAIT_MIN_MS;
    else
        r->wait_ms = r->wait_ms * 2 < ROOT_WAIT_MAX_MS ? r->wait_ms * 2 : ROOT_WAIT_MAX_MS;
    r->again_ms = now_ms + r->wait_ms;
    return r->state;
}

void root_adopt(struct root *r)
{
    forget(r);
    r->state = ROOT_MISSING;
    r->again_ms = 0;
}
