/* Requests go to a stand-in worker that answers, dies, hangs or talks nonsense as it is told; every
 * request must end in one response. */
/* SPDX-License-Identifier: ISC */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/json.h"
#include "base/mem.h"
#include "carriers/workers.h"

/* Reads lines on descriptor 3; the op says what to do. */
static const char program[] =
    "#!/usr/bin/env python3\n"
    "import json, os, signal, socket, time\n"
    "s = socket.socket(fileno=3)\n"
    "f = s.makefile('rw')\n"
    "for line in f:\n"
    "    r = json.loads(line)\n"
    "    if r['op'] == 'die': os.kill(os.getpid(), signal.SIGKILL)\n"
    "    if r['op'] == 'hang': time.sleep(60)\n"
    "    if r['op'] == 'nonsense': f.write('hello\\n')\n"
    "    elif r['op'] == 'other': f.write(json.dumps({'id': 99999, 'ok': True}) + '\\n')\n"
    "    else: f.write(json.dumps({'id': r['id'], 'ok': True, 'pid': os.getpid(), 'size': "
    "len(line)}) + '\\n')\n"
    "    f.flush()\n"
    "    if r['op'] == 'chatter': time.sleep(0.3); f.write('{}\\n'); f.flush()\n";

struct fixture {
    char dir[64];
    char *path;
    struct loop *loop;
    struct workers *workers;
};

static int set_up(void **state)
{
    struct fixture *f = mem_alloc(sizeof(*f));
    strcpy(f->dir, "/tmp/slated-workers-XXXXXX");
    if (!mkdtemp(f->dir))
        return -1;
    f->path = mem_printf("%s/worker", f->dir);
    if (file_write(f->path, program, strlen(program), false, NULL) || chmod(f->path, 0755))
        return -1;
    f->loop = loop_create();
    f->workers = workers_create(f->loop, f->path, 2);
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    workers_destroy(f->workers);
    loop_destroy(f->loop);
    file_remove_tree(f->dir, NULL);
    free(f->path);
    free(f);
    return 0;
}

static void ask(struct fixture *f, int64_t id, const char *op, int timeout_ms)
{
    struct request r = {
        .id = id, .by = CARRY_WORKER, .timeout_ms = timeout_ms, .line = cJSON_CreateObject()};
    json_set_str(r.line, "op", op);
    workers_ask(f->workers, &r, clock_mono_ms());
}

static void wait_for(struct fixture *f, struct response *ret_response)
{
    int64_t until = clock_mono_ms() + 20000;
    while (!workers_take(f->workers, ret_response)) {
        int64_t now = clock_mono_ms(), next = workers_turn(f->workers, now);
        assert_true(now < until);
        if (workers_take(f->workers, ret_response))
            return;
        loop_wait(f->loop, now, next < until ? next : until);
    }
}

static void expect_kind(struct fixture *f, int64_t id, enum response_kind kind)
{
    struct response r;
    wait_for(f, &r);
    assert_int_equal(r.id, id);
    assert_int_equal(r.kind, kind);
    assert_true(kind == RESPONSE_ANSWERED || (r.error && *r.error));
    response_finish(&r);
}

static void test_a_process_serves_one_request_after_another(void **state)
{
    struct fixture *f = *state;
    struct response a, b;
    ask(f, 1, "echo", 10000);
    wait_for(f, &a);
    ask(f, 2, "echo", 10000);
    wait_for(f, &b);
    assert_int_equal(json_int(a.body, "pid", -1), json_int(b.body, "pid", -2));
    response_finish(&a);
    response_finish(&b);
}

static void test_two_work_at_once_and_a_third_must_wait(void **state)
{
    struct fixture *f = *state;
    ask(f, 1, "hang", 60000);
    ask(f, 2, "echo", 10000);
    assert_int_equal(workers_free(f->workers), 0);
    expect_kind(f, 2, RESPONSE_ANSWERED);
    assert_int_equal(workers_free(f->workers), 1);
    workers_cancel(f->workers, 1);
    assert_int_equal(workers_free(f->workers), 2);
}

static void test_a_death_is_told_and_the_next_request_gets_a_new_process(void **state)
{
    struct fixture *f = *state;
    ask(f, 1, "die", 10000);
    expect_kind(f, 1, RESPONSE_DIED);
    ask(f, 2, "echo", 10000);
    expect_kind(f, 2, RESPONSE_ANSWERED);
}

static void test_what_takes_too_long_is_stopped(void **state)
{
    struct fixture *f = *state;
    ask(f, 1, "hang", 300);
    expect_kind(f, 1, RESPONSE_LATE);
    assert_int_equal(workers_busy(f->workers), 0);
}

static void test_nonsense_is_no_answer(void **state)
{
    struct fixture *f = *state;
    ask(f, 1, "nonsense", 10000);
    expect_kind(f, 1, RESPONSE_BROKEN);
    ask(f, 2, "other", 10000);
    expect_kind(f, 2, RESPONSE_BROKEN);
}

/* Its next words would pass for those of a request that has ended. */
static void test_a_worker_that_speaks_unasked_is_ended_and_nobody_told(void **state)
{
    struct fixture *f = *state;
    struct response a, b;
    ask(f, 1, "chatter", 10000);
    wait_for(f, &a);
    for (int64_t until = clock_mono_ms() + 1000, now; (now = clock_mono_ms()) < until;) {
        (void)workers_turn(f->workers, now);
        loop_wait(f->loop, now, now + 50);
        assert_false(workers_take(f->workers, &b));
    }
    ask(f, 2, "echo", 10000);
    wait_for(f, &b);
    assert_int_equal(b.id, 2);
    assert_int_not_equal(json_int(a.body, "pid", -1), json_int(b.body, "pid", -1));
    response_finish(&a);
    response_finish(&b);
}

static void test_more_than_a_worker_can_be_asked_is_not_sent_by_half(void **state)
{
    struct fixture *f = *state;
    struct request r = {.id = 1, .by = CARRY_WORKER, .timeout_ms = 10000};
    size_t len = (size_t)17 << 20;
    char *text = mem_alloc(len + 1);
    memset(text, 'x', len);
    r.line = cJSON_CreateObject();
    json_set_str(r.line, "op", text);
    free(text);
    workers_ask(f->workers, &r, clock_mono_ms());
    expect_kind(f, 1, RESPONSE_UNSENT);
    ask(f, 2, "echo", 10000);
    expect_kind(f, 2, RESPONSE_ANSWERED);
}

static void test_a_large_request_arrives_whole(void **state)
{
    struct fixture *f = *state;
    struct request r = {
        .id = 1, .by = CARRY_WORKER, .timeout_ms = 10000, .line = cJSON_CreateObject()};
    struct response answer;
    char *text = mem_alloc(3000001);
    memset(text, 'x', 3000000);
    json_set_str(r.line, "op", "echo");
    json_set_str(r.line, "text", text);
    workers_ask(f->workers, &r, clock_mono_ms());
    wait_for(f, &answer);
    assert_true(json_int(answer.body, "size", 0) > 3000000);
    response_finish(&answer);
    free(text);
}

static void test_a_program_that_is_not_there_is_a_response_not_a_crash(void **state)
{
    struct fixture *f = *state;
    unlink(f->path);
    ask(f, 1, "echo", 10000);
    expect_kind(f, 1, RESPONSE_UNSENT);
}

static void test_idle_processes_end(void **state)
{
    struct fixture *f = *state;
    struct response r;
    ask(f, 1, "echo", 10000);
    wait_for(f, &r);
    pid_t pid = (pid_t)json_int(r.body, "pid", 0);
    response_finish(&r);
    int64_t later = workers_turn(f->workers, clock_mono_ms());
    assert_true(later > clock_mono_ms() && later < clock_mono_ms() + 60000);
    assert_true(workers_turn(f->workers, later) == INT64_MAX);
    assert_int_equal(access("/proc/self", F_OK) == 0 ? kill(pid, 0) : -1, -1);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_a_process_serves_one_request_after_another),
        TEST(test_two_work_at_once_and_a_third_must_wait),
        TEST(test_a_death_is_told_and_the_next_request_gets_a_new_process),
        TEST(test_what_takes_too_long_is_stopped),
        TEST(test_nonsense_is_no_answer),
        TEST(test_a_large_request_arrives_whole),
        TEST(test_a_program_that_is_not_there_is_a_response_not_a_crash),
        TEST(test_a_worker_that_speaks_unasked_is_ended_and_nobody_told),
        TEST(test_more_than_a_worker_can_be_asked_is_not_sent_by_half),
        TEST(test_idle_processes_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
