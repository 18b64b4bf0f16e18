/* Copies of a store by their contract: whole, of one instant, checked, never over another file. */
/* SPDX-License-Identifier: ISC */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/path.h"
#include "store/home.h"

static void add_drop(int number)
{
    struct drop_row d;
    ok(store_begin(s, &e));
    ok(order_add(s, number, 3, JOB_READY, &d, &e));
    ok(store_commit(s, &e));
    drop_row_finish(&d);
}

/* The copy as a store of its own, in a new folder below home. */
static struct store *open_copy(const char *copy)
{
    char *dir = path_join(home, "restored"), *db = path_join(dir, "slated.db");
    struct store *restored = NULL;
    ok(file_make_dirs(dir, &e));
    ok(file_copy(copy, db, &e));
    ok(store_open(dir, false, &restored, &e));
    free(dir);
    free(db);
    return restored;
}

static size_t drops_in(struct store *store)
{
    struct drop_row *rows;
    size_t n;
    ok(store_drops(store, -1, 0, &rows, &n));
    for (size_t i = 0; i < n; i++)
        drop_row_finish(&rows[i]);
    free(rows);
    return n;
}

static void test_a_copy_holds_what_was_committed_and_nothing_else(void **state)
{
    char *to = path_join(home, "copies/a.db");
    struct store *reader = NULL;
    struct drop_row late;
    int64_t ledger_n = -1;
    (void)state;
    add_drop(1);
    add_drop(2);
    ok(store_open(home, true, &reader, &e));
    ok(store_begin(s, &e)); /* a step of the writer is open meanwhile */
    ok(order_add(s, 3, 3, JOB_READY, &late, &e));
    ok(store_backup(reader, to, &ledger_n, &e));
    ok(store_commit(s, &e));
    drop_row_finish(&late);
    assert_int_equal(ledger_n, 0);
    struct store *copy = open_copy(to);
    assert_int_equal(drops_in(copy), 2);
    assert_int_equal(drops_in(s), 3);
    store_close(copy);
    store_close(reader);
    free(to);
}

static void test_a_copy_is_never_written_over_another_file(void **state)
{
    char *to = path_join(home, "a.db"), *text = NULL;
    size_t len = 0;
    int64_t n = 0;
    (void)state;
    ok(file_write(to, "mine", 4, false, &e));
    assert_int_equal(store_backup(s, to, &n, &e), ERR_STATE);
    ok(file_read(to, 100, &text, &len, &e));
    assert_string_equal(text, "mine");
    free(text);
    free(to);
}

/* Whatever is not sound is told, and leaves no file that looks like a copy. */
static void test_a_damaged_store_gives_no_copy(void **state)
{
    char *db = path_join(home, "slated.db"), *to = path_join(home, "copies/a.db");
    char *beside = path_join(home, "copies/.a.db.slated-tmp"), noise[4096];
    int64_t n = 0;
    struct stat st;
    (void)state;
    for (int i = 1; i < 40; i++)
        add_drop(i);
    store_close(s); /* everything lies in the one file now */
    s = NULL;
    memset(noise, 0x5a, sizeof noise);
    int fd = open(db, O_WRONLY | O_CLOEXEC);
    assert_true(fd >= 0 && fstat(fd, &st) == 0);
    assert_int_equal(pwrite(fd, noise, sizeof noise, st.st_size - 4096), sizeof noise);
    close(fd);
    ok(store_open(home, true, &s, &e));
    assert_int_not_equal(store_backup(s, to, &n, &e), 0);
    assert_false(file_exists(to));
    assert_false(file_exists(beside));
    free(db);
    free(to);
    free(beside);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_a_copy_holds_what_was_committed_and_nothing_else),
        TEST(test_a_copy_is_never_written_over_another_file),
        TEST(test_a_damaged_store_gives_no_copy),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
