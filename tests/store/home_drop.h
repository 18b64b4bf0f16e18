/* The same with a drop of four ready jobs in it. */
/* SPDX-License-Identifier: ISC */
#ifndef TESTS_STORE_HOME_DROP_H
#define TESTS_STORE_HOME_DROP_H

#include "store/home.h"

static struct drop_row drop;
static struct job_row *jobs;
static size_t jobs_n;

static int set_up_drop(void **state)
{
    if (set_up(state) || store_begin(s, &e) || order_add(s, 1, 4, JOB_READY, &drop, &e) ||
        store_commit(s, &e))
        return -1;
    return store_jobs(s, drop.id, &jobs, &jobs_n);
}

static int tear_down_drop(void **state)
{
    for (size_t i = 0; i < jobs_n; i++)
        job_row_finish(&jobs[i]);
    free(jobs);
    drop_row_finish(&drop);
    return tear_down(state);
}

#define DROP_TEST(name) cmocka_unit_test_setup_teardown(name, set_up_drop, tear_down_drop)

#endif
