/* What leaves: methods, headers, secrets, bodies in pieces; where redirects may carry them; and
 * what is known of a request whose answer did not come. The server tells what reached it. */
/* SPDX-License-Identifier: ISC */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/str.h"
#include "carriers/http_server.h"

static cJSON *told(const struct response *r)
{
    assert_int_equal(r->kind, RESPONSE_ANSWERED);
    assert_non_null(r->text);
    cJSON *told = cJSON_Parse(r->text);
    assert_non_null(told);
    return told;
}

static const char *told_header(const cJSON *t, const char *name)
{
    return json_str(json_get(t, "headers"), name, NULL);
}

static void test_a_body_of_text_and_files_arrives_as_it_was_measured(void **state)
{
    struct fixture *f = *state;
    char *picture = mem_printf("%s/picture", f->dir);
    size_t len = 1000001; /* one byte over a multiple of three: padding at its end */
    char *bytes = mem_alloc(len);
    for (size_t i = 0; i < len; i++)
        bytes[i] = (char)(i * 7);
    assert_int_equal(file_write(picture, bytes, len, false, NULL), 0);
    struct request r = request_of(f, "POST", "/echo");
    request_add_header(&r, "Content-Type", "application/json");
    request_add_text(&r, mem_dup("{\"a\":\""));
    request_add_file(&r, picture, true);
    request_add_text(&r, mem_dup("\",\"b\":\""));
    request_add_file(&r, picture, false);
    request_add_text(&r, mem_dup("\"}"));
    struct response a;
    converse(f, &r, &a);
    cJSON *t = told(&a);
    assert_int_equal(json_int(t, "len", 0), 6 + (len + 2) / 3 * 4 + 7 + len + 2);
    assert_string_equal(json_str(t, "method", ""), "POST");
    assert_string_equal(told_header(t, "content-type"), "application/json");
    assert_null(told_header(t, "expect"));
    assert_null(told_header(t, "transfer-encoding"));
    assert_string_equal(response_header(&a, "x-request-id"), "abc-1");
    assert_true(str_starts(json_str(t, "body", ""), "{\"a\":\"AAcOFRwjKjE4P0ZN"));
    cJSON_Delete(t);
    response_finish(&a);
    free(bytes);
    free(picture);
}

/* Against an encoder of another make: the server adds up what came. */
static void test_base64_of_every_length_is_right(void **state)
{
    struct fixture *f = *state;
    static const char *const wanted[] = {"",         "YQ==",     "YWI=",    "YWJj",
                                         "YWJjZA==", "YWJjZGU=", "YWJjZGVm"};
    char *path = mem_printf("%s/bytes", f->dir);
    for (size_t n = 0; n < sizeof(wanted) / sizeof(*wanted); n++) {
        assert_int_equal(file_write(path, "abcdef", n, false, NULL), 0);
        struct request r = request_of(f, "PUT", "/echo");
        request_add_file(&r, path, true);
        struct response a;
        converse(f, &r, &a);
        cJSON *t = told(&a);
        assert_string_equal(json_str(t, "body", "?"), wanted[n]);
        assert_string_equal(json_str(t, "method", ""), "PUT");
        cJSON_Delete(t);
        response_finish(&a);
    }
    free(path);
}

/* In memory with the headers, or read while it is sent. */
static void test_a_text_is_of_the_kind_that_is_told_and_of_no_other(void **state)
{
    struct fixture *f = *state;
    for (size_t len = 10; len <= 1000000; len *= 100000) {
        struct request r = request_of(f, "PUT", "/echo");
        char *text = mem_alloc(len + 1);
        memset(text, 'a', len);
        request_add_text(&r, text);
        struct response a;
        converse(f, &r, &a);
        cJSON *t = told(&a);
        assert_int_equal(json_int(t, "len", 0), len);
        assert_int_equal(json_int(t, "sum", 0), len * 'a' % 1000003);
        assert_string_equal(json_str(t, "method", ""), "PUT");
        assert_null(told_header(t, "content-type"));
        cJSON_Delete(t);
        response_finish(&a);
    }
}

static void test_a_post_without_a_body_says_so(void **state)
{
    struct fixture *f = *state;
    struct request r = request_of(f, "POST", "/echo");
    struct response a;
    converse(f, &r, &a);
    cJSON *t = told(&a);
    assert_string_equal(told_header(t, "content-length"), "0");
    cJSON_Delete(t);
    response_finish(&a);
}

static void test_a_file_that_is_gone_is_never_sent(void **state)
{
    struct fixture *f = *state;
    struct request r = request_of(f, "POST", "/echo");
    struct response a;
    r.paid = true;
    request_add_file(&r, "/nowhere/at/all.png", true);
    converse(f, &r, &a);
    assert_int_equal(a.kind, RESPONSE_UNSENT);
    assert_non_null(strstr(a.error, "/nowhere/at/all.png"));
    response_finish(&a);
    assert_int_equal(times_seen(f, "/echo"), 0);
}

static void test_a_secret_is_put_in_while_sending(void **state)
{
    struct fixture *f = *state;
    struct request r = request_of(f, NULL, "/echo/${TEST_KEY}/x");
    struct response a;
    r.keyed = true;
    request_add_header(&r, "Authorization", "Key ${TEST_KEY}");
    converse(f, &r, &a);
    cJSON *t = told(&a);
    assert_string_equal(told_header(t, "authorization"), "Key sesame-1234");
    assert_string_equal(json_str(t, "path", ""), "/echo/sesame-1234/x");
    cJSON_Delete(t);
    response_finish(&a);
    r = request_of(f, NULL, "/echo/$%7BTEST_KEY%7D");
    request_add_header(&r, "X-Text", "${TEST_KEY}"); /* not keyed: a text like any other */
    converse(f, &r, &a);
    t = told(&a);
    assert_string_equal(told_header(t, "x-text"), "${TEST_KEY}");
    cJSON_Delete(t);
    response_finish(&a);
}

static void test_a_missing_secret_is_named_and_nothing_leaves(void **state)
{
    struct fixture *f = *state;
    struct request r = request_of(f, NULL, "/echo");
    struct response a;
    r.keyed = true;
    request_add_header(&r, "Authorization", "Key ${OTHER_KEY}");
    converse(f, &r, &a);
    assert_int_equal(a.kind, RESPONSE_UNSENT);
    assert_non_null(strstr(a.error, "OTHER_KEY"));
    response_finish(&a);
    assert_int_equal(times_seen(f, "/echo"), 0);
}

static void test_a_header_cannot_bring_another_one(void **state)
{
    struct fixture *f = *state;
    struct request r = request_of(f, NULL, "/echo");
    struct response a;
    request_add_header(&r, "X-Note", "a\r\nX-More: b");
    converse(f, &r, &a);
    assert_int_equal(a.kind, RESPONSE_UNSENT);
    response_finish(&a);
}

static void test_no_sentence_holds_a_secret(void **state)
{
    struct fixture *f = *state;
    struct request r = request_of(f, NULL, "/close/${TEST_KEY}?key=${TEST_KEY}");
    struct response a;
    free(r.url);
    r.url = mem_printf("http://${TEST_KEY}.invalid/${TEST_KEY}?key=${TEST_KEY}");
    r.keyed = true;
    converse(f, &r, &a);
    assert_int_equal(a.kind, RESPONSE_UNSENT);
    assert_null(strstr(a.error, "sesame"));
    assert_non_null(strstr(a.error, "${TEST_KEY}"));
    assert_null(strstr(a.error, "key="));
    response_finish(&a);
}

static void test_a_refusal_that_repeats_the_key_is_heard_without_it(void **state)
{
    struct fixture *f = *state;
    struct request r = request_of(f, NULL, "/tell");
    struct response a;
    r.keyed = true;
    request_add_header(&r, "X-Key", "${TEST_KEY}");
    converse(f, &r, &a);
    assert_int_equal(a.status, 401);
    assert_string_equal(a.text, "the key *** is not valid");
    response_finish(&a);
}

static void test_a_long_header_is_not_cut_where_a_key_stands_in_it(void **state)
{
    struct fixture *f = *state;
    struct request r = request_of(f, NULL, "/echo");
    struct response a;
    size_t len = 90000;
    char *value = mem_alloc(len + 32);
    memset(value, 'x', len);
    strcpy(value + len, "${TEST_KEY}");
    r.keyed = true;
    r.max_len = 200000;
    request_add_header(&r, "X-Long", value);
    converse(f, &r, &a);
    cJSON *t = told(&a);
    assert_int_equal(strlen(told_header(t, "x-long")), len + strlen("sesame-1234"));
    assert_true(str_ends(told_header(t, "x-long"), "xsesame-1234"));
    cJSON_Delete(t);
    response_finish(&a);
    free(value);
}

/* --- redirects --- */

static void test_without_leave_a_redirect_is_the_answer(void **state)
{
    struct fixture *f = *state;
    struct request r = request_of(f, NULL, "/move");
    struct response a;
    converse(f, &r, &a);
    assert_int_equal(a.kind, RESPONSE_ANSWERED);
    assert_int_equal(a.status, 302);
    assert_string_equal(response_header(&a, "location"), "/body");
    assert_string_equal(a.text, "moved");
    response_finish(&a);
}

static void test_a_repeated_method_is_kept_for_a_plain_get_alone(void **state)
{
    struct fixture *f = *state;
    struct request get = request_of(f, NULL, "/keep"), post = request_of(f, "POST", "/keep"),
                   keyed = request_of(f, NULL, "/keep"), see = request_of(f, "POST", "/see");
    struct response a;
    get.redirects = post.redirects = keyed.redirects = see.redirects = 3;
    keyed.keyed = true;
    converse(f, &get, &a);
    assert_int_equal(a.status, 200);
    response_finish(&a);
    converse(f, &post, &a);
    assert_int_equal(a.status, 307);
    response_finish(&a);
    converse(f, &keyed, &a);
    assert_int_equal(a.status, 307);
    response_finish(&a);
    request_add_text(&see, mem_dup("hello"));
    converse(f, &see, &a);
    cJSON *t = told(&a);
    assert_string_equal(json_str(t, "method", ""), "GET");
    assert_int_equal(json_int(t, "len", -1), 0);
    cJSON_Delete(t);
    response_finish(&a);
}

static void test_keys_do_not_follow_to_another_host(void **state)
{
    struct fixture *f = *state;
    struct request away = request_of(f, NULL, "/away"), home = request_of(f, NULL, "/see");
    struct response a;
    away.keyed = home.keyed = true;
    away.redirects = home.redirects = 3;
    request_add_header(&away, "x-goog-api-key", "${TEST_KEY}");
    request_add_header(&home, "x-goog-api-key", "${TEST_KEY}");
    converse(f, &away, &a);
    cJSON *t = told(&a);
    assert_true(str_starts(told_header(t, "host"), "localhost:"));
    assert_null(told_header(t, "x-goog-api-key"));
    cJSON_Delete(t);
    response_finish(&a);
    converse(f, &home, &a);
    t = told(&a);
    assert_string_equal(told_header(t, "x-goog-api-key"), "sesame-1234");
    cJSON_Delete(t);
    response_finish(&a);
}

/* --- what is known when the answer does not come --- */

static enum response_kind paid_kind(struct fixture *f, const char *url, int timeout_ms)
{
    struct request r = request_of(f, "POST", "/");
    struct response a;
    free(r.url);
    r.url = mem_dup(url);
    r.paid = true;
    r.timeout_ms = timeout_ms;
    request_add_text(&r, mem_dup("{}"));
    converse(f, &r, &a);
    enum response_kind kind = a.kind;
    assert_true((kind == RESPONSE_ANSWERED) == (a.error == NULL));
    response_finish(&a);
    return kind;
}

static enum response_kind paid_path(struct fixture *f, const char *path, int timeout_ms)
{
    char *url = mem_printf("http://127.0.0.1:%d%s", f->port, path);
    enum response_kind kind = paid_kind(f, url, timeout_ms);
    free(url);
    return kind;
}

static void test_unsent_is_said_only_when_nothing_can_have_arrived(void **state)
{
    struct fixture *f = *state;
    char *tls = mem_printf("https://127.0.0.1:%d/echo", f->port); /* speaks no TLS */
    char *early = mem_printf("http://127.0.0.1:%d/echo", f->early);
    assert_int_equal(paid_kind(f, "http://no-such-name.invalid/", 10000), RESPONSE_UNSENT);
    assert_int_equal(paid_kind(f, "http://127.0.0.1:1/", 10000), RESPONSE_UNSENT);
    assert_int_equal(paid_kind(f, tls, 10000), RESPONSE_UNSENT);
    assert_int_equal(paid_kind(f, early, 10000), RESPONSE_BROKEN); /* it may have been read */
    assert_int_equal(paid_path(f, "/reset", 10000), RESPONSE_BROKEN);
    assert_int_equal(paid_path(f, "/close", 10000), RESPONSE_BROKEN);
    assert_int_equal(paid_path(f, "/torn", 10000), RESPONSE_BROKEN);
    assert_int_equal(paid_path(f, "/long", 10000), RESPONSE_BROKEN);
    assert_int_equal(paid_path(f, "/heads", 10000), RESPONSE_BROKEN);
    assert_int_equal(paid_path(f, "/stall", 500), RESPONSE_LATE);
    assert_int_equal(paid_path(f, "/many", 10000), RESPONSE_ANSWERED);
    static const char *const once[] = {"/reset", "/close", "/torn", "/long", "/stall", "/many"};
    for (size_t i = 0; i < sizeof(once) / sizeof(*once); i++)
        if (times_seen(f, once[i]) != 1)
            fail_msg("%s was sent %d times", once[i], times_seen(f, once[i]));
    free(tls);
    free(early);
}

static void test_a_post_is_not_repeated_on_a_connection_that_died(void **state)
{
    struct fixture *f = *state;
    struct request first = request_of(f, NULL, "/once"), second = request_of(f, "POST", "/echo");
    struct response a;
    converse(f, &first, &a); /* its connection stays open, and dies at the next request */
    assert_int_equal(a.kind, RESPONSE_ANSWERED);
    response_finish(&a);
    second.paid = true;
    converse(f, &second, &a);
    assert_int_equal(a.kind, RESPONSE_ANSWERED);
    response_finish(&a);
    assert_int_equal(times_seen(f, "/echo"), 1);
    assert_int_equal(times_seen(f, "/once-more"), 1); /* that question itself found the dead one */
}

static void test_a_dripping_answer_is_left(void **state)
{
    struct fixture *f = *state;
    struct request r = request_of(f, NULL, "/drip");
    struct response a;
    r.timeout_ms = 16000;
    converse(f, &r, &a);
    assert_int_equal(a.kind, RESPONSE_LATE);
    assert_true(a.took_ms < 13000);
    response_finish(&a);
}

/* A connection that a trusted request opened is no way in for one that is not. */
static void test_a_shared_connection_is_judged_again(void **state)
{
    struct fixture *f = *state;
    struct request first = request_of(f, NULL, "/body"), second = request_of(f, NULL, "/echo");
    struct response a;
    converse(f, &first, &a);
    response_finish(&a);
    second.private_ok = false;
    converse(f, &second, &a);
    assert_int_equal(a.kind, RESPONSE_UNSENT);
    assert_non_null(strstr(a.error, "forbidden"));
    response_finish(&a);
    assert_int_equal(times_seen(f, "/echo"), 0);
}

static void test_a_hundred_at_once_all_come_back(void **state)
{
    struct fixture *f = *state;
    bool seen[100] = {false};
    for (int i = 0; i < 100; i++) {
        char *path = mem_printf("/echo/%d", i);
        struct request r = request_of(f, i % 2 ? "POST" : NULL, path);
        r.id = i;
        http_ask(f->http, &r, clock_mono_ms());
        free(path);
    }
    http_cancel(f->http, 50);
    for (int n = 0; n < 99; n++) {
        struct response a;
        wait_for(f, &a);
        assert_int_equal(a.kind, RESPONSE_ANSWERED);
        assert_false(seen[a.id]);
        seen[a.id] = true;
        response_finish(&a);
    }
    assert_false(seen[50]);
    assert_int_equal(http_busy(f->http), 0);
}

/* None waits for another one's answer: the server stalls on the first. */
static void test_a_slow_answer_holds_nobody_up(void **state)
{
    struct fixture *f = *state;
    struct request slow = request_of(f, NULL, "/stall"), quick = request_of(f, NULL, "/body");
    struct response a;
    slow.id = 8;
    http_ask(f->http, &slow, clock_mono_ms());
    http_ask(f->http, &quick, clock_mono_ms());
    wait_for(f, &a);
    assert_int_equal(a.id, 7);
    assert_int_equal(a.kind, RESPONSE_ANSWERED);
    assert_true(a.took_ms < 5000);
    response_finish(&a);
    http_cancel(f->http, 8);
    assert_int_equal(http_busy(f->http), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_a_body_of_text_and_files_arrives_as_it_was_measured),
        TEST(test_base64_of_every_length_is_right),
        TEST(test_a_text_is_of_the_kind_that_is_told_and_of_no_other),
        TEST(test_a_post_without_a_body_says_so),
        TEST(test_a_file_that_is_gone_is_never_sent),
        TEST(test_a_secret_is_put_in_while_sending),
        TEST(test_a_missing_secret_is_named_and_nothing_leaves),
        TEST(test_a_header_cannot_bring_another_one),
        TEST(test_no_sentence_holds_a_secret),
        TEST(test_a_refusal_that_repeats_the_key_is_heard_without_it),
        TEST(test_a_long_header_is_not_cut_where_a_key_stands_in_it),
        TEST(test_without_leave_a_redirect_is_the_answer),
        TEST(test_a_repeated_method_is_kept_for_a_plain_get_alone),
        TEST(test_keys_do_not_follow_to_another_host),
        TEST(test_unsent_is_said_only_when_nothing_can_have_arrived),
        TEST(test_a_post_is_not_repeated_on_a_connection_that_died),
        TEST(test_a_dripping_answer_is_left),
        TEST(test_a_shared_connection_is_judged_again),
        TEST(test_a_slow_answer_holds_nobody_up),
        TEST(test_a_hundred_at_once_all_come_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
