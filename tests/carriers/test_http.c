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

#include "base/address.h"
#include "carriers/http_server.h"

static void fetch(struct fixture *f, const char *path, bool private_ok, int timeout_ms,
                  struct response *ret_response)
{
    struct request r = request_of(f, NULL, path);
    r.timeout_ms = timeout_ms;
    r.path = mem_dup(f->body);
    r.private_ok = private_ok;
    r.redirects = 5;
    converse(f, &r, ret_response);
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

/* The spellings that lead inside without saying so. */
static void test_this_machine_is_refused_however_it_is_spelled(void **state)
{
    struct fixture *f = *state;
    static const char *const hosts[] = {"localhost",
                                        "LOCALHOST",
                                        "localhost.",
                                        "127.1",
                                        "127.0.1",
                                        "2130706433",
                                        "0x7f000001",
                                        "0x7f.0.0.1",
                                        "0177.0.0.1",
                                        "017700000001",
                                        "127.255.255.254",
                                        "0.0.0.0",
                                        "0",
                                        "[::1]",
                                        "[::ffff:127.0.0.1]",
                                        "[::ffff:7f00:1]",
                                        "[::]",
                                        "[::127.0.0.1]",
                                        "user@127.0.0.1",
                                        "1.1.1.1@127.0.0.1",
                                        "[0:0:0:0:0:0:0:1]",
                                        "[::ffff:0:127.0.0.1]"};
    for (size_t i = 0; i < sizeof(hosts) / sizeof(*hosts); i++) {
        struct request to = request_of(f, NULL, "");
        struct response r;
        free(to.url);
        to.url = mem_printf("http://%s:%d/spelled", hosts[i], f->port);
        to.private_ok = false;
        to.timeout_ms = 3000;
        converse(f, &to, &r);
        if (r.kind != RESPONSE_UNSENT)
            fail_msg("%s was asked: %s", hosts[i], r.error ? r.error : "it answered");
        response_finish(&r);
    }
    assert_int_equal(times_seen(f, "/spelled"), 0);
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

static void test_the_digest_is_of_the_file_that_came(void **state)
{
    static const char *const paths[] = {"/body", "/move", "/long"};
    struct fixture *f = *state;
    for (int i = 0; i < 3; i++) {
        struct request r = request_of(f, NULL, paths[i]);
        struct response answer;
        char wanted[DIGEST_LEN] = "";
        r.path = mem_dup(f->body);
        r.private_ok = r.digest = true;
        r.redirects = 5;
        converse(f, &r, &answer);
        if (answer.kind == RESPONSE_ANSWERED)
            assert_int_equal(digest_file(f->body, wanted, &(uint64_t){0}, NULL), 0);
        assert_int_equal(answer.kind == RESPONSE_ANSWERED, i < 2);
        assert_string_equal(answer.sha256, wanted); /* of what is cut off there is none */
        response_finish(&answer);
    }
    struct response plain;
    fetch(f, "/body", true, 10000, &plain);
    assert_string_equal(plain.sha256, ""); /* nobody wants it */
    response_finish(&plain);
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_a_body_lands_in_its_file),
        TEST(test_this_machine_is_refused_unless_allowed),
        TEST(test_this_machine_is_refused_however_it_is_spelled),
        TEST(test_redirects_are_followed_but_not_for_ever_nor_into_files),
        TEST(test_the_digest_is_of_the_file_that_came),
        TEST(test_a_body_over_its_ceiling_is_cut_off),
        TEST(test_a_torn_body_is_no_answer),
        TEST(test_a_stalling_server_is_left),
        TEST(test_an_error_status_is_an_answer),
        cmocka_unit_test(test_addresses_are_judged_in_every_form),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
