/* Jobs and edges come in; makers must come before takers, and what cannot be made must be told by
 * name. */
/* SPDX-License-Identifier: ISC */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "plan/plan_priv.h"

static struct plan_job *add(struct plan *p, const char *key)
{
    struct plan_job *j = plan_add_job(p, key, key, "test.op");
    char path[64];
    snprintf(path, sizeof path, "t/%s.png", key);
    plan_add_output(j, "picture", path, NULL);
    return j;
}

static void takes(struct plan *p, size_t job, const char *from)
{
    plan_add_input_job(&p->jobs[job], "in", from, "picture", false);
}

static struct plan *chain(void)
{
    struct plan *p = mem_alloc(sizeof *p);
    add(p, "c");
    add(p, "b");
    add(p, "a");
    takes(p, 0, "b");
    takes(p, 1, "a");
    return p;
}

/* Resolves and seals; 0 or the code, with the faults. */
static int seal(struct plan *p, struct faults *faults)
{
    size_t *order = NULL;
    long *from = NULL;
    int rc = graph_resolve(p, &order, &from, faults);
    if (!rc)
        seal_plan(p, order, from);
    free(order);
    free(from);
    return rc;
}

static void test_makers_come_before_takers(void **state)
{
    (void)state;
    struct plan *p = chain();
    struct faults faults = {0};
    size_t *order = NULL;
    long *from = NULL;
    assert_int_equal(graph_resolve(p, &order, &from, &faults), 0);
    assert_int_equal(order[0], 2);
    assert_int_equal(order[1], 1);
    assert_int_equal(order[2], 0);
    assert_int_equal(from[0], 1);
    assert_int_equal(from[1], 2);
    free(order);
    free(from);
    plan_free(p);
}

static void test_a_ring_is_refused_with_its_path(void **state)
{
    (void)state;
    struct plan *p = chain();
    struct faults faults = {0};
    takes(p, 2, "c");
    assert_int_equal(seal(p, &faults), ERR_INPUT);
    assert_int_equal(faults.n, 1);
    assert_string_equal(faults.list[0].code, "PLAN_RING");
    assert_string_equal(faults.list[0].found, "c <- b <- a <- c");
    faults_finish(&faults);
    plan_free(p);
}

static void test_a_job_that_takes_from_itself_is_a_ring(void **state)
{
    (void)state;
    struct plan *p = mem_alloc(sizeof *p);
    struct faults faults = {0};
    add(p, "a");
    takes(p, 0, "a");
    assert_int_equal(seal(p, &faults), ERR_INPUT);
    assert_string_equal(faults.list[0].found, "a <- a");
    faults_finish(&faults);
    plan_free(p);
}

static void test_unknown_keys_and_roles_and_keys_used_twice_are_all_told(void **state)
{
    (void)state;
    struct plan *p = chain();
    struct faults faults = {0};
    takes(p, 0, "nobody");
    plan_add_input_job(&p->jobs[0], "in", "a", "sound", false);
    add(p, "a");
    assert_int_equal(seal(p, &faults), ERR_INPUT);
    assert_int_equal(faults.n, 3);
    assert_string_equal(faults.list[0].code, "PLAN_KEY_TWICE");
    assert_string_equal(faults.list[1].code, "PLAN_UNKNOWN_JOB");
    assert_string_equal(faults.list[1].found, "nobody");
    assert_string_equal(faults.list[2].code, "PLAN_UNKNOWN_ROLE");
    faults_finish(&faults);
    plan_free(p);
}

static void test_a_change_runs_downstream_and_nowhere_else(void **state)
{
    (void)state;
    struct plan *one = chain(), *two = chain();
    struct faults faults = {0};
    two->jobs[1].prompt = mem_dup("another");
    assert_int_equal(seal(one, &faults), 0);
    assert_int_equal(seal(two, &faults), 0);
    assert_string_equal(one->jobs[2].hash, two->jobs[2].hash);
    assert_string_not_equal(one->jobs[1].hash, two->jobs[1].hash);
    assert_string_not_equal(one->jobs[0].hash, two->jobs[0].hash);
    plan_free(one);
    plan_free(two);
}

static void test_the_order_of_params_and_the_title_do_not_count(void **state)
{
    (void)state;
    struct plan *one = chain(), *two = chain();
    struct faults faults = {0};
    one->jobs[2].params = cJSON_Parse("{\"a\":1,\"b\":{\"c\":2,\"d\":3}}");
    two->jobs[2].params = cJSON_Parse("{\"b\":{\"d\":3,\"c\":2},\"a\":1}");
    free(two->jobs[2].title);
    two->jobs[2].title = mem_dup("another title");
    two->jobs[2].attempts = 7;
    assert_int_equal(seal(one, &faults), 0);
    assert_int_equal(seal(two, &faults), 0);
    assert_string_equal(one->jobs[0].hash, two->jobs[0].hash);
    assert_int_equal(strlen(one->jobs[0].hash), 64);
    plan_free(one);
    plan_free(two);
}

static void test_a_files_bytes_count_and_its_name_does_not(void **state)
{
    (void)state;
    struct plan *p[3];
    struct faults faults = {0};
    const char *const frozen[] = {"refs/a.png", "refs/b.png", "refs/a.png"};
    const char digits[] = {'1', '1', '2'};
    for (int i = 0; i < 3; i++) {
        struct order_file file = {.frozen = (char *)(intptr_t)frozen[i]};
        memset(file.sha256, digits[i], DIGEST_LEN - 1);
        p[i] = chain();
        plan_add_input_file(&p[i]->jobs[2], "ref", &file, false);
        assert_int_equal(seal(p[i], &faults), 0);
    }
    assert_string_equal(p[0]->jobs[0].hash, p[1]->jobs[0].hash);
    assert_string_not_equal(p[0]->jobs[0].hash, p[2]->jobs[0].hash);
    for (int i = 0; i < 3; i++)
        plan_free(p[i]);
}

static void test_prices_are_summed_once_and_for_every_attempt(void **state)
{
    (void)state;
    struct plan *p = chain();
    struct faults faults = {0};
    p->jobs[0].price = 0.5;
    p->jobs[0].attempts = 2;
    p->jobs[2].price = 0.25;
    p->jobs[2].attempts = 3;
    assert_int_equal(seal(p, &faults), 0);
    assert_true(p->price == 0.75);
    assert_true(p->price_worst == 1.75);
    plan_free(p);
}

static void test_a_chain_of_50000_jobs_is_walked_without_recursion(void **state)
{
    (void)state;
    struct plan *p = mem_alloc(sizeof *p);
    struct faults faults = {0};
    char key[16], before[16];
    for (int i = 50000; i > 0; i--) {
        snprintf(key, sizeof key, "%d", i);
        snprintf(before, sizeof before, "%d", i - 1);
        struct plan_job *j = add(p, key);
        if (i > 1)
            plan_add_input_job(j, "in", before, "picture", false);
    }
    assert_int_equal(seal(p, &faults), 0);
    assert_int_equal(strlen(p->jobs[0].hash), 64);
    plan_free(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_makers_come_before_takers),
        cmocka_unit_test(test_a_ring_is_refused_with_its_path),
        cmocka_unit_test(test_a_job_that_takes_from_itself_is_a_ring),
        cmocka_unit_test(test_unknown_keys_and_roles_and_keys_used_twice_are_all_told),
        cmocka_unit_test(test_a_change_runs_downstream_and_nowhere_else),
        cmocka_unit_test(test_the_order_of_params_and_the_title_do_not_count),
        cmocka_unit_test(test_a_files_bytes_count_and_its_name_does_not),
        cmocka_unit_test(test_prices_are_summed_once_and_for_every_attempt),
        cmocka_unit_test(test_a_chain_of_50000_jobs_is_walked_without_recursion),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
