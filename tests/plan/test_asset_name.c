/* Names of shots: which are taken, into which parts they fall, which are refused. */
/* SPDX-License-Identifier: ISC */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "plan/asset_name.h"

static const char pattern[] =
    "^([A-Z][A-Z0-9]{1,7})_EP([0-9]{3})_S([0-9]{2,3})_T([0-9]{2,3})_([A-Z0-9]+(-[A-Z0-9]+)*)"
    "(_([a-z][a-z0-9_]*))?([.](png|jpe?g|webp|mp4|mov|webm))?$";

static void test_a_full_name_falls_into_its_parts(void **state)
{
    struct asset_name n;
    (void)state;
    assert_int_equal(
        asset_name_parse(pattern, "HRB_EP012_S04_T101_MARA-JON_first_raw.jpeg", &n, NULL), 0);
    assert_string_equal(n.project, "HRB");
    assert_int_equal(n.episode, 12);
    assert_string_equal(n.scene, "04");
    assert_string_equal(n.take, "101");
    assert_string_equal(n.characters, "MARA-JON");
    assert_string_equal(n.suffix, "first_raw");
    assert_string_equal(n.ext, "jpeg");
}

static void test_suffix_and_extension_may_be_missing(void **state)
{
    struct asset_name n;
    (void)state;
    assert_int_equal(asset_name_parse(pattern, "HRB_EP001_S04_T01_ENV", &n, NULL), 0);
    assert_string_equal(n.suffix, "");
    assert_string_equal(n.ext, "");
    assert_int_equal(asset_name_parse(pattern, "HRB_EP001_S04_T01_ENV.mp4", &n, NULL), 0);
    assert_string_equal(n.ext, "mp4");
}

static void test_names_of_another_form_are_refused_with_a_sentence(void **state)
{
    static const char *const bad[] = {
        "",
        "HRB_EP1_S04_T01_MARA",
        "HRB_EP001_S04_T01_mara",
        "HRB_EP001_S4_T01_MARA",
        "H_EP001_S04_T01_MARA",
        "HRB_EP001_S04_T01_",
        "HRB_EP001_S04_T01_MARA-",
        "HRB_EP001_S04_T01_MARA.exe",
        "../HRB_EP001_S04_T01_MARA",
        "HRB_EP001_S04_T01_MARA\n",
        "HRB_EP001_S04_T01_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
    };
    struct asset_name n;
    struct err e;
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        e = (struct err){0};
        assert_int_equal(asset_name_parse(pattern, bad[i], &n, &e), ERR_INPUT);
        assert_non_null(strstr(e.text, "PRJ_EP001_S01_T01_NAME"));
    }
}

static void test_a_stem_must_not_carry_suffix_or_extension(void **state)
{
    struct asset_name n;
    struct err e = {0};
    (void)state;
    assert_int_equal(asset_name_check_stem(pattern, "HRB_EP001_S04_T01_MARA", &n, &e), 0);
    assert_int_equal(asset_name_check_stem(pattern, "HRB_EP001_S04_T01_MARA_hero", &n, &e),
                     ERR_INPUT);
    assert_int_equal(asset_name_check_stem(pattern, "HRB_EP001_S04_T01_MARA.png", &n, &e),
                     ERR_INPUT);
    assert_non_null(strstr(e.text, "without suffix"));
}

static void test_a_pattern_without_the_groups_is_a_fault_of_the_rules(void **state)
{
    struct asset_name n;
    struct err e = {0};
    (void)state;
    assert_int_equal(asset_name_parse("^[A-Z]+$", "HRB", &n, &e), ERR_RULES);
    assert_int_equal(asset_name_parse("^(", "HRB", &n, &e), ERR_RULES);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_full_name_falls_into_its_parts),
        cmocka_unit_test(test_suffix_and_extension_may_be_missing),
        cmocka_unit_test(test_names_of_another_form_are_refused_with_a_sentence),
        cmocka_unit_test(test_a_stem_must_not_carry_suffix_or_extension),
        cmocka_unit_test(test_a_pattern_without_the_groups_is_a_fault_of_the_rules),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
