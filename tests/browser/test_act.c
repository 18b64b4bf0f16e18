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

#include "base/file.h"
#include "base/path.h"
#include "browser/act.h"
#include "browser/peer.h"

#define PATIENCE_MS 5000
#define ANSWERS_MAX 16

/* The browser: what a call of the page's function answers, in the order of the calls ("!why": the
 * command is refused, "-": no answer ever), and what was done. */
struct play {
    struct peer peer;
    const char *answers[ANSWERS_MAX];
    int at;
    const char *deaf;   /* a method that is never answered */
    const char *broken; /* a method that is refused */
    struct buf trace;
    cJSON *sent; /* the parameters of what is no call, by method: the last ones */
};

static void on_event(void *ctx, const char *session, const char *method, const cJSON *params)
{
    struct peer *p = ctx;
    peer_event_noted(p, method, params);
    if (p->page)
        page_hear(p->page, session, method, params, clock_mono_ms());
}

static void note(struct play *y, const char *word)
{
    buf_printf(&y->trace, "%s%s", y->trace.len ? " " : "", word);
}

/* "slated.locate({...},5000)" is noted as locate and answered by the next of the answers. */
static void answer_call(struct play *y, int64_t id, const char *expression)
{
    const char *name = expression + strlen("slated."), *answer;
    char *word = mem_dup_n(name, strcspn(name, "("));
    note(y, word);
    free(word);
    answer = y->at < ANSWERS_MAX && y->answers[y->at] ? y->answers[y->at++] : "{}";
    if (*answer == '!') {
        peer_refuse(&y->peer, id, answer + 1);
    } else if (*answer != '-') {
        char *result = mem_printf("{\"result\": {\"type\": \"object\", \"value\": %s}}", answer);
        peer_answer(&y->peer, id, result);
        free(result);
    }
}

static const char *plain_answer(const char *method)
{
    static const char *const answers[][2] = {
        {"Target.createTarget", "{\"targetId\": \"T1\"}"},
        {"Target.attachToTarget", "{\"sessionId\": \"S1\"}"},
        {"Page.getFrameTree", "{\"frameTree\": {\"frame\": {\"id\": \"F1\"}}}"},
        {"Page.createIsolatedWorld", "{\"executionContextId\": 7}"},
        {"Page.captureScreenshot", "{\"data\": \"aGVsbG8=\"}"}};
    for (size_t i = 0; i < sizeof(answers) / sizeof(*answers); i++)
        if (str_eq(answers[i][0], method))
            return answers[i][1];
    return "{}";
}

static void answer_command(struct play *y, const cJSON *command)
{
    const char *method = json_str(command, "method", "");
    const char *expression = json_str(command, "/params/expression", "");
    int64_t id = json_int(command, "id", 0);
    const cJSON *params = json_get(command, "params");
    json_set(y->sent, method, params ? cJSON_Duplicate(params, true) : cJSON_CreateTrue());
    if (y->deaf && str_eq(method, y->deaf))
        return;
    if (y->broken && str_eq(method, y->broken)) {
        peer_refuse(&y->peer, id, "it is broken");
        return;
    }
    if (str_starts(expression, "slated.")) {
        answer_call(y, id, expression);
        return;
    }
    if (str_eq(method, "Input.dispatchMouseEvent"))
        note(y, json_str(command, "/params/type", "?"));
    if (str_starts(method, "Page.navigate") || str_starts(method, "Page.handle"))
        note(y, method);
    peer_answer(&y->peer, id, plain_answer(method));
}

static void turn(struct play *y)
{
    cJSON *command;
    peer_turn(&y->peer, clock_mono_ms());
    while ((command = peer_take(&y->peer))) {
        answer_command(y, command);
        cJSON_Delete(command);
    }
    peer_turn(&y->peer, clock_mono_ms());
}

static void play_open(struct play *y)
{
    memset(y, 0, sizeof(*y));
    buf_init(&y->trace, 65536);
    y->sent = cJSON_CreateObject();
    peer_open(&y->peer, on_event, 0);
    y->peer.page = page_create(y->peer.cdp, 800, 600, clock_mono_ms());
    int64_t until = clock_mono_ms() + PATIENCE_MS;
    while (page_state(y->peer.page) == PAGE_COMING && clock_mono_ms() < until)
        turn(y);
    assert_int_equal(page_state(y->peer.page), PAGE_READY);
}

static void play_close(struct play *y)
{
    page_destroy(y->peer.page, true, clock_mono_ms());
    y->peer.page = NULL;
    peer_close(&y->peer);
    cJSON_Delete(y->sent);
    buf_finish(&y->trace);
}

static cJSON *do_in(struct play *y, const char *text, const struct act_place *place)
{
    cJSON *what = cJSON_Parse(text), *result;
    struct act *a = act_begin(y->peer.page, place, what, clock_mono_ms());
    int64_t until = clock_mono_ms() + PATIENCE_MS;
    while (act_turn(a, clock_mono_ms()) >= 0 && clock_mono_ms() < until)
        turn(y);
    result = act_result(a);
    act_end(a, true);
    cJSON_Delete(what);
    assert_non_null(result);
    return result;
}

/* Does one act; its error, owned, or NULL when it went well. */
static char *act_on(struct play *y, const char *text)
{
    const struct act_place place = {NULL, "http://x/"};
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

static void test_a_press_that_would_have_landed_elsewhere_is_tried_again(void **state)
{
    (void)state;
    struct play y;
    play_open(&y);
    y.answers[0] = HERE;
    y.answers[1] = "{}";
    y.answers[2] = "{\"why\": \"the click would have landed on div.late\"}";
    y.answers[3] = HERE;
    assert_null(act_on(&y, CLICK));
    assert_int_equal(count(&y, "mousePressed"), 2);
    play_close(&y);
}

static void test_a_press_that_nobody_saw_is_not_repeated(void **state)
{
    (void)state;
    struct play y;
    play_open(&y);
    y.answers[0] = HERE;
    y.answers[1] = "{}";
    y.answers[2] = "{\"why\": \"the page saw no click\"}";
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
    y.broken = "Input.dispatchMouseEvent";
    expect_error(&y, CLICK, "it is broken");
    assert_int_equal(count(&y, "mousePressed"), 0);
    play_close(&y);
}

static void test_a_page_that_changed_under_the_click_took_it(void **state)
{
    (void)state;
    struct play y;
    play_open(&y);
    y.answers[0] = HERE;
    y.answers[1] = "{}";
    y.answers[2] = "!Inspected target navigated or closed";
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
    peer_tell(
        &y.peer, "S1", "Log.entryAdded",
        "{\"entry\": {\"level\": \"error\", \"text\": \"not found\", \"url\": \"http://x/a\"}}");
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

static void test_a_screenshot_appears_whole_under_its_name(void **state)
{
    (void)state;
    struct play y;
    char dir[] = "/tmp/slated-act-XXXXXX", *bytes = NULL;
    size_t len = 0;
    assert_non_null(mkdtemp(dir));
    const struct act_place place = {dir, NULL};
    char *path = path_join(dir, "shot.png");
    play_open(&y);
    cJSON *result = do_in(&y, "{\"act\": \"screenshot\", \"to\": \"shot.png\"}", &place);
    assert_string_equal(json_str(json_get(result, "value"), "path", ""), path);
    assert_int_equal(file_read(path, 100, &bytes, &len, NULL), 0);
    assert_string_equal(bytes, "hello");
    cJSON_Delete(result);
    result = do_in(&y, "{\"act\": \"screenshot\", \"to\": \"../shot.png\"}", &place);
    assert_non_null(strstr(json_str(result, "error", ""), "is not a name for a file"));
    cJSON_Delete(result);
    free(bytes);
    free(path);
    assert_int_equal(file_remove_tree(dir, NULL), 0);
    play_close(&y);
}

static void test_of_several_the_largest_is_picked(void **state)
{
    (void)state;
    struct play y;
    char dir[] = "/tmp/slated-act-XXXXXX", *bytes = NULL;
    size_t len = 0;
    assert_non_null(mkdtemp(dir));
    const struct act_place place = {dir, NULL};
    play_open(&y);
    y.answers[0] = "{\"media\": \"image/png\", \"data\": \"aGVsbG8=\"}";
    y.answers[1] = "{\"media\": \"image/png\", \"data\": \"aGVsbG8gaGVsbG8=\"}";
    y.answers[2] = "{\"media\": \"image/png\", \"data\": \"aGVsbG8=\"}";
    cJSON *result = do_in(&y,
                          "{\"act\": \"fetch\", \"from\": [\"data:1\", \"data:2\", \"data:3\"], "
                          "\"to\": \"p\", \"pick\": \"largest\"}",
                          &place);
    assert_true(json_num(result, "/value/bytes", 0) == 11);
    assert_string_equal(json_str(result, "/value/n", ""), "2");
    assert_string_equal(json_str(result, "/value/from", ""), "data:2");
    assert_int_equal(file_read(json_str(result, "/value/path", ""), 100, &bytes, &len, NULL), 0);
    assert_string_equal(bytes, "hello hello");
    cJSON_Delete(result);
    free(bytes);
    assert_int_equal(file_remove_tree(dir, NULL), 0);
    play_close(&y);
}

static bool says_pressed(const char *const answers[3])
{
    const struct act_place place = {NULL, "http://x/"};
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
        cmocka_unit_test(test_of_several_the_largest_is_picked),
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
        cmocka_unit_test(test_a_screenshot_appears_whole_under_its_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
