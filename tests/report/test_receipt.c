/* What a person reads must say how it stands, why something failed and what to do, and must not be
 * forged by a hostile name. */
/* SPDX-License-Identifier: ISC */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "report/report.h"
#include "report/sums.h"

static struct drop_row drop = {.name = "20260314-090000-lamps",
                               .entry = "lamps.json",
                               .title = "5 products: desk lamps",
                               .tree = "videos/lamps",
                               .meta = "{\"notes\":[\"/products/2: no price\"]}",
                               .state = DROP_RUNNING,
                               .created_s = 1773478800};

static char *receipt(struct job_row *jobs, size_t n, bool as_ended)
{
    struct record_source source = {&drop, jobs, n, NULL, 0, 1773478900, NULL, NULL, NULL};
    struct buf out;
    buf_init(&out, 1024 * 1024);
    receipt_drop(&source, as_ended, &out);
    return buf_take(&out);
}

static void expect(char *takes_text, const char *wanted)
{
    if (!strstr(takes_text, wanted))
        fail_msg("no \"%s\" in:\n%s", wanted, takes_text);
    free(takes_text);
}

static void test_a_running_drop_counts(void **state)
{
    (void)state;
    struct job_row jobs[] = {
        {.state = JOB_DONE}, {.state = JOB_KEPT}, {.state = JOB_RUNNING}, {.state = JOB_READY}};
    expect(receipt(jobs, 4, false), "lamps.json: running 2/4");
    expect(receipt(jobs, 4, false), "slated cancel 20260314-090000-lamps");
    expect(receipt(jobs, 4, false), "Note: /products/2: no price");
}

static void test_a_plan_that_waits_names_its_card(void **state)
{
    (void)state;
    struct job_row jobs[] = {{.state = JOB_READY}};
    struct drop_row waits = drop;
    struct record_source source = {&waits, jobs, 1, NULL, 0, 1773478900, NULL, NULL, "1 jobs.md"};
    struct buf out;
    waits.paused = true;
    buf_init(&out, 65536);
    receipt_drop(&source, false, &out);
    expect(mem_dup(out.data), "lamps.json: needs your go");
    expect(mem_dup(out.data), "drag approve/1 jobs.md to approve/go/ or approve/no/");
    buf_reset(&out);
    source.card = NULL;
    receipt_drop(&source, false, &out);
    expect(buf_take(&out), "lamps.json: paused at 0/1");
}

static void test_a_failure_names_its_reason_and_its_cure(void **state)
{
    (void)state;
    struct job_row jobs[] = {
        {.state = JOB_DONE},
        {.key = "01_hero", .title = "Hero", .state = JOB_FAILED, .error = "no light"}};
    expect(receipt(jobs, 2, true), "done, 1 failed");
    expect(receipt(jobs, 2, true), "Failed: Hero: no light");
    expect(receipt(jobs, 2, true), "slated retry 20260314-090000-lamps --job 01_hero");
}

static void test_what_needs_a_hand_is_no_failure(void **state)
{
    (void)state;
    struct job_row jobs[] = {{.state = JOB_DONE},
                             {.key = "02_hero",
                              .title = "Hero",
                              .state = JOB_NEEDS_PERSON,
                              .engine = "manual",
                              .error = "its bundle lies in manual_export/"},
                             {.state = JOB_SKIPPED}};
    expect(receipt(jobs, 3, true), "done, 1 by hand, 1 left out");
    expect(receipt(jobs, 3, true), "By hand: Hero: its bundle lies in manual_export/");
    char *text = receipt(jobs, 3, true);
    assert_null(strstr(text, "failed"));
    assert_null(strstr(text, "slated retry"));
    free(text);
}

static void test_what_costs_nothing_is_not_always_made_here(void **state)
{
    (void)state;
    struct job_row jobs[] = {{.state = JOB_DONE, .engine = "local"},
                             {.state = JOB_DONE, .engine = "manual"}};
    expect(receipt(jobs, 1, true), "Costs nothing: made by the local engine.\n");
    expect(receipt(jobs, 2, true), "Costs nothing.\n");
}

static void test_what_is_in_doubt_asks(void **state)
{
    (void)state;
    struct job_row jobs[] = {
        {.state = JOB_DONE},
        {.state = JOB_HELD, .next_at_s = 1773479000},
        {.key = "a", .title = "A", .state = JOB_HELD, .error = "was it charged?"}};
    expect(receipt(jobs, 3, false), "running 1/3, 1 asks you");
    expect(receipt(jobs, 3, false), "Asks you: A: was it charged?");
}

static void test_every_state_of_a_job_has_a_word_for_people(void **state)
{
    (void)state;
    for (int s = 0; s < JOB_STATES_N; s++) {
        struct job_row job = {.state = (enum job_state)s};
        const char *word = sums_job_word(&job);
        assert_true(*word && !strchr(word, '_'));
        for (int k = 0; k < s; k++) {
            struct job_row other = {.state = (enum job_state)k};
            assert_string_not_equal(word, sums_job_word(&other));
        }
    }
}

static void test_the_same_again_says_so(void **state)
{
    (void)state;
    struct job_row jobs[] = {{.state = JOB_KEPT}, {.state = JOB_KEPT}};
    expect(receipt(jobs, 2, true), "nothing had to be made again");
}

static void test_many_failures_are_cut_short(void **state)
{
    (void)state;
    struct job_row jobs[40];
    memset(jobs, 0, sizeof(jobs));
    for (int i = 0; i < 40; i++) {
        jobs[i].state = JOB_FAILED;
        jobs[i].key = jobs[i].title = "j";
    }
    expect(receipt(jobs, 40, true), "... and 28 more");
}

static void test_a_receipts_name_always_fits(void **state)
{
    (void)state;
    char longest[256];
    memset(longest, 'x', 255);
    longest[255] = 0;
    char *name = receipt_name(longest), *plain = receipt_name("a.json");
    assert_true(strlen(name) <= 255);
    assert_string_equal(plain, "a.json.slated.txt");
    longest[254] = 'y';
    char *other = receipt_name(longest);
    assert_string_not_equal(name, other);
    free(name);
    free(other);
    free(plain);
}

static void test_a_name_cannot_forge_lines(void **state)
{
    (void)state;
    struct buf out;
    buf_init(&out, 65536);
    receipt_entry("a\nb: done\x1b[2J.json", "arriving", "soon\n", 1773478800, &out);
    assert_null(strstr(out.data, "\x1b"));
    assert_null(strstr(out.data, "a\nb: done"));
    buf_finish(&out);
}

static void test_a_report_shows_what_was_not_made_first(void **state)
{
    (void)state;
    struct job_row jobs[] = {{.id = 1,
                              .key = "a",
                              .title = "Good",
                              .state = JOB_DONE,
                              .engine = "local",
                              .model = "local"},
                             {.id = 2,
                              .key = "b",
                              .title = "<Bad>",
                              .state = JOB_FAILED,
                              .error = "no light",
                              .engine = "local",
                              .model = "local"}};
    struct asset_row assets[] = {
        {.job_id = 1, .path = "videos/lamps/a.png", .media = "png", .bytes = 1000}};
    cJSON *gates =
        cJSON_Parse("{\"jobs\": {\"a\": {\"refused\": [{\"file\": \"v/.versions/a.png\", "
                    "\"gate\": \"black\", \"why\": \"it is black\"}]}}}");
    struct record_source source = {&drop, jobs, 2, assets, 1, 1773478900, NULL, gates, NULL};
    struct buf out;
    buf_init(&out, 1024 * 1024);
    report_page(&source, true, &out);
    const char *bad = strstr(out.data, "&lt;Bad&gt;"), *good = strstr(out.data, "Good");
    assert_true(bad && good && bad < good);
    assert_non_null(strstr(out.data, "../../out/videos/lamps/a.png"));
    assert_non_null(strstr(out.data, "1.0 kB"));
    const char *refused = strstr(out.data, "Refused by a gate");
    assert_true(refused && strstr(refused, "it is black"));
    assert_non_null(strstr(out.data, "../../out/v/.versions/a.png"));
    cJSON_Delete(gates);
    buf_finish(&out);
}

static void test_a_report_shows_the_version_that_counts(void **state)
{
    (void)state;
    struct job_row jobs[] = {{.id = 1, .key = "a", .title = "A", .state = JOB_DONE},
                             {.id = 2, .key = "b", .title = "B", .state = JOB_DONE}};
    struct asset_row assets[] = {
        {.job_id = 1, .slot = "a", .path = ".versions/a.v1.png", .media = "png"},
        {.job_id = 1, .slot = "a", .path = "a.png", .media = "png", .current = true},
        {.job_id = 1, .slot = "a2", .path = "second.png", .media = "png", .current = true},
        {.job_id = 2, .slot = "b", .path = ".versions/b.v1.png", .media = "png"},
        {.job_id = 2, .slot = "b", .path = ".versions/b.v2.png", .media = "png"}};
    struct record_source source = {&drop, jobs, 2, assets, 5, 1773478900, NULL, NULL, NULL};
    struct buf out;
    buf_init(&out, 1024 * 1024);
    report_page(&source, true, &out);
    assert_non_null(strstr(out.data, "../../out/a.png"));
    assert_null(strstr(out.data, "a.v1.png"));
    assert_null(strstr(out.data, "second.png"));
    assert_non_null(strstr(out.data, "b.v2.png")); /* a later drop has the plain name */
    assert_null(strstr(out.data, "b.v1.png"));
    buf_finish(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_running_drop_counts),
        cmocka_unit_test(test_a_plan_that_waits_names_its_card),
        cmocka_unit_test(test_a_failure_names_its_reason_and_its_cure),
        cmocka_unit_test(test_what_needs_a_hand_is_no_failure),
        cmocka_unit_test(test_what_costs_nothing_is_not_always_made_here),
        cmocka_unit_test(test_what_is_in_doubt_asks),
        cmocka_unit_test(test_every_state_of_a_job_has_a_word_for_people),
        cmocka_unit_test(test_the_same_again_says_so),
        cmocka_unit_test(test_many_failures_are_cut_short),
        cmocka_unit_test(test_a_receipts_name_always_fits),
        cmocka_unit_test(test_a_name_cannot_forge_lines),
        cmocka_unit_test(test_a_report_shows_what_was_not_made_first),
        cmocka_unit_test(test_a_report_shows_the_version_that_counts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
