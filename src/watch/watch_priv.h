/* What the files of the room share: the watch itself and the verbs between watch.c, mode.c and
 * scan.c. */
/* SPDX-License-Identifier: ISC */
#ifndef WATCH_PRIV_H
#define WATCH_PRIV_H

#ifndef WATCH_ROOM
#error "private to src/watch"
#endif

#include "base/map.h"
#include "watch/due.h"
#include "watch/hints.h"
#include "watch/root.h"

/* A file of our own that tests whether hints come; gone again as soon as it is made. */
#define CANARY_NAME ".slated-canary"

/* How much of the folder the next scan looks at. */
enum scan_want {
    SCAN_NOTHING,
    SCAN_NAMES,  /* names that are new, gone, or of another inode */
    SCAN_MOVING, /* besides all files, and folders that are not quiet or taken */
    SCAN_ALL,
};

/* What has been said to a person and not been taken back. */
enum said {
    SAID_MISSING = 1,
    SAID_OTHER = 2,
    SAID_CLOSED = 4,
    SAID_SCANNING = 8,
    SAID_LIMIT = 16,
    SAID_READ_ONLY = 32,
    SAID_UNLISTED = 64,
};

/* The last name that left the root by a rename, until its new name is heard. */
struct leaver {
    uint32_t pair; /* 0: none */
    enum entry_state state;
    enum entry_proof proof;
    bool stamped;
    struct stamp stamp;
};

struct watch {
    struct watch_config config; /* dir is root.dir */
    const struct hints_ops *ops;
    struct hints *hints;  /* NULL: none wanted or none to be had */
    struct err no_hints;  /* why none */
    enum watch_mode mode; /* the one in force */
    const char *foreign;  /* word of the file system when others change it unheard; static */
    struct root root;
    struct map entries; /* name -> struct entry, owned */
    struct due due;
    struct leaver leaver;
    int64_t now_ms; /* of this turn */
    int64_t scan_at_ms;
    enum scan_want want;     /* a scan before that */
    int64_t canary_until_ms; /* its hint is awaited; ENTRY_NEVER */
    int64_t events_at_ms;    /* fallen back to scanning: when to try events again; ENTRY_NEVER */
    int64_t skew_ms;         /* the file system's clock minus ours */
    bool skew_known;
    unsigned said; /* of enum said */
    uint32_t scan_n, order_n;
    uint64_t overflows, scans, hints_n;
};

/* watch.c */
struct entry *watch_entry(struct watch *w, const char *name);        /* makes it when it is new */
bool watch_is_skipped(const struct watch *w, const char *name);      /* junk and our own */
void watch_look_at(struct watch *w, struct entry *e, int64_t at_ms); /* not later than at_ms */
void watch_on_hint(void *watch, const struct hint *hint);
void watch_say(struct watch *w, enum said cause, const char *code, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

/* mode.c */
void mode_start(struct watch *w); /* the root is here: chooses events or scanning */
void mode_turn(struct watch *w);  /* the canary's deadline, and events tried again */
void mode_test(struct watch *w);  /* sends the canary */
void mode_heard(struct watch *w); /* it came back */

/* scan.c */
void scan_turn(struct watch *w); /* scans when wanted or due, and sets the next one */

#endif
