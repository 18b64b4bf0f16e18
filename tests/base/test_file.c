/* Files and paths on a real disk: whole or not there, inside their root or refused. Both ways of
 * opening below a root are held to the same tests. */
/* SPDX-License-Identifier: ISC */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "base/digest.h"
#include "base/file.h"
#include "base/file_priv.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/path_priv.h"
#include "base/str.h"

static char home[64];

static const char *in_home(const char *name)
{
    static char ring[8][512];
    static int turn;
    char *out = ring[turn++ % 8];
    snprintf(out, sizeof ring[0], "%s/%s", home, name);
    return out;
}

static int set_up(void **state)
{
    (void)state;
    snprintf(home, sizeof home, "/tmp/slated-base-XXXXXX");
    return mkdtemp(home) ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    return file_remove_tree(home, NULL);
}

static void put(const char *name, const char *text)
{
    struct err e;
    if (file_write(in_home(name), text, strlen(text), false, &e))
        fail_msg("%s", e.text);
}

static void holds(const char *name, const char *text)
{
    char *bytes;
    size_t len;
    struct err e;
    if (file_read(in_home(name), 1000, &bytes, &len, &e))
        fail_msg("%s", e.text);
    assert_string_equal(bytes, text);
    assert_int_equal(len, strlen(text));
    free(bytes);
}

static void test_paths_come_apart_and_together(void **state)
{
    (void)state;
    static const char *const cases[][5] = {
        /* path, base, dir, ext, stem */
        {"a/b.tar.gz", "b.tar.gz", "a", "gz", "b.tar"},
        {"b", "b", ".", "", "b"},
        {"/.x", ".x", "/", "", ".x"},
        {"a.d/.x.png", ".x.png", "a.d", "png", ".x"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char *dir = path_dir(cases[i][0]), *stem = path_stem(cases[i][0]);
        assert_string_equal(path_base(cases[i][0]), cases[i][1]);
        assert_string_equal(dir, cases[i][2]);
        assert_string_equal(path_ext(cases[i][0]), cases[i][3]);
        assert_string_equal(stem, cases[i][4]);
        free(dir);
        free(stem);
    }
    char *a = path_join("x", "y"), *b = path_join("/", "y"), *c = path_join(NULL, "y");
    assert_string_equal(a, "x/y");
    assert_string_equal(b, "/y");
    assert_string_equal(c, "y");
    free(a);
    free(b);
    free(c);
}

static void test_unsafe_names_are_told_from_safe_ones(void **state)
{
    (void)state;
    static const char *const wrong[] = {"",       "/a",    "a/",   "a//b", ".",     "..",
                                        "a/../b", "a/./b", "a\nb", "a\\b", "a/\x7f"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        assert_false(path_is_safe(wrong[i]));
    char longer[1101];
    memset(longer, 'x', 201);
    longer[201] = '\0';
    assert_false(path_is_safe(longer));
    longer[200] = '\0';
    assert_true(path_is_safe(longer));
    for (int i = 0; i < 1100; i++)
        longer[i] = i % 100 == 99 ? '/' : 'x';
    longer[1100] = '\0';
    assert_false(path_is_safe(longer));
    assert_true(path_is_safe("out/a b/..c/d.\xc3\xa9"));
}

typedef int opener(int root_fd, const char *relative, int flags, mode_t mode, struct err *e);

static void stays_below(opener *open_it)
{
    struct err e;
    put("secret", "s");
    assert_int_equal(file_make_dirs(in_home("root/a/b"), &e), 0);
    put("root/a/b/f", "x");
    assert_int_equal(symlink("../..", in_home("root/a/up")), 0);
    assert_int_equal(symlink(in_home("secret"), in_home("root/a/out")), 0);
    assert_int_equal(symlink("b", in_home("root/a/inside")), 0);
    int root = open(in_home("root"), O_RDONLY | O_DIRECTORY);
    int fd = open_it(root, "a/b/f", O_RDONLY, 0, &e);
    assert_true(fd >= 0 && (fcntl(fd, F_GETFD) & FD_CLOEXEC));
    close(fd);
    static const char *const wrong[] = {
        "a/../../secret", "../secret", "/etc/passwd", "a/up/secret", "a/out",
        "a/inside/f",     "",          "a//b"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        if (open_it != path_open_by_steps || path_is_plain(wrong[i]))
            assert_int_equal(open_it(root, wrong[i], O_RDONLY, 0, &e), ERR_PATH);
    assert_int_equal(open_it(root, "a/none", O_RDONLY, 0, &e), ERR_MISSING);
    fd = open_it(root, "a/new", O_WRONLY | O_CREAT | O_EXCL, 0640, &e);
    assert_true(fd >= 0);
    close(fd);
    assert_int_equal(open_it(root, "a/new", O_WRONLY | O_CREAT | O_EXCL, 0640, &e), ERR_EXISTS);
    fd = open_it(root, ".", O_RDONLY | O_DIRECTORY, 0, &e);
    assert_true(fd >= 0);
    close(fd);
    close(root);
}

static void test_nothing_opens_outside_its_root(void **state)
{
    (void)state;
    stays_below(path_open_beneath);
}

static void test_the_portable_walk_keeps_the_same_promise(void **state)
{
    (void)state;
    stays_below(path_open_by_steps);
}

static void test_folders_are_made_below_a_root_and_never_through_a_link(void **state)
{
    (void)state;
    struct err e;
    mkdir(in_home("elsewhere"), 0755);
    mkdir(in_home("root"), 0755);
    int root = open(in_home("root"), O_RDONLY | O_DIRECTORY);
    assert_int_equal(path_make_dirs(root, "a/b/c", &e), 0);
    assert_int_equal(path_make_dirs(root, "a/b/c", &e), 0);
    assert_true(file_exists(in_home("root/a/b/c")));
    assert_int_equal(symlink("../elsewhere", in_home("root/l")), 0);
    assert_int_equal(path_make_dirs(root, "l/x", &e), ERR_PATH);
    assert_false(file_exists(in_home("elsewhere/x")));
    assert_int_equal(path_make_dirs(root, "../x", &e), ERR_PATH);
    close(root);
}

static void test_a_file_is_replaced_whole(void **state)
{
    (void)state;
    struct err e;
    put("f", "old");
    put(".f.slated-tmp", "left by a killed run");
    assert_int_equal(file_write(in_home("f"), "new text", 8, true, &e), 0);
    holds("f", "new text");
    assert_false(file_exists(in_home(".f.slated-tmp")));
    assert_int_equal(file_write(in_home("none/f"), "x", 1, true, &e), ERR_MISSING);
    char name[256];
    memset(name, 'n', 255);
    name[255] = '\0';
    assert_int_equal(file_write(in_home(name), "x", 1, true, &e), 0);
    holds(name, "x");
}

static void test_only_regular_files_of_allowed_size_are_read(void **state)
{
    (void)state;
    struct err e;
    char *bytes = NULL;
    size_t len;
    put("f", "12345");
    assert_int_equal(mkfifo(in_home("fifo"), 0600), 0);
    assert_int_equal(symlink("f", in_home("link")), 0);
    assert_int_equal(file_read(in_home("fifo"), 10, &bytes, &len, &e), ERR_KIND);
    assert_int_equal(file_read(in_home("link"), 10, &bytes, &len, &e), ERR_KIND);
    assert_int_equal(file_read(home, 10, &bytes, &len, &e), ERR_KIND);
    assert_int_equal(file_read(in_home("none"), 10, &bytes, &len, &e), ERR_MISSING);
    assert_int_equal(file_read(in_home("f"), 4, &bytes, &len, &e), ERR_LIMIT);
    assert_null(bytes);
    assert_int_equal(file_read(in_home("f"), 5, &bytes, &len, &e), 0);
    assert_string_equal(bytes, "12345");
    free(bytes);
    char hex[DIGEST_LEN];
    uint64_t size;
    assert_int_equal(digest_file(in_home("f"), hex, &size, &e), 0);
    assert_int_equal(size, 5);
    assert_int_equal(digest_file(in_home("fifo"), hex, &size, &e), ERR_KIND);
}

static void test_a_file_that_tells_no_size_is_read_to_its_end(void **state)
{
    (void)state;
    char *bytes;
    size_t len;
    struct err e;
    assert_int_equal(file_read("/proc/self/status", 1 << 20, &bytes, &len, &e), 0);
    assert_true(len > 100 && strlen(bytes) == len);
    free(bytes);
    struct utsname u; /* a file of settings, which is cut off at the first read */
    assert_int_equal(uname(&u), 0);
    assert_int_equal(file_read("/proc/sys/kernel/osrelease", 1024, &bytes, &len, &e), 0);
    assert_true(len == strlen(u.release) + 1 && strncmp(bytes, u.release, len - 1) == 0);
    free(bytes);
    assert_int_equal(file_read("/proc/sys/kernel/osrelease", 3, &bytes, &len, &e), ERR_LIMIT);
}

/* a tree with a file, a link out, and an empty folder under home/name */
static void make_tree(const char *name)
{
    char path[128];
    struct err e;
    snprintf(path, sizeof path, "%s/deep/empty", name);
    assert_int_equal(file_make_dirs(in_home(path), &e), 0);
    snprintf(path, sizeof path, "%s/deep/f", name);
    put(path, "x");
    snprintf(path, sizeof path, "%s/link", name);
    assert_int_equal(symlink("../kept", in_home(path)), 0);
}

static void test_a_move_never_replaces(void **state)
{
    (void)state;
    struct err e;
    put("a", "a");
    put("b", "b");
    assert_int_equal(file_move(in_home("a"), in_home("b"), &e), ERR_EXISTS);
    holds("b", "b");
    assert_int_equal(file_move(in_home("a"), in_home("c"), &e), 0);
    holds("c", "a");
    assert_int_equal(file_move(in_home("a"), in_home("d"), &e), ERR_MISSING);
    make_tree("t");
    assert_int_equal(file_move(in_home("t"), in_home("u"), &e), 0);
    holds("u/deep/f", "x");
}

static void test_a_tree_moves_to_another_volume(void **state)
{
    (void)state;
    char other[] = "/dev/shm/slated-base-XXXXXX";
    struct stat a, b;
    struct err e;
    if (!mkdtemp(other))
        skip();
    stat(home, &a);
    stat(other, &b);
    make_tree("t");
    char *to = path_join(other, "t"), *file = path_join(to, "deep/f");
    if (a.st_dev != b.st_dev) {
        assert_int_equal(file_move(in_home("t"), to, &e), 0);
        assert_false(file_exists(in_home("t")));
        assert_true(file_exists(file));
        make_tree("t");
        assert_int_equal(file_move(in_home("t"), to, &e), ERR_EXISTS);
        assert_true(file_exists(in_home("t/deep/f")));
    }
    free(to);
    free(file);
    file_remove_tree(other, NULL);
}

static void test_a_copied_tree_is_equal_and_keeps_links_as_links(void **state)
{
    (void)state;
    struct stat st;
    make_tree("t");
    assert_int_equal(file_copy_tree(in_home("t"), in_home("u")), 0);
    holds("u/deep/f", "x");
    assert_true(lstat(in_home("u/link"), &st) == 0 && S_ISLNK(st.st_mode));
    assert_true(lstat(in_home("u/deep/empty"), &st) == 0 && S_ISDIR(st.st_mode));
    assert_int_equal(mkfifo(in_home("t/fifo"), 0600), 0);
    assert_int_equal(file_copy_tree(in_home("t"), in_home("v")), -1);
    assert_int_equal(errno, ENOTSUP);
}

static void test_a_copy_is_of_a_regular_file_to_a_free_name(void **state)
{
    (void)state;
    struct err e;
    put("a", "a");
    assert_int_equal(symlink("a", in_home("l")), 0);
    assert_int_equal(file_copy(in_home("a"), in_home("b"), &e), 0);
    holds("b", "a");
    assert_int_equal(file_copy(in_home("a"), in_home("b"), &e), ERR_EXISTS);
    assert_int_equal(file_copy(in_home("l"), in_home("c"), &e), ERR_KIND);
}

static void test_removing_a_tree_follows_no_link(void **state)
{
    (void)state;
    struct err e;
    put("kept", "kept");
    mkdir(in_home("kept_dir"), 0755);
    put("kept_dir/f", "kept");
    make_tree("t");
    assert_int_equal(symlink("../kept_dir", in_home("t/deep/out")), 0);
    assert_int_equal(file_remove_tree(in_home("t"), &e), 0);
    assert_false(file_exists(in_home("t")));
    holds("kept", "kept");
    holds("kept_dir/f", "kept");
    assert_int_equal(file_remove_tree(in_home("t"), &e), 0);
    assert_int_equal(symlink("kept_dir", in_home("l")), 0);
    assert_int_equal(file_remove_tree(in_home("l"), &e), 0);
    holds("kept_dir/f", "kept");
}

static void test_a_folder_is_emptied_and_stays(void **state)
{
    (void)state;
    struct err e;
    struct stat before, after;
    make_tree("t");
    put("kept", "kept");
    assert_int_equal(symlink(in_home("kept"), in_home("t/out")), 0);
    assert_int_equal(stat(in_home("t"), &before), 0);
    assert_int_equal(file_empty_dir(in_home("t"), &e), 0);
    assert_int_equal(stat(in_home("t"), &after), 0);
    assert_int_equal(before.st_ino, after.st_ino);
    assert_int_equal(rmdir(in_home("t")), 0); /* nothing was left in it */
    holds("kept", "kept");
    assert_int_not_equal(file_empty_dir(in_home("none"), &e), 0);
}

static void test_a_tree_of_any_depth_is_removed(void **state)
{
    (void)state;
    struct err e;
    mkdir(in_home("deep"), 0755);
    int fd = open(in_home("deep"), O_RDONLY | O_DIRECTORY);
    for (int i = 0; i < 3000; i++) {
        assert_int_equal(mkdirat(fd, "d", 0755), 0);
        int next = openat(fd, "d", O_RDONLY | O_DIRECTORY);
        close(fd);
        fd = next;
    }
    close(fd);
    if (file_remove_tree(in_home("deep"), &e))
        fail_msg("%s", e.text);
    assert_false(file_exists(in_home("deep")));
}

static void test_missing_folders_are_made_on_the_way(void **state)
{
    (void)state;
    struct err e;
    assert_int_equal(file_make_dirs(in_home("a/b//c/"), &e), 0);
    assert_true(file_exists(in_home("a/b/c")));
    put("f", "x");
    assert_int_equal(file_make_dirs(in_home("f/g"), &e), ERR_KIND);
    assert_int_equal(file_sync_dir(in_home("a"), &e), 0);
    assert_int_equal(file_sync_dir(in_home("none"), &e), ERR_MISSING);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

static void test_a_picture_is_known_by_its_name(void **state)
{
    static const char *const yes[] = {"a.png", "b/c.JPG", "x.y.jpeg", "/a.b/c.WebP"};
    static const char *const no[] = {"png", ".png", "a.png/b", "a.gif", "a.png.txt", "a.pngx", ""};
    (void)state;
    for (size_t i = 0; i < sizeof yes / sizeof *yes; i++)
        assert_true(path_is_picture(yes[i]));
    for (size_t i = 0; i < sizeof no / sizeof *no; i++)
        assert_false(path_is_picture(no[i]));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_paths_come_apart_and_together),
        cmocka_unit_test(test_unsafe_names_are_told_from_safe_ones),
        cmocka_unit_test(test_a_picture_is_known_by_its_name),
        TEST(test_nothing_opens_outside_its_root),
        TEST(test_the_portable_walk_keeps_the_same_promise),
        TEST(test_folders_are_made_below_a_root_and_never_through_a_link),
        TEST(test_a_file_is_replaced_whole),
        TEST(test_only_regular_files_of_allowed_size_are_read),
        TEST(test_a_file_that_tells_no_size_is_read_to_its_end),
        TEST(test_a_move_never_replaces),
        TEST(test_a_tree_moves_to_another_volume),
        TEST(test_a_copied_tree_is_equal_and_keeps_links_as_links),
        TEST(test_a_copy_is_of_a_regular_file_to_a_free_name),
        TEST(test_removing_a_tree_follows_no_link),
        TEST(test_a_folder_is_emptied_and_stays),
        TEST(test_a_tree_of_any_depth_is_removed),
        TEST(test_missing_folders_are_made_on_the_way),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
