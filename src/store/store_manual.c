/* Escalations and bundles: what needs a hand, and what went out for it. */
/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "store/manual.h"
#include "store/store_priv.h"

/* --- escalations --- */

#define ESCALATION "id, drop_id, unit, at_s, resolved_s, tag, model, note, by"

static void read_escalation(struct query *q, struct escalation_row *r)
{
    *r = (struct escalation_row){.id = column_int(q)};
    r->drop_id = column_int(q);
    r->unit = column_text(q);
    r->at_s = column_int(q);
    r->resolved_s = column_int(q);
    r->tag = column_text(q);
    r->model = column_text(q);
    r->note = column_text(q);
    r->by = column_text(q);
}

void escalation_row_finish(struct escalation_row *r)
{
    free(r->unit);
    free(r->tag);
    free(r->model);
    free(r->note);
    free(r->by);
    memset(r, 0, sizeof(*r));
}

int store_add_escalation(struct store *s, struct escalation_row *row, struct err *e)
{
    struct query q = query_begin_write(
        s, "INSERT INTO escalations (drop_id, unit, at_s, resolved_s, tag, model, note, by) "
           "VALUES (?, ?, ?, ?, ?, ?, ?, ?)");
    query_int(&q, row->drop_id);
    query_text(&q, row->unit);
    query_int(&q, row->at_s);
    query_int(&q, row->resolved_s);
    query_text(&q, row->tag);
    query_text(&q, row->model);
    query_text(&q, row->note);
    query_text(&q, row->by);
    int rc = query_run(&q, e, "the escalation");
    if (!rc)
        row->id = sqlite3_last_insert_rowid(s->db);
    return rc;
}

int store_set_escalation(struct store *s, const struct escalation_row *row, struct err *e)
{
    struct query q = query_begin_write(
        s, "UPDATE escalations SET tag = ?, model = ?, note = ?, resolved_s = ? WHERE id = ?");
    query_text(&q, row->tag);
    query_text(&q, row->model);
    query_text(&q, row->note);
    query_int(&q, row->resolved_s);
    query_int(&q, row->id);
    return query_run(&q, e, "the escalation");
}

int store_escalation(struct store *s, int64_t drop_id_or_0, const char *unit,
                     struct escalation_row *ret_row)
{
    struct query q =
        query_begin(s, "SELECT " ESCALATION " FROM escalations WHERE unit = ?1 AND resolved_s = 0 "
                       "AND (?2 = 0 OR drop_id = ?2) ORDER BY id DESC LIMIT 1");
    query_text(&q, unit);
    query_int(&q, drop_id_or_0);
    int rc = query_first(&q);
    if (rc)
        return rc;
    read_escalation(&q, ret_row);
    query_end(&q);
    return 0;
}

int store_escalations(struct store *s, bool open_only, struct escalation_row **ret_rows,
                      size_t *ret_n)
{
    struct query q = query_begin(s, "SELECT " ESCALATION
                                    " FROM escalations WHERE ? = 0 OR resolved_s = 0 ORDER BY id");
    int rc;
    struct escalation_row *rows = NULL;
    size_t n = 0;
    query_int(&q, open_only);
    while ((rc = query_next(&q)) == 1) {
        rows = mem_grow(rows, n + 1, sizeof *rows);
        read_escalation(&q, &rows[n++]);
    }
    LIST_END(rc, rows, n, escalation_row_finish, ret_rows, ret_n);
    return rc;
}

/* --- bundles --- */

#define BUNDLE "id, name, drop_id, unit, target, token, at_s, back_s, body"

static void read_bundle(struct query *q, struct bundle_row *r)
{
    *r = (struct bundle_row){.id = column_int(q)};
    r->name = column_text(q);
    r->drop_id = column_int(q);
    r->unit = column_text(q);
    r->target = column_text(q);
    r->token = column_text(q);
    r->at_s = column_int(q);
    r->back_s = column_int(q);
    r->body = column_text(q);
}

void bundle_row_finish(struct bundle_row *r)
{
    free(r->name);
    free(r->unit);
    free(r->target);
    free(r->token);
    free(r->body);
    memset(r, 0, sizeof(*r));
}

int store_add_bundle(struct store *s, struct bundle_row *row, struct err *e)
{
    struct query q = query_begin_write(
        s, "INSERT INTO bundles (name, drop_id, unit, target, token, at_s, back_s, body) "
           "VALUES (?, ?, ?, ?, ?, ?, ?, ?)");
    query_text(&q, row->name);
    query_int(&q, row->drop_id);
    query_text(&q, row->unit);
    query_text(&q, row->target);
    query_text(&q, row->token);
    query_int(&q, row->at_s);
    query_int(&q, row->back_s);
    query_text(&q, row->body);
    int rc = query_run(&q, e, "the bundle");
    if (!rc)
        row->id = sqlite3_last_insert_rowid(s->db);
    return rc;
}

int store_set_bundle_body(struct store *s, int64_t id, const char *body, struct err *e)
{
    struct query q = query_begin_write(s, "UPDATE bundles SET body = ? WHERE id = ?");
    query_text(&q, body);
    query_int(&q, id);
    return query_run(&q, e, "the bundle");
}

int store_drop_bundle(struct store *s, int64_t id, struct err *e)
{
    struct query q = query_begin_write(s, "DELETE FROM exported WHERE bundle_id = ?");
    query_int(&q, id);
    int rc = query_run(&q, e, "the exported files");
    if (rc)
        return rc;
    q = query_begin_write(s, "DELETE FROM bundles WHERE id = ?");
    query_int(&q, id);
    return query_run(&q, e, "the bundle");
}

int store_set_bundle_back(struct store *s, int64_t id, int64_t back_s, struct err *e)
{
    struct query q = query_begin_write(s, "UPDATE bundles SET back_s = ? WHERE id = ?");
    query_int(&q, back_s);
    query_int(&q, id);
    return query_run(&q, e, "the bundle");
}

static int one_bundle(struct query *q, const char *text, struct bundle_row *ret_row)
{
    query_text(q, text);
    int rc = query_first(q);
    if (rc)
        return rc;
    read_bundle(q, ret_row);
    query_end(q);
    return 0;
}

int store_bundle_named(struct store *s, const char *name, struct bundle_row *ret_row)
{
    struct query q = query_begin(s, "SELECT " BUNDLE " FROM bundles WHERE name = ?");
    return one_bundle(&q, name, ret_row);
}

int store_bundle_marked(struct store *s, const char *token, struct bundle_row *ret_row)
{
    struct query q = query_begin(s, "SELECT " BUNDLE " FROM bundles WHERE token = ?");
    return one_bundle(&q, token, ret_row);
}

int store_bundles(struct store *s, bool out_only, struct bundle_row **ret_rows, size_t *ret_n)
{
    struct query q =
        query_begin(s, "SELECT " BUNDLE " FROM bundles WHERE ? = 0 OR back_s = 0 ORDER BY id");
    int rc;
    struct bundle_row *rows = NULL;
    size_t n = 0;
    query_int(&q, out_only);
    while ((rc = query_next(&q)) == 1) {
        rows = mem_grow(rows, n + 1, sizeof *rows);
        read_bundle(&q, &rows[n++]);
    }
    LIST_END(rc, rows, n, bundle_row_finish, ret_rows, ret_n);
    return rc;
}

int store_add_exported(struct store *s, const char *sha256, int64_t bundle_id, const char *name,
                       struct err *e)
{
    struct query q = query_begin_write(
        s, "INSERT OR IGNORE INTO exported (sha256, bundle_id, name) VALUES (?, ?, ?)");
    query_text(&q, sha256);
    query_int(&q, bundle_id);
    query_text(&q, name);
    return query_run(&q, e, "an exported file");
}

int store_exported(struct store *s, const char *sha256, struct bundle_row *ret_bundle)
{
    struct query q =
        query_begin(s, "SELECT b.id, b.name, b.drop_id, b.unit, b.target, b.token, b.at_s, "
                       "b.back_s, b.body FROM exported x JOIN bundles b ON b.id = x.bundle_id "
                       "WHERE x.sha256 = ? ORDER BY b.id DESC LIMIT 1");
    return one_bundle(&q, sha256, ret_bundle);
}
