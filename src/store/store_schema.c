/* Makes the tables of a new store and brings those of an older version up to date. Each version is
 * one script, run once, in one transaction with its number. */
/* SPDX-License-Identifier: ISC */
#include <stdio.h>

#include "store/store_priv.h"

#define APPLICATION_ID 0x534c5444 /* "SLTD", told by file(1) */

/* scripts[i] leads from version i to i + 1. */
static const char *const scripts[] = {
#include "store/schema.inc"
    ,
#include "store/schema_2.inc"
};
#define NEWEST ((int)(sizeof scripts / sizeof scripts[0]))

/* The number that a PRAGMA answers, or -1. */
static int64_t pragma(struct store *s, const char *sql)
{
    struct query q = query_begin(s, sql);
    int64_t value = -1;
    if (query_next(&q) == 1) {
        value = column_int(&q);
        query_end(&q);
    }
    return value;
}

static int run_script(struct store *s, int from, struct err *e)
{
    char end[96];
    snprintf(end, sizeof end, "PRAGMA application_id = %d; PRAGMA user_version = %d; COMMIT",
             APPLICATION_ID, from + 1);
    if (sqlite3_exec(s->db, "BEGIN EXCLUSIVE", NULL, NULL, NULL) == SQLITE_OK &&
        sqlite3_exec(s->db, scripts[from], NULL, NULL, NULL) == SQLITE_OK &&
        sqlite3_exec(s->db, end, NULL, NULL, NULL) == SQLITE_OK)
        return 0;
    int rc = store_fail(s, e, "make", "the tables");
    if (!sqlite3_get_autocommit(s->db))
        (void)sqlite3_exec(s->db, "ROLLBACK", NULL, NULL,
                           NULL); /* the first error is the one to say */
    return rc;
}

int store_migrate(struct store *s, struct err *e)
{
    int64_t version = pragma(s, "PRAGMA user_version");
    int64_t application = pragma(s, "PRAGMA application_id");
    if (version < 0 || application < 0)
        return store_fail(s, e, "read", "the version");
    if (version > 0 && application != APPLICATION_ID)
        return err_set(e, ERR_STORE, "%s belongs to another program; slated leaves it alone",
                       s->path);
    if (version > NEWEST)
        return err_set(e, ERR_STORE,
                       "%s has version %d, this slated knows up to %d: use the newer slated",
                       s->path, (int)version, NEWEST);
    if (s->read_only && version == 0)
        return err_set(e, ERR_MISSING, "%s holds nothing yet", s->path);
    if (s->read_only && version < NEWEST)
        return err_set(e, ERR_STORE, "%s has version %d; `slated run` brings it to %d", s->path,
                       (int)version, NEWEST);
    int rc = 0;
    for (int from = (int)version; from < NEWEST && !rc; from++)
        rc = run_script(s, from, e);
    return rc;
}
