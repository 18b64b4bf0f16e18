/* Attempts at paid work: written before they leave, changed as answers come, ended once. The money
 * they move is booked by store_ledger.c. */
/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "store/store_money.h"

static const char *const words[] = {
#define X(state, word) word,
    ATTEMPT_STATE_LIST(X)
#undef X
};

const char *attempt_state_word(enum attempt_state s)
{
    return words[s];
}

void attempt_row_finish(struct attempt_row *r)
{
    free(r->engine);
    free(r->model);
    free(r->pod);
    free(r->handle);
    free(r->remote);
    free(r->why);
    memset(r, 0, sizeof(*r));
}

#define COLUMNS                                                                                    \
    "id, job_id, drop_id, engine, model, pod, handle, hash, state, remote, reserved_u, "           \
    "settled_u, "                                                                                  \
    "why, at_s, settled_s"

static void read_attempt(struct query *q, struct attempt_row *r)
{
    *r = (struct attempt_row){.id = column_int(q)};
    r->job_id = column_int(q);
    r->drop_id = column_int(q);
    r->engine = column_text(q);
    r->model = column_text(q);
    r->pod = column_text(q);
    r->handle = column_text(q);
    column_digest(q, r->hash);
    r->state = (enum attempt_state)column_word(q, words, sizeof words / sizeof *words);
    r->remote = column_text(q);
    r->reserved_u = column_int(q);
    r->settled_u = column_int(q);
    r->why = column_text(q);
    r->at_s = column_int(q);
    r->settled_s = column_int(q);
}

static int one_attempt(struct query *q, struct attempt_row *ret_row)
{
    int rc = query_first(q);
    if (rc)
        return rc;
    read_attempt(q, ret_row);
    query_end(q);
    return 0;
}

int store_add_attempt(struct store *s, struct attempt_row *row, struct err *e)
{
    struct query q = query_begin_write(
        s,
        "INSERT INTO attempts (job_id, drop_id, engine, model, pod, handle, hash, state, remote, "
        "reserved_u, settled_u, why, at_s, settled_s) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, ?, ?, 0)");
    query_int(&q, row->job_id);
    query_int(&q, row->drop_id);
    query_text(&q, row->engine);
    query_text(&q, row->model);
    query_text(&q, row->pod);
    query_text(&q, row->handle);
    query_text(&q, row->hash);
    query_text(&q, words[row->state]);
    query_text(&q, row->remote);
    query_int(&q, row->reserved_u);
    query_text(&q, row->why);
    query_int(&q, row->at_s);
    int rc = query_run(&q, e, "the attempt");
    if (rc)
        return rc;
    row->id = sqlite3_last_insert_rowid(s->db);
    return ledger_add(s, row, "reserve", row->reserved_u, row->why, row->at_s, e);
}

int store_set_attempt(struct store *s, const struct attempt_row *row, struct err *e)
{
    struct query q =
        query_begin_write(s, "UPDATE attempts SET state = ?, remote = ?, why = ? WHERE id = ? "
                             "AND state NOT IN ('settled', 'refunded')");
    if (row->state == ATTEMPT_SETTLED || row->state == ATTEMPT_REFUNDED)
        bug("attempt %lld ends without its money", (long long)row->id);
    query_text(&q, words[row->state]);
    query_text(&q, row->remote);
    query_text(&q, row->why);
    query_int(&q, row->id);
    return query_run(&q, e, "the attempt");
}

int store_extend_attempt(struct store *s, struct attempt_row *row, int64_t charged_u,
                         int64_t more_u, int64_t now_s, struct err *e)
{
    struct query q = query_begin_write(
        s, "UPDATE attempts SET state = ?, reserved_u = ?, settled_u = settled_u + ? WHERE id = ? "
           "AND state NOT IN ('settled', 'refunded')");
    query_text(&q, words[ATTEMPT_SUBMITTING]);
    query_int(&q, more_u);
    query_int(&q, charged_u);
    query_int(&q, row->id);
    int rc = query_run(&q, e, "the attempt");
    if (!rc && sqlite3_changes(s->db) != 1)
        rc = err_set(e, ERR_STATE, "attempt %lld has ended already", (long long)row->id);
    if (!rc)
        rc = ledger_add(s, row, "release", -row->reserved_u, "one of several", now_s, e);
    if (!rc && charged_u > 0)
        rc = ledger_add(s, row, "settle", charged_u, "one of several", now_s, e);
    if (!rc)
        rc = ledger_add(s, row, "reserve", more_u, "one more of several", now_s, e);
    if (rc)
        return rc;
    row->state = ATTEMPT_SUBMITTING;
    row->reserved_u = more_u;
    row->settled_u += charged_u;
    return 0;
}

static int end_attempt(struct store *s, const struct attempt_row *row, int64_t charged_u,
                       const char *why, int64_t now_s, struct err *e)
{
    struct query q = query_begin_write(
        s, "UPDATE attempts SET state = ?, settled_u = ?, why = ?, settled_s = ? WHERE id = ?");
    query_text(&q, words[row->settled_u + charged_u > 0 ? ATTEMPT_SETTLED : ATTEMPT_REFUNDED]);
    query_int(&q, row->settled_u + charged_u);
    query_text(&q, why);
    query_int(&q, now_s);
    query_int(&q, row->id);
    return query_run(&q, e, "the attempt's end");
}

int store_settle_attempt(struct store *s, int64_t id, int64_t charged_u, const char *why,
                         int64_t now_s, struct err *e)
{
    struct attempt_row row = {0};
    struct query q = query_begin(s, "SELECT " COLUMNS " FROM attempts WHERE id = ?");
    query_int(&q, id);
    int rc = one_attempt(&q, &row);
    if (rc)
        return err_set(e, rc, "there is no attempt %lld to settle", (long long)id);
    if (row.state != ATTEMPT_SETTLED && row.state != ATTEMPT_REFUNDED) {
        rc = end_attempt(s, &row, charged_u, why, now_s, e);
        if (!rc)
            rc = ledger_add(s, &row, "release", -row.reserved_u, why, now_s, e);
        if (!rc && charged_u > 0)
            rc = ledger_add(s, &row, "settle", charged_u, why, now_s, e);
    }
    attempt_row_finish(&row);
    return rc;
}

int store_attempt_open(struct store *s, int64_t job_id, struct attempt_row *ret_row)
{
    struct query q =
        query_begin(s, "SELECT " COLUMNS " FROM attempts WHERE job_id = ? AND pod IS NULL "
                       "AND (state = 'submitting' OR state = 'submitted' OR state = "
                       "'doubt') ORDER BY id DESC LIMIT 1");
    query_int(&q, job_id);
    ret_row->id = 0;
    int rc = one_attempt(&q, ret_row);
    return rc == ERR_MISSING ? 0 : rc;
}

int store_attempt_named(struct store *s, const char *handle, struct attempt_row *ret_row)
{
    struct query q = query_begin(s, "SELECT " COLUMNS " FROM attempts WHERE handle = ?");
    query_text(&q, handle);
    return one_attempt(&q, ret_row);
}

int store_attempts_in(struct store *s, enum attempt_state state, struct attempt_row **ret_rows,
                      size_t *ret_n)
{
    struct query q = query_begin(
        s, "SELECT " COLUMNS " FROM attempts WHERE state = ? AND pod IS NULL AND "
           "(state = 'submitting' OR state = 'submitted' OR state = 'doubt') ORDER BY id");
    struct attempt_row *rows = NULL;
    size_t n = 0;
    int rc;
    query_text(&q, words[state]);
    while ((rc = query_next(&q)) == 1) {
        rows = mem_grow(rows, n + 1, sizeof *rows);
        read_attempt(&q, &rows[n++]);
    }
    LIST_END(rc, rows, n, attempt_row_finish, ret_rows, ret_n);
    return rc;
}

int store_attempts_charged(struct store *s, int64_t job_id, int *ret_n)
{
    struct query q =
        query_begin(s, "SELECT COUNT(*) FROM attempts WHERE job_id = ? AND pod IS NULL "
                       "AND state = 'settled'");
    query_int(&q, job_id);
    int rc = query_next(&q);
    if (rc != 1)
        return rc ? rc : ERR_STORE;
    *ret_n = (int)column_int(&q);
    query_end(&q);
    return 0;
}

static void start_finish(struct attempt_start *start)
{
    free(start->engine);
    free(start->model);
}

int store_attempts_since(struct store *s, int64_t since_s, struct attempt_start **ret_starts,
                         size_t *ret_n)
{
    struct query q =
        query_begin(s, "SELECT engine, model, at_s FROM attempts WHERE at_s >= ? AND pod IS NULL "
                       "ORDER BY at_s, id");
    struct attempt_start *starts = NULL;
    size_t n = 0;
    int rc;
    query_int(&q, since_s);
    while ((rc = query_next(&q)) == 1) {
        starts = mem_grow(starts, n + 1, sizeof *starts);
        starts[n] = (struct attempt_start){.engine = column_text(&q)};
        starts[n].model = column_text(&q);
        starts[n++].at_s = column_int(&q);
    }
    LIST_END(rc, starts, n, start_finish, ret_starts, ret_n);
    return rc;
}
