/* A clip in another form becomes MP4: every frame, even sides, its sound; what is no clip of that
 * form is not read as another. */
/* SPDX-License-Identifier: ISC */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "clips.h"

static int copy(const char *from, const char *media, const char *to, struct err *e)
{
    struct op_file in = {(char *)"clip", (char *)in_dir(from)};
    struct op_file out = {(char *)"clip", (char *)in_dir(to)};
    cJSON *params = cJSON_CreateObject(), *facts = cJSON_CreateObject();
    json_set_str(params, "media", media);
    struct op_request r = {"film.copy", params, &in, 1, &out, 1, NULL};
    int code = op_film_copy(&r, facts, e);
    cJSON_Delete(params);
    cJSON_Delete(facts);
    return code;
}

static void make(const char *args, const char *name)
{
    char command[512];
    snprintf(command, sizeof command,
             "ffmpeg -v error -y -f lavfi -i testsrc=s=97x161:r=24:d=1 %s %s", args, in_dir(name));
    assert_int_equal(system(command), 0);
}

static void test_every_frame_comes_over_in_even_sides(void **state)
{
    (void)state;
    char text[128];
    struct err e = {0};
    make("-c:v libvpx -b:v 200k", "a.webm");
    assert_int_equal(copy("a.webm", "webm", "a.mp4", &e), 0);
    probe("a.mp4", text, sizeof text);
    assert_string_equal(text, "96,160,24/1,24");
    assert_int_equal(copy("a.webm", "webm", "b.mp4", &e), 0);
    assert_true(same_bytes("a.mp4", "b.mp4"));
}

static void test_the_sound_comes_along(void **state)
{
    (void)state;
    char command[512], text[128];
    make("-f lavfi -i sine=d=1 -c:v libvpx -b:v 200k -c:a libvorbis -shortest", "s.webm");
    assert_int_equal(copy("s.webm", "webm", "s.mp4", NULL), 0);
    snprintf(command, sizeof command,
             "ffprobe -v error -select_streams a -show_entries stream=codec_name -of csv=p=0 %s",
             in_dir("s.mp4"));
    ask(command, text, sizeof text);
    assert_string_equal(text, "aac");
}

static void test_a_playlist_in_disguise_is_not_followed(void **state)
{
    (void)state;
    struct err e = {0};
    FILE *f = fopen(in_dir("list.webm"), "w");
    fprintf(f, "ffconcat version 1.0\nfile '%s'\n", in_dir("a.webm"));
    fclose(f);
    make("-c:v libvpx -b:v 200k", "a.webm");
    assert_int_equal(copy("list.webm", "webm", "l.mp4", &e), ERR_CHILD);
    assert_int_equal(copy("a.webm", "concat", "l.mp4", &e), ERR_INPUT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_frame_comes_over_in_even_sides),
        cmocka_unit_test(test_the_sound_comes_along),
        cmocka_unit_test(test_a_playlist_in_disguise_is_not_followed),
    };
    return cmocka_run_group_tests(tests, clips_setup, clips_teardown);
}
