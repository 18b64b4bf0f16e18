/* The drawing in engine/job.h, move by move. */
/* SPDX-License-Identifier: ISC */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "engine/job.h"

static void test_the_straight_road_stamps_its_times(void **state)
{
    (void)state;
    struct job_row job = {.key = (char *)"k", .state = JOB_WAITING};
    job_move(&job, JOB_READY, 10);
    job_move(&job, JOB_RUNNING, 11);
    assert_int_equal(job.started_s, 11);
    job_move(&job, JOB_MADE, 12);
    assert_int_equal(job.completed_s, 0);
    job_move(&job, JOB_DONE, 13);
    assert_int_equal(job.completed_s, 13);
    job_move(&job, JOB_READY, 14);
    assert_int_equal(job.completed_s, 0);
}

static int moves_in_a_child(enum job_state from, enum job_state to)
{
    pid_t pid = fork();
    if (pid == 0) {
        struct job_row job = {.key = (char *)"k", .state = from};
        close(2);
        job_move(&job, to, 1);
        _exit(0);
    }
    int status;
    waitpid(pid, &status, 0);
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static void test_a_move_that_is_not_drawn_stops_the_process(void **state)
{
    (void)state;
    assert_true(moves_in_a_child(JOB_READY, JOB_RUNNING));
    assert_true(moves_in_a_child(JOB_READY, JOB_NEEDS_PERSON));
    assert_true(moves_in_a_child(JOB_NEEDS_PERSON, JOB_DONE)); /* a person gave its file */
    assert_false(moves_in_a_child(JOB_WAITING, JOB_RUNNING));
    assert_false(moves_in_a_child(JOB_RUNNING, JOB_DONE));
    assert_false(moves_in_a_child(JOB_DONE, JOB_RUNNING));
    assert_false(moves_in_a_child(JOB_MADE, JOB_FAILED));
}

static void test_everything_that_has_not_ended_can_be_cancelled(void **state)
{
    (void)state;
    for (int s = 0; s < JOB_STATES_N; s++)
        if (!job_state_ended((enum job_state)s) &&
            !moves_in_a_child((enum job_state)s, JOB_CANCELLED))
            fail_msg("%s cannot be cancelled", job_state_word((enum job_state)s));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_straight_road_stamps_its_times),
        cmocka_unit_test(test_a_move_that_is_not_drawn_stops_the_process),
        cmocka_unit_test(test_everything_that_has_not_ended_can_be_cancelled),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
