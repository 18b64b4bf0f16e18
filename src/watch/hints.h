/* The small contract of a back end that hears about changes: watch_inotify.c, watch_kqueue.c, and
 * stand-ins in tests. A hint says where to look and, when the system tells, what was seen; it
 * decides nothing. Private to the room.
 *
 * The room: 1. open 2. set_root 3. add for every folder inside an entry 4. drain after every
 * wake-up 5. close. */
/* SPDX-License-Identifier: ISC */
#ifndef WATCH_HINTS_H
#define WATCH_HINTS_H

#ifndef WATCH_ROOM
#error "private to src/watch"
#endif

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "watch/watch.h"

enum hint_kind {
    HINT_LOOK,    /* something about the name may be different (mode, times, or unknown) */
    HINT_WRITTEN, /* it was made, or bytes were written to it, perhaps not the last ones */
    HINT_CLOSED,  /* one that could write to it closed it */
    HINT_ARRIVED, /* it was moved here whole */
    HINT_LEFT,    /* it was moved away or deleted */
    HINT_LOST,    /* hints were lost: everything may be different */
    HINT_ROOT,    /* the root itself may be gone or another one */
};

struct hint {
    enum hint_kind kind;
    void *owner;      /* whose folder it was seen in, as given to add; NULL: the root */
    const char *name; /* in that folder, borrowed; NULL: some name in it */
    uint32_t pair;    /* the same number for LEFT and ARRIVED of one rename; 0: not known */
};

struct hints; /* a back end's own */

struct hints_ops {
    const char *word; /* "inotify" */
    bool sees_writes; /* writing into a file that is already there gives a hint */

    /* The word of a file system on which other computers change files without a hint here ("nfs"),
     * or NULL. Static. */
    const char *(*foreign)(int dir_fd);

    /* The caller owns *ret_hints. ERR_LIMIT with a sentence that names the limit, the need and the
     * cure. */
    int (*open)(struct hints **ret_hints, struct err *e);
    void (*close)(struct hints *h);
    int (*fd)(
        const struct hints *h); /* polls readable when drain has something; the same until close */

    /* From now on hints about the names in root_fd, which dir names; an earlier root is given up.
     * -1 gives up only. */
    int (*set_root)(struct hints *h, int root_fd, const char *dir, struct err *e);

    /* From now on hints about the names in dir_fd as well, for owner. 0 when new, 1 when it was
     * watched for owner already; *ret_handle is for drop. ERR_LIMIT as above; ERR_IO. The back end
     * keeps nothing of dir_fd. */
    int (*add)(struct hints *h, int dir_fd, void *owner, int *ret_handle, struct err *e);
    void (*drop)(struct hints *h, int handle,
                 void *owner); /* one that is gone or another owner's by now is fine */

    /* Gives all hints that are there. on must not call the back end. */
    void (*drain)(struct hints *h, void (*on)(void *ctx, const struct hint *hint), void *ctx);
};

/* The one of this platform. */
extern const struct hints_ops hints_native;

/* watch_open with another back end. */
int watch_open_with(const struct watch_config *config, const struct hints_ops *ops, int64_t now_ms,
                    struct watch **ret_watch, struct err *e);

#endif
