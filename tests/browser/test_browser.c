/* The pool of browsers with a browser that the test plays in a process of its own: this program
 * once more, started as any browser is. What is asked too late, or waits in line, is told as it
 * was. */
/* SPDX-License-Identifier: ISC */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"
#include "browser/browser.h"

#define PATIENCE_MS 10000
#define SLOW_MS     700 /* an answer to a script with this word in it */

/* --- the browser --- */

static const char *plain_answer(const char *method)
{
    static const char *const answers[][2] = {
        {"Target.createTarget", "{\"targetId\": \"T1\"}"},
        {"Target.attachToTarget", "{\"sessionId\": \"S1\"}"},
        {"Page.getFrameTree", "{\"frameTree\": {\"frame\": {\"id\": \"F1\"}}}"},
        {"Runtime.evaluate", "{\"result\": {\"value\": 7}}"}};
    for (size_t i = 0; i < sizeof(answers) / sizeof(*answers); i++)
        if (str_eq(answers[i][0], method))
            return answers[i][1];
    return "{}";
}

static void say_answer(const cJSON *command, const char *result)
{
    char *text =
        mem_printf("{\"id\": %lld, \"result\": %s}", (long long)json_int(command, "id", 0), result);
    if (write(4, text, strlen(text) + 1) < 0)
        _exit(1);
    free(text);
}

/* Answers each command at once, a slow script after a while; a broken one throws. */
static void hear_command(const char *text)
{
    cJSON *command = cJSON_Parse(text);
    const char *script = json_str(command, "/params/expression", "");
    if (strstr(script, "slow"))
        (void)poll(NULL, 0, SLOW_MS);
    say_answer(command, strstr(script, "broken") ? "{\"exceptionDetails\": {\"text\": \"no\"}}"
                                                 : plain_answer(json_str(command, "method", "")));
    cJSON_Delete(command);
}

static int play_browser(void)
{
    struct buf line;
    char byte;
    buf_init(&line, 1 << 20);
    while (read(3, &byte, 1) == 1) {
        buf_add(&line, &byte, 1);
        if (byte)
            continue;
        hear_command(line.data);
        buf_reset(&line);
    }
    buf_finish(&line);
    return 0;
}

/* --- the pool --- */

static const char *own_program;

struct pool {
    struct loop *loop;
    struct websockets *sockets;
    struct browser *browser;
    char dir[64];
};

static void pool_open(struct pool *p)
{
    strcpy(p->dir, "/tmp/slated-browser-XXXXXX");
    assert_non_null(mkdtemp(p->dir));
    struct browser_config config = {.starts = 1, .program = own_program, .dir = p->dir};
    p->loop = loop_create();
    p->sockets = websockets_create(p->loop);
    p->browser = browser_create(p->loop, p->sockets, &config);
}

static void pool_close(struct pool *p)
{
    browser_destroy(p->browser);
    websockets_destroy(p->sockets);
    loop_destroy(p->loop);
    assert_int_equal(file_remove_tree(p->dir, NULL), 0);
}

static void ask_line(struct pool *p, int64_t id, const char *line, int timeout_ms)
{
    struct request r = {.id = id, .by = CARRY_BROWSER, .timeout_ms = timeout_ms};
    r.line = cJSON_Parse(line);
    assert_non_null(r.line);
    browser_ask(p->browser, &r, clock_mono_ms());
}

static void ask(struct pool *p, int64_t id, const char *script, int timeout_ms)
{
    char *line = mem_printf("{\"run\": [{\"act\": \"evaluate\", \"script\": \"%s\", \"within_ms\": "
                            "20000}]}",
                            script);
    ask_line(p, id, line, timeout_ms);
    free(line);
}

/* Turns until one has ended, at most until an instant; false: none has. */
static bool take(struct pool *p, int64_t until, struct response *ret_response)
{
    for (int64_t now = clock_mono_ms(); now < until; now = clock_mono_ms()) {
        int64_t next = browser_turn(p->browser, now);
        if (browser_take(p->browser, ret_response))
            return true;
        loop_wait(p->loop, now, next < now + 20 ? next : now + 20);
    }
    return false;
}

static void test_what_is_answered_after_its_time_is_heard_by_nobody(void **state)
{
    struct pool p;
    struct response r;
    (void)state;
    pool_open(&p);
    ask(&p, 1, "slow", 400);
    assert_true(take(&p, clock_mono_ms() + PATIENCE_MS, &r));
    assert_int_equal(r.kind, RESPONSE_LATE);
    response_finish(&r);
    assert_false(take(&p, clock_mono_ms() + SLOW_MS, &r)); /* now it answers */
    ask(&p, 2, "quick", PATIENCE_MS);
    assert_true(take(&p, clock_mono_ms() + PATIENCE_MS, &r));
    assert_int_equal(r.id, 2);
    assert_int_equal(r.kind, RESPONSE_ANSWERED);
    assert_true(json_bool(r.body, "ok", false));
    response_finish(&r);
    pool_close(&p);
}

static void test_waiting_for_a_browser_takes_nothing_of_the_time(void **state)
{
    struct pool p;
    struct response r;
    (void)state;
    pool_open(&p);
    for (int id = 1; id <= 3; id++)
        ask(&p, id, "slow", 2 * SLOW_MS - 200);
    for (int id = 1; id <= 3; id++) {
        assert_true(take(&p, clock_mono_ms() + PATIENCE_MS, &r));
        assert_int_equal(r.id, id);
        if (r.kind != RESPONSE_ANSWERED)
            fail_msg("request %d: %s", id, r.error);
        response_finish(&r);
    }
    pool_close(&p);
}

static void test_what_is_done_anyway_does_not_make_a_failure_good(void **state)
{
    struct pool p;
    struct response r;
    (void)state;
    pool_open(&p);
    ask_line(&p, 1,
             "{\"run\": [{\"act\": \"evaluate\", \"script\": \"broken\"}, {\"act\": \"evaluate\", "
             "\"script\": \"left out\"}, {\"act\": \"evaluate\", \"script\": \"fine\", \"anyway\": "
             "true}]}",
             PATIENCE_MS);
    assert_true(take(&p, clock_mono_ms() + PATIENCE_MS, &r));
    assert_int_equal(r.kind, RESPONSE_ANSWERED);
    assert_false(json_bool(r.body, "ok", true));
    assert_false(json_bool(r.body, "/results/0/ok", true));
    assert_non_null(strstr(json_str(r.body, "/results/1/error", ""), "left out"));
    assert_true(json_bool(r.body, "/results/2/ok", false));
    response_finish(&r);
    pool_close(&p);
}

int main(int argc, char **argv)
{
    signal(SIGPIPE, SIG_IGN);
    if (argc > 1 && str_eq(argv[1], "--remote-debugging-pipe"))
        return play_browser();
    char *whole = realpath(argv[0], NULL);
    own_program = whole;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_answered_after_its_time_is_heard_by_nobody),
        cmocka_unit_test(test_waiting_for_a_browser_takes_nothing_of_the_time),
        cmocka_unit_test(test_what_is_done_anyway_does_not_make_a_failure_good),
    };
    int rc = cmocka_run_group_tests(tests, NULL, NULL);
    free(whole);
    return rc;
}
