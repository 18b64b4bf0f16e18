/* Frames of a clip: the very first, the very last, and those between at even distances. */
/* SPDX-License-Identifier: ISC */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "clips.h"

static int frames(const char *from, const char *media, int n, int *ret_counted, struct err *e)
{
    struct op_file in = {(char *)"clip", (char *)in_dir(from)}, out[3];
    cJSON *params = cJSON_CreateObject(), *facts = cJSON_CreateObject();
    static const char *const names[] = {"f1.jpg", "f2.jpg", "f3.jpg"};
    json_set_str(params, "media", media);
    json_set_num(params, "side", 96);
    for (int i = 0; i < n; i++) {
        out[i] = (struct op_file){(char *)names[i], mem_dup(in_dir(names[i]))};
    }
    struct op_request r = {"film.frames", params, &in, 1, out, n, NULL};
    int code = op_film_frames(&r, facts, e);
    *ret_counted = (int)json_int(facts, "frames", -1);
    for (int i = 0; i < n; i++)
        free(out[i].path);
    cJSON_Delete(params);
    cJSON_Delete(facts);
    return code;
}

/* Red, in its middle, of a picture. */
static int tone_of(const char *name, int *ret_width)
{
    struct pixels p = {0};
    assert_int_equal(picture_read(in_dir(name), &p, NULL), 0);
    int tone = p.data[4 * ((size_t)p.height / 2 * p.width + p.width / 2)];
    *ret_width = p.width;
    pixels_finish(&p);
    return tone;
}

/* A clip whose frame n of count has a grey of its own, lighter and lighter. */
static void make(const char *args, const char *name)
{
    char command[512];
    snprintf(command, sizeof command,
             "ffmpeg -v error -y -f lavfi -i color=black:s=192x108:r=10:d=2,"
             "geq=lum='20+10*N':cb=128:cr=128 %s %s",
             args, in_dir(name));
    assert_int_equal(system(command), 0);
}

static void test_the_first_the_last_and_those_between_come_in_order(void **state)
{
    (void)state;
    struct err e = {0};
    int counted, width, tones[3];
    make("-c:v libx264 -pix_fmt yuv420p -crf 8", "a.mp4");
    assert_int_equal(frames("a.mp4", "mp4", 3, &counted, &e), 0);
    assert_int_equal(counted, 20);
    for (int i = 0; i < 3; i++) {
        static const char *const names[] = {"f1.jpg", "f2.jpg", "f3.jpg"};
        tones[i] = tone_of(names[i], &width);
        assert_int_equal(width, 96);
    }
    assert_true(tones[0] < 25); /* limited range: 20 is nearly black */
    assert_true(tones[1] > 90 && tones[1] < 140);
    assert_true(tones[2] > 210);
}

static void test_one_frame_is_the_middle_one(void **state)
{
    (void)state;
    int counted, width;
    make("-c:v libvpx -b:v 2M", "b.webm");
    assert_int_equal(frames("b.webm", "webm", 1, &counted, NULL), 0);
    int tone = tone_of("f1.jpg", &width);
    assert_true(tone > 90 && tone < 150);
}

static void test_a_damaged_clip_says_so(void **state)
{
    (void)state;
    struct err e = {0};
    char *bytes = NULL;
    size_t len = 0;
    int counted;
    make("-c:v libx264 -pix_fmt yuv420p -movflags +faststart", "c.mp4");
    assert_int_equal(file_read(in_dir("c.mp4"), 1 << 24, &bytes, &len, NULL), 0);
    assert_int_equal(file_write(in_dir("d.mp4"), bytes, len * 2 / 3, false, NULL), 0);
    free(bytes);
    assert_int_equal(frames("d.mp4", "mp4", 3, &counted, &e), ERR_INPUT);
    assert_int_equal(frames("c.mp4", "concat", 3, &counted, &e), ERR_INPUT);
}

/* What is missing is a program, and the clip may be whole. */
static void test_without_a_program_the_clip_is_not_called_damaged(void **state)
{
    (void)state;
    struct err e = {0};
    int counted;
    make("-c:v libx264 -pix_fmt yuv420p", "e.mp4");
    assert_int_equal(setenv("SLATED_FFMPEG", "/nowhere/ffmpeg", 1), 0);
    assert_int_equal(frames("e.mp4", "mp4", 3, &counted, &e), ERR_CHILD);
    assert_non_null(strstr(e.text, "/nowhere/ffmpeg"));
    assert_int_equal(unsetenv("SLATED_FFMPEG"), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_first_the_last_and_those_between_come_in_order),
        cmocka_unit_test(test_one_frame_is_the_middle_one),
        cmocka_unit_test(test_a_damaged_clip_says_so),
        cmocka_unit_test(test_without_a_program_the_clip_is_not_called_damaged),
    };
    return cmocka_run_group_tests(tests, clips_setup, clips_teardown);
}
