/* The inbox comes in as a folder and hints about it; entries that have come to rest go out. Owns time: a hint (inotify,
 * kqueue) means "look here", the directory is the truth, overflow and doubt mean scan. Knows nothing of what an entry means:
 * its reader answers. Never opens a file's contents, never moves anything.
 *
 * The caller: 1. watch_open 2. puts watch_fd into its wait 3. after every wake-up watch_turn(now), which calls offer for
 * entries that rest, and answers the next instant it wants to be called 4. watch_close.
 *
 *   UNSEEN --hint or scan--> MOVING --size, mtime, inode at rest, or moved in whole--> offered
 *   offered --ACCEPT-->  TAKEN   forgotten when its name is gone; a new inode or new bytes under the name is UNSEEN again
 *           --WAIT---->  MOVING  offered again when anything in it changes, or at the time the reader names
 *           --IGNORE-->  QUIET   not offered again until it changes (a chmod or touch is no change) */
/* SPDX-License-Identifier: ISC */
#ifndef WATCH_WATCH_H
#define WATCH_WATCH_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

struct watch;

enum watch_mode { WATCH_EVENTS, WATCH_SCAN };

/* How an entry came to rest. */
struct watch_ready {
    const char *name;        /* bytes as given; borrowed for the call */
    bool folder;
    bool regular;            /* false for links, FIFOs, sockets, devices (never opened) */
    bool changed;            /* was offered before and has changed since */
    int64_t since_ms;        /* when it was first seen, mono */
    int64_t quiet_ms;        /* how long nothing in it has changed */
};

enum watch_answer {
    WATCH_ACCEPT, /* the reader takes it from here */
    WATCH_IGNORE, /* a touch without events looks like a write of equal length: then it is offered once more */
    WATCH_WAIT,   /* not complete yet; *ret_again_ms may name a mono instant to be asked again, 0 for on change only */
};

struct watch_config {
    const char *dir;         /* absolute */
    enum watch_mode mode;    /* EVENTS falls back to SCAN by itself and says so through told */
    int settle_ms;           /* a file that was written in place rests so long after its last change (1000) */
    int settle_folder_ms;    /* a folder that was filled in place (2000) */
    int settle_unclosed_ms;  /* no close was seen (links, preallocated, found by a scan while fresh): (3000) */
    int scan_ms;             /* WATCH_SCAN: between scans (1000) */
    int safety_scan_ms;      /* WATCH_EVENTS: a full scan behind the events (600000) */
    bool (*is_junk)(const char *name);
    /* Something began to arrive or moved on (for receipts); at most once per entry and second. bytes -1 unknown. */
    void (*arriving)(void *ctx, const char *name, int64_t bytes, int files);
    /* An entry was forgotten without having been accepted: it is gone. */
    void (*gone)(void *ctx, const char *name);
    enum watch_answer (*offer)(void *ctx, const struct watch_ready *ready, int64_t *ret_again_ms);
    /* One sentence for a person, said once per cause until the cause is gone. code: "scanning" (fell back, and why), "events" (no
     * longer), "watch limit" (named, with the needed number), "entry unreadable", "inbox missing", "inbox replaced",
     * "inbox unreadable", "inbox read-only", "inbox back", "overflow" (every time). */
    void (*told)(void *ctx, const char *code, const char *sentence);
    void *ctx;
};

/* Begins to watch; a whole scan is due at once. config is copied, its ctx is borrowed until watch_close. */
int watch_open(const struct watch_config *config, int64_t now_ms, struct watch **ret_watch, struct err *e);
void watch_close(struct watch *w);

/* A descriptor that polls readable when there are hints; the same from watch_open to watch_close. -1 when scanning was
 * asked for or no descriptor was left: then turns are wanted by time alone. */
int watch_fd(const struct watch *w);

/* Reads hints, looks at what they point at, offers what rests. Returns the mono instant of the next wanted turn (INT64_MAX: only
 * on hints). Offers at most 256 entries a turn, and then wants the next turn at once. */
int64_t watch_turn(struct watch *w, int64_t now_ms);

/* Everything under the folder is looked at again in the next turn (SIGHUP, after a mass move of our own). When another
 * folder is in the inbox's place (told "inbox replaced"), this is the word that it is the inbox from now on. */
void watch_rescan(struct watch *w);

/* The reader that answered WAIT (or accepted and failed) wants the entry offered again. */
void watch_again(struct watch *w, const char *name, int64_t at_ms);

/* The reader that answered WAIT (its look takes longer than the call) has taken the entry after all: as ACCEPT. */
void watch_took(struct watch *w, const char *name);

struct watch_facts {
    enum watch_mode mode;
    bool missing;            /* the folder is gone or is another one than at the start */
    uint64_t overflows, scans, hints;
    int entries, moving;
};
void watch_facts(const struct watch *w, struct watch_facts *ret_facts);

#endif
