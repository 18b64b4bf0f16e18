/* Money's rows by their contract: what is reserved, settled and given back adds up, and a change
 * behind the ledger's back shows. */
/* SPDX-License-Identifier: ISC */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "store/money.h"
#include "store/home_drop.h"

static int64_t intent(size_t job, const char *handle, int64_t amount_u)
{
    struct attempt_row row = {.job_id = jobs[job].id,
                              .drop_id = drop.id,
                              .engine = (char *)"fal",
                              .model = (char *)"m",
                              .handle = (char *)handle,
                              .reserved_u = amount_u,
                              .at_s = 1773478800};
    memcpy(row.hash, jobs[job].hash, sizeof row.hash);
    ok(store_begin(s, &e));
    ok(store_add_attempt(s, &row, &e));
    ok(store_commit(s, &e));
    return row.id;
}

static void settle(int64_t id, int64_t charged_u)
{
    ok(store_begin(s, &e));
    ok(store_settle_attempt(s, id, charged_u, "made", 1773478900, &e));
    ok(store_commit(s, &e));
}

static void purse_is(const char *scope, const char *name, int64_t reserved_u, int64_t settled_u)
{
    struct purse p;
    assert_int_equal(store_purse(s, scope, name, &p), 0);
    assert_int_equal(p.reserved_u, reserved_u);
    assert_int_equal(p.settled_u, settled_u);
}

static void test_reserved_money_is_settled_or_given_back(void **state)
{
    (void)state;
    int64_t n = 0, first = intent(0, "aa", 40000), second = intent(1, "bb", 50000);
    purse_is("all", "", 90000, 0);
    settle(first, 38000);
    purse_is("all", "", 50000, 38000);
    settle(first, 38000);
    purse_is("engine", "fal", 50000, 38000);
    settle(second, 0);
    purse_is("all", "", 0, 38000);
    purse_is("engine", "other", 0, 0);
    assert_int_equal(store_check_ledger(s, &n, &e), 0);
    assert_int_equal(n, 5);
}

/* A rest that grows is the same one: it began when it began. */
static void test_rests_are_kept_until_they_are_lifted(void **state)
{
    (void)state;
    struct rest_row *rows, all = {(char *)"fal", (char *)"", 0, (char *)"down", 100, 130, 30};
    struct rest_row of_drop = {(char *)"fal", (char *)"m", 7, (char *)"refused", 90, 0, 0};
    size_t n;
    ok(store_begin(s, &e));
    ok(store_put_rest(s, &all, &e));
    ok(store_put_rest(s, &of_drop, &e));
    all.at_s = 140;
    all.until_s = 200;
    ok(store_put_rest(s, &all, &e));
    ok(store_commit(s, &e));
    assert_int_equal(store_rests(s, &rows, &n), 0);
    assert_int_equal(n, 2);
    assert_int_equal(rows[0].at_s, 100);
    assert_int_equal(rows[0].until_s, 200);
    assert_string_equal(rows[1].model, "m");
    for (size_t i = 0; i < n; i++)
        rest_row_finish(&rows[i]);
    free(rows);
    ok(store_begin(s, &e));
    ok(store_lift_rest(s, "fal", &e));
    ok(store_commit(s, &e));
    assert_int_equal(store_rests(s, &rows, &n), 0);
    assert_int_equal(n, 1);
    assert_int_equal(rows[0].drop_id, 7);
    rest_row_finish(&rows[0]);
    free(rows);
    ok(store_begin(s, &e));
    ok(store_lift_rests_of(s, 7, &e));
    ok(store_commit(s, &e));
    assert_int_equal(store_rests(s, &rows, &n), 0);
    assert_int_equal(n, 0);
    free(rows);
}

static void test_an_open_attempt_is_found_by_its_job_and_its_handle(void **state)
{
    (void)state;
    struct attempt_row row = {0};
    int charged = -1;
    int64_t id = intent(0, "aa", 40000);
    assert_int_equal(store_attempt_open(s, jobs[0].id, &row), 0);
    assert_int_equal(row.state, ATTEMPT_SUBMITTING);
    row.state = ATTEMPT_SUBMITTED;
    row.remote = mem_dup("r-1");
    ok(store_begin(s, &e));
    ok(store_set_attempt(s, &row, &e));
    ok(store_commit(s, &e));
    attempt_row_finish(&row);
    assert_int_equal(store_attempt_named(s, "aa", &row), 0);
    assert_string_equal(row.remote, "r-1");
    attempt_row_finish(&row);
    settle(id, 40000);
    assert_int_equal(store_attempt_open(s, jobs[0].id, &row), 0);
    assert_int_equal(row.id, 0);
    assert_int_equal(store_attempts_charged(s, jobs[0].id, &charged), 0);
    assert_int_equal(charged, 1);
}

static void test_a_job_has_one_open_attempt_and_never_a_second(void **state)
{
    (void)state;
    struct attempt_row row = {.job_id = jobs[0].id,
                              .drop_id = drop.id,
                              .engine = (char *)"fal",
                              .handle = (char *)"bb",
                              .reserved_u = 7};
    int64_t id = intent(0, "aa", 40000);
    ok(store_begin(s, &e));
    assert_int_not_equal(store_add_attempt(s, &row, &e), 0);
    store_rollback(s);
    settle(id, 40000);
    ok(store_begin(s, &e));
    ok(store_add_attempt(s, &row, &e));
    ok(store_commit(s, &e));
}

static void test_what_a_rollback_took_back_was_never_reserved(void **state)
{
    (void)state;
    struct attempt_row row = {.job_id = jobs[0].id,
                              .drop_id = drop.id,
                              .engine = (char *)"fal",
                              .handle = (char *)"aa",
                              .reserved_u = 7};
    ok(store_begin(s, &e));
    ok(store_add_attempt(s, &row, &e));
    store_rollback(s);
    purse_is("all", "", 0, 0);
}

static void test_several_paid_acts_of_one_attempt_are_settled_one_by_one(void **state)
{
    (void)state;
    struct attempt_row row = {0};
    int charged = -1;
    int64_t n = 0, id = intent(0, "aa", 100000);
    assert_int_equal(store_attempt_open(s, jobs[0].id, &row), 0);
    row.state = ATTEMPT_SUBMITTED;
    ok(store_begin(s, &e));
    ok(store_set_attempt(s, &row, &e));
    ok(store_extend_attempt(s, &row, 80000, 20000, 1773478850, &e));
    ok(store_commit(s, &e));
    purse_is("all", "", 20000, 80000);
    attempt_row_finish(&row);
    assert_int_equal(store_attempt_open(s, jobs[0].id, &row), 0);
    assert_int_equal(row.state, ATTEMPT_SUBMITTING);
    assert_true(row.reserved_u == 20000 && row.settled_u == 80000);
    assert_int_equal(store_attempts_charged(s, jobs[0].id, &charged), 0);
    assert_int_equal(charged, 0); /* it has not ended */
    settle(id, 0);
    purse_is("all", "", 0, 80000);
    assert_int_equal(store_attempts_charged(s, jobs[0].id, &charged), 0);
    assert_int_equal(charged, 1);
    assert_int_equal(store_check_ledger(s, &n, &e), 0);
    ok(store_begin(s, &e));
    assert_int_equal(store_extend_attempt(s, &row, 1, 1, 1773478850, &e), ERR_STATE);
    store_rollback(s);
    attempt_row_finish(&row);
}

static void behind_its_back(const char *sql)
{
    char path[96];
    sqlite3 *db = NULL;
    snprintf(path, sizeof path, "%s/slated.db", home);
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
}

static void test_a_changed_ledger_shows(void **state)
{
    static const char *const changes[] = {
        "UPDATE ledger SET amount_u = amount_u - 1 WHERE id = 1",
        "UPDATE ledger SET why = 'other' WHERE id = 2",
        "DELETE FROM ledger WHERE id = 2",
        "DELETE FROM ledger WHERE id = (SELECT MAX(id) FROM ledger)",
        "UPDATE purses SET settled_u = settled_u - 1 WHERE scope = 'day'",
        "UPDATE attempts SET state = 'submitted' WHERE id = 1",
    };
    (void)state;
    int64_t n;
    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
        char name[64];
        if (i) {
            tear_down_drop(NULL);
            set_up_drop(NULL);
        }
        settle(intent(0, "aa", 40000), 38000);
        snprintf(name, sizeof name, "h%zu", i);
        intent(1, name, 1000);
        assert_int_equal(store_check_ledger(s, &n, &e), 0);
        behind_its_back(changes[i]);
        assert_int_equal(store_check_ledger(s, &n, &e), ERR_STORE);
    }
}

static void test_spend_is_summed_by_each_of_its_words(void **state)
{
    static const char *const by[] = {"drop", "project", "shot", "engine", "day"};
    (void)state;
    settle(intent(0, "aa", 40000), 38000);
    intent(0, "bb", 1000);
    for (size_t i = 0; i < sizeof by / sizeof *by; i++) {
        struct spend_row *rows = NULL;
        size_t n = 0;
        assert_int_equal(store_spend(s, by[i], NULL, &rows, &n), 0);
        assert_int_equal(n, 1);
        assert_int_equal(rows[0].settled_u, 38000);
        assert_int_equal(rows[0].reserved_u, 1000);
        assert_int_equal(rows[0].attempts_n, 2);
        spend_row_finish(&rows[0]);
        free(rows);
    }
    assert_int_equal(store_spend(s, "moon", NULL, NULL, NULL), ERR_INPUT);
}

static void test_cards_stops_and_results_are_kept(void **state)
{
    (void)state;
    struct card_row card = {.kind = (char *)"plan",
                            .subject = (char *)"1",
                            .file = (char *)"12 shots.md",
                            .state = (char *)"asked",
                            .at_s = 5};
    struct stop_row stop = {
        .engine = (char *)"fal", .class = (char *)"auth", .why = (char *)"no", .at_s = 5};
    struct result_row made = {.role = (char *)"picture", .bytes = 9};
    struct card_row *cards = NULL;
    struct stop_row *stops = NULL;
    struct result_row *results = NULL;
    size_t n = 0;
    memset(made.hash, 'a', 64);
    memset(made.sha256, 'b', 64);
    ok(store_begin(s, &e));
    ok(store_put_card(s, &card, &e));
    ok(store_put_card(s, &card, &e));
    ok(store_add_stop(s, &stop, &e));
    ok(store_add_result(s, &made, &e));
    ok(store_commit(s, &e));
    assert_int_equal(store_cards_asked(s, &cards, &n), 0);
    assert_int_equal(n, 1);
    ok(store_begin(s, &e));
    ok(store_set_card(s, cards[0].id, "yes", &e));
    ok(store_lift_stop(s, "moon", &e));
    ok(store_commit(s, &e));
    card_row_finish(&cards[0]);
    free(cards);
    assert_int_equal(store_cards_asked(s, &cards, &n), 0);
    assert_int_equal(n, 0);
    free(cards);
    assert_int_equal(store_stops(s, &stops, &n), 0);
    assert_int_equal(n, 1);
    stop_row_finish(&stops[0]);
    free(stops);
    assert_int_equal(store_results(s, made.hash, &results, &n), 0);
    assert_int_equal(n, 1);
    assert_string_equal(results[0].sha256, made.sha256);
    result_row_finish(&results[0]);
    free(results);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        DROP_TEST(test_reserved_money_is_settled_or_given_back),
        DROP_TEST(test_rests_are_kept_until_they_are_lifted),
        DROP_TEST(test_an_open_attempt_is_found_by_its_job_and_its_handle),
        DROP_TEST(test_several_paid_acts_of_one_attempt_are_settled_one_by_one),
        DROP_TEST(test_what_a_rollback_took_back_was_never_reserved),
        DROP_TEST(test_a_job_has_one_open_attempt_and_never_a_second),
        DROP_TEST(test_a_changed_ledger_shows),
        DROP_TEST(test_spend_is_summed_by_each_of_its_words),
        DROP_TEST(test_cards_stops_and_results_are_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
