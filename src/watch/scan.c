/* The folder's own list comes in, entries to be looked at go out: the truth behind the hints, and
 * all there is without them. Never looks at an entry itself; a list that cannot be read to its end
 * changes nothing. */
/* SPDX-License-Identifier: ISC */
#define WATCH_ROOM
#include "watch/watch_priv.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"

/* In scanning mode, folders that were ignored or taken are walked in one of so many scans. */
#define SCAN_ALL_EVERY 10
/* A list that could not be read is asked for again after so long. */
#define SCAN_RETRY_MS 5000

static bool is_wanted(const struct entry *e, enum scan_want want, uint64_t inode)
{
    if (!e->stamped || want == SCAN_ALL || e->stamp.inode != inode)
        return true;
    if (want == SCAN_NAMES)
        return false;
    return !entry_is_folder(e) || e->state == ENTRY_MOVING || e->state == ENTRY_WAITING;
}

static void see_name(struct watch *w, const struct dirent *d, enum scan_want want)
{
    const char *name = d->d_name;
    if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0 || watch_is_skipped(w, name))
        return;
    struct entry *e = watch_entry(w, name);
    e->scan = w->scan_n;
    if (!e->stamped)
        e->stamp.inode = d->d_ino;
    e->replaced = e->stamp.inode != d->d_ino;
    if (is_wanted(e, want, d->d_ino))
        watch_look_at(w, e, w->now_ms);
}

static int list_names(struct watch *w, enum scan_want want)
{
    int fd = openat(w->root.fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return -errno;
    DIR *dir = fdopendir(fd);
    if (!dir) {
        int errnum = errno;
        (void)close(fd); /* only read from */
        return -errnum;
    }
    const struct dirent *d;
    errno = 0;
    while ((d = readdir(dir))) {
        see_name(w, d, want);
        errno = 0;
    }
    int errnum = errno;
    (void)closedir(dir); /* only read from */
    return -errnum;
}

static int by_inode(const void *a, const void *b)
{
    const struct entry *const *x = a, *const *y = b;
    return ((*x)->stamp.inode > (*y)->stamp.inode) - ((*x)->stamp.inode < (*y)->stamp.inode);
}

/* A taken entry that only got another name is not new work. Without hints that shows as one inode
 * under a new name; the whole stamp is compared when it is looked at, since inode numbers are given
 * again. */
static void follow_renames(struct watch *w, struct entry **gone, size_t n)
{
    struct entry *e;
    qsort(gone, n, sizeof(struct entry *), by_inode);
    for (size_t at = 0; (e = map_next(&w->entries, &at));) {
        if (e->stamped || e->scan != w->scan_n || e->heard_wrote)
            continue;
        struct entry **old = bsearch(&e, gone, n, sizeof(struct entry *), by_inode);
        if (!old)
            continue;
        e->stamp = (*old)->stamp;
        e->stamped = true;
        e->state = ENTRY_TAKEN;
    }
}

/* Names that were not in the list are looked at as well, and forgotten then when they are gone;
 * what they stood for may have another name now. */
static void see_missing(struct watch *w)
{
    struct entry *e, **gone = NULL;
    size_t n = 0, room = 0;
    for (size_t at = 0; (e = map_next(&w->entries, &at));) {
        if (e->scan == w->scan_n && !e->replaced)
            continue;
        watch_look_at(w, e, w->now_ms);
        e->replaced = false;
        if (e->state != ENTRY_TAKEN || !e->stamped)
            continue;
        if (n == room) {
            room = room ? room * 2 : 16;
            gone = mem_grow(gone, room, sizeof(struct entry *));
        }
        gone[n++] = e;
    }
    if (n)
        follow_renames(w, gone, n);
    free(gone);
}

static void say_unlisted(struct watch *w, int errnum)
{
    const char *cure = "looking at the disk helps";
    if (errnum == EACCES || errnum == EPERM)
        cure = "give slated's user the right to read it (chmod u+rwx, chown)";
    else if (errnum == EMFILE || errnum == ENFILE)
        cure = "raise the limit of open files (ulimit -n, or LimitNOFILE= in the service)";
    watch_say(w, SAID_UNLISTED, "inbox unreadable",
              "the inbox %s cannot be listed: %s; it is tried again every %d s; %s", w->root.dir,
              strerror(errnum), SCAN_RETRY_MS / 1000, cure);
}

void scan_turn(struct watch *w)
{
    if (w->want == SCAN_NOTHING && w->now_ms < w->scan_at_ms)
        return;
    bool scheduled = w->now_ms >= w->scan_at_ms;
    enum scan_want want = w->want;
    if (scheduled && w->mode == WATCH_EVENTS)
        want = SCAN_ALL;
    else if (scheduled && want < SCAN_MOVING)
        want = w->scans % SCAN_ALL_EVERY == 0 ? SCAN_ALL : SCAN_MOVING;
    w->want = SCAN_NOTHING;
    w->scans++;
    w->scan_n++;
    if (scheduled || want == SCAN_ALL)
        w->scan_at_ms =
            w->now_ms + (w->mode == WATCH_SCAN ? w->config.scan_ms : w->config.safety_scan_ms);
    int rc = list_names(w, want);
    if (rc != 0) {
        w->scan_at_ms = w->now_ms + SCAN_RETRY_MS;
        say_unlisted(w, -rc);
        return;
    }
    w->said &= ~(unsigned)SAID_UNLISTED;
    see_missing(w);
    if (scheduled && w->mode == WATCH_EVENTS)
        mode_test(w);
}
