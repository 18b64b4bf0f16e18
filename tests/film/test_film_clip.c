/* Push, hold and dissolve as files: size, rate, exact length, first and last look, the same bytes
 * twice, refusals. */
/* SPDX-License-Identifier: ISC */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "clips.h"

static void test_a_push_has_the_asked_size_rate_and_length(void **state)
{
    (void)state;
    const char *key = make_key("a.png", 200, 300, 60);
    char text[128];
    struct err e = {0};
    assert_int_equal(run_op(op_film_push, "film.push",
                            "{\"width\":128,\"height\":224,\"seconds\":2.52,\"fps\":24,\"from\":1,"
                            "\"to\":1.4,\"seed\":3}",
                            &key, 1, "push.mp4", &e),
                     0);
    probe("push.mp4", text, sizeof text);
    assert_string_equal(text, "128,224,24/1,60");
    assert_true(duration_of("push.mp4") > 2.49 && duration_of("push.mp4") < 2.51);
}

static void test_the_rate_is_24_unless_told(void **state)
{
    (void)state;
    const char *key = make_key("a.png", 64, 64, 60);
    char text[128];
    assert_int_equal(run_op(op_film_hold, "film.hold", "{\"width\":64,\"height\":64,\"seconds\":1}",
                            &key, 1, "h.mp4", NULL),
                     0);
    probe("h.mp4", text, sizeof text);
    assert_string_equal(text, "64,64,24/1,24");
}

static void test_a_hold_keeps_its_tone(void **state)
{
    (void)state;
    const char *key = make_key("a.png", 160, 160, 90);
    assert_int_equal(run_op(op_film_hold, "film.hold",
                            "{\"width\":160,\"height\":160,\"seconds\":0.5}", &key, 1, "h.mp4",
                            NULL),
                     0);
    for (int frame = 0; frame < 12; frame += 11) {
        assert_in_range(luma_at("h.mp4", frame, 'c'), 88,
                        97); /* 90 in full range is 93 in video range */
        assert_in_range(luma_at("h.mp4", frame, 'm'), 226, 234);
    }
}

static void test_a_push_brings_the_middle_to_the_corner(void **state)
{
    (void)state;
    const char *key = make_key("a.png", 160, 160, 60);
    assert_int_equal(
        run_op(op_film_push, "film.push",
               "{\"width\":160,\"height\":160,\"seconds\":1,\"from\":1,\"to\":6,\"seed\":1}", &key,
               1, "p.mp4", NULL),
        0);
    assert_in_range(luma_at("p.mp4", 0, 'c'), 56, 64);
    assert_true(luma_at("p.mp4", 23, 'c') != luma_at("p.mp4", 0, 'c') ||
                luma_at("p.mp4", 23, 'm') != luma_at("p.mp4", 0, 'm'));
}

static void test_a_dissolve_goes_from_the_first_through_the_second_to_the_last(void **state)
{
    (void)state;
    const char *keys[] = {make_key("a.png", 160, 160, 30), make_key("b.png", 160, 160, 200),
                          make_key("c.png", 160, 160, 90)};
    char text[128];
    assert_int_equal(run_op(op_film_dissolve, "film.dissolve",
                            "{\"width\":160,\"height\":160,\"seconds\":2}", keys, 3, "d.mp4", NULL),
                     0);
    probe("d.mp4", text, sizeof text);
    assert_string_equal(text, "160,160,24/1,48");
    assert_in_range(luma_at("d.mp4", 0, 'c'), 26, 34);
    assert_in_range(luma_at("d.mp4", 24, 'c'), 195, 204);
    assert_in_range(luma_at("d.mp4", 47, 'c'), 86, 94);
}

static void test_the_same_inputs_give_the_same_bytes(void **state)
{
    (void)state;
    const char *keys[] = {make_key("a.png", 100, 170, 30), make_key("b.png", 100, 170, 200)};
    const char *json =
        "{\"width\":128,\"height\":224,\"seconds\":1.5,\"from\":1.1,\"to\":1,\"seed\":9}";
    assert_int_equal(run_op(op_film_push, "film.push", json, keys, 1, "p1.mp4", NULL), 0);
    assert_int_equal(run_op(op_film_push, "film.push", json, keys, 1, "p2.mp4", NULL), 0);
    assert_int_equal(run_op(op_film_dissolve, "film.dissolve", json, keys, 2, "d1.mp4", NULL), 0);
    assert_int_equal(run_op(op_film_dissolve, "film.dissolve", json, keys, 2, "d2.mp4", NULL), 0);
    assert_true(same_bytes("p1.mp4", "p2.mp4"));
    assert_true(same_bytes("d1.mp4", "d2.mp4"));
    assert_false(same_bytes("p1.mp4", "d1.mp4"));
}

static void test_a_wrong_wish_is_refused_with_its_reason(void **state)
{
    (void)state;
    const char *keys[] = {make_key("a.png", 64, 64, 30), in_dir("none.png")};
    struct err e = {0};
    static const struct {
        const char *json, *says;
        int code;
    } wrong[] = {
        {"{\"width\":65,\"height\":64,\"seconds\":1}", "even", ERR_INPUT},
        {"{\"width\":64,\"height\":64,\"seconds\":0}", "0 s", ERR_INPUT},
        {"{\"width\":64,\"height\":64,\"seconds\":1e9}", "3600", ERR_INPUT},
        {"{\"width\":64,\"height\":64,\"seconds\":1,\"fps\":0.1}", "frames a second", ERR_INPUT},
        {"{\"height\":64,\"seconds\":1}", "16 to 8192", ERR_INPUT},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        assert_int_equal(run_op(op_film_hold, "film.hold", wrong[i].json, keys, 1, "x.mp4", &e),
                         wrong[i].code);
        assert_non_null(strstr(e.text, wrong[i].says));
    }
    assert_int_equal(run_op(op_film_dissolve, "film.dissolve",
                            "{\"width\":64,\"height\":64,\"seconds\":1}", keys, 1, "x.mp4", &e),
                     ERR_INPUT);
    assert_int_equal(run_op(op_film_hold, "film.hold", "{\"width\":64,\"height\":64,\"seconds\":1}",
                            keys + 1, 1, "x.mp4", &e),
                     ERR_MISSING);
}

static void test_a_machine_without_ffmpeg_says_the_cure(void **state)
{
    (void)state;
    const char *key = make_key("a.png", 64, 64, 30);
    char *path = mem_dup(getenv("PATH"));
    struct err e = {0};
    setenv("PATH", "/nowhere", 1);
    int code = run_op(op_film_hold, "film.hold", "{\"width\":64,\"height\":64,\"seconds\":1}", &key,
                      1, "x.mp4", &e);
    setenv("PATH", path, 1);
    free(path);
    assert_int_equal(code, ERR_CHILD);
    assert_non_null(strstr(e.text, "apt-get install ffmpeg"));
}

static void test_what_ffmpeg_complains_about_is_told(void **state)
{
    (void)state;
    const char *key = make_key("a.png", 64, 64, 30);
    struct err e = {0};
    assert_int_equal(run_op(op_film_hold, "film.hold", "{\"width\":64,\"height\":64,\"seconds\":1}",
                            &key, 1, "no/such/folder/x.mp4", &e),
                     ERR_CHILD);
    assert_non_null(strstr(e.text, "No such file or directory"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_push_has_the_asked_size_rate_and_length),
        cmocka_unit_test(test_the_rate_is_24_unless_told),
        cmocka_unit_test(test_a_hold_keeps_its_tone),
        cmocka_unit_test(test_a_push_brings_the_middle_to_the_corner),
        cmocka_unit_test(test_a_dissolve_goes_from_the_first_through_the_second_to_the_last),
        cmocka_unit_test(test_the_same_inputs_give_the_same_bytes),
        cmocka_unit_test(test_a_wrong_wish_is_refused_with_its_reason),
        cmocka_unit_test(test_a_machine_without_ffmpeg_says_the_cure),
        cmocka_unit_test(test_what_ffmpeg_complains_about_is_told),
    };
    return cmocka_run_group_tests(tests, clips_setup, clips_teardown);
}
