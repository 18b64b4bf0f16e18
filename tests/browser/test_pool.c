/* A configuration that changes while its browsers are at work or at rest. No browser is reached. */
/* SPDX-License-Identifier: ISC */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>

#include "base/mem.h"
#include "base/str.h"
#include "browser/pool.h"

#define A "http://127.0.0.1:1"
#define B "http://127.0.0.1:2"
#define C "http://127.0.0.1:3"

static unsigned want(struct pool *p, int n, const char *first, const char *second, int starts)
{
    const char *urls[] = {first, second};
    struct browser_config config = {
        .urls = urls, .urls_n = (size_t)n, .starts = starts, .dir = "/nowhere"};
    pool_want(p, &config);
    return pool_renew(p);
}

static const char *url_at(const struct pool *p, int i)
{
    return p->seats[i].url ? p->seats[i].url : p->seats[i].dir ? "started" : "none";
}

static void test_what_is_named_still_stays_as_it_is(void **state)
{
    struct pool p = {0};
    (void)state;
    assert_int_equal(want(&p, 2, A, B, 1), 7);
    p.seats[0].last_id = 5;
    assert_int_equal(want(&p, 2, A, C, 1), 2);
    assert_int_equal(p.seats[0].last_id, 5);
    assert_string_equal(url_at(&p, 1), C);
    assert_string_equal(url_at(&p, 2), "started");
    assert_false(p.changing);
    pool_finish(&p);
}

static void test_one_at_work_changes_when_its_work_has_ended(void **state)
{
    struct pool p = {0};
    struct run run = {0};
    (void)state;
    assert_int_equal(want(&p, 1, A, NULL, 0), 1);
    p.seats[0].run = &run;
    assert_int_equal(want(&p, 1, B, NULL, 0), 0);
    assert_string_equal(url_at(&p, 0), A);
    assert_false(pool_takes(&p, 0));
    assert_true(pool_names(&p, 0));
    p.seats[0].run = NULL;
    p.seats[0].lease = mem_dup("job 1"); /* between two acts of a job */
    assert_int_equal(pool_renew(&p), 0);
    mem_free(p.seats[0].lease);
    assert_int_equal(pool_renew(&p), 1);
    assert_string_equal(url_at(&p, 0), B);
    assert_true(pool_takes(&p, 0));
    pool_finish(&p);
}

static void test_one_that_is_named_no_more_goes(void **state)
{
    struct pool p = {0};
    (void)state;
    (void)want(&p, 2, A, B, 0);
    assert_int_equal(want(&p, 1, A, NULL, 0), 0);
    assert_string_equal(url_at(&p, 1), "none");
    assert_false(pool_names(&p, 1));
    assert_int_equal(want(&p, 0, NULL, NULL, 0), 0);
    assert_false(pool_takes(&p, 0));
    pool_finish(&p);
}

static void test_a_browser_is_never_driven_from_two_places(void **state)
{
    struct pool p = {0};
    struct run run = {0};
    (void)state;
    (void)want(&p, 2, A, B, 0);
    p.seats[0].run = &run;
    assert_int_equal(want(&p, 2, B, A, 0), 0); /* B has left its old place; its new one is taken */
    assert_string_equal(url_at(&p, 0), A);
    assert_string_equal(url_at(&p, 1), "none");
    p.seats[0].run = NULL;
    assert_int_equal(pool_renew(&p), 3);
    assert_string_equal(url_at(&p, 0), B);
    assert_string_equal(url_at(&p, 1), A);
    pool_finish(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_named_still_stays_as_it_is),
        cmocka_unit_test(test_one_at_work_changes_when_its_work_has_ended),
        cmocka_unit_test(test_one_that_is_named_no_more_goes),
        cmocka_unit_test(test_a_browser_is_never_driven_from_two_places),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
