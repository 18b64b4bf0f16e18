/* The ledger summed up for people, by drop, project, shot, engine or day. Reads only. */
/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "store/store_money.h"

#define SUMS                                                                                       \
    "SUM(CASE what WHEN 'settle' THEN amount_u ELSE 0 END) settled, "                              \
    "SUM(CASE what WHEN 'settle' THEN 0 ELSE amount_u END), "                                      \
    "COUNT(DISTINCT NULLIF(attempt_id, 0)) FROM ledger l WHERE (?1 IS NULL OR day = ?1) "

void spend_row_finish(struct spend_row *r)
{
    free(r->name);
    free(r->project);
    memset(r, 0, sizeof(*r));
}

static const char *spend_sql(const char *by)
{
    static const char *const texts[][2] = {
        {"drop", "SELECT COALESCE((SELECT name FROM drops d WHERE d.id = l.drop_id), 'by hand') n, "
                 "NULL, " SUMS "GROUP BY drop_id ORDER BY settled DESC, n"},
        {"project", "SELECT project n, NULL, " SUMS "GROUP BY n ORDER BY settled DESC, n"},
        {"shot",
         "SELECT unit n, project, " SUMS "GROUP BY project, n ORDER BY settled DESC, project, n"},
        {"engine", "SELECT engine n, NULL, " SUMS "GROUP BY n ORDER BY settled DESC, n"},
        {"day", "SELECT day n, NULL, " SUMS "GROUP BY n ORDER BY n DESC"},
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (str_eq(texts[i][0], by))
            return texts[i][1];
    return NULL;
}

int store_spend(struct store *s, const char *by, const char *day, struct spend_row **ret_rows,
                size_t *ret_n)
{
    const char *sql = spend_sql(by);
    struct spend_row *rows = NULL;
    size_t n = 0;
    int rc;
    if (!sql)
        return ERR_INPUT;
    struct query q = query_begin(s, sql);
    query_text(&q, day);
    while ((rc = query_next(&q)) == 1) {
        rows = mem_grow(rows, n + 1, sizeof *rows);
        rows[n] = (struct spend_row){.name = column_text(&q)};
        rows[n].project = column_text(&q);
        rows[n].settled_u = column_int(&q);
        rows[n].reserved_u = column_int(&q);
        rows[n++].attempts_n = (int)column_int(&q);
    }
    LIST_END(rc, rows, n, spend_row_finish, ret_rows, ret_n);
    return rc;
}
