/* Templates and rows come in; documents must say what the rows say, in the document's own words. */
/* SPDX-License-Identifier: ISC */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "assets/record.h"
#include "assets/record_priv.h"
#include "base/json.h"

static struct drop_row drop = {.name = "20260314-090000-lamps", .created_s = 1773478800};
static struct job_row jobs[] = {
    {.id = 1,
     .key = "thumb",
     .title = "Thumbnail",
     .state = JOB_DONE,
     .meta = "{\"rank\":0}",
     .duration_ms = 1500,
     .cost = 0.02},
    {.id = 2,
     .key = "01_hero",
     .title = "Hero",
     .state = JOB_KEPT,
     .meta = "{\"rank\":1}",
     .prompt = "A lamp"},
    {.id = 3,
     .key = "01_mood",
     .title = "Mood",
     .state = JOB_FAILED,
     .meta = "{\"rank\":1}",
     .error = "no light"},
    {.id = 4, .key = "02_hero", .title = "Hero", .state = JOB_READY, .meta = "{\"rank\":2}"},
};
static struct asset_row assets[] = {
    {.job_id = 1,
     .role = "picture",
     .path = "v/assets/thumbnail.png",
     .sha256 = "aa",
     .width = 16,
     .height = 9},
    {.job_id = 2, .role = "picture", .path = "v/assets/products/01_hero.png", .sha256 = "bb"},
};

static const cJSON *hand, *gates;

static char *render(const char *template, const char *format, struct err *e)
{
    struct record_source source = {&drop, jobs, 4, assets, 2, 1773478801, hand, gates, NULL};
    struct buf out;
    cJSON *body = cJSON_Parse(template);
    assert_non_null(body);
    buf_init(&out, 1024 * 1024);
    int rc = record_render(body, format, &source, &out, e);
    cJSON_Delete(body);
    if (rc) {
        buf_finish(&out);
        return NULL;
    }
    return buf_take(&out);
}

static void expect(const char *template, const char *wanted)
{
    struct err e = {0};
    char *text = render(template, "json", &e);
    if (!text)
        fail_msg("%s", e.text);
    cJSON *found = cJSON_Parse(text), *want = cJSON_Parse(wanted);
    char *a = json_canonical(found), *b = json_canonical(want);
    assert_string_equal(a, b);
    free(a);
    free(b);
    free(text);
    cJSON_Delete(found);
    cJSON_Delete(want);
}

static void test_states_come_in_the_documents_words(void **state)
{
    (void)state;
    expect("[{\"@\":\"state\",\"job\":\"thumb\",\"words\":{\"done\":\"fertig\",\"*\":\"offen\"}},"
           "{\"@\":\"state\",\"job\":\"01_hero\",\"words\":{\"done\":\"fertig\",\"*\":\"offen\"}},"
           "{\"@\":\"state\",\"job\":\"01_mood\",\"words\":{\"done\":\"fertig\",\"*\":\"offen\"}},"
           "{\"@\":\"state\",\"job\":\"02_hero\"}]",
           "[\"fertig\",\"fertig\",\"offen\",\"ready\"]");
}

static void test_paths_are_told_from_the_documents_base(void **state)
{
    (void)state;
    expect("{\"@base\":\"v\",\"p\":{\"@\":\"path\",\"job\":\"thumb\"}}",
           "{\"p\":\"assets/thumbnail.png\"}");
    expect("{\"@base\":\"v/assets/products\",\"p\":{\"@\":\"path\",\"job\":\"thumb\"}}",
           "{\"p\":\"../thumbnail.png\"}");
    expect("{\"@base\":\"w\",\"p\":{\"@\":\"path\",\"job\":\"thumb\"}}",
           "{\"p\":\"../v/assets/thumbnail.png\"}");
    expect("{\"p\":{\"@\":\"path\",\"job\":\"01_mood\",\"else\":\"\"}}", "{\"p\":\"\"}");
}

static void test_a_base_that_is_the_beginning_of_a_name_is_no_folder(void **state)
{
    (void)state;
    char *path = record_relative("vid", "video/a.png");
    assert_string_equal(path, "../video/a.png");
    free(path);
}

static void test_lists_have_an_item_per_job_that_fits(void **state)
{
    (void)state;
    expect("{\"@\":\"list\",\"state\":\"done\",\"item\":{\"k\":{\"@\":\"key\"},\"r\":{\"@\":"
           "\"meta\",\"name\":\"rank\"}}}",
           "[{\"k\":\"thumb\",\"r\":0},{\"k\":\"01_hero\",\"r\":1}]");
    expect("{\"@\":\"list\",\"state\":[\"failed\",\"skipped\"],\"item\":{\"@\":\"error\"}}",
           "[\"no light\"]");
    expect("{\"@\":\"list\",\"jobs\":[\"02_hero\",\"thumb\"],\"item\":{\"@\":\"key\"}}",
           "[\"02_hero\",\"thumb\"]");
}

static void test_first_answers_null_when_there_is_none(void **state)
{
    (void)state;
    expect("{\"@\":\"first\",\"jobs\":[\"thumb\"],\"state\":\"done\",\"item\":{\"s\":{\"@\":"
           "\"sha256\"}}}",
           "{\"s\":\"aa\"}");
    expect("[{\"@\":\"first\",\"jobs\":[\"01_mood\"],\"state\":\"done\",\"item\":1}]", "[null]");
}

static void test_counts_and_sums(void **state)
{
    (void)state;
    expect("[{\"@\":\"count\",\"state\":\"done\"},{\"@\":\"count\",\"state\":\"*\"},{\"@\":\"sum\","
           "\"of\":\"seconds\"},"
           "{\"@\":\"text\",\"parts\":[{\"@\":\"count\",\"state\":\"done\"},\" of "
           "\",{\"@\":\"count\",\"state\":\"*\"}]}]",
           "[2,4,1.5,\"2 of 4\"]");
}

static void test_a_sum_can_be_of_some_jobs_only(void **state)
{
    (void)state;
    expect("[{\"@\":\"sum\",\"of\":\"seconds\",\"state\":\"failed\"},{\"@\":\"sum\",\"of\":"
           "\"seconds\",\"jobs\":[]}]",
           "[0,0]");
}

static void test_a_sum_of_money_is_printed_without_noise(void **state)
{
    (void)state;
    double before = jobs[1].cost;
    jobs[0].cost = 0.1;
    jobs[1].cost = 0.2; /* their sum is 0.30000000000000004 */
    expect("[{\"@\":\"text\",\"parts\":[{\"@\":\"sum\",\"of\":\"cost\"},\" USD\"]}]",
           "[\"0.3 USD\"]");
    jobs[0].cost = 0.02;
    jobs[1].cost = before;
}

static void test_what_people_did_to_a_unit_is_told_and_nothing_for_another(void **state)
{
    (void)state;
    cJSON *done = cJSON_Parse("{\"EP001_SH03\":{\"manual_escalated\":true}}");
    hand = done;
    expect("{\"a\":{\"@\":\"hand\",\"unit\":\"EP001_SH03\"},\"b\":{\"@\":\"hand\",\"unit\":\"EP001_"
           "SH04\"}}",
           "{\"a\":{\"manual_escalated\":true},\"b\":{}}");
    hand = NULL;
    cJSON_Delete(done);
}

static void test_an_unknown_reference_is_an_error_that_names_it(void **state)
{
    (void)state;
    struct err e = {0};
    assert_null(render("{\"x\":{\"@\":\"path\",\"job\":\"nobody\"}}", "json", &e));
    assert_non_null(strstr(e.text, "nobody"));
    assert_null(render("{\"x\":{\"@\":\"colour\",\"job\":\"thumb\"}}", "json", &e));
    assert_non_null(strstr(e.text, "colour"));
}

static void test_a_page_escapes_everything(void **state)
{
    (void)state;
    struct err e = {0};
    char *page = render("{\"title\":\"<script>alert(1)</"
                        "script>\",\"sections\":[{\"cards\":[{\"picture\":\"a b\\\"c:#.png\","
                        "\"title\":\"&\",\"text\":\"<b>\"}]}]}",
                        "page", &e);
    assert_non_null(page);
    assert_null(strstr(page, "<script"));
    assert_null(strstr(page, "<b>"));
    assert_non_null(strstr(page, "./a%20b%22c%3A%23.png"));
    free(page);
}

static void test_what_gates_said_stands_with_the_job_and_with_its_unit(void **state)
{
    (void)state;
    cJSON *said = cJSON_Parse("{\"jobs\": {\"01_hero\": {\"routing\": \"auto_pass\"}}, "
                              "\"units\": {\"EP001_SH01\": {\"routing\": \"auto_reject\"}}}");
    cJSON *by_hand = cJSON_Parse("{\"EP001_SH01\": {\"manual_tag\": \"motion\"}}");
    gates = said;
    expect("{\"a\": {\"@\": \"gates\", \"job\": \"01_hero\"}, "
           "\"b\": {\"@\": \"gates\", \"job\": \"01_mood\", \"else\": {}}, "
           "\"c\": {\"@\": \"hand\", \"unit\": \"EP001_SH01\"}}",
           "{\"a\": {\"routing\": \"auto_pass\"}, \"b\": {}, "
           "\"c\": {\"routing\": \"auto_reject\"}}");
    hand = by_hand;
    expect("{\"c\": {\"@\": \"hand\", \"unit\": \"EP001_SH01\"}}",
           "{\"c\": {\"manual_tag\": \"motion\", \"routing\": \"auto_reject\"}}");
    hand = gates = NULL;
    cJSON_Delete(by_hand);
    cJSON_Delete(said);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_states_come_in_the_documents_words),
        cmocka_unit_test(test_paths_are_told_from_the_documents_base),
        cmocka_unit_test(test_a_base_that_is_the_beginning_of_a_name_is_no_folder),
        cmocka_unit_test(test_lists_have_an_item_per_job_that_fits),
        cmocka_unit_test(test_first_answers_null_when_there_is_none),
        cmocka_unit_test(test_counts_and_sums),
        cmocka_unit_test(test_a_sum_can_be_of_some_jobs_only),
        cmocka_unit_test(test_a_sum_of_money_is_printed_without_noise),
        cmocka_unit_test(test_what_people_did_to_a_unit_is_told_and_nothing_for_another),
        cmocka_unit_test(test_an_unknown_reference_is_an_error_that_names_it),
        cmocka_unit_test(test_a_page_escapes_everything),
        cmocka_unit_test(test_what_gates_said_stands_with_the_job_and_with_its_unit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
