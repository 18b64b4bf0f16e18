/* Engines that are left alone after faults: written when a rest begins or grows, taken out when it
 * ends, so that a start goes on with it. */
/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "store/store_money.h"

void rest_row_finish(struct rest_row *r)
{
    free(r->engine);
    free(r->model);
    free(r->why);
    memset(r, 0, sizeof(*r));
}

int store_put_rest(struct store *s, const struct rest_row *row, struct err *e)
{
    struct query q = query_begin_write(
        s, "INSERT INTO rests (engine, model, drop_id, why, at_s, until_s, pause_s) "
           "VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET why = excluded.why, "
           "until_s = excluded.until_s, pause_s = excluded.pause_s");
    query_text(&q, row->engine);
    query_text(&q, row->model);
    query_int(&q, row->drop_id);
    query_text(&q, row->why);
    query_int(&q, row->at_s);
    query_int(&q, row->until_s);
    query_int(&q, row->pause_s);
    return query_run(&q, e, "the engine's rest");
}

int store_lift_rest(struct store *s, const char *engine, struct err *e)
{
    struct query q = query_begin_write(s, "DELETE FROM rests WHERE engine = ? AND drop_id = 0");
    query_text(&q, engine);
    return query_run(&q, e, "the engine's rest");
}

int store_lift_rests_of(struct store *s, int64_t drop_id, struct err *e)
{
    struct query q = query_begin_write(s, "DELETE FROM rests WHERE drop_id = ?");
    query_int(&q, drop_id);
    return query_run(&q, e, "the drop's rests");
}

int store_rests(struct store *s, struct rest_row **ret_rows, size_t *ret_n)
{
    struct query q = query_begin(s, "SELECT engine, model, drop_id, why, at_s, until_s, pause_s "
                                    "FROM rests ORDER BY engine, drop_id, model");
    struct rest_row *rows = NULL;
    size_t n = 0;
    int rc;
    while ((rc = query_next(&q)) == 1) {
        rows = mem_grow(rows, n + 1, sizeof *rows);
        struct rest_row *r = &rows[n++];
        *r = (struct rest_row){.engine = column_text(&q)};
        r->model = column_text(&q);
        r->drop_id = column_int(&q);
        r->why = column_text(&q);
        r->at_s = column_int(&q);
        r->until_s = column_int(&q);
        r->pause_s = column_int(&q);
    }
    LIST_END(rc, rows, n, rest_row_finish, ret_rows, ret_n);
    return rc;
}
