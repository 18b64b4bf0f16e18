/* A frame as pixels: every field changes it, nothing else does, every aspect and every hostile text
 * is drawn. */
/* SPDX-License-Identifier: ISC */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>

#include "base/json.h"
#include "frames.h"

#define W 256
#define H 448

static void test_each_field_changes_the_picture(void **state)
{
    (void)state;
    static const char *const other[][2] = {
        {"shot_type", "\"close_up\""},
        {"shot_type", "\"over_shoulder\""},
        {"camera", "{\"placement\":\"low\",\"movement\":\"static\"}"},
        {"camera", "{\"placement\":\"from the far corner\",\"movement\":\"static\"}"},
        {"camera", "{\"placement\":\"dutch\",\"movement\":\"static\"}"},
        {"lens", "{\"mm\":24}"},
        {"lens", "{\"mm\":120}"},
        {"lighting", "{\"key\":\"neon\"}"},
        {"lighting", "{\"key\":\"warm lamp\",\"atmosphere\":\"thick fog\"}"},
        {"blocking", "\"Jinx sits\""},
        {"blocking", "\"Jinx broods\""},
        {"script_text", "\"She turns.\""},
        {"environment", "\"forest\""},
        {"environment", "\"another corridor\""},
        {"time_of_day", "\"night\""},
        {"characters_in_shot", "[\"KIAN\"]"},
        {"characters_in_shot", "[\"JINX\",\"KIAN\"]"},
        {"characters_in_shot", "[]"},
    };
    cairo_surface_t *base = frame_of(BASE_SHOT, "hero", W, H, false, 1);
    for (size_t i = 0; i < sizeof other / sizeof *other; i++) {
        cJSON *shot = cJSON_Parse(BASE_SHOT);
        cJSON *value = cJSON_Parse(other[i][1]);
        json_set(shot, other[i][0], value);
        char *text = json_compact(shot);
        cairo_surface_t *changed = frame_of(text, "hero", W, H, false, 1);
        double d = difference(base, changed);
        if (d < 0.4)
            fail_msg("%s = %s changes the picture by %.2f only", other[i][0], other[i][1], d);
        cairo_surface_destroy(changed);
        free(text);
        cJSON_Delete(shot);
    }
    cairo_surface_destroy(base);
}

static void test_moment_and_seed_change_the_picture(void **state)
{
    (void)state;
    static const char *const moves[] = {"static",      "push",       "pan left", "tilt up",
                                        "track right", "crane down", "handheld", "orbit"};
    for (size_t i = 0; i < sizeof moves / sizeof *moves; i++) {
        char json[512];
        snprintf(json, sizeof json,
                 "{\"characters_in_shot\":[\"A\"],\"environment\":\"street\",\"camera\":{"
                 "\"movement\":\"%s\"}}",
                 moves[i]);
        cairo_surface_t *first = frame_of(json, "first", W, H, false, 1),
                        *hero = frame_of(json, "hero", W, H, false, 1);
        cairo_surface_t *last = frame_of(json, "last", W, H, false, 1),
                        *seed = frame_of(json, "hero", W, H, false, 2);
        assert_true(difference(first, hero) > 0.2 && difference(hero, last) > 0.2 &&
                    difference(first, last) > 0.2);
        assert_true(difference(hero, seed) > 0.4);
        cairo_surface_destroy(first);
        cairo_surface_destroy(hero);
        cairo_surface_destroy(last);
        cairo_surface_destroy(seed);
    }
}

static void test_the_same_shot_twice_is_the_same_to_the_last_pixel(void **state)
{
    (void)state;
    for (int caption = 0; caption < 2; caption++) {
        cairo_surface_t *a = frame_of(BASE_SHOT, "hero", W, H, caption, 7),
                        *b = frame_of(BASE_SHOT, "hero", W, H, caption, 7);
        assert_true(same_pixels(a, b));
        cairo_surface_destroy(a);
        cairo_surface_destroy(b);
    }
}

static void test_every_size_and_staging_is_drawn_in_every_aspect(void **state)
{
    (void)state;
    static const int sizes[][2] = {{512, 896}, {768, 1344}, {1344, 768}, {896, 512},
                                   {512, 912}, {64, 64},    {65, 1023}};
    static const char *const types[] = {"wide",          "close_up", "insert", "pov",
                                        "over_shoulder", "two_shot", "aerial", "extreme close up"};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        char json[512];
        snprintf(
            json, sizeof json,
            "{\"shot_type\":\"%s\",\"characters_in_shot\":[\"A\",\"B\"],\"environment\":\"room\"}",
            types[i]);
        cairo_surface_t *s = frame_of(json, "hero", sizes[i][0], sizes[i][1], true, 1);
        assert_int_equal(cairo_image_surface_get_width(s), sizes[i][0]);
        assert_int_equal(cairo_image_surface_get_height(s), sizes[i][1]);
        cairo_surface_destroy(s);
    }
}

static void test_every_place_can_be_drawn_in_all_weather(void **state)
{
    (void)state;
    static const char *const places[] = {"corridor", "street", "city",  "rooftop",
                                         "forest",   "desert", "sea",   "hills",
                                         "room",     "shaft",  "space", ""};
    static const char *const lights[] = {"neon, rain",        "fire, dust",
                                         "moon, snow",        "sodium, steam",
                                         "cool, fog, shafts", "warm high key backlight"};
    static const char *const angles[] = {
        "low", "high", "overhead", "aerial", "dutch behind glass", "behind leaves"};
    cairo_surface_t *last = NULL;
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        char json[512];
        snprintf(json, sizeof json,
                 "{\"environment\":\"%s\",\"lighting\":\"%s\",\"camera\":\"%s\",\"characters_in_"
                 "shot\":[\"A\"],\"shot_type\":\"full\"}",
                 places[i], lights[i % 6], angles[i % 6]);
        cairo_surface_t *s = frame_of(json, "hero", W, H, false, 1);
        if (last)
            assert_true(difference(s, last) > 2);
        cairo_surface_destroy(last);
        last = s;
    }
    cairo_surface_destroy(last);
}

static void test_a_caption_keeps_its_band_whatever_it_says(void **state)
{
    (void)state;
    cJSON *shot = cJSON_Parse(BASE_SHOT);
    cairo_surface_t *plain = frame_of(BASE_SHOT, "hero", 512, 896, true, 1);
    char *text = malloc(400001);
    memset(text, 'W', 400000);
    text[400000] = 0;
    static const char *const names[] = {"shot_id", "script_text", "shot_type", "dialogue"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        json_set_str(shot, names[i], text);
    char *json = json_compact(shot);
    cairo_surface_t *s = frame_of(json, "hero", 512, 896, true, 1);
    assert_int_equal(cairo_image_surface_get_height(s), 896);
    const unsigned char *band =
        cairo_image_surface_get_data(s) + (size_t)894 * cairo_image_surface_get_stride(s);
    for (int x = 0; x < 512; x++) /* the band's lowest rows stay empty: nothing runs over */
        assert_true(band[4 * x] < 40 && band[4 * x + 1] < 40 && band[4 * x + 2] < 40);
    cairo_surface_destroy(s);
    cairo_surface_destroy(plain);
    free(json);
    free(text);
    cJSON_Delete(shot);
}

static void test_hostile_shots_are_drawn_all_the_same(void **state)
{
    (void)state;
    static const char *const shots[] = {
        "{}",
        "[]",
        "7",
        "\"text\"",
        "{\"shot_type\":7,\"camera\":[[[[[[\"low\"]]]]]],\"lens\":[],\"lighting\":false,"
        "\"characters_in_shot\":\"JINX\"}",
        "{\"shot_id\":\"\\u0001\\u202e%s%n<b>\",\"script_text\":\"a\\nb\\tc & "
        "<i>\",\"characters_in_shot\":[\"<>\",\"%n\",\"\\ud83d\\ude00\"]}",
        "{\"lens\":{\"mm\":-1e308},\"duration_s\":1e308,\"characters_in_shot\":[null,{},[]]}",
        "{\"camera\":{\"placement\":\"overhead low high aerial dutch behind through "
        "glass\",\"movement\":\"push pull pan tilt\"},"
        "\"shot_type\":\"pov insert over shoulder\",\"characters_in_shot\":[\"\",\"A\"]}",
    };
    for (size_t i = 0; i < sizeof shots / sizeof *shots; i++)
        cairo_surface_destroy(frame_of(shots[i], "nonsense", W, H, true, UINT64_MAX));
    cJSON *shot = cJSON_CreateObject();
    cJSON_AddStringToObject(shot, "script_text", "torn \xC3 and \xFF\xFE bytes \xE2\x82");
    cJSON_AddStringToObject(shot, "shot_id", "\x80\x80");
    struct board b = {.shot = shot, .width = W, .height = H, .caption = true};
    cairo_surface_t *s = NULL;
    assert_int_equal(board_draw(&b, &s, NULL), 0);
    cairo_surface_destroy(s);
    cJSON_Delete(shot);
}

static void test_a_size_out_of_range_is_refused(void **state)
{
    (void)state;
    static const int sizes[][2] = {{0, 100}, {100, -1}, {8193, 100}, {63, 100}};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        struct board b = {.width = sizes[i][0], .height = sizes[i][1]};
        cairo_surface_t *s = NULL;
        struct err e = {0};
        assert_int_equal(board_draw(&b, &s, &e), ERR_INPUT);
        assert_null(s);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_field_changes_the_picture),
        cmocka_unit_test(test_moment_and_seed_change_the_picture),
        cmocka_unit_test(test_the_same_shot_twice_is_the_same_to_the_last_pixel),
        cmocka_unit_test(test_every_size_and_staging_is_drawn_in_every_aspect),
        cmocka_unit_test(test_every_place_can_be_drawn_in_all_weather),
        cmocka_unit_test(test_a_caption_keeps_its_band_whatever_it_says),
        cmocka_unit_test(test_hostile_shots_are_drawn_all_the_same),
        cmocka_unit_test(test_a_size_out_of_range_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
