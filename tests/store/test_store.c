/* The store by its contract: what was written is read back, found, counted and survives a new
 * start. */
/* SPDX-License-Identifier: ISC */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "store/home.h"
#include "store/store.h"

static void reopen(void)
{
    store_close(s);
    s = NULL;
    ok(store_open(home, false, &s, &e));
}

/* A drop of n jobs in that state, committed. */
static struct drop_row committed(int number, int jobs_n, enum job_state state)
{
    struct drop_row drop;
    ok(store_begin(s, &e));
    ok(order_add(s, number, jobs_n, state, &drop, &e));
    ok(store_commit(s, &e));
    return drop;
}

static void test_an_order_is_read_back_as_it_was_written(void **state)
{
    (void)state;
    struct drop_row drop = committed(1, 3, JOB_READY), again;
    reopen();
    ok(store_drop(s, drop.id, &again));
    assert_string_equal(again.name, drop.name);
    assert_string_equal(again.meta, drop.meta);
    assert_null(again.subject);
    assert_int_equal(again.state, DROP_RUNNING);
    struct job_row *jobs;
    size_t n;
    ok(store_jobs(s, drop.id, &jobs, &n));
    assert_int_equal(n, 3);
    struct job_row expect = order_job(1, JOB_READY, "local");
    assert_string_equal(jobs[1].key, expect.key);
    assert_string_equal(jobs[1].prompt, expect.prompt);
    assert_string_equal(jobs[1].outs, expect.outs);
    assert_string_equal(jobs[1].hash, expect.hash);
    assert_null(jobs[1].error);
    assert_true(jobs[1].price == 0.25 && jobs[1].attempts_max == 3 && jobs[1].seconds == 2);
    assert_int_equal(jobs[2].state, JOB_WAITING);
    struct edge_row *edges;
    size_t edges_n;
    ok(store_edges_to(s, jobs[2].id, &edges, &edges_n));
    assert_int_equal(edges_n, 2);
    assert_true(edges[0].from == jobs[0].id && !edges[0].soft && edges[1].soft);
    free(edges);
    ok(store_edges_from(s, jobs[0].id, &edges, &edges_n));
    assert_int_equal(edges_n, 1);
    free(edges);
    struct record_row *records;
    size_t records_n;
    ok(store_records(s, drop.id, &records, &records_n));
    assert_int_equal(records_n, 1);
    assert_string_equal(records[0].format, "json");
    record_row_finish(&records[0]);
    free(records);
    for (size_t i = 0; i < n; i++)
        job_row_finish(&jobs[i]);
    free(jobs);
    job_row_finish(&expect);
    drop_row_finish(&drop);
    drop_row_finish(&again);
}

static void test_a_drop_is_found_by_name_beginning_and_content(void **state)
{
    (void)state;
    struct drop_row a = committed(1, 1, JOB_READY), b = committed(2, 1, JOB_READY), got;
    ok(store_drop_named(s, a.name, &got));
    assert_true(got.id == a.id);
    drop_row_finish(&got);
    ok(store_drop_named(s, "20260314", &got));
    assert_true(got.id == b.id);
    drop_row_finish(&got);
    ok(store_drop_named(s, "products-1", &got));
    assert_true(got.id == a.id);
    drop_row_finish(&got);
    assert_int_equal(store_drop_named(s, "%", &got), ERR_MISSING);
    assert_int_equal(store_drop_named(s, "", &got), ERR_MISSING);
    assert_int_equal(store_drop(s, 99, &got), ERR_MISSING);
    ok(store_drop_by_digest(s, a.digest, &got));
    drop_row_finish(&got);
    a.state = DROP_CANCELLED;
    ok(store_begin(s, &e));
    ok(store_set_drop(s, &a, &e));
    ok(store_commit(s, &e));
    assert_int_equal(store_drop_by_digest(s, a.digest, &got), ERR_MISSING);
    struct drop_row *rows;
    size_t n;
    ok(store_drops(s, DROP_RUNNING, 0, &rows, &n));
    assert_true(n == 1 && rows[0].id == b.id);
    drop_row_finish(&rows[0]);
    free(rows);
    ok(store_drops(s, -1, 1, &rows, &n));
    assert_true(n == 1 && rows[0].id == b.id);
    drop_row_finish(&rows[0]);
    free(rows);
    drop_row_finish(&a);
    drop_row_finish(&b);
}

/* The tallies against a count by hand. */
static void counts_are_true(int64_t drop_id)
{
    struct job_counts counts, sum = {0};
    ok(store_count_jobs(s, drop_id, &counts));
    struct job_row *jobs;
    size_t n;
    ok(store_jobs(s, drop_id, &jobs, &n));
    for (size_t i = 0; i < n; i++) {
        sum.n[jobs[i].state]++;
        sum.cost += jobs[i].cost;
        sum.price += jobs[i].price;
        job_row_finish(&jobs[i]);
    }
    free(jobs);
    assert_memory_equal(sum.n, counts.n, sizeof sum.n);
    assert_int_equal(counts.total, (int)n);
    assert_float_equal(sum.cost, counts.cost, 1e-6);
    assert_float_equal(sum.price, counts.price, 1e-6);
}

static void test_counts_follow_every_change(void **state)
{
    (void)state;
    struct drop_row a = committed(1, 5, JOB_READY), b = committed(2, 4, JOB_READY);
    struct job_counts counts;
    struct job_row job;
    ok(store_job(s, 2, &job));
    ok(store_begin(s, &e));
    job.state = JOB_DONE;
    job.cost = 0.1 + 0.2;
    ok(store_set_job(s, &job, &e));
    struct job_row more = order_job(9, JOB_FAILED, "fal");
    more.drop_id = a.id;
    ok(store_add_job(s, &more, &e));
    ok(store_commit(s, &e));
    counts_are_true(a.id);
    ok(store_count_jobs(s, 0, &counts));
    assert_int_equal(counts.total, 10);
    assert_int_equal(counts.n[JOB_DONE], 1);
    assert_true(counts.cost == 0.3 && counts.price == 2.5);
    a.state = DROP_ENDED;
    ok(store_begin(s, &e));
    ok(store_set_drop(s, &a, &e));
    job.cost = 0.5;
    ok(store_set_job(s, &job, &e));
    ok(store_commit(s, &e));
    counts_are_true(a.id);
    ok(store_count_jobs(s, 0, &counts));
    assert_int_equal(counts.total, 4);
    assert_true(counts.cost == 0);
    a.state = DROP_RUNNING;
    ok(store_begin(s, &e));
    ok(store_set_drop(s, &a, &e));
    ok(store_commit(s, &e));
    ok(store_count_jobs(s, 0, &counts));
    assert_int_equal(counts.total, 10);
    assert_true(counts.cost == 0.5);
    ok(store_begin(s, &e));
    job.state = JOB_FAILED;
    ok(store_set_job(s, &job, &e));
    store_rollback(s);
    counts_are_true(a.id);
    job_row_finish(&job);
    job_row_finish(&more);
    drop_row_finish(&a);
    drop_row_finish(&b);
}

static void test_a_changed_job_is_found_by_its_state(void **state)
{
    (void)state;
    struct drop_row a = committed(1, 3, JOB_READY);
    struct job_row job, *jobs;
    size_t n;
    for (int st = 0; st < JOB_STATES_N; st++) {
        ok(store_job(s, 1, &job));
        job.state = (enum job_state)st;
        free(job.error);
        free(job.memo);
        job.error = mem_dup("it did not work");
        job.memo = mem_dup("{}");
        job.next_at_s = 7;
        job.strikes = st;
        ok(store_begin(s, &e));
        ok(store_set_job(s, &job, &e));
        ok(store_commit(s, &e));
        job_row_finish(&job);
        ok(store_jobs_in(s, (enum job_state)st, &jobs, &n));
        assert_true(n >= 1 && jobs[0].id == 1);
        assert_string_equal(jobs[0].error, "it did not work");
        assert_true(jobs[0].strikes == st && jobs[0].next_at_s == 7);
        for (size_t i = 0; i < n; i++)
            job_row_finish(&jobs[i]);
        free(jobs);
    }
    job = (struct job_row){.id = 77, .drop_id = 1};
    ok(store_begin(s, &e));
    assert_int_equal(store_set_job(s, &job, &e), ERR_MISSING);
    store_rollback(s);
    drop_row_finish(&a);
}

static int64_t add_asset(int64_t job, const char *slot, const char *path, bool current, int version)
{
    struct asset_row a = {.job_id = job, .drop_id = 1, .current = current, .bytes = 5, .at_s = 9};
    a.role = mem_dup("image");
    a.slot = mem_dup(slot);
    a.path = mem_dup(path);
    a.media = mem_dup("png");
    ok(store_add_asset(s, &a, &e));
    assert_int_equal(a.version, version);
    asset_row_finish(&a);
    return a.id;
}

static void current_is(const char *slot, int64_t id)
{
    struct asset_row a;
    int rc = store_asset_current(s, slot, &a);
    assert_int_equal(rc, id ? 0 : ERR_MISSING);
    if (rc)
        return;
    assert_true(a.id == id && a.current);
    asset_row_finish(&a);
}

static void test_one_version_of_a_slot_is_current(void **state)
{
    (void)state;
    struct drop_row d = committed(1, 3, JOB_READY);
    struct asset_row a;
    ok(store_begin(s, &e));
    int64_t v1 = add_asset(1, "x/hero", "x/hero.png", true, 1);
    int64_t v2 = add_asset(1, "x/hero", "x/.new.png", false, 2);
    current_is("x/hero", v1);
    ok(store_set_asset_current(s, v2, &e));
    current_is("x/hero", v2);
    int64_t v3 = add_asset(2, "x/hero", "x/hero.png", true, 3);
    current_is("x/hero", v3);
    ok(store_asset_at(s, "x/hero.png", &a));
    assert_true(a.id == v3);
    asset_row_finish(&a);
    ok(store_set_asset_path(s, v3, "x/.versions/hero.v3.png", &e));
    assert_int_equal(store_asset_at(s, "x/hero.png", &a), ERR_MISSING);
    assert_int_equal(store_set_asset_path(s, 99, "y", &e), ERR_MISSING);
    assert_int_equal(store_set_asset_current(s, 99, &e), ERR_MISSING);
    ok(store_commit(s, &e));
    drop_row_finish(&d);
}

static void test_only_what_was_never_placed_is_forgotten(void **state)
{
    (void)state;
    struct drop_row d = committed(1, 3, JOB_READY);
    struct asset_row *rows;
    size_t n;
    ok(store_begin(s, &e));
    int64_t v1 = add_asset(1, "x/hero", "x/hero.png", true, 1);
    int64_t v2 =
        add_asset(1, "x/hero", "x/hero.png", true, 2); /* of the same bytes: v1 is not moved */
    int64_t v3 = add_asset(1, "x/hero", "x/hero.png", false, 3);
    ok(store_set_asset_path(s, v3, "x/.versions/hero.v3.png", &e)); /* came beside a newer one */
    (void)add_asset(1, "x/hero", "x/hero.png", false, 4);
    (void)add_asset(1, "x/clip", "x/clip.mp4", false, 1);
    int64_t other = add_asset(2, "x/other", "x/other.png", false, 1);
    ok(store_assets_unplaced(s, 1, &rows, &n));
    assert_true(n == 2 && rows[0].version == 4 && !strcmp(rows[1].slot, "x/clip"));
    for (size_t i = 0; i < n; i++)
        asset_row_finish(&rows[i]);
    free(rows);
    ok(store_forget_unplaced(s, 1, &e));
    ok(store_assets_of_job(s, 1, &rows, &n));
    assert_int_equal(n, 3);
    assert_true(rows[0].id == v1 && rows[1].id == v2 && rows[2].id == v3);
    for (size_t i = 0; i < n; i++)
        asset_row_finish(&rows[i]);
    free(rows);
    current_is("x/hero", v2);
    ok(store_assets_of_job(s, 2, &rows, &n));
    assert_true(n == 1 && rows[0].id == other);
    asset_row_finish(&rows[0]);
    free(rows);
    ok(store_commit(s, &e));
    drop_row_finish(&d);
}

static void test_a_kept_job_shows_the_file_of_an_earlier_drop(void **state)
{
    (void)state;
    struct drop_row d1 = committed(1, 3, JOB_READY), d2 = committed(2, 3, JOB_READY);
    struct asset_row *rows, a;
    struct job_row job;
    size_t n;
    ok(store_begin(s, &e));
    int64_t made = add_asset(1, "x/hero", "x/hero.png", true, 1);
    add_asset(5, "x/detail", "x/detail.png", true, 1);
    assert_int_equal(store_asset_made(s, d1.id, "job-0", "image", &a), ERR_MISSING);
    ok(store_link_asset(s, 4, made, &e));
    ok(store_link_asset(s, 4, made, &e));
    for (int64_t id = 1; id <= 4; id += 3) {
        ok(store_job(s, id, &job));
        job.state = id == 1 ? JOB_DONE : JOB_KEPT;
        ok(store_set_job(s, &job, &e));
        job_row_finish(&job);
    }
    ok(store_commit(s, &e));
    ok(store_asset_made(s, d1.id, "job-0", "image", &a));
    assert_true(a.id == made && a.job_id == 1);
    asset_row_finish(&a);
    ok(store_asset_made(s, d2.id, "job-0", "image", &a));
    assert_true(a.id == made && a.job_id == 4);
    asset_row_finish(&a);
    assert_int_equal(store_asset_made(s, d2.id, "job-0", "other", &a), ERR_MISSING);
    ok(store_assets_of_job(s, 4, &rows, &n));
    assert_true(n == 1 && rows[0].id == made && rows[0].job_id == 4);
    assert_string_equal(rows[0].path, "x/hero.png");
    asset_row_finish(&rows[0]);
    free(rows);
    ok(store_assets_of_drop(s, d2.id, &rows, &n));
    assert_true(n == 2 && rows[0].id == made && rows[0].job_id == 4 && rows[1].job_id == 5);
    assert_string_equal(rows[1].path, "x/detail.png");
    asset_row_finish(&rows[0]);
    asset_row_finish(&rows[1]);
    free(rows);
    drop_row_finish(&d1);
    drop_row_finish(&d2);
}

static void test_events_are_read_in_order_from_any_point(void **state)
{
    (void)state;
    struct event_row *rows;
    size_t n;
    ok(store_begin(s, &e));
    for (int i = 0; i < 5; i++)
        ok(store_add_event(s, 0, i, 100 + i, "job_state", i ? "ready -> running" : NULL, &e));
    ok(store_commit(s, &e));
    ok(store_events_after(s, 2, 2, &rows, &n));
    assert_true(n == 2 && rows[0].id == 3 && rows[0].job_id == 2 && rows[0].at_s == 102);
    assert_string_equal(rows[1].text, "ready -> running");
    for (size_t i = 0; i < n; i++)
        event_row_finish(&rows[i]);
    free(rows);
    ok(store_events_after(s, 5, 0, &rows, &n));
    assert_int_equal(n, 0);
    free(rows);
}

static void test_facts_survive_and_can_be_removed(void **state)
{
    (void)state;
    ok(store_begin(s, &e));
    ok(store_set_fact(s, "epoch", "1", &e));
    ok(store_set_fact(s, "epoch", "2", &e));
    ok(store_set_fact(s, "paused", "yes", &e));
    ok(store_set_fact(s, "paused", NULL, &e));
    ok(store_commit(s, &e));
    reopen();
    char *epoch = store_fact(s, "epoch");
    assert_string_equal(epoch, "2");
    assert_null(store_fact(s, "paused"));
    free(epoch);
}

static void test_what_was_rolled_back_never_was(void **state)
{
    (void)state;
    struct drop_row drop;
    ok(store_begin(s, &e));
    ok(order_add(s, 1, 3, JOB_READY, &drop, &e));
    store_rollback(s);
    drop_row_finish(&drop);
    assert_int_equal(store_drop(s, 1, &drop), ERR_MISSING);
    struct job_counts counts;
    ok(store_count_jobs(s, 0, &counts));
    assert_int_equal(counts.total, 0);
}

static void test_at_rest_it_keeps_no_pages_and_answers_as_before(void **state)
{
    (void)state;
    struct job_row *jobs;
    size_t n;
    struct drop_row drop;
    for (int i = 1; i <= 20; i++) {
        drop = committed(i, 20, JOB_READY);
        drop_row_finish(&drop);
    }
    drop = committed(21, 5, JOB_READY);
    int64_t full = sqlite3_memory_used();
    store_rest(s);
    assert_true(sqlite3_memory_used() < full - 300 * 1024);
    ok(store_jobs(s, drop.id, &jobs, &n));
    assert_int_equal(n, 5);
    while (n)
        job_row_finish(&jobs[--n]);
    free(jobs);
    drop_row_finish(&drop);
}

static void test_a_second_drop_of_one_name_is_refused_whole(void **state)
{
    (void)state;
    struct drop_row a = committed(1, 2, JOB_READY), b;
    ok(store_begin(s, &e));
    assert_int_equal(order_add(s, 1, 2, JOB_READY, &b, &e), ERR_STORE);
    assert_non_null(strstr(e.text, "drops.name"));
    store_rollback(s);
    drop_row_finish(&a);
    drop_row_finish(&b);
}

static void test_a_reader_sees_only_what_is_committed_and_disturbs_nobody(void **state)
{
    (void)state;
    struct drop_row a = committed(1, 2, JOB_READY), b, got;
    struct store *reader;
    ok(store_open(home, true, &reader, &e));
    ok(store_begin(s, &e));
    ok(order_add(s, 2, 2, JOB_READY, &b, &e));
    assert_int_equal(store_drop(reader, b.id, &got), ERR_MISSING);
    ok(store_commit(s, &e));
    ok(store_drop(reader, b.id, &got));
    drop_row_finish(&got);
    assert_int_equal(store_begin(reader, &e), ERR_STORE);
    store_close(reader);
    drop_row_finish(&a);
    drop_row_finish(&b);
}

static void test_a_reader_finds_the_store_of_a_daemon_that_has_ended(void **state)
{
    (void)state;
    struct drop_row a = committed(1, 2, JOB_READY), got;
    store_close(s);
    s = NULL;
    ok(store_open(home, true, &s, &e));
    ok(store_drop(s, a.id, &got));
    drop_row_finish(&got);
    drop_row_finish(&a);
}

/* Opens the store of this home with its bytes replaced; answers the code. */
static int open_after(off_t at, const void *bytes, size_t len, off_t size)
{
    char path[128];
    store_close(s);
    s = NULL;
    snprintf(path, sizeof path, "%s/slated.db", home);
    int fd = open(path, O_RDWR);
    assert_int_equal(pwrite(fd, bytes, len, at), (ssize_t)len);
    if (size)
        assert_int_equal(ftruncate(fd, size), 0);
    close(fd);
    return store_open(home, false, &s, &e);
}

static void test_a_damaged_store_is_refused_with_a_way_out(void **state)
{
    (void)state;
    assert_int_equal(open_after(0, "not a database at all", 21, 0), ERR_STORE);
    assert_non_null(strstr(e.text, "damaged"));
    assert_non_null(strstr(e.text, "backup"));
    assert_null(s);
}

static void test_a_store_cut_short_is_refused(void **state)
{
    (void)state;
    assert_int_equal(open_after(0, "S", 1, 5000), ERR_STORE);
    assert_non_null(strstr(e.text, "damaged"));
}

static void test_a_newer_version_is_left_alone(void **state)
{
    (void)state;
    assert_int_equal(open_after(60, "\0\0\0\x63", 4, 0), ERR_STORE);
    assert_non_null(strstr(e.text, "version 99"));
}

static void test_another_programs_file_is_left_alone(void **state)
{
    (void)state;
    assert_int_equal(open_after(68, "\0\0\0\x01", 4, 0), ERR_STORE);
    assert_non_null(strstr(e.text, "another program"));
}

static void test_a_reader_of_nothing_is_told_so(void **state)
{
    (void)state;
    struct store *reader = NULL;
    assert_int_equal(store_open("/tmp/slated-no-such-folder", true, &reader, &e), ERR_MISSING);
    assert_null(reader);
    assert_int_not_equal(store_open("/tmp/slated-no-such-folder", false, &reader, &e), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_an_order_is_read_back_as_it_was_written),
        TEST(test_a_drop_is_found_by_name_beginning_and_content),
        TEST(test_counts_follow_every_change),
        TEST(test_a_changed_job_is_found_by_its_state),
        TEST(test_one_version_of_a_slot_is_current),
        TEST(test_only_what_was_never_placed_is_forgotten),
        TEST(test_a_kept_job_shows_the_file_of_an_earlier_drop),
        TEST(test_events_are_read_in_order_from_any_point),
        TEST(test_facts_survive_and_can_be_removed),
        TEST(test_what_was_rolled_back_never_was),
        TEST(test_at_rest_it_keeps_no_pages_and_answers_as_before),
        TEST(test_a_second_drop_of_one_name_is_refused_whole),
        TEST(test_a_reader_sees_only_what_is_committed_and_disturbs_nobody),
        TEST(test_a_reader_finds_the_store_of_a_daemon_that_has_ended),
        TEST(test_a_damaged_store_is_refused_with_a_way_out),
        TEST(test_a_store_cut_short_is_refused),
        TEST(test_a_newer_version_is_left_alone),
        TEST(test_another_programs_file_is_left_alone),
        TEST(test_a_reader_of_nothing_is_told_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
