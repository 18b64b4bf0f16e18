/* Acts on a page whose browser the test plays: what is sent, in which order, and what is never sent
 * when something stands in the way. */
/* SPDX-License-Identifier: ISC */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <signal.h>
#include <stdio.h>

#include "base/utf8.h"
#include "browser/play.h"

/* Does one act; its error, owned, or NULL when it went well. */
static char *act_on(struct play *y, const char *text)
{
    const struct act_place place = {.own = "http://x/"};
    cJSON *result = do_in(y, text, &place);
    char *error = json_bool(result, "ok", false) ? NULL : mem_dup(json_str(result, "error", "?"));
    cJSON_Delete(result);
    return error;
}

static void expect_error(struct play *y, const char *text, const char *words)
{
    char *error = act_on(y, text);
    if (!error || !strstr(error, words))
        fail_msg("%s: \"%s\" is not in: %s", text, words, error ? error : "(it went well)");
    free(error);
}

#define CLICK "{\"act\": \"click\", \"on\": {\"css\": \"b\"}, \"within_ms\": 400}"
#define HERE  "{\"x\": 10, \"y\": 20, \"what\": \"b\"}"

static int count(const struct play *y, const char *word)
{
    int n = 0;
    for (const char *at = y->trace.data; at && (at = strstr(at, word)); at += strlen(word))
        n++;
    return n;
}

/* --- clicks --- */

static void test_a_click_looks_before_and_after_it_presses(void **state)
{
    (void)state;
    struct play y;
    play_open(&y);
    y.answers[0] = HERE;
    assert_null(act_on(&y, CLICK));
    assert_string_equal(y.trace.data, "locate mouseMoved arm mousePressed mouseReleased disarm");
    assert_true(json_num(y.sent, "/Input.dispatchMouseEvent/x", 0) == 10);
    assert_true(json_num(y.sent, "/Input.dispatchMouseEvent/y", 0) == 20);
    play_close(&y);
}

static void test_a_target_that_went_away_is_looked_for_again_and_pressed_once(void **state)
{
    (void)state;
    struct play y;
    play_open(&y);
    y.answers[0] = HERE;
    y.answers[1] = "{\"why\": \"the element went away before it was pressed\"}";
    y.answers[2] = HERE;
    assert_null(act_on(&y, CLICK));
    assert_int_equal(count(&y, "locate"), 2);
    assert_int_equal(count(&y, "mousePressed"), 1);
    play_close(&y);
}

static void test_a_covered_target_is_never_pressed(void **state)
{
    (void)state;
    struct play y;
    play_open(&y);
    for (int i = 0; i < ANSWERS_MAX; i += 2) {
        y.answers[i] = HERE;
        y.answers[i + 1] = "{\"why\": \"b is covered by div.veil\"}";
    }
    expect_error(&y, CLICK, "not within 400 ms: b is covered by div.veil");
    assert_int_equal(count(&y, "mousePressed"), 0);
    assert_true(count(&y, "locate") > 1);
    play_close(&y);
}

/* One click whose first press the page tells so of. */
static void press_once(struct play *y, const char *told)
{
    play_open(y);
    y->answers[0] = y->answers[3] = HERE;
    y->answers[1] = "{}";
    y->answers[2] = told;
}

static void test_a_press_that_would_have_landed_elsewhere_is_tried_again(void **state)
{
    (void)state;
    struct play y;
    press_once(&y, "{\"why\": \"the click would have landed on div.late\"}");
    assert_null(act_on(&y, CLICK));
    assert_int_equal(count(&y, "mousePressed"), 2);
    play_close(&y);
}

static void test_a_press_that_nobody_saw_is_not_repeated(void **state)
{
    (void)state;
    struct play y;
    press_once(&y, "{\"why\": \"the page saw no click\"}");
    expect_error(&y, CLICK, "the page saw no click");
    assert_int_equal(count(&y, "mousePressed"), 1);
    play_close(&y);
}

static void test_a_press_that_is_not_answered_is_not_repeated(void **state)
{
    (void)state;
    struct play y;
    play_open(&y);
    y.answers[0] = HERE;
    y.broken = "mousePressed";
    expect_error(&y, CLICK, "the press was not answered");
    assert_int_equal(count(&y, "mousePressed"), 1);
    play_close(&y);
}

static void test_a_page_that_changed_under_the_click_took_it(void **state)
{
    (void)state;
    struct play y;
    press_once(&y, "!Inspected target navigated or closed");
    assert_null(act_on(&y, CLICK));
    assert_int_equal(count(&y, "mousePressed"), 1);
    play_close(&y);
}

static void test_two_clicks_at_a_point_are_a_double_click(void **state)
{
    (void)state;
    struct play y;
    play_open(&y);
    assert_null(act_on(&y, "{\"act\": \"double_click\", \"at\": [5, 6], \"within_ms\": 400}"));
    assert_string_equal(y.trace.data,
                        "mouseMoved under mousePressed mouseReleased mousePressed mouseReleased");
    assert_true(json_num(y.sent, "/Input.dispatchMouseEvent/clickCount", 0) == 2);
    play_close(&y);
}

static void test_a_file_that_is_not_there_opens_no_chooser(void **state)
{
    (void)state;
    struct play y;
    play_open(&y);
    expect_error(
        &y,
        "{\"act\": \"choose_file\", \"on\": {\"css\": \"b\"}, \"file\": \"/nowhere/a.png\", "
        "\"within_ms\": 300}",
        "/nowhere/a.png is not a file with something in it");
    assert_null(json_get(y.sent, "Page.setInterceptFileChooserDialog"));
    assert_int_equal(y.trace.len, 0);
    play_close(&y);
}

/* --- pages --- */

static void test_a_page_of_somebody_else_is_never_opened(void **state)
{
    (void)state;
    struct play y;
    play_open(&y);
    expect_error(&y, "{\"act\": \"go\", \"to\": \"http://bank/\"}",
                 "not a page that may be opened");
    expect_error(&y, "{\"act\": \"go\", \"to\": \"file:///etc/passwd\"}",
                 "not a page that may be opened");
    assert_null(json_get(y.sent, "Page.navigate"));
    play_close(&y);
}

static void test_acts_that_cannot_be_meant_are_said(void **state)
{
    (void)state;
    struct play y;
    play_open(&y);
    expect_error(&y, "{\"act\": \"clik\"}", "there is no act \"clik\"");
    expect_error(&y, "{\"act\": \"type\"}", "needs \"text\"");
    expect_error(&y, "{\"act\": \"click\"}", "neither \"on\" an element nor \"at\" a point");
    play_close(&y);
}

static void test_a_page_that_does_not_answer_ends_the_act_in_its_time(void **state)
{
    (void)state;
    struct play y;
    play_open(&y);
    y.answers[0] = "-";
    int64_t begun = clock_mono_ms();
    expect_error(&y, "{\"act\": \"look\", \"for\": {\"seen\": \"b\"}, \"within_ms\": 200}",
                 "within 200 ms");
    assert_true(clock_mono_ms() - begun < 3000);
    play_close(&y);
}

static void test_a_crashed_page_ends_the_act(void **state)
{
    (void)state;
    struct play y;
    play_open(&y);
    y.answers[0] = "-";
    peer_tell(&y.peer, "S1", "Inspector.targetCrashed", "{}");
    expect_error(&y, "{\"act\": \"look\", \"for\": {\"seen\": \"b\"}, \"within_ms\": 3000}",
                 "the page crashed");
    play_close(&y);
}

static void test_a_world_that_is_gone_is_made_again(void **state)
{
    (void)state;
    struct play y;
    play_open(&y);
    y.answers[0] = "!Cannot find context with specified id";
    y.answers[1] = "{\"value\": true}";
    assert_null(act_on(&y, "{\"act\": \"look\", \"for\": {\"seen\": \"b\"}, \"within_ms\": 1000}"));
    assert_int_equal(count(&y, "look"), 2);
    play_close(&y);
}

static void test_alerts_are_accepted_and_questions_are_not(void **state)
{
    (void)state;
    struct play y;
    play_open(&y);
    peer_tell(&y.peer, "S1", "Page.javascriptDialogOpening",
              "{\"type\": \"alert\", \"message\": \"hello\"}");
    turn(&y);
    assert_true(json_bool(json_get(y.sent, "Page.handleJavaScriptDialog"), "accept", false));
    peer_tell(&y.peer, "S1", "Page.javascriptDialogOpening",
              "{\"type\": \"confirm\", \"message\": \"delete all?\"}");
    turn(&y);
    assert_false(json_bool(json_get(y.sent, "Page.handleJavaScriptDialog"), "accept", true));
    cJSON *dialogs = page_take_dialogs(y.peer.page);
    assert_int_equal(cJSON_GetArraySize(dialogs), 2);
    assert_string_equal(json_str(cJSON_GetArrayItem(dialogs, 1), "answer", ""), "dismissed");
    cJSON_Delete(dialogs);
    play_close(&y);
}

static void test_the_console_keeps_its_last_lines(void **state)
{
    (void)state;
    struct play y;
    play_open(&y);
    for (int i = 0; i < 250; i++) {
        char *params =
            mem_printf("{\"type\": \"log\", \"args\": [{\"value\": \"line\"}, {\"value\": "
                       "%d}]}",
                       i);
        peer_tell(&y.peer, "S1", "Runtime.consoleAPICalled", params);
        free(params);
        if (i % 50 == 0)
            turn(&y);
    }
    peer_tell(&y.peer, "S1", "Log.entryAdded",
              "{\"entry\": {\"level\": \"error\", \"text\": \"not found\", \"url\": "
              "\"http://x/a?token=t0ps3cret\"}}");
    peer_tell(&y.peer, "OTHER", "Runtime.consoleAPICalled",
              "{\"type\": \"log\", \"args\": [{\"value\": \"of another page\"}]}");
    for (int i = 0; i < 5; i++)
        turn(&y);
    cJSON *lines = page_take_console(y.peer.page);
    assert_int_equal(cJSON_GetArraySize(lines), 200);
    assert_string_equal(cJSON_GetArrayItem(lines, 199)->valuestring,
                        "error: not found (http://x/a)");
    assert_string_equal(cJSON_GetArrayItem(lines, 198)->valuestring, "log: line 249");
    cJSON_Delete(lines);
    play_close(&y);
}

static void test_a_page_that_tells_nothing_of_itself_is_no_end_of_ours(void **state)
{
    static const char *const said[] = {"null", "{}", "{\"value\": []}"};
    (void)state;
    for (size_t i = 0; i < sizeof said / sizeof *said; i++) {
        struct play y;
        play_open(&y);
        y.answers[0] = said[i];
        expect_error(&y, "{\"act\": \"survey\", \"within_ms\": 1000}", "told nothing of itself");
        play_close(&y);
    }
}

/* It is shown on a terminal to whoever does a procedure by hand. */
static void test_what_a_page_says_is_one_plain_line(void **state)
{
    (void)state;
    struct play y;
    play_open(&y);
    peer_tell(&y.peer, "S1", "Runtime.consoleAPICalled",
              "{\"type\": \"log\", \"args\": [{\"value\": \"a\\u001b[2Jb\\nc\\u009bd\"}]}");
    turn(&y);
    cJSON *console = page_take_console(y.peer.page);
    assert_string_equal(cJSON_GetArrayItem(console, 0)->valuestring, "log: a [2Jb c d");
    cJSON_Delete(console);
    play_close(&y);
}

static void test_a_download_without_a_name_is_none(void **state)
{
    static const char *const params[] = {"5", "{}", "[]"};
    (void)state;
    struct play y;
    play_open(&y);
    peer_tell(&y.peer, "S1", "Page.downloadWillBegin", "{\"guid\": \"a\"}");
    for (size_t i = 0; i < sizeof params / sizeof *params; i++) {
        peer_tell(&y.peer, "S1", "Page.downloadWillBegin", params[i]);
        peer_tell(&y.peer, "S1", "Browser.downloadProgress", params[i]);
        turn(&y);
        assert_string_equal(json_str(page_download(y.peer.page), "guid", ""), "a");
    }
    play_close(&y);
}

/* A page may open one after the other for as long as its tab stays. */
static void test_of_many_dialogs_the_last_are_kept(void **state)
{
    (void)state;
    struct play y;
    play_open(&y);
    for (int i = 0; i < 60; i++) {
        char params[64];
        (void)str_format(params, sizeof params, "{\"type\": \"alert\", \"message\": \"n %d\"}", i);
        peer_tell(&y.peer, "S1", "Page.javascriptDialogOpening", params);
        turn(&y);
    }
    cJSON *dialogs = page_take_dialogs(y.peer.page);
    assert_int_equal(cJSON_GetArraySize(dialogs), 50);
    assert_string_equal(json_str(cJSON_GetArrayItem(dialogs, 0), "text", ""), "n 10");
    assert_string_equal(json_str(cJSON_GetArrayItem(dialogs, 49), "text", ""), "n 59");
    cJSON_Delete(dialogs);
    play_close(&y);
}

/* Of what is too long whole characters are kept, so that it stays a text. */
static void test_a_long_line_is_cut_between_characters(void **state)
{
    (void)state;
    struct play y;
    char params[1200] = "{\"type\": \"alert\", \"message\": \"x";
    for (int i = 0; i < 300; i++)
        strcat(params, "\xc3\xa9"); /* the 400th byte is within one */
    strcat(params, "\"}");
    play_open(&y);
    peer_tell(&y.peer, "S1", "Page.javascriptDialogOpening", params);
    turn(&y);
    cJSON *dialogs = page_take_dialogs(y.peer.page);
    const char *text = json_str(cJSON_GetArrayItem(dialogs, 0), "text", "");
    assert_int_equal(strlen(text), 399);
    assert_int_equal(utf8_bad_at(text, strlen(text)), -1);
    cJSON_Delete(dialogs);
    play_close(&y);
}

static bool says_pressed(const char *const answers[3])
{
    const struct act_place place = {.own = "http://x/"};
    struct play y;
    play_open(&y);
    for (int i = 0; i < ANSWERS_MAX; i++)
        y.answers[i] = answers[i < 3 ? i : 2];
    cJSON *result = do_in(&y, CLICK, &place);
    bool pressed = json_bool(result, "pressed", false);
    assert_false(json_bool(result, "ok", true));
    cJSON_Delete(result);
    play_close(&y);
    return pressed;
}

/* Only then it may have been taken: whoever paid for it has to look. */
static void test_a_failed_click_says_whether_it_was_pressed(void **state)
{
    (void)state;
    static const char *const covered[] = {"{\"why\": \"covered\"}", "{\"why\": \"covered\"}",
                                          "{\"why\": \"covered\"}"},
                             *const unseen[] = {HERE, "{}", "{\"why\": \"the page saw no click\"}"};
    assert_false(says_pressed(covered));
    assert_true(says_pressed(unseen));
}

int main(void)
{
    signal(SIGPIPE, SIG_IGN);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_failed_click_says_whether_it_was_pressed),
        cmocka_unit_test(test_a_click_looks_before_and_after_it_presses),
        cmocka_unit_test(test_a_target_that_went_away_is_looked_for_again_and_pressed_once),
        cmocka_unit_test(test_a_covered_target_is_never_pressed),
        cmocka_unit_test(test_a_press_that_would_have_landed_elsewhere_is_tried_again),
        cmocka_unit_test(test_a_press_that_nobody_saw_is_not_repeated),
        cmocka_unit_test(test_a_press_that_is_not_answered_is_not_repeated),
        cmocka_unit_test(test_a_page_that_changed_under_the_click_took_it),
        cmocka_unit_test(test_two_clicks_at_a_point_are_a_double_click),
        cmocka_unit_test(test_a_file_that_is_not_there_opens_no_chooser),
        cmocka_unit_test(test_a_page_of_somebody_else_is_never_opened),
        cmocka_unit_test(test_acts_that_cannot_be_meant_are_said),
        cmocka_unit_test(test_a_page_that_does_not_answer_ends_the_act_in_its_time),
        cmocka_unit_test(test_a_crashed_page_ends_the_act),
        cmocka_unit_test(test_a_world_that_is_gone_is_made_again),
        cmocka_unit_test(test_alerts_are_accepted_and_questions_are_not),
        cmocka_unit_test(test_the_console_keeps_its_last_lines),
        cmocka_unit_test(test_of_many_dialogs_the_last_are_kept),
        cmocka_unit_test(test_what_a_page_says_is_one_plain_line),
        cmocka_unit_test(test_a_download_without_a_name_is_none),
        cmocka_unit_test(test_a_page_that_tells_nothing_of_itself_is_no_end_of_ours),
        cmocka_unit_test(test_a_long_line_is_cut_between_characters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
