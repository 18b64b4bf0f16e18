/* Lists whose reading fails in the middle: nothing is handed out and nothing is kept, at whichever
 * instruction it fails. Every reader of a list is a row of the table. */
/* SPDX-License-Identifier: ISC */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>

#include "store/gates.h"
#include "store/home_drop.h"
#include "store/manual.h"
#include "store/money.h"
#include "store/news.h"
#include "store/pods.h"
#include "store/store_priv.h"
#include "store/words.h"

#define ROWS_N 2

/* Two rows for each list; the drop and its jobs are there. */
static const char filling[] =
    "INSERT INTO attempts VALUES (1, 1, 1, 'fal', 'm', NULL, 'a', 'h', 'doubt', 'r', 1, 0, 'w', 9, "
    "0), (2, 2, 1, 'fal', 'm', NULL, 'b', 'h', 'doubt', 'r', 1, 0, 'w', 9, 0);"
    "INSERT INTO pods VALUES ('p', 'e', 'r', 'gone', 0, 1, 1, 1, 1, 1, 1, 1, 1, 'w'), "
    "('q', 'e', 'r', 'gone', 0, 1, 1, 1, 1, 1, 1, 1, 1, 'w');"
    "INSERT INTO results VALUES ('h', 'a', 's', 'png', 1, 1, 1, 1), ('h', 'b', 's', 'png', 1, 1, "
    "1, 1);"
    "INSERT INTO stops VALUES ('e', 'auth', 'w', 'c', 1, 0), ('f', 'auth', 'w', 'c', 1, 0);"
    "INSERT INTO cards VALUES (1, 'plan', '1', 'f', 'asked', 'b', 1), (2, 'plan', '2', 'g', "
    "'asked', 'b', 1);"
    "INSERT INTO rests VALUES ('e', 'm', 0, 'w', 1, 1, 1), ('f', 'm', 0, 'w', 1, 1, 1);"
    "INSERT INTO ledger VALUES (1, 1, 1, 1, 'p', 'u', 'e', 'm', 'd', 1, 'settle', 1, 'w', '', 'x'),"
    " (2, 2, 1, 2, 'p', 'v', 'f', 'm', 'd', 1, 'settle', 1, 'w', 'x', 'y');"
    "INSERT INTO escalations VALUES (1, 1, 'u', 1, 0, 't', 'm', 'n', 'b'), (2, 1, 'v', 1, 0, 't', "
    "'m', 'n', 'b');"
    "INSERT INTO bundles VALUES (1, 'n', 1, 'u', 't', 'k', 1, 0, '{}'), (2, 'o', 1, 'u', 't', 'l', "
    "1, 0, '{}');"
    "INSERT INTO returns VALUES (1, 'n', 's', 1, 'asked', 1, 'u', 1, 'r', 0, 'h', 't', 'w', '{}', "
    "1), (2, 'o', 's', 1, 'asked', 1, 'u', 1, 'r', 0, 'h', 't', 'w', '{}', 1);"
    "INSERT INTO fixes VALUES (1, 0, 1, 'u', 1, 't', 'f', 'm', 0, 0, 'n', 's', 1, 1), (2, 0, 1, "
    "'u', 1, 't', 'f', 'm', 0, 0, 'n', 's', 1, 1);"
    "INSERT INTO text_calls VALUES (1, 1, 1, 'e', 'm', 1, 1, 1, 1, NULL, 1), (2, 1, 1, 'f', 'm', "
    "1, 1, 1, 1, NULL, 1);"
    "INSERT INTO gate_results VALUES (1, 1, 1, 'r', 1, 'pass', NULL, NULL, 'e', 'm', 's', 1, NULL, "
    "'w', '00', 'g', '{}', 1), (2, 1, 2, 'r', 1, 'pass', NULL, NULL, 'e', 'm', 's', 1, NULL, 'w', "
    "'00', 'g', '{}', 1);"
    "INSERT INTO news VALUES (1, 'n', 'e', 'k', 1, '{}', 'waiting', NULL, 0, 0, 1, 0), (2, 'n', "
    "'e', 'l', 1, '{}', 'waiting', NULL, 0, 0, 1, 0);"
    "INSERT INTO told VALUES ('need/a', 1, 1), ('need/b', 1, 1);"
    "INSERT INTO assets VALUES (1, 1, 1, 'r', 's', 'p', 'd', 'png', 1, 1, 1, 1, 1, 'h', 1), (2, 2, "
    "1, 'r', 't', 'q', 'd', 'png', 1, 1, 1, 1, 1, 'h', 1);"
    "INSERT INTO records VALUES (91, 1, 'p', 'f', 'b', 0), (92, 1, 'q', 'f', 'b', 0);"
    "INSERT INTO events VALUES (91, 1, 0, 1, 'w', 't'), (92, 1, 0, 1, 'w', 't');"
    "INSERT OR REPLACE INTO edges VALUES (1, 2, 0), (1, 3, 0);"
    "INSERT INTO drops (name, entry, state, created_s, ended_s, priority, paused) SELECT 'second', "
    "'e', 'running', 1, 0, 0, 0";

static void start_finish(struct attempt_start *r)
{
    free(r->engine);
    free(r->model);
}

static void told_finish(struct told_row *r)
{
    free(r->name);
}

static void edge_finish(struct edge_row *r)
{
    (void)r; /* owns nothing */
}

/* A reader that answers what its call does; what is read is let go again. */
#define READER(name, row, finish, call)                                                            \
    static int name(size_t *ret_n)                                                                 \
    {                                                                                              \
        static struct row nobody;                                                                  \
        struct row *rows = &nobody;                                                                \
        size_t n = SIZE_MAX;                                                                       \
        int rc = call;                                                                             \
        if (rc) {                                                                                  \
            assert_ptr_equal(rows, &nobody);                                                       \
            assert_true(n == SIZE_MAX);                                                            \
            return rc;                                                                             \
        }                                                                                          \
        for (size_t i = 0; i < n; i++)                                                             \
            finish(&rows[i]);                                                                      \
        free(rows);                                                                                \
        *ret_n = n;                                                                                \
        return 0;                                                                                  \
    }

static struct gate_row judged = {.job_id = 3, .drop_id = 1, .sha256 = "s"};

READER(attempts, attempt_row, attempt_row_finish, store_attempts_in(s, ATTEMPT_DOUBT, &rows, &n))
READER(starts, attempt_start, start_finish, store_attempts_since(s, 0, &rows, &n))
READER(pods, pod_row, pod_row_finish, store_pods(s, false, &rows, &n))
READER(results, result_row, result_row_finish, store_results(s, "h", &rows, &n))
READER(stops, stop_row, stop_row_finish, store_stops(s, &rows, &n))
READER(cards, card_row, card_row_finish, store_cards_asked(s, &rows, &n))
READER(rests, rest_row, rest_row_finish, store_rests(s, &rows, &n))
READER(spend, spend_row, spend_row_finish, store_spend(s, "shot", NULL, &rows, &n))
READER(escalations, escalation_row, escalation_row_finish, store_escalations(s, true, &rows, &n))
READER(bundles, bundle_row, bundle_row_finish, store_bundles(s, true, &rows, &n))
READER(returns, return_row, return_row_finish, store_returns_in(s, "asked", &rows, &n))
READER(fixes, fix_row, fix_row_finish, store_fixes(s, 0, NULL, &rows, &n))
READER(calls, call_sum, call_sum_finish, store_call_sums(s, &rows, &n))
READER(gates, gate_row, gate_row_finish, store_gates(s, 1, 0, &rows, &n))
READER(alike, gate_row, gate_row_finish, store_gates_alike(s, &judged, 4, &rows, &n))
READER(news, news_row, news_row_finish, store_news_waiting(s, "n", 9, &rows, &n))
READER(told, told_row, told_finish, store_told_like(s, "need/", &rows, &n))
READER(drops, drop_row, drop_row_finish, store_drops(s, -1, 0, &rows, &n))
READER(of_drop, job_row, job_row_finish, store_jobs(s, 1, &rows, &n))
READER(assets, asset_row, asset_row_finish, store_assets_of_drop(s, 1, &rows, &n))
READER(records, record_row, record_row_finish, store_records(s, 1, &rows, &n))
READER(events, event_row, event_row_finish, store_events_after(s, 0, 0, &rows, &n))
READER(edges, edge_row, edge_finish, store_edges_from(s, 1, &rows, &n))

static int (*const readers[])(size_t *ret_n) = {
    attempts,    starts,  pods,    results, stops,  cards,   rests,  spend,
    escalations, bundles, returns, fixes,   calls,  gates,   alike,  news,
    told,        drops,   edges,   of_drop, assets, records, events,
};

static void run(const char *sql)
{
    if (sqlite3_exec(s->db, sql, NULL, NULL, NULL) != SQLITE_OK)
        fail_msg("%s", sqlite3_errmsg(s->db));
}

/* Says stop when its count has come down. */
static int interrupt(void *left)
{
    return --*(int *)left < 0;
}

static void test_a_list_that_cannot_be_read_to_its_end_is_not_handed_out(void **state)
{
    (void)state;
    judged.wish = (char *)"other";
    judged.phash = (char *)"00";
    run(filling);
    for (size_t i = 0; i < sizeof readers / sizeof *readers; i++) {
        size_t n = 0;
        int failures = 0, left = 0;
        for (int steps = 0; left = steps, steps < 10000; steps++) {
            sqlite3_progress_handler(s->db, 1, interrupt, &left);
            if (readers[i](&n) == 0)
                break;
            failures++;
        }
        sqlite3_progress_handler(s->db, 0, NULL, NULL);
        assert_true(n >= ROWS_N); /* so it was interrupted behind its first row, too */
        assert_true(failures > 2);
    }
}

static void test_a_stretch_of_a_pod_is_no_work_of_its_job(void **state)
{
    (void)state;
    struct attempt_row *rows = NULL;
    size_t n = 0;
    run(filling);
    assert_int_equal(
        sqlite3_exec(s->db, "UPDATE attempts SET pod = 'p' WHERE id = 1", NULL, NULL, NULL),
        SQLITE_OK);
    ok(store_attempts_in(s, ATTEMPT_DOUBT, &rows, &n));
    assert_int_equal(n, 1);
    assert_int_equal(rows[0].id, 2);
    attempt_row_finish(&rows[0]);
    free(rows);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        DROP_TEST(test_a_list_that_cannot_be_read_to_its_end_is_not_handed_out),
        DROP_TEST(test_a_stretch_of_a_pod_is_no_work_of_its_job),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
