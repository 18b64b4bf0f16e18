/* Records (files about a drop) and events (what happened, in order). */
/* SPDX-License-Identifier: ISC */
#include <stdlib.h>

#include "base/mem.h"
#include "store/store_priv.h"

int store_insert_record(struct store *s, struct record_row *row, struct err *e)
{
    struct query q = query_begin_write(
        s, "INSERT INTO records (drop_id, path, format, body, at_end) VALUES (?, ?, ?, ?, ?)");
    query_int(&q, row->drop_id);
    query_text(&q, row->path);
    query_text(&q, row->format);
    query_text(&q, row->body);
    query_int(&q, row->at_end);
    int rc = query_run(&q, e, "the record");
    if (!rc)
        row->id = sqlite3_last_insert_rowid(s->db);
    return rc;
}

int store_add_record(struct store *s, struct record_row *row, struct err *e)
{
    return store_insert_record(s, row, e);
}

int store_records(struct store *s, int64_t drop_id, struct record_row **ret_rows, size_t *ret_n)
{
    struct query q = query_begin(s, "SELECT id, drop_id, path, format, body, at_end FROM records "
                                    "WHERE drop_id = ? ORDER BY id");
    query_int(&q, drop_id);
    struct record_row *rows = NULL;
    size_t n = 0;
    int rc;
    while ((rc = query_next(&q)) == 1) {
        rows = mem_grow(rows, n + 1, sizeof *rows);
        struct record_row *r = &rows[n++];
        *r = (struct record_row){.id = column_int(&q)};
        r->drop_id = column_int(&q);
        r->path = column_text(&q);
        r->format = column_text(&q);
        r->body = column_text(&q);
        r->at_end = column_int(&q) != 0;
    }
    LIST_END(rc, rows, n, record_row_finish, ret_rows, ret_n);
    return rc;
}

int store_add_event(struct store *s, int64_t drop_id, int64_t job_id, int64_t at_s,
                    const char *what, const char *text, struct err *e)
{
    struct query q = query_begin_write(
        s, "INSERT INTO events (drop_id, job_id, at_s, what, text) VALUES (?, ?, ?, ?, ?)");
    query_int(&q, drop_id);
    query_int(&q, job_id);
    query_int(&q, at_s);
    query_text(&q, what);
    query_text(&q, text);
    return query_run(&q, e, "the event");
}

int store_events_after(struct store *s, int64_t after_id, int limit, struct event_row **ret_rows,
                       size_t *ret_n)
{
    struct query q = query_begin(s, "SELECT id, drop_id, job_id, at_s, what, text FROM events "
                                    "WHERE id > ? ORDER BY id LIMIT ?");
    query_int(&q, after_id);
    query_int(&q, limit > 0 ? limit : -1);
    struct event_row *rows = NULL;
    size_t n = 0, room = 0;
    int rc;
    while ((rc = query_next(&q)) == 1) {
        if (n == room)
            rows = mem_grow(rows, room = room ? room * 2 : 16, sizeof *rows);
        struct event_row *r = &rows[n++];
        *r = (struct event_row){.id = column_int(&q)};
        r->drop_id = column_int(&q);
        r->job_id = column_int(&q);
        r->at_s = column_int(&q);
        r->what = column_text(&q);
        r->text = column_text(&q);
    }
    LIST_END(rc, rows, n, event_row_finish, ret_rows, ret_n);
    return rc;
}
