/* People in the picture: inside it when they should be, as large as the shot size says, the same
 * person in every shot. */
/* SPDX-License-Identifier: ISC */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "draw/figure.h"
#include "draw/blocking.h"

static struct blocking stage_from(const char *json, double width, double height,
                                  struct scene *ret_scene)
{
    cJSON *shot = cJSON_Parse(json);
    scene_read(shot, "hero", 5, ret_scene);
    cJSON_Delete(shot);
    return blocking_of(ret_scene, width, height);
}

static void test_whole_figures_stay_inside_the_picture(void **state)
{
    (void)state;
    static const char *const acts[] = {"stands", "walks", "runs", "sits", "kneels", "reaches out"};
    static const char *const types[] = {"full", "wide", "establishing"};
    static const double sizes[][2] = {{512, 896}, {896, 512}};
    for (int i = 0; i < 6 * 3 * 2 * 3; i++) {
        char json[400];
        const double *size = sizes[i / 18 % 2];
        snprintf(json, sizeof json,
                 "{\"shot_type\":\"%s\",\"blocking\":\"%s\",\"characters_in_shot\":[%s]}",
                 types[i / 6 % 3], acts[i % 6],
                 i / 36 == 0   ? "\"A\""
                 : i / 36 == 1 ? "\"A\",\"B\""
                               : "\"A\",\"B\",\"C\"");
        struct scene s;
        struct blocking st = stage_from(json, size[0], size[1], &s);
        for (int k = 0; k < st.n; k++) {
            struct figure f;
            struct point low, high;
            figure_init(&f, &st.mark[k], 0);
            figure_bounds(&f, &st.view, &low, &high);
            if (low.x < -0.03 * size[0] || high.x > 1.03 * size[0] || low.y < 0 ||
                high.y > 1.02 * size[1])
                fail_msg("%s at %g x %g: figure %d covers %.0f,%.0f - %.0f,%.0f", json, size[0],
                         size[1], k, low.x, low.y, high.x, high.y);
        }
    }
}

static double height_share(const char *type)
{
    char json[200];
    snprintf(json, sizeof json,
             "{\"shot_type\":\"%s\",\"blocking\":\"stands\",\"characters_in_shot\":[\"A\"]}", type);
    struct scene s;
    struct blocking st = stage_from(json, 512, 896, &s);
    struct figure f;
    struct point low, high;
    figure_init(&f, &st.mark[0], 0);
    figure_bounds(&f, &st.view, &low, &high);
    return (high.y - low.y) / 896;
}

static void test_closer_shots_show_larger_people(void **state)
{
    (void)state;
    static const char *const types[] = {
        "establishing", "wide",         "full",     "medium wide",
        "medium",       "medium close", "close up", "extreme close up"};
    for (int i = 1; i < 8; i++)
        assert_true(height_share(types[i]) > 1.2 * height_share(types[i - 1]));
    assert_true(height_share("full") > 0.6 && height_share("full") < 0.95);
}

static void test_a_head_is_seen_whole_in_a_close_up(void **state)
{
    (void)state;
    static const char *const names[] = {"JINX", "KIAN", "WREN", "Mara", "Otto"};
    for (int i = 0; i < 5; i++) {
        char json[200];
        snprintf(json, sizeof json, "{\"shot_type\":\"close_up\",\"characters_in_shot\":[\"%s\"]}",
                 names[i]);
        struct scene s;
        struct blocking st = stage_from(json, 512, 896, &s);
        struct pose p = pose_of(&st.mark[0], 0);
        struct head_view h = head_view_of(&st.view, &p, &st.mark[0]);
        assert_true(h.middle.y - h.size * 0.62 > 0 && h.middle.y + h.size * 0.5 < 896);
        assert_true(h.middle.x > 100 && h.middle.x < 412);
    }
}

static void test_a_name_keeps_its_look(void **state)
{
    (void)state;
    struct scene s, t;
    stage_from("{\"shot_type\":\"wide\",\"characters_in_shot\":[\"JINX\"]}", 512, 896, &s);
    stage_from("{\"shot_type\":\"close_up\",\"environment\":\"street\",\"characters_in_shot\":["
               "\"KIAN\",\"JINX\"]}",
               512, 896, &t);
    struct look a = palette_look(s.cast[0].self), b = palette_look(t.cast[1].self),
                c = palette_look(t.cast[0].self);
    assert_memory_equal(&a, &b, sizeof a);
    assert_true(memcmp(&a, &c, sizeof a) != 0);
}

static void test_feet_stand_on_the_ground(void **state)
{
    (void)state;
    for (int act = ACT_STAND; act <= ACT_ARMS_UP; act++)
        for (uint64_t chance = 0; chance < 20; chance++) {
            struct mark m = {.look = palette_look(chance), .chance = chance};
            m.actor.act = (enum act)act;
            struct pose p = pose_of(&m, 0.3);
            double low = fmin(fmin(p.toe[0].y, p.toe[1].y), fmin(p.ankle[0].y, p.ankle[1].y));
            assert_true(low > -0.02 && low < 0.30 * p.height);
            assert_true(p.head.y < 1.1 * p.height && p.head.y > 0.05);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_whole_figures_stay_inside_the_picture),
        cmocka_unit_test(test_closer_shots_show_larger_people),
        cmocka_unit_test(test_a_head_is_seen_whole_in_a_close_up),
        cmocka_unit_test(test_a_name_keeps_its_look),
        cmocka_unit_test(test_feet_stand_on_the_ground),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
