/* The store under kill -9 and under size: what was acknowledged is there, and a long history costs
 * nothing. */
/* SPDX-License-Identifier: ISC */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "store/home.h"
#include "store/store.h"

#include "base/clock.h"

/* A child that adds drops of 3 jobs, 1 to 3 to a step, and says each committed number on fd. Never
 * returns. */
static void write_for_ever(int fd, int from)
{
    struct store *mine;
    struct err why;
    if (store_open(home, false, &mine, &why))
        _exit(2);
    for (int n = from;;) {
        int count = 1 + n % 3;
        if (store_begin(mine, &why))
            _exit(3);
        for (int i = 0; i < count; i++)
            if (order_add(mine, n + i, 3, JOB_READY, NULL, &why))
                _exit(4);
        if (store_commit(mine, &why))
            _exit(5);
        n += count;
        if (write(fd, &n, sizeof n) != sizeof n)
            _exit(6);
    }
}

/* Every drop below acknowledged is there and whole; so is all that came after it. Answers the first
 * free number. */
static int check_rows(int acknowledged)
{
    struct drop_row *drops;
    size_t n;
    ok(store_open(home, false, &s, &e));
    ok(store_drops(s, -1, 0, &drops, &n));
    assert_true((int)n >= acknowledged);
    for (size_t i = 0; i < n; i++) {
        struct job_counts counts;
        struct record_row *records;
        size_t records_n;
        char name[64];
        snprintf(name, sizeof name, "20260314-%06d-products", (int)(n - 1 - i));
        assert_string_equal(drops[i].name, name);
        if (i < 20) { /* the rest was looked at after earlier kills */
            ok(store_count_jobs(s, drops[i].id, &counts));
            assert_int_equal(counts.total, 3);
            ok(store_records(s, drops[i].id, &records, &records_n));
            assert_int_equal(records_n, 1);
            record_row_finish(&records[0]);
            free(records);
        }
        drop_row_finish(&drops[i]);
    }
    free(drops);
    struct job_counts all;
    ok(store_count_jobs(s, 0, &all));
    assert_int_equal(all.total, (int)n * 3);
    store_close(s);
    s = NULL;
    return (int)n;
}

static void test_every_acknowledged_row_survives_fifty_kills(void **state)
{
    (void)state;
    int next = 0;
    store_close(s);
    s = NULL;
    for (int kills = 0; kills < 50; kills++) {
        int ends[2], acknowledged = next, got;
        assert_int_equal(pipe(ends), 0);
        pid_t pid = fork();
        if (pid == 0) {
            close(ends[0]);
            write_for_ever(ends[1], next);
        }
        close(ends[1]);
        struct timespec nap = {.tv_nsec = 1000000L * (2 + kills * 7 % 23)};
        nanosleep(&nap, NULL);
        kill(pid, SIGKILL);
        while (read(ends[0], &got, sizeof got) == sizeof got)
            acknowledged = got;
        close(ends[0]);
        int status;
        waitpid(pid, &status, 0);
        assert_true(WIFSIGNALED(status));
        next = check_rows(acknowledged);
    }
    assert_true(next > 50);
    ok(store_open(home, false, &s, &e));
}

static int64_t took_ms(int64_t since)
{
    return clock_mono_ms() - since;
}

/* History: n drops of 9 jobs, all done. Pending: n drops of 1 ready job. */
static void fill(int history_n, int pending_n)
{
    struct drop_row drop;
    ok(store_begin(s, &e));
    for (int i = 0; i < history_n; i++) {
        ok(order_add(s, i, 9, JOB_DONE, &drop, &e));
        drop.state = DROP_ENDED;
        ok(store_set_drop(s, &drop, &e));
        drop_row_finish(&drop);
    }
    for (int i = 0; i < pending_n; i++)
        ok(order_add(s, history_n + i, 1, JOB_READY, NULL, &e));
    ok(store_commit(s, &e));
}

static void test_a_start_over_a_long_history_is_quick(void **state)
{
    (void)state;
    fill(1000, 1000);
    store_close(s);
    int64_t since = clock_mono_ms();
    struct job_row *running, job;
    struct job_counts counts;
    size_t n;
    ok(store_open(home, false, &s, &e));
    ok(store_jobs_in(s, JOB_RUNNING, &running, &n));
    ok(store_next_job(s, 1, NULL, 0, &job, NULL));
    ok(store_count_jobs(s, 0, &counts));
    int64_t ms = took_ms(since);
    free(running);
    job_row_finish(&job);
    assert_int_equal(counts.total, 1000);
    assert_int_equal(n, 0);
    if (ms > 100) /* about 3 ms on an idle machine, also under a sanitizer */
        fail_msg("a start took %d ms", (int)ms);
}

static void test_a_burst_in_one_step_is_quick(void **state)
{
    (void)state;
    int64_t since = clock_mono_ms();
    ok(store_begin(s, &e));
    for (int i = 0; i < 500; i++)
        ok(order_add(s, i, 9, JOB_READY, NULL, &e));
    ok(store_commit(s, &e));
    if (took_ms(since) >
        2500) /* about 100 ms on an idle machine; room for a sanitizer and a busy one */
        fail_msg("500 drops took %d ms", (int)took_ms(since));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_every_acknowledged_row_survives_fifty_kills),
        TEST(test_a_start_over_a_long_history_is_quick),
        TEST(test_a_burst_in_one_step_is_quick),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
