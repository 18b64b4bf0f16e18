/* A site's procedure as a conversation with an engine: requests are built from the memo as it is
 * stored, answers are made up, and what follows is looked at. No browser. */
/* SPDX-License-Identifier: ISC */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/fault.h"
#include "base/file.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/str.h"
#include "providers/provider.h"

#define OK(value) "{\"ok\": true, \"value\": " value "}"

static char dir[64];
static struct rules *rules;

/* A job between two requests. */
struct talk {
    struct job_row job;
    struct job_files files;
    struct job_file out;
    struct request request;
    struct outcome outcome;
    const char *handle;
};

static void put(const char *name, const char *text)
{
    char *path = path_join(dir, name), *folder = path_dir(path);
    assert_int_equal(file_make_dirs(folder, NULL), 0);
    assert_int_equal(file_write(path, text, strlen(text), false, NULL), 0);
    free(folder);
    free(path);
}

static int begin(void **state)
{
    (void)state;
    struct faults faults = {0};
    (void)str_format(dir, sizeof dir, "%s", "/tmp/slated-talk-XXXXXX");
    if (!mkdtemp(dir))
        return -1;
    put("sops/site/site.json",
        "{\"about\": \"a\", \"title\": \"t\", \"window\": {\"width\": 800, \"height\": 600},"
        "\"pages\": {\"home\": \"http://x/c\"}, \"own\": \"http://x/\","
        "\"trace\": {\"acts\": [{\"act\": \"list\", \"as\": \"now\"}, {\"act\": \"read\", \"as\": "
        "\"balance_now\"}]}, \"values\": {\"box\": {\"css\": \"b\"}}}");
    put("sops/site/procedures.json", "{\"about\": \"a\", \"procedures\": {}}");
    put("sops/site/work.json",
        "{\"about\": \"a\", \"title\": \"t\", \"ops\": [\"thing.make\"], \"credits\": 4, "
        "\"seconds\": 1, \"steps\": ["
        "{\"name\": \"open\", \"act\": \"go\", \"to\": \"@pages.home\", \"class\": \"auth\", "
        "\"cure\": \"sign in\"},"
        "{\"name\": \"results\", \"act\": \"list\", \"of\": \"@box\", \"as\": \"before\"},"
        "{\"name\": \"balance\", \"act\": \"read\", \"of\": \"@box\", \"as\": \"balance\"},"
        "{\"name\": \"type\", \"act\": \"type\", \"text\": \"$prompt\", \"key_ms\": 20},"
        "{\"name\": \"buy\", \"act\": \"click\", \"on\": \"@box\", \"once\": true, \"credits\": 4},"
        "{\"name\": \"fetch\", \"act\": \"fetch\", \"from\": \"@box\", \"to\": \"picture\"}]}");
    put("sops/site/plain.json",
        "{\"about\": \"a\", \"title\": \"t\", \"ops\": [\"thing.plain\"], \"credits\": 0, "
        "\"seconds\": 1, \"steps\": [{\"name\": \"look\", \"act\": \"count\", \"of\": \"@box\"}]}");
    put("sops/site/fancy.json",
        "{\"about\": \"a\", \"title\": \"t\", \"ops\": [\"thing.fancy\"], \"credits\": 0, "
        "\"seconds\": 1, \"otherwise\": \"thing.plain\", \"steps\": [{\"name\": \"try\", \"act\": "
        "\"key\", \"key\": \"A\"}]}");
    put("providers/site.json", "{\"about\": \"a\", \"title\": \"t\", \"carrier\": \"browser\", "
                               "\"credit\": 0.5, \"attempts\": 2, \"seconds\": 1, \"limits\": "
                               "{\"at_once\": 1}, \"ops\": {\"thing.make\": {\"seconds\": 1}}}");
    if (rules_load(dir, &rules, &faults)) {
        struct buf text;
        buf_init(&text, 10000);
        faults_text(&faults, &text);
        fail_msg("%s", text.data);
    }
    return 0;
}

static int end(void **state)
{
    (void)state;
    rules_release(rules);
    return file_remove_tree(dir, NULL);
}

/* --- the conversation --- */

static struct ask ask_of(struct talk *t)
{
    return (struct ask){.rules = rules,
                        .job = &t->job,
                        .files = &t->files,
                        .work = dir,
                        .handle = t->handle,
                        .now_s = 1000};
}

static void talk_begin(struct talk *t)
{
    memset(t, 0, sizeof(*t));
    t->out = (struct job_file){(char *)"picture", (char *)"/out/picture.png"};
    t->files = (struct job_files){.out = &t->out, .out_n = 1};
    t->job = (struct job_row){.id = 7,
                              .key = (char *)"thing",
                              .title = (char *)"a thing",
                              .op = (char *)"thing.make",
                              .engine = (char *)"site",
                              .params = (char *)"{}",
                              .prompt = (char *)"a \"lamp\"\non a desk"};
    t->handle = "0123456789abcdef0123456789abcdef";
}

static void talk_end(struct talk *t)
{
    request_finish(&t->request);
    outcome_finish(&t->outcome);
    free(t->job.memo);
}

static void build(struct talk *t)
{
    struct ask ask = ask_of(t);
    struct err e = {0};
    request_finish(&t->request);
    memset(&t->request, 0, sizeof(t->request));
    if (provider_sop.build(&ask, &t->request, &e))
        fail_msg("%s", e.text);
}

/* The outcome, and its memo where the engine stores it. */
static void settle(struct talk *t)
{
    if (!t->outcome.memo)
        return;
    free(t->job.memo);
    t->job.memo = mem_dup(t->outcome.memo);
}

static cJSON *body_of(const char *result, bool fresh)
{
    cJSON *body = cJSON_CreateObject(), *results = cJSON_CreateArray();
    if (result)
        cJSON_AddItemToArray(results, cJSON_Parse(result));
    json_set(body, "results", results);
    json_set_bool(body, "fresh", fresh);
    return body;
}

static void hear(struct talk *t, enum response_kind kind, const char *result, bool fresh)
{
    struct ask ask = ask_of(t);
    struct response r = {.kind = kind, .body = body_of(result, fresh)};
    r.error = kind == RESPONSE_ANSWERED ? NULL : mem_dup("the browser went away");
    outcome_finish(&t->outcome);
    memset(&t->outcome, 0, sizeof(t->outcome));
    provider_sop.read(&ask, &r, &t->outcome);
    settle(t);
    response_finish(&r);
}

static const char *act_now(const struct talk *t)
{
    return json_str(cJSON_GetArrayItem(json_get(t->request.line, "run"), 0), "act", "none");
}

/* One step of the straight road. */
static void pass(struct talk *t, const char *act, const char *result)
{
    build(t);
    assert_string_equal(act_now(t), act);
    hear(t, RESPONSE_ANSWERED, result, t->job.memo == NULL);
    assert_int_equal(t->outcome.kind, OUTCOME_NEXT);
}

static void to_the_click(struct talk *t)
{
    talk_begin(t);
    pass(t, "go", OK("true"));
    pass(t, "list", OK("[\"old\"]"));
    pass(t, "read", OK("100"));
    pass(t, "type", OK("16"));
    build(t);
    assert_string_equal(act_now(t), "click");
}

static void look_up(struct talk *t, const char *results)
{
    struct ask ask = ask_of(t);
    struct err e = {0};
    struct response r = {.kind = RESPONSE_ANSWERED, .body = cJSON_CreateObject()};
    json_set(r.body, "results", cJSON_Parse(results));
    request_finish(&t->request);
    memset(&t->request, 0, sizeof(t->request));
    assert_int_equal(provider_sop.lookup(&ask, &t->request, &e), 0);
    outcome_finish(&t->outcome);
    memset(&t->outcome, 0, sizeof(t->outcome));
    provider_sop.read_lookup(&ask, &r, &t->outcome);
    settle(t);
    response_finish(&r);
}

/* --- tests --- */

static void test_a_memo_that_was_stored_asks_the_same_again(void **state)
{
    (void)state;
    struct talk t;
    talk_begin(&t);
    pass(&t, "go", OK("true"));
    pass(&t, "list", OK("[\"old\"]"));
    pass(&t, "read", OK("100"));
    build(&t);
    char *first = json_compact(t.request.line);
    build(&t);
    char *again = json_compact(t.request.line);
    assert_string_equal(first, again);
    const cJSON *act = cJSON_GetArrayItem(json_get(t.request.line, "run"), 0);
    assert_string_equal(json_str(act, "text", ""), "a \"lamp\"\non a desk");
    assert_string_equal(json_str(t.request.line, "lease", ""), "job 7");
    assert_string_equal(json_str(t.request.line, "own", ""), "http://x/");
    assert_true(json_bool(t.request.line, "keep", false));
    free(first);
    free(again);
    talk_end(&t);
}

/* The browser gives a text its keys' time; a request that ended before would begin it anew. */
static void test_a_long_text_has_the_time_of_its_keys(void **state)
{
    (void)state;
    struct talk t;
    char text[2001];
    memset(text, 'x', 2000);
    text[2000] = '\0';
    talk_begin(&t);
    t.job.prompt = text;
    pass(&t, "go", OK("true"));
    pass(&t, "list", OK("[\"old\"]"));
    pass(&t, "read", OK("100"));
    build(&t);
    assert_string_equal(act_now(&t), "type");
    assert_true(t.request.timeout_ms > 2000 * 20);
    talk_end(&t);
}

static void test_only_the_click_that_costs_is_paid(void **state)
{
    (void)state;
    struct talk t;
    talk_begin(&t);
    pass(&t, "go", OK("true"));
    assert_false(t.request.paid);
    pass(&t, "list", OK("[]"));
    pass(&t, "read", OK("100"));
    pass(&t, "type", OK("1"));
    assert_false(t.request.paid);
    build(&t);
    assert_true(t.request.paid);
    assert_true(t.request.price == 2.0);
    hear(&t, RESPONSE_ANSWERED, OK("null"), false);
    build(&t);
    assert_string_equal(act_now(&t), "fetch");
    assert_false(t.request.paid);
    talk_end(&t);
}

static void test_a_click_whose_answer_is_lost_is_in_doubt(void **state)
{
    (void)state;
    const enum response_kind kinds[] = {RESPONSE_BROKEN, RESPONSE_LATE};
    for (size_t i = 0; i < 2; i++) {
        struct talk t;
        to_the_click(&t);
        hear(&t, kinds[i], NULL, false);
        assert_int_equal(t.outcome.kind, OUTCOME_DOUBT);
        assert_int_equal(t.outcome.class, CLASS_UNKNOWN_SUBMIT);
        assert_non_null(strstr(t.outcome.error, "the browser went away"));
        talk_end(&t);
    }
}

static void test_a_press_that_may_have_landed_is_in_doubt(void **state)
{
    (void)state;
    struct talk t;
    to_the_click(&t);
    hear(&t, RESPONSE_ANSWERED, "{\"ok\": false, \"pressed\": true, \"error\": \"late\"}", false);
    assert_int_equal(t.outcome.kind, OUTCOME_DOUBT);
    talk_end(&t);
}

static void test_a_trace_that_is_found_goes_on_behind_the_click(void **state)
{
    (void)state;
    struct talk t;
    to_the_click(&t);
    hear(&t, RESPONSE_BROKEN, NULL, false);
    look_up(&t, "[" OK("[\"new\", \"old\"]") ", " OK("96") "]");
    assert_string_equal(act_now(&t), "list");
    assert_false(t.request.paid);
    assert_int_equal(t.outcome.kind, OUTCOME_NEXT);
    build(&t);
    assert_string_equal(act_now(&t), "fetch");
    talk_end(&t);
}

static void test_no_trace_makes_the_click_safe_from_the_beginning(void **state)
{
    (void)state;
    struct talk t;
    to_the_click(&t);
    hear(&t, RESPONSE_BROKEN, NULL, false);
    look_up(&t, "[" OK("[\"old\"]") ", " OK("100") "]");
    assert_int_equal(t.outcome.kind, OUTCOME_NEXT);
    pass(&t, "go", OK("true"));
    assert_false(t.request.paid);
    pass(&t, "list", OK("[\"old\"]"));
    pass(&t, "read", OK("100"));
    pass(&t, "type", OK("16"));
    build(&t);
    assert_true(t.request.paid); /* another intent */
    talk_end(&t);
}

static void test_a_trace_that_is_unclear_stays_in_doubt(void **state)
{
    (void)state;
    struct talk t;
    to_the_click(&t);
    hear(&t, RESPONSE_BROKEN, NULL, false);
    look_up(&t, "[" OK("[\"old\"]") ", {\"ok\": false}]");
    assert_int_equal(t.outcome.kind, OUTCOME_DOUBT);
    look_up(&t, "[]");
    assert_int_equal(t.outcome.kind, OUTCOME_DOUBT);
    talk_end(&t);
}

static void test_a_fresh_tab_begins_anew_while_nothing_is_paid(void **state)
{
    (void)state;
    struct talk t;
    talk_begin(&t);
    pass(&t, "go", OK("true"));
    pass(&t, "list", OK("[\"old\"]"));
    build(&t);
    hear(&t, RESPONSE_ANSWERED, OK("100"), true);
    assert_int_equal(t.outcome.kind, OUTCOME_NEXT);
    build(&t);
    assert_string_equal(act_now(&t), "go");
    talk_end(&t);
}

static void test_a_fresh_tab_after_the_click_looks_for_its_result_and_presses_nothing(void **state)
{
    (void)state;
    struct talk t;
    to_the_click(&t);
    hear(&t, RESPONSE_ANSWERED, OK("null"), false);
    build(&t);
    hear(&t, RESPONSE_ANSWERED, OK("null"), true);
    assert_int_equal(t.outcome.kind, OUTCOME_NEXT);
    build(&t);
    assert_string_equal(act_now(&t), "list");
    assert_int_equal(cJSON_GetArraySize(json_get(t.request.line, "run")), 2 + 3);
    assert_string_equal(json_str(t.request.line, "/run/4/act", ""), "screenshot");
    assert_true(json_bool(json_get(t.request.line, "/run/4"), "anyway", false));
    assert_false(t.request.paid);
    talk_end(&t);
}

static void test_without_a_browser_the_job_waits_and_names_the_doctor(void **state)
{
    (void)state;
    struct talk t;
    talk_begin(&t);
    build(&t);
    hear(&t, RESPONSE_UNSENT, NULL, false);
    assert_int_equal(t.outcome.kind, OUTCOME_HOLD);
    assert_non_null(strstr(t.outcome.cure, "slated browser doctor"));
    talk_end(&t);
}

static void test_the_tab_goes_before_the_picture_is_looked_at(void **state)
{
    (void)state;
    struct talk t;
    to_the_click(&t);
    hear(&t, RESPONSE_ANSWERED, OK("null"), false);
    pass(&t, "fetch", OK("{\"path\": \"/made/picture.png\", \"bytes\": 5}"));
    build(&t);
    assert_int_equal(t.request.by, CARRY_BROWSER);
    assert_false(json_bool(t.request.line, "keep", true));
    hear(&t, RESPONSE_UNSENT, NULL, false); /* whatever it answers */
    assert_int_equal(t.outcome.kind, OUTCOME_NEXT);
    build(&t);
    assert_int_equal(t.request.by, CARRY_WORKER);
    char *line = json_compact(t.request.line);
    assert_non_null(strstr(line, "/made/picture.png"));
    assert_non_null(strstr(line, "/out/picture.png"));
    free(line);
    talk_end(&t);
}

/* The page is described in the same tab, which goes with it; only then it is said that it failed.
 */
static void expect_described(struct talk *t)
{
    const char *const acts[] = {"console", "html", "screenshot"};
    assert_int_equal(t->outcome.kind, OUTCOME_NEXT);
    assert_true(t->outcome.over);
    build(t);
    assert_false(t->request.paid);
    assert_false(json_bool(t->request.line, "keep", true));
    for (int i = 0; i < 3; i++)
        assert_string_equal(
            json_str(cJSON_GetArrayItem(json_get(t->request.line, "run"), i), "act", ""), acts[i]);
}

static void test_a_failure_is_said_after_its_page_was_described(void **state)
{
    (void)state;
    const enum response_kind kinds[] = {RESPONSE_ANSWERED, RESPONSE_UNSENT, RESPONSE_BROKEN};
    for (size_t i = 0; i < 3; i++) {
        struct talk t;
        talk_begin(&t);
        build(&t);
        hear(&t, RESPONSE_ANSWERED, "{\"ok\": false, \"error\": \"a login form\"}", true);
        expect_described(&t);
        hear(&t, kinds[i], OK("[]"), false);
        assert_int_equal(t.outcome.kind, OUTCOME_HOLD);
        assert_int_equal(t.outcome.class, CLASS_AUTH);
        assert_string_equal(t.outcome.error, "open: a login form");
        assert_string_equal(t.outcome.cure, "sign in");
        talk_end(&t);
    }
}

/* Held, it would be begun anew later, and bought once more than is allowed. */
static void test_what_was_bought_in_vain_is_not_held_for_an_empty_account(void **state)
{
    (void)state;
    for (int wasted = 0; wasted < 2; wasted++) {
        struct talk t;
        talk_begin(&t);
        t.job.memo =
            mem_printf("{\"state\": {\"site\": \"site\", \"sop\": \"work\", \"wasted\": %d}, "
                       "\"mishap\": {\"class\": \"quota_exhausted\", \"step\": \"buy\", "
                       "\"error\": \"empty\"}}",
                       wasted);
        build(&t);
        hear(&t, RESPONSE_ANSWERED, OK("[]"), false);
        assert_int_equal(t.outcome.kind, wasted ? OUTCOME_REFUSED : OUTCOME_HOLD);
        assert_int_equal(t.outcome.elsewhere, wasted);
        assert_string_equal(json_str(t.outcome.facts, "/notes/0", "none"),
                            wasted ? "buy: empty" : "none");
        talk_end(&t);
    }
}

static void test_a_page_is_described_before_another_procedure_stands_in(void **state)
{
    (void)state;
    struct talk t;
    talk_begin(&t);
    t.job.op = (char *)"thing.fancy";
    build(&t);
    assert_string_equal(act_now(&t), "key");
    hear(&t, RESPONSE_ANSWERED, "{\"ok\": false, \"error\": \"no such key\"}", true);
    assert_true(t.outcome.over);
    build(&t);
    assert_string_equal(act_now(&t), "console");
    assert_true(json_bool(t.request.line, "keep", false));
    hear(&t, RESPONSE_BROKEN, NULL, false); /* whatever it answers */
    assert_int_equal(t.outcome.kind, OUTCOME_NEXT);
    assert_false(t.outcome.over);
    build(&t);
    assert_string_equal(act_now(&t), "count");
    hear(&t, RESPONSE_ANSWERED, "{\"ok\": false, \"error\": \"nothing\"}", false);
    build(&t);
    assert_false(json_bool(t.request.line, "keep", true)); /* nothing stands in for that */
    hear(&t, RESPONSE_ANSWERED, OK("[]"), false);
    assert_int_equal(t.outcome.kind, OUTCOME_REFUSED);
    assert_string_equal(t.outcome.error, "look: nothing");
    talk_end(&t);
}

static void test_a_click_that_was_never_pressed_fails_and_is_not_in_doubt(void **state)
{
    (void)state;
    struct talk t;
    to_the_click(&t);
    hear(&t, RESPONSE_ANSWERED, "{\"ok\": false, \"error\": \"b is covered by div\"}", false);
    expect_described(&t);
    hear(&t, RESPONSE_ANSWERED, OK("[]"), false);
    assert_int_equal(t.outcome.kind, OUTCOME_RETRY);
    assert_true(t.outcome.cost == 0);
    talk_end(&t);
}

static void test_an_op_that_no_procedure_makes_is_refused(void **state)
{
    (void)state;
    struct talk t;
    struct err e = {0};
    talk_begin(&t);
    t.job.op = (char *)"other";
    struct ask ask = ask_of(&t);
    assert_int_equal(provider_sop.build(&ask, &t.request, &e), ERR_UNSUPPORTED);
    assert_string_equal(e.text, "no procedure of site makes other");
    talk_end(&t);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, begin, end)
    const struct CMUnitTest tests[] = {
        T(test_a_memo_that_was_stored_asks_the_same_again),
        T(test_a_long_text_has_the_time_of_its_keys),
        T(test_only_the_click_that_costs_is_paid),
        T(test_a_click_whose_answer_is_lost_is_in_doubt),
        T(test_a_press_that_may_have_landed_is_in_doubt),
        T(test_a_trace_that_is_found_goes_on_behind_the_click),
        T(test_no_trace_makes_the_click_safe_from_the_beginning),
        T(test_a_trace_that_is_unclear_stays_in_doubt),
        T(test_a_fresh_tab_begins_anew_while_nothing_is_paid),
        T(test_a_fresh_tab_after_the_click_looks_for_its_result_and_presses_nothing),
        T(test_without_a_browser_the_job_waits_and_names_the_doctor),
        T(test_the_tab_goes_before_the_picture_is_looked_at),
        T(test_a_failure_is_said_after_its_page_was_described),
        T(test_what_was_bought_in_vain_is_not_held_for_an_empty_account),
        T(test_a_page_is_described_before_another_procedure_stands_in),
        T(test_a_click_that_was_never_pressed_fails_and_is_not_in_doubt),
        T(test_an_op_that_no_procedure_makes_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
