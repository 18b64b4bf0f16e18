/* Each check of gate 1 at both sides of each of its numbers, by the rules as they are shipped; and
 * whom they hold for. */
/* SPDX-License-Identifier: ISC */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"
#include "gates/gates.h"

static struct rules *rules;

static int begin(void **state)
{
    (void)state;
    struct faults faults = {0};
    return rules_load("rules", &rules, &faults);
}

static int end(void **state)
{
    (void)state;
    rules_release(rules);
    return 0;
}

/* A sound picture of the size that was asked for. */
#define SOUND                                                                                      \
    "\"width\": 768, \"height\": 1344, \"mean\": 110, \"spread\": 40, \"plain\": 0.2, "            \
    "\"colour\": 45, \"tail\": 0, \"edge\": 0, \"busy\": 0, \"head\": 0, \"repeat\": 0"

/* What is judged: a sound picture with the members of facts instead of its own. */
static struct gate_verdict judge(const char *op, const char *facts, struct gate_subject *s)
{
    const char *why;
    struct gate_verdict v;
    cJSON *rule = gates_rule(rules, "fal", op, &why);
    cJSON *look = cJSON_Parse("{" SOUND "}"), *own = cJSON_Parse(facts), *one;
    assert_non_null(rule);
    assert_non_null(own);
    cJSON_ArrayForEach(one, own) json_set(look, one->string, cJSON_Duplicate(one, true));
    s->look = look;
    gates_judge(rule, s, &v);
    cJSON_Delete(own);
    cJSON_Delete(look);
    cJSON_Delete(rule);
    return v;
}

static struct gate_subject subject(void)
{
    return (struct gate_subject){
        .bytes = 100000, .sha256 = "aa", .width = 768, .height = 1344, .seconds = 5};
}

static void expect(const char *op, const char *facts, struct gate_subject s, const char *check)
{
    struct gate_verdict v = judge(op, facts, &s);
    if (v.failed != (check != NULL) || (check && !str_eq(gate_check_word(v.at), check)))
        fail_msg("%s: expected %s, found %s (%s)", facts, check ? check : "pass",
                 v.failed ? gate_check_word(v.at) : "pass", v.why);
    assert_int_equal(*v.why != 0, v.failed);
    assert_int_equal(*v.cure != 0, v.failed);
}

/* The facts one side of the number, and the other. */
static void sides(const char *good, const char *bad, const char *check)
{
    expect("board.frame", good, subject(), NULL);
    expect("board.frame", bad, subject(), check);
}

static void test_each_number_has_two_sides(void **state)
{
    (void)state;
    expect("board.frame", "{}", subject(), NULL);
    sides("{\"mean\": 16.1, \"spread\": 3}", "{\"mean\": 16, \"spread\": 2}", "black");
    sides("{\"mean\": 9, \"spread\": 2.1}", "{\"mean\": 0, \"spread\": 0}", "black");
    sides("{\"spread\": 2, \"plain\": 1, \"colour\": 1}",
          "{\"spread\": 1.99, \"plain\": 0.99, \"colour\": 1.99}", "blank");
    sides("{\"spread\": 1, \"plain\": 0.989, \"colour\": 1}",
          "{\"spread\": 1, \"plain\": 0.99, \"colour\": 1}", "blank");
    sides("{\"spread\": 1, \"plain\": 1, \"colour\": 2}",
          "{\"spread\": 1, \"plain\": 1, \"colour\": 1.9}", "blank");
    sides("{\"width\": 813}", "{\"width\": 816}", "ratio");
    sides("{\"width\": 725}", "{\"width\": 724}", "ratio");
    sides("{\"width\": 346, \"height\": 605}", "{\"width\": 345, \"height\": 604}", "size");
    sides("{\"tail\": 0.079, \"edge\": 1, \"busy\": 40}",
          "{\"tail\": 0.08, \"edge\": 1, \"busy\": 40}", "torn");
    sides("{\"tail\": 0.5, \"edge\": 0.89, \"busy\": 40}",
          "{\"tail\": 0.5, \"edge\": 0.9, \"busy\": 40}", "torn");
    sides("{\"tail\": 0.5, \"edge\": 1, \"busy\": 7.9}",
          "{\"tail\": 0.5, \"edge\": 1, \"busy\": 8}", "torn");
    sides("{\"tail\": 0.2, \"edge\": 1, \"busy\": 40, \"head\": 0.1}",
          "{\"tail\": 0.2, \"edge\": 1, \"busy\": 40, \"head\": 0.09}", "torn");
    sides("{\"repeat\": 0.199}", "{\"repeat\": 0.2}", "smeared");
}

static void test_a_file_that_is_too_small_is_a_placeholder(void **state)
{
    (void)state;
    struct gate_subject s = subject();
    s.bytes = 1024;
    expect("board.frame", "{}", s, NULL);
    s.bytes = 1023;
    expect("board.frame", "{}", s, "bytes");
}

static void test_what_nobody_asked_for_is_not_judged(void **state)
{
    (void)state;
    struct gate_subject s = subject();
    s.width = s.height = 0;
    expect("board.frame", "{\"width\": 10, \"height\": 900}", s, NULL);
    struct gate_verdict v = judge("board.frame", "{}", &s);
    for (size_t i = 0; i < v.marks_n; i++)
        assert_true(v.marks[i].check != GATE_RATIO && v.marks[i].check != GATE_SIZE &&
                    v.marks[i].check != GATE_SECONDS && v.marks[i].check != GATE_DUPLICATE);
}

#define BLACK "{\"mean\": 0, \"spread\": 0, \"plain\": 1, \"colour\": 0}"
#define WHITE "{\"mean\": 255, \"spread\": 0, \"plain\": 1, \"colour\": 0}"
#define SCENE "{\"mean\": 90, \"spread\": 30, \"plain\": 0.1, \"colour\": 30}"

static void test_a_clip_may_fade_and_may_not_be_empty(void **state)
{
    (void)state;
    const char *op = "film.push";
    expect(op, "{\"seconds\": 5, \"frames\": [" BLACK ", " SCENE ", " SCENE "]}", subject(), NULL);
    expect(op, "{\"seconds\": 5, \"frames\": [" BLACK ", " SCENE ", " BLACK "]}", subject(),
           "black");
    expect(op, "{\"seconds\": 5, \"frames\": [" WHITE ", " WHITE ", " SCENE "]}", subject(),
           "blank");
}

static void test_a_clip_lasts_as_long_as_was_asked(void **state)
{
    (void)state;
    const char *op = "film.push", *frames = "\"frames\": [" SCENE ", " SCENE ", " SCENE "]";
    static const struct {
        double asked, is;
        bool good;
    } cases[] = {{5, 3.5, true},   {5, 3.4, false}, {5, 10, true},
                 {5, 10.5, false}, {1, 5, true},    {1, 5.1, false}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct gate_subject s = subject();
        char *facts = mem_printf("{\"seconds\": %g, %s}", cases[i].is, frames);
        s.seconds = cases[i].asked;
        expect(op, facts, s, cases[i].good ? NULL : "seconds");
        free(facts);
    }
}

/* Squares of four pixels are enough for the arithmetic. */
static void test_the_picture_of_another_prompt_is_told_by_bytes_and_by_likeness(void **state)
{
    (void)state;
    struct gate_other other = {"EP001_SH02: first", "bb", "00000000000000ff", "10101010"};
    struct gate_subject s = subject();
    s.others = &other;
    s.others_n = 1;
    /* six bits and seven */
    expect("board.frame", "{\"phash\": \"000000000000003c\", \"grey\": \"40404040\"}", s, NULL);
    expect("board.frame", "{\"phash\": \"00000000000000c0\", \"grey\": \"10101010\"}", s,
           "duplicate");
    expect("board.frame", "{\"phash\": \"0000000000000080\", \"grey\": \"10101010\"}", s, NULL);
    /* likeness alone is not enough: the grey has to agree, 1.75 and 2 */
    expect("board.frame", "{\"phash\": \"00000000000000ff\", \"grey\": \"12121211\"}", s,
           "duplicate");
    expect("board.frame", "{\"phash\": \"00000000000000ff\", \"grey\": \"12121212\"}", s, NULL);
    /* the same bytes need no likeness, and count for a clip, whose likeness does not */
    s.sha256 = "bb";
    expect("board.frame", "{}", s, "duplicate");
    expect("film.push", "{\"seconds\": 5, \"frames\": [" SCENE ", " SCENE ", " SCENE "]}", s,
           "duplicate");
    s.sha256 = "aa";
    expect("film.push",
           "{\"seconds\": 5, \"frames\": [" SCENE ", " SCENE ", " SCENE "], \"phash\": "
           "\"00000000000000ff\", \"grey\": \"10101010\"}",
           s, NULL);
    struct gate_verdict v;
    s.sha256 = "bb";
    v = judge("board.frame", "{}", &s);
    assert_non_null(strstr(v.why, "EP001_SH02: first"));
}

static void test_an_edit_has_to_change_something(void **state)
{
    (void)state;
    const char *op = "picture.angle";
#define LIKE(d, m)                                                                                 \
    "{\"likes\": [{\"name\": \"picture\", \"distance\": " d ", \"difference\": " m "}]}"
    expect(op, LIKE("2", "0.9"), subject(), "unchanged");
    expect(op, LIKE("3", "0.9"), subject(), NULL);
    expect(op, LIKE("2", "1"), subject(), NULL);
    expect("board.frame", LIKE("0", "0"), subject(), NULL);
    const char *why;
    cJSON *rule = gates_rule(rules, "fal", op, &why);
    assert_true(gates_wants_inputs(rule));
    cJSON_Delete(rule);
    rule = gates_rule(rules, "fal", "board.frame", &why);
    assert_false(gates_wants_inputs(rule));
    cJSON_Delete(rule);
}

static void test_engines_that_are_left_out_say_why(void **state)
{
    (void)state;
    static const char *const names[] = {"local", "fetch", "manual"};
    const char *why;
    for (int i = 0; i < 3; i++) {
        assert_null(gates_rule(rules, names[i], "board.frame", &why));
        assert_non_null(why);
    }
    cJSON *rule = gates_rule(rules, "gemini", "picture.fit", &why);
    assert_false(json_bool(json_get(rule, "duplicate"), "on", true));
    assert_true(json_num(json_get(rule, "duplicate"), "distance_most", 0) > 0);
    cJSON_Delete(rule);
}

static void test_a_verdict_carries_every_number(void **state)
{
    (void)state;
    struct gate_subject s = subject();
    struct gate_verdict v = judge("board.frame", "{\"width\": 768, \"height\": 256}", &s);
    cJSON *json = gates_verdict_json(&v);
    const cJSON *one;
    assert_string_equal(json_str(json, "verdict", ""), "fail");
    assert_string_equal(json_str(json, "check", ""), "ratio");
    assert_non_null(strstr(json_str(json, "why", ""), "768 x 256"));
    cJSON_ArrayForEach(one, json_get(json, "checks"))
    {
        if (!str_eq(json_str(one, "check", ""), "ratio"))
            continue;
        assert_true(json_num(one, "measured", 0) > 4.2 && json_num(one, "measured", 0) < 4.3);
        assert_true(json_num(one, "allowed", 0) == 0.06);
    }
    assert_int_equal(cJSON_GetArraySize(json_get(json, "checks")), v.marks_n);
    cJSON_Delete(json);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_number_has_two_sides),
        cmocka_unit_test(test_a_file_that_is_too_small_is_a_placeholder),
        cmocka_unit_test(test_what_nobody_asked_for_is_not_judged),
        cmocka_unit_test(test_a_clip_may_fade_and_may_not_be_empty),
        cmocka_unit_test(test_a_clip_lasts_as_long_as_was_asked),
        cmocka_unit_test(test_the_picture_of_another_prompt_is_told_by_bytes_and_by_likeness),
        cmocka_unit_test(test_an_edit_has_to_change_something),
        cmocka_unit_test(test_engines_that_are_left_out_say_why),
        cmocka_unit_test(test_a_verdict_carries_every_number),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
