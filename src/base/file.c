/* Reads whole files, writes files that appear whole, moves things and keeps both ends on the disk.
 * Follows no link in the last part of a path. Trees are in file_tree.c. */
/* SPDX-License-Identifier: ISC */
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file_priv.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/str.h"

#define NAME_BYTES_MAX 255
#define TMP_SUFFIX     ".slated-tmp"
#define FIRST_READ     4096 /* bytes of a file that tells no size */

/* Opens a regular file without waiting for anybody at the other end of a FIFO. */
static int open_regular(const char *path, struct stat *ret_st, struct err *e)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
    if (fd < 0)
        return err_sys(e, errno == ELOOP || errno == ENXIO ? ERR_KIND : ERR_IO, errno,
                       "cannot open %s", path);
    int rc;
    if (fstat(fd, ret_st) < 0)
        rc = err_sys(e, ERR_IO, errno, "cannot look at %s", path);
    else if (!S_ISREG(ret_st->st_mode))
        rc = err_set(e, ERR_KIND, "%s is not a regular file", path);
    else
        return fd;
    close(fd);
    return rc;
}

/* Reads to the end of fd; the file may have grown or shrunk since it was looked at. The system's
 * own files tell no size, and some give all they have to the first read or cut it off: so much is
 * asked for at once. */
static int read_all(int fd, size_t guess, size_t cap, char **ret_bytes, size_t *ret_len)
{
    size_t room = guess ? guess + 1 : FIRST_READ, len = 0;
    room = room < cap + 1 ? room : cap + 1;
    char *bytes = mem_grow(NULL, room + 1, 1);
    for (;;) {
        if (len == room) {
            room = room * 2 < cap + 1 ? room * 2 : cap + 1;
            bytes = mem_grow(bytes, room + 1, 1);
        }
        ssize_t got = read(fd, bytes + len, room - len);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0) {
            int why = errno;
            free(bytes);
            errno = why;
            return ERR_IO;
        }
        len += (size_t)got;
        if (len > cap) {
            free(bytes);
            return ERR_LIMIT;
        }
        if (got == 0)
            break;
    }
    bytes[len] = '\0';
    *ret_bytes = bytes;
    *ret_len = len;
    return 0;
}

int file_read(const char *path, size_t cap, char **ret_bytes, size_t *ret_len, struct err *e)
{
    struct stat st;
    int fd = open_regular(path, &st, e);
    if (fd < 0)
        return fd;
    size_t len;
    int rc = (uint64_t)st.st_size > cap ? ERR_LIMIT
                                        : read_all(fd, (size_t)st.st_size, cap, ret_bytes, &len);
    if (rc == ERR_LIMIT)
        rc = err_set(e, ERR_LIMIT, "%s is larger than the %zu bytes allowed", path, cap);
    else if (rc < 0)
        rc = err_sys(e, ERR_IO, errno, "cannot read %s", path);
    else if (ret_len)
        *ret_len = len;
    close(fd);
    return rc;
}

/* ".<name>.slated-tmp" beside path; a name too long for that is cut. Owned by the caller. */
static char *temp_beside(const char *path)
{
    char *dir = path_dir(path);
    const char *name = path_base(path);
    int keep = NAME_BYTES_MAX - 1 - (int)strlen(TMP_SUFFIX);
    char *temp = mem_printf("%s/.%.*s" TMP_SUFFIX, dir, keep, name);
    free(dir);
    return temp;
}

/* A new file of our own under that name; what a killed run left there is removed first. */
static int open_temp(const char *temp, struct err *e)
{
    int fd = open(temp, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
    if (fd < 0 && errno == EEXIST) {
        if (file_remove_tree(temp, e) < 0)
            return e ? e->code : ERR_IO;
        fd = open(temp, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
    }
    return fd < 0 ? err_sys(e, ERR_IO, errno, "cannot write %s", temp) : fd;
}

bool file_put(int fd, const void *bytes, size_t len)
{
    const char *at = bytes;
    while (len) {
        ssize_t put = write(fd, at, len);
        if (put < 0 && errno == EINTR)
            continue;
        if (put <= 0)
            return false;
        at += put;
        len -= (size_t)put;
    }
    return true;
}

int file_sync_dir(const char *dir, struct err *e)
{
    int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return err_sys(e, ERR_IO, errno, "cannot open the folder %s", dir);
    int rc = file_sync_fd(fd) < 0 ? err_sys(e, ERR_IO, errno, "cannot sync the folder %s", dir) : 0;
    close(fd);
    return rc;
}

static int sync_dir_of(const char *path, struct err *e)
{
    char *dir = path_dir(path);
    int rc = file_sync_dir(dir, e);
    free(dir);
    return rc;
}

static int write_named(const char *path, const void *bytes, size_t len, bool durable, struct err *e)
{
    char *temp = temp_beside(path);
    int rc = 0, fd = open_temp(temp, e);
    if (fd < 0) {
        rc = fd;
        goto out;
    }
    if (!file_put(fd, bytes, len) || (durable && file_sync_fd(fd) < 0))
        rc = err_sys(e, ERR_IO, errno, "cannot write %s", temp);
    if (close(fd) < 0 && !rc)
        rc = err_sys(e, ERR_IO, errno, "cannot write %s", temp);
    if (!rc && rename(temp, path) < 0)
        rc = err_sys(e, ERR_IO, errno, "cannot put %s in its place", path);
    if (rc)
        (void)unlink(temp); /* the first error is the one worth saying */
out:
    free(temp);
    return rc;
}

int file_write(const char *path, const void *bytes, size_t len, bool durable, struct err *e)
{
    int rc = write_named(path, bytes, len, durable, e);
    return rc || !durable ? rc : sync_dir_of(path, e);
}

/* --- names that reach the disk together --- */

bool file_dirs_have(const struct file_dirs *d, const char *dir)
{
    for (size_t i = d->n; i-- > 0;) /* the newest is asked for most */
        if (str_eq(d->paths[i], dir))
            return true;
    return false;
}

void file_dirs_add(struct file_dirs *d, const char *dir)
{
    if (file_dirs_have(d, dir))
        return;
    if (d->n == d->room)
        d->paths = mem_grow(d->paths, d->room += 16, sizeof *d->paths);
    d->paths[d->n++] = mem_dup(dir);
}

int file_dirs_sync(struct file_dirs *d, struct err *e)
{
    int rc = 0;
    while (d->n && !rc) {
        rc = file_sync_dir(d->paths[d->n - 1], e);
        if (!rc)
            free(d->paths[--d->n]);
    }
    return rc;
}

void file_dirs_finish(struct file_dirs *d)
{
    while (d->n)
        free(d->paths[--d->n]);
    free(d->paths);
    *d = (struct file_dirs){0};
}

int file_write_later(const char *path, const void *bytes, size_t len, struct file_dirs *dirs,
                     struct err *e)
{
    int rc = write_named(path, bytes, len, true, e);
    if (rc)
        return rc;
    char *dir = path_dir(path);
    file_dirs_add(dirs, dir);
    free(dir);
    return 0;
}

/* A copy of from (a file, a link or a tree) that appears under to at once; to must be free. */
static int copy_whole(const char *from, const char *to, struct err *e)
{
    char *temp = temp_beside(to);
    int rc = file_remove_tree(temp, e);
    if (!rc && file_copy_tree(from, temp) < 0)
        rc = err_sys(e, errno == ENOTSUP ? ERR_KIND : ERR_IO, errno, "cannot copy %s to %s", from,
                     to);
    if (!rc && file_rename_new(temp, to) < 0)
        rc = err_sys(e, ERR_IO, errno, "cannot put %s in its place", to);
    if (rc)
        (void)file_remove_tree(temp, NULL); /* the first error is the one worth saying */
    else
        rc = sync_dir_of(to, e);
    free(temp);
    return rc;
}

int file_move(const char *from, const char *to, struct err *e)
{
    struct stat st;
    int rc;
    if (file_rename_new(from, to) == 0) {
        rc = sync_dir_of(to, e);
        return rc ? rc : sync_dir_of(from, e);
    }
    if (errno != EXDEV)
        return err_sys(e, ERR_IO, errno, "cannot move %s to %s", from, to);
    if (lstat(to, &st) == 0)
        return err_set(e, ERR_EXISTS, "cannot move %s: %s is already there", from, to);
    rc = copy_whole(from, to, e);
    if (!rc)
        rc = file_remove_tree(from, e);
    return rc ? rc : sync_dir_of(from, e);
}

int file_copy(const char *from, const char *to, struct err *e)
{
    struct stat st;
    int fd = open_regular(from, &st, e);
    if (fd < 0)
        return fd;
    close(fd);
    if (file_exists(to))
        return err_set(e, ERR_EXISTS, "cannot copy %s: %s is already there", from, to);
    return copy_whole(from, to, e);
}

int file_second(const char *from, const char *to, struct err *e)
{
    return link(from, to) == 0 ? 0 : file_copy(from, to, e);
}

bool file_exists(const char *path)
{
    struct stat st;
    return lstat(path, &st) == 0;
}
