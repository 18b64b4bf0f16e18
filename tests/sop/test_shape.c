/* What a step says that means nothing is found when the rules are read, not when it is done. */
/* SPDX-License-Identifier: ISC */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/fault.h"
#include "base/json.h"
#include "sop/scene.h"

static int begin(void **state)
{
    (void)state;
    return dir_make() ? 0 : -1;
}

static int end(void **state)
{
    (void)state;
    return file_remove_tree(dir, NULL);
}

static void put_site(const char *more)
{
    char *text = mem_printf(
        "{\"about\": \"a\", \"title\": \"t\", \"window\": {\"width\": 800, \"height\": 600},"
        "\"pages\": {\"canvas\": \"http://x/c\"}, \"own\": \"http://x/\", \"values\": {\"box\": "
        "{\"css\": \"b\"}, \"plain\": \"b\", \"limit\": 3}%s}",
        more);
    put("sops/site/site.json", text);
    free(text);
}

/* How many faults of shape the rules have; the first one's found and expected in words. */
static size_t faults_of(char words[512])
{
    struct rules *rules = NULL;
    struct faults faults = {0};
    size_t n = 0;
    assert_int_equal(rules_load(dir, &rules, &faults), 0);
    (void)sop_check(rules, &faults);
    words[0] = '\0';
    for (size_t i = 0; i < faults.n; i++)
        if (str_eq(faults.list[i].code, "SOP_SHAPE") && n++ == 0)
            (void)str_format(words, 512, "%s: %s", faults.list[i].found, faults.list[i].expected);
    faults_finish(&faults);
    rules_release(rules);
    return n;
}

/* A step without its name; words: of its one fault, NULL when it is right. */
static void expect(const char *step, const char *words)
{
    char said[512], *whole = mem_printf("{\"name\": \"one\", %s}", step);
    put_procedure("work", whole, "");
    size_t n = faults_of(said);
    if (n != (words ? 1 : 0) || (words && !strstr(said, words)))
        fail_msg("%s: %zu faults: %s", step, n, said);
    free(whole);
}

static void test_a_member_that_nobody_reads_is_a_fault(void **state)
{
    (void)state;
    put_site("");
    expect("\"act\": \"click\", \"on\": \"@box\", \"may_fial\": true", "may_fial");
    expect("\"act\": \"wait\", \"for\": {\"seen\": \"@box\"}, \"ms\": 5", "ms");
    expect("\"act\": \"reload\", \"if\": {\"is\": [1, 1]}, \"unless\": {\"is\": [1, 1]}",
           "one of them");
    expect("\"act\": \"reload\", \"class\": \"transiant\"", "transiant");
    expect("\"act\": \"fetch\", \"from\": \"$x\", \"to\": \"a\", \"pick\": \"biggest\"", "largest");
    expect("\"act\": \"click\", \"on\": \"@box\", \"may_fail\": true, \"within_ms\": 500", NULL);
    expect("\"act\": \"set\", \"as\": \"x\", \"to\": null", NULL);
}

/* The one fault that these files have. */
static void expect_fault(const char *steps, const char *more, const char *code, const char *found)
{
    struct rules *rules = NULL;
    struct faults faults = {0};
    put_procedure("work", steps, more);
    assert_int_equal(rules_load(dir, &rules, &faults), 0);
    (void)sop_check(rules, &faults);
    if (faults.n != 1 || !str_eq(faults.list[0].code, code) || !str_eq(faults.list[0].found, found))
        fail_msg("%s%s: %zu faults, %s of %s", steps, more, faults.n,
                 faults.n ? faults.list[0].code : "none", faults.n ? faults.list[0].found : "");
    faults_finish(&faults);
    rules_release(rules);
}

/* "generate/press Generate" is a step within another one. */
static void test_a_slash_in_a_steps_name_is_a_fault(void **state)
{
    (void)state;
    put_site("");
    expect_fault("{\"name\": \"width/height\", \"act\": \"reload\"}", "", "SOP_NAME",
                 "width/height");
}

static void test_what_leads_to_nothing_is_a_fault(void **state)
{
    static const char step[] = "{\"name\": \"one\", \"act\": \"reload\"}";
    static const char call[] = "{\"name\": \"one\", \"act\": \"call\", \"procedure\": \"type_it\", "
                               "\"with\": {\"texte\": \"$prompt\"}}";
    static const char type_it[] = ", \"procedures\": {\"type_it\": {\"about\": \"a\", \"takes\": "
                                  "[\"text\"], \"steps\": [{\"name\": \"two\", \"act\": \"type\", "
                                  "\"text\": \"$text\"}]}}";
    (void)state;
    put_site("");
    expect_fault(call, type_it, "SOP_WITH", "texte");
    expect_fault(step, ", \"otherwise\": \"product.scen\"", "SOP_OTHERWISE", "product.scen");
    expect_fault(step, ", \"needs\": [\"fase\"], \"takes\": {\"face\": \"a picture\"}", "SOP_NEEDS",
                 "fase");
    expect_fault(step, ", \"credits_with\": {\"enhanse\": 4}, \"takes\": {\"enhance\": \"more\"}",
                 "SOP_CREDITS", "enhanse");
    expect_fault(step, ", \"choose\": [{\"if\": {\"iss\": [1, 2]}, \"set\": {\"a\": 1}}]",
                 "SOP_SHAPE", "iss");
}

/* Jobs of it that are under way would be asked of nothing. */
static void test_a_site_without_its_own_file_is_a_fault(void **state)
{
    static const char step[] = "{\"name\": \"one\", \"act\": \"reload\"}";
    (void)state;
    expect_fault(step, "", "SOP_SITE", "site/work");
    put_site("");
    put("providers/other.json", "{\"about\": \"a\", \"title\": \"t\", \"carrier\": \"browser\", "
                                "\"price\": 1, \"ops\": {}}");
    expect_fault(step, "", "SOP_SITE", "providers/other.json");
}

static void test_an_act_without_what_it_needs_is_a_fault(void **state)
{
    (void)state;
    put_site("");
    expect("\"act\": \"click\"", "either");
    expect("\"act\": \"click\", \"on\": \"@box\", \"at\": [1, 2]", "either");
    expect("\"act\": \"click\", \"at\": [1, \"2\"]", "two numbers");
    expect("\"act\": \"type\"", "nothing: text");
    expect("\"act\": \"loop\", \"steps\": []", "nothing: while");
    expect("\"act\": \"click\", \"at\": \"$point\"", NULL);
}

static void test_a_target_that_any_element_fits_is_a_fault(void **state)
{
    (void)state;
    put_site("");
    expect("\"act\": \"click\", \"on\": {\"css\": \"button\", \"txt\": \"Generate\"}", "txt");
    expect("\"act\": \"click\", \"on\": {\"nth\": 0}", "any element");
    expect("\"act\": \"click\", \"on\": {\"a\": \"@plain\", \"nth\": 0}", "any element");
    expect("\"act\": \"click\", \"on\": {\"a\": \"@box\", \"nth\": 0}", NULL);
    expect("\"act\": \"click\", \"on\": {\"a\": \"$box\", \"nth\": 0}", NULL);
    expect("\"act\": \"click\", \"on\": \"@plain\"", NULL);
}

static void test_a_condition_that_is_none_is_a_fault(void **state)
{
    (void)state;
    put_site("");
    expect("\"act\": \"wait\", \"for\": {\"sean\": \"@box\"}", "sean");
    expect("\"act\": \"wait\", \"for\": {\"seen\": \"@box\", \"gone\": \"@box\"}", "all");
    expect("\"act\": \"wait\", \"for\": {\"all\": [{\"seen\": \"@box\"}, {\"cont\": \"@box\"}]}",
           "cont");
    expect("\"act\": \"wait\", \"for\": {\"not\": {\"seen\": {\"text\": \"a\", \"exct\": true}}}",
           "exct");
    expect("\"act\": \"wait\", \"for\": {\"is\": [1]}", "two values");
    expect("\"act\": \"wait\", \"for\": {\"count\": \"@box\", \"least\": 2, \"most\": 3}", NULL);
    expect("\"act\": \"poll\", \"until\": {\"more\": \"@box\", \"than\": \"$before\"}", NULL);
}

static void test_a_measure_without_measure_is_a_fault(void **state)
{
    (void)state;
    put_site("");
    expect("\"act\": \"wait\", \"for\": {\"seen\": \"@box\"}, \"within_ms\": 1e300", "86400000");
    expect("\"act\": \"pause\", \"ms\": -1", "86400000");
    expect("\"act\": \"pause\", \"ms\": \"long\"", "86400000");
    expect("\"act\": \"click\", \"on\": \"@box\", \"once\": true, \"credits\": -4", "credits");
    expect("\"act\": \"pause\", \"ms\": \"$rest\"", NULL);
    expect("\"act\": \"pause\", \"ms\": \"@limit\"", NULL);
}

static void test_the_sites_own_acts_are_looked_at_too(void **state)
{
    char said[512];
    (void)state;
    put_procedure("work", "{\"name\": \"one\", \"act\": \"reload\"}", "");
    put_site(", \"trace\": {\"acts\": [{\"act\": \"list\", \"off\": \"@box\", \"as\": \"now\"}]}");
    assert_int_equal(faults_of(said), 2); /* "off", and no "of" */
    put_site(", \"signed_in\": {\"gonne\": \"@box\"}");
    assert_int_equal(faults_of(said), 1);
    assert_non_null(strstr(said, "gonne"));
    put_site(", \"trace\": {\"acts\": [{\"act\": \"list\", \"of\": \"@box\", \"as\": \"now\"}]}");
    assert_int_equal(faults_of(said), 0);
}

/* Its price is known only while it runs: a paid act without one is never done. */
static void test_a_paid_act_without_a_price_is_not_done(void **state)
{
    struct rules *rules = NULL;
    struct faults faults = {0};
    struct sop_turn turn;
    struct err e = {0};
    cJSON *st = NULL;
    (void)state;
    put_site("");
    put_procedure("work",
                  "{\"name\": \"buy\", \"act\": \"click\", \"on\": \"@box\", \"once\": true, "
                  "\"credits\": \"$price\"}",
                  "");
    assert_int_equal(rules_load(dir, &rules, &faults), 0);
    assert_int_equal(sop_begin(rules, "site", "work", cJSON_CreateObject(), &st, &e), 0);
    sop_next(rules, st, NULL, 0, &turn);
    assert_int_equal(turn.move, SOP_FAILED);
    assert_string_equal(turn.class, "bad_request");
    sop_turn_finish(&turn);
    cJSON_Delete(st);
    cJSON *wishes = cJSON_CreateObject();
    json_set_num(wishes, "price", 4);
    assert_int_equal(sop_begin(rules, "site", "work", wishes, &st, &e), 0);
    sop_next(rules, st, NULL, 0, &turn);
    assert_int_equal(turn.move, SOP_ACT);
    assert_true(turn.once && turn.credits == 4);
    sop_turn_finish(&turn);
    cJSON_Delete(st);
    rules_release(rules);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, begin, end)
    const struct CMUnitTest tests[] = {
        T(test_a_member_that_nobody_reads_is_a_fault),
        T(test_a_slash_in_a_steps_name_is_a_fault),
        T(test_what_leads_to_nothing_is_a_fault),
        T(test_a_site_without_its_own_file_is_a_fault),
        T(test_an_act_without_what_it_needs_is_a_fault),
        T(test_a_target_that_any_element_fits_is_a_fault),
        T(test_a_condition_that_is_none_is_a_fault),
        T(test_a_measure_without_measure_is_a_fault),
        T(test_the_sites_own_acts_are_looked_at_too),
        T(test_a_paid_act_without_a_price_is_not_done),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
