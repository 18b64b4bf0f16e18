/* The shipped files of a pod and its host against what the host's own page shows. */
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
#include "base/str.h"
#include "providers/pod.h"

/* As the host's page shows it, with the members that do not matter here left out. */
#define POD_SHOWN                                                                                  \
    "{\"adjustedCostPerHr\":0.69,\"costPerHr\":\"0.74\",\"desiredStatus\":\"%s\","                 \
    "\"id\":\"xedezhzb9la3ye\",\"image\":\"runpod/pytorch:2.1.0\",\"name\":\"%s\","                \
    "\"publicIp\":\"100.65.0.119\",\"portMappings\":{\"22\":10341}}"

static int load(void **state)
{
    struct rules *rules = NULL;
    struct faults faults = {0};
    assert_int_equal(rules_load("rules", &rules, &faults), 0);
    faults_finish(&faults);
    *state = rules;
    return 0;
}

static int unload(void **state)
{
    rules_release(*state);
    return 0;
}

static struct pod_wish wish_of(void **state, const char *id)
{
    return (struct pod_wish){*state, "comfyui_pod", "slated-a-comfyui_pod-b", id, 1773478800};
}

static void read_text(void **state, enum pod_act act, long status, const char *text,
                      struct pod_answer *ret_answer)
{
    struct pod_wish wish = wish_of(state, "xedezhzb9la3ye");
    struct response r = {.kind = RESPONSE_ANSWERED, .status = status, .text = (char *)text};
    pod_read(&wish, act, &r, ret_answer);
}

static void test_a_pod_is_created_once_under_our_name(void **state)
{
    struct pod_wish wish = wish_of(state, NULL);
    struct request r = {0};
    struct err e = {0};
    assert_int_equal(pod_build(&wish, POD_BEGIN, &r, &e), 0);
    assert_string_equal(r.url, "https://rest.runpod.io/v1/pods");
    assert_string_equal(r.method, "POST");
    assert_true(r.paid && r.keyed);
    cJSON *body = cJSON_Parse(r.body[0].text);
    assert_string_equal(json_str(body, "name", ""), "slated-a-comfyui_pod-b");
    assert_string_equal(json_str(body, "/ports/0", ""), "8188/http");
    cJSON_Delete(body);
    request_finish(&r);
}

static void test_an_end_is_a_removal_and_is_no_purchase(void **state)
{
    struct pod_wish wish = wish_of(state, "xedezhzb9la3ye");
    struct request r = {0};
    struct err e = {0};
    assert_int_equal(pod_build(&wish, POD_END, &r, &e), 0);
    assert_string_equal(r.method, "DELETE");
    assert_string_equal(r.url, "https://rest.runpod.io/v1/pods/xedezhzb9la3ye");
    assert_false(r.paid);
    request_finish(&r);
}

static void test_a_pod_that_runs_says_its_price_and_where_it_serves(void **state)
{
    struct pod_answer a;
    char *text = mem_printf(POD_SHOWN, "RUNNING", "mine");
    read_text(state, POD_LOOK, 200, text, &a);
    assert_int_equal(a.class, CLASS_OK);
    assert_string_equal(a.id, "xedezhzb9la3ye");
    assert_string_equal(a.service, "https://xedezhzb9la3ye-8188.proxy.runpod.net");
    assert_true(a.usd_hour > 0.689 && a.usd_hour < 0.691);
    pod_answer_finish(&a);
    free(text);
}

static void test_what_has_exited_or_is_unknown_does_not_run(void **state)
{
    struct pod_answer a;
    char *text = mem_printf(POD_SHOWN, "EXITED", "mine");
    read_text(state, POD_LOOK, 200, text, &a);
    assert_int_equal(a.class, CLASS_REFUSED_OUTPUT);
    pod_answer_finish(&a);
    read_text(state, POD_LOOK, 404, "{\"error\":\"pod not found\"}", &a);
    assert_int_equal(a.class, CLASS_REFUSED_OUTPUT);
    pod_answer_finish(&a);
    free(text);
}

static void test_a_list_tells_names_and_ids(void **state)
{
    struct pod_answer a;
    char *one = mem_printf(POD_SHOWN, "RUNNING", "mine"),
         *two = mem_printf(POD_SHOWN, "EXITED", "yours"), *text = mem_printf("[%s,%s]", one, two);
    read_text(state, POD_LIST, 200, text, &a);
    assert_int_equal(a.class, CLASS_OK);
    assert_int_equal(a.seen_n, 2);
    assert_string_equal(a.seen[1].name, "yours");
    assert_string_equal(a.seen[1].id, "xedezhzb9la3ye");
    pod_answer_finish(&a);
    read_text(state, POD_LIST, 200, "<html>", &a); /* a page of somebody else's */
    assert_int_equal(a.class, CLASS_TRANSIENT);
    pod_answer_finish(&a);
    free(one);
    free(two);
    free(text);
}

static void test_nobody_knows_whether_a_cut_off_start_was_heard(void **state)
{
    static const struct {
        enum response_kind kind;
        long status;
        enum outcome_class class;
    } cases[] = {{RESPONSE_BROKEN, 0, CLASS_UNKNOWN_SUBMIT},
                 {RESPONSE_LATE, 0, CLASS_UNKNOWN_SUBMIT},
                 {RESPONSE_UNSENT, 0, CLASS_TRANSIENT},
                 {RESPONSE_ANSWERED, 500, CLASS_UNKNOWN_SUBMIT},
                 {RESPONSE_ANSWERED, 201, CLASS_UNKNOWN_SUBMIT},
                 {RESPONSE_ANSWERED, 400, CLASS_BAD_REQUEST},
                 {RESPONSE_ANSWERED, 401, CLASS_AUTH}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct pod_wish wish = wish_of(state, NULL);
        struct response r = {
            .kind = cases[i].kind, .status = cases[i].status, .text = (char *)"{}"};
        struct pod_answer a;
        pod_read(&wish, POD_BEGIN, &r, &a);
        assert_int_equal(a.class, cases[i].class);
        pod_answer_finish(&a);
    }
}

static void test_an_empty_balance_is_told_from_a_host_that_is_full(void **state)
{
    struct pod_answer a;
    read_text(state, POD_BEGIN, 500,
              "{\"error\":\"Your account balance is too low to rent this Pod.\"}", &a);
    assert_int_equal(a.class, CLASS_QUOTA);
    assert_non_null(a.cure);
    pod_answer_finish(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_pod_is_created_once_under_our_name),
        cmocka_unit_test(test_an_end_is_a_removal_and_is_no_purchase),
        cmocka_unit_test(test_a_pod_that_runs_says_its_price_and_where_it_serves),
        cmocka_unit_test(test_what_has_exited_or_is_unknown_does_not_run),
        cmocka_unit_test(test_a_list_tells_names_and_ids),
        cmocka_unit_test(test_nobody_knows_whether_a_cut_off_start_was_heard),
        cmocka_unit_test(test_an_empty_balance_is_told_from_a_host_that_is_full),
    };
    return cmocka_run_group_tests(tests, load, unload);
}
