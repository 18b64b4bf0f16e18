/* The kernel's inotify events come in, hints go out. Besides the root and the folders given to it,
 * it listens whether the root or a folder above it is moved, and wakes up when something is
 * mounted. Never looks at an entry. */
/* SPDX-License-Identifier: ISC */
#define WATCH_ROOM
#include "watch/hints.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/inotify.h>
#include <sys/resource.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/mem.h"

#define FOLDER_MASK                                                                                \
    (IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_MODIFY | IN_CLOSE_WRITE | IN_ATTRIB)
#define ROOT_MASK  (FOLDER_MASK | IN_DELETE_SELF | IN_MOVE_SELF)
#define ABOVE_MASK (IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR)

/* One watched folder. */
struct watched {
    int wd;
    void *owner; /* the entry's, NULL for the root and for what lies above it */
    bool above;
    bool live;
};

struct hints {
    int fd;               /* inotify's, or -1 until set_root */
    int mounts_fd;        /* the kernel's list of mounts, or -1 */
    int poll_fd;          /* both of them, from the start */
    int root_wd;          /* -1: none */
    struct watched *list; /* sorted by wd: the kernel counts upwards */
    int n, room, dead;
};

/* ---- the table of watched folders ---- */

/* The place of wd, or of the first one above it. */
static int place_of(const struct hints *h, int wd)
{
    int low = 0, high = h->n;
    while (low < high) {
        int mid = low + (high - low) / 2;
        if (h->list[mid].wd < wd)
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

static struct watched *find(struct hints *h, int wd)
{
    int at = place_of(h, wd);
    return at < h->n && h->list[at].wd == wd && h->list[at].live ? &h->list[at] : NULL;
}

/* Takes the dead ones out once they are the larger half. */
static void compact(struct hints *h)
{
    if (h->dead < 64 || h->dead * 2 < h->n)
        return;
    int kept = 0;
    for (int i = 0; i < h->n; i++) {
        if (h->list[i].live)
            h->list[kept++] = h->list[i];
    }
    h->n = kept;
    h->dead = 0;
}

static void bury(struct hints *h, struct watched *gone)
{
    gone->live = false;
    h->dead++;
    compact(h);
}

static void put(struct hints *h, struct watched new)
{
    int at = place_of(h, new.wd);
    if (at < h->n && h->list[at].wd == new.wd) {
        h->dead -= !h->list[at].live;
        h->list[at] = new;
        return;
    }
    if (h->n == h->room) {
        h->room = h->room ? h->room * 2 : 16;
        h->list = mem_grow(h->list, (size_t)h->room, sizeof(*h->list));
    }
    memmove(&h->list[at + 1], &h->list[at], (size_t)(h->n - at) * sizeof(*h->list));
    h->list[at] = new;
    h->n++;
}

/* ---- limits, in words ---- */

static long read_limit(const char *name)
{
    char path[96], text[32] = "";
    (void)snprintf(path, sizeof(path), "/proc/sys/fs/inotify/%s",
                   name); /* names are ours and short */
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return -1;
    ssize_t n = read(fd, text, sizeof(text) - 1);
    (void)close(fd); /* only read from */
    return n > 0 ? strtol(text, NULL, 10) : -1;
}

static int watches_used_up(const struct hints *h, struct err *e)
{
    long have = read_limit("max_user_watches");
    int need = h->n - h->dead + 1;
    long give = have * 2 > need + 8192 ? have * 2 : need + 8192;
    return err_set(
        e, ERR_LIMIT,
        "the kernel's limit of watched folders of one user (fs.inotify.max_user_watches, %ld) is "
        "used up; slated needs %d of them here; raise it with: sysctl "
        "fs.inotify.max_user_watches=%ld",
        have, need, give);
}

static int reader_refused(int errnum, struct err *e)
{
    struct rlimit files = {0};
    int probe = errnum == EMFILE ? open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
    if (errnum == EMFILE && probe >= 0) {
        (void)close(probe); /* only a test whether a descriptor is left */
        long have = read_limit("max_user_instances");
        return err_set(
            e, ERR_LIMIT,
            "the kernel's limit of inotify readers of one user (fs.inotify.max_user_instances, "
            "%ld) is used up; slated needs 1 more; raise it with: sysctl "
            "fs.inotify.max_user_instances=%ld",
            have, have > 0 ? have * 2 : 256);
    }
    if (errnum == EMFILE && getrlimit(RLIMIT_NOFILE, &files) == 0)
        return err_set(
            e, ERR_LIMIT,
            "the limit of open files (%llu) is used up; slated needs 3 more to hear of changes; "
            "raise it with ulimit -n or LimitNOFILE= in the service",
            (unsigned long long)files.rlim_cur);
    return err_sys(e, ERR_LIMIT, errnum, "the kernel gives no inotify reader");
}

/* ---- life ---- */

static const char *inotify_foreign(int dir_fd)
{
    static const struct {
        unsigned long magic;
        const char *word;
    } kinds[] = {
        {0x6969, "nfs"},      {0xff534d42, "cifs"},   {0xfe534d42, "smb"},    {0x517b, "smb"},
        {0x65735546, "fuse"}, {0x01021997, "9p"},     {0x00c36400, "ceph"},   {0x5346414f, "afs"},
        {0x73757245, "coda"}, {0x786f4256, "vboxsf"}, {0x0bd00bd0, "lustre"}, {0x47504653, "gpfs"},
        {0x01161970, "gfs2"}, {0x7461636f, "ocfs2"},  {0xbacbacbc, "vmhgfs"},
    };
    struct statfs fs;
    if (fstatfs(dir_fd, &fs) != 0)
        return NULL;
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        if (((unsigned long)fs.f_type & 0xffffffff) == kinds[i].magic)
            return kinds[i].word;
    }
    return NULL;
}

static void inotify_close(struct hints *h)
{
    if (!h)
        return;
    const int fds[] = {h->poll_fd, h->mounts_fd, h->fd};
    for (size_t i = 0; i < sizeof(fds) / sizeof(fds[0]); i++) {
        if (fds[i] >= 0)
            (void)close(fds[i]); /* nothing is written through any of them */
    }
    free(h->list);
    free(h);
}

static int inotify_open(struct hints **ret_hints, struct err *e)
{
    struct hints *h = mem_alloc(sizeof(*h));
    h->fd = h->root_wd = h->mounts_fd = -1;
    h->poll_fd = epoll_create1(EPOLL_CLOEXEC);
    if (h->poll_fd < 0) {
        int errnum = errno;
        inotify_close(h);
        return reader_refused(errnum, e);
    }
    /* Without this one, a mount over the root is found by the next scan only. */
    struct epoll_event mounted = {.events = EPOLLPRI};
    h->mounts_fd = open("/proc/self/mountinfo", O_RDONLY | O_CLOEXEC);
    if (h->mounts_fd >= 0)
        (void)epoll_ctl(h->poll_fd, EPOLL_CTL_ADD, h->mounts_fd, &mounted);
    *ret_hints = h;
    return 0;
}

/* The reader itself, when there is none yet. */
static int have_reader(struct hints *h, struct err *e)
{
    if (h->fd >= 0)
        return 0;
    struct epoll_event readable = {.events = EPOLLIN};
    h->fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    if (h->fd >= 0 && epoll_ctl(h->poll_fd, EPOLL_CTL_ADD, h->fd, &readable) == 0)
        return 0;
    int errnum = errno;
    if (h->fd >= 0)
        (void)close(h->fd); /* nothing is written through it */
    h->fd = -1;
    return reader_refused(errnum, e);
}

static int inotify_fd(const struct hints *h)
{
    return h->poll_fd;
}

/* ---- watches ---- */

/* A descriptor's own name lets a folder be watched whatever its path has become. */
static int watch_fd_dir(struct hints *h, int dir_fd, uint32_t mask)
{
    char path[40];
    (void)snprintf(path, sizeof(path), "/proc/self/fd/%d", dir_fd); /* fits any int */
    return inotify_add_watch(h->fd, path, mask | IN_ONLYDIR);
}

static void give_up_root(struct hints *h)
{
    for (int i = 0; i < h->n; i++) {
        struct watched *one = &h->list[i];
        if (!one->live || one->owner)
            continue;
        (void)inotify_rm_watch(h->fd, one->wd); /* it may be gone by itself */
        one->live = false;
        h->dead++;
    }
    compact(h);
    h->root_wd = -1;
}

/* The folders above the root: one of them moved takes the root with it. A refusal costs time until
 * the next scan only. */
static void watch_above(struct hints *h, const char *dir)
{
    char *path = mem_dup(dir);
    for (char *cut = strrchr(path, '/'); cut && path[1]; cut = strrchr(path, '/')) {
        cut[cut == path] = '\0';
        int wd = inotify_add_watch(h->fd, path, ABOVE_MASK | IN_MASK_ADD);
        if (wd >= 0 && !find(h, wd))
            put(h, (struct watched){.wd = wd, .above = true, .live = true});
    }
    free(path);
}

static int inotify_set_root(struct hints *h, int root_fd, const char *dir, struct err *e)
{
    give_up_root(h);
    if (root_fd < 0)
        return 0;
    int rc = have_reader(h, e);
    if (rc != 0)
        return rc;
    int wd = watch_fd_dir(h, root_fd, ROOT_MASK);
    if (wd < 0)
        return errno == ENOSPC ? watches_used_up(h, e)
                               : err_sys(e, ERR_IO, errno, "%s cannot be watched", dir);
    put(h, (struct watched){.wd = wd, .live = true});
    h->root_wd = wd;
    watch_above(h, dir);
    return 0;
}

static int inotify_add(struct hints *h, int dir_fd, void *owner, int *ret_handle, struct err *e)
{
    int wd = watch_fd_dir(h, dir_fd, FOLDER_MASK);
    if (wd < 0)
        return errno == ENOSPC
                   ? watches_used_up(h, e)
                   : err_sys(e, ERR_IO, errno, "a folder in the inbox cannot be watched");
    const struct watched *old = find(h, wd);
    if (old && old->owner == owner)
        return 1;
    put(h, (struct watched){.wd = wd, .owner = owner, .live = true});
    *ret_handle = wd;
    return 0;
}

static void inotify_drop(struct hints *h, int handle, void *owner)
{
    struct watched *one = find(h, handle);
    if (!one || one->owner != owner)
        return;
    (void)inotify_rm_watch(h->fd, handle); /* it may be gone by itself */
    bury(h, one);
}

/* ---- events ---- */

static enum hint_kind kind_of(uint32_t mask)
{
    if (mask & IN_MOVED_TO)
        return HINT_ARRIVED;
    if (mask & (IN_MOVED_FROM | IN_DELETE))
        return HINT_LEFT;
    if (mask & (IN_CREATE | IN_MODIFY))
        return HINT_WRITTEN;
    return mask & IN_CLOSE_WRITE ? HINT_CLOSED : HINT_LOOK;
}

static void read_event(struct hints *h, const struct inotify_event *event,
                       void (*on)(void *ctx, const struct hint *hint), void *ctx)
{
    struct hint hint = {.kind = HINT_LOST};
    if (event->mask & IN_Q_OVERFLOW) {
        on(ctx, &hint);
        return;
    }
    struct watched *one = find(h, event->wd);
    if (!one)
        return;
    if (event->mask & IN_IGNORED)
        bury(h, one);
    else if (event->len)
        on(ctx, &(struct hint){kind_of(event->mask), one->owner, event->name, event->cookie});
    else if (!one->owner)
        on(ctx, &(struct hint){.kind = HINT_ROOT});
}

static void inotify_drain(struct hints *h, void (*on)(void *ctx, const struct hint *hint),
                          void *ctx)
{
    char bytes[65536] __attribute__((aligned(__alignof__(struct inotify_event))));
    ssize_t n;
    while (h->fd >= 0 && (n = read(h->fd, bytes, sizeof(bytes))) > 0) {
        const struct inotify_event *event;
        for (char *at = bytes; at < bytes + n; at += sizeof(*event) + event->len) {
            event = (const struct inotify_event *)at;
            read_event(h, event, on, ctx);
        }
    }
    struct epoll_event seen;
    (void)epoll_wait(h->poll_fd, &seen, 1,
                     0); /* takes note of a mount; the room compares the root itself */
}

const struct hints_ops hints_native = {
    .word = "inotify",
    .sees_writes = true,
    .foreign = inotify_foreign,
    .open = inotify_open,
    .close = inotify_close,
    .fd = inotify_fd,
    .set_root = inotify_set_root,
    .add = inotify_add,
    .drop = inotify_drop,
    .drain = inotify_drain,
};
