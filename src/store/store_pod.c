/* Pods: written before they are asked for, changed as their host answers, kept after their end. */
/* SPDX-License-Identifier: ISC */
#include "store/pods.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "store/store_priv.h"

static const char *const words[] = {
#define X(state, word) word,
    POD_STATE_LIST(X)
#undef X
};

const char *pod_state_word(enum pod_state s)
{
    return words[s];
}

void pod_row_finish(struct pod_row *r)
{
    free(r->name);
    free(r->engine);
    free(r->remote);
    free(r->why);
    memset(r, 0, sizeof(*r));
}

#define COLUMNS                                                                                    \
    "name, engine, remote, state, attempt_id, job_id, drop_id, hour_u, since_s, began_s, "         \
    "until_s, charged_u, ended_s, why"

static struct pod_row read_row(struct query *q)
{
    struct pod_row r = {.name = column_text(q)};
    r.engine = column_text(q);
    r.remote = column_text(q);
    r.state = (enum pod_state)column_word(q, words, sizeof words / sizeof *words);
    r.attempt_id = column_int(q);
    r.job_id = column_int(q);
    r.drop_id = column_int(q);
    r.hour_u = column_int(q);
    r.since_s = column_int(q);
    r.began_s = column_int(q);
    r.until_s = column_int(q);
    r.charged_u = column_int(q);
    r.ended_s = column_int(q);
    r.why = column_text(q);
    return r;
}

/* What changes, in the order of the columns behind engine. */
static void bind_changes(struct query *q, const struct pod_row *row)
{
    query_text(q, row->remote);
    query_text(q, words[row->state]);
    query_int(q, row->attempt_id);
    query_int(q, row->job_id);
    query_int(q, row->drop_id);
    query_int(q, row->hour_u);
    query_int(q, row->since_s);
    query_int(q, row->began_s);
    query_int(q, row->until_s);
    query_int(q, row->charged_u);
    query_int(q, row->ended_s);
    query_text(q, row->why);
}

int store_add_pod(struct store *s, const struct pod_row *row, struct err *e)
{
    struct query q = query_begin_write(s, "INSERT INTO pods (" COLUMNS ") VALUES "
                                          "(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
    query_text(&q, row->name);
    query_text(&q, row->engine);
    bind_changes(&q, row);
    return query_run(&q, e, "the pod");
}

int store_set_pod(struct store *s, const struct pod_row *row, struct err *e)
{
    struct query q = query_begin_write(
        s, "UPDATE pods SET remote = ?, state = ?, attempt_id = ?, job_id = ?, drop_id = ?, "
           "hour_u = ?, since_s = ?, began_s = ?, until_s = ?, charged_u = ?, ended_s = ?, "
           "why = ? WHERE name = ?");
    bind_changes(&q, row);
    query_text(&q, row->name);
    return query_run(&q, e, "the pod");
}

int store_pods(struct store *s, bool open, struct pod_row **ret_rows, size_t *ret_n)
{
    struct query q = query_begin(s, "SELECT " COLUMNS " FROM pods WHERE ? OR state <> 'gone' "
                                    "ORDER BY since_s, name");
    struct pod_row *rows = NULL;
    size_t n = 0;
    int rc;
    query_int(&q, !open);
    while ((rc = query_next(&q)) == 1) {
        rows = mem_grow(rows, n + 1, sizeof *rows);
        rows[n++] = read_row(&q);
    }
    LIST_END(rc, rows, n, pod_row_finish, ret_rows, ret_n);
    return rc;
}

int store_pod(struct store *s, const char *name, struct pod_row *ret_row)
{
    struct query q = query_begin(s, "SELECT " COLUMNS " FROM pods WHERE name = ?");
    query_text(&q, name);
    int rc = query_first(&q);
    if (rc)
        return rc;
    *ret_row = read_row(&q);
    query_end(&q);
    return 0;
}
