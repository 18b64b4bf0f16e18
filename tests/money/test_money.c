/* Prices and caps: what a call costs at worst, and whether it fits. */
/* SPDX-License-Identifier: ISC */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "money/caps.h"
#include "money/price.h"

static double priced(const char *price, const char *params, int images)
{
    cJSON *p = cJSON_Parse(price), *q = cJSON_Parse(params);
    double dollars = price_of(p, q, images);
    cJSON_Delete(p);
    cJSON_Delete(q);
    return dollars;
}

static double billed(const char *price, double units)
{
    cJSON *p = cJSON_Parse(price);
    double dollars = price_of_units(p, units);
    cJSON_Delete(p);
    return dollars;
}

static void test_units_that_were_billed_cost_the_price_of_one(void **state)
{
    (void)state;
    assert_true(fabs(billed("{\"per\":\"second\",\"usd\":0.1}", 5.06) - 0.506) < 1e-9);
    assert_true(
        fabs(billed("{\"per\":\"image\",\"usd\":0.15,\"by\":{\"pixels\":{\"4096\":0.3}}}", 2) -
             0.3) < 1e-9);
    assert_true(billed("{\"per\":\"call\",\"usd\":0.1}", 0) == 0);
    assert_true(isnan(billed("{\"per\":\"million_tokens\",\"usd\":2}", 5)));
    assert_true(isnan(billed("0.04", 5)) && isnan(billed("{\"per\":\"call\"}", 5)));
    assert_true(isnan(billed("{\"per\":\"call\",\"usd\":0.1}", -1)));
}

static void test_a_price_counts_what_the_job_asks_for(void **state)
{
    (void)state;
    assert_true(fabs(priced("0.04", "{}", 3) - 0.04) < 1e-9);
    assert_true(fabs(priced("{\"per\":\"call\",\"usd\":0.04}", "{}", 3) - 0.04) < 1e-9);
    assert_true(fabs(priced("{\"per\":\"image\",\"usd\":0.04}", "{}", 3) - 0.12) < 1e-9);
    const char *mp = "{\"per\":\"megapixel\",\"usd\":0.021}";
    assert_true(fabs(priced(mp, "{\"width\":1344,\"height\":768}", 1) - 0.042) < 1e-9);
    const char *s = "{\"per\":\"second\",\"usd\":0.1,\"by\":{\"size\":{\"1080p\":0.2}}}";
    assert_true(fabs(priced(s, "{\"seconds\":5,\"size\":\"1080p\"}", 1) - 1.0) < 1e-9);
    assert_true(fabs(priced(s, "{\"seconds\":5,\"size\":\"720p\"}", 1) - 0.5) < 1e-9);
    const char *sold = "{\"per\":\"second\",\"usd\":0.1,\"sold\":[5,10]}";
    assert_true(fabs(priced(sold, "{\"seconds\":3.5}", 1) - 0.5) < 1e-9);
    assert_true(fabs(priced(sold, "{\"seconds\":5}", 1) - 0.5) < 1e-9);
    assert_true(fabs(priced(sold, "{\"seconds\":5.1}", 1) - 1.0) < 1e-9);
    assert_true(fabs(priced(sold, "{\"seconds\":30}", 1) - 1.0) < 1e-9);
    assert_true(isnan(priced(sold, "{}", 1)));
    const char *two = "{\"per\":\"million_tokens\",\"usd\":10,\"usd_in\":2}";
    assert_true(fabs(priced(two, "{\"max_tokens\":1000,\"tokens_in\":500}", 1) - 0.011) < 1e-9);
    cJSON *tokens = cJSON_Parse(two), *call = cJSON_Parse("{\"per\":\"call\",\"usd\":1}");
    assert_true(fabs(price_of_tokens(tokens, 500, 1000) - 0.011) < 1e-9);
    assert_true(isnan(price_of_tokens(call, 500, 1000)));
    cJSON_Delete(tokens);
    cJSON_Delete(call);
    const char *t = "{\"per\":\"million_tokens\",\"usd\":10}";
    assert_true(fabs(priced(t, "{\"max_tokens\":1000}", 1) - 0.01) < 1e-9);
}

static void test_what_is_not_known_is_not_guessed(void **state)
{
    (void)state;
    assert_true(isnan(priced("null", "{}", 1)));
    assert_true(isnan(priced("-1", "{}", 1)));
    assert_true(isnan(priced("{\"per\":\"moon\",\"usd\":1}", "{}", 1)));
    assert_true(isnan(priced("{\"per\":\"second\",\"usd\":1}", "{}", 1)));
    assert_true(isnan(priced("{\"per\":\"megapixel\",\"usd\":1}", "{\"width\":100}", 1)));
    assert_true(isnan(priced("{\"per\":\"call\"}", "{}", 1)));
}

static void test_a_cap_holds_to_the_last_micro_dollar(void **state)
{
    (void)state;
    struct err e = {0};
    struct cap caps[] = {{"the drop", -1, 900000000}, {"today", 5000000, 4800000}};
    assert_int_equal(caps_judge(caps, 2, 200000, &e), 0);
    assert_int_equal(caps_judge(caps, 2, 200001, &e), ERR_LIMIT);
    assert_non_null(strstr(e.text, "the cap for today: 4.80 of 5.00"));
    assert_int_equal(caps_judge(caps, 2, -1, &e), ERR_LIMIT);
    assert_int_equal(caps_judge(caps, 1, INT64_MAX, &e), ERR_LIMIT);
}

static void test_amounts_are_rounded_up_and_written_plainly(void **state)
{
    (void)state;
    char text[MONEY_TEXT_LEN];
    assert_int_equal(money_of(0.039), 39000);
    assert_int_equal(money_of(0.0000011), 2);
    assert_true(money_of(NAN) == INT64_MAX);
    assert_true(money_of(-1) == INT64_MAX);
    money_text(4800000, text);
    assert_string_equal(text, "4.80");
    money_text(400, text);
    assert_string_equal(text, "0.0004");
    money_text(12000000, text);
    assert_string_equal(text, "12.00");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_price_counts_what_the_job_asks_for),
        cmocka_unit_test(test_units_that_were_billed_cost_the_price_of_one),
        cmocka_unit_test(test_what_is_not_known_is_not_guessed),
        cmocka_unit_test(test_a_cap_holds_to_the_last_micro_dollar),
        cmocka_unit_test(test_amounts_are_rounded_up_and_written_plainly),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
