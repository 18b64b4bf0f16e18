/* The kernel's kqueue events come in, hints go out (macOS, the BSDs). A folder says that names in
 * it came or went, not which, and nothing about writing into files: so hints have no names, and the
 * room looks at what moves by the clock. Never looks at an entry. */
/* SPDX-License-Identifier: ISC */
#define WATCH_ROOM
#include "watch/hints.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/event.h>
#include <sys/types.h>
#include <sys/stat.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <unistd.h>
#if defined(__APPLE__) || defined(__FreeBSD__) || defined(__OpenBSD__)
#include <sys/param.h>
#include <sys/mount.h>
#endif

#include "base/mem.h"

/* macOS: a descriptor that does not keep a volume from being ejected. */
#ifndef O_EVTONLY
#define O_EVTONLY O_RDONLY
#endif

#define GONE_NOTES   (NOTE_DELETE | NOTE_RENAME | NOTE_REVOKE)
#define FOLDER_NOTES (NOTE_WRITE | NOTE_EXTEND | NOTE_ATTRIB | NOTE_LINK | GONE_NOTES)

/* One watched folder; its descriptor is the handle. */
struct watched {
    int fd;
    bool above;  /* lies above the root: only its going is of interest */
    void *owner; /* NULL: the root, or above it */
    dev_t dev;
    ino_t ino;
};

struct hints {
    int fd;
    struct watched *list;
    int n, room;
};

static const char *kqueue_foreign(int dir_fd)
{
#if defined(MNT_LOCAL)
    struct statfs fs;
    if (fstatfs(dir_fd, &fs) == 0 && !(fs.f_flags & MNT_LOCAL))
        return "network";
#endif
    (void)dir_fd;
    return NULL;
}

static int refuse(struct err *e, int errnum, const char *what)
{
    struct rlimit files = {0};
    if ((errnum == EMFILE || errnum == ENFILE) && getrlimit(RLIMIT_NOFILE, &files) == 0)
        return err_set(
            e, ERR_LIMIT,
            "the limit of open files (%llu) is used up; every watched folder needs one; raise it "
            "with ulimit -n, or SoftResourceLimits/NumberOfFiles in the launchd job",
            (unsigned long long)files.rlim_cur);
    return err_sys(e, ERR_IO, errnum, "%s", what);
}

static int kqueue_open(struct hints **ret_hints, struct err *e)
{
    int fd = kqueue();
    if (fd < 0)
        return refuse(e, errno, "the kernel gives no event queue");
    (void)fcntl(fd, F_SETFD, FD_CLOEXEC); /* at worst a child inherits an empty queue */
    struct hints *h = mem_alloc(sizeof(*h));
    h->fd = fd;
    *ret_hints = h;
    return 0;
}

static void remove_at(struct hints *h, int at)
{
    (void)close(h->list[at].fd); /* which also ends its events */
    h->list[at] = h->list[--h->n];
}

static void kqueue_close(struct hints *h)
{
    if (!h)
        return;
    while (h->n)
        remove_at(h, h->n - 1);
    (void)close(h->fd); /* nothing is written through it */
    free(h->list);
    free(h);
}

static int kqueue_fd(const struct hints *h)
{
    return h->fd;
}

/* Takes dir_fd over. */
static int put(struct hints *h, int dir_fd, void *owner, bool above, struct err *e)
{
    struct stat st;
    struct kevent change;
    EV_SET(&change, dir_fd, EVFILT_VNODE, EV_ADD | EV_CLEAR, above ? GONE_NOTES : FOLDER_NOTES, 0,
           NULL);
    if (fstat(dir_fd, &st) != 0 || kevent(h->fd, &change, 1, NULL, 0, NULL) != 0) {
        int errnum = errno;
        (void)close(dir_fd); /* only opened for its events */
        return refuse(e, errnum, "a folder in the inbox cannot be watched");
    }
    if (h->n == h->room) {
        h->room = h->room ? h->room * 2 : 16;
        h->list = mem_grow(h->list, (size_t)h->room, sizeof(*h->list));
    }
    h->list[h->n++] = (struct watched){dir_fd, above, owner, st.st_dev, st.st_ino};
    return 0;
}

/* The folders above the root: one of them moved takes the root with it. */
static void watch_above(struct hints *h, const char *dir)
{
    char *path = mem_dup(dir);
    for (char *cut = strrchr(path, '/'); cut && path[1]; cut = strrchr(path, '/')) {
        cut[cut == path] = '\0';
        int fd = open(path, O_EVTONLY | O_CLOEXEC);
        if (fd >= 0)
            (void)put(h, fd, NULL, true, NULL); /* a refusal costs time until the next scan only */
    }
    free(path);
}

static int kqueue_set_root(struct hints *h, int root_fd, const char *dir, struct err *e)
{
    for (int i = h->n - 1; i >= 0; i--) {
        if (!h->list[i].owner)
            remove_at(h, i);
    }
    if (root_fd < 0)
        return 0;
    int fd = openat(root_fd, ".", O_EVTONLY | O_CLOEXEC);
    if (fd < 0)
        return refuse(e, errno, "the inbox cannot be opened for its events");
    int rc = put(h, fd, NULL, false, e);
    if (rc == 0)
        watch_above(h, dir);
    return rc;
}

static int kqueue_add(struct hints *h, int dir_fd, void *owner, int *ret_handle, struct err *e)
{
    struct stat st;
    if (fstat(dir_fd, &st) != 0)
        return refuse(e, errno, "a folder in the inbox cannot be looked at");
    for (int i = 0; i < h->n; i++) {
        if (h->list[i].owner == owner && h->list[i].ino == st.st_ino && h->list[i].dev == st.st_dev)
            return 1;
    }
    int fd = openat(dir_fd, ".", O_EVTONLY | O_CLOEXEC);
    if (fd < 0)
        return refuse(e, errno, "a folder in the inbox cannot be opened for its events");
    int rc = put(h, fd, owner, false, e);
    if (rc == 0)
        *ret_handle = fd;
    return rc;
}

static void kqueue_drop(struct hints *h, int handle, void *owner)
{
    for (int i = 0; i < h->n; i++) {
        if (h->list[i].fd == handle && h->list[i].owner == owner) {
            remove_at(h, i);
            return;
        }
    }
}

static const struct watched *find(const struct hints *h, int fd)
{
    for (int i = 0; i < h->n; i++) {
        if (h->list[i].fd == fd)
            return &h->list[i];
    }
    return NULL;
}

static void kqueue_drain(struct hints *h, void (*on)(void *ctx, const struct hint *hint), void *ctx)
{
    struct kevent events[64];
    const struct timespec at_once = {0, 0};
    int n;
    while ((n = kevent(h->fd, NULL, 0, events, 64, &at_once)) > 0) {
        for (int i = 0; i < n; i++) {
            const struct watched *one = find(h, (int)events[i].ident);
            if (!one)
                continue;
            if (!one->owner && (events[i].fflags & GONE_NOTES))
                on(ctx, &(struct hint){.kind = HINT_ROOT});
            if (!one->above)
                on(ctx, &(struct hint){.kind = HINT_LOOK, .owner = one->owner});
        }
    }
}

const struct hints_ops hints_native = {
    .word = "kqueue",
    .sees_writes = false,
    .foreign = kqueue_foreign,
    .open = kqueue_open,
    .close = kqueue_close,
    .fd = kqueue_fd,
    .set_root = kqueue_set_root,
    .add = kqueue_add,
    .drop = kqueue_drop,
    .drain = kqueue_drain,
};
