/* Templates and values come in; prompts must say what was given, within their limit. */
/* SPDX-License-Identifier: ISC */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "plan/prompt.h"

/* The filled text (owned), or NULL with the error's sentence. */
static char *filled(const char *template, const char *json, size_t max, bool *ret_cut,
                    struct err *e)
{
    cJSON *values = cJSON_Parse(json);
    char *text = NULL;
    assert_non_null(values);
    int rc = prompt_fill(template, values, max, &text, ret_cut, e);
    assert_true((rc == 0) == (text != NULL));
    cJSON_Delete(values);
    return text;
}

static void fills(const char *template, const char *json, size_t max, const char *expected)
{
    struct err e = {0};
    char *text = filled(template, json, max, NULL, &e);
    assert_non_null(text);
    assert_string_equal(text, expected);
    free(text);
}

static void test_names_become_their_texts_and_numbers(void **state)
{
    (void)state;
    fills("{a} and {b}, {a}", "{\"a\":\"lamp\",\"b\":3}", 0, "lamp and 3, lamp");
    fills("no names", "{}", 0, "no names");
    fills("{n}", "{\"n\":0.5}", 0, "0.5");
}

static void test_two_braces_are_one(void **state)
{
    (void)state;
    fills("{{a} {a}}", "{\"a\":\"x\"}", 0, "{a} x}");
}

static void test_a_value_is_never_read_as_a_template(void **state)
{
    (void)state;
    fills("{a}", "{\"a\":\"{b} {{\"}", 0, "{b} {{");
}

static void test_an_unknown_name_is_named(void **state)
{
    (void)state;
    struct err e = {0};
    assert_null(filled("{lamp}", "{\"lam\":\"x\"}", 0, NULL, &e));
    assert_int_equal(e.code, ERR_INPUT);
    assert_non_null(strstr(e.text, "{lamp}"));
}

static void test_an_open_brace_is_told(void **state)
{
    (void)state;
    struct err e = {0};
    assert_null(filled("a {lamp", "{\"lamp\":\"x\"}", 0, NULL, &e));
    assert_int_equal(e.code, ERR_INPUT);
}

static void test_the_longest_value_is_cut_first_at_a_word(void **state)
{
    (void)state;
    struct err e = {0};
    bool cut = false;
    char *text = filled("{a}: {b}.", "{\"a\":\"short\",\"b\":\"one two three, four five six\"}", 25,
                        &cut, &e);
    assert_string_equal(text, "short: one two three.");
    assert_true(cut);
    free(text);
    text = filled("{a}", "{\"a\":\"exactly ten\"}", 11, &cut, &e);
    assert_string_equal(text, "exactly ten");
    assert_false(cut);
    free(text);
}

static void test_characters_are_counted_and_never_split(void **state)
{
    (void)state;
    fills("{a}", "{\"a\":\"äöüäöü\"}", 6, "äöüäöü");
    fills("{a}", "{\"a\":\"äöüäöüß\"}", 4, "äöüä");
}

static void test_a_template_longer_than_its_limit_is_refused(void **state)
{
    (void)state;
    struct err e = {0};
    assert_null(filled("far too long {a}", "{\"a\":\"x\"}", 5, NULL, &e));
    assert_int_equal(e.code, ERR_LIMIT);
}

static void test_the_longest_is_cut_down_to_the_next_before_that_is_touched(void **state)
{
    (void)state;
    struct err e = {0};
    char *text =
        filled("{a}|{b}", "{\"a\":\"aa aa aa aa aa\",\"b\":\"bb bb bb bb bb bb bb bb bb bb\"}", 20,
               NULL, &e);
    assert_string_equal(text, "aa aa|bb bb bb bb bb");
    free(text);
}

static const char rule_text[] =
    "{\"order\":[\"one\",\"two\",\"three\"],\"labels\":{\"two\":\"Two: \"},"
    "\"parts\":{\"one\":\"first\",\"three\":\"last\"},\"reference\":\"match it\","
    "\"variants\":{\"hero\":{\"default\":{\"two\":\"plain\"},\"audio\":{\"two\":\"loud\",\"three\":"
    "\"end\"}}}}";

static void composes(const char *variant, const char *category, bool reference,
                     const char *expected)
{
    cJSON *rule = cJSON_Parse(rule_text);
    char *text = prompt_compose(rule, variant, category, reference);
    assert_string_equal(text, expected);
    free(text);
    cJSON_Delete(rule);
}

static void test_parts_come_from_category_then_default_then_all(void **state)
{
    (void)state;
    composes("hero", "audio", false, "first\n\nTwo: loud\n\nend");
    composes("hero", "baby", false, "first\n\nTwo: plain\n\nlast");
    composes("mood", "audio", false, "first\n\nlast");
    composes(NULL, NULL, true, "first\n\nlast\n\nmatch it");
}

static void test_negatives_join_what_always_and_what_here_must_not_be(void **state)
{
    (void)state;
    cJSON *rule =
        cJSON_Parse("{\"types\":{\"product\":{\"*\":[\"a\",\"b\"],\"hero\":[\"c\"]},\"none\":{}}}");
    char *text = prompt_negative(rule, "product", "hero");
    assert_string_equal(text, "a, b, c");
    free(text);
    text = prompt_negative(rule, "product", NULL);
    assert_string_equal(text, "a, b");
    free(text);
    assert_null(prompt_negative(rule, "none", "hero"));
    cJSON_Delete(rule);
}

static void test_placeholders_are_listed_once_in_their_order(void **state)
{
    (void)state;
    cJSON *names = prompt_names("a {two} b {{no}} {one} {two} {three");
    char *text = cJSON_PrintUnformatted(names);
    assert_string_equal(text, "[\"two\",\"one\"]");
    free(text);
    cJSON_Delete(names);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names_become_their_texts_and_numbers),
        cmocka_unit_test(test_two_braces_are_one),
        cmocka_unit_test(test_placeholders_are_listed_once_in_their_order),
        cmocka_unit_test(test_a_value_is_never_read_as_a_template),
        cmocka_unit_test(test_an_unknown_name_is_named),
        cmocka_unit_test(test_an_open_brace_is_told),
        cmocka_unit_test(test_the_longest_value_is_cut_first_at_a_word),
        cmocka_unit_test(test_characters_are_counted_and_never_split),
        cmocka_unit_test(test_a_template_longer_than_its_limit_is_refused),
        cmocka_unit_test(test_the_longest_is_cut_down_to_the_next_before_that_is_touched),
        cmocka_unit_test(test_parts_come_from_category_then_default_then_all),
        cmocka_unit_test(test_negatives_join_what_always_and_what_here_must_not_be),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
