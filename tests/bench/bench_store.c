/* How long the store takes: a burst of one-product drops, a start over a long history, the life of
 * the pending jobs. Prints a table; `bench_store DIR` uses DIR's disk (default /tmp). */
/* SPDX-License-Identifier: ISC */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "store/orders.h"
#include "store/store.h"

#define BURST_DROPS 10000
#define BURST_BATCH 64
#define HISTORY     100000
#define PENDING     10000
#define STARTS      2000

static struct store *s;
static struct err e;

static void must(int rc)
{
    if (rc) {
        fprintf(stderr, "bench_store: %s: %s\n", err_word(rc), e.text);
        exit(1);
    }
}

static double now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static void row(const char *what, double value, const char *unit)
{
    printf("%-64s %10.3f %s\n", what, value, unit);
}

/* Resident memory in KiB. */
static double resident(void)
{
    long pages = 0;
    FILE *f = fopen("/proc/self/statm", "r");
    if (f && fscanf(f, "%*d %ld", &pages) != 1)
        pages = 0;
    if (f)
        fclose(f);
    return (double)pages * (double)sysconf(_SC_PAGESIZE) / 1024;
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

static void burst(void)
{
    double from = now_ms();
    for (int n = 0; n < BURST_DROPS;) {
        must(store_begin(s, &e));
        for (int i = 0; i < BURST_BATCH && n < BURST_DROPS; i++)
            must(order_add(s, n++, 9, JOB_READY, NULL, &e));
        must(store_commit(s, &e));
    }
    double ms = now_ms() - from;
    row("10,000 drops of 9 jobs, 64 to a step", ms / 1000, "s");
    row("  each", ms / BURST_DROPS, "ms");
}

static void single(void)
{
    static double took[500];
    for (int i = 0; i < 500; i++) {
        double from = now_ms();
        must(store_begin(s, &e));
        must(order_add(s, BURST_DROPS + i, 9, JOB_READY, NULL, &e));
        must(store_commit(s, &e));
        took[i] = now_ms() - from;
    }
    qsort(took, 500, sizeof took[0], by_size);
    row("one drop of 9 jobs, its own durable step: median", took[250], "ms");
    row("  p99", took[495], "ms");
}

static void start_jobs(const char *what)
{
    double from = now_ms(), looking = 0;
    for (int i = 0; i < STARTS; i++) {
        struct job_row job;
        double at = now_ms();
        must(store_next_job(s, 1, NULL, 0, &job, NULL));
        looking += now_ms() - at;
        must(store_begin(s, &e));
        job.state = JOB_RUNNING;
        must(store_set_job(s, &job, &e));
        must(store_commit(s, &e));
        store_served(s, job.drop_id);
        must(store_begin(s, &e));
        job.state = JOB_DONE;
        job.cost = 0.25;
        must(store_set_job(s, &job, &e));
        must(store_add_event(s, job.drop_id, job.id, 1, "job_state", "running -> done", &e));
        must(store_commit(s, &e));
        job_row_finish(&job);
    }
    row(what, (now_ms() - from) / STARTS, "ms");
    row("  of it finding the next job", looking / STARTS, "ms");
}

static void history(void)
{
    struct drop_row drop;
    for (int n = 0; n < HISTORY / 10;) {
        must(store_begin(s, &e));
        for (int i = 0; i < 200; i++) {
            must(order_add(s, n++, 10, JOB_DONE, &drop, &e));
            drop.state = DROP_ENDED;
            must(store_set_drop(s, &drop, &e));
            drop_row_finish(&drop);
        }
        must(store_commit(s, &e));
    }
    must(store_begin(s, &e));
    for (int i = 0; i < PENDING; i++)
        must(order_add(s, HISTORY + i, 1, JOB_READY, NULL, &e));
    must(store_commit(s, &e));
}

static void start(const char *dir)
{
    struct job_row *running, job;
    struct job_counts counts;
    size_t n;
    double from = now_ms(), memory = resident();
    must(store_open(dir, false, &s, &e));
    double opened = now_ms();
    must(store_jobs_in(s, JOB_RUNNING, &running, &n));
    double running_ms = now_ms();
    must(store_next_job(s, 1, NULL, 0, &job, NULL));
    double next_ms = now_ms();
    must(store_count_jobs(s, 0, &counts));
    double end = now_ms();
    row("start over 100,000 done jobs and 10,000 pending drops", end - from, "ms");
    row("  open", opened - from, "ms");
    row("  running jobs", running_ms - opened, "ms");
    row("  next job", next_ms - running_ms, "ms");
    row("  counts", end - next_ms, "ms");
    row("  memory that the store takes", resident() - memory, "KiB");
    free(running);
    job_row_finish(&job);
}

/* A fresh store in a folder of its own below dir. */
static char *fresh(const char *dir)
{
    char *home = mem_printf("%s/slated-bench-XXXXXX", dir);
    if (!mkdtemp(home)) {
        fprintf(stderr, "bench_store: cannot make a folder in %s\n", dir);
        exit(1);
    }
    must(store_open(home, false, &s, &e));
    return home;
}

static void finish(char *home)
{
    store_close(s);
    must(file_remove_tree(home, &e));
    free(home);
}

int main(int argc, char **argv)
{
    const char *dir = argc > 1 ? argv[1] : "/tmp";
    char *home = fresh(dir);
    burst();
    single();
    start_jobs("one job of 10,500 drops started and done, two durable steps");
    finish(home);
    home = fresh(dir);
    history();
    store_close(s);
    start(home);
    start_jobs("one job of 10,000 drops started and done, two durable steps");
    finish(home);
    return 0;
}
