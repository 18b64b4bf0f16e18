/* The outbox of messages to people, and marks of what was told. */
/* SPDX-License-Identifier: ISC */
#include "store/news.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "store/store_priv.h"

#define COLUMNS                                                                                    \
    "id, drop_id, notifier, event, key, body, state, why, tries, next_at_s, at_s, sent_s"

void news_row_finish(struct news_row *r)
{
    free(r->notifier);
    free(r->event);
    free(r->key);
    free(r->body);
    free(r->state);
    free(r->why);
    memset(r, 0, sizeof(*r));
}

static struct news_row read_row(struct query *q)
{
    struct news_row r = {.id = column_int(q)};
    r.drop_id = column_int(q);
    r.notifier = column_text(q);
    r.event = column_text(q);
    r.key = column_text(q);
    r.body = column_text(q);
    r.state = column_text(q);
    r.why = column_text(q);
    r.tries = (int)column_int(q);
    r.next_at_s = column_int(q);
    r.at_s = column_int(q);
    r.sent_s = column_int(q);
    return r;
}

int store_add_news(struct store *s, struct news_row *row, struct err *e)
{
    struct query q = query_begin_write(
        s, "INSERT INTO news (drop_id, notifier, event, key, body, state, tries, next_at_s, at_s, "
           "sent_s) VALUES (?, ?, ?, ?, ?, 'waiting', 0, 0, ?, 0)");
    query_int(&q, row->drop_id);
    query_text(&q, row->notifier);
    query_text(&q, row->event);
    query_text(&q, row->key);
    query_text(&q, row->body);
    query_int(&q, row->at_s);
    int rc = query_run(&q, e, "the message");
    if (!rc)
        row->id = sqlite3_last_insert_rowid(s->db);
    return rc;
}

int store_set_news(struct store *s, const struct news_row *row, struct err *e)
{
    struct query q = query_begin_write(
        s, "UPDATE news SET state = ?, why = ?, tries = ?, next_at_s = ?, sent_s = ? WHERE id = ?");
    query_text(&q, row->state);
    query_text(&q, row->why);
    query_int(&q, row->tries);
    query_int(&q, row->next_at_s);
    query_int(&q, row->sent_s);
    query_int(&q, row->id);
    return query_run(&q, e, "the message");
}

int store_overtake_news(struct store *s, const char *notifier, const char *event, int64_t drop_id,
                        struct err *e)
{
    struct query q = query_begin_write(
        s, "UPDATE news SET state = 'dropped', why = 'overtaken' WHERE notifier = ? AND state IN "
           "('waiting', 'sending') AND state = 'waiting' AND event = ? AND drop_id = ?");
    query_text(&q, notifier);
    query_text(&q, event);
    query_int(&q, drop_id);
    return query_run(&q, e, "the messages");
}

int store_news_waiting(struct store *s, const char *notifier, int limit, struct news_row **ret_rows,
                       size_t *ret_n)
{
    struct query q = query_begin(
        s, "SELECT " COLUMNS " FROM news WHERE notifier = ? AND state IN ('waiting', 'sending') "
           "AND state = 'waiting' ORDER BY id LIMIT ?");
    query_text(&q, notifier);
    query_int(&q, limit);
    struct news_row *rows = NULL;
    size_t n = 0;
    int rc;
    while ((rc = query_next(&q)) == 1) {
        rows = mem_grow(rows, n + 1, sizeof *rows);
        rows[n++] = read_row(&q);
    }
    LIST_END(rc, rows, n, news_row_finish, ret_rows, ret_n);
    return rc;
}

int store_count_news(struct store *s, const char *notifier, const char *state, int *ret_n)
{
    struct query q = query_begin(s, "SELECT COUNT(*) FROM news WHERE notifier = ? AND state = ?");
    query_text(&q, notifier);
    query_text(&q, state);
    int rc = query_first(&q);
    if (rc)
        return rc;
    *ret_n = (int)column_int(&q);
    query_end(&q);
    return 0;
}

int store_news_last(struct store *s, const char *notifier, struct news_row *ret_row)
{
    struct query q = query_begin(s, "SELECT " COLUMNS " FROM news WHERE notifier = ? AND state = "
                                    "'sent' ORDER BY sent_s DESC, id DESC LIMIT 1");
    query_text(&q, notifier);
    int rc = query_first(&q);
    if (rc)
        return rc;
    *ret_row = read_row(&q);
    query_end(&q);
    return 0;
}

int store_settle_news(struct store *s, int64_t forget_before_s, int *ret_unsure_n, struct err *e)
{
    struct query q = query_begin_write(
        s, "UPDATE news SET state = 'dropped', why = 'slated ended while it was being sent' "
           "WHERE state = 'sending'");
    int rc = query_run(&q, e, "the messages");
    if (rc)
        return rc;
    *ret_unsure_n = sqlite3_changes(s->db);
    q = query_begin_write(s, "DELETE FROM news WHERE state IN ('sent', 'dropped') AND at_s < ?");
    query_int(&q, forget_before_s);
    return query_run(&q, e, "the messages");
}

/* --- marks --- */

int store_told(struct store *s, const char *name, int64_t *ret_n)
{
    struct query q = query_begin(s, "SELECT n FROM told WHERE name = ?");
    query_text(&q, name);
    int rc = query_first(&q);
    if (rc)
        return rc;
    *ret_n = column_int(&q);
    query_end(&q);
    return 0;
}

int store_set_told(struct store *s, const char *name, int64_t n, int64_t at_s, struct err *e)
{
    struct query q =
        query_begin_write(s, "INSERT INTO told (name, n, at_s) VALUES (?, ?, ?) ON CONFLICT (name) "
                             "DO UPDATE SET n = excluded.n, at_s = excluded.at_s");
    query_text(&q, name);
    query_int(&q, n);
    query_int(&q, at_s);
    return query_run(&q, e, "the mark");
}

int store_forget_told(struct store *s, const char *name, struct err *e)
{
    struct query q = query_begin_write(s, "DELETE FROM told WHERE name = ?");
    query_text(&q, name);
    return query_run(&q, e, "the mark");
}

static void told_finish(struct told_row *row)
{
    free(row->name);
}

int store_told_like(struct store *s, const char *prefix, struct told_row **ret_rows, size_t *ret_n)
{
    struct query q = query_begin(s, "SELECT name, n, at_s FROM told WHERE name >= ? AND "
                                    "substr(name, 1, length(?)) = ? ORDER BY name");
    query_text(&q, prefix);
    query_text(&q, prefix);
    query_text(&q, prefix);
    struct told_row *rows = NULL;
    size_t n = 0;
    int rc;
    while ((rc = query_next(&q)) == 1) {
        rows = mem_grow(rows, n + 1, sizeof *rows);
        rows[n] = (struct told_row){.name = column_text(&q)};
        rows[n].n = column_int(&q);
        rows[n++].at_s = column_int(&q);
    }
    LIST_END(rc, rows, n, told_finish, ret_rows, ret_n);
    return rc;
}
