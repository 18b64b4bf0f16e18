/* The curves of film: rest at the ends, never outside the picture, weights that sum to one. */
/* SPDX-License-Identifier: ISC */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>

#include "film/motion.h"

static void test_a_duration_becomes_whole_frames(void **state)
{
    (void)state;
    assert_int_equal(motion_frames(6.0, 24), 144);
    assert_int_equal(motion_frames(0.52, 24), 12);
    assert_int_equal(motion_frames(3.0, 29.97), 90);
    assert_int_equal(motion_frames(0.001, 24), 1);
}

static void test_an_ease_rests_at_both_ends_and_only_goes_forward(void **state)
{
    (void)state;
    double last = 0;
    assert_true(motion_ease(0) == 0 && motion_ease(1) == 1);
    assert_true(motion_ease(0.01) < 0.001 && motion_ease(0.99) > 0.999);
    for (int i = 1; i <= 1000; i++) {
        double now = motion_ease(i / 1000.0);
        assert_true(now >= last && now - last < 0.0014);
        last = now;
    }
}

static void test_a_push_never_shows_the_pictures_edge(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < 200; seed++) {
        struct push p = motion_push(0.8, 1.3, seed);
        for (int i = 0; i <= 20; i++) {
            struct window w = motion_at(&p, i / 20.0);
            assert_true(w.x - 0.5 / w.zoom >= -1e-9 && w.x + 0.5 / w.zoom <= 1 + 1e-9);
            assert_true(w.y - 0.5 / w.zoom >= -1e-9 && w.y + 0.5 / w.zoom <= 1 + 1e-9);
        }
    }
}

static void test_two_seeds_push_in_two_directions(void **state)
{
    (void)state;
    struct push a = motion_push(1, 1.2, 1), b = motion_push(1, 1.2, 2);
    assert_true(hypot(a.aim_x - b.aim_x, a.aim_y - b.aim_y) > 0.01);
}

static void test_keyframe_weights_sum_to_one_and_each_key_has_its_time(void **state)
{
    (void)state;
    for (int n = 1; n <= 3; n++) {
        double w[3], most[3] = {0};
        for (int i = 0; i <= 100; i++) {
            motion_weights(n, i / 100.0, w);
            assert_true(fabs(w[0] + w[1] + w[2] - 1) < 1e-9);
            for (int k = 0; k < 3; k++)
                most[k] = fmax(most[k], w[k]);
        }
        for (int k = 0; k < 3; k++)
            assert_true(k < n ? most[k] > 0.999 : most[k] == 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_duration_becomes_whole_frames),
        cmocka_unit_test(test_an_ease_rests_at_both_ends_and_only_goes_forward),
        cmocka_unit_test(test_a_push_never_shows_the_pictures_edge),
        cmocka_unit_test(test_two_seeds_push_in_two_directions),
        cmocka_unit_test(test_keyframe_weights_sum_to_one_and_each_key_has_its_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
