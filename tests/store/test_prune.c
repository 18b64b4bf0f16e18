/* What goes of the history and what stays, by their contract. */
/* SPDX-License-Identifier: ISC */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "store/home.h"
#include "store/money.h"
#include "store/news.h"

static size_t events(int64_t *ret_first_at_s)
{
    struct event_row *rows;
    size_t n;
    ok(store_events_after(s, 0, 0, &rows, &n));
    *ret_first_at_s = n ? rows[0].at_s : 0;
    for (size_t i = 0; i < n; i++)
        event_row_finish(&rows[i]);
    free(rows);
    return n;
}

static void test_events_go_oldest_first_and_a_bounded_number_a_call(void **state)
{
    int64_t first = 0;
    int n = 0;
    (void)state;
    ok(store_begin(s, &e));
    ok(store_prune_events(s, 1000, &n, &e)); /* there are none */
    assert_int_equal(n, 0);
    for (int i = 0; i < 10020; i++)
        ok(store_add_event(s, 1, 0, 100 + i, "taken", NULL, &e));
    ok(store_prune_events(s, 100, &n, &e));
    assert_int_equal(n, 0);
    ok(store_prune_events(s, 110, &n, &e));
    assert_int_equal(n, 10);
    assert_int_equal(events(&first), 10010);
    assert_int_equal(first, 110);
    ok(store_prune_events(s, 1000000, &n, &e));
    assert_int_equal(n, 10000);
    ok(store_prune_events(s, 1000000, &n, &e));
    assert_int_equal(n, 10);
    assert_int_equal(events(&first), 0);
    ok(store_commit(s, &e));
}

static void add_news(const char *notifier, const char *new_state, int64_t at_s)
{
    struct news_row row = {.notifier = (char *)notifier,
                           .event = (char *)"done",
                           .key = (char *)"key",
                           .body = (char *)"{}",
                           .at_s = at_s};
    ok(store_add_news(s, &row, &e));
    row.state = (char *)new_state;
    row.sent_s = at_s;
    ok(store_set_news(s, &row, &e));
}

static int count(const char *notifier, const char *of_state)
{
    int n = -1;
    ok(store_count_news(s, notifier, of_state, &n));
    return n;
}

static void test_news_that_ended_go_and_the_last_one_is_remembered(void **state)
{
    struct news_row last;
    int n = 0;
    (void)state;
    ok(store_begin(s, &e));
    for (int i = 0; i < 3; i++)
        add_news("slack", "sent", 100 + i);
    add_news("slack", "dropped", 100);
    add_news("slack", "waiting", 100);
    add_news("ntfy", "sent", 900);
    ok(store_prune_news(s, 500, &n, &e));
    assert_int_equal(n, 3);
    assert_int_equal(count("slack", "sent"), 1);
    assert_int_equal(count("slack", "dropped"), 0);
    assert_int_equal(count("slack", "waiting"), 1);
    assert_int_equal(count("ntfy", "sent"), 1);
    ok(store_news_last(s, "slack", &last));
    assert_int_equal(last.sent_s, 102);
    news_row_finish(&last);
    ok(store_commit(s, &e));
}

static void test_marks_of_cards_that_ask_no_more_go(void **state)
{
    struct card_row card = {.kind = (char *)"doubt",
                            .subject = (char *)"a/b",
                            .file = (char *)"f.md",
                            .state = (char *)"asked"};
    int64_t told;
    int n = 0;
    (void)state;
    ok(store_begin(s, &e));
    ok(store_put_card(s, &card, &e));
    ok(store_set_told(s, "card/doubt/a/b", 1, 100, &e));
    ok(store_set_told(s, "card/doubt/c", 1, 100, &e));
    ok(store_prune_news(s, 101, &n, &e));
    assert_int_equal(n, 1);
    assert_int_equal(store_told(s, "card/doubt/a/b", &told), 0);
    assert_int_equal(store_told(s, "card/doubt/c", &told), ERR_MISSING);
    ok(store_commit(s, &e));
}

static void test_marks_of_drops_that_are_over_go(void **state)
{
    struct drop_row running, ended;
    int64_t told;
    char mark[40], progress[40], of_running[40];
    int n = 0;
    (void)state;
    ok(store_begin(s, &e));
    ok(order_add(s, 1, 3, JOB_READY, &running, &e));
    ok(order_add(s, 2, 3, JOB_READY, &ended, &e));
    ended.state = DROP_ENDED;
    ok(store_set_drop(s, &ended, &e));
    snprintf(of_running, sizeof of_running, "drop/%lld", (long long)running.id);
    snprintf(mark, sizeof mark, "drop/%lld", (long long)ended.id);
    snprintf(progress, sizeof progress, "progress/%lld", (long long)ended.id);
    ok(store_set_told(s, of_running, 1, 100, &e));
    ok(store_set_told(s, mark, 1, 100, &e));
    ok(store_set_told(s, progress, 5, 100, &e));
    ok(store_set_told(s, "need/failed: x", 1, 100, &e));
    ok(store_prune_news(s, 100, &n, &e));
    assert_int_equal(n, 0);
    ok(store_prune_news(s, 101, &n, &e));
    assert_int_equal(n, 2);
    assert_int_equal(store_told(s, of_running, &told), 0);
    assert_int_equal(store_told(s, "need/failed: x", &told), 0);
    assert_int_equal(store_told(s, mark, &told), ERR_MISSING);
    ok(store_commit(s, &e));
    drop_row_finish(&running);
    drop_row_finish(&ended);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_events_go_oldest_first_and_a_bounded_number_a_call),
        TEST(test_news_that_ended_go_and_the_last_one_is_remembered),
        TEST(test_marks_of_drops_that_are_over_go),
        TEST(test_marks_of_cards_that_ask_no_more_go),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
