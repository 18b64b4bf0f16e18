/* Delivered files: each row a version of its slot, at most one of them current. */
/* SPDX-License-Identifier: ISC */
#include <stdlib.h>

#include "base/mem.h"
#include "store/store_priv.h"

/* job_id comes apart, so that a linked row can be told under the job that was asked about. */
#define ASSET_COLUMNS                                                                              \
    "a.drop_id, a.role, a.slot, a.path, a.sha256, a.media, a.bytes, a.width, a.height, "           \
    "a.version, "                                                                                  \
    "a.current, a.hash, a.at_s"

static void read_asset(struct query *q, struct asset_row *r)
{
    *r = (struct asset_row){.id = column_int(q)};
    r->job_id = column_int(q);
    r->drop_id = column_int(q);
    r->role = column_text(q);
    r->slot = column_text(q);
    r->path = column_text(q);
    column_digest(q, r->sha256);
    r->media = column_text(q);
    r->bytes = column_int(q);
    r->width = (int)column_int(q);
    r->height = (int)column_int(q);
    r->version = (int)column_int(q);
    r->current = column_int(q) != 0;
    column_digest(q, r->hash);
    r->at_s = column_int(q);
}

static int one_asset(struct query *q, struct asset_row *ret_row)
{
    int rc = query_first(q);
    if (rc)
        return rc;
    read_asset(q, ret_row);
    query_end(q);
    return 0;
}

static int all_assets(struct query *q, struct asset_row **ret_rows, size_t *ret_n)
{
    struct asset_row *rows = NULL;
    size_t n = 0, room = 0;
    int rc;
    while ((rc = query_next(q)) == 1) {
        if (n == room)
            rows = mem_grow(rows, room = room ? room * 2 : 16, sizeof *rows);
        read_asset(q, &rows[n++]);
    }
    LIST_END(rc, rows, n, asset_row_finish, ret_rows, ret_n);
    return rc;
}

/* --- writing --- */

/* Takes `current` from the row of that slot that has it. */
static int clear_current(struct store *s, const char *slot, struct err *e)
{
    struct query q =
        query_begin_write(s, "UPDATE assets SET current = 0 WHERE slot = ? AND current = 1");
    query_text(&q, slot);
    return query_run(&q, e, "the file's row");
}

static int next_version(struct store *s, const char *slot, int *ret_version)
{
    struct query q =
        query_begin(s, "SELECT ifnull(max(version), 0) + 1 FROM assets WHERE slot = ?");
    query_text(&q, slot);
    int rc = query_next(&q);
    if (rc != 1)
        return rc ? rc : ERR_STORE;
    *ret_version = (int)column_int(&q);
    query_end(&q);
    return 0;
}

static int insert_asset(struct store *s, struct asset_row *row, struct err *e)
{
    struct query q = query_begin_write(
        s, "INSERT INTO assets (job_id, drop_id, role, slot, path, sha256, media, bytes, width, "
           "height, version, current, hash, at_s) "
           "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
    query_int(&q, row->job_id);
    query_int(&q, row->drop_id);
    query_text(&q, row->role);
    query_text(&q, row->slot);
    query_text(&q, row->path);
    query_text(&q, row->sha256);
    query_text(&q, row->media);
    query_int(&q, row->bytes);
    query_int(&q, row->width);
    query_int(&q, row->height);
    query_int(&q, row->version);
    query_int(&q, row->current);
    query_text(&q, row->hash);
    query_int(&q, row->at_s);
    int rc = query_run(&q, e, "the file's row");
    if (!rc)
        row->id = sqlite3_last_insert_rowid(s->db);
    return rc;
}

int store_add_asset(struct store *s, struct asset_row *row, struct err *e)
{
    if (next_version(s, row->slot, &row->version))
        return store_fail(s, e, "read", "the file's versions");
    int rc = row->current ? clear_current(s, row->slot, e) : 0;
    return rc ? rc : insert_asset(s, row, e);
}

int store_set_asset_current(struct store *s, int64_t asset_id, struct err *e)
{
    struct query q =
        query_begin_write(s, "UPDATE assets SET current = 0 WHERE current = 1 "
                             "AND slot = (SELECT slot FROM assets WHERE id = ?1) AND id <> ?1");
    query_int(&q, asset_id);
    int rc = query_run(&q, e, "the file's row");
    if (rc)
        return rc;
    q = query_begin_write(s, "UPDATE assets SET current = 1 WHERE id = ?");
    query_int(&q, asset_id);
    rc = query_run(&q, e, "the file's row");
    if (!rc && sqlite3_changes(s->db) == 0)
        rc = err_set(e, ERR_MISSING, "there is no file %lld to accept", (long long)asset_id);
    return rc;
}

int store_set_asset_path(struct store *s, int64_t asset_id, const char *path, struct err *e)
{
    struct query q = query_begin_write(s, "UPDATE assets SET path = ? WHERE id = ?");
    query_text(&q, path);
    query_int(&q, asset_id);
    int rc = query_run(&q, e, "the file's row");
    if (!rc && sqlite3_changes(s->db) == 0)
        rc = err_set(e, ERR_MISSING, "there is no file %lld to move", (long long)asset_id);
    return rc;
}

/* What was placed once is older than the current one of its slot, or lies among the versions. */
#define UNPLACED                                                                                   \
    "job_id = ? AND current = 0 AND instr(path, '.versions/') = 0 AND id > ifnull("                \
    "(SELECT c.id FROM assets c WHERE c.slot = assets.slot AND c.current = 1), 0)"

int store_forget_unplaced(struct store *s, int64_t job_id, struct err *e)
{
    struct query q = query_begin_write(s, "DELETE FROM assets WHERE " UNPLACED);
    query_int(&q, job_id);
    return query_run(&q, e, "the file's row");
}

int store_assets_unplaced(struct store *s, int64_t job_id, struct asset_row **ret_rows,
                          size_t *ret_n)
{
    struct query q = query_begin(
        s, "SELECT a.id, a.job_id, " ASSET_COLUMNS
           " FROM assets a WHERE a.id IN (SELECT id FROM assets WHERE " UNPLACED ") ORDER BY a.id");
    query_int(&q, job_id);
    return all_assets(&q, ret_rows, ret_n);
}

int store_link_asset(struct store *s, int64_t job_id, int64_t asset_id, struct err *e)
{
    struct query q = query_begin_write(
        s, "INSERT INTO links (job_id, asset_id) VALUES (?, ?) ON CONFLICT DO NOTHING");
    query_int(&q, job_id);
    query_int(&q, asset_id);
    return query_run(&q, e, "the link to a file");
}

/* --- reading --- */

int store_forget_asset(struct store *s, int64_t asset_id, struct err *e)
{
    struct query q = query_begin_write(s, "DELETE FROM assets WHERE id = ? AND current = 0");
    query_int(&q, asset_id);
    return query_run(&q, e, "the version");
}

int store_assets_of_drop(struct store *s, int64_t drop_id, struct asset_row **ret_rows,
                         size_t *ret_n)
{
    struct query q = query_begin(
        s, "SELECT id, job, " ASSET_COLUMNS
           " FROM (SELECT a.*, a.job_id AS job, j.seq AS seq FROM jobs j JOIN assets a "
           "ON a.job_id = j.id WHERE j.drop_id = ?1 "
           "UNION ALL SELECT a.*, j.id, j.seq FROM jobs j JOIN links l ON l.job_id = j.id "
           "JOIN assets a ON a.id = l.asset_id WHERE j.drop_id = ?1) a ORDER BY seq, id");
    query_int(&q, drop_id);
    return all_assets(&q, ret_rows, ret_n);
}

int store_assets_of_job(struct store *s, int64_t job_id, struct asset_row **ret_rows, size_t *ret_n)
{
    struct query q = query_begin(
        s, "SELECT a.id, a.job_id, " ASSET_COLUMNS " FROM assets a WHERE a.job_id = ?1 "
           "UNION ALL SELECT a.id, l.job_id, " ASSET_COLUMNS
           " FROM links l JOIN assets a ON a.id = l.asset_id WHERE l.job_id = ?1 ORDER BY 1");
    query_int(&q, job_id);
    return all_assets(&q, ret_rows, ret_n);
}

int store_asset_made(struct store *s, int64_t drop_id, const char *job_key, const char *role,
                     struct asset_row *ret_row)
{
    struct query q = query_begin(
        s, "SELECT a.id, j.id, " ASSET_COLUMNS " FROM jobs j JOIN assets a ON a.job_id = j.id "
           "WHERE j.drop_id = ?1 AND j.key = ?2 AND j.state IN ('done', 'kept') AND a.role = ?3 "
           "UNION ALL SELECT a.id, j.id, " ASSET_COLUMNS
           " FROM jobs j JOIN links l ON l.job_id = j.id JOIN assets a ON a.id = l.asset_id "
           "WHERE j.drop_id = ?1 AND j.key = ?2 AND j.state IN ('done', 'kept') AND a.role = ?3 "
           "ORDER BY 13 DESC, 1 DESC LIMIT 1");
    query_int(&q, drop_id);
    query_text(&q, job_key);
    query_text(&q, role);
    return one_asset(&q, ret_row);
}

int store_asset_current(struct store *s, const char *slot, struct asset_row *ret_row)
{
    struct query q = query_begin(s, "SELECT a.id, a.job_id, " ASSET_COLUMNS
                                    " FROM assets a WHERE a.slot = ? AND a.current = 1");
    query_text(&q, slot);
    return one_asset(&q, ret_row);
}

int store_asset_at(struct store *s, const char *path, struct asset_row *ret_row)
{
    struct query q = query_begin(s, "SELECT a.id, a.job_id, " ASSET_COLUMNS
                                    " FROM assets a WHERE a.path = ? AND a.current = 1 "
                                    "ORDER BY a.id DESC LIMIT 1");
    query_text(&q, path);
    return one_asset(&q, ret_row);
}
