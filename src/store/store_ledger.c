/* Movements of money come in and are chained, never changed; the purses are summed in the same
 * step. Each row's digest covers its values and the digest before it, so that a row that was
 * altered or taken out shows.
 *
 * Example: a reservation of 40,000 is +40,000 "reserve"; its end is -40,000 "release" and, when
 * 38,000 were charged, +38,000 "settle". All three count for the day of the intent. */
/* SPDX-License-Identifier: ISC */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/str.h"
#include "store/store_money.h"

struct movement {
    int64_t attempt_id, drop_id, job_id, at_s, amount_u;
    char *project, *unit, *engine, *model, *day, *what, *why;
    char previous[DIGEST_LEN], digest[DIGEST_LEN];
};

static void movement_finish(struct movement *m)
{
    free(m->project);
    free(m->unit);
    free(m->engine);
    free(m->model);
    free(m->day);
    free(m->what);
    free(m->why);
}

static void add_number(struct digest *d, int64_t n)
{
    char text[24];
    str_format(text, sizeof text, "%" PRId64, n);
    digest_text(d, text);
}

static void movement_digest(const struct movement *m, char ret_hex[DIGEST_LEN])
{
    struct digest *d = digest_begin();
    add_number(d, m->attempt_id);
    add_number(d, m->drop_id);
    add_number(d, m->job_id);
    digest_text(d, m->project);
    digest_text(d, m->unit);
    digest_text(d, m->engine);
    digest_text(d, m->model);
    digest_text(d, m->day);
    add_number(d, m->at_s);
    digest_text(d, m->what);
    add_number(d, m->amount_u);
    digest_text(d, m->why);
    digest_text(d, m->previous);
    digest_end(d, ret_hex);
}

/* --- booking --- */

static int newest_digest(struct store *s, char ret_hex[DIGEST_LEN])
{
    int rc = 0;
    if (!s->newest_known) {
        struct query q = query_begin(s, "SELECT digest FROM ledger ORDER BY id DESC LIMIT 1");
        rc = query_next(&q);
        s->newest[0] = '\0';
        if (rc == 1) {
            column_digest(&q, s->newest);
            query_end(&q);
            rc = 0;
        }
        s->newest_known = rc == 0;
    }
    memcpy(ret_hex, s->newest, DIGEST_LEN);
    return rc;
}

/* Whose it is: the drop's subject and what a person calls the job. */
static int read_owner(struct store *s, struct movement *m)
{
    struct query q = query_begin(s, "SELECT COALESCE(d.subject, d.name), COALESCE(j.unit, j.key) "
                                    "FROM jobs j JOIN drops d ON d.id = j.drop_id WHERE j.id = ?");
    query_int(&q, m->job_id);
    int rc = query_first(&q);
    if (rc)
        return rc;
    m->project = column_text(&q);
    m->unit = column_text(&q);
    query_end(&q);
    return 0;
}

static int insert_movement(struct store *s, const struct movement *m, struct err *e)
{
    struct query q = query_begin_write(
        s, "INSERT INTO ledger (attempt_id, drop_id, job_id, project, unit, engine, model, day, "
           "at_s, what, amount_u, why, previous, digest) "
           "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
    query_int(&q, m->attempt_id);
    query_int(&q, m->drop_id);
    query_int(&q, m->job_id);
    query_text(&q, m->project);
    query_text(&q, m->unit);
    query_text(&q, m->engine);
    query_text(&q, m->model);
    query_text(&q, m->day);
    query_int(&q, m->at_s);
    query_text(&q, m->what);
    query_int(&q, m->amount_u);
    query_text(&q, m->why);
    query_text(&q, m->previous);
    query_text(&q, m->digest);
    return query_run(&q, e, "the ledger's row");
}

static void purses_add(struct store *s, const struct movement *m)
{
    char drop[24];
    bool settle = str_eq(m->what, "settle");
    int64_t held_u = settle ? 0 : m->amount_u, paid_u = settle ? m->amount_u : 0;
    char *engine_day = mem_printf("%s %s", m->engine, m->day);
    char *engine_drop = mem_printf("%s %" PRId64, m->engine, m->drop_id);
    str_format(drop, sizeof drop, "%" PRId64, m->drop_id);
    sums_purse(s, "all", "", held_u, paid_u);
    sums_purse(s, "day", m->day, held_u, paid_u);
    sums_purse(s, "engine", m->engine, held_u, paid_u);
    sums_purse(s, "engine_day", engine_day, held_u, paid_u);
    sums_purse(s, "drop", drop, held_u, paid_u);
    sums_purse(s, "engine_drop", engine_drop, held_u, paid_u);
    free(engine_drop);
    free(engine_day);
}

/* Puts a movement whose owner is known behind the newest one, and into the purses. */
static int book(struct store *s, struct movement *m, struct err *e)
{
    int rc = newest_digest(s, m->previous);
    if (rc)
        return err_set(e, rc, "the ledger cannot be read; nothing is paid for");
    movement_digest(m, m->digest);
    rc = insert_movement(s, m, e);
    s->newest_known = rc == 0;
    if (rc)
        return rc;
    memcpy(s->newest, m->digest, DIGEST_LEN);
    purses_add(s, m);
    return 0;
}

int ledger_add(struct store *s, const struct attempt_row *row, const char *what, int64_t amount_u,
               const char *why, int64_t now_s, struct err *e)
{
    char day[CLOCK_TEXT_LEN];
    struct movement m = {.attempt_id = row->id,
                         .drop_id = row->drop_id,
                         .job_id = row->job_id,
                         .at_s = now_s,
                         .amount_u = amount_u};
    clock_local(row->at_s, "%Y-%m-%d", day);
    m.engine = mem_dup(row->engine);
    m.model = mem_dup(row->model);
    m.day = mem_dup(day);
    m.what = mem_dup(what);
    m.why = mem_dup(why);
    int rc = read_owner(s, &m);
    if (!rc && row->pod) { /* the time of a machine is no shot's */
        free(m.unit);
        m.unit = mem_dup(row->pod);
    }
    if (rc)
        (void)err_set(e, rc, "the ledger cannot be read; nothing is paid for");
    else
        rc = book(s, &m, e);
    movement_finish(&m);
    return rc;
}

/* Its own name stands where a model would: that column says what was asked for. */
int store_add_purchase(struct store *s, const struct purchase *p, struct err *e)
{
    char day[CLOCK_TEXT_LEN];
    struct movement m = {.at_s = p->at_s, .amount_u = p->amount_u};
    clock_local(p->at_s, "%Y-%m-%d", day);
    m.project = mem_dup("by hand");
    m.unit = mem_dup("by hand");
    m.engine = mem_dup(p->engine);
    m.model = mem_dup(p->name);
    m.day = mem_dup(day);
    m.what = mem_dup("settle");
    m.why = mem_dup(p->what);
    int rc = book(s, &m, e);
    movement_finish(&m);
    return rc;
}

int store_purchase_known(struct store *s, const char *name, bool *ret_known)
{
    struct query q = query_begin(s, "SELECT 1 FROM ledger WHERE attempt_id = 0 AND model = ?");
    query_text(&q, name);
    int rc = query_next(&q);
    if (rc < 0)
        return rc;
    *ret_known = rc == 1;
    if (rc == 1)
        query_end(&q);
    return 0;
}

int store_purse(struct store *s, const char *scope, const char *name, struct purse *ret_purse)
{
    struct query q =
        query_begin(s, "SELECT reserved_u, settled_u FROM purses WHERE scope = ? AND name = ?");
    query_text(&q, scope);
    query_text(&q, name);
    int rc = query_next(&q);
    if (rc < 0)
        return rc;
    *ret_purse = (struct purse){0};
    if (rc == 1) {
        ret_purse->reserved_u = column_int(&q);
        ret_purse->settled_u = column_int(&q);
        query_end(&q);
    }
    sums_add_purse(s, scope, name, &ret_purse->reserved_u, &ret_purse->settled_u);
    return 0;
}

/* --- checking --- */

static void read_movement(struct query *q, struct movement *m)
{
    *m = (struct movement){.attempt_id = column_int(q)};
    m->drop_id = column_int(q);
    m->job_id = column_int(q);
    m->project = column_text(q);
    m->unit = column_text(q);
    m->engine = column_text(q);
    m->model = column_text(q);
    m->day = column_text(q);
    m->at_s = column_int(q);
    m->what = column_text(q);
    m->amount_u = column_int(q);
    m->why = column_text(q);
    column_digest(q, m->previous);
    column_digest(q, m->digest);
}

static int check_chain(struct store *s, int64_t *ret_n, struct err *e)
{
    struct query q =
        query_begin(s, "SELECT attempt_id, drop_id, job_id, project, unit, engine, model, day, "
                       "at_s, what, amount_u, why, previous, digest FROM ledger ORDER BY id");
    char previous[DIGEST_LEN] = "";
    int rc;
    *ret_n = 0;
    while ((rc = query_next(&q)) == 1) {
        struct movement m;
        char digest[DIGEST_LEN];
        read_movement(&q, &m);
        ++*ret_n;
        movement_digest(&m, digest);
        bool sound = str_eq(m.previous, previous) && str_eq(m.digest, digest);
        memcpy(previous, m.digest, sizeof previous);
        movement_finish(&m);
        if (!sound) {
            query_end(&q);
            return err_set(e, ERR_STORE,
                           "row %" PRId64 " of the ledger was changed, or one before it is gone; "
                           "nothing is paid for until the store is put back from a copy",
                           *ret_n);
        }
    }
    return rc ? err_set(e, rc, "the ledger cannot be read; nothing is paid for") : 0;
}

/* One number that must be 0. */
static int check_none(struct store *s, const char *sql, const char *what, struct err *e)
{
    struct query q = query_begin(s, sql);
    int rc = query_next(&q);
    if (rc != 1)
        return err_set(e, rc ? rc : ERR_STORE, "the ledger cannot be read; nothing is paid for");
    int64_t n = column_int(&q);
    query_end(&q);
    return n ? err_set(e, ERR_STORE,
                       "%s (%" PRId64 " found); nothing is paid for until the store "
                       "is put back from a copy",
                       what, n)
             : 0;
}

int store_check_ledger(struct store *s, int64_t *ret_rows_n, struct err *e)
{
    int rc = check_chain(s, ret_rows_n, e);
    if (!rc)
        rc = check_none(
            s,
            "SELECT COUNT(*) FROM (SELECT 1 FROM (SELECT 'all' scope, '' name, what, amount_u FROM "
            "ledger "
            "UNION ALL SELECT 'day', day, what, amount_u FROM ledger "
            "UNION ALL SELECT 'engine', engine, what, amount_u FROM ledger "
            "UNION ALL SELECT 'engine_day', engine || ' ' || day, what, amount_u FROM ledger "
            "UNION ALL SELECT 'engine_drop', engine || ' ' || drop_id, what, amount_u FROM ledger "
            "UNION ALL SELECT 'drop', CAST(drop_id AS TEXT), what, amount_u FROM ledger "
            "UNION ALL SELECT scope, name, 'reserve', -reserved_u FROM purses "
            "UNION ALL SELECT scope, name, 'settle', -settled_u FROM purses) "
            "GROUP BY scope, name HAVING SUM(CASE what WHEN 'settle' THEN 0 ELSE amount_u END) "
            "<> 0 OR SUM(CASE what WHEN 'settle' THEN amount_u ELSE 0 END) <> 0)",
            "a purse is not the sum of its ledger rows", e);
    if (!rc)
        rc = check_none(
            s,
            "SELECT COUNT(*) FROM attempts a LEFT JOIN (SELECT attempt_id, SUM(CASE what WHEN "
            "'settle' THEN 0 ELSE amount_u END) held_u, SUM(CASE what WHEN 'settle' THEN amount_u "
            "ELSE 0 END) paid_u FROM ledger GROUP BY attempt_id) l ON l.attempt_id = a.id "
            "WHERE COALESCE(l.held_u, 0) <> CASE WHEN a.state IN ('submitting', 'submitted', "
            "'doubt') THEN a.reserved_u ELSE 0 END OR COALESCE(l.paid_u, 0) <> a.settled_u",
            "an attempt and its ledger rows differ", e);
    return rc;
}
