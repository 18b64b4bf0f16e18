/* Returns, fixes and verdicts: what came back, and what was decided. */
/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "store/manual.h"
#include "store/store_priv.h"

/* --- returns --- */

#define RETURN                                                                                     \
    "id, name, sha256, bytes, state, drop_id, unit, job_id, role, asset_id, how, tag, why, body, " \
    "at_s"

static void read_return(struct query *q, struct return_row *r)
{
    *r = (struct return_row){.id = column_int(q)};
    r->name = column_text(q);
    column_digest(q, r->sha256);
    r->bytes = column_int(q);
    r->state = column_text(q);
    r->drop_id = column_int(q);
    r->unit = column_text(q);
    r->job_id = column_int(q);
    r->role = column_text(q);
    r->asset_id = column_int(q);
    r->how = column_text(q);
    r->tag = column_text(q);
    r->why = column_text(q);
    r->body = column_text(q);
    r->at_s = column_int(q);
}

void return_row_finish(struct return_row *r)
{
    free(r->name);
    free(r->state);
    free(r->unit);
    free(r->role);
    free(r->how);
    free(r->tag);
    free(r->why);
    free(r->body);
    memset(r, 0, sizeof(*r));
}

int store_add_return(struct store *s, struct return_row *row, struct err *e)
{
    struct query q = query_begin_write(
        s,
        "INSERT INTO returns (name, sha256, bytes, at_s, state, drop_id, unit, job_id, role, "
        "asset_id, how, tag, why, body) VALUES (?, ?, ?, ?, '', 0, '', 0, '', 0, '', '', '', '')");
    query_text(&q, row->name);
    query_text(&q, row->sha256);
    query_int(&q, row->bytes);
    query_int(&q, row->at_s);
    int rc = query_run(&q, e, "the return");
    if (rc)
        return rc;
    row->id = sqlite3_last_insert_rowid(s->db);
    return store_set_return(s, row, e);
}

int store_set_return(struct store *s, const struct return_row *row, struct err *e)
{
    struct query q = query_begin_write(
        s, "UPDATE returns SET name = ?, state = ?, drop_id = ?, unit = ?, job_id = ?, role = ?, "
           "asset_id = ?, how = ?, tag = ?, why = ?, body = ? WHERE id = ?");
    query_text(&q, row->name);
    query_text(&q, row->state);
    query_int(&q, row->drop_id);
    query_text(&q, row->unit);
    query_int(&q, row->job_id);
    query_text(&q, row->role);
    query_int(&q, row->asset_id);
    query_text(&q, row->how);
    query_text(&q, row->tag);
    query_text(&q, row->why);
    query_text(&q, row->body);
    query_int(&q, row->id);
    return query_run(&q, e, "the return");
}

static int one_return(struct query *q, struct return_row *ret_row)
{
    int rc = query_first(q);
    if (rc)
        return rc;
    read_return(q, ret_row);
    query_end(q);
    return 0;
}

int store_return(struct store *s, int64_t id, struct return_row *ret_row)
{
    struct query q = query_begin(s, "SELECT " RETURN " FROM returns WHERE id = ?");
    query_int(&q, id);
    return one_return(&q, ret_row);
}

int store_return_of(struct store *s, const char *sha256, const char *state,
                    struct return_row *ret_row)
{
    struct query q = query_begin(s, "SELECT " RETURN " FROM returns WHERE sha256 = ? AND state = ? "
                                    "ORDER BY id DESC LIMIT 1");
    query_text(&q, sha256);
    query_text(&q, state);
    return one_return(&q, ret_row);
}

int store_return_for(struct store *s, int64_t job_id, struct return_row *ret_row)
{
    struct query q =
        query_begin(s, "SELECT " RETURN " FROM returns WHERE job_id = ? AND state IN ('clearing', "
                       "'placed') ORDER BY id DESC LIMIT 1");
    query_int(&q, job_id);
    return one_return(&q, ret_row);
}

static int all_returns(struct query *q, struct return_row **ret_rows, size_t *ret_n)
{
    int rc;
    struct return_row *rows = NULL;
    size_t n = 0;
    while ((rc = query_next(q)) == 1) {
        rows = mem_grow(rows, n + 1, sizeof *rows);
        read_return(q, &rows[n++]);
    }
    LIST_END(rc, rows, n, return_row_finish, ret_rows, ret_n);
    return rc;
}

int store_returns_in(struct store *s, const char *state, struct return_row **ret_rows,
                     size_t *ret_n)
{
    struct query q = query_begin(s, "SELECT " RETURN " FROM returns WHERE state = ? ORDER BY id");
    query_text(&q, state);
    return all_returns(&q, ret_rows, ret_n);
}

int store_returns(struct store *s, int limit, struct return_row **ret_rows, size_t *ret_n)
{
    struct query q = query_begin(s, "SELECT " RETURN " FROM returns ORDER BY id DESC LIMIT ?");
    query_int(&q, limit ? limit : -1);
    return all_returns(&q, ret_rows, ret_n);
}

int store_jobs_by_hand(struct store *s, int64_t drop_id, int64_t **ret_job_ids, size_t *ret_n)
{
    struct query q = query_begin(
        s, "SELECT r.job_id FROM returns r JOIN assets a ON a.id = r.asset_id "
           "WHERE r.drop_id = ?1 AND a.current = 1 AND r.state IN ('clearing', 'placed') "
           "UNION SELECT l.job_id FROM jobs j JOIN links l ON l.job_id = j.id "
           "JOIN assets a ON a.id = l.asset_id JOIN returns r ON r.job_id = a.job_id "
           "AND r.asset_id = a.id WHERE j.drop_id = ?1 AND a.current = 1 "
           "AND r.state IN ('clearing', 'placed')");
    int64_t *ids = NULL;
    size_t n = 0;
    int rc;
    query_int(&q, drop_id);
    while ((rc = query_next(&q)) == 1) {
        ids = mem_grow(ids, n + 1, sizeof *ids);
        ids[n++] = column_int(&q);
    }
    if (rc) {
        free(ids);
        return rc;
    }
    *ret_job_ids = ids;
    *ret_n = n;
    return 0;
}

/* --- fixes --- */

#define FIX                                                                                        \
    "id, return_id, drop_id, unit, at_s, tag, fix, model, enriched, auto_tagged, note, "           \
    "shot_type, "                                                                                  \
    "prompt_words, minutes"

static void read_fix(struct query *q, struct fix_row *r)
{
    *r = (struct fix_row){.id = column_int(q)};
    r->return_id = column_int(q);
    r->drop_id = column_int(q);
    r->unit = column_text(q);
    r->at_s = column_int(q);
    r->tag = column_text(q);
    r->fix = column_text(q);
    r->model = column_text(q);
    r->enriched = column_int(q) != 0;
    r->auto_tagged = column_int(q) != 0;
    r->note = column_text(q);
    r->shot_type = column_text(q);
    r->prompt_words = (int)column_int(q);
    r->minutes = (int)column_int(q);
}

void fix_row_finish(struct fix_row *r)
{
    free(r->unit);
    free(r->tag);
    free(r->fix);
    free(r->model);
    free(r->note);
    free(r->shot_type);
    memset(r, 0, sizeof(*r));
}

int store_add_fix(struct store *s, struct fix_row *row, struct err *e)
{
    struct query q = query_begin_write(
        s, "INSERT INTO fixes (return_id, drop_id, unit, at_s, tag, fix, model, enriched, "
           "auto_tagged, note, shot_type, prompt_words, minutes) "
           "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
    query_int(&q, row->return_id);
    query_int(&q, row->drop_id);
    query_text(&q, row->unit);
    query_int(&q, row->at_s);
    query_text(&q, row->tag);
    query_text(&q, row->fix);
    query_text(&q, row->model);
    query_int(&q, row->enriched);
    query_int(&q, row->auto_tagged);
    query_text(&q, row->note);
    query_text(&q, row->shot_type);
    query_int(&q, row->prompt_words);
    query_int(&q, row->minutes);
    int rc = query_run(&q, e, "the fix");
    if (!rc)
        row->id = sqlite3_last_insert_rowid(s->db);
    return rc;
}

int store_set_fix_tag(struct store *s, int64_t id, const char *tag, bool auto_tagged, struct err *e)
{
    struct query q = query_begin_write(s, "UPDATE fixes SET tag = ?, auto_tagged = ? WHERE id = ?");
    query_text(&q, tag);
    query_int(&q, auto_tagged);
    query_int(&q, id);
    return query_run(&q, e, "the fix");
}

int store_fixes(struct store *s, int64_t drop_id_or_0, const char *unit, struct fix_row **ret_rows,
                size_t *ret_n)
{
    struct query q = query_begin(s, "SELECT " FIX " FROM fixes WHERE (?1 = 0 OR drop_id = ?1) "
                                    "AND (?2 IS NULL OR unit = ?2) ORDER BY id");
    int rc;
    struct fix_row *rows = NULL;
    size_t n = 0;
    query_int(&q, drop_id_or_0);
    query_text(&q, unit);
    while ((rc = query_next(&q)) == 1) {
        rows = mem_grow(rows, n + 1, sizeof *rows);
        read_fix(&q, &rows[n++]);
    }
    LIST_END(rc, rows, n, fix_row_finish, ret_rows, ret_n);
    return rc;
}

/* --- verdicts --- */

static void read_verdict(struct query *q, struct verdict_row *r)
{
    *r = (struct verdict_row){.drop_id = column_int(q)};
    r->unit = column_text(q);
    r->verdict = column_text(q);
    r->by = column_text(q);
    r->shown = column_text(q);
    r->at_s = column_int(q);
}

void verdict_row_finish(struct verdict_row *r)
{
    free(r->unit);
    free(r->verdict);
    free(r->by);
    free(r->shown);
    memset(r, 0, sizeof(*r));
}

int store_set_verdict(struct store *s, const struct verdict_row *row, struct err *e)
{
    struct query q = query_begin_write(
        s,
        "INSERT INTO verdicts (drop_id, unit, verdict, by, shown, at_s) VALUES (?, ?, ?, ?, ?, ?) "
        "ON CONFLICT (drop_id, unit) DO UPDATE SET verdict = excluded.verdict, "
        "by = excluded.by, shown = excluded.shown, at_s = excluded.at_s");
    query_int(&q, row->drop_id);
    query_text(&q, row->unit);
    query_text(&q, row->verdict);
    query_text(&q, row->by);
    query_text(&q, row->shown);
    query_int(&q, row->at_s);
    return query_run(&q, e, "the verdict");
}

int store_verdict(struct store *s, int64_t drop_id, const char *unit, struct verdict_row *ret_row)
{
    struct query q = query_begin(s, "SELECT drop_id, unit, verdict, by, shown, at_s FROM verdicts "
                                    "WHERE drop_id = ? AND unit = ?");
    query_int(&q, drop_id);
    query_text(&q, unit);
    int rc = query_first(&q);
    if (rc)
        return rc;
    read_verdict(&q, ret_row);
    query_end(&q);
    return 0;
}
