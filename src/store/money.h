/* Money's rows: attempts at paid work, the ledger of every movement, the purses that sum it up,
 * what was paid for and is kept, engines that are stopped, and cards that ask a person. Amounts are
 * whole micro-dollars (_u). Each write belongs to the caller's transaction, as in store.h.
 *
 *   submitting --answer--> submitted --result--> settled     what it cost is in the ledger
 *       |  `--nobody knows--> doubt ---------------^  |
 *       `--not accepted-------> refunded <------------'      nothing was charged */
/* SPDX-License-Identifier: ISC */
#ifndef STORE_MONEY_H
#define STORE_MONEY_H

#include "store/store.h"

/* --- attempts --- */

#define ATTEMPT_STATE_LIST(X)                                                                      \
    X(ATTEMPT_SUBMITTING, "submitting")                                                            \
    X(ATTEMPT_SUBMITTED, "submitted")                                                              \
    X(ATTEMPT_DOUBT, "doubt")                                                                      \
    X(ATTEMPT_SETTLED, "settled")                                                                  \
    X(ATTEMPT_REFUNDED, "refunded")
enum attempt_state {
#define X(state, word) state,
    ATTEMPT_STATE_LIST(X)
#undef X
};
const char *attempt_state_word(enum attempt_state s);

struct attempt_row {
    int64_t id, job_id, drop_id;
    char *engine, *model;
    char *pod;    /* a stretch of that pod's time for the job; NULL: the job itself */
    char *handle; /* our own name for it: random, unique */
    char hash[DIGEST_LEN];
    enum attempt_state state;
    char *remote; /* the engine's name for it, or NULL */
    int64_t reserved_u, settled_u;
    char *why;
    int64_t at_s, settled_s;
};
void attempt_row_finish(struct attempt_row *r);

/* The intent, and its worst cost taken from what is left; sets id. */
int store_add_attempt(struct store *s, struct attempt_row *row, struct err *e);
/* state, remote, why: of one that stays open. */
int store_set_attempt(struct store *s, const struct attempt_row *row, struct err *e);
/* One more paid request of an open one: what those before it came to is booked, more_u taken from
 * what is left in their place, and it is submitting again; changes the row. */
int store_extend_attempt(struct store *s, struct attempt_row *row, int64_t charged_u,
                         int64_t more_u, int64_t now_s, struct err *e);
/* It ended and cost that much more (0: nothing; refunded when nothing was before). Gives the
 * reservation back and books what was charged. One that has ended already is left as it is. */
int store_settle_attempt(struct store *s, int64_t id, int64_t charged_u, const char *why,
                         int64_t now_s, struct err *e);
/* The open one of a job itself (submitting, submitted, doubt); id 0: nothing is open. There is
 * never a second one. An error says nothing of what was paid for. */
int store_attempt_open(struct store *s, int64_t job_id, struct attempt_row *ret_row);
int store_attempt_named(struct store *s, const char *handle, struct attempt_row *ret_row);
int store_attempts_in(struct store *s, enum attempt_state state, struct attempt_row **ret_rows,
                      size_t *ret_n); /* oldest first; of the open states, of jobs themselves */
struct attempt_start {
    char *engine, *model;
    int64_t at_s;
};
/* Where and when attempts were made since then, oldest first; names and list are the caller's. */
int store_attempts_since(struct store *s, int64_t since_s, struct attempt_start **ret_starts,
                         size_t *ret_n);
/* How many of a job cost anything. */
int store_attempts_charged(struct store *s, int64_t job_id, int *ret_n);

/* --- purses and the ledger --- */

struct purse {
    int64_t reserved_u, settled_u;
};
/* scope: all, day, engine, engine_day, drop, engine_drop. A purse nobody used is empty. */
int store_purse(struct store *s, const char *scope, const char *name, struct purse *ret_purse);

struct spend_row {
    char *name;    /* of the drop, project, shot, engine or day */
    char *project; /* of a shot; else NULL */
    int64_t settled_u, reserved_u;
    int attempts_n;
};
/* by: drop, project, shot, engine, day; of one day ("2026-11-21") or all (NULL). Largest first;
 * days newest first. ERR_INPUT for another word. */
int store_spend(struct store *s, const char *by, const char *day, struct spend_row **ret_rows,
                size_t *ret_n);
void spend_row_finish(struct spend_row *r);

/* Walks the whole ledger: each row's digest and its link to the one before, the purses against the
 * sums, and that reservations are held for open attempts alone. ERR_STORE with the first fault. */
int store_check_ledger(struct store *s, int64_t *ret_rows_n, struct err *e);

/* What was bought outside a job. No attempt stands behind it. */
struct purchase { /* all borrowed */
    const char *engine;
    const char *what; /* in words */
    const char *name; /* of its own: one that is booked already is not booked again */
    int64_t amount_u, at_s;
};
int store_add_purchase(struct store *s, const struct purchase *p, struct err *e);
int store_purchase_known(struct store *s, const char *name, bool *ret_known);

/* --- results --- */

struct result_row {
    char hash[DIGEST_LEN]; /* request hash */
    char *role;
    char sha256[DIGEST_LEN]; /* of the bytes, and the file's name */
    char *media;
    int64_t bytes;
    int width, height;
    int64_t at_s;
};
int store_add_result(struct store *s, const struct result_row *row, struct err *e); /* replaces */
int store_results(struct store *s, const char *hash, struct result_row **ret_rows, size_t *ret_n);
void result_row_finish(struct result_row *r);

/* The newest trouble of an engine that is still on record: of its jobs and its paid attempts.
 * ERR_MISSING when there is none. */
int store_last_trouble(struct store *s, const char *engine, char **ret_text, int64_t *ret_at_s);

/* When it last made something. ERR_MISSING: never. */
int store_last_good(struct store *s, const char *engine, int64_t *ret_at_s);

/* --- stops --- */

struct stop_row {
    char *engine, *class, *why, *cure;
    int64_t at_s, until_s; /* until_s 0: a person */
};
int store_add_stop(struct store *s, const struct stop_row *row, struct err *e); /* replaces */
int store_lift_stop(struct store *s, const char *engine, struct err *e);
int store_stops(struct store *s, struct stop_row **ret_rows, size_t *ret_n);
void stop_row_finish(struct stop_row *r);

/* --- rests: an engine that is left alone for a while, or by one drop --- */

struct rest_row {
    char *engine, *model; /* model "": whatever its model */
    int64_t drop_id;      /* 0: whichever drop */
    char *why;
    int64_t at_s, until_s, pause_s; /* until_s 0: a person */
};
/* One of the same engine, model and drop goes on, with another end; at_s stays. */
int store_put_rest(struct store *s, const struct rest_row *row, struct err *e);
int store_lift_rest(struct store *s, const char *engine, struct err *e); /* of all drops */
int store_lift_rests_of(struct store *s, int64_t drop_id, struct err *e);
int store_rests(struct store *s, struct rest_row **ret_rows, size_t *ret_n);
void rest_row_finish(struct rest_row *r);

/* --- cards --- */

struct card_row {
    int64_t id, at_s;
    char *kind, *subject, *file, *state, *body; /* state: asked yes no gone */
};
/* One of that kind and subject is replaced. */
int store_put_card(struct store *s, struct card_row *row, struct err *e);
int store_set_card(struct store *s, int64_t id, const char *state, struct err *e);
int store_card(struct store *s, const char *kind, const char *subject, struct card_row *ret_row);
int store_cards_asked(struct store *s, struct card_row **ret_rows,
                      size_t *ret_n); /* oldest first */
void card_row_finish(struct card_row *r);

#endif
