/* Drops: written, changed, found by id, name or content. */
/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "store/store_priv.h"

#define DROP_COLUMNS                                                                               \
    "id, name, entry, kind, title, subject, tree, digest, rules_digest, meta, state, created_s, "  \
    "ended_s, priority, paused"

bool drop_state_open(enum drop_state state)
{
    return state == DROP_TAKING || state == DROP_RUNNING;
}

enum drop_state drop_state_of_word(const char *word)
{
#define X(state, text)                                                                             \
    if (strcmp(word, text) == 0)                                                                   \
        return state;
    DROP_STATE_LIST(X)
#undef X
    bug("the store holds a drop in the state %s", word);
}

static enum drop_state read_state(struct query *q)
{
    char *word = column_text(q);
    enum drop_state state = drop_state_of_word(word);
    free(word);
    return state;
}

static void read_drop(struct query *q, struct drop_row *ret_row)
{
    *ret_row = (struct drop_row){.id = column_int(q)};
    ret_row->name = column_text(q);
    ret_row->entry = column_text(q);
    ret_row->kind = column_text(q);
    ret_row->title = column_text(q);
    ret_row->subject = column_text(q);
    ret_row->tree = column_text(q);
    ret_row->digest = column_text(q);
    ret_row->rules_digest = column_text(q);
    ret_row->meta = column_text(q);
    ret_row->state = read_state(q);
    ret_row->created_s = column_int(q);
    ret_row->ended_s = column_int(q);
    ret_row->priority = (int)column_int(q);
    ret_row->paused = column_int(q) != 0;
}

/* The one row of q. */
static int one_drop(struct query *q, struct drop_row *ret_row)
{
    int rc = query_first(q);
    if (rc)
        return rc;
    read_drop(q, ret_row);
    query_end(q);
    return 0;
}

int store_insert_drop(struct store *s, struct drop_row *row, struct err *e)
{
    struct query q = query_begin_write(
        s,
        "INSERT INTO drops (name, entry, kind, title, subject, tree, digest, rules_digest, meta, "
        "state, created_s, ended_s, priority, paused) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
    query_text(&q, row->name);
    query_text(&q, row->entry);
    query_text(&q, row->kind);
    query_text(&q, row->title);
    query_text(&q, row->subject);
    query_text(&q, row->tree);
    query_text(&q, row->digest);
    query_text(&q, row->rules_digest);
    query_text(&q, row->meta);
    query_text(&q, drop_state_word(row->state));
    query_int(&q, row->created_s);
    query_int(&q, row->ended_s);
    query_int(&q, row->priority);
    query_int(&q, row->paused);
    int rc = query_run(&q, e, "the drop");
    if (!rc)
        row->id = sqlite3_last_insert_rowid(s->db);
    return rc;
}

int store_add_drop(struct store *s, struct drop_row *row, struct err *e)
{
    int rc = store_insert_drop(s, row, e);
    if (!rc)
        lanes_note_drop(s, row);
    return rc;
}

static int drop_state_now(struct store *s, int64_t id, enum drop_state *ret_state)
{
    struct query q = query_begin(s, "SELECT state FROM drops WHERE id = ?");
    query_int(&q, id);
    int rc = query_first(&q);
    if (rc)
        return rc;
    *ret_state = read_state(&q);
    query_end(&q);
    return 0;
}

int store_set_drop(struct store *s, const struct drop_row *row, struct err *e)
{
    enum drop_state before;
    int rc = drop_state_now(s, row->id, &before);
    if (rc)
        return err_set(e, rc, "there is no drop %lld to change", (long long)row->id);
    struct query q = query_begin_write(s, "UPDATE drops SET state = ?, meta = ?, ended_s = ?, "
                                          "priority = ?, paused = ? WHERE id = ?");
    query_text(&q, drop_state_word(row->state));
    query_text(&q, row->meta);
    query_int(&q, row->ended_s);
    query_int(&q, row->priority);
    query_int(&q, row->paused);
    query_int(&q, row->id);
    rc = query_run(&q, e, "the drop");
    bool was_open = drop_state_open(before), open = drop_state_open(row->state);
    if (!rc && was_open != open)
        rc = store_tally_drop(s, row->id, open ? 1 : -1, e);
    if (!rc)
        lanes_note_drop(s, row);
    return rc;
}

int store_drop(struct store *s, int64_t id, struct drop_row *ret_row)
{
    struct query q = query_begin(s, "SELECT " DROP_COLUMNS " FROM drops WHERE id = ?");
    query_int(&q, id);
    return one_drop(&q, ret_row);
}

int store_drop_exact(struct store *s, const char *name, struct drop_row *ret_row)
{
    struct query q = query_begin(s, "SELECT " DROP_COLUMNS " FROM drops WHERE name = ?");
    query_text(&q, name);
    return one_drop(&q, ret_row);
}

/* The newest whose name or entry begins so: two ranges of their indexes. */
static int drop_beginning(struct store *s, const char *begin, struct drop_row *ret_row)
{
    char *end = mem_printf("%s\xff\xff", begin); /* above every name that begins so */
    struct query q =
        query_begin(s, "SELECT " DROP_COLUMNS " FROM drops WHERE id = (SELECT max(id) FROM ("
                       "SELECT max(id) AS id FROM drops WHERE name >= ?1 AND name < ?2 "
                       "UNION ALL SELECT max(id) FROM drops WHERE entry >= ?1 AND entry < ?2))");
    query_text(&q, begin);
    query_text(&q, end);
    int rc = one_drop(&q, ret_row);
    free(end);
    return rc;
}

int store_drop_named(struct store *s, const char *name, struct drop_row *ret_row)
{
    struct query q = query_begin(s, "SELECT " DROP_COLUMNS " FROM drops WHERE name = ?");
    query_text(&q, name);
    int rc = one_drop(&q, ret_row);
    return rc == ERR_MISSING && *name ? drop_beginning(s, name, ret_row) : rc;
}

int store_drop_by_digest(struct store *s, const char *digest, struct drop_row *ret_row)
{
    struct query q = query_begin(s, "SELECT " DROP_COLUMNS " FROM drops WHERE digest = ? "
                                    "AND state <> 'cancelled' ORDER BY id DESC LIMIT 1");
    query_text(&q, digest);
    return one_drop(&q, ret_row);
}

static struct query drops_query(struct store *s, int state_or_minus_1)
{
    if (state_or_minus_1 < 0)
        return query_begin(s, "SELECT " DROP_COLUMNS " FROM drops ORDER BY id DESC LIMIT ?");
    enum drop_state state = (enum drop_state)state_or_minus_1;
    /* The second test is what the small index on open drops asks for. */
    struct query q =
        drop_state_open(state)
            ? query_begin(s, "SELECT " DROP_COLUMNS " FROM drops WHERE state = ? "
                             "AND state IN ('taking', 'running') ORDER BY id DESC LIMIT ?")
            : query_begin(s, "SELECT " DROP_COLUMNS
                             " FROM drops WHERE state = ? ORDER BY id DESC LIMIT ?");
    query_text(&q, drop_state_word(state));
    return q;
}

int store_drops(struct store *s, int state_or_minus_1, int limit, struct drop_row **ret_rows,
                size_t *ret_n)
{
    struct query q = drops_query(s, state_or_minus_1);
    query_int(&q, limit > 0 ? limit : -1);
    struct drop_row *rows = NULL;
    size_t n = 0, room = 0;
    int rc;
    while ((rc = query_next(&q)) == 1) {
        if (n == room)
            rows = mem_grow(rows, room = room ? room * 2 : 16, sizeof *rows);
        read_drop(&q, &rows[n++]);
    }
    LIST_END(rc, rows, n, drop_row_finish, ret_rows, ret_n);
    return rc;
}
