/* Durable state: SQLite in WAL mode with synchronous=FULL. The only room that knows SQL. One writer (the engine) and any number of
 * read-only readers (status, console). Every write belongs to a transaction the caller opens; a transaction is one step.
 *
 * The caller: 1. store_open 2. store_begin ... writes ... store_commit (or store_commit_later, or store_rollback) 3. store_close.
 * Lists are returned as owned arrays; free each row, then the array. */
/* SPDX-License-Identifier: ISC */
#ifndef STORE_STORE_H
#define STORE_STORE_H

#include "base/err.h"
#include "store/rows.h"

struct store;

/* Opens dir/slated.db, creating and migrating it (PRAGMA user_version). A newer version than ours is ERR_STORE. A damaged file is ERR_STORE saying
 * how to restore. read_only: no lock, no migration; ERR_MISSING when there is none yet. */
int store_open(const char *dir, bool read_only, struct store **ret_store, struct err *e);
void store_close(struct store *s);

int store_begin(struct store *s, struct err *e);
int store_commit(struct store *s, struct err *e);  /* durable when it returns 0; on failure rolled back */
void store_rollback(struct store *s);              /* of this step alone */

/* A step that becomes durable together with the next store_commit or store_flush, whichever comes first: for what nobody outside has
 * been told yet and what no effect has followed. Every reader of this connection sees it at once. On failure the step is rolled back. */
int store_commit_later(struct store *s, struct err *e);
/* All steps that wait are durable when it returns 0. Else every one since the last durable commit is gone, also when an earlier commit
 * took them down with it: then nothing may be done that counts on them. */
int store_flush(struct store *s, struct err *e);

/* Called right before each commit that makes steps durable, for files those steps name; a code other than 0 fails the commit. */
typedef int store_barrier(void *ctx, struct err *e);
void store_set_barrier(struct store *s, store_barrier *barrier, void *ctx);

/* Nobody asks for a while: pages of the file that are kept for the next question are let go. */
void store_rest(struct store *s);

/* A copy of all that is committed now, under path: whole or not there at all, checked (its pages, its references, its ledger). The store may be read only and
 * another process may write it. ERR_STATE when path is there already. ret_ledger_n: rows of its ledger. */
int store_backup(struct store *s, const char *path, int64_t *ret_ledger_n, struct err *e);

/* --- small facts: "root_id", "epoch", "paused", ... --- */
int store_set_fact(struct store *s, const char *name, const char *value, struct err *e); /* NULL removes */
char *store_fact(struct store *s, const char *name);                                      /* owned, NULL when absent */

/* --- drops --- */
int store_add_drop(struct store *s, struct drop_row *row, struct err *e);      /* sets row->id */
int store_set_drop(struct store *s, const struct drop_row *row, struct err *e); /* state, meta, ended_s, priority, paused */
int store_drop(struct store *s, int64_t id, struct drop_row *ret_row);          /* 0 or ERR_MISSING */
/* By its drop-id only: one indexed look. */
int store_drop_exact(struct store *s, const char *name, struct drop_row *ret_row);
int store_drop_named(struct store *s, const char *name, struct drop_row *ret_row); /* exact drop-id, else the newest whose name or entry begins so */
int store_drop_by_digest(struct store *s, const char *digest, struct drop_row *ret_row); /* newest that is not cancelled */
int store_drops(struct store *s, int state_or_minus_1, int limit, struct drop_row **ret_rows, size_t *ret_n); /* newest first; limit 0 all */

/* --- jobs --- */
int store_add_job(struct store *s, struct job_row *row, struct err *e);         /* sets row->id */
int store_set_job(struct store *s, const struct job_row *row, struct err *e);   /* everything that changes: state, missing_n, attempts, strikes, next_at_s, error, memo, cost, started, completed, duration, facts, preview */
/* What is asked for has changed by a person's wish, or what it is made from has: the row's params, prompt, negative and request hash. */
int store_set_job_memo(struct store *s, int64_t id, const char *memo, struct err *e); /* of a job that goes on as it is */
int store_set_job_wish(struct store *s, const struct job_row *row, struct err *e);
/* Another engine makes it from now on: engine, model, why_engine, price, hash, choices. */
int store_set_job_engine(struct store *s, const struct job_row *row, struct err *e);
int store_add_job_cost(struct store *s, int64_t id, double more, struct err *e); /* what it has come to bear besides, in dollars */
int store_job_state(struct store *s, int64_t id, enum job_state *ret_state); /* ERR_MISSING */
int store_job(struct store *s, int64_t id, struct job_row *ret_row);
int store_jobs(struct store *s, int64_t drop_id, struct job_row **ret_rows, size_t *ret_n); /* in plan order */
/* The jobs of the newest drop that has a unit of that name (a shot's id, a job's key) and is not cancelled, in plan order, without what is only written or
 * judged about it (keys that begin with WORDS_KEY); ERR_MISSING when there is none.
 * drop_id 0: whichever drop. */
int store_jobs_of_unit(struct store *s, int64_t drop_id_or_0, const char *unit, struct job_row **ret_rows, size_t *ret_n);
int store_jobs_in(struct store *s, enum job_state state, struct job_row **ret_rows, size_t *ret_n); /* all drops (recovery) */

/* Edges: `to` waits for `from`. Downstream of a job, by drop. */
int store_add_edge(struct store *s, int64_t from_job, int64_t to_job, bool soft, struct err *e);
struct edge_row {
    int64_t from, to;
    bool soft;
};
int store_edges_from(struct store *s, int64_t job_id, struct edge_row **ret_rows, size_t *ret_n);
int store_edges_to(struct store *s, int64_t job_id, struct edge_row **ret_rows, size_t *ret_n);

/* The next job to start at now: READY (or HELD and due), next_at_s <= now, its drop RUNNING and not paused. Highest drop priority first, then the drop
 * that was served longest ago (store_served), then plan order. skip: who is full now, of those it takes no job.
 * 0 with the row, or ERR_MISSING. *ret_next_at_s: earliest next_at of those not due yet, 0 none. */
struct store_skip { /* borrowed */
    const char *engine;
    const char *model; /* NULL: whatever its model */
};
int store_next_job(struct store *s, int64_t now_s, const struct store_skip *skip, size_t skip_n,
                   struct job_row *ret_row, int64_t *ret_next_at_s);
void store_served(struct store *s, int64_t drop_id); /* in memory: fairness between drops */

struct job_counts {
    int n[JOB_STATES_N];
    int total;
    double cost, price; /* spent; estimated for all */
};
int store_count_jobs(struct store *s, int64_t drop_id_or_0, struct job_counts *ret_counts); /* 0: all drops that are not ended; one indexed query */
int store_count_asking(struct store *s, int64_t drop_id, int *ret_n); /* its held jobs that no instant wakes: each asks a person */

/* --- assets --- */
int store_add_asset(struct store *s, struct asset_row *row, struct err *e);     /* sets id; version = newest of the slot + 1; current as given (and takes it from the older one when true) */
int store_set_asset_current(struct store *s, int64_t asset_id, struct err *e);  /* this one, and no other of its slot */
/* The file of a version lies elsewhere now (moved to .versions/). */
int store_set_asset_path(struct store *s, int64_t asset_id, const char *path, struct err *e);
/* A job is delivered anew: its rows that an interrupted delivery left before they were placed go; versions that lay in place once stay. */
int store_forget_unplaced(struct store *s, int64_t job_id, struct err *e);
int store_assets_unplaced(struct store *s, int64_t job_id, struct asset_row **ret_rows, size_t *ret_n); /* its own that were made and are to be placed */
/* A version that never came to lie anywhere; a current one is not forgotten. */
int store_forget_asset(struct store *s, int64_t asset_id, struct err *e);
int store_assets_of_drop(struct store *s, int64_t drop_id, struct asset_row **ret_rows, size_t *ret_n); /* of its jobs, incl. those kept: the current rows of the kept jobs' slots */
int store_assets_of_job(struct store *s, int64_t job_id, struct asset_row **ret_rows, size_t *ret_n);
/* The file that the DONE or KEPT job of that key made in that role (a linked one for KEPT); one indexed look. ERR_MISSING when there is none. */
int store_asset_made(struct store *s, int64_t drop_id, const char *job_key, const char *role, struct asset_row *ret_row);
int store_asset_current(struct store *s, const char *slot, struct asset_row *ret_row);
int store_asset_at(struct store *s, const char *path, struct asset_row *ret_row); /* current row under that path */

/* A KEPT job shows the file an earlier drop made: from then on store_assets_of_job and _of_drop list it for this job too (job_id as asked). */
int store_link_asset(struct store *s, int64_t job_id, int64_t asset_id, struct err *e);

/* --- records, events --- */
int store_add_record(struct store *s, struct record_row *row, struct err *e);
int store_records(struct store *s, int64_t drop_id, struct record_row **ret_rows, size_t *ret_n);
int store_add_event(struct store *s, int64_t drop_id, int64_t job_id, int64_t at_s, const char *what, const char *text, struct err *e);
int store_events_after(struct store *s, int64_t after_id, int limit, struct event_row **ret_rows, size_t *ret_n);

/* Events before an instant go, the oldest first, so many a call; *ret_n: how many went. */
int store_prune_events(struct store *s, int64_t before_s, int *ret_n, struct err *e);

/* Whole drop in one call, for the burst: drop, jobs, edges (from/to are indexes into jobs), records. Inside the caller's transaction. */
struct new_edge {
    int from, to;
    bool soft;
};
int store_add_order(struct store *s, struct drop_row *drop, struct job_row *jobs, size_t jobs_n, const struct new_edge *edges, size_t edges_n,
                    struct record_row *records, size_t records_n, struct err *e);
/* The order never was: its rows go. Only of a drop in the state 'taking', of which nothing has started. Inside the caller's transaction. */
int store_withdraw_order(struct store *s, const struct drop_row *drop, struct err *e);

#endif
