/* Whole trees: made, copied, removed. Never follows a link, and a tree of any depth needs few
 * descriptors. */
/* SPDX-License-Identifier: ISC */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/file_priv.h"
#include "base/mem.h"
#include "base/path.h"

#define COPY_BLOCK 262144
#define COPY_DEPTH_MAX                                                                             \
    64 /* far deeper than any drop that is taken; each level holds two descriptors */

int file_make_dirs(const char *path, struct err *e)
{
    struct stat there;
    if (stat(path, &there) == 0 && S_ISDIR(there.st_mode))
        return 0;
    char *copy = mem_dup(path);
    int rc = 0;
    for (char *p = copy + 1; copy[0] && !rc; p++) {
        if (*p && *p != '/')
            continue;
        char keep = *p;
        *p = '\0';
        struct stat st;
        if (mkdir(copy, 0755) < 0 && errno != EEXIST)
            rc = err_sys(e, ERR_IO, errno, "cannot make the folder %s", copy);
        else if (stat(copy, &st) < 0 || !S_ISDIR(st.st_mode))
            rc = err_set(e, ERR_KIND, "%s is not a folder", copy);
        *p = keep;
        if (!keep)
            break;
    }
    free(copy);
    return rc;
}

/* --- removing --- */

/* A folder that is being emptied: which one it is, and the name it has in the folder above. */
struct level {
    dev_t dev;
    ino_t ino;
    char *name;
};

struct removal {
    struct level *levels;
    size_t n;
    int fd; /* of the last level */
};

static bool is_dots(const char *name)
{
    return name[0] == '.' && (!name[1] || (name[1] == '.' && !name[2]));
}

/* Makes fd, a folder named name, the one being emptied. */
static int push_level(struct removal *r, int fd, const char *name)
{
    struct stat st;
    if (fstat(fd, &st) < 0) {
        close(fd);
        return -1;
    }
    r->levels = mem_grow(r->levels, r->n + 1, sizeof *r->levels);
    r->levels[r->n++] = (struct level){st.st_dev, st.st_ino, mem_dup(name)};
    if (r->fd >= 0)
        close(r->fd);
    r->fd = fd;
    return 0;
}

/* Removes what is not a folder in the last level, until a folder turns up: 1 and it is the last
 * level now; 0 the level is empty; -1 and errno. */
static int empty_level(struct removal *r)
{
    int fd = openat(r->fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *dir = fd < 0 ? NULL : fdopendir(fd);
    if (!dir) {
        if (fd >= 0)
            close(fd);
        return -1;
    }
    int rc = 0;
    for (struct dirent *entry; !rc && (errno = 0, entry = readdir(dir));) {
        if (is_dots(entry->d_name) || unlinkat(r->fd, entry->d_name, 0) == 0 || errno == ENOENT)
            continue;
        int why = errno;
        int next = openat(r->fd, entry->d_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (next < 0) {
            errno = why == EISDIR || why == EPERM ? errno : why;
            rc = -1;
        } else {
            rc = push_level(r, next, entry->d_name) < 0 ? -1 : 1;
        }
    }
    int why = errno;
    closedir(dir);
    errno = why;
    return rc == 0 && why ? -1 : rc;
}

/* Goes back up and removes the emptied folder. The way up is checked against where we came from, so
 * that a folder moved meanwhile cannot lead the removal elsewhere. */
static int pop_level(struct removal *r)
{
    struct level *up = &r->levels[r->n - 2];
    struct stat st;
    int fd = openat(r->fd, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return -1;
    if (fstat(fd, &st) < 0 || st.st_dev != up->dev || st.st_ino != up->ino) {
        close(fd);
        errno = ESTALE;
        return -1;
    }
    close(r->fd);
    r->fd = fd;
    char *name = r->levels[--r->n].name;
    int rc = unlinkat(fd, name, AT_REMOVEDIR) < 0 && errno != ENOENT ? -1 : 0;
    free(name);
    return rc;
}

static int remove_levels(struct removal *r)
{
    for (;;) {
        int rc = empty_level(r);
        if (rc < 0)
            return -1;
        if (rc == 0 && r->n == 1)
            return 0;
        if (rc == 0 && pop_level(r) < 0)
            return -1;
    }
}

static int empty_dir(const char *dir)
{
    struct removal r = {.fd = -1};
    int fd = open(dir, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    int rc = fd < 0 || push_level(&r, fd, "") < 0 || remove_levels(&r) < 0 ? -1 : 0, why = errno;
    if (r.fd >= 0)
        close(r.fd);
    while (r.n)
        free(r.levels[--r.n].name);
    free(r.levels);
    errno = why;
    return rc;
}

int file_empty_dir(const char *dir, struct err *e)
{
    return empty_dir(dir) ? err_sys(e, ERR_IO, errno, "cannot empty the folder %s", dir) : 0;
}

int file_remove_tree(const char *path, struct err *e)
{
    if (unlink(path) == 0 || errno == ENOENT)
        return 0;
    if (errno != EISDIR && errno != EPERM)
        return err_sys(e, ERR_IO, errno, "cannot remove %s", path);
    if (empty_dir(path) || rmdir(path) < 0)
        return err_sys(e, ERR_IO, errno, "cannot remove the folder %s", path);
    return 0;
}

/* --- copying: each step answers 0, or -1 with errno --- */

static int copy_node(int from_dir, const char *from, int to_dir, const char *to, int depth);

static int copy_bytes(int in, int out)
{
    char *block = mem_grow(NULL, COPY_BLOCK, 1);
    ssize_t got;
    while ((got = read(in, block, COPY_BLOCK)) != 0) {
        if (got < 0 && errno == EINTR)
            continue;
        ssize_t done = 0, put = 0;
        while (got > 0 && done < got && (put = write(out, block + done, (size_t)(got - done))) >= 0)
            done += put;
        if (got < 0 || put < 0)
            break;
    }
    int why = errno;
    free(block);
    errno = why;
    return got == 0 ? 0 : -1;
}

static int copy_file_node(int in, const struct stat *st, int to_dir, const char *to)
{
    int out = openat(to_dir, to, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
                     st->st_mode & 0777);
    if (out < 0)
        return -1;
    struct timespec times[2] = {{.tv_nsec = UTIME_OMIT}, st->st_mtim};
    int rc = copy_bytes(in, out);
    if (rc == 0 && (futimens(out, times) < 0 || file_sync_fd(out) < 0))
        rc = -1;
    int why = errno;
    close(out);
    errno = why;
    return rc;
}

static int copy_link_node(int from_dir, const char *from, int to_dir, const char *to)
{
    char target[4096];
    ssize_t len = readlinkat(from_dir, from, target, sizeof target - 1);
    if (len < 0)
        return -1;
    target[len] = '\0';
    return symlinkat(target, to_dir, to);
}

/* Takes in. */
static int copy_dir_node(int in, int to_dir, const char *to, int depth)
{
    DIR *dir = NULL;
    int out = -1, rc = -1;
    if (depth >= COPY_DEPTH_MAX)
        errno = ENAMETOOLONG;
    else if (mkdirat(to_dir, to, 0755) == 0)
        out = openat(to_dir, to, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (out >= 0 && (dir = fdopendir(in)))
        rc = 0;
    for (struct dirent *entry; !rc && (errno = 0, entry = readdir(dir));)
        if (!is_dots(entry->d_name))
            rc = copy_node(in, entry->d_name, out, entry->d_name, depth + 1);
    if (!rc && (errno || file_sync_fd(out) < 0))
        rc = -1;
    int why = errno;
    if (dir)
        closedir(dir);
    else
        close(in);
    if (out >= 0)
        close(out);
    errno = why;
    return rc;
}

static int copy_node(int from_dir, const char *from, int to_dir, const char *to, int depth)
{
    struct stat st;
    if (fstatat(from_dir, from, &st, AT_SYMLINK_NOFOLLOW) < 0)
        return -1;
    if (S_ISLNK(st.st_mode))
        return copy_link_node(from_dir, from, to_dir, to);
    if (!S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode)) {
        errno = ENOTSUP; /* a FIFO, socket or device has no bytes to carry over */
        return -1;
    }
    int in = openat(from_dir, from, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (in < 0)
        return -1;
    if (S_ISDIR(st.st_mode))
        return copy_dir_node(in, to_dir, to, depth);
    int rc = copy_file_node(in, &st, to_dir, to);
    int why = errno;
    close(in);
    errno = why;
    return rc;
}

int file_copy_tree(const char *from, const char *to)
{
    return copy_node(AT_FDCWD, from, AT_FDCWD, to, 0);
}
