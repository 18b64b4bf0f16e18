/* What is asked for a target, and whether an answer keeps to its rules. Under the rules that come
 * with slated. */
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
#include "words/check.h"
#include "words/enhance.h"

static const char good[] =
    "A stone harbour lies still under a dusk sky of slate and amber. Nell, grey plait over her "
    "shoulder, coils the wet line hand over hand with steady pulls. The camera pushes in slowly "
    "from the wall. A warm lamp glows from the right.";

static int load(void **state)
{
    struct faults faults = {0};
    struct rules *rules = NULL;
    int rc = rules_load("rules", &rules, &faults);
    faults_finish(&faults);
    *state = rules;
    return rc;
}

static int unload(void **state)
{
    rules_release(*state);
    return 0;
}

static const cJSON *target_of(void **state, const char *name)
{
    const cJSON *target = NULL;
    struct err e = {0};
    assert_int_equal(target_find(*state, name, "clip", &target, &e), 0);
    return target;
}

static const struct wording wording = {.environment = "stone harbour at dusk",
                                       .characters = "Nell, harbour pilot",
                                       .action = "Nell coils the line",
                                       .camera = "slow push in",
                                       .whole = "A harbour at dusk."};

static struct enhance_question question(void **state, const char *name)
{
    struct enhance_question q = {0};
    struct err e = {0};
    struct enhance_shot shot = {
        .unit = "EP001_SH01", .wording = &wording, .seconds = 4, .ratio = "9:16", .note = "calmer"};
    assert_int_equal(enhance_ask(*state, target_of(state, name), &shot, &q, &e), 0);
    return q;
}

static void test_each_target_has_its_own_question(void **state)
{
    struct enhance_question kling = question(state, "kling-v3"), veo = question(state, "veo-3.1");
    const char *k = json_str(kling.params, "system", ""), *v = json_str(veo.params, "system", "");
    assert_non_null(strstr(k, "Write 40 to 50 words."));
    assert_non_null(strstr(k, "director of photography"));
    assert_non_null(strstr(k, "morphing, blur"));
    assert_non_null(strstr(k, "wound -> injury"));
    assert_non_null(strstr(k, "beautiful"));
    assert_null(strchr(k, '{'));
    assert_non_null(strstr(v, "dense paragraph"));
    assert_null(strstr(v, "negative prompt"));
    assert_non_null(strstr(v, "blood, fight"));
    assert_non_null(strstr(kling.prompt, "Scene: stone harbour at dusk\nCharacters: Nell"));
    assert_non_null(strstr(kling.prompt, "Seconds: 4\nShape: 9:16\nThe director wants: calmer"));
    assert_int_equal(kling.asks, 3);
    assert_true(json_num(kling.params, "tokens_in", 0) * 2 >=
                (double)(strlen(k) + strlen(kling.prompt)));
    assert_non_null(json_get(json_get(kling.params, "schema"), "properties"));
    enhance_question_finish(&kling);
    enhance_question_finish(&veo);
}

static void test_a_target_without_a_style_is_refused(void **state)
{
    struct enhance_question q = {0};
    struct err e = {0};
    struct enhance_shot shot = {.wording = &wording};
    assert_int_equal(enhance_ask(*state, target_of(state, "still-editor"), &shot, &q, &e),
                     ERR_INPUT);
    assert_non_null(strstr(e.text, "enhance.json"));
}

/* "" when the answer is good; *ret_document then. */
static char *judged(void **state, const char *name, const char *prompt, const char *negative,
                    cJSON **ret_document)
{
    static char said[1200];
    cJSON *answer = cJSON_CreateObject(), *document = NULL;
    struct err e = {0};
    json_set_str(answer, "prompt", prompt);
    json_set_str(answer, "negative", negative);
    if (enhance_judge(*state, target_of(state, name), answer, &document, &e))
        strcpy(said, e.text);
    else
        said[0] = '\0';
    cJSON_Delete(answer);
    if (ret_document)
        *ret_document = document;
    else
        cJSON_Delete(document);
    return said;
}

static void test_a_good_answer_becomes_the_document(void **state)
{
    cJSON *document = NULL;
    assert_string_equal(judged(state, "kling-v3", good, "smoke, blur", &document), "");
    assert_string_equal(json_str(document, "prompt", ""), good);
    assert_true(json_num(document, "words", 0) >= 40 && json_num(document, "words", 0) <= 50);
    const char *negative = json_str(document, "negative", "");
    assert_memory_equal(negative, "smoke, blur, ", 13);
    assert_non_null(strstr(negative, "watermark"));
    assert_null(strstr(strstr(negative, "blur") + 1, "blur"));
    cJSON_Delete(document);
}

static void test_each_rule_of_a_target_is_checked(void **state)
{
    char text[800];
    assert_non_null(strstr(judged(state, "kling-v3", "A harbour.", "blur", NULL),
                           "2 words, where Kling V3 wants 40 to 50"));
    snprintf(text, sizeof text, "%s The beautiful blade.", good);
    char *said = judged(state, "kling-v3", text, "blur", NULL);
    assert_non_null(strstr(said, "\"blade\""));
    assert_non_null(strstr(said, "\"beautiful\" says nothing"));
    assert_non_null(
        strstr(judged(state, "kling-v3", good, " , ", NULL), "negative prompt is missing"));
    snprintf(text, sizeof text, "# Scene\n- %s", good);
    assert_non_null(strstr(judged(state, "kling-v3", text, "blur", NULL), "headings or lists"));
}

static void test_a_word_with_a_synonym_is_mended_and_none_asked_again_for(void **state)
{
    char text[800];
    cJSON *document = NULL;
    snprintf(text, sizeof text, "%.*s conflict.", (int)(strlen(good) - 1), good);
    assert_string_equal(judged(state, "veo-3.1", text, "", &document), "");
    assert_non_null(strstr(json_str(document, "prompt", ""), "confrontation"));
    assert_true(json_get(document, "negative") == NULL);
    cJSON_Delete(document);
}

static void test_other_words_are_another_source(void **state)
{
    (void)state;
    struct wording other = wording;
    char a[DIGEST_LEN], b[DIGEST_LEN];
    enhance_source(&wording, a);
    enhance_source(&other, b);
    assert_string_equal(a, b);
    other.light = "lamp";
    enhance_source(&other, b);
    assert_string_not_equal(a, b);
}

static void test_the_rules_that_come_with_slated_lead_somewhere(void **state)
{
    struct faults faults = {0};
    assert_int_equal(words_check(*state, &faults), 0);
    faults_finish(&faults);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_target_has_its_own_question),
        cmocka_unit_test(test_a_target_without_a_style_is_refused),
        cmocka_unit_test(test_a_good_answer_becomes_the_document),
        cmocka_unit_test(test_each_rule_of_a_target_is_checked),
        cmocka_unit_test(test_a_word_with_a_synonym_is_mended_and_none_asked_again_for),
        cmocka_unit_test(test_other_words_are_another_source),
        cmocka_unit_test(test_the_rules_that_come_with_slated_lead_somewhere),
    };
    return cmocka_run_group_tests(tests, load, unload);
}
