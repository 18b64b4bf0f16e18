/* Rows of what gates said. */
/* SPDX-License-Identifier: ISC */
#include "store/gates.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "store/store_priv.h"

void gate_row_finish(struct gate_row *r)
{
    char *texts[] = {r->role, r->verdict, r->fault, r->why,  r->engine, r->model, r->kept,
                     r->wish, r->phash,   r->grey,  r->body, r->title,  r->unit};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        free(texts[i]);
    memset(r, 0, sizeof(*r));
}

int store_add_gate(struct store *s, const struct gate_row *row, struct err *e)
{
    struct query q = query_begin_write(
        s, "INSERT OR REPLACE INTO gate_results (drop_id, job_id, role, gate, verdict, fault, why, "
           "engine, model, sha256, take, kept, wish, phash, grey, body, at_s) "
           "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
    query_int(&q, row->drop_id);
    query_int(&q, row->job_id);
    query_text(&q, row->role);
    query_int(&q, row->gate);
    query_text(&q, row->verdict);
    query_text(&q, row->fault);
    query_text(&q, row->why);
    query_text(&q, row->engine);
    query_text(&q, row->model);
    query_text(&q, row->sha256);
    query_int(&q, row->take);
    query_text(&q, row->kept);
    query_text(&q, row->wish);
    query_text(&q, row->phash);
    query_text(&q, row->grey);
    query_text(&q, row->body);
    query_int(&q, row->at_s);
    return query_run(&q, e, "the gate's verdict");
}

int store_repeat_gate(struct store *s, const struct gate_row *row, struct err *e)
{
    struct query q = query_begin_write(
        s, "INSERT OR REPLACE INTO gate_results (drop_id, job_id, role, gate, verdict, fault, why, "
           "engine, model, sha256, take, kept, wish, phash, grey, body, at_s) "
           "SELECT ?1, ?2, ?3, gate, verdict, fault, why, engine, model, sha256, ?4, kept, wish, "
           "phash, grey, body, ?5 FROM gate_results "
           "WHERE sha256 = ?6 AND gate = 1 AND verdict = 'pass' ORDER BY id DESC LIMIT 1");
    query_int(&q, row->drop_id);
    query_int(&q, row->job_id);
    query_text(&q, row->role);
    query_int(&q, row->take);
    query_int(&q, row->at_s);
    query_text(&q, row->sha256);
    return query_run(&q, e, "the gate's verdict");
}

#define GATE_COLUMNS                                                                               \
    "g.id, g.drop_id, g.job_id, g.role, g.gate, g.verdict, g.fault, g.why, g.engine, g.model, "    \
    "g.sha256, g.take, g.kept, g.wish, g.phash, g.body, g.at_s, j.title, j.unit"

static void read_row(struct query *q, struct gate_row *r)
{
    *r = (struct gate_row){.id = column_int(q)};
    r->drop_id = column_int(q);
    r->job_id = column_int(q);
    r->role = column_text(q);
    r->gate = (int)column_int(q);
    r->verdict = column_text(q);
    r->fault = column_text(q);
    r->why = column_text(q);
    r->engine = column_text(q);
    r->model = column_text(q);
    column_digest(q, r->sha256);
    r->take = column_int(q);
    r->kept = column_text(q);
    r->wish = column_text(q);
    r->phash = column_text(q);
    r->body = column_text(q);
    r->at_s = column_int(q);
    r->title = column_text(q);
    r->unit = column_text(q);
}

static int all_rows(struct query *q, struct gate_row **ret_rows, size_t *ret_n)
{
    struct gate_row *rows = NULL;
    size_t n = 0;
    int rc;
    while ((rc = query_next(q)) == 1) {
        rows = mem_grow(rows, n + 1, sizeof *rows);
        read_row(q, &rows[n++]);
    }
    LIST_END(rc, rows, n, gate_row_finish, ret_rows, ret_n);
    return rc;
}

int store_gates(struct store *s, int64_t drop_id, int64_t job_id_or_0, struct gate_row **ret_rows,
                size_t *ret_n)
{
    struct query q =
        query_begin(s, "SELECT " GATE_COLUMNS " FROM gate_results g JOIN jobs j ON j.id = g.job_id "
                       "WHERE g.drop_id = ?1 AND (?2 = 0 OR g.job_id = ?2) "
                       "ORDER BY j.seq, g.id");
    query_int(&q, drop_id);
    query_int(&q, job_id_or_0);
    return all_rows(&q, ret_rows, ret_n);
}

/* SQL: how many bits of two texts of 16 hex digits differ; 64 when one is missing. */
static void bits_apart(sqlite3_context *context, int n, sqlite3_value **values)
{
    const char *a = n == 2 ? (const char *)sqlite3_value_text(values[0]) : NULL;
    const char *b = n == 2 ? (const char *)sqlite3_value_text(values[1]) : NULL;
    int apart = a && b ? __builtin_popcountll(strtoull(a, NULL, 16) ^ strtoull(b, NULL, 16)) : 64;
    sqlite3_result_int(context, apart);
}

int store_gate_functions(struct store *s, struct err *e)
{
    int rc = sqlite3_create_function(s->db, "bits_apart", 2, SQLITE_UTF8 | SQLITE_DETERMINISTIC,
                                     NULL, bits_apart, NULL, NULL);
    return rc == SQLITE_OK ? 0 : store_fail(s, e, "open", "the store");
}

/* The inner question is answered from the index alone, however fat the rows are. */
int store_gates_alike(struct store *s, const struct gate_row *row, int most,
                      struct gate_row **ret_rows, size_t *ret_n)
{
    struct query q =
        query_begin(s, "SELECT " GATE_COLUMNS " FROM gate_results g JOIN jobs j ON j.id = g.job_id "
                       "WHERE g.id IN (SELECT id FROM gate_results WHERE drop_id = ?1 AND gate = 1 "
                       "AND verdict = 'pass' AND wish IS NOT NULL AND wish <> ?2 AND job_id <> ?3 "
                       "AND (sha256 = ?4 OR bits_apart(phash, ?5) <= ?6)) ORDER BY g.id");
    query_int(&q, row->drop_id);
    query_text(&q, row->wish);
    query_int(&q, row->job_id);
    query_text(&q, row->sha256);
    query_text(&q, row->phash);
    query_int(&q, most);
    return all_rows(&q, ret_rows, ret_n);
}

char *store_gate_grey(struct store *s, int64_t id)
{
    struct query q = query_begin(s, "SELECT grey FROM gate_results WHERE id = ?");
    char *grey = NULL;
    query_int(&q, id);
    if (query_next(&q) == 1) {
        grey = column_text(&q);
        query_end(&q);
    }
    return grey;
}
