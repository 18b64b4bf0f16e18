/* Rows of text models' answers. Written once, never changed. */
/* SPDX-License-Identifier: ISC */
#include "store/words.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "store/store_priv.h"

int store_add_call(struct store *s, const struct call_row *row, struct err *e)
{
    struct query q = query_begin_write(
        s, "INSERT INTO text_calls (job_id, drop_id, engine, model, tokens_in, tokens_out, cost_u, "
           "ms, why, at_s) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
    query_int(&q, row->job_id);
    query_int(&q, row->drop_id);
    query_text(&q, row->engine);
    query_text(&q, row->model);
    query_int(&q, row->tokens_in);
    query_int(&q, row->tokens_out);
    query_int(&q, row->cost_u);
    query_int(&q, row->ms);
    query_text(&q, row->why);
    query_int(&q, row->at_s);
    return query_run(&q, e, "the call");
}

void call_sum_finish(struct call_sum *c)
{
    free(c->engine);
    free(c->model);
    memset(c, 0, sizeof(*c));
}

int store_call_sums(struct store *s, struct call_sum **ret_rows, size_t *ret_n)
{
    struct query q = query_begin(
        s, "SELECT engine, model, COUNT(*), SUM(why IS NULL), SUM(tokens_in), SUM(tokens_out), "
           "SUM(cost_u) cost, SUM(ms) FROM text_calls GROUP BY engine, model "
           "ORDER BY cost DESC, engine, model");
    struct call_sum *rows = NULL;
    size_t n = 0;
    int rc;
    while ((rc = query_next(&q)) == 1) {
        rows = mem_grow(rows, n + 1, sizeof *rows);
        struct call_sum *c = &rows[n++];
        *c = (struct call_sum){.engine = column_text(&q)};
        c->model = column_text(&q);
        c->calls_n = column_int(&q);
        c->used_n = column_int(&q);
        c->tokens_in = column_int(&q);
        c->tokens_out = column_int(&q);
        c->cost_u = column_int(&q);
        c->ms = column_int(&q);
    }
    LIST_END(rc, rows, n, call_sum_finish, ret_rows, ret_n);
    return rc;
}

int store_job_keyed(struct store *s, int64_t drop_id, const char *key, struct job_row *ret_row)
{
    struct query q =
        query_begin(s, "SELECT id FROM jobs WHERE drop_id = ? AND key = ? ORDER BY id LIMIT 1");
    query_int(&q, drop_id);
    query_text(&q, key);
    int rc = query_first(&q);
    if (rc)
        return rc;
    int64_t id = column_int(&q);
    query_end(&q);
    return store_job(s, id, ret_row);
}
