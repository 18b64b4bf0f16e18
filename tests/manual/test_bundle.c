/* Equal contents must be the same bundle with the same mark, any other content another one. */
/* SPDX-License-Identifier: ISC */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "manual/bundle.h"

static cJSON *rule;

static const char rule_text[] =
    "{\"kling-v3\":{\"label\":\"Kling\",\"slug\":\"kling_3.0\",\"kind\":\"clip\",\"negative\":"
    "\"morphing\",\"steps\":[\"Go.\"]},\"veo\":{\"label\":\"Veo\",\"slug\":\"veo\",\"kind\":"
    "\"clip\",\"steps\":[\"Go.\"]},\"image\":{\"label\":\"Image\",\"slug\":\"image\",\"kind\":"
    "\"still\",\"steps\":[\"Go.\"]},\"text\":{\"label\":\"Writer\",\"slug\":\"text\",\"kind\":"
    "\"text\",\"steps\":[\"{schema}Ask for schema.json.\",\"Go.\"]}}";

static int make_rule(void **state)
{
    (void)state;
    rule = cJSON_Parse(rule_text);
    return rule ? 0 : -1;
}

static int drop_rule(void **state)
{
    (void)state;
    cJSON_Delete(rule);
    return 0;
}

static struct bundle_plan plan_of(const char *target, const char *unit, const char *sha256)
{
    struct bundle_plan b = {.unit = mem_dup(unit),
                            .drop = mem_dup("20260314-090000-h"),
                            .job = mem_dup("SH03.clip"),
                            .role = mem_dup("clip"),
                            .target = json_get(rule, target),
                            .wording = {.whole = "She waits by the lamp"}};
    char hex[DIGEST_LEN] = "";
    snprintf(hex, sizeof hex, "%s", sha256);
    bundle_add_picture(&b, "start_frame.png", "/somewhere/first.png", hex);
    bundle_compose(&b);
    return b;
}

static void token(const char *target, const char *unit, const char *sha256, char ret_token[64])
{
    struct bundle_plan b = plan_of(target, unit, sha256);
    snprintf(ret_token, 64, "%s", b.token);
    bundle_plan_finish(&b);
}

static void test_a_mark_stands_for_the_content(void **state)
{
    (void)state;
    char one[64], same[64], other[64];
    token("kling-v3", "EP001_SH03", "aa", one);
    token("kling-v3", "EP001_SH03", "aa", same);
    assert_string_equal(one, same);
    assert_int_equal(strlen(one), 31);
    assert_int_equal(strspn(one + 5, "abcdefghijklmnopqrstuvwxyz234567"), 26);
    token("kling-v3", "EP001_SH03", "ab", other);
    assert_string_not_equal(one, other);
    token("kling-v3", "EP001_SH04", "aa", other);
    assert_string_not_equal(one, other);
    token("veo", "EP001_SH03", "aa", other);
    assert_string_not_equal(one, other);
}

static void test_a_negative_goes_only_where_it_is_taken(void **state)
{
    (void)state;
    struct bundle_plan kling = plan_of("kling-v3", "EP001_SH03", "aa");
    struct bundle_plan veo = plan_of("veo", "EP001_SH03", "aa");
    assert_string_equal(kling.negative, "morphing");
    assert_null(veo.negative);
    bundle_plan_finish(&kling);
    bundle_plan_finish(&veo);
    struct bundle_plan own = {.unit = mem_dup("a"),
                              .drop = mem_dup("d"),
                              .target = json_get(rule, "kling-v3"),
                              .negative = mem_dup("fog")};
    bundle_compose(&own);
    assert_string_equal(own.negative, "fog");
    bundle_plan_finish(&own);
}

static void test_a_text_goes_out_with_its_shape_and_comes_back_as_a_text(void **state)
{
    (void)state;
    struct bundle_plan b = {.unit = mem_dup("lore"),
                            .drop = mem_dup("d"),
                            .job = mem_dup("lore"),
                            .role = mem_dup("text"),
                            .schema = mem_dup("{}"),
                            .negative = mem_dup("fog"),
                            .wording = {.whole = "Write the lore of a harbour."},
                            .target = json_get(rule, "text")};
    bundle_compose(&b);
    assert_string_equal(b.prompt, "Write the lore of a harbour.");
    assert_null(b.negative);
    assert_non_null(strstr(b.instructions, " 1. Ask for schema.json.\n 2. Go."));
    cJSON *doc = bundle_record(&b, "lore_text", cJSON_CreateArray());
    assert_string_equal(json_str(doc, "/expects/0/ext/1", ""), "txt");
    assert_string_equal(json_str(doc, "/expects/0/role", ""), "text");
    cJSON_Delete(doc);
    bundle_plan_finish(&b);
}

static void test_a_folder_is_named_after_unit_and_target_and_stays_one_name(void **state)
{
    (void)state;
    struct bundle_plan b = plan_of("kling-v3", "EP001_SH03", "aa");
    struct bundle_plan odd = plan_of("image", "C-U-009/\xc3\xa9t\xc3\xa9: ../x", "aa");
    char *name = bundle_name(&b, 1), *second = bundle_name(&b, 2), *safe = bundle_name(&odd, 1);
    assert_string_equal(name, "EP001_SH03_kling_3.0");
    assert_string_equal(second, "EP001_SH03_kling_3.0_v2");
    assert_null(strchr(safe, '/'));
    assert_non_null(strstr(safe, "\xc3\xa9t\xc3\xa9"));
    free(name);
    free(second);
    free(safe);
    bundle_plan_finish(&b);
    bundle_plan_finish(&odd);
}

static void test_the_record_says_what_comes_back_and_names_no_place_of_this_machine(void **state)
{
    (void)state;
    struct bundle_plan b = plan_of("kling-v3", "EP001_SH03", "aa");
    cJSON *doc = bundle_record(&b, "EP001_SH03_kling_3.0", cJSON_CreateArray());
    char *text = json_pretty(doc);
    assert_string_equal(json_str(doc, "/expects/0/ext/0", ""), "mp4");
    assert_string_equal(json_str(doc, "job", ""), "SH03.clip");
    assert_string_equal(json_str(doc, "token", ""), b.token);
    assert_int_equal(json_num(doc, "prompt_words", 0), 5);
    assert_null(strstr(text, "/somewhere"));
    free(text);
    cJSON_Delete(doc);
    bundle_plan_finish(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_mark_stands_for_the_content),
        cmocka_unit_test(test_a_negative_goes_only_where_it_is_taken),
        cmocka_unit_test(test_a_text_goes_out_with_its_shape_and_comes_back_as_a_text),
        cmocka_unit_test(test_a_folder_is_named_after_unit_and_target_and_stays_one_name),
        cmocka_unit_test(test_the_record_says_what_comes_back_and_names_no_place_of_this_machine),
    };
    return cmocka_run_group_tests(tests, make_rule, drop_rule);
}
