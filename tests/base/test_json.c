/* JSON as people and programs send it: what is taken, and what each complaint says. */
/* SPDX-License-Identifier: ISC */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"

static struct json_fault fault;

static int parse_n(const char *text, size_t len, cJSON **ret_tree)
{
    memset(&fault, 0, sizeof fault);
    return json_parse(text, len, &json_limits_drop, ret_tree, &fault);
}

static void refused_n(const char *text, size_t len, const char *code)
{
    cJSON *tree = NULL;
    if (parse_n(text, len, &tree) == 0)
        fail_msg("taken: %s", text);
    assert_null(tree);
    if (strcmp(fault.code, code) != 0)
        fail_msg("%s: %s (found %s, expected %s)", text, fault.code, fault.found, fault.expected);
}

static void refused(const char *text, const char *code)
{
    refused_n(text, strlen(text), code);
}

static cJSON *taken(const char *text)
{
    cJSON *tree = NULL;
    if (parse_n(text, strlen(text), &tree) != 0)
        fail_msg("%s: %s (found %s, expected %s)", text, fault.code, fault.found, fault.expected);
    return tree;
}

static void says(const char *part)
{
    char text[800];
    json_fault_text(&fault, text, sizeof text);
    if (!strstr(text, part))
        fail_msg("'%s' does not say '%s'", text, part);
}

static void test_an_empty_or_cut_document_may_be_completed_by_more_bytes(void **state)
{
    (void)state;
    static const char *const cut[] = {"{\"prompt\": \"a\"",
                                      "[",
                                      "[1,",
                                      "{\"a\":",
                                      "{\"a",
                                      "tru",
                                      "\"\\",
                                      "\"\\u00",
                                      "\"\\ud83d",
                                      "\"\\ud83d\\u",
                                      "-",
                                      "1.",
                                      "1e",
                                      "\"\xc3",
                                      "{\"a\":1,"};
    refused("", "JSON_EMPTY");
    refused(" \n", "JSON_EMPTY");
    assert_true(fault.cut);
    for (size_t i = 0; i < sizeof cut / sizeof cut[0]; i++) {
        cJSON *tree = NULL;
        assert_int_not_equal(parse_n(cut[i], strlen(cut[i]), &tree), 0);
        if (!fault.cut)
            fail_msg("not told as cut: %s", cut[i]);
    }
    refused("{\"a\" 1", "JSON_SYNTAX");
    assert_false(fault.cut);
}

static void test_depth_is_limited_without_using_up_the_stack(void **state)
{
    (void)state;
    char *deep = mem_alloc(100001);
    memset(deep, '[', 100000);
    refused(deep, "JSON_DEPTH");
    says("at most 32 levels");
    deep[32] = '\0';
    refused(deep, "JSON_SYNTAX");
    assert_true(fault.cut);
    free(deep);
}

static void test_a_key_may_stand_once_also_when_it_is_written_with_escapes(void **state)
{
    (void)state;
    refused("{\"model\":1,\"model\":2}", "JSON_DUPLICATE_KEY");
    refused("{\"a\":{\"model\":1,\"\\u006dodel\":2}}", "JSON_DUPLICATE_KEY");
    says("(/a)");
    says("\"model\"");
    cJSON_Delete(taken("{\"a\":{\"m\":1},\"b\":{\"m\":1},\"m\":[{\"m\":1},{\"m\":1}]}"));
}

static void test_numbers_that_would_be_rounded_are_refused(void **state)
{
    (void)state;
    refused("1e400", "JSON_NUMBER");
    refused("1E999999999", "JSON_NUMBER");
    refused("1e-400", "JSON_NUMBER");
    refused("123456789012345678901234567890", "JSON_NUMBER");
    refused("9007199254740993", "JSON_NUMBER");
    refused("[-9007199254740993]", "JSON_NUMBER");
    refused("0.000000000000000000000000000000000001", "JSON_NUMBER");
    static const char *const fine[] = {
        "9007199254740992", "18446744073709551616", "0.1", "1e308", "-1.5E-3", "0", "0.0e0",
        "2147483648"};
    for (size_t i = 0; i < sizeof fine / sizeof fine[0]; i++)
        cJSON_Delete(taken(fine[i]));
}

static void test_minus_zero_is_zero_and_other_spellings_are_named(void **state)
{
    (void)state;
    cJSON *tree = taken("[-0, -0.0]");
    char *text = json_compact(tree);
    assert_string_equal(text, "[0,0]");
    free(text);
    cJSON_Delete(tree);
    static const char *const wrong[] = {"01",        "-01",  ".5",     "+1",   "NaN", "Infinity",
                                        "-Infinity", "[1.]", "[1.e1]", "[1e]", "[-]", "[0x10]"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        refused(wrong[i], "JSON_SYNTAX");
    refused("[NaN]", "JSON_SYNTAX");
    says("NaN");
    refused("[01]", "JSON_SYNTAX");
    says("leading zeros");
}

static void test_text_that_is_not_utf8_is_refused_with_its_offset(void **state)
{
    (void)state;
    refused("{\"a\": \"b\xff\xfe\"}", "JSON_UTF8");
    assert_int_equal(fault.offset, 8);
    says("(/a)");
    refused("\"\xc0\xaf\"", "JSON_UTF8");
    refused("\"\xed\xa0\x80\"", "JSON_UTF8");
    refused("\"\xf5\x80\x80\x80\"", "JSON_UTF8");
    refused("\"\\ud800\"", "JSON_UTF8");
    refused("\"\\ud800\\u0041\"", "JSON_UTF8");
    refused("\"\\udc00\"", "JSON_UTF8");
    refused("\"\\u0000\"", "JSON_NUL");
    refused_n("\"a\0b\"", 5, "JSON_NUL");
    cJSON *tree = taken("\"\\ud83d\\ude00 \\u00e9 \\/ \\\" \xf0\x9f\x98\x80\"");
    assert_string_equal(tree->valuestring, "\xf0\x9f\x98\x80 \xc3\xa9 / \" \xf0\x9f\x98\x80");
    cJSON_Delete(tree);
}

static void test_a_byte_order_mark_is_skipped_and_utf16_is_named(void **state)
{
    (void)state;
    cJSON_Delete(taken("\xef\xbb\xbf{\"a\": 1}"));
    refused_n("\xff\xfe{\0\"\0", 6, "JSON_ENCODING");
    says("save as UTF-8");
    refused_n("\xfe\xff\0{", 4, "JSON_ENCODING");
    refused_n("{\0\"\0a\0", 6, "JSON_ENCODING");
    refused_n("\0{\0\"", 4, "JSON_ENCODING");
}

static void test_habits_from_other_languages_are_named(void **state)
{
    (void)state;
    static const char *const habits[][2] = {{"{\"a\": 1} // note", "comment"},
                                            {"[/* x */ 1]", "comment"},
                                            {"# x\n[1]", "comment"},
                                            {"{\"a\": 1,}", "a comma before '}'"},
                                            {"[1, 2, ]", "a comma before ']'"},
                                            {"{'a': 1}", "single quote"},
                                            {"{\"a\": 'b'}", "single quote"},
                                            {"{\xe2\x80\x9c"
                                             "a\": 1}",
                                             "typographic quote"},
                                            {"{\"a\": True}", "true"},
                                            {"{a: 1}", "a key in double quotes"},
                                            {"{\"a\" = 1}", "':' after a key"},
                                            {"{\"a\": \"x\ny\"}", "line break"},
                                            {"[\"\\q\"]", "\\q"}};
    for (size_t i = 0; i < sizeof habits / sizeof habits[0]; i++) {
        cJSON *tree = NULL;
        assert_int_not_equal(parse_n(habits[i][0], strlen(habits[i][0]), &tree), 0);
        says(habits[i][1]);
    }
}

static void test_nothing_may_follow_the_document(void **state)
{
    (void)state;
    refused("{} {}", "JSON_TRAILING");
    refused("[1] x", "JSON_TRAILING");
    refused_n("123\0", 4, "JSON_TRAILING");
    cJSON_Delete(taken("[1]\r\n\t "));
}

static void test_a_place_is_told_by_pointer_line_and_column(void **state)
{
    (void)state;
    refused("{\n  \"products\": [\n    {\"na/me\": \"\xc3\xa9\", \"x\": nope}]}", "JSON_SYNTAX");
    assert_int_equal(fault.line, 3);
    assert_int_equal(fault.column, 25);
    assert_string_equal(fault.pointer, "/products/0/x");
    says("'nope'");
    refused("{\"a/b\": {\"c~d\": [0, [x]]}}", "JSON_SYNTAX");
    assert_string_equal(fault.pointer, "/a~1b/c~0d/1/0");
}

static void test_size_limits_are_kept(void **state)
{
    (void)state;
    struct json_limits small = {.bytes = 20, .depth = 3, .values = 4, .keys = 2, .string = 3};
    cJSON *tree = NULL;
    const char *const too_much[] = {"[                       ]", "[1,2,3,4]",
                                    "{\"a\":1,\"b\":1,\"c\":1}", "\"abcd\""};
    for (size_t i = 0; i < sizeof too_much / sizeof too_much[0]; i++) {
        assert_int_equal(json_parse(too_much[i], strlen(too_much[i]), &small, &tree, &fault),
                         ERR_LIMIT);
        assert_string_equal(fault.code, "JSON_SIZE");
    }
    assert_int_equal(json_parse("[1,2,3]", 7, &small, &tree, &fault), 0);
    cJSON_Delete(tree);
}

static void test_rules_may_carry_comments(void **state)
{
    (void)state;
    static const char text[] =
        "// a\n{/* b */ \"u\": \"http://x/*y*/\", // c\n \"n\": 1 /**/ }\n// end";
    cJSON *tree = NULL;
    assert_int_equal(json_parse(text, strlen(text), &json_limits_rules, &tree, &fault), 0);
    assert_string_equal(json_str(tree, "u", ""), "http://x/*y*/");
    cJSON_Delete(tree);
    assert_int_equal(json_parse("[1] /* open", 11, &json_limits_rules, &tree, &fault), ERR_INPUT);
}

static void test_getters_answer_the_fallback_for_other_types(void **state)
{
    (void)state;
    cJSON *tree =
        taken("{\"s\":\"t\",\"n\":1.5,\"i\":-7,\"b\":true,\"z\":null,\"l\":[{\"a/b\":3}]}");
    assert_string_equal(json_str(tree, "s", "x"), "t");
    assert_string_equal(json_str(tree, "n", "x"), "x");
    assert_true(json_num(tree, "n", 0) == 1.5);
    assert_int_equal(json_int(tree, "n", 9), 9);
    assert_int_equal(json_int(tree, "i", 9), -7);
    assert_true(json_bool(tree, "b", false));
    assert_true(json_bool(tree, "s", true));
    assert_null(json_get(tree, "z"));
    assert_int_equal(json_int(tree, "/l/0/a~1b", 0), 3);
    assert_null(json_get(tree, "/l/1/a~1b"));
    assert_null(json_get(NULL, "s"));
    assert_ptr_equal(json_get(tree, "/"), NULL);
    cJSON_Delete(tree);
}

static void test_a_set_member_keeps_its_position(void **state)
{
    (void)state;
    cJSON *tree = taken("{\"a\":1,\"b\":2,\"c\":3}");
    json_set_str(tree, "b", "x");
    json_set_num(tree, "d", 0.1);
    json_set_bool(tree, "a", false);
    json_set_str(tree, "c", NULL);
    char *text = json_compact(tree);
    assert_string_equal(text, "{\"a\":false,\"b\":\"x\",\"c\":null,\"d\":0.1}");
    free(text);
    cJSON_Delete(tree);
}

static void test_text_is_steady_and_reads_back_as_it_was(void **state)
{
    (void)state;
    cJSON *tree = taken("{\"b\":[1,2.50,1e21,1e15,-0.1,123456789012],\"a\":{},\"l\":[],"
                        "\"s\":\"a/b\\n\\u0001\\\"\\\\\xc3\xa9\"}");
    char *compact = json_compact(tree), *pretty = json_pretty(tree), *sorted = json_canonical(tree);
    assert_string_equal(compact, "{\"b\":[1,2.5,1e+21,1e+15,-0.1,123456789012],\"a\":{},\"l\":[],"
                                 "\"s\":\"a/b\\n\\u0001\\\"\\\\\xc3\xa9\"}");
    assert_string_equal(pretty,
                        "{\n  \"b\": [\n    1,\n    2.5,\n    1e+21,\n    1e+15,\n    -0.1,\n"
                        "    123456789012\n  ],\n  \"a\": {},\n  \"l\": [],\n"
                        "  \"s\": \"a/b\\n\\u0001\\\"\\\\\xc3\xa9\"\n}\n");
    assert_int_equal(strncmp(sorted, "{\"a\":{},\"b\":", 12), 0);
    cJSON *again = taken(compact);
    assert_true(cJSON_Compare(tree, again, true));
    cJSON_Delete(again);
    cJSON_Delete(tree);
    free(compact);
    free(pretty);
    free(sorted);
}

static void test_bytes_that_are_not_utf8_are_never_written(void **state)
{
    (void)state;
    cJSON *tree = cJSON_CreateString("a\xff"
                                     "b");
    char *text = json_compact(tree);
    assert_string_equal(text, "\"a\xef\xbf\xbd"
                              "b\"");
    free(text);
    cJSON_Delete(tree);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_an_empty_or_cut_document_may_be_completed_by_more_bytes),
        cmocka_unit_test(test_depth_is_limited_without_using_up_the_stack),
        cmocka_unit_test(test_a_key_may_stand_once_also_when_it_is_written_with_escapes),
        cmocka_unit_test(test_numbers_that_would_be_rounded_are_refused),
        cmocka_unit_test(test_minus_zero_is_zero_and_other_spellings_are_named),
        cmocka_unit_test(test_text_that_is_not_utf8_is_refused_with_its_offset),
        cmocka_unit_test(test_a_byte_order_mark_is_skipped_and_utf16_is_named),
        cmocka_unit_test(test_habits_from_other_languages_are_named),
        cmocka_unit_test(test_nothing_may_follow_the_document),
        cmocka_unit_test(test_a_place_is_told_by_pointer_line_and_column),
        cmocka_unit_test(test_size_limits_are_kept),
        cmocka_unit_test(test_rules_may_carry_comments),
        cmocka_unit_test(test_getters_answer_the_fallback_for_other_types),
        cmocka_unit_test(test_a_set_member_keeps_its_position),
        cmocka_unit_test(test_text_is_steady_and_reads_back_as_it_was),
        cmocka_unit_test(test_bytes_that_are_not_utf8_are_never_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
