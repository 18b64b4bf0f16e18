/* A rules folder is taken whole or not at all: each test writes a small one and loads it. */
/* SPDX-License-Identifier: ISC */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/str.h"
#include "rules/rules.h"

static char dir[64];

static int make_dir(void **state)
{
    (void)state;
    (void)str_format(dir, sizeof dir, "%s", "/tmp/slated-rules-XXXXXX");
    return mkdtemp(dir) ? 0 : -1;
}

static int remove_dir(void **state)
{
    (void)state;
    return file_remove_tree(dir, NULL);
}

static void put(const char *name, const char *text)
{
    char *path = path_join(dir, name), *folder = path_dir(path);
    assert_int_equal(file_make_dirs(folder, NULL), 0);
    assert_int_equal(file_write(path, text, strlen(text), false, NULL), 0);
    free(folder);
    free(path);
}

static struct rules *load(void)
{
    struct faults faults = {0};
    struct rules *r = NULL;
    if (rules_load(dir, &r, &faults) != 0) {
        struct buf text;
        buf_init(&text, 10000);
        faults_text(&faults, &text);
        fail_msg("%s", text.data);
    }
    return r;
}

/* The first fault of a folder that must not load. */
static void assert_refused(const char *code, const char *place, const char *cure)
{
    struct faults faults = {0};
    struct rules *r = NULL;
    assert_int_equal(rules_load(dir, &r, &faults), ERR_RULES);
    assert_null(r);
    assert_int_equal(faults.n, 1);
    assert_string_equal(faults.list[0].code, code);
    assert_string_equal(faults.list[0].place, place);
    if (cure)
        assert_string_equal(faults.list[0].cure, cure);
    faults_finish(&faults);
}

static void put_intake(const char *name, int order, const char *plan)
{
    char *text = mem_printf("{\"about\": \"x\", \"order\": %d, \"kind\": \"%s\", \"plan\": \"%s\", "
                            "\"accepts\": \"x\"}",
                            order, name, plan);
    char *path = mem_printf("intake/%s.json", name);
    put(path, text);
    free(path);
    free(text);
}

static void test_an_empty_folder_answers_with_every_default(void **state)
{
    struct rules *r = load();
    (void)state;
    assert_float_equal(rules_policy_num(r, "/watch/settle_ms"), 1000, 0);
    assert_string_equal(rules_policy_str(r, "/watch/mode"), "events");
    assert_int_equal(cJSON_GetArraySize(rules_policy(r, "/intake/reference_folders")), 0);
    assert_int_equal(strlen(rules_digest(r)), 64);
    assert_string_equal(rules_dir(r), dir);
    rules_release(r);
}

static void test_a_value_of_policy_replaces_its_default_only(void **state)
{
    struct rules *r;
    (void)state;
    put("policy.json", "// mine\n{\"watch\": {\"settle_ms\": 50 /* quick */}}");
    r = load();
    assert_float_equal(rules_policy_num(r, "/watch/settle_ms"), 50, 0);
    assert_float_equal(rules_policy_num(r, "/watch/scan_ms"), 1000, 0);
    rules_release(r);
}

static void test_files_come_in_their_order_then_by_name(void **state)
{
    struct rules *r;
    const cJSON *kind;
    (void)state;
    put("plans/p.json", "{}");
    put_intake("zeta", 5, "p");
    put_intake("beta", 20, "p");
    put_intake("alpha", 20, "p");
    r = load();
    kind = rules_kind(r, "intake");
    assert_string_equal(kind->child->string, "zeta");
    assert_string_equal(kind->child->next->string, "alpha");
    assert_string_equal(kind->child->next->next->string, "beta");
    assert_string_equal(json_str(rules_get(r, "intake/beta"), "plan", ""), "p");
    assert_null(rules_get(r, "intake/gamma"));
    assert_null(rules_get(r, "nothing/beta"));
    rules_release(r);
}

static void test_the_digest_follows_content_and_not_comments(void **state)
{
    char first[65];
    struct rules *r;
    (void)state;
    put_intake("a", 1, "p");
    put("plans/p.json", "{\"a\": 1, \"b\": 2}");
    r = load();
    (void)str_format(first, sizeof first, "%s", rules_digest(r));
    rules_release(r);
    put("plans/p.json", "// the same\n{\"b\": 2,\n \"a\": 1}");
    r = load();
    assert_string_equal(rules_digest(r), first);
    rules_release(r);
    put("plans/p.json", "{\"b\": 2, \"a\": 3}");
    r = load();
    assert_string_not_equal(rules_digest(r), first);
    rules_release(r);
}

static void test_a_held_set_outlives_its_first_release(void **state)
{
    struct rules *r = load(), *same = rules_hold(r);
    (void)state;
    rules_release(r);
    assert_int_equal(strlen(rules_digest(same)), 64);
    rules_release(same);
    rules_release(NULL);
}

static void test_like_stands_for_what_it_points_at(void **state)
{
    struct rules *r;
    (void)state;
    put_intake("a", 1, "p");
    put("plans/p.json",
        "{\"shot\": {\"a\": [1]}, \"x\": [{\"like\": \"/shot\"}], \"y\": {\"like\": \"/shot/a\"}}");
    r = load();
    assert_float_equal(json_num(rules_get(r, "plans/p"), "/x/0/a/0", 0), 1, 0);
    assert_float_equal(json_num(rules_get(r, "plans/p"), "/y/0", 0), 1, 0);
    rules_release(r);
}

static void test_like_of_nothing_or_of_itself_is_refused(void **state)
{
    (void)state;
    put_intake("a", 1, "p");
    put("plans/p.json", "{\"x\": {\"like\": \"/y\"}}");
    assert_refused("LIKE_UNKNOWN", "plans/p.json: like /y", NULL);
    put("plans/p.json", "{\"x\": {\"y\": {\"like\": \"/x\"}}}");
    assert_refused("LIKE_UNKNOWN", "plans/p.json: like /x", NULL);
}

static void test_a_plan_that_does_not_exist_is_named(void **state)
{
    (void)state;
    put("plans/paintings.json", "{}");
    put_intake("b", 1, "paintings");
    put_intake("a", 1, "paintngs");
    assert_refused("NAME_UNKNOWN", "intake/a.json: /plan", "Did you mean \"paintings\"?");
}

static void test_a_file_that_nobody_reads_is_a_fault(void **state)
{
    (void)state;
    put("gates/likenes.json", "{}");
    assert_refused("FILE_UNREAD", "gates/likenes.json", NULL);
}

/* And be it under a name of its own. */
static void test_a_plan_has_the_shape_of_its_kind(void **state)
{
    (void)state;
    put("plans/mine.json", "{\"about\": \"x\", \"variants\": {\"*\": [\"hreo\"]}, \"sizes\": {}, "
                           "\"assets\": {}}");
    put_intake("products", 1, "mine");
    assert_refused("FIELD_WORD", "plans/mine.json: /variants/*/0", "Did you mean \"hero\"?");
}

static void test_a_slip_in_policy_is_named(void **state)
{
    (void)state;
    put("policy.json", "{\"watch\": {\"setle_ms\": 5}}");
    assert_refused("FIELD_UNKNOWN", "policy.json: /watch/setle_ms", "Did you mean \"settle_ms\"?");
}

static void test_a_slip_in_a_folder_name_is_named(void **state)
{
    (void)state;
    put("plan/a.json", "{}");
    assert_refused("RULES_FILE", "plan", "Did you mean \"plans\"?");
}

static void test_broken_json_is_placed_by_line_and_column(void **state)
{
    (void)state;
    put("plans/a.json", "{\n  \"a\": 1,\n}");
    assert_refused("JSON_SYNTAX", "plans/a.json: line 2, column 9 (top level)", NULL);
}

static void test_a_file_with_another_name_is_not_passed_over(void **state)
{
    (void)state;
    put("plans/README.md", "text");
    put("plans/a.json~", "old");
    put("plans/.a.json.swp", "old");
    put("plans/A B.json", "{}");
    assert_refused("RULES_FILE", "plans/A B.json", NULL);
}

static void test_a_folder_that_is_not_there_is_said(void **state)
{
    (void)state;
    assert_int_equal(file_remove_tree(dir, NULL), 0);
    assert_refused("RULES_MISSING", dir, NULL);
}

static void test_a_file_with_a_shape_of_its_own_is_checked_by_it(void **state)
{
    (void)state;
    put("models/routing.json", "{\"about\": \"x\", \"use\": \"standrad\", \"profiles\": "
                               "{\"standard\": {\"types\": {}}}}");
    assert_refused("NAME_UNKNOWN", "models/routing.json: /use", "Did you mean \"standard\"?");
}

static void test_the_rules_that_come_with_slated_are_sound(void **state)
{
    struct faults faults = {0};
    struct rules *r = NULL;
    (void)state;
    if (rules_load("rules", &r, &faults) != 0)
        fail_msg("%s: found %s", faults.list[0].place, faults.list[0].found);
    rules_release(r);
}

static void test_faults_of_all_files_come_in_one_pass(void **state)
{
    struct faults faults = {0};
    struct rules *r = NULL;
    (void)state;
    put("policy.json", "{\"watch\": {\"mode\": \"evnts\"}}");
    put("intake/a.json", "{\"order\": \"x\"}");
    put("plans/a.json", "[");
    assert_int_equal(rules_load(dir, &r, &faults), ERR_RULES);
    assert_int_equal(faults.n, 7);
    faults_finish(&faults);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_dir, remove_dir)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_an_empty_folder_answers_with_every_default),
        TEST(test_a_value_of_policy_replaces_its_default_only),
        TEST(test_files_come_in_their_order_then_by_name),
        TEST(test_the_digest_follows_content_and_not_comments),
        TEST(test_a_held_set_outlives_its_first_release),
        TEST(test_like_stands_for_what_it_points_at),
        TEST(test_like_of_nothing_or_of_itself_is_refused),
        TEST(test_a_plan_that_does_not_exist_is_named),
        TEST(test_a_file_that_nobody_reads_is_a_fault),
        TEST(test_a_plan_has_the_shape_of_its_kind),
        TEST(test_a_slip_in_policy_is_named),
        TEST(test_a_slip_in_a_folder_name_is_named),
        TEST(test_broken_json_is_placed_by_line_and_column),
        TEST(test_a_file_with_another_name_is_not_passed_over),
        TEST(test_a_folder_that_is_not_there_is_said),
        TEST(test_a_file_with_a_shape_of_its_own_is_checked_by_it),
        TEST(test_the_rules_that_come_with_slated_are_sound),
        TEST(test_faults_of_all_files_come_in_one_pass),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
