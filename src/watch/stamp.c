/* A name in the inbox comes in, its stamp goes out: from lstat for files, from a walk for folders
 * (each folder through its own descriptor, so that a link put in its place is not followed). Never
 * opens a file, never calls itself. */
/* SPDX-License-Identifier: ISC */
#define WATCH_ROOM
#include "watch/stamp.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/map.h"

struct level {
    DIR *dir;
    uint64_t path; /* hash of the folder's path */
};

struct walk {
    const struct stamp_look *look;
    struct level levels[STAMP_DEPTH];
    int depth;
    struct stamp sum;
    int64_t fresh_ns;
};

static int64_t ns_of(struct timespec t)
{
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

/* Adds one thing to the sums. A folder counts without size and mtime: junk written into it changes
 * both. */
static void add(struct walk *w, uint64_t path, const struct stat *st)
{
    bool folder = S_ISDIR(st->st_mode);
    const uint64_t what[] = {(uint64_t)st->st_dev, (uint64_t)st->st_ino, st->st_mode & S_IFMT,
                             folder ? 0 : (uint64_t)st->st_size};
    const int64_t when = folder ? 0 : ns_of(st->st_mtim);
    const uint64_t access[] = {st->st_mode & 07777, st->st_uid, st->st_gid};
    w->sum.what += map_hash(what, sizeof(what), path);
    w->sum.when += map_hash(&when, sizeof(when), path);
    w->sum.access += map_hash(access, sizeof(access), path);
    if (S_ISREG(st->st_mode)) {
        w->sum.bytes += st->st_size;
        w->sum.files++;
    }
    if (ns_of(st->st_ctim) > w->fresh_ns)
        w->fresh_ns = ns_of(st->st_ctim);
}

/* Goes into parent_fd/name. A folder that is gone or closed to us by now is left as a name; other
 * failures are told. */
static int enter(struct walk *w, int parent_fd, const char *name, uint64_t path)
{
    if (w->depth == STAMP_DEPTH)
        return 0;
    int fd = openat(parent_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return errno == ENOENT || errno == ENOTDIR || errno == ELOOP || errno == EACCES ? 0
                                                                                        : -errno;
    if (w->look->on_dir)
        w->look->on_dir(w->look->ctx, fd);
    DIR *dir = fdopendir(fd);
    if (!dir) {
        int errnum = errno;
        (void)close(fd); /* nothing was written through it */
        return -errnum;
    }
    w->levels[w->depth++] = (struct level){dir, path};
    return 0;
}

static bool is_skipped(const struct walk *w, const char *name)
{
    if (name[0] == '.' && (!name[1] || (name[1] == '.' && !name[2])))
        return true;
    return w->look->is_junk && w->look->is_junk(name);
}

/* Takes one name from the innermost folder, or leaves that folder. */
static int step(struct walk *w)
{
    struct level *level = &w->levels[w->depth - 1];
    errno = 0;
    const struct dirent *d = readdir(level->dir);
    if (!d) {
        int errnum = errno;
        (void)closedir(level->dir); /* only read from */
        w->depth--;
        return -errnum;
    }
    struct stat st;
    if (is_skipped(w, d->d_name) ||
        fstatat(dirfd(level->dir), d->d_name, &st, AT_SYMLINK_NOFOLLOW) != 0)
        return 0;
    uint64_t path = map_hash(d->d_name, strlen(d->d_name), level->path);
    add(w, path, &st);
    return S_ISDIR(st.st_mode) ? enter(w, dirfd(level->dir), d->d_name, path) : 0;
}

int stamp_take(const struct stamp_look *look, const char *name, struct stamp *ret_stamp,
               int64_t *ret_fresh_ns)
{
    struct stat st;
    if (fstatat(look->root_fd, name, &st, AT_SYMLINK_NOFOLLOW) != 0)
        return errno == ENOTDIR ? -ENOENT : -errno;
    struct walk w = {.look = look};
    w.sum.inode = st.st_ino;
    w.sum.type = st.st_mode & S_IFMT;
    add(&w, 0, &st);
    int rc = S_ISDIR(st.st_mode) ? enter(&w, look->root_fd, name, 1) : 0;
    while (rc == 0 && w.depth)
        rc = step(&w);
    while (w.depth)
        (void)closedir(w.levels[--w.depth].dir); /* only after a failure; only read from */
    if (rc != 0)
        return rc;
    *ret_stamp = w.sum;
    *ret_fresh_ns = w.fresh_ns;
    return 0;
}

bool stamp_same(const struct stamp *a, const struct stamp *b)
{
    return a->what == b->what && a->when == b->when;
}
