/* What the other side says is left of its limits, told at instants that are turned by hand: no more
 * starts than it said, and none waits longer than it said. */
/* SPDX-License-Identifier: ISC */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>

#include "limits/rate.h"

static const char *const key[] = {"a"};

static void start(struct rate *r, int64_t now)
{
    int64_t at;
    assert_true(rate_may_start(r, key, 1, now, &at));
    rate_started(r, key, 1, now);
}

static void wait_until(struct rate *r, int64_t now, int64_t until)
{
    int64_t at = -1;
    assert_false(rate_may_start(r, key, 1, now, &at));
    assert_int_equal(at, until);
}

static void test_nothing_said_is_no_limit(void **state)
{
    (void)state;
    struct rate *r = rate_create();
    for (int i = 0; i < 100; i++)
        start(r, 0);
    assert_int_equal(rate_look(r, "a", 0).told_left, -1);
    rate_destroy(r);
}

static void test_as_many_as_are_left_and_the_next_when_it_is_whole(void **state)
{
    (void)state;
    struct rate *r = rate_create();
    start(r, 0);
    struct left_told told = {.left = 2, .of = 20, .reset_ms = 5000};
    rate_left(r, "a", &told, rate_seen(r, "a"), 100);
    assert_int_equal(rate_look(r, "a", 100).told_left, 2);
    assert_int_equal(rate_look(r, "a", 100).told_of, 20);
    start(r, 200);
    start(r, 300);
    wait_until(r, 400, 5100);
    assert_int_equal(rate_look(r, "a", 400).told_left, 0);
    start(r, 5100);
    assert_int_equal(rate_look(r, "a", 5100).told_left, -1); /* what comes then it has not said */
    rate_destroy(r);
}

static void test_nothing_said_holds_for_a_day(void **state)
{
    (void)state;
    int64_t day_ms = (int64_t)24 * 3600 * 1000;
    for (int steady = 0; steady < 2; steady++) {
        struct rate *r = rate_create();
        start(r, 0);
        struct left_told told = {.of = 20, .reset_ms = day_ms, .steady = steady};
        rate_left(r, "a", &told, rate_seen(r, "a"), 100);
        wait_until(r, 200, 100 + LEFT_MOST_MS);
        start(r, 100 + LEFT_MOST_MS);
        rate_destroy(r);
    }
}

static void test_steady_ones_come_back_one_by_one(void **state)
{
    (void)state;
    struct rate *r = rate_create();
    struct left_told told = {.left = 1, .of = 11, .reset_ms = 10000, .steady = true};
    rate_left(r, "a", &told, 0, 0);
    start(r, 0);
    wait_until(r, 10, 1000);
    start(r, 1000);
    wait_until(r, 1001, 2000);
    start(r, 4500); /* three more have come back meanwhile */
    start(r, 4500);
    start(r, 4500);
    wait_until(r, 4500, 5000);
    rate_destroy(r);
}

static void test_what_started_after_the_one_that_was_answered_is_taken_off(void **state)
{
    (void)state;
    struct rate *r = rate_create();
    start(r, 0);
    int64_t seen = rate_seen(r, "a");
    start(r, 10);
    start(r, 20);
    struct left_told told = {.left = 3, .of = 4, .reset_ms = 1000};
    rate_left(r, "a", &told, seen, 500);
    assert_int_equal(rate_look(r, "a", 500).told_left, 1);
    start(r, 500);
    wait_until(r, 500, 1500);
    rate_destroy(r);
}

static void test_the_newest_word_counts(void **state)
{
    (void)state;
    struct rate *r = rate_create();
    struct left_told none = {.left = 0, .of = 4, .reset_ms = 60000};
    struct left_told more = {.left = 4, .of = 4, .reset_ms = 60000};
    rate_left(r, "a", &none, 0, 0);
    wait_until(r, 1, 60000);
    rate_left(r, "a", &more, 0, 2);
    start(r, 3);
    rate_destroy(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nothing_said_is_no_limit),
        cmocka_unit_test(test_as_many_as_are_left_and_the_next_when_it_is_whole),
        cmocka_unit_test(test_nothing_said_holds_for_a_day),
        cmocka_unit_test(test_steady_ones_come_back_one_by_one),
        cmocka_unit_test(test_what_started_after_the_one_that_was_answered_is_taken_off),
        cmocka_unit_test(test_the_newest_word_counts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
