/* What lasts beside the ledger: results that were paid for, engines that are stopped, cards that
 * ask a person. */
/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "store/store_money.h"

/* --- results --- */

void result_row_finish(struct result_row *r)
{
    free(r->role);
    free(r->media);
    memset(r, 0, sizeof(*r));
}

int store_add_result(struct store *s, const struct result_row *row, struct err *e)
{
    struct query q = query_begin_write(s, "INSERT OR REPLACE INTO results (hash, role, sha256, "
                                          "media, bytes, width, height, at_s) "
                                          "VALUES (?, ?, ?, ?, ?, ?, ?, ?)");
    query_text(&q, row->hash);
    query_text(&q, row->role);
    query_text(&q, row->sha256);
    query_text(&q, row->media);
    query_int(&q, row->bytes);
    query_int(&q, row->width);
    query_int(&q, row->height);
    query_int(&q, row->at_s);
    return query_run(&q, e, "the result");
}

int store_results(struct store *s, const char *hash, struct result_row **ret_rows, size_t *ret_n)
{
    struct query q = query_begin(s, "SELECT hash, role, sha256, media, bytes, width, height, at_s "
                                    "FROM results WHERE hash = ? ORDER BY role");
    struct result_row *rows = NULL;
    size_t n = 0;
    int rc;
    query_text(&q, hash);
    while ((rc = query_next(&q)) == 1) {
        rows = mem_grow(rows, n + 1, sizeof *rows);
        struct result_row *r = &rows[n++];
        *r = (struct result_row){0};
        column_digest(&q, r->hash);
        r->role = column_text(&q);
        column_digest(&q, r->sha256);
        r->media = column_text(&q);
        r->bytes = column_int(&q);
        r->width = (int)column_int(&q);
        r->height = (int)column_int(&q);
        r->at_s = column_int(&q);
    }
    LIST_END(rc, rows, n, result_row_finish, ret_rows, ret_n);
    return rc;
}

/* --- stops --- */

void stop_row_finish(struct stop_row *r)
{
    free(r->engine);
    free(r->class);
    free(r->why);
    free(r->cure);
    memset(r, 0, sizeof(*r));
}

int store_add_stop(struct store *s, const struct stop_row *row, struct err *e)
{
    struct query q = query_begin_write(s, "INSERT OR REPLACE INTO stops (engine, class, why, cure, "
                                          "at_s, until_s) VALUES (?, ?, ?, ?, ?, ?)");
    query_text(&q, row->engine);
    query_text(&q, row->class);
    query_text(&q, row->why);
    query_text(&q, row->cure);
    query_int(&q, row->at_s);
    query_int(&q, row->until_s);
    return query_run(&q, e, "the engine's stop");
}

int store_lift_stop(struct store *s, const char *engine, struct err *e)
{
    struct query q = query_begin_write(s, "DELETE FROM stops WHERE engine = ?");
    query_text(&q, engine);
    return query_run(&q, e, "the engine's stop");
}

int store_stops(struct store *s, struct stop_row **ret_rows, size_t *ret_n)
{
    struct query q =
        query_begin(s, "SELECT engine, class, why, cure, at_s, until_s FROM stops ORDER BY engine");
    struct stop_row *rows = NULL;
    size_t n = 0;
    int rc;
    while ((rc = query_next(&q)) == 1) {
        rows = mem_grow(rows, n + 1, sizeof *rows);
        struct stop_row *r = &rows[n++];
        *r = (struct stop_row){.engine = column_text(&q)};
        r->class = column_text(&q);
        r->why = column_text(&q);
        r->cure = column_text(&q);
        r->at_s = column_int(&q);
        r->until_s = column_int(&q);
    }
    LIST_END(rc, rows, n, stop_row_finish, ret_rows, ret_n);
    return rc;
}

/* --- cards --- */

void card_row_finish(struct card_row *r)
{
    free(r->kind);
    free(r->subject);
    free(r->file);
    free(r->state);
    free(r->body);
    memset(r, 0, sizeof(*r));
}

int store_put_card(struct store *s, struct card_row *row, struct err *e)
{
    struct query q = query_begin_write(
        s, "INSERT INTO cards (kind, subject, file, state, body, at_s) VALUES (?, ?, ?, ?, ?, ?) "
           "ON CONFLICT (kind, subject) DO UPDATE SET file = excluded.file, state = "
           "excluded.state, body = excluded.body, at_s = excluded.at_s");
    query_text(&q, row->kind);
    query_text(&q, row->subject);
    query_text(&q, row->file);
    query_text(&q, row->state);
    query_text(&q, row->body);
    query_int(&q, row->at_s);
    return query_run(&q, e, "the card");
}

int store_set_card(struct store *s, int64_t id, const char *state, struct err *e)
{
    struct query q = query_begin_write(s, "UPDATE cards SET state = ? WHERE id = ?");
    query_text(&q, state);
    query_int(&q, id);
    return query_run(&q, e, "the card");
}

static void read_card(struct query *q, struct card_row *r)
{
    *r = (struct card_row){.id = column_int(q)};
    r->kind = column_text(q);
    r->subject = column_text(q);
    r->file = column_text(q);
    r->state = column_text(q);
    r->body = column_text(q);
    r->at_s = column_int(q);
}

int store_card(struct store *s, const char *kind, const char *subject, struct card_row *ret_row)
{
    struct query q = query_begin(s, "SELECT id, kind, subject, file, state, body, at_s FROM cards "
                                    "WHERE kind = ? AND subject = ?");
    query_text(&q, kind);
    query_text(&q, subject);
    int rc = query_first(&q);
    if (rc)
        return rc;
    read_card(&q, ret_row);
    query_end(&q);
    return 0;
}

int store_cards_asked(struct store *s, struct card_row **ret_rows, size_t *ret_n)
{
    struct query q = query_begin(s, "SELECT id, kind, subject, file, state, body, at_s FROM cards "
                                    "WHERE state = 'asked' ORDER BY id");
    struct card_row *rows = NULL;
    size_t n = 0;
    int rc;
    while ((rc = query_next(&q)) == 1) {
        rows = mem_grow(rows, n + 1, sizeof *rows);
        read_card(&q, &rows[n++]);
    }
    LIST_END(rc, rows, n, card_row_finish, ret_rows, ret_n);
    return rc;
}

int store_last_good(struct store *s, const char *engine, int64_t *ret_at_s)
{
    struct query q = query_begin(s, "SELECT completed_s FROM jobs WHERE engine = ? AND state = "
                                    "'done' ORDER BY completed_s DESC LIMIT 1");
    query_text(&q, engine);
    int rc = query_first(&q);
    if (rc)
        return rc;
    *ret_at_s = column_int(&q);
    query_end(&q);
    return 0;
}

/* What was made, and what a person did not want any more, is none. */
int store_last_trouble(struct store *s, const char *engine, char **ret_text, int64_t *ret_at_s)
{
    struct query q = query_begin(
        s, "SELECT text, at_s FROM (SELECT error text, MAX(started_s, completed_s) at_s FROM jobs "
           "WHERE engine = ? AND error IS NOT NULL AND state IN ('held', 'failed', 'needs_person') "
           "UNION ALL SELECT a.why, MAX(a.at_s, a.settled_s) FROM attempts a JOIN jobs j ON "
           "j.id = a.job_id WHERE a.engine = ? AND a.why IS NOT NULL AND a.why <> 'made' AND "
           "j.state <> 'cancelled') ORDER BY at_s DESC LIMIT 1");
    query_text(&q, engine);
    query_text(&q, engine);
    int rc = query_first(&q);
    if (rc)
        return rc;
    *ret_text = column_text(&q);
    *ret_at_s = column_int(&q);
    query_end(&q);
    return 0;
}
