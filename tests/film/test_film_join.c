/* Joining clips: each to its time, fitted, in order, a hundred of them, the same bytes twice, a
 * broken one named. */
/* SPDX-License-Identifier: ISC */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "clips.h"

static const char *make_clip(const char *name, int grey, int width, int height, const char *seconds)
{
    const char *key = make_key("key.png", width, height, grey);
    char json[128];
    snprintf(json, sizeof json, "{\"width\":%d,\"height\":%d,\"seconds\":%s}", width, height,
             seconds);
    assert_int_equal(run_op(op_film_hold, "film.hold", json, &key, 1, name, NULL), 0);
    return in_dir(name);
}

static void test_each_clip_lasts_its_time_in_order(void **state)
{
    (void)state;
    const char *clips[] = {make_clip("a.mp4", 40, 96, 160, "1"),
                           make_clip("b.mp4", 120, 96, 160, "1"),
                           make_clip("c.mp4", 190, 96, 160, "1")};
    char text[128];
    struct err e = {0};
    assert_int_equal(run_op(op_film_join, "film.join",
                            "{\"width\":96,\"height\":160,\"fps\":24,\"seconds\":[0.5,1,2]}", clips,
                            3, "j.mp4", &e),
                     0);
    probe("j.mp4", text, sizeof text);
    assert_string_equal(text, "96,160,24/1,84"); /* 12 cut, 24 whole, 48 of which half are held */
    assert_in_range(luma_at("j.mp4", 11, 'c'), 36, 44);
    assert_in_range(luma_at("j.mp4", 12, 'c'), 116, 124);
    assert_in_range(luma_at("j.mp4", 35, 'c'), 116, 124);
    assert_in_range(luma_at("j.mp4", 36, 'c'), 186, 194);
    assert_in_range(luma_at("j.mp4", 83, 'c'), 186, 194);
}

static void test_a_missing_clip_leaves_the_others_their_times(void **state)
{
    (void)state;
    const char *clips[] = {make_clip("a.mp4", 40, 96, 160, "1"),
                           make_clip("b.mp4", 190, 96, 160, "1")};
    char text[128];
    struct err e = {0};
    assert_int_equal(run_op(op_film_join, "film.join",
                            "{\"width\":96,\"height\":160,\"fps\":24,\"seconds\":[2,0.5,1],"
                            "\"names\":[\"gone\",\"key0\",\"key1\"]}",
                            clips, 2, "j.mp4", &e),
                     0);
    probe("j.mp4", text, sizeof text);
    assert_string_equal(text, "96,160,24/1,36");
    assert_in_range(luma_at("j.mp4", 11, 'c'), 36, 44);
    assert_in_range(luma_at("j.mp4", 12, 'c'), 186, 194);
}

static void test_a_clip_of_another_shape_lies_on_black(void **state)
{
    (void)state;
    const char *clips[] = {make_clip("wide.mp4", 200, 160, 90, "0.5")};
    assert_int_equal(run_op(op_film_join, "film.join",
                            "{\"width\":96,\"height\":160,\"seconds\":[0.5]}", clips, 1, "j.mp4",
                            NULL),
                     0);
    assert_in_range(luma_at("j.mp4", 5, 'c'), 0, 6);
    assert_true(luma_at("j.mp4", 5, 'm') > 150);
}

static void test_a_hundred_clips_become_one_film_twice_the_same(void **state)
{
    (void)state;
    const char *one = make_clip("a.mp4", 40, 64, 64, "0.25"),
               *other = make_clip("b.mp4", 180, 64, 64, "0.25");
    const char *clips[104];
    char json[2048] = "{\"width\":64,\"height\":64,\"seconds\":[0.125", text[128];
    for (int i = 0; i < 104; i++) {
        clips[i] = i % 2 ? one : other;
        if (i)
            strcat(json, ",0.125");
    }
    strcat(json, "]}");
    assert_int_equal(run_op(op_film_join, "film.join", json, clips, 104, "j1.mp4", NULL), 0);
    assert_int_equal(run_op(op_film_join, "film.join", json, clips, 104, "j2.mp4", NULL), 0);
    probe("j1.mp4", text, sizeof text);
    assert_string_equal(text, "64,64,24/1,312");
    assert_true(same_bytes("j1.mp4", "j2.mp4"));
}

static void test_a_broken_clip_is_named(void **state)
{
    (void)state;
    const char *clips[] = {make_clip("a.mp4", 40, 64, 64, "0.25"), in_dir("torn.mp4")};
    struct err e = {0};
    assert_int_equal(file_write(in_dir("torn.mp4"), "no film at all", 14, false, NULL), 0);
    int code = run_op(op_film_join, "film.join", "{\"width\":64,\"height\":64,\"seconds\":[1,1]}",
                      clips, 2, "j.mp4", &e);
    assert_int_not_equal(code, 0);
    assert_non_null(strstr(e.text, "torn.mp4"));
}

static void test_clips_and_durations_must_agree_in_number(void **state)
{
    (void)state;
    const char *clips[] = {make_clip("a.mp4", 40, 64, 64, "0.25")};
    struct err e = {0};
    assert_int_equal(run_op(op_film_join, "film.join",
                            "{\"width\":64,\"height\":64,\"seconds\":[1,1]}", clips, 1, "j.mp4",
                            &e),
                     ERR_INPUT);
    assert_int_equal(
        run_op(op_film_join, "film.join", "{\"width\":64,\"height\":64}", clips, 1, "j.mp4", &e),
        ERR_INPUT);
    assert_int_equal(run_op(op_film_join, "film.join",
                            "{\"width\":64,\"height\":64,\"seconds\":[\"1\"]}", clips, 1, "j.mp4",
                            &e),
                     ERR_INPUT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_clip_lasts_its_time_in_order),
        cmocka_unit_test(test_a_missing_clip_leaves_the_others_their_times),
        cmocka_unit_test(test_a_clip_of_another_shape_lies_on_black),
        cmocka_unit_test(test_a_hundred_clips_become_one_film_twice_the_same),
        cmocka_unit_test(test_a_broken_clip_is_named),
        cmocka_unit_test(test_clips_and_durations_must_agree_in_number),
    };
    return cmocka_run_group_tests(tests, clips_setup, clips_teardown);
}
