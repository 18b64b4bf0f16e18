/* Opens and closes the store, and makes each step durable: what was written between begin and
 * commit is on the disk when commit answers 0, or it never was. Also the small facts. */
/* SPDX-License-Identifier: ISC */
#include "store/store.h"

#include <stdlib.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/path.h"
#include "store/store_priv.h"

#define BUSY_WAIT_MS 5000 /* a reader's or another writer's step is over long before */

/* WAL: readers never wait for the writer. FULL: a commit is on the disk when it returns. A small
 * cache, since the daemon mostly sleeps; the system's page cache keeps the file warm. */
static const char writer_settings[] = "PRAGMA journal_mode = WAL;"
                                      "PRAGMA synchronous = FULL;"
                                      "PRAGMA foreign_keys = ON;"
                                      "PRAGMA cache_size = -2048;"
                                      "PRAGMA temp_store = MEMORY;"
                                      "PRAGMA journal_size_limit = 4194304;";
static const char reader_settings[] = "PRAGMA query_only = ON; PRAGMA cache_size = -512;"
                                      "PRAGMA temp_store = MEMORY;";

/* Opens the connection of s; s->path and s->read_only are set. */
static int connect_to(struct store *s, struct err *e)
{
    int flags = s->read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
    if (sqlite3_open_v2(s->path, &s->db, flags | SQLITE_OPEN_NOMUTEX, NULL) != SQLITE_OK)
        return store_fail(s, e, "open", "the store");
    (void)sqlite3_extended_result_codes(s->db, 0);
    (void)sqlite3_busy_timeout(s->db, BUSY_WAIT_MS);
    const char *settings = s->read_only ? reader_settings : writer_settings;
    if (sqlite3_exec(s->db, settings, NULL, NULL, NULL) != SQLITE_OK)
        return store_fail(s, e, "open", "the store");
    int rc = store_gate_functions(s, e);
    return rc ? rc : store_migrate(s, e);
}

int store_open(const char *dir, bool read_only, struct store **ret_store, struct err *e)
{
    struct store *s = mem_alloc(sizeof *s);
    s->path = path_join(dir, "slated.db");
    s->read_only = read_only;
    int rc;
    if (read_only && !file_exists(s->path))
        rc = err_set(e, ERR_MISSING, "there is no store at %s yet", s->path);
    else
        rc = connect_to(s, e);
    if (rc)
        store_close(s);
    else
        *ret_store = s;
    return rc;
}

void store_close(struct store *s)
{
    if (!s)
        return;
    if (s->in_step)
        store_rollback(s);
    (void)store_flush(s, NULL); /* nothing has left that counts on what is lost here */
    statements_finish(s);
    sums_finish(s);
    lanes_finish(s);
    if (sqlite3_close(s->db) != SQLITE_OK)
        bug("the store is closed while a statement is in use");
    free(s->path);
    free(s);
}

/* A text without values or rows. */
static int run(struct store *s, const char *sql, struct err *e)
{
    struct query q = query_begin(s, sql);
    return query_run(&q, e, "a step");
}

/* Steps that wait for their commit and went down with it: whoever counts on them must be told. */
static void lose_later(struct store *s)
{
    s->newest_known = false;
    s->lost = s->lost || s->later_n > 0;
    s->later_n = 0;
    s->lanes.known = false;
    sums_drop(s, true);
}

int store_begin(struct store *s, struct err *e)
{
    if (s->in_step)
        bug("a step of the store is begun inside another");
    if (s->later_n && sqlite3_get_autocommit(s->db))
        lose_later(s);
    if (!s->later_n)
        s->newest_known = false; /* another process may have written between the two */
    int rc = run(s, s->later_n ? "SAVEPOINT step" : "BEGIN IMMEDIATE", e);
    s->in_step = !rc;
    lanes_begin(s);
    return rc;
}

/* Ends the transaction, with all that waited for it. */
static int commit_all(struct store *s, struct err *e)
{
    int rc = sums_write(s, e);
    if (!rc && s->barrier)
        rc = s->barrier(s->barrier_ctx, e);
    if (!rc)
        rc = run(s, "COMMIT", e);
    if (rc && !sqlite3_get_autocommit(s->db))
        (void)run(s, "ROLLBACK", NULL);
    if (rc)
        lose_later(s);
    s->later_n = 0;
    s->in_step = false;
    return rc;
}

int store_commit(struct store *s, struct err *e)
{
    if (!s->in_step)
        bug("a step of the store is committed that was not begun");
    int rc = commit_all(s, e);
    if (rc)
        lanes_rollback(s);
    return rc;
}

int store_commit_later(struct store *s, struct err *e)
{
    if (!s->in_step)
        bug("a step of the store is committed that was not begun");
    int rc = s->later_n ? run(s, "RELEASE step", e) : 0;
    if (rc) {
        store_rollback(s);
        return rc;
    }
    sums_keep(s);
    s->later_n++;
    s->in_step = false;
    return 0;
}

int store_flush(struct store *s, struct err *e)
{
    if (s->in_step)
        bug("the store is flushed inside a step");
    int rc = s->later_n ? commit_all(s, e) : 0;
    if (!rc && s->lost)
        rc = err_set(e, ERR_STORE, "steps that waited for their commit were lost with a later one");
    s->lost = false;
    return rc;
}

void store_set_barrier(struct store *s, store_barrier *barrier, void *ctx)
{
    s->barrier = barrier;
    s->barrier_ctx = ctx;
}

void store_rollback(struct store *s)
{
    /* After some errors SQLite has rolled back by itself, and a second time would be an error. */
    bool open = !sqlite3_get_autocommit(s->db);
    bool undone = open && s->in_step && s->later_n && !run(s, "ROLLBACK TO step", NULL) &&
                  !run(s, "RELEASE step", NULL);
    if (open && !undone && (s->in_step || !s->later_n))
        (void)run(s, "ROLLBACK", NULL);
    if (s->in_step)
        sums_drop(s, false);
    if (s->later_n && sqlite3_get_autocommit(s->db))
        lose_later(s);
    s->in_step = s->newest_known = false;
    lanes_rollback(s);
}

void store_rest(struct store *s)
{
    (void)sqlite3_db_release_memory(s->db); /* always fine */
}

int store_set_fact(struct store *s, const char *name, const char *value, struct err *e)
{
    struct query q =
        value ? query_begin_write(s, "INSERT INTO facts (name, value) VALUES (?, ?) "
                                     "ON CONFLICT (name) DO UPDATE SET value = excluded.value")
              : query_begin_write(s, "DELETE FROM facts WHERE name = ?");
    query_text(&q, name);
    if (value)
        query_text(&q, value);
    return query_run(&q, e, name);
}

char *store_fact(struct store *s, const char *name)
{
    struct query q = query_begin(s, "SELECT value FROM facts WHERE name = ?");
    query_text(&q, name);
    if (query_next(&q) != 1)
        return NULL;
    char *value = column_text(&q);
    query_end(&q);
    return value;
}
