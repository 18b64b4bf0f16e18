/* Which job is started next: priority, fairness between drops, plan order, times, engines that are
 * full; and the same answer from a store that was opened anew. */
/* SPDX-License-Identifier: ISC */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "store/home.h"
#include "store/store.h"

/* A drop of n ready jobs of that engine, with that priority, committed; its id. */
static int64_t add(int number, int n, const char *engine, int priority)
{
    struct drop_row drop = order_drop(number);
    struct job_row jobs[8];
    drop.priority = priority;
    for (int i = 0; i < n; i++)
        jobs[i] = order_job(i, JOB_READY, engine);
    ok(store_begin(s, &e));
    ok(store_add_order(s, &drop, jobs, (size_t)n, NULL, 0, NULL, 0, &e));
    ok(store_commit(s, &e));
    for (int i = 0; i < n; i++)
        job_row_finish(&jobs[i]);
    drop_row_finish(&drop);
    return drop.id;
}

static void set_state(int64_t job_id, enum job_state state, int64_t next_at_s)
{
    struct job_row job;
    ok(store_job(s, job_id, &job));
    job.state = state;
    job.next_at_s = next_at_s;
    ok(store_begin(s, &e));
    ok(store_set_job(s, &job, &e));
    ok(store_commit(s, &e));
    job_row_finish(&job);
}

static void set_drop(int64_t id, enum drop_state state, bool paused, int priority)
{
    struct drop_row drop;
    ok(store_drop(s, id, &drop));
    drop.state = state;
    drop.paused = paused;
    drop.priority = priority;
    ok(store_begin(s, &e));
    ok(store_set_drop(s, &drop, &e));
    ok(store_commit(s, &e));
    drop_row_finish(&drop);
}

static int64_t next_later;

/* The next job's id, or 0. */
static int64_t next_at(int64_t now_s, const struct store_skip *skip, size_t skip_n)
{
    struct job_row job;
    next_later = -1;
    int rc = store_next_job(s, now_s, skip, skip_n, &job, &next_later);
    if (rc == ERR_MISSING)
        return 0;
    ok(rc);
    job_row_finish(&job);
    return job.id;
}

/* Starts the next job; answers its drop. */
static int64_t start(void)
{
    struct job_row job;
    if (store_next_job(s, 100, NULL, 0, &job, NULL))
        return 0;
    set_state(job.id, JOB_RUNNING, 0);
    store_served(s, job.drop_id);
    job_row_finish(&job);
    return job.drop_id;
}

static void test_drops_take_turns_and_jobs_keep_their_order(void **state)
{
    (void)state;
    int64_t a = add(1, 3, "local", 0), b = add(2, 3, "local", 0);
    const int64_t expect[] = {a, b, a, b, a, b, 0};
    for (size_t i = 0; i < 7; i++)
        assert_int_equal(start(), expect[i]);
    struct job_row *jobs;
    size_t n;
    ok(store_jobs_in(s, JOB_RUNNING, &jobs, &n));
    assert_int_equal(n, 6);
    for (size_t i = 0; i < n; i++)
        job_row_finish(&jobs[i]);
    free(jobs);
}

static void test_a_retake_overtakes_a_batch(void **state)
{
    (void)state;
    int64_t batch = add(1, 5, "local", 0);
    assert_int_equal(start(), batch);
    int64_t retake = add(2, 1, "local", 10);
    assert_int_equal(start(), retake);
    assert_int_equal(start(), batch);
    int64_t raised = add(3, 1, "local", 0);
    set_drop(raised, DROP_RUNNING, false, 20);
    assert_int_equal(start(), raised);
}

static void test_only_running_drops_that_are_not_paused_are_served(void **state)
{
    (void)state;
    int64_t a = add(1, 2, "local", 0);
    static const struct {
        enum drop_state state;
        bool paused;
        int64_t expect;
    } steps[] = {{DROP_RUNNING, true, 0}, {DROP_RUNNING, false, 1}, {DROP_TAKING, false, 0},
                 {DROP_ENDED, false, 0},  {DROP_RUNNING, false, 1}, {DROP_CANCELLED, false, 0}};
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        set_drop(a, steps[i].state, steps[i].paused, 0);
        assert_int_equal(next_at(100, NULL, 0), steps[i].expect);
    }
}

static void test_a_job_waits_for_its_time_and_says_when(void **state)
{
    (void)state;
    add(1, 3, "local", 0);
    set_state(1, JOB_READY, 150);
    set_state(2, JOB_HELD, 120);
    set_state(3, JOB_HELD, 0);
    assert_int_equal(next_at(100, NULL, 0), 0);
    assert_int_equal(next_later, 120);
    assert_int_equal(next_at(120, NULL, 0), 2);
    assert_int_equal(next_later, 0); /* 150 is found once the held job is out of the way */
    set_state(2, JOB_RUNNING, 0);
    assert_int_equal(next_at(120, NULL, 0), 0);
    assert_int_equal(next_later, 150);
    assert_int_equal(next_at(150, NULL, 0), 1);
    set_state(1, JOB_DONE, 0);
    assert_int_equal(next_at(1000000, NULL, 0), 0);
    assert_int_equal(next_later, 0);
    set_state(3, JOB_READY, 0);
    assert_int_equal(next_at(150, NULL, 0), 3);
}

static void test_only_what_no_instant_wakes_asks_a_person(void **state)
{
    (void)state;
    int64_t a = add(1, 4, "local", 0), b = add(2, 2, "local", 0);
    int n = -1;
    set_state(1, JOB_READY, 0);
    set_state(2, JOB_HELD, 120);
    set_state(3, JOB_HELD, 0);
    set_state(5, JOB_HELD, 0);
    set_state(6, JOB_HELD, 0);
    ok(store_count_asking(s, a, &n));
    assert_int_equal(n, 1);
    ok(store_count_asking(s, b, &n));
    assert_int_equal(n, 2);
}

static void test_full_engines_are_passed_over(void **state)
{
    (void)state;
    add(1, 2, "local", 0);
    add(2, 2, "fal", 0);
    static const struct store_skip both[] = {{"local", NULL}, {"fal", NULL}};
    assert_int_equal(next_at(100, NULL, 0), 1);
    assert_int_equal(next_at(100, both, 1), 3);
    assert_int_equal(next_at(100, both, 2), 0);
    set_state(3, JOB_READY, 130);
    set_state(4, JOB_DONE, 0);
    assert_int_equal(next_at(100, both, 1), 0);
    assert_int_equal(next_later, 130);
    assert_int_equal(next_at(130, both, 1), 3);
    assert_int_equal(next_at(130, both, 2), 0);
    assert_int_equal(next_at(130, NULL, 0), 1);
}

static void test_a_rolled_back_start_is_offered_again(void **state)
{
    (void)state;
    add(1, 1, "local", 0);
    struct job_row job;
    ok(store_next_job(s, 100, NULL, 0, &job, NULL));
    job.state = JOB_RUNNING;
    ok(store_begin(s, &e));
    ok(store_set_job(s, &job, &e));
    assert_int_equal(next_at(100, NULL, 0), 0);
    store_rollback(s);
    assert_int_equal(next_at(100, NULL, 0), 1);
    job_row_finish(&job);
}

static void test_another_connections_changes_are_seen(void **state)
{
    (void)state;
    add(1, 1, "local", 0);
    set_state(1, JOB_DONE, 0);
    assert_int_equal(next_at(100, NULL, 0), 0);
    struct store *mine = s;
    ok(store_open(home, false, &s, &e));
    set_state(1, JOB_READY, 0);
    store_close(s);
    s = mine;
    assert_int_equal(next_at(100, NULL, 0), 1);
}

static void test_more_engines_than_lanes_tell_apart_still_work(void **state)
{
    (void)state;
    char name[32];
    for (int i = 0; i < 70; i++) {
        snprintf(name, sizeof name, "engine%d", i);
        add(i, 1, name, 0);
    }
    static const struct store_skip skip[] = {
        {"engine0", NULL}, {"engine69", NULL}, {"engine68", NULL}};
    for (int64_t expect = 2; expect <= 68; expect++) {
        assert_int_equal(next_at(100, skip, 3), expect);
        set_state(expect, JOB_DONE, 0);
    }
    assert_int_equal(next_at(100, skip, 3), 0);
    assert_int_equal(next_at(100, skip + 1, 2), 1);
}

static uint32_t seed = 1;

static uint32_t any(uint32_t below)
{
    seed = seed * 1664525u + 1013904223u;
    return (seed >> 8) % below;
}

/* Another model makes the job from now on. */
static void set_model(int64_t job_id, const char *model)
{
    struct job_row job;
    ok(store_job(s, job_id, &job));
    free(job.model);
    job.model = mem_dup(model);
    ok(store_begin(s, &e));
    ok(store_set_job_engine(s, &job, &e));
    ok(store_set_job(s, &job, &e));
    ok(store_commit(s, &e));
    job_row_finish(&job);
}

/* One of a full model waits behind nobody and holds nobody up, in its own drop or another. */
static void test_a_full_model_keeps_no_other_model_waiting(void **state)
{
    (void)state;
    static const struct store_skip full[] = {{"fal", "slow"}, {"fal", "quick"}, {"local", NULL}};
    add(1, 3, "fal", 0);
    add(2, 2, "fal", 0);
    set_model(1, "slow");
    set_model(2, "quick");
    set_model(3, "slow");
    set_model(4, "slow");
    set_model(5, NULL);
    assert_int_equal(next_at(100, full, 1), 2);
    set_state(2, JOB_RUNNING, 0);
    assert_int_equal(next_at(100, full, 1), 5); /* its drop's first job is of the full one */
    set_state(5, JOB_RUNNING, 0);
    assert_int_equal(next_at(100, full, 1), 0);
    assert_int_equal(next_at(100, full + 1, 2), 1);
    set_model(3, "quick"); /* a fallback took it over */
    assert_int_equal(next_at(100, full, 1), 3);
    assert_int_equal(next_at(100, full, 2), 0);
}

static bool skips(const struct store_skip *skip, const struct job_row *job)
{
    return strcmp(skip->engine, job->engine) == 0 &&
           (!skip->model || strcmp(skip->model, job->model) == 0);
}

/* Whether anything may be started, by reading every row. */
static bool by_hand(int64_t now_s, const struct store_skip *skip)
{
    bool found = false;
    for (int held = 0; held < 2; held++) {
        struct job_row *jobs;
        size_t n;
        ok(store_jobs_in(s, held ? JOB_HELD : JOB_READY, &jobs, &n));
        for (size_t i = 0; i < n; i++) {
            struct drop_row drop;
            ok(store_drop(s, jobs[i].drop_id, &drop));
            bool due = jobs[i].next_at_s <= now_s && !(held && jobs[i].next_at_s == 0);
            if (due && !skips(skip, &jobs[i]) && drop.state == DROP_RUNNING && !drop.paused)
                found = true;
            drop_row_finish(&drop);
            job_row_finish(&jobs[i]);
        }
        free(jobs);
    }
    return found;
}

static void test_any_history_gives_the_answer_of_a_full_search(void **state)
{
    (void)state;
    static const char *const engines[] = {"local", "fal", "gemini"};
    static const enum job_state states[] = {JOB_READY, JOB_HELD, JOB_RUNNING, JOB_DONE,
                                            JOB_WAITING};
    static const char *const models[] = {"slow", "quick"};
    for (int i = 0; i < 6; i++)
        add(i, 4, engines[i % 3], 0);
    for (int i = 1; i <= 24; i++)
        set_model(i, models[i % 2]);
    for (int turn = 0; turn < 600; turn++) {
        int64_t now = 1000 + turn;
        set_state(1 + any(24), states[any(5)], any(2) ? 0 : now - 20 + any(40));
        if (any(10) == 0)
            set_drop(1 + any(6), any(4) ? DROP_RUNNING : DROP_ENDED, any(3) == 0, (int)any(3));
        if (any(10) == 0)
            set_model(1 + any(24), models[any(2)]);
        struct store_skip skip = {engines[any(3)], any(2) ? models[any(2)] : NULL};
        int64_t got = next_at(now, &skip, 1);
        if ((got != 0) != by_hand(now, &skip))
            fail_msg("turn %d: next is %d", turn, (int)got);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_drops_take_turns_and_jobs_keep_their_order),
        TEST(test_a_retake_overtakes_a_batch),
        TEST(test_only_running_drops_that_are_not_paused_are_served),
        TEST(test_a_job_waits_for_its_time_and_says_when),
        TEST(test_only_what_no_instant_wakes_asks_a_person),
        TEST(test_full_engines_are_passed_over),
        TEST(test_a_rolled_back_start_is_offered_again),
        TEST(test_another_connections_changes_are_seen),
        TEST(test_more_engines_than_lanes_tell_apart_still_work),
        TEST(test_a_full_model_keeps_no_other_model_waiting),
        TEST(test_any_history_gives_the_answer_of_a_full_search),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
