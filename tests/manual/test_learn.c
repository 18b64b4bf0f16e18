/* Advice must come from numbers that carry it, and from no others. */
/* SPDX-License-Identifier: ISC */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "manual/learn.h"

static void expect_near(double found, double wanted, double off)
{
    if (fabs(found - wanted) > off)
        fail_msg("%.9f is not %.9f", found, wanted);
}

/* Values of R's fisher.test(matrix(c(a, c, b, d), 2)) and of published tables. */
static void test_the_chance_of_a_table_is_the_known_one(void **state)
{
    (void)state;
    expect_near(learn_chance(1, 9, 11, 3), 0.002759456, 1e-8);
    expect_near(learn_chance(3, 1, 1, 3), 0.4857142857, 1e-9);
    expect_near(learn_chance(5, 5, 5, 5), 1.0, 1e-9);
    expect_near(learn_chance(10, 0, 0, 10), 2.0 / 184756, 1e-12);
}

static void test_an_interval_is_the_known_one_and_stays_inside(void **state)
{
    (void)state;
    double low, high;
    learn_interval(8, 10, &low, &high);
    expect_near(low, 0.490162, 1e-5);
    expect_near(high, 0.943318, 1e-5);
    learn_interval(0, 10, &low, &high);
    expect_near(low, 0, 1e-12);
    expect_near(high, 0.277533, 1e-5);
}

static size_t fill(struct learn_case *cases, size_t at, int n, const char *tag, const char *model)
{
    for (int i = 0; i < n; i++)
        cases[at++] = (struct learn_case){.tag = tag,
                                          .fix = "manual_intervention",
                                          .model = model,
                                          .words = 45,
                                          .minutes = 10 + i};
    return at;
}

static void test_a_model_that_stands_out_is_named(void **state)
{
    (void)state;
    struct learn_case cases[40];
    size_t n = fill(cases, 0, 14, "motion", "kling-v3");
    n = fill(cases, n, 2, "character", "kling-v3");
    n = fill(cases, n, 2, "motion", "veo-3.1");
    n = fill(cases, n, 16, "character", "veo-3.1");
    cJSON *found = learn_from(cases, n);
    const cJSON *advice = json_get(found, "advice");
    assert_int_equal(cJSON_GetArraySize(advice), 2);
    assert_non_null(strstr(cJSON_GetArrayItem(advice, 0)->valuestring, "veo-3.1"));
    assert_non_null(strstr(cJSON_GetArrayItem(advice, 1)->valuestring,
                           "motion is what went wrong in 14 of 16 cases on kling-v3"));
    assert_int_equal(json_num(found, "/tags/0/n", 0), 18);
    expect_near(json_num(found, "/models/1/minutes", 0), 15.5, 1e-9);
    cJSON_Delete(found);
}

static void test_nine_cases_carry_nothing(void **state)
{
    (void)state;
    struct learn_case cases[40];
    size_t n = fill(cases, 0, 9, "motion", "kling-v3");
    n = fill(cases, n, 20, "character", "veo-3.1");
    cJSON *found = learn_from(cases, n);
    assert_int_equal(cJSON_GetArraySize(json_get(found, "advice")), 0);
    cJSON_Delete(found);
}

static void test_a_difference_that_chance_makes_is_no_advice(void **state)
{
    (void)state;
    struct learn_case cases[60];
    size_t n = fill(cases, 0, 6, "motion", "kling-v3");
    n = fill(cases, n, 6, "character", "kling-v3");
    n = fill(cases, n, 4, "motion", "veo-3.1");
    n = fill(cases, n, 8, "character", "veo-3.1");
    cJSON *found = learn_from(cases, n);
    assert_int_equal(cJSON_GetArraySize(json_get(found, "advice")), 0);
    cJSON_Delete(found);
}

static void test_what_nobody_tagged_is_counted_and_compared_with_nothing(void **state)
{
    (void)state;
    struct learn_case cases[60];
    size_t n = fill(cases, 0, 20, NULL, "kling-v3");
    n = fill(cases, n, 20, "motion", "veo-3.1");
    cJSON *found = learn_from(cases, n);
    struct buf out;
    buf_init(&out, 65536);
    learn_text(found, &out);
    assert_int_equal(json_num(found, "untagged", 0), 20);
    assert_int_equal(cJSON_GetArraySize(json_get(found, "advice")), 0);
    assert_non_null(strstr(out.data, "40 mended by hand, 20 without a tag"));
    assert_non_null(strstr(out.data, "No advice"));
    buf_finish(&out);
    cJSON_Delete(found);
}

static void test_nothing_mended_says_so(void **state)
{
    (void)state;
    cJSON *found = learn_from(NULL, 0), *page = learn_page(found, "Learned");
    assert_int_equal(json_num(found, "cases", -1), 0);
    assert_string_equal(json_str(page, "title", ""), "Learned");
    cJSON_Delete(page);
    cJSON_Delete(found);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_chance_of_a_table_is_the_known_one),
        cmocka_unit_test(test_an_interval_is_the_known_one_and_stays_inside),
        cmocka_unit_test(test_a_model_that_stands_out_is_named),
        cmocka_unit_test(test_nine_cases_carry_nothing),
        cmocka_unit_test(test_a_difference_that_chance_makes_is_no_advice),
        cmocka_unit_test(test_what_nobody_tagged_is_counted_and_compared_with_nothing),
        cmocka_unit_test(test_nothing_mended_says_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
