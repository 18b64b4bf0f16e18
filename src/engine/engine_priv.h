/* What the files of the engine share. */
/* SPDX-License-Identifier: ISC */
#ifndef ENGINE_PRIV_H
#define ENGINE_PRIV_H

#include "base/buf.h"
#include "base/file.h"
#include "base/map.h"
#include "browser/browser.h"
#include "carriers/http.h"
#include "carriers/workers.h"
#include "engine/engine.h"
#include "engine/job.h"
#include "intake/intake.h"
#include "loop/loop.h"
#include "plan/plan.h"
#include "providers/provider.h"
#include "rules/rules.h"
#include "store/store.h"
#include "watch/watch.h"

/* The folders of a root, absolute; owned. */
struct places {
    char *root, *inbox, *returns, *taken, *refused, *out;
    char *state;             /* .slated */
    char *work;              /* .slated/work: one folder a job that is under way */
    char *spare;             /* .slated/spare: empty folders for the next jobs */
    char *staging;           /* .slated/staging: unpacked archives */
    char *commands;          /* .slated/commands */
    char *bundles;           /* manual_export */
    char *prints;            /* .slated/prints: prints of pictures by their digest */
    char *approve, *go, *no; /* approve/ and where cards are dragged */
    char *results;           /* .slated/results: bytes that were paid for, by their digest */
    char *escalate, *notes;  /* inbox/escalate, inbox/notes: gestures, never drops */
};

/* A job at work (flight.h), cards that ask (cards.h). */
struct flight;
struct landing;
struct cards;
struct tell; /* people (tell.h) */
struct listener;
struct rate;
struct circuits;
struct pods; /* machines by the hour (pods.h) */

/* One entry of the inbox that is looked at (arrivals.h). */
struct arrival;

/* A drop whose documents, receipt or report lag behind its jobs (desk.c). */
struct desk_drop {
    int64_t id;
    bool dirty;
    int64_t not_before_ms;
};

struct engine {
    struct engine_config config;
    struct places places;
    int lock_fd, signal_fd;
    char *root_id;

    struct store *store;
    struct rules *rules;
    struct loop *loop;
    struct watch *watch;
    struct workers *workers;
    struct http *http;
    struct websockets *sockets;
    struct browser *browser;

    struct arrival **arrivals;
    size_t arrivals_n;
    struct accepted *accepted; /* orders of this turn, planned and not yet stored (take.c) */
    size_t accepted_n;
    int64_t untaken_ms;      /* when what lies in taken/ is stored as taken once more; 0 all is */
    struct errand **errands; /* work that is no job (errand.c) */
    size_t errands_n;
    struct verdicts *verdicts; /* what is decided about shots (verdicts.c) */
    struct manual *manual;     /* what comes back and what is decided (returns.c, verdicts.c) */
    struct flight **flights;   /* jobs at work (flight.h) */
    size_t flights_n;
    struct landing *landing;        /* what waits for its commit (land.c) */
    struct map by_request, by_hash; /* of flights: by the id under way, by request hash */
    struct flight **waiting;        /* a heap of those that wait, by due_ms */
    size_t waiting_n;
    struct flight **queue; /* whose answers wait to be looked at by a worker, oldest first */
    size_t queue_n, queue_room;
    int checks_n;       /* such looks under way */
    int64_t room_at_ms; /* when an engine that is full has room again; 0 not known */
    int64_t
        stops_over_ms; /* when the first of the stopped engines gets work again by itself; 0 none */
    bool any_stop;     /* some engine may be stopped */
    struct rate *rate;
    struct circuits *circuits;
    struct map held; /* places at engines that accepted work takes, since a restart (resume.c) */
    size_t held_turn;
    struct cards *cards;
    struct tell *tell;
    struct pods *pods;
    struct listener **listeners; /* engines that tell how far they are (listen.c) */
    size_t listeners_n;
    unsigned server_turn; /* which of several servers is next when all are as busy */
    int64_t next_request;
    int spare_n; /* folders in .slated/spare, by number from 0 */
    int jobs_at_once;
    struct desk_drop *desk;
    size_t desk_n;
    bool needs_you_dirty;
    int64_t desk_rest_ms, needs_rest_ms; /* documents of a drop, NEEDS-YOU.md: not before */
    int64_t next_upkeep_s;               /* upkeep.h */
    struct stirred {
        bool any;   /* something was at work since memory was given back */
        bool alone; /* no connection was kept when that was looked at last */
        int64_t since_ms, last_ms;
    } stirred;

    int64_t now_ms, now_s; /* read once a turn */
    bool stopping, paused, low_disk, fuse;
    bool missing; /* the inbox is gone: nothing is started, the whole root may be another one */
    bool inbox_replaced; /* another folder lies under its name */
    char *fuse_why;
    bool start_more;                /* something may have become ready */
    int64_t jobs_due_s;             /* when a job that waits for its time is due; 0 none */
    int refused_n;                  /* since the start */
    const struct job_row **running; /* for engine_now */
    const char **said;              /* the same */
};

/* says through log and told */
void engine_say(struct engine *en, const char *word, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

void engine_read_clocks(struct engine *en); /* once a turn; a clock that leaps sets the fuse */

/* engine_open.c: keys and rules are read again; those with faults leave the old ones in force */
void engine_reload(struct engine *en);
/* A watcher of config's folder with the times the rules in force say, in the loop. The one there
 * was, if any, is closed only when the new one is open. */
int engine_watch(struct engine *en, struct watch_config *config, struct watch **watch,
                 struct err *e);

/* places.c: folders, lock, marker */
int places_init(struct places *p, const char *root, struct err *e);
void places_finish(struct places *p);
int places_lock(const struct places *p, int *ret_fd, struct err *e);
int places_mark(struct engine *en,
                struct err *e); /* the root's identity; sets fuse when it is another one's store */
void places_other_inbox(struct engine *en); /* another folder under the inbox's name: ours again,
                                               new and empty, or somebody else's */
bool places_low_disk(const struct places *p, const struct rules *rules);

/* arrivals.c, arrival_look.c: what the watcher offers becomes an answer of the intake */
enum watch_answer arrivals_offer(void *ctx, const struct watch_ready *ready, int64_t *ret_again_ms);
void arrivals_gone(void *ctx, const char *name);
void arrivals_moving(void *ctx, const char *name, int64_t bytes, int files);
void arrivals_start(struct engine *en); /* hands queued looks to free workers */
bool arrivals_answer(struct engine *en,
                     struct response *response); /* true when it was one of ours */
#define LOOKS_AT_ONCE 2 /* worker processes that look at drops, beside those that make pictures */
int arrivals_looking(const struct engine *en);             /* how many do now */
bool arrivals_pending(const struct engine *en);            /* something is still being looked at */
void arrivals_unread(struct engine *en, const char *name); /* taking failed: look again later */
void arrivals_finish(struct engine *en);

/* take.c: an order becomes a durable plan and a folder in taken/ */
/* staged: folder an archive was unpacked into, or NULL. False: refused by the plan, and gone. */
bool take_order(struct engine *en, struct order *takes_order, const char *inbox_entry,
                const char *staged);
int64_t take_turn(struct engine *en); /* stores and moves what was accepted in this turn */
int take_recover(struct engine *en, struct drop_row *drop,
                 struct err *e); /* TAKING: finish the move, or withdraw what has gone */
void take_finish(struct engine *en);

/* refuse.c */
bool refuse_entry(struct engine *en, const char *entry,
                  const struct faults *faults); /* false: it has gone, nothing is refused */
void refuse_close(struct engine *en, const char *entry,
                  const char *drop); /* a good one of that name came */

/* flight.c: a job is sent and its answer read */
int64_t flights_start(struct engine *en); /* as many as there is room for; the next deadline */
bool flights_submitting(const struct engine *en); /* a paid request has left, its answer is out */
void stops_reconsider(struct engine *en); /* paid.c: there may be other keys: what was stopped for
                                             its key is tried once more */
bool flights_answer(struct engine *en, struct response *response); /* true when it was a job's */
void flights_finish(struct engine *en);
/* Of a drop that is cancelled, in the caller's transaction; what was paid for stays (withdraw.c).
 */
int flights_cancel(struct engine *en, int64_t drop_id, struct err *e);

/* resume.c: after a restart, once the limits are there */
void resume_recover(struct engine *en);
void resume_finish(struct engine *en);

/* withdraw.c: what engines accepted for a drop that was cancelled, once that is stored; and of all
 * such drops, after a restart */
void withdraw_drop(struct engine *en, int64_t drop_id);
void withdraw_recover(struct engine *en);

/* work_folder.c: a job's folder under .slated/work */
char *work_folder(const struct engine *en, int64_t job_id); /* its path; owned */
int work_make(struct engine *en, const char *dir);          /* -1: something is there already */
void work_clear(struct engine *en, int64_t job_id);         /* with all that is left in it */
/* The same for one that a worker may still write into: nobody gets that folder after it. */
void work_remove(struct engine *en, int64_t job_id);

void listen_finish(struct engine *en); /* listen.c */

/* deliver.c: made files get their names */
struct paid_end { /* how the attempt of a job that was paid for ends; attempt_id 0: free */
    int64_t attempt_id, charged_u;
};
int deliver_made(struct engine *en, struct job_row *job, const struct outcome *outcome,
                 const char *hash, const struct paid_end *paid, struct err *e);
void deliver_place(struct engine *en, struct job_row *job); /* unless somebody ended it meanwhile */
char *deliver_work_path(const struct engine *en, int64_t job_id, const char *role,
                        const char *path);
bool deliver_may_keep(struct engine *en, const struct job_row *job,
                      const char *hash); /* false: deliver_kept would find nothing */
bool deliver_kept(
    struct engine *en, const struct job_row *job,
    const char *hash); /* links what an earlier drop made; in the caller's transaction */

/* land.c: what follows once the steps of a turn are durable. What is left when it closes has not
 * left: the next start finds it in the store. */
void land_open(struct engine *en);
void land_close(struct engine *en);
void land_place(struct engine *en);   /* at a turn's begin: what is made gets its names */
int64_t land_turn(struct engine *en); /* at its end: the commit, and what waited for it */
bool land_pending(const struct engine *en);
void land_send(struct engine *en, struct request *takes_request); /* to the net or a browser */
bool land_recall(struct engine *en, int64_t request_id); /* true: it had not left, and is gone */
void land_made(struct engine *en, struct job_row *takes_job, const char *hash);
struct job_row *
land_job(struct engine *en,
         int64_t job_id); /* one that waits for its files' names; borrowed, or NULL */
bool land_has_made(const struct engine *en, const char *hash); /* and it has no name yet */
void land_done(struct engine *en, int64_t drop_id,
               char *takes_text);               /* said, and the drop may end */
struct file_dirs *land_dirs(struct engine *en); /* synced before the next commit */

/* ends.c: what follows from a job's end */
int ends_job(
    struct engine *en, struct job_row *job,
    struct err *e); /* in the caller's transaction: stores the row, counts down, skips, reopens */
int ends_settle(
    struct engine *en, struct job_row *to,
    struct err *e); /* its countdown is taken anew from its inputs, and its state follows */
void ends_drop(struct engine *en, int64_t drop_id); /* ends the drop when all its jobs have */

/* hand.c: what people did by hand to the units of a drop, for its documents; owned, NULL nothing */
cJSON *hand_of_drop(struct engine *en, int64_t drop_id);

/* desk.c: documents, receipts, reports, NEEDS-YOU.md */
void desk_touch(struct engine *en, int64_t drop_id);
int64_t desk_turn(struct engine *en);
bool desk_lags(const struct engine *en); /* something is to be written still */
void desk_flush(struct engine *en, int64_t drop_id, bool at_end);
void desk_receipt(struct engine *en, const char *entry, const char *state,
                  const char *text); /* for entries without a drop yet */
void desk_forget_receipt(struct engine *en, const char *entry);
void desk_finish(struct engine *en);

/* recover.c */
int recover_all(struct engine *en, struct err *e);

/* limit.c */
void limits_load(struct engine *en);    /* after the rules */
void limits_recover(struct engine *en); /* what was started in the last day, before a restart */
void limits_close(struct engine *en);
/* A person says: try again. A drop whose equal errors stopped it, an engine that failed; 0 and
 * NULL: none. Within a step. */
int limits_forgive(struct engine *en, int64_t drop_id_or_0, const char *engine, struct err *e);

char *engine_random_name(void); /* 32 hex digits nobody else has; owned */

/* command_cancel.c, command_retry.c, command.c */
int command_cancel_jobs(
    struct engine *en, int64_t drop_id, int *ret_n,
    struct err *e); /* in the caller's transaction; what is at work is dropped */
#define PRIORITY_RETAKE 10
int command_retry_job(struct engine *en, struct job_row *job, bool again,
                      struct err *e);  /* in the caller's transaction */
void commands_turn(struct engine *en); /* reads .slated/commands */

/* by_hand.c: {"verb": "spent", "engine", "amount", "what", "name"} */
int by_hand_book(struct engine *en, const cJSON *command, char **ret_said, struct err *e);
#define MEMO_AGAIN                                                                                 \
    "{\"again\":true}" /* a job's memo: made again even when the same was made before */

#endif
