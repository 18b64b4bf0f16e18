/* Combos: which folders are one, which wardrobe, style and pictures they have, which pairs come of
 * them. */
/* SPDX-License-Identifier: ISC */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>

#include "base/str.h"
#include "plan/combo.h"
#include "plan/combo_order.h"
#include "plan/planned.h"

static struct rules *all;

static int setup(void **state)
{
    struct faults faults = {0};
    (void)state;
    setenv("TZ", "UTC", 1);
    return rules_load("rules", &all, &faults);
}

static int teardown(void **state)
{
    (void)state;
    rules_release(all);
    return 0;
}

static struct plan *planned(struct order *o)
{
    return planned_with(o, &(struct plan_context){all, "20260314-100000-combos", 1773482400});
}

static char *refused(struct order *o)
{
    return refused_with(o, &(struct plan_context){all, "20260314-100000-combos", 1773482400});
}

static bool notes_say(const struct plan *p, const char *code)
{
    for (size_t i = 0; i < p->notes.n; i++) {
        if (str_eq(p->notes.list[i].code, code))
            return true;
    }
    return false;
}

static void finish(struct order *o, struct plan *p)
{
    plan_free(p);
    order_free(o);
}

/* Two combos of one wardrobe and the given prompts, as "ZH01 FULL02". */
static struct order *pair_order(void)
{
    struct order *o = combo_order("Hoodie_combo");
    add_combo(o, "Studio_UI_Combos/C-U-001/");
    add_combo(o, "Orange_UI_Combos/C-U-010/");
    add_text(o, "catalog_v1.0/ZH01_parcel_day.md", "# ZH01\n\nHe opens a parcel. MCU.");
    add_text(o, "catalog_v1.0/ZH02_long_walk.md", "# ZH02\n\nHe walks, full height.");
    add_text(o, "catalog_v1.0/LS01_other.md", "# LS01\n\nA runner.");
    return o;
}

static void test_combos_go_outer_and_prompts_inner(void **state)
{
    struct order *o = pair_order();
    struct plan *p = planned(o);
    (void)state;
    assert_int_equal(p->jobs_n, 4);
    assert_string_equal(p->jobs[0].key, "001");
    assert_string_equal(p->jobs[0].title, "ZH01_parcel_day + C-U-001");
    assert_string_equal(p->jobs[1].title, "ZH02_long_walk + C-U-001");
    assert_string_equal(p->jobs[2].title, "ZH01_parcel_day + C-U-010");
    assert_string_equal(p->jobs[3].key, "004");
    assert_string_equal(p->jobs[0].op, "combo.compose");
    assert_true(notes_say(p, "PROMPT_UNUSED"));
    finish(o, p);
}

static void test_pictures_are_sent_in_their_order(void **state)
{
    struct order *o = pair_order();
    struct plan *p = planned(o);
    const struct plan_job *j = &p->jobs[0];
    (void)state;
    assert_int_equal(j->ins_n, 4);
    assert_string_equal(j->ins[0].name, "wardrobe");
    assert_string_equal(j->ins[0].file, "input/Hoodie_combo/Studio_UI_Combos/C-U-001/hoodie.png");
    assert_string_equal(j->ins[1].name, "bottom");
    assert_string_equal(j->ins[2].name, "pose");
    assert_string_equal(j->ins[3].name, "ui");
    finish(o, p);
}

static void test_files_lie_in_the_tree_and_slots_know_no_time(void **state)
{
    struct order *o = pair_order();
    struct plan *p = planned(o);
    (void)state;
    assert_string_equal(p->jobs[0].outs[0].path,
                        "Result_images/zip-hoodie/v1.0/ZH01_parcel_day/Studio/C-U-001/"
                        "2026-03-14-10-00-00-ZH01-1K.png");
    assert_string_equal(p->jobs[0].outs[0].slot,
                        "Result_images/zip-hoodie/v1.0/ZH01_parcel_day/Studio/C-U-001/ZH01-1K");
    assert_string_equal(p->jobs[2].prompt_path,
                        "Result_images/zip-hoodie/v1.0/ZH01_parcel_day/Orange/C-U-010/"
                        "2026-03-14-10-00-00-ZH01-1K.prompt.txt");
    assert_int_equal(json_int(p->jobs[2].params, "width", 0), 1024);
    finish(o, p);
}

static void test_the_prompt_is_the_catalog_s_with_the_reference_paragraphs(void **state)
{
    struct order *o = combo_order("C-U-003");
    struct plan *p;
    (void)state;
    add_combo(o, "");
    add_text(o, "combo.json", "{\"wardrobe_description\": \"a grey zip hoodie, brushed inside\"}");
    add_text(o, "catalog_v1/ZH01.md", "# ZH01\n\nHe opens a parcel.");
    p = planned(o);
    assert_true(str_starts(p->jobs[0].prompt, "He opens a parcel.\n\n"));
    assert_non_null(strstr(p->jobs[0].prompt, "garment, lower garment, pose, layout"));
    assert_non_null(strstr(p->jobs[0].prompt, "background"));
    assert_non_null(strstr(p->jobs[0].prompt, "Keep exactly"));
    assert_non_null(strstr(p->jobs[0].prompt, "with: a grey zip hoodie, brushed inside."));
    finish(o, p);
}

static void test_a_pose_that_is_not_there_gives_way_to_the_close_one(void **state)
{
    struct order *o = pair_order();
    struct plan *p;
    (void)state;
    add_picture(o, "Studio_UI_Combos/C-U-001/pose_full.png");
    p = planned(o);
    assert_true(str_ends(p->jobs[0].ins[2].file, "C-U-001/pose_mcu.png"));
    assert_true(str_ends(p->jobs[1].ins[2].file, "C-U-001/pose_full.png"));
    assert_true(str_ends(p->jobs[3].ins[2].file, "C-U-010/pose_mcu.png"));
    assert_string_equal(json_str(p->jobs[3].params, "pose_kind", ""), "mcu");
    assert_true(notes_say(p, "POSE_OTHER"));
    finish(o, p);
}

static void test_the_close_pose_goes_before_any_other(void **state)
{
    struct order *o = combo_order("C-U-002");
    struct plan *p;
    (void)state;
    add_picture(o, "a_pose_straight.png");
    add_combo(o, "");
    add_text(o, "catalog_v1/ZH01.md", "# ZH01\n\nText, full body.");
    add_text(o, "catalog_v1/ZH02.md", "# ZH02\n\nText without a wish.");
    p = planned(o);
    assert_true(str_ends(p->jobs[0].ins[2].file, "/pose_mcu.png"));
    assert_true(str_ends(p->jobs[1].ins[2].file, "/pose_mcu.png"));
    assert_int_equal(p->notes.n, 1);
    finish(o, p);
}

static void test_two_combos_of_one_name_are_refused(void **state)
{
    struct order *o = combo_order("Hoodie_combo");
    char *why;
    (void)state;
    add_combo(o, "Studio_UI_Combos/C-U-001/");
    add_combo(o, "Studio_more/C-U-001/");
    add_text(o, "catalog_v1/ZH01.md", "# ZH01\n\nText.");
    why = refused(o);
    assert_non_null(strstr(why, "COMBO_TWICE"));
    free(why);
}

static void test_a_single_combo_takes_its_name_from_the_drop(void **state)
{
    struct order *o = combo_order("C-U-012");
    struct plan *p;
    (void)state;
    add_combo(o, "");
    add_text(o, "catalog_v1/ZH01.md", "# ZH01\n\nText.");
    p = planned(o);
    assert_string_equal(p->jobs[0].outs[0].slot,
                        "Result_images/zip-hoodie/v1/ZH01/Orange/C-U-012/ZH01-1K");
    finish(o, p);
}

static void test_a_tree_of_wardrobes_gives_each_its_own_prompts(void **state)
{
    struct order *o = combo_order("Combos");
    struct plan *p;
    (void)state;
    add_combo(o, "Hoodie_combo/Studio_UI_Combos/C-U-000/");
    add_combo(o, "longsleeve_combo/Studio_UI_Combos/C-U-000/");
    add_combo(o, "Hoodie_combo/_deprecated/C-U-009/");
    add_text(o, "catalog_v1/ZH01.md", "# ZH01\n\nText.");
    add_text(o, "catalog_v1/FLAT01.md", "# FLAT01\n\nText.");
    add_text(o, "catalog_v1/LS01.md", "# LS01\n\nText.");
    p = planned(o);
    assert_int_equal(p->jobs_n, 3);
    assert_true(
        str_starts(p->jobs[1].outs[0].path, "Result_images/zip-hoodie/v1/FLAT01/Studio/C-U-000/"));
    assert_true(
        str_starts(p->jobs[0].outs[0].path, "Result_images/longsleeve/v1/LS01/Studio/C-U-000/"));
    assert_true(notes_say(p, "RETIRED"));
    finish(o, p);
}

static void test_a_descriptor_names_pictures_from_its_folder_or_the_top(void **state)
{
    struct order *o = combo_order("refs");
    struct plan *p;
    (void)state;
    add_picture(o, "wardrobe/zip-hoodie_mcu.png");
    add_picture(o, "poses/mcu_front.png");
    add_picture(o, "layouts/ui_09.png");
    add_text(o, "zip-hoodie/Orange/C-U-009.env",
             "# made by hand\nWARDROBE='studio_a/wardrobe/zip-hoodie_mcu.png'\r\n\n"
             "POSE = poses/mcu_front.png\nUI=\"../x/layouts/ui_09.png\"\n");
    add_text(o, "catalog_v1/ZH01.md", "# ZH01\n\nText.");
    p = planned(o);
    assert_int_equal(p->jobs_n, 1);
    assert_int_equal(p->jobs[0].ins_n, 3);
    assert_true(
        str_starts(p->jobs[0].outs[0].path, "Result_images/zip-hoodie/v1/ZH01/Orange/C-U-009/"));
    assert_string_equal(json_str(p->jobs[0].params, "pose_kind", ""), "mcu");
    finish(o, p);
}

static void test_a_combo_json_overrides_what_names_say(void **state)
{
    struct order *o = combo_order("C-U-001");
    struct plan *p;
    (void)state;
    add_picture(o, "a.png");
    add_picture(o, "b.png");
    add_picture(o, "c.png");
    add_text(o, "combo.json",
             "{\"combo_id\": \"C-U-044\", \"wardrobe\": \"longsleeve\", \"ui_style\": \"Orange\", "
             "\"quality\": \"2K\","
             " \"pose_kind\": \"full\", \"catalogs\": [\"v2\"],"
             " \"assets\": {\"wardrobe\": \"a.png\", \"pose\": \"b.png\", \"ui\": \"c.png\"}}");
    add_text(o, "catalog_v1/LS01.md", "# LS01\n\nText.");
    add_text(o, "catalog_v2/LS02.md", "# LS02\n\nText, full body.");
    p = planned(o);
    assert_int_equal(p->jobs_n, 1);
    assert_string_equal(p->jobs[0].outs[0].slot,
                        "Result_images/longsleeve/v2/LS02/Orange/C-U-044/LS02-2K");
    assert_int_equal(json_int(p->jobs[0].params, "height", 0), 2048);
    assert_false(notes_say(p, "POSE_OTHER"));
    finish(o, p);
}

static void test_a_request_narrows_and_enlarges(void **state)
{
    struct order *o = pair_order();
    struct plan *p;
    cJSON *only = cJSON_CreateArray(), *one = cJSON_CreateObject();
    (void)state;
    json_set_str(o->doc, "ui_style", "Orange");
    json_set_str(o->doc, "quality", "4K");
    p = planned(o);
    assert_int_equal(p->jobs_n, 2);
    assert_int_equal(json_int(p->jobs[0].params, "width", 0), 4096);
    assert_non_null(strstr(p->jobs[0].outs[0].path, "-ZH01-4K.png"));
    plan_free(p);
    cJSON_DeleteItemFromObject(o->doc, "ui_style");
    json_set_str(one, "combo", "C-U-001");
    json_set_str(one, "prompt", "catalog_v1.0/ZH02_long_walk.md");
    cJSON_AddItemToArray(only, one);
    json_set(o->doc, "only", only);
    p = planned(o);
    assert_int_equal(p->jobs_n, 1);
    assert_string_equal(p->jobs[0].title, "ZH02_long_walk + C-U-001");
    finish(o, p);
}

static void test_a_pair_keeps_its_hash_whoever_stands_beside_it(void **state)
{
    struct order *o = pair_order();
    struct plan *all_four = planned(o), *one;
    (void)state;
    json_set_str(o->doc, "ui_style", "Studio");
    one = planned(o);
    assert_int_equal(one->jobs_n, 2);
    assert_string_equal(one->jobs[0].hash, all_four->jobs[0].hash);
    assert_string_equal(one->jobs[1].hash, all_four->jobs[1].hash);
    plan_free(all_four);
    finish(o, one);
}

static void test_the_session_log_has_its_form(void **state)
{
    struct order *o = pair_order();
    struct plan *p = planned(o);
    const cJSON *body = p->records[0].body;
    (void)state;
    assert_string_equal(p->records[0].path,
                        "Result_images/.sessions/2026-03-14-10-00-00-session.json");
    assert_string_equal(p->records[1].path,
                        "Result_images/.sessions/20260314-100000-combos-session.json");
    assert_string_equal(json_str(body, "session_id", ""), "2026-03-14-10-00-00");
    assert_string_equal(json_str(body, "/config/wardrobe", ""), "zip-hoodie");
    assert_string_equal(json_str(body, "/config/catalogs/0", ""), "v1.0");
    assert_string_equal(json_str(body, "/config/quality", ""), "1K");
    assert_int_equal(cJSON_GetArraySize(json_get(body, "jobs")), 4);
    assert_string_equal(json_str(body, "/jobs/3/id", ""), "004");
    assert_string_equal(json_str(body, "/jobs/3/prompt_file", ""), "ZH02_long_walk.md");
    assert_string_equal(json_str(body, "/jobs/3/status/words/kept", ""), "completed");
    assert_string_equal(json_str(body, "/jobs/3/output/role", ""), "picture");
    assert_string_equal(json_str(body, "/summary/total/@", ""), "count");
    finish(o, p);
}

static void test_a_role_that_is_missing_is_refused(void **state)
{
    struct order *o = combo_order("C-U-001");
    char *why;
    (void)state;
    add_picture(o, "ui.png");
    add_picture(o, "hoodie.png");
    add_picture(o, "building.png");
    add_text(o, "catalog_v1/ZH01.md", "# ZH01\n\nText.");
    why = refused(o);
    assert_non_null(strstr(why, "a picture for pose"));
    assert_non_null(strstr(why, "COMBO_ROLE_MISSING"));
    assert_non_null(strstr(why, "pictures for ui, wardrobe"));
    assert_null(strstr(why, "COMBO_ROLE_TWICE"));
    free(why);
    o = combo_order("C-U-001");
    add_picture(o, "ui.png");
    add_picture(o, "hoodie.png");
    add_text(o, "combo.json", "{\"wardrobe\": \"zip-hoodie\"}");
    add_text(o, "catalog_v1/ZH01.md", "# ZH01\n\nText.");
    why = refused(o);
    assert_non_null(strstr(why, "a picture for pose"));
    free(why);
}

static void test_what_is_named_and_not_there_is_refused(void **state)
{
    struct order *o = combo_order("C-U-001");
    cJSON *only = cJSON_CreateArray(), *one = cJSON_CreateObject();
    char *why;
    (void)state;
    json_set_str(one, "combo", "C-U-099");
    json_set_str(one, "prompt", "ZH01");
    cJSON_AddItemToArray(only, one);
    add_text(o, "combo.json", "{\"assets\": {\"wardrobe\": \"gone.png\"}}");
    add_text(o, "catalog_v1/ZH01.md", "# ZH01\n\nText.");
    why = refused(o);
    assert_non_null(strstr(why, "gone.png"));
    assert_non_null(strstr(why, "REF_MISSING"));
    free(why);
    o = pair_order();
    json_set(o->doc, "only", only);
    why = refused(o);
    assert_non_null(strstr(why, "ONLY_UNKNOWN"));
    assert_non_null(strstr(why, "C-U-099 + ZH01"));
    free(why);
}

static void test_orders_that_leave_nothing_to_make_are_refused(void **state)
{
    struct order *o = combo_order("t-shirt_combo");
    char *why;
    (void)state;
    add_combo(o, "C-U-001/");
    add_text(o, "catalog_v1/ZH01.md", "# ZH01\n\nText.");
    why = refused(o);
    assert_non_null(strstr(why, "PAIR_NONE"));
    assert_non_null(strstr(why, "ZH01"));
    free(why);
    o = pair_order();
    json_set_str(o->doc, "quality", "9K");
    why = refused(o);
    assert_non_null(strstr(why, "QUALITY_UNKNOWN"));
    free(why);
    o = combo_order("kilt_combo");
    add_combo(o, "C-U-001/");
    add_text(o, "catalog_v1/ZH01.md", "# ZH01\n\nText.");
    why = refused(o);
    assert_non_null(strstr(why, "WARDROBE_UNKNOWN"));
    assert_non_null(strstr(why, "kilt"));
    free(why);
}

static void test_two_pictures_for_one_role_are_refused(void **state)
{
    struct order *o = pair_order();
    char *why;
    (void)state;
    add_picture(o, "Studio_UI_Combos/C-U-001/ui_b.png");
    why = refused(o);
    assert_non_null(strstr(why, "COMBO_ROLE_TWICE"));
    assert_non_null(strstr(why, "ui_b.png"));
    free(why);
}

static void test_words_begin_words(void **state)
{
    (void)state;
    assert_true(combo_word_in("UI-09", "ui"));
    assert_false(combo_word_in("uiform", "ui"));
    assert_true(combo_word_in("zip_hoodie2", "hoodie"));
    assert_false(combo_word_in("building", "ui"));
    assert_false(combo_word_in("suit", "ui"));
    assert_false(combo_word_in("purpose", "pose"));
    assert_true(combo_word_in("Poses", "pose"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_combos_go_outer_and_prompts_inner),
        cmocka_unit_test(test_pictures_are_sent_in_their_order),
        cmocka_unit_test(test_files_lie_in_the_tree_and_slots_know_no_time),
        cmocka_unit_test(test_the_prompt_is_the_catalog_s_with_the_reference_paragraphs),
        cmocka_unit_test(test_a_pose_that_is_not_there_gives_way_to_the_close_one),
        cmocka_unit_test(test_the_close_pose_goes_before_any_other),
        cmocka_unit_test(test_two_combos_of_one_name_are_refused),
        cmocka_unit_test(test_a_single_combo_takes_its_name_from_the_drop),
        cmocka_unit_test(test_a_tree_of_wardrobes_gives_each_its_own_prompts),
        cmocka_unit_test(test_a_descriptor_names_pictures_from_its_folder_or_the_top),
        cmocka_unit_test(test_a_combo_json_overrides_what_names_say),
        cmocka_unit_test(test_a_request_narrows_and_enlarges),
        cmocka_unit_test(test_a_pair_keeps_its_hash_whoever_stands_beside_it),
        cmocka_unit_test(test_the_session_log_has_its_form),
        cmocka_unit_test(test_a_role_that_is_missing_is_refused),
        cmocka_unit_test(test_what_is_named_and_not_there_is_refused),
        cmocka_unit_test(test_orders_that_leave_nothing_to_make_are_refused),
        cmocka_unit_test(test_two_pictures_for_one_role_are_refused),
        cmocka_unit_test(test_words_begin_words),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
