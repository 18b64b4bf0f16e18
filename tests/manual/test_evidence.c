/* A returned file's name must lead to its shot however a browser or a person has changed it, and a
 * name that could mean two things must lead nowhere. */
/* SPDX-License-Identifier: ISC */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "manual/evidence.h"
#include "manual/target.h"

/* Units 0 to 5, each by the names it goes by. */
static const struct evidence_name names[] = {
    {"EP001_SH03", 0, -1},
    {"BWT_EP001_S03_T01_NELL", 0, -1},
    {"BWT_EP001_S03_T01_NELL_first", 0, 7},
    {"EP001_SH30", 1, -1},
    {"BWT_EP001_S30_T01_NELL", 1, -1},
    {"EP001_SH04", 2, -1},
    {"01_hero", 3, -1},
    {"background", 4, -1},
    {"01_hero_usage", 5, -1},
};
#define NAMES_N (sizeof names / sizeof *names)

static void test_a_name_leads_to_its_shot_in_every_spelling(void **state)
{
    (void)state;
    static const struct {
        const char *path;
        int unit, job;
    } table[] = {
        {"EP001_SH03.png", 0, -1},
        {"EP001_SH03 copy 2.png", 0, -1},
        {"EP001-SH03_final_v2.PNG", 0, -1},
        {"ep001 sh03 (1).webp", 0, -1},
        {"my EP001.SH03 fixed.jpeg", 0, -1},
        {"motion/EP001_SH03_upscaled_4x.mp4", 0, -1},
        {"BWT_EP001_S03_T01_NELL_first.png", 0, 7},
        {"bwt_ep001_s03_t01_nell_FIRST-edited.png", 0, 7},
        {"EP001_SH30.mp4", 1, -1},
        {"01_hero_2048x2048.webp", 3, -1},
        {"01_hero_usage.png", 5, -1},
        {"background copy.png", 4, -1},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct evidence found = evidence_read(table[i].path, names, NAMES_N);
        if (found.unit != table[i].unit || found.job != table[i].job || found.several)
            fail_msg("%s leads to %d, %d", table[i].path, found.unit, found.job);
    }
}

static void test_a_name_that_says_nothing_or_two_things_leads_nowhere(void **state)
{
    (void)state;
    static const char *const table[] = {
        "download (3).png",          "image-2_upscaled.webp", "EP001_SH3.png",
        "EP001_SH033.png",           "EP011_SH03.png",        "a fine background of hills.png",
        "EP001_SH03_EP001_SH04.png", "XEP001_SH03.png",       "",
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct evidence found = evidence_read(table[i], names, NAMES_N);
        if (found.unit != -1 || found.job != -1)
            fail_msg("\"%s\" leads to %d", table[i], found.unit);
    }
    assert_true(evidence_read("EP001_SH03 or EP001_SH04.png", names, NAMES_N).several);
}

static void test_one_name_of_two_units_leads_nowhere(void **state)
{
    (void)state;
    static const struct evidence_name twice[] = {{"EP001_SH03", 0, -1}, {"ep001-sh03", 1, -1}};
    struct evidence found = evidence_read("EP001_SH03.png", twice, 2);
    assert_int_equal(found.unit, -1);
    assert_true(found.several);
}

static void test_a_name_that_looks_like_a_shots_id_is_told_from_others(void **state)
{
    (void)state;
    assert_true(evidence_is_shot("EP009_SH77 fixed.png"));
    assert_true(evidence_is_shot("ep9-sh7(1).webp"));
    assert_true(evidence_is_shot("steps_EP1SH2.mp4"));
    assert_false(evidence_is_shot("EP009_SHOT.png"));
    assert_false(evidence_is_shot("STEP1_SH2.png"));
    assert_false(evidence_is_shot("EP_SH02.png"));
    assert_false(evidence_is_shot("download (3).png"));
    assert_false(evidence_is_shot(""));
}

static void test_a_mark_in_a_name_is_read_whole_or_not_at_all(void **state)
{
    (void)state;
    char mark[32];
    evidence_mark("x/frame slb1-abcdefghijklmnopqrstuvwx23 copy.png", mark);
    assert_string_equal(mark, "slb1-abcdefghijklmnopqrstuvwx23");
    evidence_mark("slb1-abcdefghijklm.png", mark);
    assert_string_equal(mark, "");
    evidence_mark("slb1-ABCDEFGHIJKLMNOPQRSTUVWX23.png", mark);
    assert_string_equal(mark, "");
}

static void test_a_tag_is_read_from_folder_or_name_and_two_are_none(void **state)
{
    (void)state;
    const char *found = evidence_tag("motion/EP001_SH03.png", manual_tags);
    assert_string_equal(found, "motion");
    found = evidence_tag("EP001_SH03 safety-filter.png", manual_tags);
    assert_string_equal(found, "safety_filter");
    assert_null(evidence_tag("motion/EP001_SH03_artifacts.png", manual_tags));
    assert_null(evidence_tag("EP001_SH03_emotions.png", manual_tags));
}

static void test_the_order_of_a_bundle_is_one_or_two_digits_at_the_start(void **state)
{
    (void)state;
    assert_int_equal(evidence_order("02_end.png"), 2);
    assert_int_equal(evidence_order("x/7.png"), 7);
    assert_int_equal(evidence_order("2026-03-14.png"), 0);
    assert_int_equal(evidence_order("2nd try.png"), 0);
    assert_int_equal(evidence_order("frame_02.png"), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_name_leads_to_its_shot_in_every_spelling),
        cmocka_unit_test(test_a_name_that_says_nothing_or_two_things_leads_nowhere),
        cmocka_unit_test(test_one_name_of_two_units_leads_nowhere),
        cmocka_unit_test(test_a_name_that_looks_like_a_shots_id_is_told_from_others),
        cmocka_unit_test(test_a_mark_in_a_name_is_read_whole_or_not_at_all),
        cmocka_unit_test(test_a_tag_is_read_from_folder_or_name_and_two_are_none),
        cmocka_unit_test(test_the_order_of_a_bundle_is_one_or_two_digits_at_the_start),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
