/* Engines that fail are left alone for a while and tried with one request; a drop that fails in the
 * same way again and again is stopped. The clock is turned by hand. */
/* SPDX-License-Identifier: ISC */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>

#include "limits/circuit.h"

static const struct circuit_limits limits = {
    .failures_n = 3, .open_ms = 1000, .open_max_ms = 3000, .same_n = 5};

static enum circuit_state ended(struct circuits *c, enum circuit_result result, int64_t now)
{
    return circuits_ended(c, "a", &limits, result, now);
}

static void expect_wait(struct circuits *c, int64_t now, int64_t at)
{
    int64_t said = -1;
    assert_false(circuits_may_start(c, "a", now, &said));
    assert_int_equal(said, at);
}

static void start(struct circuits *c, int64_t now)
{
    int64_t said;
    assert_true(circuits_may_start(c, "a", now, &said));
    circuits_started(c, "a", now);
}

static void test_faults_in_a_row_open_it(void **state)
{
    (void)state;
    struct circuits *c = circuits_create();
    assert_int_equal(ended(c, CIRCUIT_FAULT, 0), CIRCUIT_CLOSED);
    assert_int_equal(ended(c, CIRCUIT_FAULT, 1), CIRCUIT_CLOSED);
    assert_int_equal(ended(c, CIRCUIT_FINE, 2), CIRCUIT_CLOSED);
    assert_int_equal(ended(c, CIRCUIT_FAULT, 3), CIRCUIT_CLOSED);
    assert_int_equal(ended(c, CIRCUIT_UNSAID, 4), CIRCUIT_CLOSED);
    assert_int_equal(ended(c, CIRCUIT_FAULT, 5), CIRCUIT_CLOSED);
    assert_int_equal(ended(c, CIRCUIT_FAULT, 10), CIRCUIT_OPEN);
    expect_wait(c, 11, 1010);
    int64_t at;
    assert_true(circuits_may_start(c, "b", 11, &at)); /* another engine */
    circuits_destroy(c);
}

static void open_it(struct circuits *c, int64_t now)
{
    for (int i = 0; i < 3; i++)
        ended(c, CIRCUIT_FAULT, now);
    assert_int_equal(circuits_state(c, "a", now), CIRCUIT_OPEN);
}

/* What was stored of an open one is enough to go on: the rest of the pause, one probe, and twice
 * the pause when that fails. */
static void test_a_reopened_one_goes_on_where_it_was(void **state)
{
    (void)state;
    struct circuits *c = circuits_create();
    circuits_reopen(c, "a", 400, 1000);
    expect_wait(c, 0, 400);
    start(c, 400);
    expect_wait(c, 401, INT64_MAX);
    assert_int_equal(ended(c, CIRCUIT_FAULT, 500), CIRCUIT_OPEN);
    struct circuit_view v = circuits_look(c, "a", 500);
    assert_int_equal(v.pause_ms, 2000);
    assert_int_equal(v.until_ms, 2500);
    circuits_same_stop(c, 7, "a");
    assert_true(circuits_same_stopped(c, 7, "a"));
    assert_false(circuits_same_stopped(c, 8, "a"));
    circuits_close(c, "a");
    assert_int_equal(circuits_look(c, "a", 501).state, CIRCUIT_CLOSED);
    circuits_destroy(c);
}

static void test_one_probe_closes_it_or_doubles_the_pause(void **state)
{
    (void)state;
    struct circuits *c = circuits_create();
    open_it(c, 0);
    assert_int_equal(circuits_state(c, "a", 1000), CIRCUIT_HALF);
    start(c, 1000);
    expect_wait(c, 1001, INT64_MAX);
    assert_int_equal(ended(c, CIRCUIT_FAULT, 1100), CIRCUIT_OPEN);
    expect_wait(c, 1200, 3100); /* 2,000 */
    start(c, 3100);
    assert_int_equal(ended(c, CIRCUIT_FAULT, 3200), CIRCUIT_OPEN);
    expect_wait(c, 3300, 6200); /* 3,000: no longer than that */
    start(c, 6200);
    assert_int_equal(ended(c, CIRCUIT_UNSAID, 6300), CIRCUIT_HALF);
    start(c, 6300); /* the next one is the probe */
    assert_int_equal(ended(c, CIRCUIT_FINE, 6400), CIRCUIT_CLOSED);
    start(c, 6401);
    start(c, 6402);
    open_it(c, 7000);
    expect_wait(c, 7001, 8000); /* the pause is short again */
    circuits_close(c, "a");
    start(c, 7002);
    circuits_destroy(c);
}

static void test_latecomers_do_not_lengthen_the_pause(void **state)
{
    (void)state;
    struct circuits *c = circuits_create();
    open_it(c, 0);
    for (int i = 0; i < 50; i++)
        assert_int_equal(ended(c, CIRCUIT_FAULT, 500), CIRCUIT_OPEN);
    expect_wait(c, 501, 1000);
    assert_int_equal(ended(c, CIRCUIT_FINE, 600), CIRCUIT_CLOSED);
    circuits_destroy(c);
}

static void test_the_fifth_equal_error_stops_a_drop(void **state)
{
    (void)state;
    struct circuits *c = circuits_create();
    int stopped_at = 0;
    for (int i = 1; i <= 100 && !stopped_at; i++) {
        char error[128];
        snprintf(error, sizeof error, "422 at job %d: lora 'x%d.safetensors' was not found", i,
                 i * 77);
        if (circuits_same(c, 7, "a", &limits, error))
            stopped_at = i;
    }
    assert_int_equal(stopped_at, 5);
    assert_true(circuits_same_stopped(c, 7, "a"));
    assert_false(circuits_same_stopped(c, 8, "a"));
    assert_false(circuits_same_stopped(c, 7, "b"));
    assert_true(circuits_same(c, 7, "a", &limits, NULL)); /* what was under way may still succeed */
    circuits_same_clear(c, 7);
    assert_false(circuits_same_stopped(c, 7, "a"));
    circuits_destroy(c);
}

static void test_other_errors_and_successes_begin_a_new_row(void **state)
{
    (void)state;
    struct circuits *c = circuits_create();
    for (int i = 0; i < 4; i++)
        assert_false(circuits_same(c, 7, "a", &limits, "the prompt was refused"));
    assert_false(circuits_same(c, 7, "a", &limits, "the server took too long"));
    for (int i = 0; i < 4; i++)
        assert_false(circuits_same(c, 7, "a", &limits, "the prompt was refused"));
    assert_false(circuits_same(c, 7, "a", &limits, NULL));
    for (int i = 0; i < 4; i++)
        assert_false(circuits_same(c, 7, "a", &limits, "the prompt was refused"));
    assert_true(circuits_same(c, 7, "a", &limits, "the prompt was refused"));
    circuits_destroy(c);
}

static void test_memory_is_bounded_and_stops_are_kept(void **state)
{
    (void)state;
    struct circuits *c = circuits_create();
    for (int i = 0; i < 5; i++)
        (void)circuits_same(c, 1, "a", &limits, "no balance");
    for (int64_t drop = 2; drop < 20000; drop++)
        assert_false(circuits_same(c, drop, "a", &limits, "no balance"));
    assert_true(circuits_same_stopped(c, 1, "a"));
    circuits_destroy(c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_faults_in_a_row_open_it),
        cmocka_unit_test(test_a_reopened_one_goes_on_where_it_was),
        cmocka_unit_test(test_one_probe_closes_it_or_doubles_the_pause),
        cmocka_unit_test(test_latecomers_do_not_lengthen_the_pause),
        cmocka_unit_test(test_the_fifth_equal_error_stops_a_drop),
        cmocka_unit_test(test_other_errors_and_successes_begin_a_new_row),
        cmocka_unit_test(test_memory_is_bounded_and_stops_are_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
