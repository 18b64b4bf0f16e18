/* The worker's line protocol: what is taken, what is refused, how answers look. */
/* SPDX-License-Identifier: ISC */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "worker/protocol.h"

static int parse(const char *line, struct asked *a, struct err *e)
{
    *e = (struct err){0};
    return protocol_parse(line, strlen(line), a, e);
}

static void test_reads_a_whole_request(void **state)
{
    (void)state;
    struct asked a;
    struct err e;
    int r = parse("{\"id\": 7, \"op\": \"picture.fit\", \"params\": {\"width\": 5}, \"cpu_s\": 9,"
                  "\"in\": [{\"name\": \"picture\", \"path\": \"/a\"}],"
                  "\"out\": [{\"role\": \"picture\", \"path\": \"/b\"}],"
                  "\"tag\": {\"slated\": \"drop/key\"}}",
                  &a, &e);
    assert_int_equal(r, 0);
    assert_int_equal(a.id, 7);
    assert_int_equal(a.cpu_s, 9);
    assert_string_equal(a.request.op, "picture.fit");
    assert_int_equal(json_int(a.request.params, "width", 0), 5);
    assert_string_equal(op_in(&a.request, "picture"), "/a");
    assert_string_equal(op_out(&a.request, "picture"), "/b");
    assert_null(op_out(&a.request, "strip"));
    assert_string_equal(json_str(a.request.tag, "slated", ""), "drop/key");
    asked_finish(&a);
}

static void test_params_and_files_may_be_left_out(void **state)
{
    (void)state;
    struct asked a;
    struct err e;
    assert_int_equal(parse("{\"id\":0,\"op\":\"check\"}", &a, &e), 0);
    assert_non_null(a.request.params);
    assert_int_equal(a.request.in_n, 0);
    assert_int_equal(a.request.out_n, 0);
    assert_int_equal(a.cpu_s, PROTOCOL_CPU_S);
    asked_finish(&a);
}

static void test_refuses_what_it_does_not_know(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",
        "[]",
        "7",
        "{\"id\":1}",
        "{\"op\":\"check\"}",
        "{\"id\":1.5,\"op\":\"check\"}",
        "{\"id\":-1,\"op\":\"check\"}",
        "{\"id\":\"1\",\"op\":\"check\"}",
        "{\"id\":1,\"op\":\"\"}",
        "{\"id\":1,\"op\":7}",
        "{\"id\":1,\"op\":\"check\",\"more\":1}",
        "{\"id\":1,\"op\":\"check\",\"op\":\"check\"}",
        "{\"id\":1,\"op\":\"check\",\"params\":[]}",
        "{\"id\":1,\"op\":\"check\",\"cpu_s\":0}",
        "{\"id\":1,\"op\":\"check\",\"tag\":{\"a\":1}}",
        "{\"id\":1,\"op\":\"check\",\"in\":{}}",
        "{\"id\":1,\"op\":\"check\",\"in\":[\"/a\"]}",
        "{\"id\":1,\"op\":\"check\",\"in\":[{\"name\":\"a\",\"path\":\"a\"}]}",
        "{\"id\":1,\"op\":\"check\",\"in\":[{\"role\":\"a\",\"path\":\"/a\"}]}",
        "{\"id\":1,\"op\":\"check\",\"out\":[{\"role\":\"a\",\"path\":\"/a\",\"x\":1}]}",
        "{\"id\":1,\"op\":\"check\"} {}",
        "{\"id\":1,\"op\":\"\xff\"}",
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct asked a;
        struct err e;
        int r = parse(bad[i], &a, &e);
        if (r == 0)
            fail_msg("taken: %s", bad[i]);
        assert_true(e.text[0] != '\0');
        assert_null(a.tree);
    }
}

static void test_a_refused_request_keeps_its_id(void **state)
{
    (void)state;
    struct asked a;
    struct err e;
    assert_int_equal(parse("{\"id\":12,\"op\":\"\"}", &a, &e), ERR_INPUT);
    assert_int_equal(a.id, 12);
}

static void test_too_many_files_are_a_limit(void **state)
{
    (void)state;
    struct asked a;
    struct err e;
    char *line = mem_alloc(64 * (PROTOCOL_OUT_MAX + 2));
    strcpy(line, "{\"id\":1,\"op\":\"check\",\"out\":[");
    for (int i = 0; i <= PROTOCOL_OUT_MAX; i++)
        strcat(line, i ? ",{\"role\":\"a\",\"path\":\"/a\"}" : "{\"role\":\"a\",\"path\":\"/a\"}");
    strcat(line, "]}");
    assert_int_equal(parse(line, &a, &e), ERR_LIMIT);
    free(line);
}

static void test_answers_are_one_line_each(void **state)
{
    (void)state;
    struct made made = {
        .role = "picture", .path = "/b\nc", .bytes = 10, .media = "png", .width = 4, .height = 3};
    strcpy(made.sha256, "00ff");
    char *line = protocol_done(7, &made, 1, NULL);
    assert_string_equal(line,
                        "{\"id\":7,\"ok\":true,\"out\":[{\"role\":\"picture\",\"path\":\"/b\\nc\","
                        "\"bytes\":10,\"sha256\":\"00ff\",\"media\":\"png\",\"width\":4,"
                        "\"height\":3}],\"facts\":{}}\n");
    free(line);
    struct err e = {0};
    err_set(&e, ERR_LIMIT, "too\nmuch");
    line = protocol_failed(-1, &e);
    assert_string_equal(
        line, "{\"id\":null,\"ok\":false,\"class\":\"limit\",\"error\":\"too\\nmuch\"}\n");
    free(line);
}

/* Every cut and every flipped byte of a good request is either taken or refused, never worse. */
static void test_torn_and_flipped_lines_do_no_harm(void **state)
{
    (void)state;
    const char *good =
        "{\"id\":7,\"op\":\"sheet\",\"params\":{\"labels\":[\"a\"]},\"in\":[{\"name\":\"0\","
        "\"path\":\"/a\"}],\"out\":[{\"role\":\"picture\",\"path\":\"/b\"}],\"tag\":{}}";
    size_t len = strlen(good);
    for (size_t i = 0; i < len; i++) {
        struct asked a;
        struct err e = {0};
        assert_int_not_equal(protocol_parse(good, i, &a, &e), 0);
        char *bent = mem_dup(good);
        for (int bit = 0; bit < 8; bit++) {
            bent[i] = (char)(good[i] ^ 1 << bit);
            if (protocol_parse(bent, len, &a, &e) == 0)
                asked_finish(&a);
        }
        free(bent);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reads_a_whole_request),
        cmocka_unit_test(test_params_and_files_may_be_left_out),
        cmocka_unit_test(test_refuses_what_it_does_not_know),
        cmocka_unit_test(test_a_refused_request_keeps_its_id),
        cmocka_unit_test(test_too_many_files_are_a_limit),
        cmocka_unit_test(test_answers_are_one_line_each),
        cmocka_unit_test(test_torn_and_flipped_lines_do_no_harm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
