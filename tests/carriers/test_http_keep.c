/* Connections that are kept are counted as descriptors of this process, after requests that each
 * begin one of their own. */
/* SPDX-License-Identifier: ISC */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>

#include "carriers/http_server.h"

#define FAR_MS (24 * 3600 * 1000)

static int open_files(void)
{
    int n = 0;
    for (int fd = 0; fd < 1024; fd++)
        n += fcntl(fd, F_GETFD) != -1;
    return n;
}

/* So many at once, and all their answers. A submit begins a connection of its own, a fetch goes on
 * with one that is there. */
static void ask_all(struct fixture *f, int count, const char *method)
{
    for (int i = 0; i < count; i++) {
        struct request r = request_of(f, method, "/echo");
        r.id = 100 + i;
        r.paid = *method == 'P';
        http_ask(f->http, &r, clock_mono_ms());
    }
    for (int i = 0; i < count; i++) {
        struct response a;
        wait_for(f, &a);
        assert_int_equal(a.status, 200);
        response_finish(&a);
    }
}

static void submit(struct fixture *f, int count)
{
    ask_all(f, count, "POST");
}

static void test_submits_one_after_another_leave_few_connections(void **state)
{
    struct fixture *f = *state;
    submit(f, 1);
    int before = open_files();
    for (int i = 0; i < 60; i++)
        submit(f, 1);
    assert_in_range(open_files() - before, 1, 16);
}

static void test_a_wave_finds_the_connections_of_the_one_before(void **state)
{
    struct fixture *f = *state;
    submit(f, 1);
    int before = open_files();
    submit(f, 60);
    assert_in_range(open_files() - before, 50, 70);
    for (int i = 0; i < 500; i++) /* and none is kept for long that nobody needs */
        ask_all(f, 4, "GET");
    assert_in_range(open_files() - before, 1, 30);
}

static void test_without_requests_no_connection_is_kept(void **state)
{
    struct fixture *f = *state;
    int before = open_files();
    submit(f, 5);
    int64_t now = clock_mono_ms(), next = http_turn(f->http, now);
    assert_true(open_files() > before);
    assert_in_range(next, now + 1, now + FAR_MS);
    assert_true(http_turn(f->http, next) == INT64_MAX);
    assert_int_equal(open_files(), before);
    submit(f, 5); /* and it wakes again */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_submits_one_after_another_leave_few_connections),
        TEST(test_a_wave_finds_the_connections_of_the_one_before),
        TEST(test_without_requests_no_connection_is_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
