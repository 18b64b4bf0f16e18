/* Single files as the reader of a watch meets them, every scenario once with events and once with
 * scanning. */
/* SPDX-License-Identifier: ISC */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <sys/xattr.h>

#include "watch/world.h"

/* W10, W01 */
static void test_a_file_moved_in_whole_is_offered_at_once_with_events(void **state)
{
    struct world w;
    world_begin(&w, mode_of(state));
    world_drop(&w, "a.json", "{}");
    world_turn(&w);
    assert_int_equal(world_count(&w, "a.json"), w.mode == WATCH_EVENTS ? 1 : 0);
    world_pass(&w, LONG_ENOUGH);
    assert_int_equal(world_count(&w, "a.json"), 1);
    assert_true(world_last(&w, "a.json")->ready.regular);
    assert_false(world_last(&w, "a.json")->ready.changed);
    world_end(&w);
}

static void test_a_copied_file_is_offered_after_its_rest(void **state)
{
    struct world w;
    world_begin(&w, mode_of(state));
    world_write(&w, "a.json", "{}");
    world_pass(&w, SETTLE - 1);
    assert_int_equal(w.offers_n, 0);
    world_pass(&w, w.mode == WATCH_EVENTS ? 1 : LONG_ENOUGH);
    assert_int_equal(world_count(&w, "a.json"), 1);
    assert_true(w.arriving_n >= 1);
    world_end(&w);
}

/* W02 */
static void test_a_slow_writer_is_waited_for(void **state)
{
    struct world w;
    world_begin(&w, mode_of(state));
    char *path = world_path(&w, "slow.json");
    int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
    for (int i = 0; i < 100; i++) {
        assert_int_equal(write(fd, "x", 1), 1);
        world_pass(&w, 200);
    }
    assert_int_equal(w.offers_n, 0);
    close(fd);
    world_pass(&w, LONG_ENOUGH);
    assert_int_equal(world_count(&w, "slow.json"), 1);
    free(path);
    world_end(&w);
}

/* W03: a file that grows without any hint, as one large copy_file_range does */
static void test_a_file_that_grows_in_silence_is_not_offered(void **state)
{
    struct world w;
    world_begin(&w, mode_of(state));
    char *path = world_path(&w, "big");
    int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
    assert_int_equal(ftruncate(fd, 4096), 0);
    world_pass(&w, 10);
    for (int i = 2; i < 12; i++) {
        assert_int_equal(ftruncate(fd, i * 4096),
                         0); /* gives MODIFY; a look alone would do as well */
        world_pass(&w, SETTLE_UNCLOSED - 100);
        assert_int_equal(w.offers_n, 0);
    }
    close(fd);
    world_pass(&w, LONG_ENOUGH);
    assert_int_equal(world_count(&w, "big"), 1);
    free(path);
    world_end(&w);
}

/* W04 */
static void test_a_second_part_within_the_rest_makes_one_offer(void **state)
{
    struct world w;
    world_begin(&w, mode_of(state));
    world_write(&w, "a.json", "{");
    world_pass(&w, SETTLE - 200);
    char *path = world_path(&w, "a.json");
    int fd = open(path, O_WRONLY | O_APPEND | O_CLOEXEC);
    assert_int_equal(write(fd, "}", 1), 1);
    close(fd);
    world_pass(&w, SETTLE - 200);
    assert_int_equal(w.offers_n, 0);
    world_pass(&w, LONG_ENOUGH);
    assert_int_equal(world_count(&w, "a.json"), 1);
    free(path);
    world_end(&w);
}

/* W05, W06: the reader says it is not complete, and is asked again when it has changed */
static void test_an_incomplete_file_is_offered_again_when_it_changes(void **state)
{
    struct world w;
    world_begin(&w, mode_of(state));
    w.answer = WATCH_WAIT;
    world_write(&w, "a.json", "{\"a\": [");
    world_pass(&w, LONG_ENOUGH);
    world_pass(&w, 60000);
    assert_int_equal(world_count(&w, "a.json"), 1);
    w.answer = WATCH_ACCEPT;
    world_write(&w, "a.json", "{\"a\": []}");
    world_pass(&w, LONG_ENOUGH);
    assert_int_equal(world_count(&w, "a.json"), 2);
    assert_true(world_last(&w, "a.json")->ready.changed);
    world_end(&w);
}

static void test_the_reader_may_name_the_instant_of_the_next_offer(void **state)
{
    struct world w;
    world_begin(&w, mode_of(state));
    w.answer = WATCH_WAIT;
    w.again_in = 7000;
    world_drop(&w, "a.json", "{");
    world_pass(&w, LONG_ENOUGH);
    assert_int_equal(world_count(&w, "a.json"), 1);
    w.again_in = 0;
    world_pass(&w, 7000);
    assert_int_equal(world_count(&w, "a.json"), 2);
    assert_false(world_last(&w, "a.json")->ready.changed);
    watch_again(w.watch, "a.json", w.now + 100);
    world_pass(&w, 101);
    assert_int_equal(world_count(&w, "a.json"), 3);
    world_end(&w);
}

static void test_what_its_reader_took_later_is_not_said_to_be_gone(void **state)
{
    struct world w;
    world_begin(&w, mode_of(state));
    w.answer = WATCH_WAIT;
    world_drop(&w, "a.json", "{}");
    world_drop(&w, "b.json", "{}");
    world_pass(&w, LONG_ENOUGH);
    watch_took(w.watch, "a.json");
    world_remove(&w, "a.json");
    world_remove(&w, "b.json");
    world_pass(&w, LONG_ENOUGH);
    assert_int_equal(w.gone_n, 1);
    assert_string_equal(w.last_gone, "b.json");
    world_end(&w);
}

/* W07 */
static void test_names_in_flight_are_no_work_until_renamed(void **state)
{
    static const char *const names[] = {"x.json.part", "x.crdownload", "x.tmp", ".goutputstream-A1",
                                        "~$x"};
    struct world w;
    world_begin(&w, mode_of(state));
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        world_write(&w, names[i], "{}");
        world_pass(&w, LONG_ENOUGH);
    }
    assert_int_equal(w.offers_n, 0);
    assert_int_equal(w.arriving_n, 0);
    world_rename(&w, "x.json.part", "x.json");
    world_pass(&w, w.mode == WATCH_EVENTS ? 0 : LONG_ENOUGH);
    assert_int_equal(world_count(&w, "x.json"), 1);
    assert_int_equal(w.offers_n, 1);
    world_end(&w);
}

/* W08, W14 */
static void test_a_rename_there_and_back_makes_one_offer(void **state)
{
    struct world w;
    world_begin(&w, mode_of(state));
    world_write(&w, "x.json", "{}");
    world_turn(&w);
    world_rename(&w, "x.json", "x.json.tmp");
    world_rename(&w, "x.json.tmp", "x.json");
    world_rename(&w, "x.json", "b.json");
    world_rename(&w, "b.json", "x.json");
    world_pass(&w, LONG_ENOUGH);
    assert_int_equal(world_count(&w, "x.json"), 1);
    assert_int_equal(w.offers_n, 1);
    assert_int_equal(w.gone_n, 0);
    world_end(&w);
}

/* W09 */
static void test_a_replaced_file_is_one_new_offer(void **state)
{
    struct world w;
    world_begin(&w, mode_of(state));
    world_drop(&w, "a.json", "{\"v\":1}");
    world_pass(&w, LONG_ENOUGH);
    assert_int_equal(world_count(&w, "a.json"), 1);
    /* GNOME: opened and closed while it still has its old bytes, then replaced by a rename */
    char *path = world_path(&w, "a.json");
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    world_write(&w, ".goutputstream-B2", "{\"v\":2}");
    world_rename(&w, ".goutputstream-B2", "a.json");
    close(fd);
    world_pass(&w, LONG_ENOUGH);
    assert_int_equal(world_count(&w, "a.json"), 2);
    assert_true(world_last(&w, "a.json")->ready.changed);
    world_pass(&w, 60000);
    assert_int_equal(w.offers_n, 2);
    free(path);
    world_end(&w);
}

/* W10 */
static void test_a_hard_link_is_offered(void **state)
{
    struct world w;
    world_begin(&w, mode_of(state));
    char *from = world_stage(&w, "one", "{}"), *to = world_path(&w, "linked.json");
    assert_int_equal(link(from, to), 0);
    world_pass(&w, SETTLE_UNCLOSED - 1);
    assert_int_equal(w.offers_n, 0);
    world_pass(&w, LONG_ENOUGH);
    assert_int_equal(world_count(&w, "linked.json"), 1);
    free(from);
    free(to);
    world_end(&w);
}

/* W12 */
static void test_touch_chmod_xattr_and_reading_are_no_change(void **state)
{
    struct world w;
    world_begin(&w, mode_of(state));
    world_drop(&w, "a.json", "{}");
    world_drop(&w, "b.json", "{}");
    w.answer = WATCH_IGNORE;
    world_pass(&w, LONG_ENOUGH);
    size_t before = w.offers_n;
    char *path = world_path(&w, "a.json");
    assert_int_equal(chmod(path, 0600), 0);
    (void)setxattr(path, "user.tag", "x", 1, 0); /* a file system without them is fine */
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    char c;
    assert_int_equal(read(fd, &c, 1), 1);
    close(fd);
    world_pass(&w, LONG_ENOUGH);
    assert_int_equal(w.offers_n, before);
    /* as touch(1) does it: open for writing, set the times, close. Without events it looks like a
     * write of equal length, and the reader is asked once. */
    fd = open(path, O_WRONLY | O_CLOEXEC);
    assert_int_equal(futimens(fd, NULL), 0);
    close(fd);
    world_pass(&w, LONG_ENOUGH);
    assert_int_equal(w.offers_n, before + (w.mode == WATCH_SCAN));
    free(path);
    world_end(&w);
}

static void test_new_bytes_of_equal_length_are_a_change(void **state)
{
    struct world w;
    world_begin(&w, mode_of(state));
    w.answer = WATCH_IGNORE;
    world_drop(&w, "a.json", "{\"v\":1}");
    world_pass(&w, LONG_ENOUGH);
    usleep(20000); /* past the grain of the file system's clock */
    char *path = world_path(&w, "a.json");
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    assert_int_equal(pwrite(fd, "2", 1, 5), 1);
    close(fd);
    world_pass(&w, LONG_ENOUGH);
    assert_int_equal(world_count(&w, "a.json"), 2);
    free(path);
    world_end(&w);
}

/* W13 */
static void test_odd_times_neither_skip_nor_delay(void **state)
{
    struct world w;
    world_begin(&w, mode_of(state));
    char *old = world_stage(&w, "old", "{}"), *future = world_stage(&w, "future", "{}");
    const struct timespec in_1984[2] = {{441763200, 0}, {441763200, 0}};
    const struct timespec in_2090[2] = {{3786912000, 0}, {3786912000, 0}};
    assert_int_equal(utimensat(AT_FDCWD, old, in_1984, 0), 0);
    assert_int_equal(utimensat(AT_FDCWD, future, in_2090, 0), 0);
    char *a = world_path(&w, "old.json"), *b = world_path(&w, "future.json");
    assert_int_equal(rename(old, a) | rename(future, b), 0);
    world_pass(&w, w.mode == WATCH_EVENTS ? 0 : LONG_ENOUGH);
    assert_int_equal(world_count(&w, "old.json"), 1);
    assert_int_equal(world_count(&w, "future.json"), 1);
    free(old), free(future), free(a), free(b);
    world_end(&w);
}

/* W13: an old mtime alone proves nothing, when it is found by a scan */
static void test_a_young_file_with_an_old_mtime_has_to_rest(void **state)
{
    struct world w;
    world_make(&w, mode_of(state));
    world_write(&w, "old.json", "{");
    char *path = world_path(&w, "old.json");
    const struct timespec in_1984[2] = {{441763200, 0}, {441763200, 0}};
    assert_int_equal(utimensat(AT_FDCWD, path, in_1984, 0), 0);
    world_open(&w);
    world_pass(&w, SETTLE_UNCLOSED - 1);
    assert_int_equal(w.offers_n, 0);
    world_pass(&w, 1);
    assert_int_equal(w.offers_n, 1);
    free(path);
    world_end(&w);
}

/* W14 */
static void test_created_and_deleted_is_forgotten(void **state)
{
    struct world w;
    world_begin(&w, mode_of(state));
    world_write(&w, "a.json", "{}");
    world_pass(&w, SCAN + 10);
    world_remove(&w, "a.json");
    world_pass(&w, LONG_ENOUGH);
    struct watch_facts facts;
    watch_facts(w.watch, &facts);
    assert_int_equal(facts.entries, 0);
    assert_true(w.gone_n <= 1);
    assert_true(w.mode == WATCH_EVENTS ? w.offers_n == 1 || w.gone_n == 1 : w.gone_n == 1);
    world_end(&w);
}

static void test_a_file_replaced_by_a_folder_is_a_folder(void **state)
{
    struct world w;
    world_begin(&w, mode_of(state));
    world_write(&w, "a", "{}");
    world_pass(&w, 100);
    world_remove(&w, "a");
    world_mkdir(&w, "a");
    world_write(&w, "a/b.json", "{}");
    world_pass(&w, SETTLE_FOLDER + SCAN + LONG_ENOUGH);
    assert_int_equal(world_count(&w, "a"), 1);
    assert_true(world_last(&w, "a")->ready.folder);
    world_end(&w);
}

/* W22, W23, W24 */
static void test_the_same_name_again_is_new_work(void **state)
{
    struct world w;
    world_begin(&w, mode_of(state));
    w.take_away = true;
    world_drop(&w, "a.json", "{}");
    world_drop(&w, "same.json", "{}");
    world_pass(&w, LONG_ENOUGH);
    assert_int_equal(w.offers_n, 2);
    world_drop(&w, "a.json", "{}");
    world_pass(&w, LONG_ENOUGH);
    world_drop(&w, "a.json", "{\"other\":1}");
    world_pass(&w, LONG_ENOUGH);
    assert_int_equal(world_count(&w, "a.json"), 3);
    assert_false(world_last(&w, "a.json")->ready.changed);
    assert_int_equal(w.gone_n, 0);
    world_end(&w);
}

/* W27 */
static void test_names_are_bytes(void **state)
{
    static const char *const names[] = {
        "a b", "\xf0\x9f\x8e\xac.json", "new\nline", "-rf", "it's \"q\"", "$(x)", "\xff\xfe bad",
        "CON", "back\\slash",           "*?[",       ";|&", ". hidden"};
    struct world w;
    world_begin(&w, mode_of(state));
    char longest[256];
    memset(longest, 'n', 255);
    longest[255] = '\0';
    size_t n = sizeof(names) / sizeof(names[0]);
    for (size_t i = 0; i < n; i++)
        world_drop(&w, names[i], "{}");
    world_drop(&w, longest, "{}");
    world_mkdir(&w, "d");
    world_write(&w, "d/\xff\n", "x");
    world_pass(&w, LONG_ENOUGH);
    for (size_t i = 0; i < n; i++)
        assert_int_equal(world_count(&w, names[i]), 1);
    assert_int_equal(world_count(&w, longest), 1);
    assert_int_equal(world_count(&w, "d"), 1);
    world_end(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        BOTH(test_a_file_moved_in_whole_is_offered_at_once_with_events),
        BOTH(test_a_copied_file_is_offered_after_its_rest),
        BOTH(test_a_slow_writer_is_waited_for),
        BOTH(test_a_file_that_grows_in_silence_is_not_offered),
        BOTH(test_a_second_part_within_the_rest_makes_one_offer),
        BOTH(test_an_incomplete_file_is_offered_again_when_it_changes),
        BOTH(test_the_reader_may_name_the_instant_of_the_next_offer),
        BOTH(test_what_its_reader_took_later_is_not_said_to_be_gone),
        BOTH(test_names_in_flight_are_no_work_until_renamed),
        BOTH(test_a_rename_there_and_back_makes_one_offer),
        BOTH(test_a_replaced_file_is_one_new_offer),
        BOTH(test_a_hard_link_is_offered),
        BOTH(test_touch_chmod_xattr_and_reading_are_no_change),
        BOTH(test_new_bytes_of_equal_length_are_a_change),
        BOTH(test_odd_times_neither_skip_nor_delay),
        BOTH(test_a_young_file_with_an_old_mtime_has_to_rest),
        BOTH(test_created_and_deleted_is_forgotten),
        BOTH(test_a_file_replaced_by_a_folder_is_a_folder),
        BOTH(test_the_same_name_again_is_new_work),
        BOTH(test_names_are_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
