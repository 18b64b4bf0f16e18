/* Files come in beside and must go out whole, with every older one kept, whatever instant a crash
 * chose. */
/* SPDX-License-Identifier: ISC */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "assets/place.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/path.h"

static char root[64];

static int make_root(void **state)
{
    (void)state;
    strcpy(root, "/tmp/slated-place-XXXXXX");
    return mkdtemp(root) ? 0 : -1;
}

static int remove_root(void **state)
{
    (void)state;
    return file_remove_tree(root, NULL);
}

static void put(const char *name, const char *text)
{
    char *path = path_join(root, name), *dir = path_dir(path);
    assert_int_equal(file_make_dirs(dir, NULL), 0);
    assert_int_equal(file_write(path, text, strlen(text), true, NULL), 0);
    free(path);
    free(dir);
}

static void expect(const char *name, const char *text)
{
    char *path = path_join(root, name), *found = NULL;
    size_t len = 0;
    if (!text) {
        assert_false(file_exists(path));
    } else {
        assert_int_equal(file_read(path, 1000, &found, &len, NULL), 0);
        assert_string_equal(found, text);
    }
    free(found);
    free(path);
}

static int place(const char *text, int version, int old_version, bool beside, char **ret_moved,
                 struct err *e)
{
    char hex[DIGEST_LEN], *from = path_join(root, "work/new.png");
    digest_bytes(text, strlen(text), hex);
    struct place_wish wish = {.root = root,
                              .path = "a/b.png",
                              .from = from,
                              .sha256 = hex,
                              .version = version,
                              .old_version = old_version,
                              .beside = beside};
    int rc = place_file(&wish, ret_moved, e);
    free(from);
    return rc;
}

static void test_a_first_file_takes_its_name(void **state)
{
    (void)state;
    char *moved = NULL;
    put("work/new.png", "one");
    assert_int_equal(place("one", 1, 0, false, &moved, NULL), 0);
    assert_null(moved);
    expect("a/b.png", "one");
    expect("work/new.png", NULL);
}

static void test_an_older_version_is_kept_beside(void **state)
{
    (void)state;
    char *moved = NULL;
    put("a/b.png", "one");
    put("work/new.png", "two");
    assert_int_equal(place("two", 2, 1, false, &moved, NULL), 0);
    assert_string_equal(moved, "a/.versions/b.v1.png");
    expect("a/b.png", "two");
    expect("a/.versions/b.v1.png", "one");
    free(moved);
}

static void test_a_file_nobody_knows_is_kept_under_its_digest(void **state)
{
    (void)state;
    char *moved = NULL;
    put("a/b.png", "mine");
    put("work/new.png", "two");
    assert_int_equal(place("two", 1, 0, false, &moved, NULL), 0);
    assert_non_null(strstr(moved, "a/.versions/b.found-"));
    expect(moved, "mine");
    expect("a/b.png", "two");
    free(moved);
}

static void test_the_same_bytes_make_no_version(void **state)
{
    (void)state;
    char *moved = NULL;
    put("a/b.png", "one");
    put("work/new.png", "one");
    assert_int_equal(place("one", 2, 1, false, &moved, NULL), 0);
    assert_null(moved);
    expect("a/.versions/b.v1.png", NULL);
}

static void test_a_placing_that_a_crash_cut_short_is_finished(void **state)
{
    (void)state;
    char *moved = NULL;
    /* after the old one was linked away and before the rename */
    put("a/b.png", "one");
    put("work/new.png", "two");
    put("a/.versions/x", "");
    char *from = path_join(root, "a/b.png"), *to = path_join(root, "a/.versions/b.v1.png");
    assert_int_equal(link(from, to), 0);
    assert_int_equal(place("two", 2, 1, false, &moved, NULL), 0);
    expect("a/b.png", "two");
    expect("a/.versions/b.v1.png", "one");
    mem_free(moved);
    /* after the rename and before the commit */
    assert_int_equal(place("two", 2, 1, false, &moved, NULL), 0);
    assert_string_equal(moved, "a/.versions/b.v1.png");
    free(moved);
    free(from);
    free(to);
}

static void test_a_made_file_that_is_gone_is_told(void **state)
{
    (void)state;
    char *moved = NULL;
    struct err e = {0};
    put("a/b.png", "one");
    assert_int_equal(place("two", 2, 1, false, &moved, &e), ERR_MISSING);
    expect("a/b.png", "one");
}

static void test_a_late_older_version_goes_beside(void **state)
{
    (void)state;
    char *moved = NULL;
    put("a/b.png", "newer");
    put("work/new.png", "late");
    assert_int_equal(place("late", 3, 4, true, &moved, NULL), 0);
    assert_string_equal(moved, "a/.versions/b.v3.png");
    expect("a/b.png", "newer");
    expect("a/.versions/b.v3.png", "late");
    free(moved);
}

static void test_a_link_in_the_tree_cannot_lead_out(void **state)
{
    (void)state;
    char *moved = NULL, *link_path = path_join(root, "a");
    struct err e = {0};
    assert_int_equal(symlink("/tmp", link_path), 0);
    put("work/new.png", "two");
    assert_int_not_equal(place("two", 1, 0, false, &moved, &e), 0);
    assert_int_not_equal(e.code, 0);
    expect("work/new.png", "two");
    free(link_path);
}

static void test_a_changed_text_keeps_the_old_one(void **state)
{
    struct file_dirs dirs = {0};
    (void)state;
    assert_int_equal(place_text(root, "p/x.txt", "first\n", &dirs, NULL), 0);
    assert_int_equal(place_text(root, "p/x.txt", "first\n", &dirs, NULL), 0);
    char *versions = path_join(root, "p/.versions");
    assert_false(file_exists(versions));
    assert_int_equal(place_text(root, "p/x.txt", "second\n", &dirs, NULL), 0);
    assert_true(file_exists(versions));
    expect("p/x.txt", "second\n");
    free(versions);
    assert_int_equal(dirs.n, 1); /* written twice, to be synced once */
    char *dir = path_join(root, "p");
    assert_string_equal(dirs.paths[0], dir);
    free(dir);
    assert_int_equal(file_dirs_sync(&dirs, NULL), 0);
    assert_int_equal(dirs.n, 0);
    file_dirs_finish(&dirs);
}

/* Whatever somebody has put there: a picture of two megabytes under the name of a prompt, a link.
 */
static void test_a_text_never_writes_over_what_is_none(void **state)
{
    struct file_dirs dirs = {0};
    (void)state;
    char *big = mem_alloc(2000001), *link_path = path_join(root, "p/y.txt");
    memset(big, 'x', 2000000);
    put("p/x.txt", big);
    assert_int_equal(symlink("x.txt", link_path), 0);
    assert_int_equal(place_text(root, "p/x.txt", "new\n", &dirs, NULL), 0);
    assert_int_equal(place_text(root, "p/y.txt", "new\n", &dirs, NULL), 0);
    expect("p/x.txt", "new\n");
    expect("p/y.txt", "new\n");
    char *versions = path_join(root, "p/.versions");
    DIR *open_dir = opendir(versions);
    const struct dirent *entry;
    int n = 0;
    assert_non_null(open_dir);
    while ((entry = readdir(open_dir)))
        n += entry->d_name[0] != '.';
    closedir(open_dir);
    assert_int_equal(n, 2);
    free(versions);
    free(link_path);
    free(big);
    file_dirs_finish(&dirs);
}

static void test_a_folder_that_cannot_be_synced_stays_in_the_set(void **state)
{
    struct file_dirs dirs = {0};
    struct err e = {0};
    (void)state;
    char *gone = path_join(root, "gone");
    file_dirs_add(&dirs, root);
    file_dirs_add(&dirs, gone);
    assert_true(file_dirs_sync(&dirs, &e) < 0);
    assert_non_null(strstr(e.text, "gone"));
    assert_int_equal(dirs.n, 2);
    file_dirs_finish(&dirs);
    free(gone);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, make_root, remove_root)

static void test_a_refused_take_is_kept_beside_with_its_reason(void **state)
{
    (void)state;
    char *kept = NULL, *from = path_join(root, "work/picture.png");
    put("work/picture.png", "take one");
    for (int again = 0; again < 2; again++) { /* a crash may let it be done twice */
        assert_int_equal(
            place_refused(root, "a/b.png", from, "0123456789ab", "it is black", &kept, NULL), 0);
        assert_string_equal(kept, "a/.versions/b.refused-01234567.png");
        free(kept);
        expect("a/.versions/b.refused-01234567.png", "take one");
        expect("a/.versions/b.refused-01234567.png.txt", "it is black\n");
        expect("work/picture.png", "take one");
        expect("a/b.png", NULL);
    }
    assert_int_equal(place_refused(root, "../b.png", from, "01234567", "x", &kept, NULL), ERR_PATH);
    free(from);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_a_first_file_takes_its_name),
        TEST(test_an_older_version_is_kept_beside),
        TEST(test_a_file_nobody_knows_is_kept_under_its_digest),
        TEST(test_the_same_bytes_make_no_version),
        TEST(test_a_placing_that_a_crash_cut_short_is_finished),
        TEST(test_a_made_file_that_is_gone_is_told),
        TEST(test_a_late_older_version_goes_beside),
        TEST(test_a_folder_that_cannot_be_synced_stays_in_the_set),
        TEST(test_a_refused_take_is_kept_beside_with_its_reason),
        TEST(test_a_link_in_the_tree_cannot_lead_out),
        TEST(test_a_changed_text_keeps_the_old_one),
        TEST(test_a_text_never_writes_over_what_is_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
