/* The watched folder itself: held open, compared with what its path names now, and looked for when
 * it is gone. Private to the room.
 *
 *   MISSING --the path names a folder, none known before, or the known one--> HERE
 *   HERE    --path names nothing--> MISSING,  --path names another folder--> OTHER,  --no right to
 * look--> CLOSED OTHER   --root_adopt, or the known one is back--> HERE */
/* SPDX-License-Identifier: ISC */
#ifndef WATCH_ROOT_H
#define WATCH_ROOT_H

#ifndef WATCH_ROOM
#error "private to src/watch"
#endif

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

enum root_state { ROOT_HERE, ROOT_MISSING, ROOT_OTHER, ROOT_CLOSED };

struct root {
    char *dir;
    int fd; /* of the known folder; -1 when none is known. Held while missing, so that its inode
               number cannot be given to another folder */
    dev_t dev;
    ino_t ino;
    enum root_state state;
    int errnum;       /* why, for MISSING and CLOSED */
    int64_t again_ms; /* when to look for it again; undefined while HERE */
    int64_t wait_ms;  /* how long until then: 1 s, doubled up to 5 s */
};

void root_init(struct root *r, const char *dir);
void root_finish(struct root *r); /* safe on zeroed memory after root_init only */

/* Compares; while HERE one stat(2). Not HERE before again_ms: answers without looking. */
enum root_state root_check(struct root *r, int64_t now_ms);

/* The folder that the path names now is the root from here on, whichever it is (looked at by the
 * next root_check). */
void root_adopt(struct root *r);

#endif
