/* Opening below a root step by step: one O_NOFOLLOW step a part, each from the descriptor of the
 * folder before it, so that no rename can lead the walk outside. For systems without openat2, and
 * where a sandbox forbids it. */
/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/path_priv.h"

/* One step; an error leaves errno. O_DIRECTORY on a link answers ENOTDIR on some systems. */
static int step(int dir_fd, const char *part, int flags, mode_t mode)
{
    return openat(dir_fd, part, flags | O_NOFOLLOW | O_CLOEXEC, mode);
}

static int walk(int root_fd, char *relative, int flags, mode_t mode)
{
    int fd = root_fd;
    char *part = relative;
    for (char *slash; (slash = strchr(part, '/')); part = slash + 1) {
        *slash = '\0';
        int next = step(fd, part, O_RDONLY | O_DIRECTORY, 0);
        int why = errno;
        if (fd != root_fd)
            close(fd);
        errno = why;
        if (next < 0)
            return -1;
        fd = next;
    }
    int last = step(fd, part, flags, mode);
    int why = errno;
    if (fd != root_fd)
        close(fd);
    errno = why;
    return last;
}

int path_open_by_steps(int root_fd, const char *relative, int flags, mode_t mode, struct err *e)
{
    char *copy = mem_dup(relative);
    int fd = walk(root_fd, copy, flags, mode);
    int why = errno;
    free(copy);
    if (fd >= 0)
        return fd;
    if (why == ELOOP || why == ENOTDIR)
        return err_set(e, ERR_PATH, "%s goes through a link or a file; it was not opened",
                       relative);
    return err_sys(e, ERR_IO, why, "cannot open %s", relative);
}
