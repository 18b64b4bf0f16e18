/* A target must get a prompt in its order and length with every part of the shot in it, and a
 * person plain steps. */
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
#include "manual/target.h"

static const char kling[] =
    "{\"label\":\"Kling\",\"order\":[\"environment\",\"characters\",\"action\",\"camera\","
    "\"light\"],"
    "\"words\":[10,20],\"synonyms\":{\"wound\":\"injury\"},\"avoid\":[\"blood\",\"fight\"],"
    "\"seconds\":[4,6,8],\"seconds_are\":\"choices\","
    "\"steps\":[\"Upload {start}.\",\"{end_frame}Then {end}.\",\"{tag:motion}Draw the way it "
    "moves.\",\"{refs}Add refs.\",\"{negative}Paste it.\",\"Set {seconds} s, {ratio}, and then go "
    "on until the whole of this line is longer than one line may be.\"]}";

static const struct wording shot = {
    .environment = "stone harbour at dusk, gulls over the mole, a lamp on every second pole",
    .characters = "Nell, harbour pilot in a faded coat, grey plait",
    .action = "She coils the line, slowly, without looking down",
    .camera = "slow push in, from the wall",
    .light = "warm lamp from the right, blue dusk",
    .whole = "A harbour."};

static char *prompt(const char *rule, const struct wording *w, cJSON **ret_warnings)
{
    cJSON *target = cJSON_Parse(rule);
    assert_non_null(target);
    char *text = target_prompt(target, w, ret_warnings);
    cJSON_Delete(target);
    return text;
}

static void test_every_part_is_in_a_prompt_that_had_to_be_cut(void **state)
{
    (void)state;
    static const char *const kept[] = {"Stone harbour at dusk", "Nell", "She coils the line",
                                       "low push in", "arm lamp from the right"};
    cJSON *warnings = NULL;
    char *text = prompt(kling, &shot, &warnings), *at = text;
    for (size_t i = 0; i < sizeof kept / sizeof *kept; i++) {
        at = strstr(at, kept[i]); /* in the target's order */
        if (!at)
            fail_msg("\"%s\" is not in its place in: %s", kept[i], text);
    }
    assert_true(words_count(text) <= 20);
    assert_int_equal(cJSON_GetArraySize(warnings), 0);
    cJSON_Delete(warnings);
    free(text);
}

static void test_the_written_prompt_fills_up_where_the_parts_say_too_little(void **state)
{
    (void)state;
    struct wording w = {.action = "She waits",
                        .whole = "A tall lamp burns over the empty quay, fog comes in slowly"};
    cJSON *warnings = NULL;
    char *text = prompt(kling, &w, &warnings);
    assert_string_equal(text,
                        "She waits. A tall lamp burns over the empty quay, fog comes in slowly.");
    cJSON_Delete(warnings);
    free(text);
}

static void test_an_edited_prompt_is_kept_and_only_remarked_on(void **state)
{
    (void)state;
    struct wording w = shot;
    cJSON *warnings = NULL;
    w.edited = true;
    w.whole = "Wound and bloody, 9:16, f/1.5, then nothing";
    char *text = prompt(kling, &w, &warnings);
    assert_string_equal(text, "Injury and bloody, 9:16, f/1.5, then nothing");
    assert_int_equal(cJSON_GetArraySize(warnings), 2);
    assert_non_null(strstr(cJSON_GetArrayItem(warnings, 0)->valuestring, "\"blood\""));
    assert_non_null(strstr(cJSON_GetArrayItem(warnings, 1)->valuestring, "7 words"));
    cJSON_Delete(warnings);
    free(text);
}

static void test_a_word_inside_a_word_is_left_alone(void **state)
{
    (void)state;
    struct wording w = {.edited = true,
                        .whole = "the unwounded bloodhound fighters of the old crew sleep on"};
    cJSON *warnings = NULL;
    char *text = prompt(kling, &w, &warnings);
    assert_string_equal(text, w.whole);
    assert_int_equal(cJSON_GetArraySize(warnings), 0);
    cJSON_Delete(warnings);
    free(text);
}

static void test_steps_are_there_only_with_what_they_speak_of(void **state)
{
    (void)state;
    cJSON *target = cJSON_Parse(kling);
    struct target_facts facts = {.unit = "EP001_SH03",
                                 .ratio = "9:16",
                                 .start = "start_frame.webp",
                                 .note = "slower, and with her left hand",
                                 .seconds = 5};
    struct buf out;
    buf_init(&out, 65536);
    target_steps(target, &facts, &out);
    assert_non_null(strstr(out.data, " 1. Upload start_frame.webp.\n 2. Set 6 s, 9:16, and then"));
    assert_null(strstr(out.data, "Draw the way"));
    assert_null(strstr(out.data, "Paste it"));
    assert_non_null(strstr(out.data, "The wish: slower, and with her left hand"));
    for (char *line = strtok(out.data, "\n"); line; line = strtok(NULL, "\n"))
        if (strlen(line) > 72)
            fail_msg("%zu columns: %s", strlen(line), line);
    buf_finish(&out);
    buf_init(&out, 65536);
    facts.tag = "motion";
    facts.end = "end_frame.png";
    facts.negative = facts.refs = true;
    target_steps(target, &facts, &out);
    assert_non_null(strstr(out.data, " 2. Then end_frame.png.\n 3. Draw the way it moves.\n 4. Add "
                                     "refs.\n 5. Paste it.\n 6. Set"));
    buf_finish(&out);
    cJSON_Delete(target);
}

static void test_a_tag_is_read_as_people_write_it_and_no_other_is_taken(void **state)
{
    (void)state;
    const char *tag = NULL;
    struct err e = {0};
    assert_int_equal(manual_tag_read("Safety-Filter", &tag, &e), 0);
    assert_string_equal(tag, "safety_filter");
    assert_int_equal(manual_tag_read("ugly", &tag, &e), ERR_INPUT);
    for (int i = 0; manual_tags[i]; i++)
        assert_non_null(strstr(e.text, manual_tags[i]));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_part_is_in_a_prompt_that_had_to_be_cut),
        cmocka_unit_test(test_the_written_prompt_fills_up_where_the_parts_say_too_little),
        cmocka_unit_test(test_an_edited_prompt_is_kept_and_only_remarked_on),
        cmocka_unit_test(test_a_word_inside_a_word_is_left_alone),
        cmocka_unit_test(test_steps_are_there_only_with_what_they_speak_of),
        cmocka_unit_test(test_a_tag_is_read_as_people_write_it_and_no_other_is_taken),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
