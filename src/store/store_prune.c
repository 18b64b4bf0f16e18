/* Instants come in; rows of the history that are older go, a bounded number a call. What is made,
 * owed or asked is no history: drops, jobs, files, money and cards are never touched. */
/* SPDX-License-Identifier: ISC */
#include "store/news.h"
#include "store/store_priv.h"

#define PRUNE_MOST 10000 /* rows of a table a call: a step of some milliseconds */

static int prune(struct store *s, const char *sql, int64_t before_s, int *ret_n, struct err *e)
{
    struct query q = query_begin_write(s, sql);
    query_int(&q, before_s);
    query_int(&q, PRUNE_MOST);
    int rc = query_run(&q, e, "the history");
    if (!rc)
        *ret_n += sqlite3_changes(s->db);
    return rc;
}

/* Ids grow with time: the look ends at the first that stays. */
int store_prune_events(struct store *s, int64_t before_s, int *ret_n, struct err *e)
{
    *ret_n = 0;
    return prune(s,
                 "DELETE FROM events WHERE id IN (SELECT id FROM events WHERE id < ifnull((SELECT "
                 "id FROM events WHERE at_s >= ?1 ORDER BY id LIMIT 1), (SELECT max(id) + 1 FROM "
                 "events)) ORDER BY id LIMIT ?2)",
                 before_s, ret_n, e);
}

int store_prune_news(struct store *s, int64_t before_s, int *ret_n, struct err *e)
{
    *ret_n = 0;
    int rc =
        prune(s,
              "DELETE FROM news WHERE id IN (SELECT id FROM news WHERE state IN ('sent', "
              "'dropped') AND at_s < ?1 AND NOT (state = 'sent' AND id IN (SELECT max(id) FROM "
              "news WHERE state = 'sent' GROUP BY notifier)) ORDER BY id LIMIT ?2)",
              before_s, ret_n, e);
    if (rc)
        return rc;
    return prune(s,
                 "DELETE FROM told WHERE name IN (SELECT name FROM told WHERE at_s < ?1 AND "
                 "(((name GLOB 'drop/*' OR name GLOB 'progress/*') AND CAST(substr(name, "
                 "instr(name, '/') + 1) AS INTEGER) NOT IN (SELECT id FROM drops WHERE state IN "
                 "('taking', 'running'))) OR (name GLOB 'card/*' AND name NOT IN (SELECT 'card/' "
                 "|| kind || '/' || subject FROM cards WHERE state = 'asked'))) LIMIT ?2)",
                 before_s, ret_n, e);
}
