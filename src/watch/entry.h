/* One name in the inbox, what is known of it, and whether it is at rest. Pure: no file is looked at
 * here, time and stamps come in. Private to the room.
 *
 *   MOVING  --entry_rest_at reached, offered-->  TAKEN, QUIET or WAITING, as the reader answers
 *   WAITING --new stamp, written to, closed-->   MOVING      [entry_see]
 *   WAITING --new access, or again_at-->         offered     [entry_see, watch_again]
 *   QUIET, TAKEN --new stamp, no mere touch-->   MOVING      [entry_see] */
/* SPDX-License-Identifier: ISC */
#ifndef WATCH_ENTRY_H
#define WATCH_ENTRY_H

#include "watch/hints.h"
#include "watch/stamp.h"

enum entry_state { ENTRY_MOVING, ENTRY_WAITING, ENTRY_QUIET, ENTRY_TAKEN };

/* How it came, as far as that was seen: decides how long it must rest. */
enum entry_proof {
    PROOF_NONE,   /* its making was heard or it was found young: a writer may still have it */
    PROOF_CLOSED, /* the writer closed it */
    PROOF_WHOLE,  /* moved in whole, or found with an old change time */
};

#define ENTRY_NEVER INT64_MAX

/* The folders inside an entry that are watched. */
struct entry_watches {
    int *handles;
    int n, room;
};

struct entry {
    struct stamp stamp; /* undefined until stamped */
    struct entry_watches watches;
    int64_t since_ms;   /* first seen */
    int64_t changed_ms; /* last time a change was seen or heard of */
    int64_t again_ms;   /* WAITING: the instant its reader named; ENTRY_NEVER */
    int64_t said_ms;    /* last told through arriving; -1 never */
    int64_t due_ms;     /* next look; ENTRY_NEVER */
    uint32_t due_pos;   /* in the queue of due entries (due.h) */
    uint32_t order;     /* count of all entries ever, so that equals leave in the order they came */
    uint32_t scan;      /* the last scan that saw the name */
    enum entry_state state : 8;
    enum entry_proof proof : 8;
    bool stamped : 1;
    bool offered : 1;     /* at least once */
    bool blind : 1;       /* hints about it do not come (no watch left): looked at by the clock */
    bool replaced : 1;    /* the last scan saw its name on another inode */
    bool forced : 1;      /* to be offered even when unchanged */
    bool heard_wrote : 1; /* hints since the last look */
    bool heard_close : 1;
    bool heard_touch : 1;
    char name[];
};

struct entry *entry_create(const char *name, int64_t now_ms);
void entry_destroy(struct entry *e); /* NULL is fine */

/* Notes a hint until the next look. inside: it came from a folder in the entry. */
void entry_hear(struct entry *e, enum hint_kind kind, bool inside, int64_t now_ms);

/* Notes what a look has shown and moves the state. age_ms: how long ago, by the file system's own
 * clock, it last changed in any way; -1 not known. Answers whether anything was different. */
bool entry_see(struct entry *e, const struct stamp *stamp, int64_t age_ms,
               const struct watch_config *config, int64_t now_ms);

/* The instant at which a MOVING entry is at rest when nothing more is heard or seen. */
int64_t entry_rest_at(const struct entry *e, const struct watch_config *config);

/* The reader's answer to an offer. */
void entry_answer(struct entry *e, enum watch_answer answer, int64_t again_ms);

/* Files, folders, and everything else (links, FIFOs, sockets, devices). */
bool entry_is_folder(const struct entry *e);
bool entry_is_special(const struct entry *e);

#endif
