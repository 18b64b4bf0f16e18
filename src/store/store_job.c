/* Jobs and the edges between them: written, changed, listed. What is started next is
 * store_next.c's. */
/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "store/store_priv.h"

#define JOB_COLUMNS                                                                                \
    "id, drop_id, seq, key, title, op, engine, model, why_engine, params, prompt, negative, "      \
    "prompt_path, ins, outs, meta, hash, state, missing_n, attempts, attempts_max, strikes, "      \
    "next_at_s, error, memo, price, cost, seconds, started_s, completed_s, duration_ms, preview, " \
    "unit, choices, facts"

enum job_state job_state_of_word(const char *word)
{
#define X(state, text)                                                                             \
    if (strcmp(word, text) == 0)                                                                   \
        return state;
    JOB_STATE_LIST(X)
#undef X
    bug("the store holds a job in the state %s", word);
}

enum job_state column_job_state(struct query *q)
{
    return job_state_of_word((const char *)sqlite3_column_text(q->stmt, q->read++));
}

static void read_job(struct query *q, struct job_row *r)
{
    *r = (struct job_row){.id = column_int(q)};
    r->drop_id = column_int(q);
    r->seq = (int)column_int(q);
    r->key = column_text(q);
    r->title = column_text(q);
    r->op = column_text(q);
    r->engine = column_text(q);
    r->model = column_text(q);
    r->why_engine = column_text(q);
    r->params = column_text(q);
    r->prompt = column_text(q);
    r->negative = column_text(q);
    r->prompt_path = column_text(q);
    r->ins = column_text(q);
    r->outs = column_text(q);
    r->meta = column_text(q);
    column_digest(q, r->hash);
    r->state = column_job_state(q);
    r->missing_n = (int)column_int(q);
    r->attempts = (int)column_int(q);
    r->attempts_max = (int)column_int(q);
    r->strikes = (int)column_int(q);
    r->next_at_s = column_int(q);
    r->error = column_text(q);
    r->memo = column_text(q);
    r->price = column_num(q);
    r->cost = column_num(q);
    r->seconds = (int)column_int(q);
    r->started_s = column_int(q);
    r->completed_s = column_int(q);
    r->duration_ms = column_int(q);
    r->preview = column_int(q) != 0;
    r->unit = column_text(q);
    r->choices = column_text(q);
    r->facts = column_text(q);
}

/* --- writing --- */

static void bind_job(struct query *q, const struct job_row *r)
{
    query_int(q, r->drop_id);
    query_int(q, r->seq);
    query_text(q, r->key);
    query_text(q, r->title);
    query_text(q, r->op);
    query_text(q, r->engine);
    query_text(q, r->model);
    query_text(q, r->why_engine);
    query_text(q, r->params);
    query_text(q, r->prompt);
    query_text(q, r->negative);
    query_text(q, r->prompt_path);
    query_text(q, r->ins);
    query_text(q, r->outs);
    query_text(q, r->meta);
    query_text(q, r->hash);
    query_text(q, job_state_word(r->state));
    query_int(q, r->missing_n);
    query_int(q, r->attempts);
    query_int(q, r->attempts_max);
    query_int(q, r->strikes);
    query_int(q, r->next_at_s);
    query_text(q, r->error);
    query_text(q, r->memo);
    query_num(q, r->price);
    query_num(q, r->cost);
    query_int(q, r->seconds);
    query_int(q, r->started_s);
    query_int(q, r->completed_s);
    query_int(q, r->duration_ms);
    query_int(q, r->preview);
    query_text(q, r->unit);
    query_text(q, r->choices);
    query_text(q, r->facts);
}

int store_insert_job(struct store *s, struct job_row *row, struct err *e)
{
    struct query q = query_begin_write(
        s,
        "INSERT INTO jobs (drop_id, seq, key, title, op, engine, model, why_engine, params, "
        "prompt, negative, prompt_path, ins, outs, meta, hash, state, missing_n, attempts, "
        "attempts_max, strikes, next_at_s, error, memo, price, cost, seconds, started_s, "
        "completed_s, duration_ms, preview, unit, choices, facts) VALUES (?, ?, ?, ?, ?, ?, ?, ?, "
        "?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
    bind_job(&q, row);
    int rc = query_run(&q, e, "the job");
    if (!rc)
        row->id = sqlite3_last_insert_rowid(s->db);
    return rc;
}

/* Whether the tallies of all open drops count this drop's jobs. */
static int drop_is_open(struct store *s, int64_t drop_id, bool *ret_open)
{
    struct query q =
        query_begin(s, "SELECT state IN ('taking', 'running') FROM drops WHERE id = ?");
    query_int(&q, drop_id);
    int rc = query_first(&q);
    if (rc)
        return rc;
    *ret_open = column_int(&q) != 0;
    query_end(&q);
    return 0;
}

int store_add_job(struct store *s, struct job_row *row, struct err *e)
{
    bool open;
    int rc = drop_is_open(s, row->drop_id, &open);
    if (rc)
        return err_set(e, rc, "there is no drop %lld for a job", (long long)row->drop_id);
    rc = store_insert_job(s, row, e);
    if (!rc)
        store_tally(s, row->drop_id, open, row->state, 1, row->cost, row->price);
    if (!rc)
        lanes_note_job(s, row);
    return rc;
}

/* What the tallies counted for a job so far. */
struct counted {
    enum job_state state;
    double cost, price;
    int64_t drop_id;
    bool open;
};

static int counted_now(struct store *s, int64_t id, struct counted *ret)
{
    struct query q = query_begin(
        s, "SELECT j.state, j.cost, j.price, j.drop_id, d.state IN ('taking', 'running') "
           "FROM jobs j JOIN drops d ON d.id = j.drop_id WHERE j.id = ?");
    query_int(&q, id);
    int rc = query_first(&q);
    if (rc)
        return rc;
    ret->state = column_job_state(&q);
    ret->cost = column_num(&q);
    ret->price = column_num(&q);
    ret->drop_id = column_int(&q);
    ret->open = column_int(&q) != 0;
    query_end(&q);
    return 0;
}

static int update_job(struct store *s, const struct job_row *row, struct err *e)
{
    struct query q = query_begin_write(
        s, "UPDATE jobs SET state = ?, missing_n = ?, attempts = ?, strikes = ?, next_at_s = ?, "
           "error = ?, memo = ?, cost = ?, started_s = ?, completed_s = ?, duration_ms = ?, "
           "facts = ?, preview = ? WHERE id = ?");
    query_text(&q, job_state_word(row->state));
    query_int(&q, row->missing_n);
    query_int(&q, row->attempts);
    query_int(&q, row->strikes);
    query_int(&q, row->next_at_s);
    query_text(&q, row->error);
    query_text(&q, row->memo);
    query_num(&q, row->cost);
    query_int(&q, row->started_s);
    query_int(&q, row->completed_s);
    query_int(&q, row->duration_ms);
    query_text(&q, row->facts);
    query_int(&q, row->preview);
    query_int(&q, row->id);
    return query_run(&q, e, "the job");
}

int store_set_job(struct store *s, const struct job_row *row, struct err *e)
{
    struct counted was;
    int rc = counted_now(s, row->id, &was);
    if (rc)
        return err_set(e, rc, "there is no job %lld to change", (long long)row->id);
    if (was.drop_id != row->drop_id)
        bug("job %lld moves from drop %lld to %lld", (long long)row->id, (long long)was.drop_id,
            (long long)row->drop_id);
    rc = update_job(s, row, e);
    if (!rc && (was.state != row->state || was.cost != row->cost)) {
        store_tally(s, was.drop_id, was.open, was.state, -1, -was.cost, -was.price);
        store_tally(s, was.drop_id, was.open, row->state, 1, row->cost, was.price);
    }
    if (!rc)
        lanes_note_job(s, row);
    return rc;
}

int store_add_job_cost(struct store *s, int64_t id, double more, struct err *e)
{
    struct counted was;
    struct query q = query_begin_write(s, "UPDATE jobs SET cost = cost + ? WHERE id = ?");
    int rc = counted_now(s, id, &was);
    if (rc)
        return err_set(e, rc, "there is no job %lld to bear a cost", (long long)id);
    query_num(&q, more);
    query_int(&q, id);
    rc = query_run(&q, e, "the job's cost");
    if (!rc)
        store_tally(s, was.drop_id, was.open, was.state, 0, more, 0);
    return rc;
}

int store_set_job_memo(struct store *s, int64_t id, const char *memo, struct err *e)
{
    struct query q = query_begin_write(s, "UPDATE jobs SET memo = ? WHERE id = ?");
    query_text(&q, memo);
    query_int(&q, id);
    return query_run(&q, e, "the job's memo");
}

int store_set_job_wish(struct store *s, const struct job_row *row, struct err *e)
{
    struct query q = query_begin_write(
        s, "UPDATE jobs SET params = ?, prompt = ?, negative = ?, hash = ? WHERE id = ?");
    query_text(&q, row->params);
    query_text(&q, row->prompt);
    query_text(&q, row->negative);
    query_text(&q, row->hash);
    query_int(&q, row->id);
    return query_run(&q, e, "the job's wish");
}

int store_set_job_engine(struct store *s, const struct job_row *row, struct err *e)
{
    struct counted was;
    struct query q =
        query_begin_write(s, "UPDATE jobs SET engine = ?, model = ?, why_engine = ?, "
                             "price = ?, hash = ?, choices = ?, preview = ? WHERE id = ?");
    int rc = counted_now(s, row->id, &was);
    if (rc)
        return err_set(e, rc, "there is no job %lld to change", (long long)row->id);
    query_text(&q, row->engine);
    query_text(&q, row->model);
    query_text(&q, row->why_engine);
    query_num(&q, row->price);
    query_text(&q, row->hash);
    query_text(&q, row->choices);
    query_int(&q, row->preview);
    query_int(&q, row->id);
    rc = query_run(&q, e, "the job's engine");
    if (rc)
        return rc;
    store_tally(s, was.drop_id, was.open, was.state, -1, -was.cost, -was.price);
    store_tally(s, was.drop_id, was.open, was.state, 1, was.cost, row->price);
    return rc;
}

/* --- reading --- */

int store_job(struct store *s, int64_t id, struct job_row *ret_row)
{
    struct query q = query_begin(s, "SELECT " JOB_COLUMNS " FROM jobs WHERE id = ?");
    query_int(&q, id);
    int rc = query_first(&q);
    if (rc)
        return rc;
    read_job(&q, ret_row);
    query_end(&q);
    return 0;
}

int store_job_state(struct store *s, int64_t id, enum job_state *ret_state)
{
    struct query q = query_begin(s, "SELECT state FROM jobs WHERE id = ?");
    query_int(&q, id);
    int rc = query_first(&q);
    if (rc)
        return rc;
    *ret_state = column_job_state(&q);
    query_end(&q);
    return 0;
}

static int all_jobs(struct query *q, struct job_row **ret_rows, size_t *ret_n)
{
    struct job_row *rows = NULL;
    size_t n = 0, room = 0;
    int rc;
    while ((rc = query_next(q)) == 1) {
        if (n == room)
            rows = mem_grow(rows, room = room ? room * 2 : 16, sizeof *rows);
        read_job(q, &rows[n++]);
    }
    LIST_END(rc, rows, n, job_row_finish, ret_rows, ret_n);
    return rc;
}

int store_jobs(struct store *s, int64_t drop_id, struct job_row **ret_rows, size_t *ret_n)
{
    struct query q =
        query_begin(s, "SELECT " JOB_COLUMNS " FROM jobs WHERE drop_id = ? ORDER BY seq");
    query_int(&q, drop_id);
    return all_jobs(&q, ret_rows, ret_n);
}

int store_jobs_of_unit(struct store *s, int64_t drop_id_or_0, const char *unit,
                       struct job_row **ret_rows, size_t *ret_n)
{
    struct query q =
        query_begin(s, "SELECT " JOB_COLUMNS " FROM jobs WHERE unit = ?1 AND drop_id = "
                       "(SELECT d.id FROM jobs j JOIN drops d ON d.id = j.drop_id "
                       "WHERE j.unit = ?1 AND (?2 = 0 OR d.id = ?2) AND d.state <> 'cancelled' "
                       "ORDER BY j.id DESC LIMIT 1) AND key NOT GLOB 'words.*' ORDER BY seq");
    query_text(&q, unit);
    query_int(&q, drop_id_or_0);
    int rc = all_jobs(&q, ret_rows, ret_n);
    return rc ? rc : *ret_n ? 0 : ERR_MISSING;
}

/* The second test in each text is what its small index asks for; without one the table is read. */
static struct query jobs_in_query(struct store *s, enum job_state state)
{
    switch (state) {
    case JOB_READY:
    case JOB_HELD:
        return query_begin(s, "SELECT " JOB_COLUMNS " FROM jobs WHERE state = ? "
                              "AND state IN ('ready', 'held') ORDER BY id");
    case JOB_RUNNING:
    case JOB_MADE:
    case JOB_FAILED:
    case JOB_NEEDS_PERSON:
        return query_begin(s, "SELECT " JOB_COLUMNS " FROM jobs WHERE state = ? "
                              "AND (state = 'running' OR state = 'made' OR state = 'failed' OR "
                              "state = 'needs_person') "
                              "ORDER BY id");
    case JOB_WAITING:
    case JOB_DONE:
    case JOB_KEPT:
    case JOB_SKIPPED:
    case JOB_CANCELLED:
    case JOB_STATES_N:
        break;
    }
    return query_begin(s, "SELECT " JOB_COLUMNS " FROM jobs WHERE state = ? ORDER BY id");
}

int store_jobs_in(struct store *s, enum job_state state, struct job_row **ret_rows, size_t *ret_n)
{
    struct query q = jobs_in_query(s, state);
    query_text(&q, job_state_word(state));
    return all_jobs(&q, ret_rows, ret_n);
}

/* --- edges --- */

int store_insert_edge(struct store *s, int64_t from_job, int64_t to_job, bool soft, struct err *e)
{
    struct query q =
        query_begin_write(s, "INSERT INTO edges (from_job, to_job, soft) VALUES (?, ?, ?) "
                             "ON CONFLICT DO UPDATE SET soft = min(soft, excluded.soft)");
    query_int(&q, from_job);
    query_int(&q, to_job);
    query_int(&q, soft);
    return query_run(&q, e, "the edge");
}

int store_add_edge(struct store *s, int64_t from_job, int64_t to_job, bool soft, struct err *e)
{
    return store_insert_edge(s, from_job, to_job, soft, e);
}

static int all_edges(struct query *q, struct edge_row **ret_rows, size_t *ret_n)
{
    struct edge_row *rows = NULL;
    size_t n = 0, room = 0;
    int rc;
    while ((rc = query_next(q)) == 1) {
        if (n == room)
            rows = mem_grow(rows, room = room ? room * 2 : 8, sizeof *rows);
        rows[n].from = column_int(q);
        rows[n].to = column_int(q);
        rows[n++].soft = column_int(q) != 0;
    }
    if (rc) {
        free(rows);
        return rc;
    }
    *ret_rows = rows;
    *ret_n = n;
    return 0;
}

int store_edges_from(struct store *s, int64_t job_id, struct edge_row **ret_rows, size_t *ret_n)
{
    struct query q = query_begin(
        s, "SELECT from_job, to_job, soft FROM edges WHERE from_job = ? ORDER BY to_job");
    query_int(&q, job_id);
    return all_edges(&q, ret_rows, ret_n);
}

int store_edges_to(struct store *s, int64_t job_id, struct edge_row **ret_rows, size_t *ret_n)
{
    struct query q = query_begin(
        s, "SELECT from_job, to_job, soft FROM edges WHERE to_job = ? ORDER BY from_job");
    query_int(&q, job_id);
    return all_edges(&q, ret_rows, ret_n);
}
