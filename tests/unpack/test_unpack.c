/* Zips, honest and hostile: a good one comes out whole, a bad one leaves nothing behind but its
 * reason. */
/* SPDX-License-Identifier: ISC */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <dirent.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/json.h"
#include "base/path.h"
#include "ops/ops.h"
#include "unpack/zipped.h"

struct place {
    char dir[64], zip[80], to[80];
    struct err e;
    cJSON *facts;
};

static int setup(void **state)
{
    struct place *p = mem_alloc(sizeof *p);
    snprintf(p->dir, sizeof p->dir, "/tmp/slated-unpack-XXXXXX");
    if (!mkdtemp(p->dir))
        return -1;
    snprintf(p->zip, sizeof p->zip, "%s/drop.zip", p->dir);
    snprintf(p->to, sizeof p->to, "%s/to", p->dir);
    *state = p;
    return mkdir(p->to, 0755);
}

static int teardown(void **state)
{
    struct place *p = *state;
    int rc = file_remove_tree(p->dir, NULL);
    cJSON_Delete(p->facts);
    free(p);
    return rc;
}

static int unpack(struct place *p)
{
    cJSON *params = cJSON_CreateObject();
    struct op_file in = {(char *)(uintptr_t) "archive", p->zip};
    struct op_request r = {.op = "unpack", .params = params, .in = &in, .in_n = 1};
    cJSON_AddStringToObject(params, "to", p->to);
    cJSON_Delete(p->facts);
    p->facts = cJSON_CreateObject();
    p->e = (struct err){0};
    int rc = op_unpack(&r, p->facts, &p->e);
    cJSON_Delete(params);
    return rc;
}

static int entries_of(const char *dir)
{
    DIR *d = opendir(dir);
    int n = -2;
    assert_non_null(d);
    while (readdir(d))
        n++;
    closedir(d);
    return n;
}

static void holds(struct place *p, const char *name, const char *text)
{
    char *path = path_join(p->to, name), *bytes;
    size_t len;
    assert_int_equal(file_read(path, 1 << 20, &bytes, &len, NULL), 0);
    assert_string_equal(bytes, text);
    free(bytes);
    free(path);
}

static void unpacks(struct place *p, struct zipped *z, int files, int junk)
{
    zipped_close(z);
    zipped_save(z, p->zip);
    if (unpack(p))
        fail_msg("%s", p->e.text);
    assert_int_equal(json_int(p->facts, "files", -1), files);
    assert_int_equal(json_int(p->facts, "junk", -1), junk);
}

static void refuses_saved(struct place *p, int code, const char *words)
{
    int rc = unpack(p);
    if (!strstr(p->e.text, words) || !strstr(p->e.text, "drop.zip: "))
        fail_msg("\"%s\" does not say \"%s\"", p->e.text, words);
    assert_int_equal(rc, code);
    assert_int_equal(entries_of(p->to), 0);
    assert_null(p->facts->child);
    assert_int_equal(entries_of(p->dir), 2);
}

static void refuses(struct place *p, struct zipped *z, int code, const char *words)
{
    zipped_close(z);
    zipped_save(z, p->zip);
    refuses_saved(p, code, words);
}

static void test_files_and_folders_come_out_as_they_are(void **state)
{
    struct zipped z;
    zipped_init(&z);
    zipped_text(&z, "products.json", "{\"products\":[]}");
    zipped_add(&z, "refs/", ZIPPED_FOLDER, 0, "", 0);
    zipped_text(&z, "refs/lamp.jpg", "not really");
    zipped_text(&z, "./deep/er/note.md", "# N");
    zipped_add(&z, "empty/", ZIPPED_FOLDER, 0, "", 0);
    unpacks(*state, &z, 3, 0);
    holds(*state, "products.json", "{\"products\":[]}");
    holds(*state, "refs/lamp.jpg", "not really");
    holds(*state, "deep/er/note.md", "# N");
    assert_int_equal(entries_of(((struct place *)*state)->to), 4);
    assert_int_equal(json_int(((struct place *)*state)->facts, "bytes", 0), 15 + 10 + 3);
}

static void test_a_zip_of_one_folder_keeps_the_folder(void **state)
{
    struct zipped z;
    zipped_init(&z);
    zipped_add(&z, "C-U-000/", ZIPPED_FOLDER, 0, "", 0);
    zipped_text(&z, "C-U-000/ui.png", "x");
    unpacks(*state, &z, 1, 0);
    holds(*state, "C-U-000/ui.png", "x");
}

static void test_what_finder_adds_is_skipped_and_counted(void **state)
{
    struct zipped z;
    zipped_init(&z);
    zipped_text(&z, "set/a.png", "a");
    zipped_text(&z, "__MACOSX/set/._a.png", "junk");
    zipped_text(&z, "set/.DS_Store", "junk");
    zipped_add(&z, "__MACOSX/", ZIPPED_FOLDER, 0, "", 0);
    unpacks(*state, &z, 1, 2);
    assert_int_equal(entries_of(((struct place *)*state)->to), 1);
}

static void test_names_in_utf8_come_out_in_utf8_with_and_without_the_flag(void **state)
{
    struct zipped z;
    zipped_init(&z);
    zipped_add(&z, "n\xc3\xa4he.txt", ZIPPED_FILE, ZIPPED_UTF8, "flag", 4);
    zipped_add(&z, "\xe6\x9c\xa8.txt", ZIPPED_FILE, 0, "none", 4);
    unpacks(*state, &z, 2, 0);
    holds(*state, "n\xc3\xa4he.txt", "flag");
    holds(*state, "\xe6\x9c\xa8.txt", "none");
}

static void test_a_large_file_comes_out_whole(void **state)
{
    struct place *p = *state;
    struct zipped z;
    size_t len = 3 << 20;
    char *bytes = mem_alloc(len), *back;
    uint32_t seed = 3;
    for (size_t i = 0; i < len; i++)
        bytes[i] = (char)((seed = seed * 1664525u + 1013904223u) >> 28);
    zipped_init(&z);
    zipped_add(&z, "big.bin", ZIPPED_FILE, 0, bytes, len);
    unpacks(p, &z, 1, 0);
    char *path = path_join(p->to, "big.bin");
    size_t got;
    assert_int_equal(file_read(path, 8 << 20, &back, &got, NULL), 0);
    assert_int_equal(got, len);
    assert_memory_equal(back, bytes, len);
    free(path);
    free(back);
    free(bytes);
}

static void test_names_that_lead_elsewhere_are_refused(void **state)
{
    static const struct {
        const char *name, *words;
        int code;
    } cases[] = {{"../evil.txt", "\"../evil.txt\" leaves", ERR_PATH},
                 {"a/../../evil.txt", "leaves", ERR_PATH},
                 {"a/..", "leaves", ERR_PATH},
                 {"/etc/evil", "absolute", ERR_PATH},
                 {"C:/evil", "drive", ERR_PATH},
                 {"c:evil", "drive", ERR_PATH},
                 {"a\\..\\evil", "leaves", ERR_PATH},
                 {"a/b\\evil", "backslash", ERR_PATH},
                 {"a/bad\x01name", "control", ERR_PATH},
                 {"a//b", "empty parts", ERR_PATH},
                 {"__MACOSX/../../evil", "leaves", ERR_PATH},
                 {"n\xe4he.txt", "not UTF-8", ERR_INPUT},
                 {"1/2/3/4/5/6/7/8/9.txt", "too deep", ERR_LIMIT}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct zipped z;
        zipped_init(&z);
        zipped_text(&z, "first.txt", "good");
        zipped_text(&z, cases[i].name, "evil");
        refuses(*state, &z, cases[i].code, cases[i].words);
    }
}

static void test_links_are_refused(void **state)
{
    struct zipped z;
    zipped_init(&z);
    zipped_text(&z, "first.txt", "good");
    zipped_add(&z, "way", ZIPPED_LINK, 0, "/etc", 4);
    zipped_text(&z, "way/passwd", "evil");
    refuses(*state, &z, ERR_KIND, "\"way\" is a link");
}

static void test_a_password_is_refused_with_the_cure(void **state)
{
    struct zipped z;
    zipped_init(&z);
    zipped_text(&z, "first.txt", "good");
    zipped_add(&z, "secret.txt", ZIPPED_FILE, ZIPPED_LOCKED, "xxxxxxxxxxxxxxxx", 16);
    refuses(*state, &z, ERR_UNSUPPORTED, "remove the password");
}

static void test_a_name_that_comes_twice_is_refused(void **state)
{
    static const char *const names[][2] = {{"a.png", "a.png"},
                                           {"Lamp.png", "lamp.PNG"},
                                           {"n\xc3\xa4he.png", "na\xcc\x88he.png"},
                                           {"a", "a/b"}};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct zipped z;
        zipped_init(&z);
        zipped_add(&z, names[i][0], ZIPPED_FILE, 0, "1", 1);
        zipped_add(&z, names[i][1], ZIPPED_FILE, 0, "2", 1);
        refuses(*state, &z, ERR_INPUT, i < 3 ? "more than once" : "a file in one place");
    }
}

static void test_a_bomb_is_refused_by_its_ratio(void **state)
{
    struct zipped z;
    size_t len = (size_t)40 << 20;
    char *zeros = mem_alloc(len);
    zipped_init(&z);
    zipped_add(&z, "zeros.bin", ZIPPED_FILE, 0, zeros, len);
    refuses(*state, &z, ERR_LIMIT, "hundred times");
    free(zeros);
}

static void test_an_entry_past_its_limit_is_refused(void **state)
{
    struct place *p = *state;
    struct zipped z;
    zipped_init(&z);
    zipped_text(&z, "giant.bin", "small");
    zipped_close(&z);
    char *line = memmem(z.files.data, z.files.len, "PK\1\2", 4);
    memcpy(line + 20, "\5\0\0\0\1\0\0\20", 8); /* says it unpacks to 256 MiB and a byte */
    memcpy(z.files.data + 18, "\5\0\0\0\1\0\0\20", 8);
    zipped_save(&z, p->zip);
    refuses_saved(p, ERR_LIMIT, "larger than 256 MiB");
}

static void test_more_than_ten_thousand_entries_are_refused(void **state)
{
    struct zipped z;
    zipped_init(&z);
    for (int i = 0; i < 10001; i++) {
        char name[32];
        snprintf(name, sizeof name, "%d/", i);
        zipped_add(&z, name, ZIPPED_FOLDER, 0, "", 0);
    }
    refuses(*state, &z, ERR_LIMIT, "more than 10000 entries");
}

static void test_a_zip_without_files_is_refused(void **state)
{
    struct zipped z;
    zipped_init(&z);
    refuses(*state, &z, ERR_INPUT, "no file in it");
    zipped_init(&z);
    zipped_text(&z, "__MACOSX/._x", "junk");
    refuses(*state, &z, ERR_INPUT, "no file in it");
}

static void test_a_damaged_file_inside_is_refused_by_its_name(void **state)
{
    struct place *p = *state;
    struct zipped z;
    zipped_init(&z);
    zipped_text(&z, "good.txt", "good");
    zipped_text(&z, "bad.txt", "some words that lie");
    zipped_close(&z);
    ((char *)memmem(z.files.data, z.files.len, "words", 5))[0] = 'x';
    zipped_save(&z, p->zip);
    refuses_saved(p, ERR_INPUT, "\"bad.txt\" is damaged");
}

static void test_a_zip_cut_anywhere_is_refused(void **state)
{
    struct place *p = *state;
    struct zipped z;
    zipped_init(&z);
    zipped_text(&z, "a.txt", "some words");
    zipped_text(&z, "b/c.txt", "more words");
    zipped_close(&z);
    size_t len = z.files.len;
    char *bytes = mem_alloc(len);
    memcpy(bytes, z.files.data, len);
    buf_finish(&z.files);
    for (size_t n = 4; n < len; n++) {
        assert_int_equal(file_write(p->zip, bytes, n, false, NULL), 0);
        refuses_saved(p, ERR_INPUT, "damaged or incomplete");
    }
    free(bytes);
}

static void test_other_archives_are_named(void **state)
{
    static const struct {
        const char *bytes, *words;
    } cases[] = {{"Rar!\x1a\x07\x01", "RAR"},
                 {"7z\xbc\xaf'\x1c__", "7-Zip"},
                 {"\x1f\x8b\x08____", "gzip"},
                 {"hello wo", "something else"}};
    struct place *p = *state;
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(file_write(p->zip, cases[i].bytes, strlen(cases[i].bytes), false, NULL),
                         0);
        refuses_saved(p, ERR_UNSUPPORTED, cases[i].words);
    }
}

static void test_a_folder_that_is_not_empty_is_left_alone(void **state)
{
    struct place *p = *state;
    struct zipped z;
    zipped_init(&z);
    zipped_text(&z, "a.txt", "a");
    zipped_close(&z);
    zipped_save(&z, p->zip);
    char *mine = path_join(p->to, "mine.txt");
    assert_int_equal(file_write(mine, "mine", 4, false, NULL), 0);
    assert_int_equal(unpack(p), ERR_EXISTS);
    holds(p, "mine.txt", "mine");
    free(mine);
    assert_int_equal(file_remove_tree(p->to, NULL), 0);
    assert_int_equal(unpack(p), ERR_MISSING);
    assert_int_equal(symlink("/tmp", p->to), 0);
    assert_int_equal(unpack(p), ERR_KIND);
}

static void test_an_archive_that_is_a_link_or_gone_is_refused(void **state)
{
    struct place *p = *state;
    assert_int_equal(unpack(p), ERR_MISSING);
    assert_int_equal(symlink("/etc/passwd", p->zip), 0);
    assert_int_not_equal(unpack(p), 0);
    assert_int_equal(unlink(p->zip), 0);
    assert_int_equal(mkfifo(p->zip, 0600), 0);
    refuses_saved(p, ERR_KIND, "not a regular file");
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
int main(void)
{
    const struct CMUnitTest tests[] = {
        T(test_files_and_folders_come_out_as_they_are),
        T(test_a_zip_of_one_folder_keeps_the_folder),
        T(test_what_finder_adds_is_skipped_and_counted),
        T(test_names_in_utf8_come_out_in_utf8_with_and_without_the_flag),
        T(test_a_large_file_comes_out_whole),
        T(test_names_that_lead_elsewhere_are_refused),
        T(test_links_are_refused),
        T(test_a_password_is_refused_with_the_cure),
        T(test_a_name_that_comes_twice_is_refused),
        T(test_a_bomb_is_refused_by_its_ratio),
        T(test_an_entry_past_its_limit_is_refused),
        T(test_more_than_ten_thousand_entries_are_refused),
        T(test_a_zip_without_files_is_refused),
        T(test_a_damaged_file_inside_is_refused_by_its_name),
        T(test_a_zip_cut_anywhere_is_refused),
        T(test_other_archives_are_named),
        T(test_a_folder_that_is_not_empty_is_left_alone),
        T(test_an_archive_that_is_a_link_or_gone_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
