/* The watch as a whole, with events and with scanning: many entries, the inbox gone and back, the
 * start, rights, limits, rest. */
/* SPDX-License-Identifier: ISC */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <sys/resource.h>

#include "watch/world.h"

/* W31 */
static void test_twenty_thousand_files_at_once_are_offered_once_each(void **state)
{
    struct world w;
    world_begin(&w, mode_of(state));
    for (int i = 0; i < 20000; i++) {
        char *name = mem_printf("%s/n%05d", w.inbox, i);
        int fd = open(name, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
        assert_true(fd >= 0);
        close(fd);
        free(name);
    }
    int64_t next = world_turn(&w);
    assert_true(w.offers_n <= 256);
    assert_true(next >= w.now);
    world_pass(&w, LONG_ENOUGH);
    assert_int_equal(w.offers_n, 20000);
    struct map seen = {0};
    for (size_t i = 0; i < w.offers_n; i++)
        map_put(&seen, w.offers[i].name, w.offers[i].name);
    assert_int_equal(seen.n, 20000);
    map_finish(&seen);
    struct watch_facts facts;
    watch_facts(w.watch, &facts);
    assert_int_equal(facts.overflows, w.mode == WATCH_EVENTS ? 1 : 0);
    assert_int_equal(facts.moving, 0);
    world_drop(&w, "after.json", "{}");
    world_pass(&w, w.mode == WATCH_EVENTS ? 0 : LONG_ENOUGH);
    assert_int_equal(world_count(&w, "after.json"), 1);
    world_end(&w);
}

static void test_a_turn_offers_at_most_256_and_wants_the_next_at_once(void **state)
{
    struct world w;
    world_begin(&w, mode_of(state));
    for (int i = 0; i < 600; i++) {
        char *name = mem_printf("n%d", i);
        world_drop(&w, name, "{}");
        free(name);
    }
    size_t most = 0;
    for (int64_t until = w.now + LONG_ENOUGH; w.now < until;) {
        size_t before = w.offers_n;
        int64_t next = world_turn(&w);
        size_t made = w.offers_n - before;
        most = made > most ? made : most;
        if (made == 256)
            assert_true(next <= w.now);
        w.now = next > w.now ? next : w.now;
    }
    assert_int_equal(most, 256);
    assert_int_equal(w.offers_n, 600);
    world_end(&w);
}

#define CHURN_NAMES 8
static const char *const churn_names[CHURN_NAMES] = {"a", "b", "c", "d", "e", "f", "g", "h"};

/* One random act on one of the names, and when its thing became another one. A thing that was only
 * renamed may have been offered under that name before. */
static void churn(struct world *w, int64_t changed_at[CHURN_NAMES])
{
    int n = rand() % CHURN_NAMES, o = rand() % CHURN_NAMES, act = rand() % 6;
    char *path = world_path(w, churn_names[n]), *to = world_path(w, churn_names[o]);
    char *inner = mem_printf("%s/in", churn_names[n]);
    struct stat st;
    bool is = lstat(path, &st) == 0, folder = is && S_ISDIR(st.st_mode), changes = true;
    if (act == 0 && !folder) {
        world_write(w, churn_names[n], rand() % 2 ? "short" : "rather longer");
    } else if (act == 1 && !folder) {
        world_drop(w, churn_names[n], rand() % 2 ? "a" : "bb");
    } else if (act == 2 && !is) {
        world_mkdir(w, churn_names[n]); /* an empty one may get the inode of the last empty one: no
                                           change to anybody */
        world_write(w, inner, "333");
    } else if (act == 3 && folder) {
        world_write(w, inner, rand() % 2 ? "1" : "22");
    } else {
        changes = false;
    }
    if (changes)
        changed_at[n] = w->now;
    if (act == 4)
        world_remove(w, churn_names[n]);
    if (act == 5 && is && n != o && !file_exists(to) && rename(path, to) == 0)
        changed_at[o] = 0;
    free(path), free(to), free(inner);
}

/* Afterwards the watch knows exactly what lies there, and each thing was offered after its last
 * change. */
static void test_after_a_churn_all_that_is_there_was_offered_since_it_changed(void **state)
{
    for (unsigned seed = 1; seed <= 5; seed++) {
        int64_t changed_at[CHURN_NAMES] = {0};
        struct world w;
        world_begin(&w, mode_of(state));
        w.answer = WATCH_IGNORE;
        srand(seed);
        for (int i = 0; i < 500; i++) {
            churn(&w, changed_at);
            if (rand() % 3 == 0)
                world_pass(&w, rand() % 1500);
        }
        world_pass(&w,
                   10 * SCAN + 2 * LONG_ENOUGH); /* quiet folders are walked in every tenth scan */
        int there = 0;
        for (int n = 0; n < CHURN_NAMES; n++) {
            char *path = world_path(&w, churn_names[n]);
            const struct offered *last = world_last(&w, churn_names[n]);
            if (file_exists(path)) {
                there++;
                assert_non_null(last);
                assert_true(last->at_ms >= changed_at[n]);
            }
            free(path);
        }
        struct watch_facts facts;
        watch_facts(w.watch, &facts);
        assert_int_equal(facts.entries, there);
        assert_int_equal(facts.moving, 0);
        world_end(&w);
    }
}

/* W34 */
static void test_an_inbox_that_is_absent_at_first_is_waited_for(void **state)
{
    struct world w;
    world_make(&w, mode_of(state));
    assert_int_equal(rmdir(w.inbox), 0);
    world_open(&w);
    world_pass(&w, 10000);
    struct watch_facts facts;
    watch_facts(w.watch, &facts);
    assert_true(facts.missing);
    assert_int_equal(world_said(&w, "inbox missing"), 1);
    assert_int_equal(mkdir(w.inbox, 0755), 0);
    world_pass(&w, 5001);
    watch_facts(w.watch, &facts);
    assert_false(facts.missing);
    assert_int_equal(world_said(&w, "inbox back"), 1);
    world_drop(&w, "a.json", "{}");
    world_pass(&w, w.mode == WATCH_EVENTS ? 0 : LONG_ENOUGH);
    assert_int_equal(w.offers_n, 1);
    world_end(&w);
}

static void test_an_inbox_renamed_away_gives_nothing_until_it_is_back(void **state)
{
    struct world w;
    world_begin(&w, mode_of(state));
    w.answer = WATCH_IGNORE;
    world_drop(&w, "old.json", "{}");
    world_pass(&w, LONG_ENOUGH);
    char *away = mem_printf("%s/away", w.top), *late = mem_printf("%s/away/late.json", w.top);
    assert_int_equal(rename(w.inbox, away), 0);
    world_pass(&w, SCAN + 1);
    assert_int_equal(world_said(&w, "inbox missing"), 1);
    char *from = world_stage(&w, "late", "{}");
    assert_int_equal(rename(from, late), 0);
    world_pass(&w, 60000);
    assert_int_equal(w.offers_n, 1);
    assert_int_equal(rename(away, w.inbox), 0);
    world_pass(&w, 5001 + LONG_ENOUGH);
    assert_int_equal(world_said(&w, "inbox back"), 1);
    assert_int_equal(world_count(&w, "old.json"), 1);
    assert_int_equal(world_count(&w, "late.json"), 1);
    free(away), free(late), free(from);
    world_end(&w);
}

static void test_another_folder_in_its_place_waits_for_a_word(void **state)
{
    struct world w;
    world_begin(&w, mode_of(state));
    w.answer = WATCH_IGNORE;
    world_drop(&w, "old.json", "{}");
    world_pass(&w, LONG_ENOUGH);
    assert_int_equal(file_remove_tree(w.inbox, NULL), 0);
    assert_int_equal(mkdir(w.inbox, 0755), 0);
    world_drop(&w, "new.json", "{}");
    world_pass(&w, 60000);
    struct watch_facts facts;
    watch_facts(w.watch, &facts);
    assert_true(facts.missing);
    assert_int_equal(world_said(&w, "inbox missing"), 1);
    assert_int_equal(world_said(&w, "inbox replaced"), 1);
    assert_int_equal(w.offers_n, 1);
    watch_rescan(w.watch);
    world_pass(&w, LONG_ENOUGH);
    watch_facts(w.watch, &facts);
    assert_false(facts.missing);
    assert_int_equal(world_count(&w, "new.json"), 1);
    assert_int_equal(facts.entries, 1);
    assert_string_equal(w.last_gone, "old.json");
    world_end(&w);
}

/* W38 */
static void test_what_lay_there_at_the_start_passes_the_same_gate(void **state)
{
    struct world w;
    world_make(&w, mode_of(state));
    world_write(&w, "a.json", "{}");
    world_mkdir(&w, "d");
    world_write(&w, "d/x", "x");
    char *path = world_path(&w, "slow.json");
    int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
    world_open(&w);
    for (int i = 0; i < 20; i++) {
        assert_int_equal(write(fd, "x", 1), 1);
        world_pass(&w, SETTLE_UNCLOSED / 4);
        assert_int_equal(world_count(&w, "slow.json"), 0);
    }
    assert_int_equal(world_count(&w, "a.json"), 1);
    assert_int_equal(world_count(&w, "d"), 1);
    close(fd);
    world_pass(&w, LONG_ENOUGH);
    assert_int_equal(world_count(&w, "slow.json"), 1);
    free(path);
    world_end(&w);
}

/* W35: another owner's rights cannot be taken from root, so an unreadable folder shows by its mode
 * only */
static void test_new_rights_offer_a_waiting_entry_again(void **state)
{
    struct world w;
    world_begin(&w, mode_of(state));
    w.answer = WATCH_WAIT;
    world_drop(&w, "a.json", "{}");
    world_mkdir(&w, "d");
    world_mkdir(&w, "d/sub");
    world_pass(&w, LONG_ENOUGH);
    size_t before = w.offers_n;
    char *path = world_path(&w, "a.json"), *sub = world_path(&w, "d/sub");
    assert_int_equal(chmod(path, 0600) | chmod(sub, 0700), 0);
    world_pass(&w, SCAN + 200);
    assert_int_equal(w.offers_n, before + 2);
    free(path), free(sub);
    world_end(&w);
}

/* W32 */
static void test_no_descriptors_left_delays_and_loses_nothing(void **state)
{
    struct world w;
    world_begin(&w, mode_of(state));
    struct rlimit was, few;
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &was), 0);
    int probe = open("/", O_RDONLY | O_CLOEXEC);
    close(probe);
    few = (struct rlimit){(rlim_t)probe, was.rlim_max};
    world_mkdir(&w, "d");
    world_write(&w, "d/x", "x");
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
    watch_rescan(w.watch);
    world_pass(&w, 20000);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &was), 0);
    assert_int_equal(w.offers_n, 0);
    assert_int_equal(w.gone_n, 0);
    assert_true(w.said_n >= 1);
    assert_non_null(strstr(w.said[0], "limit of open files"));
    world_pass(&w, 10000);
    assert_int_equal(w.offers_n, 1);
    world_end(&w);
}

static void test_idle_asks_for_no_turn_before_the_next_scan(void **state)
{
    struct world w;
    world_begin(&w, mode_of(state));
    world_drop(&w, "a.json", "{}");
    world_pass(&w, LONG_ENOUGH + 2000);
    int64_t next = world_turn(&w);
    if (w.mode == WATCH_EVENTS) {
        assert_true(next > w.now + SAFETY / 2);
        struct pollfd p = {.fd = watch_fd(w.watch), .events = POLLIN};
        assert_int_equal(poll(&p, 1, 50), 0);
    } else {
        assert_true(next > w.now && next <= w.now + SCAN);
        assert_int_equal(watch_fd(w.watch), -1);
    }
    world_end(&w);
}

static void test_a_safety_scan_tests_the_events_and_finds_nothing_new(void **state)
{
    struct world w;
    world_begin(&w, mode_of(state));
    world_drop(&w, "a.json", "{}");
    world_pass(&w, LONG_ENOUGH);
    world_pass(&w, SAFETY * 2);
    assert_int_equal(w.offers_n, 1);
    assert_int_equal(w.said_n, 0);
    struct watch_facts facts;
    watch_facts(w.watch, &facts);
    assert_true(facts.scans >= 2);
    assert_int_equal(facts.mode, w.mode);
    world_end(&w);
}

static void test_deeper_than_the_limit_is_no_harm(void **state)
{
    struct world w;
    world_begin(&w, mode_of(state));
    world_mkdir(&w, "d");
    char path[1024] = "d";
    for (int i = 0; i < 100; i++) {
        strcat(path, "/d");
        world_mkdir(&w, path);
    }
    world_pass(&w, LONG_ENOUGH);
    assert_int_equal(world_count(&w, "d"), 1);
    world_end(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        BOTH(test_twenty_thousand_files_at_once_are_offered_once_each),
        BOTH(test_a_turn_offers_at_most_256_and_wants_the_next_at_once),
        BOTH(test_after_a_churn_all_that_is_there_was_offered_since_it_changed),
        BOTH(test_an_inbox_that_is_absent_at_first_is_waited_for),
        BOTH(test_an_inbox_renamed_away_gives_nothing_until_it_is_back),
        BOTH(test_another_folder_in_its_place_waits_for_a_word),
        BOTH(test_what_lay_there_at_the_start_passes_the_same_gate),
        BOTH(test_new_rights_offer_a_waiting_entry_again),
        BOTH(test_no_descriptors_left_delays_and_loses_nothing),
        BOTH(test_idle_asks_for_no_turn_before_the_next_scan),
        BOTH(test_a_safety_scan_tests_the_events_and_finds_nothing_new),
        BOTH(test_deeper_than_the_limit_is_no_harm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
