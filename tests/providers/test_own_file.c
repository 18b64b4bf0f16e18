/* A provider's file as a person writes one: what is said of its slips, and that nothing in it can
 * break a request. */
/* SPDX-License-Identifier: ISC */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>

#include "providers/scene.h"

/* Members of a step and whole steps, in a file that is right but for them. */
#define FILE_BEGIN                                                                                 \
    "{\"about\":\"m\",\"title\":\"Mine\",\"carrier\":\"http\",\"base\":\"https://x.example\","     \
    "\"price\":0.1,\"ops\":{\"background\":{}},\"steps\":{"
#define FILE_END "}}"

struct own {
    struct rules *rules;
    struct faults faults;
    int rc;
};

static struct own own_open(const char *steps)
{
    char *folder = mem_printf("%s/own/providers", dir), *root = mem_printf("%s/own", dir);
    char *path = mem_printf("%s/mine.json", folder);
    char *text = mem_printf("%s%s%s", FILE_BEGIN, steps, FILE_END);
    struct own own = {0};
    assert_int_equal(file_make_dirs(folder, NULL), 0);
    assert_int_equal(file_write(path, text, strlen(text), false, NULL), 0);
    own.rc = rules_load(root, &own.rules, &own.faults);
    if (!own.rc && providers_check(own.rules, &own.faults))
        own.rc = ERR_RULES;
    free(folder);
    free(root);
    free(path);
    free(text);
    return own;
}

static void own_close(struct own *own)
{
    rules_release(own->rules);
    faults_finish(&own->faults);
}

/* The request of the first step; a code, and its sentence. */
static int own_build(const struct own *own, const char *prompt, struct request *r, struct err *e)
{
    cJSON *row = cJSON_CreateObject();
    struct scene s;
    json_set_str(row, "engine", "mine");
    json_set_str(row, "prompt", prompt);
    scene_open(&s, row, "background");
    s.ask.rules = own->rules;
    int rc = provider_find(own->rules, "mine", "background")->build(&s.ask, r, e);
    scene_close(&s);
    cJSON_Delete(row);
    return rc;
}

static void test_the_byte_that_marks_a_file_may_stand_in_a_rules_file(void **state)
{
    static const char *const bodies[] = {"\\u0001", "\\u00017", "\\u00019\\u0001", "a\\u0001b"};
    (void)state;
    for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
        char *steps =
            mem_printf("\"submit\":{\"url\":\"{base}/x\",\"body\":{\"p\":\"%s\"}}", bodies[i]);
        struct own own = own_open(steps);
        struct request r = {0};
        struct err e = {0};
        assert_int_equal(own.rc, 0);
        assert_int_equal(own_build(&own, "a shot", &r, &e), 0);
        for (size_t k = 0; k < r.body_n; k++)
            assert_non_null(r.body[k].text); /* and no file */
        request_finish(&r);
        own_close(&own);
        free(steps);
    }
}

/* Half a header is not what was meant. */
static void test_a_header_that_is_too_long_is_said(void **state)
{
    struct own own =
        own_open("\"submit\":{\"url\":\"{base}/x\",\"headers\":{\"X-P\":\"{prompt}\"}}");
    struct request r = {0};
    struct err e = {0};
    char *prompt = mem_alloc(20001);
    (void)state;
    memset(prompt, 'p', 20000);
    assert_int_equal(own.rc, 0);
    assert_int_equal(own_build(&own, prompt, &r, &e), ERR_LIMIT);
    assert_non_null(strstr(e.text, "16384"));
    request_finish(&r);
    own_close(&own);
    free(prompt);
}

static void expect_fault(const char *steps, const char *code, const char *found)
{
    struct own own = own_open(steps);
    size_t n = 0;
    for (size_t i = 0; i < own.faults.n; i++)
        n += str_eq(own.faults.list[i].code, code) && strstr(own.faults.list[i].found, found);
    if (n != 1)
        fail_msg("%s: %zu faults, %zu of them %s of %s", steps, own.faults.n, n, code, found);
    own_close(&own);
}

static void test_a_rule_without_effect_is_a_fault(void **state)
{
    (void)state;
    expect_fault("\"submit\":{\"url\":\"{base}/x\"},\"pol\":{\"url\":\"{base}/y\"}", "STEP_UNKNOWN",
                 "pol");
    expect_fault("\"submit\":{\"url\":\"{base}/x\",\"answers\":[{\"status\":\"404\",\"class\":"
                 "\"bad_request\"}]}",
                 "FIELD_FORM", "404");
    expect_fault("\"submit\":{\"url\":\"{base}/x\",\"answers\":[{\"status\":200,\"step\":\"pol\","
                 "\"class\":\"pending\"}]}",
                 "STEP_UNKNOWN", "pol");
    expect_fault("\"submit\":{\"url\":\"{base}/x\",\"results\":[{\"each\":\"/{reply.id/x\"}]}",
                 "TEXT_BRACE", "reply.id");
    expect_fault("\"submit\":{\"url\":\"{base}/x\",\"results\":[{\"each\":\"/{replay.id}/x\"}]}",
                 "REFERENCE_UNKNOWN", "replay.id");
    expect_fault("\"submit\":{\"url\":\"{base}/x\",\"results\":[{\"each\":\"images/*\"}]}",
                 "POINTER", "images/*");
}

/* So large that the milliseconds of it would not fit into a number. */
static void test_a_time_without_measure_is_a_fault(void **state)
{
    (void)state;
    expect_fault("\"submit\":{\"url\":\"{base}/x\",\"timeout_s\":1e9}", "FIELD_RANGE",
                 "1000000000");
    expect_fault(
        "\"submit\":{\"url\":\"{base}/x\"},\"poll\":{\"url\":\"{base}/y\",\"most_ms\":1e12}",
        "FIELD_RANGE", "1000000000000");
    expect_fault("\"submit\":{\"url\":\"{base}/x\",\"max_bytes\":1e30}", "FIELD_RANGE", "1e+30");
    expect_fault(
        "\"submit\":{\"url\":\"{base}/x\"}},\"limits\":{\"at_once\":5000000000},\"shared\":{"
        "\"x\":{}",
        "FIELD_RANGE", "5000000000");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_byte_that_marks_a_file_may_stand_in_a_rules_file),
        cmocka_unit_test(test_a_header_that_is_too_long_is_said),
        cmocka_unit_test(test_a_rule_without_effect_is_a_fault),
        cmocka_unit_test(test_a_time_without_measure_is_a_fault),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
