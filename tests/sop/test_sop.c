/* Step files are moved through with a page that a test plays: acts are noted, answers are made up.
 */
/* SPDX-License-Identifier: ISC */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/buf.h"
#include "base/fault.h"
#include "base/json.h"
#include "sop/scene.h"

static struct buf trace;     /* acts in their order, "click:a " */
static const char *broken;   /* the step whose acts fail */
static int broken_n;         /* how often; -1 always */
static const char *says_yes; /* looks for a thing with this in it are answered with yes */
static int yes_n;            /* so often; -1 always */

static int begin(void **state)
{
    (void)state;
    broken = says_yes = NULL;
    broken_n = yes_n = -1;
    buf_init(&trace, 1 << 20);
    if (!dir_make())
        return -1;
    put("sops/site/site.json",
        "{\"about\": \"a\", \"title\": \"t\", \"window\": {\"width\": 800, \"height\": 600},"
        "\"pages\": {\"canvas\": \"http://x/c\"}, \"own\": \"http://x/\","
        "\"trace\": {\"acts\": [{\"act\": \"list\", \"of\": \"@box\", \"as\": \"now\"}, {\"act\": "
        "\"read\", \"of\": \"@box\", "
        "\"as\": \"balance_now\"}, {\"act\": \"look\", \"for\": {\"seen\": \"@box\"}, \"as\": "
        "\"under_way\"}]},"
        "\"values\": {\"box\": {\"css\": \"b\"}, \"place\": [1, 2], \"limit\": 3}}");
    put("sops/site/procedures.json",
        "{\"about\": \"a\", \"procedures\": {\"fix\": {\"about\": \"f\", \"steps\": [{\"name\": "
        "\"fixing\", \"act\": \"reload\"}]}}}");
    return 0;
}

static int end(void **state)
{
    (void)state;
    buf_finish(&trace);
    return file_remove_tree(dir, NULL);
}

static struct rules *load(void)
{
    struct rules *rules = NULL;
    struct faults faults = {0};
    struct buf text;
    buf_init(&text, 10000);
    if (rules_load(dir, &rules, &faults)) {
        faults_text(&faults, &text);
        fail_msg("%s", text.data);
    }
    buf_finish(&text);
    return rules;
}

/* Plays the page for one act. */
static cJSON *play(const struct sop_turn *t)
{
    cJSON *result = cJSON_CreateObject();
    const char *act = json_str(t->act, "act", "");
    char *text = json_compact(t->act);
    bool fails = broken && broken_n && strstr(t->step, broken);
    bool look = str_eq(act, "look");
    if (!look)
        buf_printf(&trace, "%s:%s ", act,
                   strrchr(t->step, '/') ? strrchr(t->step, '/') + 2 : t->step);
    if (fails && broken_n > 0)
        broken_n--;
    json_set_bool(result, "ok", look || !fails);
    json_set_str(result, "error", "it is covered");
    if (look) {
        bool yes = says_yes && yes_n && strstr(text, says_yes);
        if (yes && yes_n > 0)
            yes_n--;
        json_set_bool(result, "value", yes);
    } else {
        json_set_num(result, "value", 7);
    }
    free(text);
    return result;
}

static enum sop_move run(struct rules *rules, cJSON *state, struct sop_turn *ret_turn)
{
    cJSON *result = NULL;
    int64_t now = 1000;
    for (int i = 0; i < 500; i++) {
        sop_next(rules, state, result, now, ret_turn);
        cJSON_Delete(result);
        result = NULL;
        if (ret_turn->move == SOP_ACT)
            result = play(ret_turn);
        else if (ret_turn->move == SOP_WAIT)
            now += ret_turn->wait_ms;
        else
            return ret_turn->move;
        sop_turn_finish(ret_turn);
    }
    fail_msg("the procedure does not end: %s", trace.data);
    return SOP_FAILED;
}

static cJSON *start(struct rules *rules, const char *wishes)
{
    struct err e = {0};
    cJSON *state = NULL;
    if (sop_begin(rules, "site", "work", cJSON_Parse(wishes), &state, &e))
        fail_msg("%s", e.text);
    return state;
}

static void check_run(const char *wishes, enum sop_move expected, const char *acts)
{
    struct rules *rules = load();
    struct sop_turn turn;
    cJSON *state = start(rules, wishes);
    assert_int_equal(run(rules, state, &turn), expected);
    assert_string_equal(trace.len ? trace.data : "", acts);
    sop_turn_finish(&turn);
    cJSON_Delete(state);
    rules_release(rules);
}

static void test_steps_are_done_in_order_with_their_values(void **state)
{
    (void)state;
    put_procedure(
        "work",
        "{\"name\": \"one\", \"act\": \"click\", \"at\": \"@place\"},"
        "{\"name\": \"two\", \"act\": \"call\", \"procedure\": \"inner\", \"with\": "
        "{\"text\": \"$prompt\"}},"
        "{\"name\": \"three\", \"act\": \"key\", \"key\": \"Escape\"}",
        ", \"procedures\": {\"inner\": {\"about\": \"i\", \"steps\": [{\"name\": \"typing\", "
        "\"act\": \"type\", \"text\": \"$text\"}]}}");
    check_run("{\"prompt\": \"@place is no reference here\"}", SOP_DONE,
              "click:one type:typing key:three ");
}

static void test_what_a_person_wrote_is_never_a_reference(void **state)
{
    (void)state;
    put_procedure("work", "{\"name\": \"one\", \"act\": \"type\", \"text\": \"$prompt\"}", "");
    struct rules *rules = load();
    struct sop_turn turn;
    cJSON *st = start(rules, "{\"prompt\": \"@place\"}");
    sop_next(rules, st, NULL, 0, &turn);
    assert_string_equal(json_str(turn.act, "text", ""), "@place");
    sop_turn_finish(&turn);
    cJSON_Delete(st);
    rules_release(rules);
}

static void test_a_failed_step_goes_on_with_its_else(void **state)
{
    (void)state;
    put_procedure(
        "work",
        "{\"name\": \"one\", \"act\": \"click\", \"else\": [{\"name\": \"other\", \"act\": "
        "\"double_click\"}]}, {\"name\": \"two\", \"act\": \"key\"}",
        "");
    broken = "one";
    broken_n = 1;
    check_run("{}", SOP_DONE, "click:one double_click:other key:two ");
}

static void test_a_step_that_may_fail_is_passed_over(void **state)
{
    (void)state;
    put_procedure(
        "work",
        "{\"name\": \"one\", \"act\": \"click\", \"may_fail\": true}, {\"name\": \"two\", "
        "\"act\": \"key\"}",
        "");
    broken = "one";
    check_run("{}", SOP_DONE, "click:one key:two ");
}

static void test_a_failure_says_the_steps_the_reason_and_the_cure(void **state)
{
    (void)state;
    put_procedure(
        "work",
        "{\"name\": \"outer\", \"act\": \"do\", \"cure\": \"look at it\", \"steps\": [{\"name\": "
        "\"inner\", \"act\": \"click\", \"why\": \"the button is away\"}]}",
        "");
    broken = "inner";
    struct rules *rules = load();
    struct sop_turn turn;
    cJSON *st = start(rules, "{}");
    assert_int_equal(run(rules, st, &turn), SOP_FAILED);
    assert_string_equal(turn.step, "outer / inner");
    assert_string_equal(turn.error, "the button is away: it is covered");
    assert_string_equal(turn.cure, "look at it");
    assert_string_equal(turn.class, "transient");
    sop_turn_finish(&turn);
    cJSON_Delete(st);
    rules_release(rules);
}

static void test_a_retry_begins_at_its_step_after_what_is_done_first(void **state)
{
    (void)state;
    put_procedure("work",
                  "{\"name\": \"one\", \"act\": \"click\"}, {\"name\": \"two\", \"act\": \"key\"}",
                  ", \"retry\": [{\"from\": \"two\"}, {\"do\": \"fix\", \"from\": \"one\"}]");
    broken = "two";
    check_run("{}", SOP_FAILED, "click:one key:two key:two reload:fixing click:one key:two ");
}

static void test_a_retry_behind_the_step_that_failed_is_passed_over(void **state)
{
    (void)state;
    put_procedure("work",
                  "{\"name\": \"one\", \"act\": \"click\"}, {\"name\": \"two\", \"act\": \"key\"}",
                  ", \"retry\": [{\"from\": \"two\"}, {\"do\": \"fix\", \"from\": \"one\"}]");
    broken = "one";
    broken_n = 1;
    check_run("{}", SOP_DONE, "click:one reload:fixing click:one key:two ");
}

static void test_what_covers_a_press_is_taken_away_and_it_is_pressed_again(void **state)
{
    (void)state;
    put("sops/site/site.json",
        "{\"about\": \"a\", \"title\": \"t\", \"window\": {\"width\": 800, \"height\": 600},"
        "\"pages\": {\"canvas\": \"http://x/c\"}, \"own\": \"http://x/\", \"values\": {},"
        "\"in_the_way\": {\"if\": {\"seen\": {\"css\": \"dialog\"}}, \"do\": \"fix\"}}");
    put_procedure("work",
                  "{\"name\": \"one\", \"act\": \"click\"}, {\"name\": \"two\", \"act\": \"key\"}",
                  "");
    broken = "one";
    broken_n = 1;
    says_yes = "dialog";
    check_run("{}", SOP_DONE, "click:one reload:fixing click:one key:two ");
}

static void test_a_loop_ends_when_its_condition_does(void **state)
{
    (void)state;
    put_procedure(
        "work",
        "{\"name\": \"all\", \"act\": \"loop\", \"times\": 8, \"while\": {\"seen\": \"@box\"}, "
        "\"steps\": [{\"name\": \"press\", \"act\": \"click\"}]}",
        "");
    says_yes = "\"b\"";
    yes_n = 3;
    check_run("{}", SOP_DONE, "click:press click:press click:press ");
}

static void test_a_loop_ends_after_its_times(void **state)
{
    (void)state;
    put_procedure(
        "work",
        "{\"name\": \"all\", \"act\": \"loop\", \"times\": \"@limit\", \"while\": {\"seen\": "
        "\"@box\"}, \"steps\": [{\"name\": \"press\", \"act\": \"click\"}]}",
        "");
    says_yes = "\"b\"";
    check_run("{}", SOP_DONE, "click:press click:press click:press ");
}

static void test_a_poll_does_its_meanwhile_and_gives_up_in_time(void **state)
{
    (void)state;
    put_procedure(
        "work",
        "{\"name\": \"wait\", \"act\": \"poll\", \"until\": {\"seen\": \"@box\"}, \"every_ms\": "
        "1000, \"within_ms\": 2500, \"meanwhile\": [{\"name\": \"help\", \"act\": \"click\"}]}",
        "");
    check_run("{}", SOP_FAILED, "click:help click:help click:help ");
}

static void test_conditions_decide_without_the_page_where_they_can(void **state)
{
    (void)state;
    put_procedure("work",
                  "{\"name\": \"one\", \"act\": \"click\", \"if\": {\"is\": [\"$kind\", \"a\"]}},"
                  "{\"name\": \"two\", \"act\": \"key\", \"unless\": {\"is\": [\"$kind\", \"a\"]}}",
                  ", \"defaults\": {\"kind\": \"b\"}");
    check_run("{\"kind\": \"a\"}", SOP_DONE, "click:one ");
}

static void test_a_costly_act_is_said_before_it_is_done(void **state)
{
    (void)state;
    put_procedure("work", "{\"name\": \"buy\", \"act\": \"click\", \"once\": true, \"credits\": 4}",
                  "");
    struct rules *rules = load();
    struct sop_turn turn;
    cJSON *st = start(rules, "{}");
    sop_next(rules, st, NULL, 0, &turn);
    assert_true(turn.once);
    assert_true(turn.credits == 4);
    assert_true(turn.settles == 0 && sop_owed(st) == 0); /* it may never leave */
    sop_turn_finish(&turn);
    cJSON_Delete(st);
    rules_release(rules);
}

/* The state as it was stored before a paid act that began with these values, and what the trace
 * found. shared: others spend on the account, too. */
static enum sop_trace lost_from(const char *vars, bool shared, const char *results,
                                cJSON **ret_state, struct rules *rules)
{
    struct sop_turn turn;
    cJSON *st = start(rules, vars), *found = cJSON_Parse(results);
    if (shared)
        sop_shared(st);
    sop_next(rules, st, NULL, 0, &turn);
    sop_turn_finish(&turn);
    enum sop_trace trace_says = sop_trace_read(rules, st, found);
    cJSON_Delete(found);
    *ret_state = st;
    return trace_says;
}

static enum sop_trace lost(const char *results, cJSON **ret_state, struct rules *rules)
{
    return lost_from("{\"before\": [\"a\"], \"balance\": 100}", false, results, ret_state, rules);
}

static void test_a_lost_click_is_found_by_its_result_or_its_price(void **state)
{
    (void)state;
    put_procedure(
        "work",
        "{\"name\": \"buy\", \"act\": \"click\", \"once\": true, \"credits\": 4}, {\"name\": "
        "\"after\", \"act\": \"key\"}",
        "");
    struct rules *rules = load();
    struct sop_turn turn;
    cJSON *st = NULL;
    const char *found[] = {"[{\"ok\": true, \"value\": [\"b\", \"a\"]}, {\"ok\": false}]",
                           "[{\"ok\": true, \"value\": [\"a\"]}, {\"ok\": true, \"value\": 96}]"};
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(lost(found[i], &st, rules), TRACE_FOUND);
        sop_next(rules, st, NULL, 0, &turn);
        assert_string_equal(turn.step, "after");
        sop_turn_finish(&turn);
        cJSON_Delete(st);
    }
    rules_release(rules);
}

static void test_a_lost_click_that_left_no_trace_may_be_done(void **state)
{
    (void)state;
    put_procedure("work", "{\"name\": \"buy\", \"act\": \"click\", \"once\": true, \"credits\": 4}",
                  "");
    struct rules *rules = load();
    cJSON *st = NULL;
    assert_int_equal(
        lost("[{\"ok\": true, \"value\": [\"a\"]}, {\"ok\": true, \"value\": 100}]", &st, rules),
        TRACE_NONE);
    assert_false(json_bool(st, "open", true));
    cJSON_Delete(st);
    assert_int_equal(lost("[{\"ok\": true, \"value\": [\"a\"]}, {\"ok\": false}]", &st, rules),
                     TRACE_UNCLEAR);
    cJSON_Delete(st);
    rules_release(rules);
}

static void test_a_result_that_was_only_shown_late_is_no_trace(void **state)
{
    (void)state;
    put_procedure("work", "{\"name\": \"buy\", \"act\": \"click\", \"once\": true, \"credits\": 4}",
                  "");
    struct rules *rules = load();
    cJSON *st = NULL;
    const char *new_and_unpaid =
        "[{\"ok\": true, \"value\": [\"b\", \"a\"]}, {\"ok\": true, \"value\": 100}]";
    assert_int_equal(lost(new_and_unpaid, &st, rules), TRACE_UNCLEAR);
    cJSON_Delete(st);
    /* a page that showed neither results nor balance */
    assert_int_equal(lost_from("{\"before\": []}", false, new_and_unpaid, &st, rules),
                     TRACE_UNCLEAR);
    cJSON_Delete(st);
    rules_release(rules);
}

static void test_while_something_is_made_nothing_says_that_a_click_was_not_taken(void **state)
{
    (void)state;
    put_procedure("work", "{\"name\": \"buy\", \"act\": \"click\", \"once\": true, \"credits\": 4}",
                  "");
    struct rules *rules = load();
    cJSON *st = NULL;
    assert_int_equal(lost("[{\"ok\": true, \"value\": [\"a\"]}, {\"ok\": true, \"value\": 100}, "
                          "{\"ok\": true, \"value\": true}]",
                          &st, rules),
                     TRACE_UNCLEAR);
    cJSON_Delete(st);
    assert_int_equal(lost("[{\"ok\": true, \"value\": [\"a\"]}, {\"ok\": true, \"value\": 100}, "
                          "{\"ok\": true, \"value\": false}]",
                          &st, rules),
                     TRACE_NONE);
    cJSON_Delete(st);
    rules_release(rules);
}

/* Its first click was given up; the second one's answer was lost, and nothing was spent on it. */
static void test_the_result_of_its_own_earlier_click_is_no_trace_of_the_later(void **state)
{
    (void)state;
    put_procedure("work", "{\"name\": \"buy\", \"act\": \"click\", \"once\": true, \"credits\": 4}",
                  "");
    struct rules *rules = load();
    struct sop_turn turn;
    cJSON *st = start(rules, "{\"before\": [\"a\"], \"balance\": 100}");
    json_set_num(st, "wasted", 1);
    sop_next(rules, st, NULL, 0, &turn);
    sop_turn_finish(&turn);
    cJSON *found = cJSON_Parse("[{\"ok\": true, \"value\": [\"b\", \"a\"]}, {\"ok\": true, "
                               "\"value\": 100}]");
    assert_int_equal(sop_trace_read(rules, st, found), TRACE_NONE);
    assert_true(sop_owed(st) == 0);
    cJSON_Delete(found);
    cJSON_Delete(st);
    rules_release(rules);
}

static void test_what_others_spend_is_no_trace(void **state)
{
    (void)state;
    put_procedure("work", "{\"name\": \"buy\", \"act\": \"click\", \"once\": true, \"credits\": 4}",
                  "");
    struct rules *rules = load();
    cJSON *st = NULL;
    assert_int_equal(
        lost_from("{\"before\": [\"a\"], \"balance\": 100}", true,
                  "[{\"ok\": true, \"value\": [\"a\"]}, {\"ok\": true, \"value\": 96}]", &st,
                  rules),
        TRACE_UNCLEAR);
    cJSON_Delete(st);
    rules_release(rules);
}

static void test_a_missing_wish_is_refused_with_its_meaning(void **state)
{
    (void)state;
    put_procedure("work", "{\"name\": \"one\", \"act\": \"click\"}",
                  ", \"needs\": [\"face\"], \"takes\": {\"face\": \"the face reference\"}");
    struct rules *rules = load();
    struct err e = {0};
    cJSON *st = NULL;
    assert_int_equal(sop_begin(rules, "site", "work", cJSON_CreateObject(), &st, &e), ERR_INPUT);
    assert_non_null(strstr(e.text, "face (the face reference)"));
    rules_release(rules);
}

static void test_faults_of_names_are_all_found(void **state)
{
    (void)state;
    put_procedure("work",
                  "{\"name\": \"one\", \"act\": \"clik\", \"on\": \"@nowhere\"},"
                  "{\"name\": \"two\", \"act\": \"call\", \"procedure\": \"none\"},"
                  "{\"name\": \"buy\", \"act\": \"click\", \"on\": \"@box\", \"once\": true}",
                  ", \"retry\": [{\"from\": \"three\"}], \"words\": {\"nobody\": \"nothing\"}");
    struct rules *rules = load();
    struct faults faults = {0};
    assert_int_equal(sop_check(rules, &faults), 7);
    faults_finish(&faults);
    rules_release(rules);
}

static void test_an_op_finds_its_procedure(void **state)
{
    (void)state;
    put_procedure("work", "{\"name\": \"one\", \"act\": \"click\"}", "");
    struct rules *rules = load();
    assert_string_equal(sop_for_op(rules, "site", "work.make"), "work");
    assert_null(sop_for_op(rules, "site", "other"));
    assert_null(sop_for_op(rules, "si", "work.make"));
    rules_release(rules);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, begin, end)
    const struct CMUnitTest tests[] = {
        T(test_steps_are_done_in_order_with_their_values),
        T(test_what_a_person_wrote_is_never_a_reference),
        T(test_a_failed_step_goes_on_with_its_else),
        T(test_a_step_that_may_fail_is_passed_over),
        T(test_a_failure_says_the_steps_the_reason_and_the_cure),
        T(test_a_retry_begins_at_its_step_after_what_is_done_first),
        T(test_a_retry_behind_the_step_that_failed_is_passed_over),
        T(test_what_covers_a_press_is_taken_away_and_it_is_pressed_again),
        T(test_a_loop_ends_when_its_condition_does),
        T(test_a_loop_ends_after_its_times),
        T(test_a_poll_does_its_meanwhile_and_gives_up_in_time),
        T(test_conditions_decide_without_the_page_where_they_can),
        T(test_a_costly_act_is_said_before_it_is_done),
        T(test_a_lost_click_is_found_by_its_result_or_its_price),
        T(test_a_lost_click_that_left_no_trace_may_be_done),
        T(test_a_result_that_was_only_shown_late_is_no_trace),
        T(test_while_something_is_made_nothing_says_that_a_click_was_not_taken),
        T(test_the_result_of_its_own_earlier_click_is_no_trace_of_the_later),
        T(test_what_others_spend_is_no_trace),
        T(test_a_missing_wish_is_refused_with_its_meaning),
        T(test_faults_of_names_are_all_found),
        T(test_an_op_finds_its_procedure),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
