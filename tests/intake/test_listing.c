/* What lies in an entry: names, kinds, digests; what is left out, and where it stops. */
/* SPDX-License-Identifier: ISC */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/str.h"
#include "intake/make.h"
#include "intake/listing.h"

static char dir[64];

static int make_dir(void **state)
{
    (void)state;
    (void)str_format(dir, sizeof dir, "%s", "/tmp/slated-listing-XXXXXX");
    return mkdtemp(dir) ? 0 : -1;
}

static int remove_dir(void **state)
{
    (void)state;
    return file_remove_tree(dir, NULL);
}

static void write_bytes(const char *name, const void *bytes, size_t n)
{
    char *path = path_join(dir, name), *folder = path_dir(path);
    assert_int_equal(file_make_dirs(folder, NULL), 0);
    assert_int_equal(file_write(path, bytes, n, false, NULL), 0);
    free(folder);
    free(path);
}

static void write_text(const char *name, const char *text)
{
    write_bytes(name, text, strlen(text));
}

static char *at(const char *name)
{
    static char paths[4][400];
    static int turn;
    char *path = paths[turn++ % 4];
    (void)str_format(path, sizeof paths[0], "%s/%s", dir, name);
    return path;
}

static struct listing *list(const char *name)
{
    struct listing *l = NULL;
    struct err e = {0};
    if (listing_make(dir, name, &listing_limits_default, &l, &e) != 0)
        fail_msg("%s", e.text);
    return l;
}

static void assert_fails(const char *name, const struct listing_limits *limits, int code)
{
    struct listing *l = NULL;
    struct err e = {0};
    assert_int_equal(listing_make(dir, name, limits, &l, &e), code);
    assert_null(l);
    assert_true(*e.text);
}

static void test_a_single_file_is_one_entry_without_a_path(void **state)
{
    struct listing *l;
    (void)state;
    write_text("a.json", "{\"a\": 1}");
    l = list("a.json");
    assert_false(l->folder);
    assert_int_equal(l->files_n, 1);
    assert_string_equal(l->files[0].path, "");
    assert_int_equal(l->files[0].media, MEDIA_JSON);
    assert_true(l->files[0].complete);
    assert_int_equal(strlen(l->digest), 64);
    assert_string_equal(l->digest, l->files[0].sha256);
    assert_true(l->newest_ms > 1000000000000);
    listing_free(l);
}

static void test_json_that_ends_too_early_is_not_whole(void **state)
{
    struct listing *l;
    (void)state;
    write_text("a.json", "{\"prompt\": \"a\"");
    l = list("a.json");
    assert_false(l->files[0].complete);
    assert_string_equal(l->digest, "");
    assert_non_null(strstr(l->files[0].why, "byte"));
    listing_free(l);
    write_text("a.json", "{\"prompt\": a}");
    l = list("a.json");
    assert_true(l->files[0].complete);
    listing_free(l);
}

static void test_a_folder_is_listed_in_the_order_of_its_paths(void **state)
{
    struct listing *l;
    struct bytes png = make_png(30, 20);
    (void)state;
    write_bytes("d/refs/b.png", png.b, png.n);
    write_text("d/refs/.DS_Store", "x");
    write_text("d/a.json", "{}");
    write_text("d/__MACOSX/._a.json", "x");
    l = list("d");
    assert_true(l->folder);
    assert_int_equal(l->files_n, 2);
    assert_string_equal(l->files[0].path, "a.json");
    assert_string_equal(l->files[1].path, "refs/b.png");
    assert_int_equal(l->files[1].width, 30);
    assert_int_equal(l->junk_n, 2);
    listing_free(l);
}

static void test_identity_is_content_and_not_name_or_junk(void **state)
{
    struct listing *a, *b;
    (void)state;
    write_text("a/x.txt", "one");
    write_text("b/x.txt", "one");
    write_text("b/Thumbs.db", "junk");
    a = list("a");
    b = list("b");
    assert_string_equal(a->digest, b->digest);
    listing_free(b);
    write_text("b/x.txt", "two");
    b = list("b");
    assert_string_not_equal(a->digest, b->digest);
    listing_free(a);
    listing_free(b);
}

static const char *code_of(const struct listing *l, const char *path)
{
    for (size_t i = 0; i < l->left_n; i++)
        if (str_eq(l->left[i].path, path))
            return l->left[i].code;
    return "listed";
}

static void test_hostile_entries_are_left_out_with_their_reason(void **state)
{
    struct listing *l;
    (void)state;
    write_text("d/good.txt", "good");
    write_text("outside.txt", "secret");
    assert_int_equal(symlink("../outside.txt", at("d/link.txt")), 0);
    assert_int_equal(symlink(".", at("d/loop")), 0);
    assert_int_equal(symlink("nowhere", at("d/dangling")), 0);
    assert_int_equal(mkfifo(at("d/fifo"), 0600), 0);
    write_text("d/bad\xff.txt", "x");
    write_text("d/new\nline.txt", "x");
    l = list("d");
    assert_string_equal(code_of(l, "link.txt"), "NOT_REGULAR");
    assert_string_equal(code_of(l, "loop"), "NOT_REGULAR");
    assert_string_equal(code_of(l, "dangling"), "NOT_REGULAR");
    assert_string_equal(code_of(l, "fifo"), "NOT_REGULAR");
    assert_string_equal(code_of(l, "bad\\xff.txt"), "NAME_BAD");
    assert_int_equal(l->files_n, 2);
    listing_free(l);
}

static void test_a_hard_link_counts_only_where_others_cannot_write(void **state)
{
    struct listing *l;
    (void)state;
    write_text("outside.txt", "secret");
    write_text("d/a.txt", "x");
    assert_int_equal(link(at("outside.txt"), at("d/linked.txt")), 0);
    l = list("d");
    assert_int_equal(l->files_n, 2);
    listing_free(l);
    assert_int_equal(chmod(at("d"), 0777), 0);
    l = list("d");
    assert_string_equal(code_of(l, "linked.txt"), "HARDLINK");
    assert_int_equal(l->files_n, 1);
    listing_free(l);
}

static void test_what_is_no_file_is_never_opened(void **state)
{
    (void)state;
    assert_int_equal(mkfifo(at("fifo"), 0600), 0);
    assert_int_equal(symlink("/etc/passwd", at("link")), 0);
    assert_fails("fifo", &listing_limits_default, ERR_KIND);
    assert_fails("link", &listing_limits_default, ERR_KIND);
    assert_fails("gone", &listing_limits_default, ERR_MISSING);
    assert_fails("../x", &listing_limits_default, ERR_PATH);
}

static void test_limits_stop_the_walk(void **state)
{
    struct listing_limits limits = listing_limits_default;
    (void)state;
    write_text("d/1/2/3/x.txt", "123456");
    write_text("d/y.txt", "123456");
    limits.depth = 2;
    assert_fails("d", &limits, ERR_LIMIT);
    limits = listing_limits_default;
    limits.entries = 3;
    assert_fails("d", &limits, ERR_LIMIT);
    limits = listing_limits_default;
    limits.total_len = 10;
    assert_fails("d", &limits, ERR_LIMIT);
}

static void test_a_huge_sparse_document_is_not_read(void **state)
{
    struct listing *l;
    (void)state;
    write_text("a.json", "");
    assert_int_equal(truncate(at("a.json"), 1ll << 40), 0);
    l = list("a.json");
    assert_true(str_starts(l->files[0].why, "JSON_SIZE "));
    assert_string_equal(l->files[0].sha256, "");
    listing_free(l);
    write_text("a.bin", "");
    assert_int_equal(truncate(at("a.bin"), 1ll << 40), 0);
    l = list("a.bin");
    assert_true(str_starts(l->files[0].why, "FILE_SIZE "));
    listing_free(l);
}

static void test_a_listing_survives_its_way_through_json(void **state)
{
    struct listing *l, *again = NULL;
    struct err e;
    cJSON *tree, *other;
    char *first, *second;
    (void)state;
    write_text("d/a.txt", "x");
    write_text("d/cut.json", "[1,");
    assert_int_equal(symlink("a.txt", at("d/link")), 0);
    l = list("d");
    tree = listing_to_json(l);
    assert_int_equal(listing_from_json(tree, &again, &e), 0);
    other = listing_to_json(again);
    first = json_canonical(tree);
    second = json_canonical(other);
    assert_string_equal(first, second);
    assert_int_equal(again->files_n, 2);
    assert_int_equal(again->left_n, 1);
    free(first);
    free(second);
    cJSON_Delete(other);
    listing_free(again);
    again = NULL;
    json_set_str(cJSON_GetArrayItem(cJSON_GetObjectItem(tree, "left"), 0), "code", "EVIL");
    assert_int_equal(listing_from_json(tree, &again, &e), ERR_INPUT);
    assert_null(again);
    cJSON_Delete(tree);
    listing_free(l);
}

static void test_names_are_found_across_spellings(void **state)
{
    struct listing *l;
    bool clash;
    (void)state;
    write_text("d/re\xcc\x81sume\xcc\x81_01.txt", "decomposed");
    write_text("d/Shot01.TXT", "x");
    write_text("d/twin.txt", "x");
    write_text("d/TWIN.txt", "x");
    l = list("d");
    assert_non_null(listing_find(l, "r\xc3\xa9sum\xc3\xa9_01.txt", &clash));
    assert_false(clash);
    assert_non_null(listing_find(l, "shot01.txt", NULL));
    assert_null(listing_find(l, "Twin.txt", &clash));
    assert_true(clash);
    assert_non_null(listing_find(l, "twin.txt", &clash));
    assert_true(clash);
    assert_null(listing_find(l, "other.txt", &clash));
    assert_false(clash);
    listing_free(l);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_dir, remove_dir)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_a_single_file_is_one_entry_without_a_path),
        TEST(test_json_that_ends_too_early_is_not_whole),
        TEST(test_a_folder_is_listed_in_the_order_of_its_paths),
        TEST(test_identity_is_content_and_not_name_or_junk),
        TEST(test_hostile_entries_are_left_out_with_their_reason),
        TEST(test_a_hard_link_counts_only_where_others_cannot_write),
        TEST(test_what_is_no_file_is_never_opened),
        TEST(test_limits_stop_the_walk),
        TEST(test_a_huge_sparse_document_is_not_read),
        TEST(test_a_listing_survives_its_way_through_json),
        TEST(test_names_are_found_across_spellings),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
