/* Rows of what gates said by their contract: one a take, told apart by prompt, and repeated for a
 * job that is served what another bought. */
/* SPDX-License-Identifier: ISC */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/str.h"
#include "store/gates.h"
#include "store/home_drop.h"

/* A verdict on the file of that letter. */
static struct gate_row row_of(int job, char letter, const char *verdict, const char *wish)
{
    struct gate_row row = {.drop_id = drop.id,
                           .job_id = jobs[job].id,
                           .role = (char *)"picture",
                           .gate = 1,
                           .verdict = (char *)(uintptr_t)verdict,
                           .engine = (char *)"fal",
                           .wish = (char *)(uintptr_t)wish,
                           .phash = (char *)"00000000000000ff",
                           .grey = (char *)"1020",
                           .body = (char *)"{}",
                           .take = 7};
    memset(row.sha256, letter, DIGEST_LEN - 1);
    return row;
}

static void add(struct gate_row row)
{
    ok(store_begin(s, &e));
    ok(store_add_gate(s, &row, &e));
    ok(store_commit(s, &e));
}

static void finish(struct gate_row *rows, size_t n)
{
    for (size_t i = 0; i < n; i++)
        gate_row_finish(&rows[i]);
    free(rows);
}

static void expect_rows(int job, size_t wanted)
{
    struct gate_row *rows = NULL;
    size_t n = 0;
    ok(store_gates(s, drop.id, job < 0 ? 0 : jobs[job].id, &rows, &n));
    assert_int_equal(n, wanted);
    finish(rows, n);
}

static void test_a_take_has_one_verdict_however_often_it_is_written(void **state)
{
    (void)state;
    struct gate_row row = row_of(0, 'a', "fail", "w1");
    add(row);
    add(row);
    expect_rows(0, 1);
    row.take = 8; /* the same bytes once more, and paid for once more */
    add(row);
    expect_rows(0, 2);
    add(row_of(1, 'b', "pass", "w2"));
    expect_rows(-1, 3);
}

static size_t alike(struct gate_row row, int most, struct gate_row **ret_rows)
{
    size_t n = 0;
    ok(store_gates_alike(s, &row, most, ret_rows, &n));
    return n;
}

static void test_only_what_passed_for_another_prompt_is_compared_with(void **state)
{
    (void)state;
    struct gate_row *rows = NULL, clip = row_of(3, 'e', "pass", "w4");
    add(row_of(0, 'a', "fail", "w1"));
    add(row_of(1, 'b', "pass", "w2"));
    add(row_of(2, 'c', "pass", "w3"));
    add(row_of(3, 'd', "pass", NULL));
    assert_int_equal(alike(row_of(0, 'x', "", "w2"), 0, &rows), 1);
    assert_string_equal(rows[0].wish, "w3");
    assert_string_equal(rows[0].title, jobs[2].title);
    char *grey = store_gate_grey(s, rows[0].id);
    assert_string_equal(grey, "1020");
    free(grey);
    finish(rows, 1);
    assert_int_equal(alike(row_of(2, 'x', "", "w2"), 0, &rows), 0); /* its own */
    free(rows);
    clip.phash = NULL; /* is told by its bytes alone */
    add(clip);
    assert_int_equal(alike(clip, 63, &rows), 0);
    free(rows);
    clip.job_id = jobs[0].id;
    clip.wish = (char *)"w5";
    assert_int_equal(alike(clip, 63, &rows), 1);
    finish(rows, 1);
}

static void test_likenesses_are_compared_bit_by_bit(void **state)
{
    (void)state;
    struct gate_row *rows = NULL, row = row_of(0, 'x', "", "w1");
    add(row_of(1, 'b', "pass", "w2"));
    row.phash = (char *)"80000000000000f0"; /* five bits from 00000000000000ff */
    assert_int_equal(alike(row, 4, &rows), 0);
    free(rows);
    assert_int_equal(alike(row, 5, &rows), 1);
    finish(rows, 1);
}

static void test_what_another_job_bought_brings_its_verdict_along(void **state)
{
    (void)state;
    struct gate_row *rows = NULL, wanted = row_of(3, 'b', "", NULL);
    size_t n = 0;
    add(row_of(0, 'a', "fail", "w1"));
    add(row_of(1, 'b', "pass", "w2"));
    ok(store_begin(s, &e));
    ok(store_repeat_gate(s, &wanted, &e));
    wanted = row_of(2, 'a', "", NULL); /* was refused: nothing to bring along */
    ok(store_repeat_gate(s, &wanted, &e));
    ok(store_commit(s, &e));
    ok(store_gates(s, drop.id, jobs[3].id, &rows, &n));
    assert_int_equal(n, 1);
    assert_string_equal(rows[0].verdict, "pass");
    assert_string_equal(rows[0].wish, "w2");
    finish(rows, n);
    expect_rows(2, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        DROP_TEST(test_a_take_has_one_verdict_however_often_it_is_written),
        DROP_TEST(test_only_what_passed_for_another_prompt_is_compared_with),
        DROP_TEST(test_likenesses_are_compared_bit_by_bit),
        DROP_TEST(test_what_another_job_bought_brings_its_verdict_along),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
