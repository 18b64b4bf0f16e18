/* One entry of the inbox while it is looked at. What the files of arriving share.
 *
 *   offered --small file--> read
 *           --folder, large file--> QUEUED --a worker is free--> SURVEY --answer--> read
 *   read --order--> take.c      --refused--> refuse.c      --not all there--> WAITING, offered
 * again
 *        --zip--> QUEUED (unpack) --> UNPACK --answer--> read what was unpacked */
/* SPDX-License-Identifier: ISC */
#ifndef ENGINE_ARRIVALS_H
#define ENGINE_ARRIVALS_H

#include "engine/engine_priv.h"

#define ARRIVAL_AGAIN_MS 1000 /* between looks at an entry that waits for something */

enum look { LOOK_NONE, LOOK_QUEUED, LOOK_SURVEY, LOOK_UNPACK, LOOK_WAITING };

struct arrival {
    char *name;
    enum look look;
    bool unpack; /* what is queued is the unpacking */
    bool stale;  /* it has changed since the worker began to look */
    int64_t request_id;
    int64_t waiting_since_ms;
    char *staged; /* folder below .slated/staging the archive is unpacked into */
    char *dir,
        *inner; /* the entry that is read: dir/inner; differs from inbox/name for an archive */
    int strikes;
};

/* arrivals.c: the table of those that are looked at. get makes one; forget frees it. */
struct arrival *arrival_get(struct engine *en, const char *name);
void arrival_forget(struct engine *en, const char *name);
/* It is another file by now: what was unpacked of the one before goes, the entry itself is read. */
void arrival_anew(struct engine *en, struct arrival *a);

/* arrival_answer.c: what the intake says of a listing, carried out; takes the listing. The arrival
 * is gone afterwards, unless it says WATCH_WAIT. */
enum watch_answer arrival_read(struct engine *en, struct arrival *a, struct listing *takes_listing,
                               int64_t *ret_again_ms);
/* The entry goes to refused/ with one fault; the arrival is gone afterwards. WATCH_WAIT: the entry
 * has gone too, and is looked for once more. */
enum watch_answer arrival_refuse(struct engine *en, struct arrival *a, const char *code,
                                 const char *found, const char *cure, int64_t *ret_again_ms);

/* arrival_look.c: how much of a drop is looked at. */
struct listing_limits arrival_limits(const struct rules *rules);

#endif
