/* Starts at random instants under several keys at once: in no stretch of time are there more than
 * allowed, and nothing waits longer than it must. The clock is turned by hand. */
/* SPDX-License-Identifier: ISC */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "limits/rate.h"

static uint64_t dice_state = 88172645463325252u;
static int64_t dice(int64_t below)
{
    dice_state ^= dice_state << 13;
    dice_state ^= dice_state >> 7;
    dice_state ^= dice_state << 17;
    return (int64_t)(dice_state % (uint64_t)below);
}

static void expect_wait(struct rate *r, const char *const keys[], size_t n, int64_t now, int64_t at)
{
    int64_t said = -1;
    assert_false(rate_may_start(r, keys, n, now, &said));
    assert_int_equal(said, at);
}

static void start(struct rate *r, const char *const keys[], size_t n, int64_t now)
{
    int64_t said;
    assert_true(rate_may_start(r, keys, n, now, &said));
    rate_started(r, keys, n, now);
}

static void test_three_at_once_and_a_second_between(void **state)
{
    (void)state;
    struct rate *r = rate_create();
    static const char *const key[] = {"a"};
    rate_set(r, "a", &(struct rate_limits){.at_once = 3, .gap_ms = 1000, .per_minute = 10});
    start(r, key, 1, 0);
    expect_wait(r, key, 1, 999, 1000);
    start(r, key, 1, 1000);
    start(r, key, 1, 2000);
    expect_wait(r, key, 1, 9000, INT64_MAX);
    for (int64_t now = 10000; now < 17000; now += 1000) {
        rate_ended(r, key, 1);
        start(r, key, 1, now);
    }
    rate_ended(r, key, 1);
    expect_wait(r, key, 1, 30000, 60000); /* ten in the minute of the first */
    assert_int_equal(rate_look(r, "a", 30000).minute_left, 0);
    start(r, key, 1, 60000);
    rate_destroy(r);
}

static void test_what_left_late_counts_from_then(void **state)
{
    (void)state;
    struct rate *r = rate_create();
    static const char *const key[] = {"a"}, *const other[] = {"b"};
    rate_set(r, "a", &(struct rate_limits){.gap_ms = 1000, .per_minute = 3});
    rate_set(r, "b", &(struct rate_limits){.gap_ms = 1000, .per_minute = 2});
    start(r, key, 1, 0);
    start(r, other, 1, 500);
    start(r, key, 1, 2000);
    rate_late(r, 2000, 2700);
    expect_wait(r, key, 1, 3000, 3700);
    expect_wait(r, other, 1, 1000, 1500); /* had left before */
    start(r, key, 1, 3700);
    expect_wait(r, key, 1, 30000, 60000); /* the first is where it was ... */
    start(r, key, 1, 60000);
    expect_wait(r, key, 1, 61000, 62700); /* ... and the second where it left */
    rate_destroy(r);
}

static void test_penalties_grow_and_end_with_an_answer(void **state)
{
    (void)state;
    struct rate *r = rate_create();
    static const char *const key[] = {"a"};
    rate_set(r, "a", &(struct rate_limits){.waits_ms = {5000, 15000, 30000}, .waits_n = 3});
    assert_int_equal(rate_penalty(r, "a", 0, 0), 5000);
    expect_wait(r, key, 1, 4999, 5000);
    assert_int_equal(rate_penalty(r, "a", 0, 5000), 20000);
    assert_int_equal(rate_penalty(r, "a", 60000, 20000), 80000); /* it asked for more */
    assert_int_equal(rate_penalty(r, "a", 1000, 80000), 110000); /* it asked for less */
    start(r, key, 1, 110000);
    rate_fine(r, "a");
    assert_int_equal(rate_penalty(r, "a", 0, 200000), 205000);
    assert_int_equal(rate_penalty(r, "unheard of", 7000, 0), 7000);
    rate_destroy(r);
}

static void test_penalties_of_one_burst_are_one(void **state)
{
    (void)state;
    struct rate *r = rate_create();
    rate_set(r, "a", &(struct rate_limits){.waits_ms = {5000, 15000}, .waits_n = 2});
    for (int64_t now = 0; now < 3; now++)
        assert_int_equal(rate_penalty(r, "a", 0, now), 5000);
    assert_int_equal(rate_penalty(r, "a", 8000, 3), 8003);
    assert_int_equal(rate_penalty(r, "a", 0, 9000), 24000);
    rate_destroy(r);
}

static void test_the_strictest_of_several_keys_decides(void **state)
{
    (void)state;
    struct rate *r = rate_create();
    static const char *const both[] = {"account", "model"}, *const other[] = {"account", "other"};
    rate_set(r, "account", &(struct rate_limits){.per_minute = 3});
    rate_set(r, "model", &(struct rate_limits){.gap_ms = 4000});
    start(r, both, 2, 0);
    expect_wait(r, both, 2, 1, 4000);
    start(r, other, 2, 1);
    start(r, other, 2, 2);
    expect_wait(r, both, 2, 3, 60000);
    rate_destroy(r);
}

static void test_a_day_holds_across_a_restart(void **state)
{
    (void)state;
    struct rate *r = rate_create();
    static const char *const key[] = {"a"};
    rate_set(r, "a", &(struct rate_limits){.at_once = 1, .per_day = 2});
    rate_started(r, key, 1, -80000000);
    rate_ended(r, key, 1);
    rate_started(r, key, 1, -1000);
    rate_ended(r, key, 1);
    expect_wait(r, key, 1, 0, 86400000 - 80000000);
    start(r, key, 1, 6400000);
    rate_destroy(r);
}

static void test_new_limits_know_the_old_starts(void **state)
{
    (void)state;
    struct rate *r = rate_create();
    static const char *const key[] = {"a"};
    rate_set(r, "a", &(struct rate_limits){.per_minute = 10});
    for (int i = 0; i < 6; i++)
        start(r, key, 1, i * 1000);
    rate_set(r, "a", &(struct rate_limits){.per_minute = 4});
    expect_wait(r, key, 1, 6000, 62000); /* the newest four are those from 2000 on */
    rate_set(r, "a", &(struct rate_limits){.per_minute = 0});
    start(r, key, 1, 6000);
    rate_destroy(r);
}

/* Every start of a key, for the check afterwards. */
struct trail {
    int64_t *at;
    size_t n;
};

static void expect_never_more(const struct trail *t, int limit, int64_t span_ms)
{
    for (size_t i = (size_t)limit; i < t->n; i++)
        if (t->at[i] - t->at[i - (size_t)limit] < span_ms)
            fail_msg("%d starts within %lld ms at %lld", limit + 1,
                     (long long)(t->at[i] - t->at[i - (size_t)limit]), (long long)t->at[i]);
}

/* Work from before a restart takes its place, and is no start. */
static void test_what_is_under_way_already_takes_a_place(void **state)
{
    (void)state;
    static const char *const key[] = {"a"};
    struct rate *r = rate_create();
    rate_set(r, "a", &(struct rate_limits){.at_once = 2, .gap_ms = 1000, .per_day = 2});
    rate_resumed(r, key, 1);
    start(r, key, 1, 0);
    expect_wait(r, key, 1, 5000, INT64_MAX);
    rate_ended(r, key, 1);
    start(r, key, 1, 5000);
    rate_ended(r, key, 1);
    expect_wait(r, key, 1, 9000, 86400000);
    rate_destroy(r);
}

/* A provider that counts in stretches of ten seconds gets no more in any of them. */
static void test_a_window_of_its_own_length_is_kept(void **state)
{
    (void)state;
    static const char *const key[] = {"a"};
    static const struct rate_limits limits = {.per_window = 7, .window_ms = 10000};
    struct rate *r = rate_create();
    struct trail t = {mem_alloc(2000 * 8), 0};
    int64_t now = 0, at;
    rate_set(r, "a", &limits);
    while (t.n < 2000) {
        if (rate_may_start(r, key, 1, now, &at)) {
            rate_started(r, key, 1, now);
            rate_ended(r, key, 1);
            t.at[t.n++] = now;
        }
        if (t.n % 100 == 0)
            rate_set(r, "a", &limits); /* read again: what was counted stays counted */
        now += dice(900);
    }
    expect_never_more(&t, 7, 10000);
    assert_true(now < 2000 / 7 * 10000 * 2);
    rate_destroy(r);
    free(t.at);
}

/* 100,000 events; per_day above the number of slots, so that slots stand for several starts. */
static void test_no_limit_is_passed_in_any_window(void **state)
{
    (void)state;
    static const struct rate_limits of_account = {
        .at_once = 8, .gap_ms = 20, .per_minute = 240, .per_day = 40000};
    static const struct rate_limits of_model = {.at_once = 3, .gap_ms = 150, .per_minute = 100};
    static const char *const keys[2][2] = {{"account", "model"}, {"account", "other"}};
    struct rate *r = rate_create();
    struct trail account = {mem_alloc(100000 * 8), 0}, model = {mem_alloc(100000 * 8), 0};
    int under_way[2] = {0, 0};
    int64_t now = 0, at;
    rate_set(r, "account", &of_account);
    rate_set(r, "model", &of_model);
    for (int i = 0; i < 100000; i++) {
        int64_t one = dice(2);
        now += dice(10) ? dice(120) : dice(3000);
        if (under_way[one] && dice(2)) {
            rate_ended(r, keys[one], 2);
            under_way[one]--;
        } else if (dice(2000) == 0) {
            assert_true(rate_penalty(r, "model", dice(9000), now) >= now);
        } else if (rate_may_start(r, keys[one], 2, now, &at)) {
            rate_started(r, keys[one], 2, now);
            under_way[one]++;
            account.at[account.n++] = now;
            if (one == 0)
                model.at[model.n++] = now;
            assert_true(under_way[0] + under_way[1] <= 8 && under_way[0] <= 3);
        } else {
            assert_true(at > now);
        }
    }
    assert_true(account.n > 10000 && model.n > 3000);
    expect_never_more(&account, 240, 60000);
    expect_never_more(&account, 1, 20);
    expect_never_more(&account, 40000, 86400000);
    expect_never_more(&model, 100, 60000);
    expect_never_more(&model, 1, 150);
    rate_destroy(r);
    free(account.at);
    free(model.at);
}

/* As fast as it allows: a limit that is not a whole number of slots still lets most of it through.
 */
static void test_a_large_limit_is_kept_and_used(void **state)
{
    (void)state;
    static const char *const key[] = {"a"};
    struct rate *r = rate_create();
    struct trail t = {mem_alloc(20000 * 8), 0};
    int64_t now = 0, at;
    rate_set(r, "a", &(struct rate_limits){.per_minute = 3001});
    while (t.n < 20000) {
        if (!rate_may_start(r, key, 1, now, &at)) {
            assert_true(at > now);
            now = at;
            continue;
        }
        rate_started(r, key, 1, now);
        rate_ended(r, key, 1);
        t.at[t.n++] = now++;
    }
    expect_never_more(&t, 3001, 60000);
    assert_true(now < 20000 / 3000 * 60000 + 60000);
    rate_destroy(r);
    free(t.at);
}

/* The instant it names is the first at which the answer is yes. */
static void test_the_named_instant_is_the_first_one(void **state)
{
    (void)state;
    static const char *const key[] = {"a"};
    struct rate *r = rate_create();
    int64_t now = 0, at, unused;
    rate_set(r, "a", &(struct rate_limits){.gap_ms = 30, .per_minute = 50, .per_day = 5000});
    for (int i = 0; i < 20000; i++) {
        if (rate_may_start(r, key, 1, now, &at)) {
            rate_started(r, key, 1, now);
            rate_ended(r, key, 1);
        } else {
            assert_false(rate_may_start(r, key, 1, at - 1, &unused));
            assert_true(rate_may_start(r, key, 1, at, &unused));
            now = at - 1;
        }
        now += 1 + dice(5);
    }
    rate_destroy(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_three_at_once_and_a_second_between),
        cmocka_unit_test(test_what_left_late_counts_from_then),
        cmocka_unit_test(test_penalties_grow_and_end_with_an_answer),
        cmocka_unit_test(test_penalties_of_one_burst_are_one),
        cmocka_unit_test(test_the_strictest_of_several_keys_decides),
        cmocka_unit_test(test_a_day_holds_across_a_restart),
        cmocka_unit_test(test_new_limits_know_the_old_starts),
        cmocka_unit_test(test_what_is_under_way_already_takes_a_place),
        cmocka_unit_test(test_a_window_of_its_own_length_is_kept),
        cmocka_unit_test(test_no_limit_is_passed_in_any_window),
        cmocka_unit_test(test_a_large_limit_is_kept_and_used),
        cmocka_unit_test(test_the_named_instant_is_the_first_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
