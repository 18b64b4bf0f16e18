/* The root comes in; whether hints about it can be trusted goes out. Chooses between events and
 * scanning, tests the events with a file of its own, falls back and says why, and tries again
 * later. */
/* SPDX-License-Identifier: ISC */
#define WATCH_ROOM
#include "watch/watch_priv.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* So long may the hint about the canary take. */
#define CANARY_MS 2000

static void fall_back(struct watch *w, bool for_good, const char *why)
{
    if (w->hints)
        (void)w->ops->set_root(w->hints, -1, NULL, NULL); /* giving up cannot fail */
    w->mode = WATCH_SCAN;
    w->canary_until_ms = ENTRY_NEVER;
    w->events_at_ms = for_good ? ENTRY_NEVER : w->now_ms + w->config.safety_scan_ms;
    w->scan_at_ms = w->now_ms;
    watch_say(w, SAID_SCANNING, "scanning",
              "%s; the inbox %s is looked through every %d ms instead", why, w->root.dir,
              w->config.scan_ms);
}

static void try_events(struct watch *w)
{
    struct err e = {0};
    w->events_at_ms = ENTRY_NEVER;
    if (w->ops->set_root(w->hints, w->root.fd, w->root.dir, &e) != 0) {
        fall_back(w, false, e.text);
        return;
    }
    w->mode = WATCH_EVENTS;
    mode_test(w);
}

void mode_start(struct watch *w)
{
    w->foreign = w->ops->foreign(w->root.fd);
    w->skew_known = false;
    w->mode = w->config.mode;
    if (w->config.mode == WATCH_SCAN) {
        mode_test(w);
    } else if (w->foreign) {
        struct err e = {0};
        err_set(&e, ERR_UNSUPPORTED,
                "it lies on a file system (%s) that other computers change without a word here",
                w->foreign);
        mode_test(w);
        fall_back(w, true, e.text);
    } else if (!w->hints) {
        mode_test(w);
        fall_back(w, true, w->no_hints.text);
    } else {
        try_events(w);
    }
}

static int64_t wall_ms(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_REALTIME, &t); /* cannot fail for this clock */
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void say_read_only(struct watch *w, int errnum)
{
    if (errnum != EACCES && errnum != EPERM && errnum != EROFS)
        return;
    watch_say(w, SAID_READ_ONLY, "inbox read-only",
              "nothing can be written into the inbox %s (%s), so drops cannot be taken out of it; "
              "give slated's user the right to write there (chmod u+w, or a mount with rw)",
              w->root.dir, strerror(errnum));
}

/* Makes the canary and removes it at once: making it gives the hint, its ctime the file system's
 * clock. */
void mode_test(struct watch *w)
{
    struct stat st;
    (void)unlinkat(w->root.fd, CANARY_NAME, 0); /* one left by a crash; mostly there is none */
    int fd =
        openat(w->root.fd, CANARY_NAME, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0) {
        say_read_only(w, errno);
        return;
    }
    w->said &= ~(unsigned)SAID_READ_ONLY;
    if (fstat(fd, &st) == 0) {
        w->skew_ms = (int64_t)st.st_ctime * 1000 - wall_ms();
        w->skew_ms = w->skew_ms > -1100 && w->skew_ms < 1100 ? 0 : w->skew_ms;
        w->skew_known = true;
    }
    (void)close(fd); /* nothing was written */
    (void)unlinkat(w->root.fd, CANARY_NAME,
                   0); /* one that stays is junk and removed at the next test */
    if (w->mode == WATCH_EVENTS && w->config.mode == WATCH_EVENTS)
        w->canary_until_ms = w->now_ms + CANARY_MS;
}

void mode_heard(struct watch *w)
{
    if (w->canary_until_ms == ENTRY_NEVER)
        return;
    w->canary_until_ms = ENTRY_NEVER;
    if (!(w->said & SAID_SCANNING))
        return;
    w->said &= ~(unsigned)SAID_SCANNING;
    w->config.told(w->config.ctx, "events", "the inbox gives change events again; scanning ended");
    w->want = SCAN_ALL;
}

void mode_turn(struct watch *w)
{
    if (w->now_ms >= w->canary_until_ms)
        fall_back(w, false, "a file made to test whether changes are heard of was not heard of");
    else if (w->now_ms >= w->events_at_ms)
        try_events(w);
}
