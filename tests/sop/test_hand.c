/* A procedure that is begun in its middle, at a step that is named from outside or from within what
 * another step calls. */
/* SPDX-License-Identifier: ISC */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/json.h"
#include "base/str.h"
#include "sop/scene.h"

#define WORK                                                                                       \
    "{\"name\": \"one\", \"act\": \"click\", \"at\": [1, 2]},"                                     \
    "{\"name\": \"two\", \"act\": \"call\", \"procedure\": \"inner\", \"with\": {\"word\": "       \
    "\"$prompt\"}},"                                                                               \
    "{\"name\": \"three\", \"act\": \"do\", \"steps\": ["                                          \
    "{\"name\": \"typing\", \"act\": \"key\", \"key\": \"Tab\"}]},"                                \
    "{\"name\": \"four\", \"act\": \"note\", \"say\": \"four was said\"},"                         \
    "{\"name\": \"five\", \"act\": \"key\", \"key\": \"End\"}"
#define INNER                                                                                      \
    ", \"procedures\": {\"inner\": {\"about\": \"i\", \"takes\": [\"word\"], \"steps\": ["         \
    "{\"name\": \"before\", \"act\": \"reload\"},"                                                 \
    "{\"name\": \"typing\", \"act\": \"type\", \"text\": \"$word\"}]}}"

static int begin(void **state)
{
    (void)state;
    if (!dir_make())
        return -1;
    put("sops/site/site.json",
        "{\"about\": \"a\", \"title\": \"t\", \"window\": {\"width\": 800, \"height\": 600},"
        "\"pages\": {\"canvas\": \"http://x/c\"}, \"own\": \"http://x/\", \"values\": {}}");
    put_procedure("work", WORK, INNER);
    return 0;
}

static int end(void **state)
{
    (void)state;
    return file_remove_tree(dir, NULL);
}

static struct rules *load(void)
{
    struct rules *rules = NULL;
    struct faults faults = {0};
    assert_int_equal(rules_load(dir, &rules, &faults), 0);
    return rules;
}

/* The acts from that step to the end, "type key ", or the words of the refusal. */
static void check_from(const char *step, const char *expected)
{
    struct rules *rules = load();
    struct err e = {0};
    cJSON *state = NULL, *result = NULL;
    struct buf acts;
    buf_init(&acts, 4096);
    assert_int_equal(
        sop_begin(rules, "site", "work", cJSON_Parse("{\"prompt\": \"hello\"}"), &state, &e), 0);
    if (sop_start_at(rules, state, step, &e)) {
        buf_text(&acts, e.text);
    } else {
        struct sop_turn turn;
        for (sop_next(rules, state, NULL, 0, &turn); turn.move == SOP_ACT;
             sop_next(rules, state, result, 0, &turn)) {
            buf_printf(&acts, "%s:%s%s ", json_str(turn.act, "act", ""), turn.step,
                       str_eq(json_str(turn.act, "text", ""), "hello") ? "(hello)" : "");
            sop_turn_finish(&turn);
            cJSON_Delete(result);
            result = cJSON_Parse("{\"ok\": true}");
        }
        assert_int_equal(turn.move, SOP_DONE);
        assert_string_equal(cJSON_GetArrayItem(sop_notes(state), 0)->valuestring, "four was said");
        sop_turn_finish(&turn);
    }
    cJSON_Delete(result);
    assert_string_equal(acts.data, expected);
    buf_finish(&acts);
    cJSON_Delete(state);
    rules_release(rules);
}

static void test_a_step_of_its_own_list_is_found_whatever_its_letters(void **state)
{
    (void)state;
    check_from("THREE", "key:three / typing key:five ");
}

static void test_a_step_inside_a_call_keeps_what_the_call_was_given(void **state)
{
    (void)state;
    check_from("two/typing", "type:two / typing(hello) key:three / typing key:five ");
    check_from(" two / before ",
               "reload:two / before type:two / typing(hello) key:three / typing key:five ");
}

static void test_a_step_that_only_one_list_has_is_found_by_its_last_name(void **state)
{
    (void)state;
    check_from("before",
               "reload:two / before type:two / typing(hello) key:three / typing key:five ");
}

static void test_a_name_that_several_have_is_answered_with_all_of_them(void **state)
{
    (void)state;
    check_from("typing", "work has no step \"typing\", or several; did you mean \"two / typing\", "
                         "\"three / typing\"");
}

static void test_an_unknown_name_is_answered_with_near_ones_or_with_all(void **state)
{
    (void)state;
    check_from("two/typping", "work has no step \"two / typping\", or several; did you mean "
                              "\"two / typing\", \"three / typing\"");
    check_from("something else", "work has no step \"something else\", or several; its steps are "
                                 "\"one\", \"two\", \"three\", \"four\", \"five\"");
}

/* Such names are a fault of the file; what is said of them stays within them all the same. */
static void test_a_name_that_ends_with_a_slash_is_read_to_its_end(void **state)
{
    (void)state;
    put_procedure("work", "{\"name\": \"and so on/\", \"act\": \"reload\"}", "");
    check_from("something else", "work has no step \"something else\", or several; its steps are "
                                 "\"and so on/\"");
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, begin, end)
    const struct CMUnitTest tests[] = {
        T(test_a_step_of_its_own_list_is_found_whatever_its_letters),
        T(test_a_step_inside_a_call_keeps_what_the_call_was_given),
        T(test_a_step_that_only_one_list_has_is_found_by_its_last_name),
        T(test_a_name_that_several_have_is_answered_with_all_of_them),
        T(test_an_unknown_name_is_answered_with_near_ones_or_with_all),
        T(test_a_name_that_ends_with_a_slash_is_read_to_its_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
