/* Prompt catalogs: which files are prompts, which form of them is used, what a person may call
 * them. */
/* SPDX-License-Identifier: ISC */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "plan/catalog.h"
#include "plan/combo_order.h"

static struct rules *all;
static const cJSON *rules;

static int setup(void **state)
{
    struct faults faults = {0};
    (void)state;
    if (rules_load("rules", &all, &faults) != 0)
        return -1;
    rules = rules_get(all, "plans/combos");
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    rules_release(all);
    return 0;
}

/* Reads the order's catalogs, which must be without fault, and frees the notes. */
static struct catalog catalog_of(const struct order *o)
{
    struct faults notes = {0}, faults = {0};
    struct catalog c = {0};
    assert_int_equal(catalog_read(o, rules, &notes, &faults, &c), 0);
    faults_finish(&notes);
    faults_finish(&faults);
    return c;
}

static void test_a_prompt_file_falls_into_its_parts(void **state)
{
    struct order *o = combo_order("drop");
    struct catalog c;
    (void)state;
    add_text(o, "book/catalog_v1.0/ZH01_parcel_day.md", "# ZH01\n\nA man opens a parcel.\n");
    add_text(o, "book/catalog_v1.0/README.txt", "nothing");
    c = catalog_of(o);
    assert_int_equal(c.n, 1);
    assert_string_equal(c.list[0].catalog, "v1.0");
    assert_string_equal(c.list[0].id, "ZH01_parcel_day");
    assert_string_equal(c.list[0].short_id, "ZH01");
    assert_string_equal(c.list[0].prefix, "ZH");
    assert_string_equal(c.list[0].title, "Parcel day");
    assert_string_equal(c.list[0].body, "A man opens a parcel.");
    assert_null(c.list[0].pose);
    catalog_finish(&c);
    order_free(o);
}

static void test_the_title_line_may_name_the_prompt(void **state)
{
    struct order *o = combo_order("drop");
    struct catalog c;
    (void)state;
    add_text(o, "catalog_a/ZH01.md", "# ZH01 \xe2\x80\x94 Parcel day\r\nBody");
    add_text(o, "catalog_a/ZH02.md", "# ZH02: Long walk\n\nBody");
    add_text(o, "catalog_a/ZH03.md", "Body without a title");
    c = catalog_of(o);
    assert_string_equal(c.list[0].title, "Parcel day");
    assert_string_equal(c.list[1].title, "Long walk");
    assert_string_equal(c.list[2].title, "ZH03");
    assert_string_equal(c.list[2].body, "Body without a title");
    catalog_finish(&c);
    order_free(o);
}

static void test_blocks_that_the_layout_shows_are_left_out(void **state)
{
    struct order *o = combo_order("drop");
    struct catalog c;
    (void)state;
    add_text(
        o, "catalog_a/LS01.md",
        "# LS01\n\n### SUBJECT\nA runner.\n\n### ENVIRONMENT\nA park.\n#### Detail\nLeaves.\n\n"
        "### Background (far)\nHills.\n\n### LIGHT\nSoft.\n");
    c = catalog_of(o);
    assert_string_equal(c.list[0].body, "### SUBJECT\nA runner.\n\n### LIGHT\nSoft.");
    catalog_finish(&c);
    order_free(o);
}

static void test_the_distilled_form_goes_before_the_long_one(void **state)
{
    struct order *o = combo_order("drop");
    struct catalog c;
    (void)state;
    add_text(o, "catalog_v1/ZH01_a.md", "# ZH01\n\nLong.");
    add_text(o, "distilled/catalog_v1/ZH01_a.md", "# ZH01\n\nShort.");
    add_text(o, "catalog_v1/ZH02.md", "# ZH02\n\nOnly long.");
    add_text(o, "catalog_v1/ZH03_a.md", "# ZH03\n\nLong.");
    add_text(o, "distilled/catalog_v1/ZH03_b.md", "# ZH03\n\nShort.");
    c = catalog_of(o);
    assert_int_equal(c.n, 3);
    assert_string_equal(c.list[2].body, "Short.");
    assert_string_equal(c.list[0].body, "Short.");
    assert_string_equal(c.list[1].body, "Only long.");
    catalog_finish(&c);
    order_free(o);
}

static void test_one_id_has_one_prompt_in_a_catalog(void **state)
{
    struct order *o = combo_order("drop");
    struct faults notes = {0}, faults = {0};
    struct catalog c = {0};
    (void)state;
    add_text(o, "catalog_v1/ZH01.md", "# ZH01\n\nFirst.");
    add_text(o, "catalog_v1/ZH01_b.md", "# ZH01\n\nSecond.");
    assert_int_equal(catalog_read(o, rules, &notes, &faults, &c), 0);
    assert_int_equal(c.n, 1);
    assert_string_equal(c.list[0].body, "First.");
    assert_int_equal(notes.n, 1);
    assert_string_equal(notes.list[0].code, "PROMPT_TWICE");
    faults_finish(&notes);
    catalog_finish(&c);
    order_free(o);
}

static void test_the_pose_asked_for_is_the_one_named_first(void **state)
{
    struct order *o = combo_order("drop");
    struct catalog c;
    (void)state;
    add_text(o, "catalog_v1/ZH01.md", "# ZH01\n\nShot: Full Height, later an MCU.");
    add_text(o, "catalog_v1/ZH02.md", "# ZH02\n\nMCU from the side, no full body.");
    add_text(o, "catalog_v1/ZH03.md", "# ZH03\n\nShe stands straight by a wall.");
    c = catalog_of(o);
    assert_string_equal(c.list[0].pose, "full");
    assert_string_equal(c.list[1].pose, "mcu");
    assert_string_equal(c.list[2].pose, "straight");
    catalog_finish(&c);
    order_free(o);
}

static void test_without_a_catalog_the_drop_is_told_what_was_looked_for(void **state)
{
    struct order *o = combo_order("drop");
    struct faults notes = {0}, faults = {0};
    struct catalog c = {0};
    (void)state;
    add_text(o, "prompts/ZH01.md", "# ZH01\n\nNot in a catalog's folder.");
    assert_int_equal(catalog_read(o, rules, &notes, &faults, &c), ERR_INPUT);
    assert_string_equal(faults.list[0].code, "CATALOG_NONE");
    assert_non_null(strstr(faults.list[0].expected, "catalog_<version>/<ID>*.md"));
    assert_non_null(strstr(faults.list[0].expected, "prompt_book"));
    faults_finish(&faults);
    faults_finish(&notes);
    order_free(o);
}

static void test_only_the_catalogs_asked_for_are_read(void **state)
{
    struct order *o = combo_order("drop");
    struct faults notes = {0}, faults = {0};
    struct catalog c;
    const char *const asked[] = {"catalog_v2"}, *const missing[] = {"v2", "v9"};
    (void)state;
    add_text(o, "catalog_v1/ZH01.md", "# ZH01\n\nOne.");
    add_text(o, "catalog_v2/ZH01.md", "# ZH01\n\nTwo.");
    json_set(o->doc, "catalogs", cJSON_CreateStringArray(asked, 1));
    c = catalog_of(o);
    assert_int_equal(c.n, 1);
    assert_string_equal(c.list[0].body, "Two.");
    catalog_finish(&c);
    json_set(o->doc, "catalogs", cJSON_CreateStringArray(missing, 2));
    assert_int_equal(catalog_read(o, rules, &notes, &faults, &c), ERR_INPUT);
    assert_string_equal(faults.list[0].code, "CATALOG_MISSING");
    assert_string_equal(faults.list[0].found, "v9");
    faults_finish(&faults);
    faults_finish(&notes);
    order_free(o);
}

static void test_a_person_may_call_a_prompt_by_several_names(void **state)
{
    struct order *o = combo_order("drop");
    struct catalog c;
    (void)state;
    add_text(o, "catalog_v1/ZH01_parcel_day.md", "# ZH01\n\nOne.");
    c = catalog_of(o);
    assert_true(catalog_prompt_is(&c.list[0], "ZH01", "catalog_"));
    assert_true(catalog_prompt_is(&c.list[0], "zh01_parcel_day.md", "catalog_"));
    assert_true(catalog_prompt_is(&c.list[0], "catalog_v1/ZH01.md", "catalog_"));
    assert_true(catalog_prompt_is(&c.list[0], "v1/ZH01", "catalog_"));
    assert_false(catalog_prompt_is(&c.list[0], "catalog_v2/ZH01.md", "catalog_"));
    assert_false(catalog_prompt_is(&c.list[0], "ZH0", "catalog_"));
    catalog_finish(&c);
    order_free(o);
}

static void test_an_excerpt_is_plain_and_ends_at_a_word(void **state)
{
    char *text = catalog_excerpt("### Head\n\n* **Bold** and `code`\n  more\n\nnext", 100);
    (void)state;
    assert_string_equal(text, "Bold and code more");
    free(text);
    text = catalog_excerpt("one two three four", 12);
    assert_string_equal(text, "one two...");
    free(text);
    text = catalog_excerpt("", 12);
    assert_string_equal(text, "");
    free(text);
}

static void test_an_empty_prompt_is_refused(void **state)
{
    struct order *o = combo_order("drop");
    struct faults notes = {0}, faults = {0};
    struct catalog c = {0};
    (void)state;
    add_text(o, "catalog_v1/ZH01.md", "# ZH01\n\n### BACKGROUND\nA wall.\n");
    assert_int_equal(catalog_read(o, rules, &notes, &faults, &c), ERR_INPUT);
    assert_string_equal(faults.list[0].code, "PROMPT_EMPTY");
    faults_finish(&faults);
    faults_finish(&notes);
    order_free(o);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_prompt_file_falls_into_its_parts),
        cmocka_unit_test(test_the_title_line_may_name_the_prompt),
        cmocka_unit_test(test_blocks_that_the_layout_shows_are_left_out),
        cmocka_unit_test(test_the_distilled_form_goes_before_the_long_one),
        cmocka_unit_test(test_one_id_has_one_prompt_in_a_catalog),
        cmocka_unit_test(test_the_pose_asked_for_is_the_one_named_first),
        cmocka_unit_test(test_without_a_catalog_the_drop_is_told_what_was_looked_for),
        cmocka_unit_test(test_only_the_catalogs_asked_for_are_read),
        cmocka_unit_test(test_a_person_may_call_a_prompt_by_several_names),
        cmocka_unit_test(test_an_excerpt_is_plain_and_ends_at_a_word),
        cmocka_unit_test(test_an_empty_prompt_is_refused),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
