/* A returned picture finds the one it was made from, or is asked about, and never goes wrong; files
 * that are no pictures are told. */
/* SPDX-License-Identifier: ISC */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/path.h"
#include "base/str.h"
#include "likeness/frame.h"
#include "likeness/generator.h"
#include "likeness/mark.h"

#define RETURNS 165

static struct gen g;
static char dir[64];

static int begin(void **state)
{
    (void)state;
    (void)str_format(dir, sizeof dir, "%s", "/tmp/slated-like-XXXXXX");
    gen_init(&g, 5);
    return mkdtemp(dir) ? 0 : -1;
}

static int end(void **state)
{
    (void)state;
    gen_finish(&g);
    return file_remove_tree(dir, NULL);
}

static char *at(const char *name)
{
    return path_join(dir, name);
}

static void put(const char *name, const void *bytes, size_t len)
{
    char *path = at(name);
    assert_int_equal(file_write(path, bytes, len, false, NULL), 0);
    free(path);
}

static void test_no_return_is_placed_wrongly_and_most_worked_on_ones_are_placed(void **state)
{
    (void)state;
    struct gen_counts counts[KINDS_N] = {{0}};
    gen_judge(&g, RETURNS, counts);
    int wrong = 0;
    for (int k = 0; k < KINDS_N; k++)
        wrong += counts[k].wrong;
    assert_int_equal(wrong, 0);
    for (int k = KIND_RECOMPRESS; k <= KIND_INPAINT; k++)
        if (k != KIND_CROP)
            assert_true(counts[k].placed * 10 >= counts[k].n * 8);
    assert_int_equal(counts[KIND_UNRELATED].placed, 0);
}

static void test_nothing_is_placed_while_no_picture_is_out(void **state)
{
    (void)state;
    struct match match;
    struct match_pool pool = {g.list, g.shot, 0};
    match_picture(&g.prints[0], &pool, &match_rules_default, &match);
    assert_false(match.one);
    assert_int_equal(match.nearest_n, 0);
    assert_string_equal(match.why, "no picture is out");
}

static void test_the_same_picture_in_two_shots_is_asked_about(void **state)
{
    (void)state;
    const struct print *two[] = {&g.prints[0], &g.prints[0]};
    int shots[] = {1, 2};
    struct match match;
    struct match_pool pool = {two, shots, 2};
    match_picture(&g.prints[0], &pool, &match_rules_default, &match);
    assert_false(match.one);
    shots[1] = 1; /* of one shot: that is where it belongs */
    match_picture(&g.prints[0], &pool, &match_rules_default, &match);
    assert_true(match.one);
}

static void test_a_print_is_kept_in_a_file_and_a_damaged_one_is_told(void **state)
{
    (void)state;
    struct print back;
    struct err e = {0};
    char *path = at("a.print");
    assert_int_equal(print_save(&g.prints[3], path, &e), 0);
    assert_int_equal(print_load(path, &back, &e), 0);
    assert_int_equal(back.phash, g.prints[3].phash);
    assert_memory_equal(back.grey, g.prints[3].grey, (size_t)(back.w * back.h));
    assert_string_equal(back.pixels, g.prints[3].pixels);
    assert_int_equal(truncate(path, 300), 0);
    assert_int_equal(print_load(path, &back, &e), ERR_INPUT);
    free(path);
}

static void test_a_mark_is_found_wherever_it_lies(void **state)
{
    (void)state;
    static const char mark[] = "slb1-abcdefghijklmnopqrstuvwx23";
    size_t len = 3 * 1024 * 1024;
    char *bytes = mem_alloc(len), found[MARK_LEN + 1], *path = at("m.bin");
    const size_t places[] = {0, 100, 1024 * 1024 - 7, 2 * 1024 * 1024 - 31, len - MARK_LEN};
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        memset(bytes, 's', len);
        memcpy(bytes + places[i], mark, MARK_LEN);
        put("m.bin", bytes, len);
        assert_int_equal(mark_find(path, found, NULL), 0);
        assert_string_equal(found, mark);
    }
    memset(bytes, 0, len);
    memcpy(bytes + 50, mark, MARK_LEN - 1); /* one short */
    put("m.bin", bytes, len);
    assert_int_equal(mark_find(path, found, NULL), 0);
    assert_string_equal(found, "");
    free(path);
    free(bytes);
}

static void assert_refused(const char *name, int code, const char *says)
{
    struct frame frame;
    struct err e = {0};
    char *path = at(name), *beside = at("frame.png");
    int rc = frame_read(path, beside, &frame, &e);
    if (rc != code || !strstr(e.text, says))
        fail_msg("%s: %d, %s", name, rc, e.text);
    assert_false(file_exists(beside));
    free(beside);
    free(path);
}

static void test_what_is_no_picture_is_told_as_what_it_is(void **state)
{
    (void)state;
    static const unsigned char huge[] =
        "\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\xc3\x50\0\0\xc3\x50\x08\x02\0\0\0";
    put("text.png", "hello there, no picture", 23);
    put("empty.png", "", 0);
    put("list.mp4", "#EXTM3U\n#EXT-X-TARGETDURATION:10\nfile:///etc/passwd\n", 52);
    put("box.mp4",
        "\0\0\0\x18"
        "ftypmp42\0\0\0\0mp42isom"
        "\0\0\0\x08"
        "moov",
        32);
    put("phone.heic",
        "\0\0\0\x18"
        "ftypheic\0\0\0\0heicmif1",
        24);
    put("huge.png", huge, sizeof huge - 1);
    assert_refused("text.png", ERR_INPUT, "neither a picture nor a clip");
    assert_refused("empty.png", ERR_INPUT, "empty");
    assert_refused("list.mp4", ERR_INPUT, "neither a picture nor a clip");
    assert_refused("box.mp4", ERR_INPUT, "damaged mp4");
    assert_int_equal(setenv("SLATED_FFMPEG", "/nowhere/ffmpeg", 1), 0);
    assert_refused("box.mp4", ERR_CHILD, "/nowhere/ffmpeg"); /* nobody knows what it is */
    assert_int_equal(unsetenv("SLATED_FFMPEG"), 0);
    char *before = mem_dup(getenv("PATH") ? getenv("PATH") : "/usr/bin:/bin");
    assert_int_equal(setenv("PATH", "/nonexistent", 1), 0);
    assert_refused("phone.heic", ERR_UNSUPPORTED, "save it as PNG or JPEG");
    assert_int_equal(setenv("PATH", before, 1), 0);
    free(before);
    char *path = at("huge.png");
    struct frame frame;
    struct err e = {0};
    int rc = frame_read(path, path, &frame, &e);
    assert_true(rc == ERR_LIMIT || rc == ERR_INPUT);
    free(path);
}

static void test_a_torn_picture_is_refused_in_every_form(void **state)
{
    (void)state;
    static const char *const names[] = {"a.png", "a.jpg", "a.webp"};
    for (size_t i = 0; i < 3; i++) {
        struct frame frame;
        struct err e = {0};
        struct stat st;
        char *path = at(names[i]);
        assert_int_equal(picture_write(path, path_ext(path), &g.pool[0], NULL, &e), 0);
        assert_int_equal(frame_read(path, path, &frame, &e), 0);
        pixels_finish(&frame.pixels);
        assert_int_equal(stat(path, &st), 0);
        assert_int_equal(truncate(path, st.st_size * 2 / 3), 0);
        assert_int_equal(frame_read(path, path, &frame, &e), ERR_INPUT);
        free(path);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_no_return_is_placed_wrongly_and_most_worked_on_ones_are_placed),
        cmocka_unit_test(test_nothing_is_placed_while_no_picture_is_out),
        cmocka_unit_test(test_the_same_picture_in_two_shots_is_asked_about),
        cmocka_unit_test(test_a_print_is_kept_in_a_file_and_a_damaged_one_is_told),
        cmocka_unit_test(test_a_mark_is_found_wherever_it_lies),
        cmocka_unit_test(test_what_is_no_picture_is_told_as_what_it_is),
        cmocka_unit_test(test_a_torn_picture_is_refused_in_every_form),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
