/* The page of what waits: counts, order and what is left out. */
/* SPDX-License-Identifier: ISC */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "base/buf.h"
#include "report/report.h"

static struct need list[] = {{100, "failed: Lamp 1", "no answer", "slated retry x"},
                             {0, "your go: a.md", "a card", "drag it"}};

static void page(size_t n, size_t more, struct buf *ret_page)
{
    buf_init(ret_page, 65536);
    needs_you(list, n, more, 1773478800, ret_page);
}

static void test_the_heading_counts_what_is_listed_and_what_is_not(void **state)
{
    struct buf one, all;
    (void)state;
    page(1, 0, &one);
    assert_non_null(strstr(one.data, "# 1 thing waits for you"));
    assert_null(strstr(one.data, " more"));
    page(2, 40, &all);
    assert_non_null(strstr(all.data, "# 42 things wait for you"));
    assert_non_null(strstr(all.data, "And 40 more"));
    buf_finish(&one);
    buf_finish(&all);
}

static void test_each_says_what_why_and_what_next_in_the_order_given(void **state)
{
    struct buf all;
    (void)state;
    page(2, 0, &all);
    char *first = strstr(all.data, "1. failed: Lamp 1"), *second = strstr(all.data, "2. your go");
    assert_non_null(first);
    assert_true(second > first);
    assert_non_null(strstr(first, "Next: slated retry x"));
    assert_non_null(strstr(first, "since "));
    assert_null(strstr(second, "since "));
    buf_finish(&all);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_heading_counts_what_is_listed_and_what_is_not),
        cmocka_unit_test(test_each_says_what_why_and_what_next_in_the_order_given),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
