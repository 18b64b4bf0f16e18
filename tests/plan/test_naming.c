/* Templates, values and plans come in; every name must be safe and belong to one file. */
/* SPDX-License-Identifier: ISC */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/path.h"
#include "plan/naming.h"

static int fill(const char *template, const char *json, char **ret_path, struct err *e)
{
    cJSON *values = cJSON_Parse(json);
    assert_non_null(values);
    *ret_path = NULL;
    int rc = naming_fill(template, values, ret_path, e);
    cJSON_Delete(values);
    return rc;
}

static void fills(const char *template, const char *json, const char *expected)
{
    struct err e = {0};
    char *path = NULL;
    assert_int_equal(fill(template, json, &path, &e), 0);
    assert_string_equal(path, expected);
    free(path);
}

static void refuses(const char *template, const char *json, int code)
{
    struct err e = {0};
    char *path = NULL;
    assert_int_equal(fill(template, json, &path, &e), code);
    assert_null(path);
}

static void test_texts_and_padded_numbers_make_a_path(void **state)
{
    (void)state;
    fills("videos/{id}/products/{rank:02d}_{variant}.png",
          "{\"id\":\"2026-03-14-desk-lamps\",\"rank\":1,\"variant\":\"hero\"}",
          "videos/2026-03-14-desk-lamps/products/01_hero.png");
    fills("ep_{n:03d}/{n}", "{\"n\":7}", "ep_007/7");
    fills("{n:02d}", "{\"n\":123}", "123");
}

static void test_a_value_never_adds_a_folder_or_leaves_one(void **state)
{
    (void)state;
    const char *const hostile[] = {"../../etc/passwd", "/root", "a/b", "..",
                                   ".hidden",          "a\\b",  "-rf"};
    for (size_t i = 0; i < sizeof hostile / sizeof *hostile; i++) {
        struct err e = {0};
        cJSON *values = cJSON_CreateObject();
        char *path = NULL;
        cJSON_AddStringToObject(values, "id", hostile[i]);
        assert_int_equal(naming_fill("videos/{id}/x.png", values, &path, &e), 0);
        assert_true(path_is_safe(path));
        assert_ptr_equal(strchr(strchr(path, '/') + 1, '/'), path + strlen(path) - 6);
        free(path);
        cJSON_Delete(values);
    }
}

static void test_missing_values_and_unknown_forms_are_refused(void **state)
{
    (void)state;
    refuses("a/{id}", "{}", ERR_INPUT);
    refuses("a/{id}", "{\"id\":\"\"}", ERR_INPUT);
    refuses("a/{n:02d}", "{\"n\":1.5}", ERR_INPUT);
    refuses("a/{n:02d}", "{\"n\":-1}", ERR_INPUT);
    refuses("a/{id:02d}", "{\"id\":\"x\"}", ERR_RULES);
    refuses("a/{n:2x}", "{\"n\":1}", ERR_RULES);
    refuses("a/{n", "{\"n\":1}", ERR_RULES);
    refuses("../{n}", "{\"n\":1}", ERR_PATH);
    refuses("", "{}", ERR_PATH);
}

static struct plan *two_files(const char *one, const char *two)
{
    struct plan *p = mem_alloc(sizeof *p);
    plan_add_output(plan_add_job(p, "a", "First", "op"), "picture", one, NULL);
    plan_add_output(plan_add_job(p, "b", "Second", "op"), "picture", two, NULL);
    return p;
}

static void clashes(const char *one, const char *two, const char *code)
{
    struct faults faults = {0};
    struct plan *p = two_files(one, two);
    assert_int_equal(naming_check_plan(p, &faults), code ? ERR_INPUT : 0);
    assert_int_equal(faults.n, code ? 1 : 0);
    if (code)
        assert_string_equal(faults.list[0].code, code);
    faults_finish(&faults);
    plan_free(p);
}

static void test_two_files_of_one_name_clash_in_any_spelling(void **state)
{
    (void)state;
    clashes("v/a.png", "v/b.png", NULL);
    clashes("v/a.png", "v/a.png", "NAME_CLASH");
    clashes("v/Lamp.png", "v/lamp.png", "NAME_CLASH");
    clashes("v/caf\xc3\xa9.png", "v/cafe\xcc\x81.png", "NAME_CLASH");
}

static void test_an_unsafe_name_is_told(void **state)
{
    (void)state;
    clashes("v/a.png", "../b.png", "NAME_UNSAFE");
    clashes("v/a.png", "/b.png", "NAME_UNSAFE");
}

static void test_prompts_and_documents_clash_too(void **state)
{
    (void)state;
    struct faults faults = {0};
    struct plan *p = two_files("v/a.png", "v/b.png");
    p->jobs[0].prompt_path = mem_dup("v/notes.txt");
    plan_add_record(p, "v/Notes.txt", "text", false, cJSON_CreateObject());
    assert_int_equal(naming_check_plan(p, &faults), ERR_INPUT);
    assert_string_equal(faults.list[0].code, "NAME_CLASH");
    faults_finish(&faults);
    plan_free(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_texts_and_padded_numbers_make_a_path),
        cmocka_unit_test(test_a_value_never_adds_a_folder_or_leaves_one),
        cmocka_unit_test(test_missing_values_and_unknown_forms_are_refused),
        cmocka_unit_test(test_two_files_of_one_name_clash_in_any_spelling),
        cmocka_unit_test(test_an_unsafe_name_is_told),
        cmocka_unit_test(test_prompts_and_documents_clash_too),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
