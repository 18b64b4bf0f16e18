/* What a model said: JSON bare, fenced and in talk, judged by its schema. */
/* SPDX-License-Identifier: ISC */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "words/answer.h"
#include "words/shape.h"

static const char shape_text[] =
    "{\"type\":\"object\",\"properties\":{\"prompt\":{\"type\":\"string\",\"minLength\":2},"
    "\"score\":{\"type\":\"integer\",\"minimum\":0,\"maximum\":10},"
    "\"tags\":{\"type\":\"array\",\"maxItems\":2,\"items\":{\"enum\":[\"a\",\"b\"]}},"
    "\"note\":{\"type\":[\"string\",\"null\"]}},"
    "\"required\":[\"prompt\",\"score\"],\"additionalProperties\":false}";

/* The member "prompt" of what is read, or the sentence. Static. */
static const char *read_as(const char *text, const char *shape_json)
{
    static char out[1200];
    cJSON *shape = cJSON_Parse(shape_json), *tree = NULL;
    struct err e = {0};
    assert_non_null(shape);
    if (answer_read(text, shape, &tree, &e))
        strcpy(out, e.text);
    else
        strcpy(out, json_str(tree, "prompt", "(no prompt)"));
    cJSON_Delete(tree);
    cJSON_Delete(shape);
    return out;
}

static const char *read_text(const char *text)
{
    return read_as(text, shape_text);
}

static void test_json_is_found_bare_fenced_and_in_talk(void **state)
{
    (void)state;
    const char *good = "{\"prompt\": \"a } and a \\\" [ in it\", \"score\": 3}";
    char text[400];
    assert_string_equal(read_text(good), "a } and a \" [ in it");
    sprintf(text, "Sure {thing}, here:\n```json\n%s\n```\nTell me {if} it fits.", good);
    assert_string_equal(read_text(text), "a } and a \" [ in it");
    sprintf(text, "{\"prompt\": \"draft\", \"score\": 99} no, rather %s", good);
    assert_string_equal(read_text(text), "a } and a \" [ in it");
}

static void test_what_is_no_json_is_told_apart_from_what_is_cut(void **state)
{
    (void)state;
    assert_string_equal(read_text("I cannot do that."), "there is no JSON in it");
    assert_string_equal(read_text(""), "there is no JSON in it");
    assert_string_equal(read_text("{\"prompt\": \"a harb"), "the JSON ends too early");
    assert_non_null(strstr(read_text("{\"prompt\": 'x', \"score\": 1}"), "no sound JSON"));
    assert_non_null(
        strstr(read_text("{\"prompt\":\"xx\",\"prompt\":\"yy\",\"score\":1}"), "no sound JSON"));
}

static void test_every_mismatch_is_named_with_its_place(void **state)
{
    (void)state;
    const char *said =
        read_text("{\"prompt\": \"x\", \"score\": 10.5, \"tags\": [\"a\", \"c\", \"b\"], "
                  "\"note\": 4, \"more\": true}");
    assert_non_null(strstr(said, "/prompt: found the text \"x\", expected at least 2 characters"));
    assert_non_null(strstr(said, "/score: found the number 10.5, expected integer"));
    assert_non_null(strstr(said, "/tags: found a list of 3, expected at most 2 items"));
    assert_non_null(strstr(said, "/tags/1: found the text \"c\", expected one of [\"a\",\"b\"]"));
    assert_non_null(strstr(said, "/note: found the number 4"));
    assert_non_null(strstr(said, "/more: found true, expected no member of that name"));
    assert_non_null(
        strstr(read_text("{\"score\": 11, \"prompt\": \"xx\"}"), "expected at most 10"));
    assert_non_null(strstr(read_text("{\"score\": 1}"), "expected a member \"prompt\""));
}

static void test_bounds_hold_at_both_sides(void **state)
{
    (void)state;
    assert_string_equal(read_text("{\"prompt\":\"xx\",\"score\":0}"), "xx");
    assert_string_equal(
        read_text("{\"prompt\":\"xx\",\"score\":10,\"tags\":[\"a\",\"b\"],\"note\":null}"), "xx");
    assert_non_null(strstr(read_text("{\"prompt\":\"xx\",\"score\":-1}"), "expected at least 0"));
    assert_string_equal(read_text("{\"prompt\":\"\xc3\xa4\xc3\xb6\",\"score\":1}"),
                        "\xc3\xa4\xc3\xb6");
    assert_non_null(strstr(read_text("{\"prompt\":\"\xc3\xa4\",\"score\":1}"), "2 characters"));
}

static void test_one_of_several_shapes_is_enough(void **state)
{
    (void)state;
    const char *any =
        "{\"type\":\"object\",\"properties\":{\"prompt\":{\"anyOf\":[{\"type\":\"string\"},"
        "{\"type\":\"null\"}]},\"kind\":{\"const\":\"x\"}},\"additionalProperties\":{\"type\":"
        "\"number\"}}";
    assert_string_equal(read_as("{\"prompt\":\"xx\",\"kind\":\"x\",\"n\":3}", any), "xx");
    assert_non_null(strstr(read_as("{\"prompt\":5}", any), "one of the shapes"));
    assert_non_null(strstr(read_as("{\"kind\":\"y\"}", any), "exactly \"x\""));
    assert_non_null(strstr(read_as("{\"n\":\"3\"}", any), "/n: found the text"));
}

static void test_a_list_is_read_where_one_is_asked_for(void **state)
{
    (void)state;
    cJSON *shape =
              cJSON_Parse("{\"type\":\"array\",\"minItems\":1,\"items\":{\"type\":\"object\"}}"),
          *tree = NULL;
    struct err e = {0};
    assert_int_equal(answer_read("Here: [{\"a\": 1}] done", shape, &tree, &e), 0);
    assert_int_equal(cJSON_GetArraySize(tree), 1);
    cJSON_Delete(tree);
    assert_int_equal(answer_read("[]", shape, &tree, &e), ERR_INPUT);
    cJSON_Delete(shape);
}

static void test_a_keyword_that_is_not_known_is_said(void **state)
{
    (void)state;
    cJSON *good = cJSON_Parse(shape_text);
    cJSON *bad = cJSON_Parse("{\"type\":\"object\",\"properties\":{\"a\":{\"pattern\":\"x\"}},"
                             "\"oneOf\":[],\"items\":{\"$ref\":\"#\"}}");
    struct faults faults = {0};
    assert_int_equal(shape_sound(good, "x", &faults), 0);
    assert_int_equal(shape_sound(bad, "x", &faults), 3);
    assert_string_equal(faults.list[0].found, "oneOf");
    assert_string_equal(faults.list[1].place, "x/a");
    faults_finish(&faults);
    cJSON_Delete(good);
    cJSON_Delete(bad);
}

static void test_depth_ends(void **state)
{
    (void)state;
    char text[200] = "";
    for (int i = 0; i < 60; i++)
        strcat(text, "[");
    for (int i = 0; i < 60; i++)
        strcat(text, "]");
    cJSON *shape = cJSON_Parse("{\"type\":\"array\"}"), *tree = NULL;
    struct err e = {0};
    assert_int_equal(answer_read(text, shape, &tree, &e), ERR_INPUT);
    assert_non_null(strstr(e.text, "no sound JSON"));
    cJSON_Delete(shape);
}

static void test_a_prompt_tells_the_last_fault_only(void **state)
{
    (void)state;
    char *once = answer_prompt_again("Write it.", "it is too long");
    char *twice = answer_prompt_again(once, "it is too short");
    assert_non_null(strstr(once, "Write it.\n\nAn earlier answer was not used: it is too long."));
    assert_null(strstr(twice, "too long"));
    assert_non_null(strstr(twice, "Write it.\n\nAn earlier answer was not used: it is too short."));
    free(once);
    free(twice);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_json_is_found_bare_fenced_and_in_talk),
        cmocka_unit_test(test_what_is_no_json_is_told_apart_from_what_is_cut),
        cmocka_unit_test(test_every_mismatch_is_named_with_its_place),
        cmocka_unit_test(test_bounds_hold_at_both_sides),
        cmocka_unit_test(test_one_of_several_shapes_is_enough),
        cmocka_unit_test(test_a_list_is_read_where_one_is_asked_for),
        cmocka_unit_test(test_a_keyword_that_is_not_known_is_said),
        cmocka_unit_test(test_depth_ends),
        cmocka_unit_test(test_a_prompt_tells_the_last_fault_only),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
