/* Opening below a root with openat2: the kernel refuses links and every way out. Where there is no
 * openat2 (before Linux 5.6, under some sandboxes) the walk by steps makes the same promise.
 */
/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/path.h"
#include "base/path_priv.h"

/* EAGAIN says that a rename somewhere crossed the walk; a few repeats always got through. */
#define OPEN_REPEATS 32

static int open_below(int root_fd, const char *relative, int flags, mode_t mode)
{
    struct open_how how = {
        .flags = (unsigned)(flags | O_CLOEXEC | O_NOFOLLOW),
        .mode = flags & O_CREAT ? mode : 0,
        .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS,
    };
    long fd = -1;
    for (int i = 0; i < OPEN_REPEATS; i++) {
        fd = syscall(SYS_openat2, root_fd, relative, &how, sizeof how);
        if (fd >= 0 || (errno != EAGAIN && errno != EINTR))
            break;
    }
    return (int)fd;
}

int path_open_beneath(int root_fd, const char *relative, int flags, mode_t mode, struct err *e)
{
    if (strcmp(relative, ".") != 0 && !path_is_plain(relative))
        return err_set(e, ERR_PATH, "%s is not a path below its folder", relative);
    int fd = open_below(root_fd, relative, flags, mode);
    if (fd >= 0)
        return fd;
    if (errno == ELOOP || errno == EXDEV)
        return err_set(e, ERR_PATH, "%s goes through a link; it was not opened", relative);
    if (errno == ENOSYS ||
        errno == EPERM) /* EPERM is how seccomp filters refuse calls they do not know */
        return path_open_by_steps(root_fd, relative, flags, mode, e);
    return err_sys(e, ERR_IO, errno, "cannot open %s", relative);
}
