/* A path comes in, a kernel lock on it goes out. Writes nothing into the file and never removes it:
 * a file that is removed while somebody waits for it locks nothing. */
/* SPDX-License-Identifier: ISC */
#include "browser/lease.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "base/path.h"

static int lease_open(const char *path, int flags)
{
    return open(path, flags | O_RDWR | O_CLOEXEC | O_NOFOLLOW, 0600);
}

bool lease_take(const char *path, int *fd)
{
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    if (*fd >= 0)
        return true;
    char *dir = path_dir(path);
    int made = file_make_dirs(dir, NULL) ? -1 : lease_open(path, O_CREAT);
    free(dir);
    if (made < 0)
        return true;
    if (fcntl(made, F_SETLK, &lock)) {
        close(made);
        return false;
    }
    *fd = made;
    return true;
}

void lease_drop(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

pid_t lease_holder(const char *path)
{
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    int fd = lease_open(path, 0);
    if (fd < 0)
        return 0;
    int rc = fcntl(fd, F_GETLK, &lock);
    close(fd); /* drops our own lock on it, too: asked only before one is taken */
    return rc == 0 && lock.l_type != F_UNLCK ? lock.l_pid : 0;
}
