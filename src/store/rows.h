/* The persistent structs, plain values: what a row says, each field with unit and lifetime. Strings are owned by the row and freed by
 * the matching row_finish. NULL text is SQL NULL. */
/* SPDX-License-Identifier: ISC */
#ifndef STORE_ROWS_H
#define STORE_ROWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cjson/cJSON.h>

#include "base/digest.h"

/* A drop, in life order.
 *
 *   TAKING ---> RUNNING ---> ENDED        TAKING: the plan is durable, the entry may still lie in inbox/
 *                 |  ^---------'          RUNNING: in taken/, jobs are worked on; a retry brings an ENDED one back
 *                 `--> CANCELLED */
#define DROP_STATE_LIST(X)                                                                         \
    X(DROP_TAKING, "taking")                                                                       \
    X(DROP_RUNNING, "running")                                                                     \
    X(DROP_ENDED, "ended")                                                                         \
    X(DROP_CANCELLED, "cancelled")
enum drop_state {
#define X(state, word) state,
    DROP_STATE_LIST(X)
#undef X
};

/* A job, in life order; engine/job.h draws the moves. MADE: bytes are beside, synced, their rows committed; not yet under their names.
 * KEPT: an earlier drop made the same; nothing was done. */
#define JOB_STATE_LIST(X)                                                                          \
    X(JOB_WAITING, "waiting")                                                                      \
    X(JOB_READY, "ready")                                                                          \
    X(JOB_RUNNING, "running")                                                                      \
    X(JOB_HELD, "held")                                                                            \
    X(JOB_MADE, "made")                                                                            \
    X(JOB_DONE, "done")                                                                            \
    X(JOB_KEPT, "kept")                                                                            \
    X(JOB_FAILED, "failed")                                                                        \
    X(JOB_SKIPPED, "skipped")                                                                      \
    X(JOB_CANCELLED, "cancelled")                                                                  \
    X(JOB_NEEDS_PERSON, "needs_person")
enum job_state {
#define X(state, word) state,
    JOB_STATE_LIST(X)
#undef X
    JOB_STATES_N
};
const char *drop_state_word(enum drop_state s);
const char *job_state_word(enum job_state s);
bool job_state_ended(enum job_state s); /* nothing will happen to it by itself: done kept failed skipped cancelled */

struct drop_row {
    int64_t id;
    char *name;          /* drop-id: "20260314-090000-products" */
    char *entry;         /* the inbox entry's name */
    char *kind, *title, *subject, *tree;
    char *digest;        /* content identity of the order */
    char *rules_digest;
    char *meta;          /* compact JSON: {"take": [{"from": "...", "to": "..."}], "copy": [...], "notes": [...]}; what the taking has to move */
    enum drop_state state;
    int64_t created_s, ended_s; /* wall; ended_s 0 while running */
    int priority;        /* higher first; retakes 10, batches 0 */
    bool paused;
};

#define WORDS_KEY "words." /* how the keys of jobs begin that write about a unit, or judge it */

struct job_row {
    int64_t id, drop_id;
    int seq;             /* position in the plan */
    char *key, *title, *op, *engine, *model, *why_engine;
    char *params;        /* compact JSON */
    char *prompt, *negative, *prompt_path;
    char *ins, *outs;    /* compact JSON lists: {"name","job","role","file","sha256","soft"}, {"role","slot","path"} */
    char *meta;          /* compact JSON object */
    char *unit;          /* what a person calls it: the shot's id, or the key */
    char *choices;       /* compact JSON list of what else could make it, or NULL */
    char *facts;         /* compact JSON: what its engine told of how it was made, or NULL */
    char hash[DIGEST_LEN];
    enum job_state state;
    int missing_n;       /* inputs from other jobs that have not ended yet: the countdown */
    int attempts, attempts_max;
    int strikes;         /* times the process died while this job ran */
    int64_t next_at_s;   /* wall; not before. 0: at once */
    char *error;         /* the last sentence, or NULL */
    char *memo;          /* small compact JSON of a conversation with a provider, or NULL */
    double price;        /* of one attempt */
    double cost;         /* spent so far */
    int seconds;         /* expected */
    int64_t started_s, completed_s; /* wall; 0 not yet */
    int64_t duration_ms;
    bool preview;
};

/* One delivered (or, while the job is MADE, arriving) file. Every row is a version; current is the newest accepted of its slot. */
struct asset_row {
    int64_t id, job_id, drop_id;
    char *role, *slot, *path; /* path below out/ */
    char sha256[DIGEST_LEN];
    char *media;
    int64_t bytes;
    int width, height;
    int version;              /* from 1, per slot */
    bool current;
    char hash[DIGEST_LEN];    /* request hash of the job that made it */
    int64_t at_s;
};

struct record_row {
    int64_t id, drop_id;
    char *path, *format, *body;
    bool at_end;
};

struct event_row {
    int64_t id, drop_id, job_id; /* 0 when it concerns no drop or job */
    int64_t at_s;
    char *what;                  /* word: "drop_taken", "job_state", ... */
    char *text;
};

/* Free the row's texts (not the row) and set them to NULL; zeroed memory is fine. */
void drop_row_finish(struct drop_row *r);
void job_row_finish(struct job_row *r);
void asset_row_finish(struct asset_row *r);
void record_row_finish(struct record_row *r);
void event_row_finish(struct event_row *r);

#endif
