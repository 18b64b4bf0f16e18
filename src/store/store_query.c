/* Asking SQLite: texts and values go in, rows and errors come out. Statements are prepared once and
 * kept. */
/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "store/store_priv.h"

static sqlite3_stmt *statement_of(struct store *s, const char *sql)
{
    struct statement **bucket = &s->statements[((uintptr_t)sql >> 3) % STATEMENT_BUCKETS];
    for (const struct statement *kept = *bucket; kept; kept = kept->next)
        if (kept->sql == sql)
            return kept->stmt;
    sqlite3_stmt *stmt = NULL;
    if (sqlite3_prepare_v3(s->db, sql, -1, SQLITE_PREPARE_PERSISTENT, &stmt, NULL) != SQLITE_OK)
        return NULL;
    struct statement *fresh = mem_alloc(sizeof *fresh);
    *fresh = (struct statement){sql, stmt, *bucket};
    *bucket = fresh;
    return stmt;
}

void statements_finish(struct store *s)
{
    for (size_t i = 0; i < STATEMENT_BUCKETS; i++)
        for (struct statement *kept; (kept = s->statements[i]);) {
            s->statements[i] = kept->next;
            (void)sqlite3_finalize(kept->stmt); /* repeats an error already said */
            free(kept);
        }
}

struct query query_begin(struct store *s, const char *sql)
{
    return (struct query){.s = s, .stmt = statement_of(s, sql)};
}

struct query query_begin_write(struct store *s, const char *sql)
{
    if (!s->in_step)
        bug("the store is written outside a step: %s", sql);
    return query_begin(s, sql);
}

void query_int(struct query *q, int64_t value)
{
    (void)sqlite3_bind_int64(q->stmt, ++q->bound, value); /* a failure shows when it is run */
}

void query_num(struct query *q, double value)
{
    (void)sqlite3_bind_double(q->stmt, ++q->bound, value);
}

void query_text(struct query *q, const char *text)
{
    (void)sqlite3_bind_text(q->stmt, ++q->bound, text, -1, SQLITE_STATIC);
}

int query_next(struct query *q)
{
    if (!q->stmt)
        return ERR_STORE;
    q->read = 0;
    int rc = sqlite3_step(q->stmt);
    if (rc == SQLITE_ROW)
        return 1;
    query_end(q);
    return rc == SQLITE_DONE ? 0 : rc == SQLITE_BUSY ? ERR_BUSY : ERR_STORE;
}

int query_first(struct query *q)
{
    int rc = query_next(q);
    return rc == 1 ? 0 : rc ? rc : ERR_MISSING;
}

void query_end(struct query *q)
{
    (void)sqlite3_reset(q->stmt); /* repeats the error of the step */
    (void)sqlite3_clear_bindings(q->stmt);
}

int query_run(struct query *q, struct err *e, const char *what)
{
    int rc = q->stmt ? sqlite3_step(q->stmt) : SQLITE_ERROR;
    int ret = rc == SQLITE_DONE ? 0 : store_fail(q->s, e, "write", what);
    if (q->stmt)
        query_end(q);
    return ret;
}

int64_t column_int(struct query *q)
{
    return sqlite3_column_int64(q->stmt, q->read++);
}

double column_num(struct query *q)
{
    return sqlite3_column_double(q->stmt, q->read++);
}

char *column_text(struct query *q)
{
    int i = q->read++;
    const char *text = (const char *)sqlite3_column_text(q->stmt, i);
    return text ? mem_dup_n(text, (size_t)sqlite3_column_bytes(q->stmt, i)) : NULL;
}

size_t column_word(struct query *q, const char *const words[], size_t n)
{
    const char *text = (const char *)sqlite3_column_text(q->stmt, q->read++);
    for (size_t i = 0; text && i < n; i++)
        if (strcmp(words[i], text) == 0)
            return i;
    bug("the store holds the word %s where %s and the like stand", text ? text : "(none)",
        words[0]);
}

void column_digest(struct query *q, char ret_hex[DIGEST_LEN])
{
    const char *text = (const char *)sqlite3_column_text(q->stmt, q->read++);
    size_t len = text ? strnlen(text, DIGEST_LEN - 1) : 0;
    if (len)
        memcpy(ret_hex, text, len);
    ret_hex[len] = '\0';
}

int store_fail(struct store *s, struct err *e, const char *verb, const char *what)
{
    int code = sqlite3_errcode(s->db);
    const char *why = sqlite3_errmsg(s->db);
    switch (code) {
    case SQLITE_FULL:
        return err_set(e, ERR_SPACE, "cannot %s %s in %s: no room left on the disk", verb, what,
                       s->path);
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return err_set(e, ERR_BUSY, "cannot %s %s in %s: another process holds it", verb, what,
                       s->path);
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        return err_set(
            e, ERR_STORE,
            "cannot %s %s: the store %s is damaged (%s). Stop slated, move this file and "
            "its -wal and -shm away, and put a copy from a backup in their place; without "
            "one slated begins a new store, and taken/ and out/ stay as they are",
            verb, what, s->path, why);
    default:
        return err_set(e, ERR_STORE, "cannot %s %s in %s: %s", verb, what, s->path, why);
    }
}
