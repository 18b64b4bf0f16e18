/* Gate 2 in a plan: which pictures get a look, what it is asked, and who waits for it. */
/* SPDX-License-Identifier: ISC */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "base/str.h"
#include "plan/board_order.h"
#include "plan/looks.h"
#include "secrets/secrets.h"

static char dir[] = "/tmp/slated-looks-XXXXXX";

/* The rules that come with slated, with this vision.json. */
static struct rules *rules_with(const char *vision)
{
    struct faults faults = {0};
    struct rules *rules = NULL;
    struct err e = {0};
    char *path = mem_printf("%s/gates/vision.json", dir);
    assert_int_equal(file_write(path, vision, strlen(vision), false, &e), 0);
    assert_int_equal(rules_load(dir, &rules, &faults), 0);
    faults_finish(&faults);
    free(path);
    return rules;
}

static int setup(void **state)
{
    struct err e = {0};
    (void)state;
    if (!mkdtemp(dir) || setenv("GEMINI_API_KEY", "looks-test-key", 1) ||
        setenv("FAL_KEY", "looks-test-key", 1))
        return -1;
    char *copy = mem_printf("cp -R rules/. %s", dir);
    int rc = system(copy);
    free(copy);
    return rc ? rc : secrets_open("/nonexistent", &e);
}

static int teardown(void **state)
{
    (void)state;
    secrets_close();
    return file_remove_tree(dir, NULL);
}

static struct plan *planned(struct rules *rules)
{
    struct plan_context ctx = {rules, "20260314-090000-tidewater", 1773478800};
    struct faults faults = {0};
    struct plan *p = NULL;
    struct order *o = board_order();
    assert_int_equal(plan_build(o, &ctx, &p, &faults), 0);
    faults_finish(&faults);
    order_free(o);
    return p;
}

static const struct plan_job *job(const struct plan *p, const char *key)
{
    for (size_t i = 0; i < p->jobs_n; i++)
        if (str_eq(p->jobs[i].key, key))
            return &p->jobs[i];
    return NULL;
}

static const struct plan_input *input(const struct plan_job *j, const char *from)
{
    for (size_t i = 0; i < j->ins_n; i++)
        if (str_eq(j->ins[i].job, from))
            return &j->ins[i];
    return NULL;
}

#define HEAD  "{\"about\":\"t\",\"answer\":\"verdict\",\"lines\":[\"Judge it.\"],\"asks\":4,"
#define KINDS "\"kinds\":{\"board.frame\":{\"lines\":[\"A frame.\"]}}}"

static void test_a_picture_of_a_listed_kind_gets_a_look(void **state)
{
    struct rules *rules = rules_with(HEAD "\"on\":true," KINDS);
    struct plan *p = planned(rules);
    (void)state;
    const struct plan_job *look = job(p, "words.check.SH02.last"), *last = job(p, "SH02.last");
    assert_non_null(look);
    assert_null(job(p, "words.check.SH01.strip"));
    assert_null(job(p, "words.check.SH02.clip"));
    assert_string_equal(look->op, "text.check");
    assert_int_equal(look->attempts, 4);
    assert_true(look->price > 0);
    assert_string_equal(json_str(look->params, "system", ""), "Judge it.\nA frame.");
    assert_non_null(strstr(look->prompt, "Asked for was: "));
    assert_non_null(strstr(look->prompt, last->prompt));
    assert_string_equal(look->ins[0].job, "SH02.last");
    assert_true(str_ends(look->outs[0].path, "_last.verdict.json"));
    assert_string_equal(json_str(look->meta, "unit", ""), json_str(last->meta, "unit", ""));
    plan_free(p);
    rules_release(rules);
}

static void test_what_hangs_on_the_picture_waits_and_asks_for_the_same(void **state)
{
    struct rules *on = rules_with(HEAD "\"on\":true," KINDS);
    struct plan *with = planned(on);
    struct rules *off = rules_with(HEAD "\"on\":false," KINDS);
    struct plan *without = planned(off);
    (void)state;
    const struct plan_input *wait = input(job(with, "SH02.clip"), "words.check.SH02.last");
    assert_non_null(wait);
    assert_true(wait->wait);
    assert_false(wait->soft);
    assert_null(job(without, "words.check.SH02.last"));
    for (size_t i = 0; i < without->jobs_n; i++)
        assert_string_equal(job(with, without->jobs[i].key)->hash, without->jobs[i].hash);
    assert_string_equal(job(with, "SH02.last")[1].key, "words.check.SH02.last");
    assert_true(with->price > without->price);
    plan_free(with);
    plan_free(without);
    rules_release(on);
    rules_release(off);
}

static void test_kinds_and_engines_can_be_left_out(void **state)
{
    struct rules *rules = rules_with(
        HEAD "\"on\":true,\"engines\":{\"fal\":{\"on\":false}},\"kinds\":{\"board.frame\":{},"
             "\"board.strip\":{\"on\":false}}}");
    (void)state;
    assert_true(looks_wanted(rules, "board.frame", "gemini"));
    assert_false(looks_wanted(rules, "board.frame", "fal"));
    assert_false(looks_wanted(rules, "board.strip", "gemini"));
    assert_false(looks_wanted(rules, "thumbnail", "gemini"));
    rules_release(rules);
}

static void test_without_a_model_nothing_waits_and_it_is_said(void **state)
{
    struct err e = {0};
    struct rules *rules = rules_with(HEAD "\"on\":true," KINDS);
    (void)state;
    assert_int_equal(unsetenv("GEMINI_API_KEY"), 0);
    assert_int_equal(secrets_reload(&e), 0);
    struct plan *p = planned(rules);
    bool said = false;
    assert_null(job(p, "words.check.SH02.last"));
    for (size_t i = 0; i < p->notes.n; i++)
        said = said || str_eq(p->notes.list[i].code, "GATE_BLIND");
    assert_true(said);
    plan_free(p);
    assert_int_equal(setenv("GEMINI_API_KEY", "looks-test-key", 1), 0);
    assert_int_equal(secrets_reload(&e), 0);
    rules_release(rules);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_picture_of_a_listed_kind_gets_a_look),
        cmocka_unit_test(test_what_hangs_on_the_picture_waits_and_asks_for_the_same),
        cmocka_unit_test(test_kinds_and_engines_can_be_left_out),
        cmocka_unit_test(test_without_a_model_nothing_waits_and_it_is_said),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
