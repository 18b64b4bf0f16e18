/* Bodies are fetched from a real server on this machine, which answers, stalls, redirects and
 * overdoes it as its paths say. */
/* SPDX-License-Identifier: ISC */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/address.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/mem.h"
#include "carriers/http.h"

static const char server[] =
    "import http.server, sys, time\n"
    "class H(http.server.BaseHTTPRequestHandler):\n"
    "    def log_message(self, *a): pass\n"
    "    def do_GET(self):\n"
    "        if self.path == '/move': self.send_response(302); self.send_header('Location', "
    "'/body'); self.end_headers(); return\n"
    "        if self.path == '/loop': self.send_response(302); self.send_header('Location', "
    "'/loop'); self.end_headers(); return\n"
    "        if self.path == '/file': self.send_response(302); self.send_header('Location', "
    "'file:///etc/passwd'); self.end_headers(); return\n"
    "        if self.path == '/missing': self.send_response(404); self.end_headers(); return\n"
    "        if self.path == '/stall': time.sleep(30)\n"
    "        n = 100000 if self.path == '/long' else 11\n"
    "        self.send_response(200); self.send_header('Content-Type', 'text/plain')\n"
    "        self.send_header('Content-Length', str(n if self.path != '/torn' else 500)); "
    "self.end_headers()\n"
    "        self.wfile.write(b'hello world' if n == 11 else b'x' * n)\n"
    "s = http.server.ThreadingHTTPServer(('127.0.0.1', 0), H)\n"
    "print(s.server_port, flush=True)\n"
    "s.serve_forever()\n";

struct fixture {
    char dir[64];
    char *body;
    int port;
    pid_t pid;
    struct loop *loop;
    struct http *http;
};

static int set_up(void **state)
{
    struct fixture *f = mem_alloc(sizeof(*f));
    int out[2];
    char line[32] = "";
    strcpy(f->dir, "/tmp/slated-http-XXXXXX");
    if (!mkdtemp(f->dir) || pipe(out))
        return -1;
    f->pid = fork();
    if (f->pid == 0) {
        dup2(out[1], 1);
        close(out[0]);
        execlp("python3", "python3", "-c", server, (char *)NULL);
        _exit(1);
    }
    close(out[1]);
    size_t len = 0; /* to the end of the line: it may come in pieces */
    while (len < sizeof(line) - 1 && read(out[0], line + len, 1) == 1 && line[len] != '\n')
        len++;
    f->port = (int)strtol(line, NULL, 10);
    close(out[0]);
    f->body = mem_printf("%s/body", f->dir);
    f->loop = loop_create();
    f->http = http_create(f->loop);
    *state = f;
    return f->port ? 0 : -1;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    http_destroy(f->http);
    loop_destroy(f->loop);
    kill(f->pid, SIGKILL);
    waitpid(f->pid, NULL, 0);
    file_remove_tree(f->dir, NULL);
    free(f->body);
    free(f);
    return 0;
}

static void fetch(struct fixture *f, const char *path, bool private_ok, int timeout_ms,
                  struct response *ret_response)
{
    struct request r = {.id = 7,
                        .by = CARRY_HTTP,
                        .timeout_ms = timeout_ms,
                        .url = mem_printf("http://127.0.0.1:%d%s", f->port, path),
                        .path = mem_dup(f->body),
                        .max_len = 50000,
                        .private_ok = private_ok};
    http_ask(f->http, &r, clock_mono_ms());
    int64_t until = clock_mono_ms() + 20000;
    for (;;) {
        int64_t now = clock_mono_ms(), next = http_turn(f->http, now);
        if (http_take(f->http, ret_response))
            break;
        assert_true(now < until);
        loop_wait(f->loop, now, next < until ? next : until);
    }
    assert_int_equal(ret_response->id, 7);
}

static void expect_body(struct fixture *f, const char *wanted)
{
    char *text = NULL;
    size_t len;
    assert_int_equal(file_read(f->body, 1000, &text, &len, NULL), 0);
    assert_string_equal(text, wanted);
    free(text);
}

static void test_a_body_lands_in_its_file(void **state)
{
    struct fixture *f = *state;
    struct response r;
    fetch(f, "/body", true, 10000, &r);
    assert_int_equal(r.kind, RESPONSE_ANSWERED);
    assert_int_equal(r.status, 200);
    assert_int_equal(r.len, 11);
    assert_string_equal(r.media, "text/plain");
    response_finish(&r);
    expect_body(f, "hello world");
}

static void test_this_machine_is_refused_unless_allowed(void **state)
{
    struct fixture *f = *state;
    struct response r;
    fetch(f, "/body", false, 10000, &r);
    assert_int_equal(r.kind, RESPONSE_UNSENT);
    assert_non_null(strstr(r.error, "forbidden"));
    response_finish(&r);
}

static void test_redirects_are_followed_but_not_for_ever_nor_into_files(void **state)
{
    struct fixture *f = *state;
    struct response r;
    fetch(f, "/move", true, 10000, &r);
    assert_int_equal(r.kind, RESPONSE_ANSWERED);
    response_finish(&r);
    expect_body(f, "hello world");
    fetch(f, "/loop", true, 10000, &r);
    assert_int_equal(r.kind, RESPONSE_BROKEN);
    response_finish(&r);
    fetch(f, "/file", true, 10000, &r);
    assert_int_not_equal(r.kind, RESPONSE_ANSWERED);
    response_finish(&r);
}

static void test_a_body_over_its_ceiling_is_cut_off(void **state)
{
    struct fixture *f = *state;
    struct response r;
    fetch(f, "/long", true, 10000, &r);
    assert_int_equal(r.kind, RESPONSE_BROKEN);
    assert_non_null(strstr(r.error, "50000"));
    response_finish(&r);
}

static void test_a_torn_body_is_no_answer(void **state)
{
    struct fixture *f = *state;
    struct response r;
    fetch(f, "/torn", true, 10000, &r);
    assert_int_equal(r.kind, RESPONSE_BROKEN);
    response_finish(&r);
}

static void test_a_stalling_server_is_left(void **state)
{
    struct fixture *f = *state;
    struct response r;
    fetch(f, "/stall", true, 500, &r);
    assert_int_equal(r.kind, RESPONSE_LATE);
    response_finish(&r);
}

static void test_an_error_status_is_an_answer(void **state)
{
    struct fixture *f = *state;
    struct response r;
    fetch(f, "/missing", true, 10000, &r);
    assert_int_equal(r.kind, RESPONSE_ANSWERED);
    assert_int_equal(r.status, 404);
    response_finish(&r);
}

static bool is_public(const char *text)
{
    struct sockaddr_in in = {.sin_family = AF_INET};
    struct sockaddr_in6 in6 = {.sin6_family = AF_INET6};
    if (inet_pton(AF_INET, text, &in.sin_addr) == 1)
        return address_is_public((struct sockaddr *)&in);
    assert_int_equal(inet_pton(AF_INET6, text, &in6.sin6_addr), 1);
    return address_is_public((struct sockaddr *)&in6);
}

static void test_addresses_are_judged_in_every_form(void **state)
{
    (void)state;
    static const char *const inside[] = {
        "127.0.0.1",       "10.1.2.3",        "172.16.0.1",  "172.31.255.255",
        "192.168.1.1",     "169.254.169.254", "0.0.0.0",     "100.64.0.1",
        "224.0.0.1",       "255.255.255.255", "::1",         "::",
        "::ffff:10.0.0.1", "fe80::1",         "fc00::1",     "ff02::1",
        "64:ff9b::a00:1",  "2002:7f00:1::",   "2001:db8::1", "2001::1"};
    static const char *const outside[] = {"1.1.1.1",       "172.32.0.1",      "100.128.0.1",
                                          "93.184.216.34", "2606:4700::1111", "::ffff:8.8.8.8"};
    for (size_t i = 0; i < sizeof(inside) / sizeof(*inside); i++)
        if (is_public(inside[i]))
            fail_msg("%s seems public", inside[i]);
    for (size_t i = 0; i < sizeof(outside) / sizeof(*outside); i++)
        if (!is_public(outside[i]))
            fail_msg("%s seems private", outside[i]);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_a_body_lands_in_its_file),
        TEST(test_this_machine_is_refused_unless_allowed),
        TEST(test_redirects_are_followed_but_not_for_ever_nor_into_files),
        TEST(test_a_body_over_its_ceiling_is_cut_off),
        TEST(test_a_torn_body_is_no_answer),
        TEST(test_a_stalling_server_is_left),
        TEST(test_an_error_status_is_an_answer),
        cmocka_unit_test(test_addresses_are_judged_in_every_form),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
