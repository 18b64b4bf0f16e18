/* Procedures with several paid acts are moved through with a page that a test plays: what is told
 * of credits, when, and what is never bought twice. */
/* SPDX-License-Identifier: ISC */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/json.h"
#include "sop/scene.h"

static struct rules *rules;
static const char *broken; /* the step whose acts fail */
static int broken_n;       /* how often; -1 always */
static double balance;     /* what a read answers */
static int clicks;         /* paid acts that were taken */
static double told;        /* credits that turns settled */

static int begin(void **state)
{
    (void)state;
    broken = NULL;
    broken_n = -1;
    balance = 100;
    clicks = 0;
    told = 0;
    rules = NULL;
    if (!dir_make())
        return -1;
    put("sops/site/site.json",
        "{\"about\": \"a\", \"title\": \"t\", \"window\": {\"width\": 800, \"height\": 600},"
        "\"pages\": {\"canvas\": \"http://x/c\"}, \"own\": \"http://x/\", \"values\": {}}");
    return 0;
}

static int end(void **state)
{
    (void)state;
    rules_release(rules);
    return file_remove_tree(dir, NULL);
}

static cJSON *start(const char *name)
{
    struct faults faults = {0};
    struct err e = {0};
    cJSON *state = NULL;
    if (!rules && rules_load(dir, &rules, &faults))
        fail_msg("%s", faults.list[0].found);
    if (sop_begin(rules, "site", name, cJSON_CreateObject(), &state, &e))
        fail_msg("%s", e.text);
    return state;
}

static cJSON *play(const struct sop_turn *t)
{
    cJSON *result = cJSON_CreateObject();
    bool fails = broken && broken_n && strstr(t->step, broken);
    if (fails && broken_n > 0)
        broken_n--;
    json_set_bool(result, "ok", !fails);
    json_set_str(result, "error", "it does not come");
    if (str_eq(json_str(t->act, "act", ""), "read"))
        json_set_num(result, "value", balance);
    else if (str_eq(json_str(t->act, "act", ""), "fetch"))
        json_set(result, "value", cJSON_Parse("{\"bytes\": 7}"));
    told += t->settles;
    clicks += t->once && !fails;
    balance -= t->once && !fails ? t->credits : 0;
    return result;
}

static enum sop_move run(cJSON *state, struct sop_turn *t)
{
    cJSON *result = NULL;
    for (int i = 0; i < 200; i++) {
        sop_next(rules, state, result, 1000, t);
        cJSON_Delete(result);
        result = NULL;
        if (t->move != SOP_ACT)
            return t->move;
        result = play(t);
        sop_turn_finish(t);
    }
    fail_msg("the procedure does not end");
    return SOP_FAILED;
}

static enum sop_move run_new(const char *name, cJSON **ret_state)
{
    struct sop_turn t;
    *ret_state = start(name);
    enum sop_move move = run(*ret_state, &t);
    sop_turn_finish(&t);
    return move;
}

#define BUY(name, n)                                                                               \
    "{\"name\": \"" name "\", \"act\": \"click\", \"once\": true, \"credits\": " #n "}"
#define COME(name) "{\"name\": \"" name "\", \"act\": \"wait\", \"for\": {}}"

static void test_a_second_paid_act_settles_the_first(void **state)
{
    (void)state;
    cJSON *st;
    put_procedure("work", BUY("one", 20) "," BUY("two", 4), "");
    assert_int_equal(run_new("work", &st), SOP_DONE);
    assert_true(told == 20 && sop_owed(st) == 4 && sop_spent(st) == 24);
    cJSON_Delete(st);
}

static void test_an_act_that_was_not_taken_is_tried_again_and_told_once(void **state)
{
    (void)state;
    cJSON *st;
    put_procedure("work", BUY("one", 20), ", \"retry\": [{\"from\": \"one\"}]");
    broken = "one";
    broken_n = 1;
    assert_int_equal(run_new("work", &st), SOP_DONE);
    assert_true(clicks == 1 && told == 0 && sop_owed(st) == 20 && sop_spent(st) == 20);
    cJSON_Delete(st);
}

static const char reading[] = "{\"name\": \"before\", \"act\": \"read\", \"as\": \"was\"}," BUY(
    "one", 4) ",{\"name\": \"after\", \"act\": \"read\", \"as\": \"now\", \"spent_since\": "
              "\"$was\"}";

/* A read, a click, a read: the page says that 3 were taken, the step says 4. */
static cJSON *read_around(bool shared)
{
    static const double says[] = {100, 0, 97};
    struct sop_turn t;
    put_procedure("work", reading, "");
    cJSON *st = start("work"), *result = NULL;
    if (shared)
        sop_shared(st);
    for (int i = 0; i < 3; i++) {
        sop_next(rules, st, result, 0, &t);
        cJSON_Delete(result);
        sop_turn_finish(&t);
        result = cJSON_Parse("{\"ok\": true}");
        json_set_num(result, "value", says[i]);
    }
    sop_next(rules, st, result, 0, &t);
    assert_int_equal(t.move, SOP_DONE);
    cJSON_Delete(result);
    return st;
}

static void test_the_page_s_number_goes_before_the_step_s(void **state)
{
    (void)state;
    cJSON *st = read_around(false);
    assert_true(sop_owed(st) == 3 && sop_spent(st) == 3);
    assert_int_equal(cJSON_GetArraySize(sop_notes(st)), 1);
    cJSON_Delete(st);
}

static void test_an_account_that_others_use_says_nothing_about_one_act(void **state)
{
    (void)state;
    cJSON *st = read_around(true);
    assert_true(sop_owed(st) == 4 && sop_spent(st) == 4 && !sop_notes(st));
    cJSON_Delete(st);
}

/* paid_retries is 1: two clicks at most for one result. */
static void test_a_result_that_never_comes_is_bought_again_as_often_as_allowed(void **state)
{
    (void)state;
    cJSON *st;
    put_procedure("work", BUY("one", 4) "," COME("come"),
                  ", \"retry\": [{\"from\": \"one\"}, {\"from\": \"one\"}, {\"from\": \"one\"}]");
    broken = "come";
    assert_int_equal(run_new("work", &st), SOP_FAILED);
    assert_int_equal(clicks, 2);
    assert_true(told == 4 && sop_owed(st) == 4 && sop_spent(st) == 8);
    assert_non_null(strstr(cJSON_GetArrayItem(sop_notes(st), 0)->valuestring, "once more"));
    cJSON_Delete(st);
}

static const char keeping[] =
    "{\"name\": \"make\", \"act\": \"do\", \"if\": {\"is\": [\"$sheet\", "
    "null]}, \"steps\": [" BUY("one",
                               20) ",{\"name\": \"keep it\", "
                                   "\"act\": \"keep\", \"what\": \"it\", \"as\": \"sheet\"}]},"
                                   "{\"name\": \"use it\", \"act\": \"click\"}," BUY("two", 4);

static void test_what_is_kept_is_not_bought_again_after_a_failure(void **state)
{
    (void)state;
    cJSON *st;
    put_procedure("work", keeping, ", \"retry\": [{\"from\": \"make\"}]");
    broken = "use it";
    broken_n = 1;
    assert_int_equal(run_new("work", &st), SOP_DONE);
    assert_int_equal(clicks, 2);
    assert_true(sop_spent(st) == 24 && told == 20);
    cJSON_Delete(st);
}

static void test_what_is_kept_is_not_bought_again_on_another_page(void **state)
{
    (void)state;
    struct sop_turn t;
    cJSON *st;
    put_procedure("work", keeping, "");
    assert_int_equal(run_new("work", &st), SOP_DONE);
    sop_restart(st);
    assert_int_equal(run(st, &t), SOP_DONE);
    assert_int_equal(clicks, 3); /* the sheet once, the picture twice */
    cJSON_Delete(st);
}

static void test_it_begins_anew_where_what_is_kept_ends(void **state)
{
    (void)state;
    struct sop_turn t;
    cJSON *st;
    put_procedure(
        "work",
        BUY("one", 8) ",{\"name\": \"fetch it\", \"act\": \"fetch\", \"as\": \"got\"},"
                      "{\"name\": \"keep it\", \"act\": \"keep\", \"what\": \"$got.bytes\", "
                      "\"as\": \"size\", \"restart_at\": \"more\"}," BUY("more", 4),
        "");
    assert_int_equal(run_new("work", &st), SOP_DONE);
    assert_true(json_num(st, "/vars/size", 0) == 7);
    sop_restart(st);
    sop_next(rules, st, NULL, 0, &t);
    assert_string_equal(t.step, "more");
    sop_turn_finish(&t);
    cJSON_Delete(st);
}

static void test_a_procedure_that_stands_in_carries_what_was_spent(void **state)
{
    (void)state;
    struct sop_turn t;
    cJSON *st, *other;
    put_procedure("work", BUY("one", 4) "," COME("come"), ", \"otherwise\": \"plain.make\"");
    put_procedure("plain", BUY("two", 2), ", \"otherwise\": \"work.make\"");
    broken = "come";
    assert_int_equal(run_new("work", &st), SOP_FAILED);
    assert_string_equal(sop_otherwise(rules, st), "plain");
    other = start("plain");
    sop_carry(other, st);
    assert_int_equal(run(other, &t), SOP_DONE);
    assert_true(told == 4 && sop_owed(other) == 2 && sop_spent(other) == 6);
    assert_null(sop_otherwise(rules, other)); /* once: no circle */
    cJSON_Delete(other);
    cJSON_Delete(st);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, begin, end)
    const struct CMUnitTest tests[] = {
        T(test_a_second_paid_act_settles_the_first),
        T(test_an_act_that_was_not_taken_is_tried_again_and_told_once),
        T(test_the_page_s_number_goes_before_the_step_s),
        T(test_an_account_that_others_use_says_nothing_about_one_act),
        T(test_a_result_that_never_comes_is_bought_again_as_often_as_allowed),
        T(test_what_is_kept_is_not_bought_again_after_a_failure),
        T(test_what_is_kept_is_not_bought_again_on_another_page),
        T(test_it_begins_anew_where_what_is_kept_ends),
        T(test_a_procedure_that_stands_in_carries_what_was_spent),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
