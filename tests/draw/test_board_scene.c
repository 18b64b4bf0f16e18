/* Words become choices: spellings of shot types, lenses, movements, places, light and what people
 * do. */
/* SPDX-License-Identifier: ISC */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "draw/scene.h"
#include "draw/words.h"

static struct scene scene_from(const char *json)
{
    struct scene s;
    cJSON *shot = cJSON_Parse(json);
    scene_read(shot, "hero", 1, &s);
    cJSON_Delete(shot);
    return s;
}

static struct scene scene_with(const char *name, const char *value)
{
    char json[512];
    snprintf(json, sizeof json, "{\"%s\":\"%s\"}", name, value);
    return scene_from(json);
}

static void test_words_are_found_at_their_start_only(void **state)
{
    (void)state;
    char text[64];
    words_normal("Close-UP, of the_Content!", text, sizeof text);
    assert_string_equal(text, " close up of the content . ");
    assert_true(words_have(text, "tent|close up"));
    assert_false(words_have(text, "tent"));
    assert_true(words_have(text, "conten"));
    assert_false(words_have(text, "conten$"));
}

static void test_shot_types_are_known_by_their_usual_spellings(void **state)
{
    (void)state;
    static const struct {
        const char *word;
        enum shot_size size;
        enum staging staging;
    } known[] = {
        {"wide", SIZE_WIDE, STAGING_PLAIN},
        {"WS", SIZE_WIDE, STAGING_PLAIN},
        {"establishing shot", SIZE_ESTABLISHING, 0},
        {"extreme_wide", SIZE_ESTABLISHING, 0},
        {"Full Shot", SIZE_FULL, 0},
        {"long", SIZE_FULL, 0},
        {"medium", SIZE_MEDIUM, 0},
        {"medium-close-up", SIZE_MEDIUM_CLOSE, 0},
        {"MCU", SIZE_MEDIUM_CLOSE, 0},
        {"close_up", SIZE_CLOSE, 0},
        {"CU", SIZE_CLOSE, 0},
        {"extreme close-up", SIZE_EXTREME_CLOSE, 0},
        {"ECU", SIZE_EXTREME_CLOSE, 0},
        {"two_shot", SIZE_MEDIUM, STAGING_TWO},
        {"over_shoulder", SIZE_MEDIUM, STAGING_SHOULDER},
        {"OTS", SIZE_MEDIUM, STAGING_SHOULDER},
        {"insert", SIZE_MEDIUM, STAGING_INSERT},
        {"POV", SIZE_WIDE, STAGING_POV},
        {"cowboy", SIZE_KNEE, 0},
        {"aerial", SIZE_ESTABLISHING, 0},
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        struct scene s = scene_with("shot_type", known[i].word);
        if (s.staging != STAGING_INSERT)
            assert_int_equal(s.size, known[i].size);
        assert_int_equal(s.staging, known[i].staging);
    }
}

static void test_an_unknown_type_is_guessed_from_the_lens(void **state)
{
    (void)state;
    assert_int_equal(scene_from("{\"shot_type\":\"blorb\",\"lens\":{\"mm\":18}}").size,
                     SIZE_ESTABLISHING);
    assert_int_equal(scene_from("{\"shot_type\":\"blorb\",\"lens\":\"135mm\"}").size, SIZE_CLOSE);
    assert_int_equal(scene_from("{\"shot_type\":\"blorb\"}").size, SIZE_MEDIUM);
}

static void test_a_lens_may_be_an_object_a_number_or_words(void **state)
{
    (void)state;
    assert_true(scene_from("{\"lens\":{\"mm\":85,\"function\":\"portrait\"}}").mm == 85);
    assert_true(scene_from("{\"lens\":40}").mm == 40);
    assert_true(scene_from("{\"lens\":\"a 27 mm wide\"}").mm == 27);
    assert_true(scene_from("{\"lens\":\"ultra wide\"}").mm == 14);
    assert_true(scene_from("{\"lens\":{\"mm\":1e300}}").mm == 200);
    assert_true(scene_from("{\"lens\":{\"mm\":-5}}").mm > 11);
}

static void test_movements_are_read_from_object_or_string(void **state)
{
    (void)state;
    assert_int_equal(scene_from("{\"camera\":{\"movement\":\"slow push in\"}}").move, MOVE_PUSH);
    assert_true(scene_from("{\"camera\":{\"movement\":\"slow push in\"}}").move_amount < 1);
    assert_int_equal(scene_from("{\"camera\":\"low angle, pan left\"}").move, MOVE_PAN_LEFT);
    assert_int_equal(scene_from("{\"camera\":\"low angle, pan left\"}").angle, ANGLE_LOW);
    assert_int_equal(scene_from("{\"camera\":{\"movement\":\"Tilts down\"}}").move, MOVE_TILT_DOWN);
    assert_int_equal(scene_from("{\"camera\":{\"movement\":\"crane up\"}}").move, MOVE_CRANE_UP);
    assert_int_equal(scene_from("{\"camera\":{\"movement\":\"locked off\"}}").move, MOVE_STATIC);
    assert_int_equal(scene_from("{\"camera\":{\"movement\":\"handheld\"}}").move, MOVE_HANDHELD);
}

static void test_placement_tells_angle_veil_and_side(void **state)
{
    (void)state;
    struct scene s = scene_from("{\"camera\":{\"placement\":\"low, behind railing\"}}");
    assert_int_equal(s.angle, ANGLE_LOW);
    assert_int_equal(s.veil, VEIL_RAILING);
    assert_false(s.from_behind);
    assert_true(scene_from("{\"camera\":{\"placement\":\"behind her\"}}").from_behind);
    assert_true(scene_from("{\"camera\":{\"placement\":\"dutch angle\"}}").tilt != 0);
    assert_int_equal(scene_from("{\"camera\":{\"placement\":\"overhead\"}}").angle, ANGLE_OVERHEAD);
}

static void test_places_hours_and_light_are_found(void **state)
{
    (void)state;
    struct scene s = scene_from(
        "{\"environment\":\"Abandoned shaft, night\",\"lighting\":{\"key\":\"sodium practicals\","
        "\"atmosphere\":\"steam and light rain\"}}");
    assert_int_equal(s.place, PLACE_SHAFT);
    assert_int_equal(s.hour, HOUR_NIGHT);
    assert_int_equal(s.light.key, KEY_SODIUM);
    assert_true(s.light.practical && s.light.steam > 0 && s.light.fog == 0);
    assert_true(s.light.rain == 0); /* under a roof */
    assert_true(scene_from("{\"environment\":\"street\",\"lighting\":\"light rain\"}").light.rain >
                0);
    assert_int_equal(scene_from("{\"location\":\"EXT. FOREST - DAWN\"}").place, PLACE_FOREST);
    assert_int_equal(scene_from("{\"hero_frame\":{\"prompt\":\"rooftop under neon\"}}").place,
                     PLACE_ROOFTOP);
    assert_int_equal(scene_from("{\"hero_frame\":{\"prompt\":\"rooftop under neon\"}}").light.key,
                     KEY_NEON);
    assert_int_equal(scene_from("{\"lighting\":\"low-key, backlight\"}").light.contrast,
                     CONTRAST_LOW_KEY);
    assert_true(scene_from("{\"lighting\":\"low-key, backlight\"}").light.back);
}

static void test_each_person_does_what_is_said_of_them(void **state)
{
    (void)state;
    struct scene s = scene_from("{\"characters_in_shot\":[\"Mara\",\"Otto\"],\"blocking\":\"Mara "
                                "sits at the table. Otto walks in and looks left.\"}");
    assert_int_equal(s.cast_n, 2);
    assert_int_equal(s.cast[0].act, ACT_SIT);
    assert_int_equal(s.cast[1].act, ACT_WALK);
    assert_true(s.cast[1].look < 0 && s.cast[0].look == 0);
}

static void test_people_stand_where_the_blocking_puts_them(void **state)
{
    (void)state;
    struct scene s =
        scene_from("{\"characters_in_shot\":[\"Nell\",\"Tomas\"],\"blocking\":\"Tomas in front on "
                   "the left, Nell behind "
                   "him on the right\",\"script_text\":\"The engine runs. Nell coils the line.\"}");
    assert_int_equal(s.cast[0].side, 1);
    assert_int_equal(s.cast[1].side, -1);
    assert_int_equal(s.cast[0].act, ACT_STAND); /* an engine runs, nobody else */
    assert_int_equal(s.cast[1].act, ACT_STAND);
}

static void test_a_crowd_is_counted_and_only_some_are_drawn(void **state)
{
    (void)state;
    char json[2000] = "{\"characters_in_shot\":[\"P0\"";
    for (int i = 1; i < 40; i++)
        sprintf(json + strlen(json), ",\"P%d\"", i);
    strcat(json, ",{\"name\":\"Last\"},7,null,\"\"]}");
    struct scene s = scene_from(json);
    assert_int_equal(s.people_n, 41);
    assert_int_equal(s.cast_n, SCENE_CAST_MAX);
}

static void test_nothing_at_all_is_a_scene_too(void **state)
{
    (void)state;
    struct scene s;
    scene_read(NULL, NULL, 0, &s);
    assert_int_equal(s.size, SIZE_MEDIUM);
    assert_int_equal(s.cast_n, 0);
    assert_true(s.mm >= 12 && s.mm <= 200);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_words_are_found_at_their_start_only),
        cmocka_unit_test(test_shot_types_are_known_by_their_usual_spellings),
        cmocka_unit_test(test_an_unknown_type_is_guessed_from_the_lens),
        cmocka_unit_test(test_a_lens_may_be_an_object_a_number_or_words),
        cmocka_unit_test(test_movements_are_read_from_object_or_string),
        cmocka_unit_test(test_placement_tells_angle_veil_and_side),
        cmocka_unit_test(test_places_hours_and_light_are_found),
        cmocka_unit_test(test_each_person_does_what_is_said_of_them),
        cmocka_unit_test(test_people_stand_where_the_blocking_puts_them),
        cmocka_unit_test(test_a_crowd_is_counted_and_only_some_are_drawn),
        cmocka_unit_test(test_nothing_at_all_is_a_scene_too),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
