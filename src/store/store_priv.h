/* What the files of the store share: the connection, and a small language for asking it.
 *
 *   struct query q = query_begin(s, "SELECT name FROM drops WHERE id = ?");
 *   query_int(&q, id);                       binds from the left
 *   while ((rc = query_next(&q)) == 1)
 *       name = column_text(&q);              reads from the left
 *
 * A query whose text could not be prepared stays quiet until it is run, and fails then. */
/* SPDX-License-Identifier: ISC */
#ifndef STORE_PRIV_H
#define STORE_PRIV_H

#include <sqlite3.h>
#include <stdlib.h>

#include "store/store.h"

/* A drop that may have something to start. Hints only: the table is asked before a job is given
 * out, and a hint that proves empty is corrected then. */
struct lane {
    int64_t drop_id;
    uint64_t due;      /* makers (a bit each) that may have a job due */
    uint64_t timed;    /* makers that may have a job due later */
    int64_t soonest_s; /* earliest next_at_s of the timed ones; meaningless while timed is 0 */
    uint64_t served;   /* turn in which a job of it was started last; 0 never */
    uint64_t looked;   /* turn in which it was found empty */
    int priority;
    bool open; /* running and not paused */
};

struct lanes {
    struct lane *list; /* sorted by drop_id */
    size_t n, room;
    struct maker { /* an engine with one of its models, or with "" */
        char *engine, *model;
    } makers[64]; /* by bit; the last bit stands for all that have none of their own */
    int makers_n;
    uint64_t turn;
    int64_t
        data_version; /* SQLite's counter of other connections' commits, when the lanes were read */
    bool known;       /* false: read them anew before use */
    bool touched;     /* changed within the open step, so that a rollback makes them wrong */
};

/* Changes of sums that are not in their tables yet (store_sums.c). */
struct tally_part {
    int64_t drop_id; /* 0: of all open drops */
    enum job_state state;
    int64_t n;
    double cost, price;
};

struct purse_part {
    const char *scope; /* static text */
    char *name;        /* owned */
    int64_t reserved_u, settled_u;
};

struct sums {
    struct tally_part *tallies;
    struct purse_part *purses;
    size_t tallies_n, tallies_room, tallies_mark; /* mark: where the open step's begin */
    size_t purses_n, purses_room, purses_mark;
};

#define STATEMENT_BUCKETS 128 /* about as many as there are texts */

struct store {
    sqlite3 *db;
    char *path;
    bool read_only, in_step;
    int later_n; /* steps in the open transaction that wait for its commit */
    bool lost;   /* such steps are gone, and nobody has been told */
    store_barrier *barrier;
    void *barrier_ctx;
    struct statement {
        const char *sql; /* static text; its address is the key */
        sqlite3_stmt *stmt;
        struct statement *next; /* of the same bucket */
    } * statements[STATEMENT_BUCKETS];
    struct lanes lanes;
    struct sums sums;
    char newest[DIGEST_LEN]; /* of the ledger, as it is within the open transaction */
    bool newest_known;
};

struct query {
    struct store *s;
    sqlite3_stmt *stmt;
    int bound, read;
};

/* sql must be static text: the prepared statement is kept under its address. */
struct query query_begin(struct store *s, const char *sql);
/* The same for a text that changes the store; outside a step that is a bug. */
struct query query_begin_write(struct store *s, const char *sql);
void query_int(struct query *q, int64_t value);
void query_num(struct query *q, double value);
void query_text(struct query *q,
                const char *text); /* borrowed until the query ends; NULL binds NULL */
int query_next(
    struct query *q); /* 1 a row, 0 the end, ERR_STORE and the like; ends the query unless 1 */
int query_first(struct query *q); /* 0: a row can be read; ERR_MISSING: there is none */
void query_end(struct query *q);  /* before the last row was read */
int query_run(struct query *q, struct err *e,
              const char *what); /* a text without rows; what: "the job" */

/* Ends the reading of a list, whose last answer of query_next was rc: handed out whole, or, when a
 * row could not be read, freed whole and the outputs untouched. Each of rows is finished by
 * row_finish; rows and n are used up. */
#define LIST_END(rc, rows, n, row_finish, ret_rows, ret_n)                                         \
    do {                                                                                           \
        if (rc) {                                                                                  \
            while (n)                                                                              \
                row_finish(&(rows)[--(n)]);                                                        \
            free(rows);                                                                            \
        } else {                                                                                   \
            *(ret_rows) = (rows);                                                                  \
            *(ret_n) = (n);                                                                        \
        }                                                                                          \
    } while (0)

int64_t column_int(struct query *q);
double column_num(struct query *q);
char *column_text(struct query *q); /* owned; NULL stays NULL */
enum job_state column_job_state(struct query *q);
size_t column_word(struct query *q, const char *const words[], size_t n); /* its place in words */
void column_digest(struct query *q, char ret_hex[DIGEST_LEN]);

void statements_finish(struct store *s);

/* The code of SQLite's last error, with the sentence "cannot VERB WHAT in PATH: why". */
int store_fail(struct store *s, struct err *e, const char *verb, const char *what);

/* Brings the tables to the newest version (read_only: only looks). */
int store_migrate(struct store *s, struct err *e);

/* What its queries call (store_gate.c). */
int store_gate_functions(struct store *s, struct err *e);

/* Moves the tallies by one job's change: n jobs more in state, of that cost and price. */
void store_tally(struct store *s, int64_t drop_id, bool drop_open, enum job_state state, int n,
                 double cost, double price);
/* Adds (sign 1) or takes away (sign -1) a drop's tallies from the sum of open ones. */
int store_tally_drop(struct store *s, int64_t drop_id, int sign, struct err *e);
/* Takes them away from both: the drop never was. Its rows may stay, all 0. */
int store_tally_withdraw(struct store *s, int64_t drop_id, struct err *e);

/* Sums within the open step: noted, kept when the step waits for its commit, written before it. */
void sums_tally(struct store *s, const struct tally_part *part);
void sums_purse(struct store *s, const char *scope, const char *name, int64_t reserved_u,
                int64_t settled_u);
void sums_add_purse(const struct store *s, const char *scope, const char *name, int64_t *reserved_u,
                    int64_t *settled_u); /* to what the table says */
void sums_keep(struct store *s);
void sums_drop(struct store *s, bool all); /* of the open step, or of all that wait */
int sums_write(struct store *s, struct err *e);
void sums_finish(struct store *s);

/* Writes without tallies and lanes; store_order.c does those once for the whole drop. */
int store_insert_drop(struct store *s, struct drop_row *row, struct err *e);
int store_insert_job(struct store *s, struct job_row *row, struct err *e);
int store_insert_edge(struct store *s, int64_t from_job, int64_t to_job, bool soft, struct err *e);
int store_insert_record(struct store *s, struct record_row *row, struct err *e);

bool drop_state_open(enum drop_state state); /* taking or running */
enum drop_state drop_state_of_word(const char *word);
enum job_state job_state_of_word(const char *word);

/* Lanes: told of every change, so that the next job is found without looking at all. */
void lanes_note_job(struct store *s, const struct job_row *job);
void lanes_note_drop(struct store *s, const struct drop_row *drop);
void lanes_begin(struct store *s);    /* a step begins */
void lanes_rollback(struct store *s); /* it never was */
void lanes_finish(struct store *s);

#endif
