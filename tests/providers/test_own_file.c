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

/* A conversation with the first step's answers; each memo is that of the one before. */
struct spoken {
    struct own own;
    cJSON *row;
    struct scene s;
    struct outcome last;
};

static struct spoken *begin(const char *steps, const char *inputs)
{
    struct spoken *k = mem_alloc(sizeof *k);
    k->own = own_open(steps);
    assert_int_equal(k->own.rc, 0);
    k->row = cJSON_CreateObject();
    json_set_str(k->row, "engine", "mine");
    json_set_str(k->row, "prompt", "a shot");
    json_set(k->row, "inputs", cJSON_Parse(inputs));
    decode("aGVsbG8gd29ybGQ=");
    scene_open(&k->s, k->row, "background");
    k->s.ask.rules = k->own.rules;
    return k;
}

static const struct outcome *answered(struct spoken *k, const char *answer)
{
    struct response r = {.kind = RESPONSE_ANSWERED, .status = 200, .text = mem_dup(answer)};
    outcome_finish(&k->last);
    memset(&k->last, 0, sizeof k->last);
    provider_find(k->own.rules, "mine", "background")->read(&k->s.ask, &r, &k->last);
    response_finish(&r);
    free(k->s.memo);
    k->s.job.memo = k->s.memo = mem_dup(k->last.memo);
    return &k->last;
}

static void expect_url(struct spoken *k, const char *url)
{
    struct request r = {0};
    struct err e = {0};
    if (provider_find(k->own.rules, "mine", "background")->build(&k->s.ask, &r, &e))
        fail_msg("%s", e.text);
    assert_string_equal(r.url, url);
    request_finish(&r);
}

static void end(struct spoken *k)
{
    outcome_finish(&k->last);
    scene_close(&k->s);
    cJSON_Delete(k->row);
    own_close(&k->own);
    free(k);
}

/* What was paid for and cannot be asked for would be lost. */
static void test_a_submit_that_is_pending_keeps_the_engines_name_of_it(void **state)
{
    (void)state;
    struct spoken *k = begin(
        "\"submit\":{\"url\":\"{base}/x\",\"reply\":{\"id\":\"/id\"}},\"poll\":{\"url\":"
        "\"{base}/x/{reply.id}\",\"give_up_s\":60,\"answers\":[]}},"
        "\"answers\":[{\"at\":\"/state\",\"is\":\"queued\",\"class\":\"pending\"}],\"shared\":{"
        "\"x\":{}",
        "[]");
    const struct outcome *o = answered(k, "{\"id\":\"q7\",\"state\":\"queued\"}");
    assert_int_equal(o->kind, OUTCOME_NEXT);
    assert_string_equal(o->remote, "q7");
    expect_url(k, "https://x.example/x/q7");
    k->s.ask.now_s += 61; /* and it is given up when its time is over */
    assert_int_equal(answered(k, "{\"id\":\"q7\",\"state\":\"queued\"}")->kind, OUTCOME_DOUBT);
    end(k);
}

static void test_any_whole_number_makes_a_seed(void **state)
{
    static const struct {
        const char *params, *body;
    } rows[] = {{"{\"seed\":7}", "{\"s\":7}"},
                {"{\"seed\":-7}", "{\"s\":7}"},
                {"{\"seed\":2147483648}", "{\"s\":1}"},
                {"{\"seed\":-9223372036854775808}", "{\"s\":2}"}};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct spoken *k =
            begin("\"submit\":{\"url\":\"{base}/x\",\"body\":{\"s\":{\"from\":\"seed\"}}}", "[]");
        struct request r = {0};
        struct err e = {0};
        k->s.job.params = (char *)rows[i].params;
        assert_int_equal(
            provider_find(k->own.rules, "mine", "background")->build(&k->s.ask, &r, &e), 0);
        assert_string_equal(r.body[0].text, rows[i].body);
        request_finish(&r);
        end(k);
    }
}

/* The sums of the ledger would not hold it. */
static void test_a_cost_beyond_all_measure_is_not_believed(void **state)
{
    static const struct {
        const char *answer;
        bool known;
    } rows[] = {{"{\"why\":\"no\",\"usd\":0.25}", true},
                {"{\"why\":\"no\",\"usd\":1e300}", false},
                {"{\"why\":\"no\",\"usd\":-1}", false},
                {"{\"why\":\"no\"}", false}};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct spoken *k = begin(
            "\"submit\":{\"url\":\"{base}/x\",\"cost\":\"/usd\"}},\"answers\":[{\"at\":\"/why\","
            "\"class\":\"refused_output\"}],\"shared\":{\"x\":{}",
            "[]");
        const struct outcome *o = answered(k, rows[i].answer);
        assert_int_equal(o->cost_known, rows[i].known);
        assert_true(o->cost == (rows[i].known ? 0.25 : 0));
        end(k);
    }
}

/* A receipt and a terminal show them. */
static void test_what_an_engine_says_steers_no_terminal(void **state)
{
    (void)state;
    struct spoken *k =
        begin("\"submit\":{\"url\":\"{base}/x\"}},\"error\":\"/why\",\"answers\":[{\"at\":"
              "\"/why\",\"class\":\"refused_input\"}],\"shared\":{\"x\":{}",
              "[]");
    const struct outcome *o = answered(k, "{\"why\":\"no\\n\\u001b[2Jlamp\\u009b \\u202epools\"}");
    assert_int_equal(o->kind, OUTCOME_REFUSED);
    assert_string_equal(o->error, "Mine answered 200: no  [2Jlamp   pools");
    end(k);
}

/* The paid request would go out without its picture, or with another one. */
static void test_an_upload_that_gives_no_address_is_no_upload(void **state)
{
    (void)state;
    struct spoken *k = begin(
        "\"upload\":{\"stages\":[{\"url\":\"{base}/up\",\"reply\":{\"file_url\":\"/url\"}}]},"
        "\"submit\":{\"url\":\"{base}/x\",\"body\":{\"a\":{\"from\":\"input.a\",\"as\":\"url\"},"
        "\"b\":{\"from\":\"input.b\",\"as\":\"url\"}}}",
        "[\"a\",\"b\"]");
    expect_url(k, "https://x.example/up");
    assert_int_equal(answered(k, "{\"url\":\"https://x.example/a.png\"}")->kind, OUTCOME_NEXT);
    expect_url(k, "https://x.example/up");
    const struct outcome *o = answered(k, "{\"ok\":true}");
    assert_int_equal(o->kind, OUTCOME_RETRY);
    assert_string_equal(o->error, "Mine took the file b and gave no address for it");
    end(k);
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
    expect_fault("\"submit\":{\"url\":\"{base}/x\",\"give_up_s\":60}", "STEP_MEMBER", "give_up_s");
    expect_fault(
        "\"submit\":{\"url\":\"{base}/x\"}},\"limits\":{\"told\":[{\"left\":\"a\",\"reset\":\"b\","
        "\"step\":\"submitt\"}]},\"shared\":{\"x\":{}",
        "STEP_UNKNOWN", "submitt");
    expect_fault("\"submit\":{\"url\":\"{base}/x\"},\"lookup\":{\"url\":\"{base}/y\"}",
                 "STEP_MISSING", "no poll");
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
    expect_fault(
        "\"submit\":{\"url\":\"{base}/x\"}},\"pod\":{\"at\":\"x\",\"id\":\"y\",\"usd_hour\":1,"
        "\"service\":\"https://x\",\"poll_ms\":9e15},\"shared\":{\"x\":{}",
        "FIELD_RANGE", "9e+15");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_byte_that_marks_a_file_may_stand_in_a_rules_file),
        cmocka_unit_test(test_a_header_that_is_too_long_is_said),
        cmocka_unit_test(test_a_submit_that_is_pending_keeps_the_engines_name_of_it),
        cmocka_unit_test(test_any_whole_number_makes_a_seed),
        cmocka_unit_test(test_a_cost_beyond_all_measure_is_not_believed),
        cmocka_unit_test(test_what_an_engine_says_steers_no_terminal),
        cmocka_unit_test(test_an_upload_that_gives_no_address_is_no_upload),
        cmocka_unit_test(test_a_rule_without_effect_is_a_fault),
        cmocka_unit_test(test_a_time_without_measure_is_a_fault),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
