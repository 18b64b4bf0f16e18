/* The store comes in, read only and whether or not a daemon writes it; a copy that is whole and was
 * checked goes out. Never changes the store it copies. */
/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/path.h"
#include "store/money.h"
#include "store/store_priv.h"

/* All pages of one instant: readers and the writer of the store go on meanwhile. The copy needs no
 * files beside it. */
static int copy_pages(struct store *s, struct store *copy, struct err *e)
{
    sqlite3_backup *b = sqlite3_backup_init(copy->db, "main", s->db, "main");
    if (!b)
        return store_fail(copy, e, "begin", "the copy");
    (void)sqlite3_backup_step(b, -1); /* its error is told by the end */
    if (sqlite3_backup_finish(b) != SQLITE_OK)
        return store_fail(copy, e, "write", "the copy");
    if (sqlite3_exec(copy->db, "PRAGMA journal_mode = DELETE", NULL, NULL, NULL) != SQLITE_OK)
        return store_fail(copy, e, "finish", "the copy");
    return 0;
}

/* The one word of a check that finds nothing, or its first finding. */
static int check_says(struct store *copy, const char *sql, const char *sound, struct err *e)
{
    struct query q = query_begin(copy, sql);
    int rc = query_next(&q);
    if (rc < 0)
        return store_fail(copy, e, "check", "the copy");
    char *said = rc == 1 ? column_text(&q) : NULL;
    if (rc == 1)
        query_end(&q);
    bool good = sound ? said && strcmp(said, sound) == 0 : rc == 0;
    rc = good ? 0
              : err_set(e, ERR_STORE,
                        "the copy %s is not sound (%s); the store itself may be damaged",
                        copy->path, said ? said : "no answer");
    free(said);
    return rc;
}

static int check_copy(struct store *copy, int64_t *ret_ledger_n, struct err *e)
{
    int rc = check_says(copy, "PRAGMA integrity_check(1)", "ok", e);
    if (!rc)
        rc = check_says(copy, "PRAGMA foreign_key_check", NULL, e);
    return rc ? rc : store_check_ledger(copy, ret_ledger_n, e);
}

static int make_copy(struct store *s, const char *beside, int64_t *ret_ledger_n, struct err *e)
{
    struct store *copy = mem_alloc(sizeof *copy);
    copy->path = mem_dup(beside);
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
    int rc = sqlite3_open_v2(beside, &copy->db, flags, NULL) == SQLITE_OK
                 ? copy_pages(s, copy, e)
                 : store_fail(copy, e, "make", "the copy");
    if (!rc)
        rc = check_copy(copy, ret_ledger_n, e);
    store_close(copy);
    return rc;
}

int store_backup(struct store *s, const char *path, int64_t *ret_ledger_n, struct err *e)
{
    char *dir = path_dir(path), *beside = mem_printf("%s/.%s.slated-tmp", dir, path_base(path));
    int rc = file_exists(path)
                 ? err_set(e, ERR_STATE, "%s is there already; a copy is never overwritten", path)
                 : file_make_dirs(dir, e);
    if (!rc) {
        unlink(beside); /* what an interrupted copy left */
        rc = make_copy(s, beside, ret_ledger_n, e);
        if (!rc)
            rc = file_move(beside, path, e);
        if (rc)
            unlink(beside);
    }
    free(dir);
    free(beside);
    return rc;
}
