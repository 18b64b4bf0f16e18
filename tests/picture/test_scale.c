/* Scaling against a slow reckoning of the same kernel, and what follows from it: flat stays flat,
 * the unseen does not bleed, up and down again comes back. Also the copies: crop, lay, and Cairo's
 * surface. */
/* SPDX-License-Identifier: ISC */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <cairo.h>
#include <math.h>

#include "picture/made.h"

static double kernel(double x)
{
    if (x == 0)
        return 1;
    return fabs(x) < 3 ? sin(M_PI * x) / (M_PI * x) * sin(M_PI * x / 3) / (M_PI * x / 3) : 0;
}

/* How much of source place s target place t takes. */
static double share(int s, int t, int from, int to)
{
    double step = (double)from / to, stretch = fmax(1, step);
    return kernel((s + 0.5 - (t + 0.5) * step) / stretch);
}

/* One target sample straight from the definition, over the whole source. */
static double slow_sample(const struct pixels *p, int width, int height, int x, int y, int c)
{
    double sum = 0, alpha = 0, all = 0;
    for (int sy = 0; sy < p->height; sy++) {
        double down = share(sy, y, p->height, height);
        for (int sx = 0; down != 0 && sx < p->width; sx++) {
            const uint8_t *at = p->data + ((size_t)sy * (size_t)p->width + (size_t)sx) * 4;
            double w = down * share(sx, x, p->width, width);
            all += w;
            alpha += w * at[3];
            sum += w * (c == 3 ? at[3] : at[c] * at[3] / 255.0);
        }
    }
    return c == 3 ? sum / all : sum * 255.0 / alpha;
}

static void near_reference(const struct pixels *p, int width, int height)
{
    struct pixels to = {0};
    assert_int_equal(pixels_scale(p, width, height, &to, NULL), 0);
    assert_int_equal(to.width, width);
    assert_int_equal(to.height, height);
    for (int y = 0; y < height; y += 1 + height / 12)
        for (int x = 0; x < width; x += 1 + width / 12) {
            const uint8_t *at = to.data + ((size_t)y * (size_t)width + (size_t)x) * 4;
            for (int c = 0; c < 4; c++) {
                double want = fmin(255, fmax(0, slow_sample(p, width, height, x, y, c)));
                if (at[3] > 30 || c == 3)
                    assert_true(fabs(at[c] - want) <= 1.01);
            }
        }
    pixels_finish(&to);
}

static void test_scaling_is_lanczos_with_three_lobes(void **state)
{
    (void)state;
    static const int sizes[][2] = {{61, 83}, {40, 30}, {17, 9}, {1, 1}, {3, 90}, {90, 2}};
    for (int opaque = 0; opaque < 2; opaque++) {
        struct pixels p = made_photo(40, 30, 60, opaque);
        for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
            near_reference(&p, sizes[i][0], sizes[i][1]);
        pixels_finish(&p);
    }
}

static void test_a_flat_picture_stays_flat_at_every_size(void **state)
{
    (void)state;
    struct pixels p = {0};
    assert_int_equal(pixels_init(&p, 33, 21, NULL), 0);
    for (int i = 0; i < 33 * 21; i++)
        memcpy(p.data + i * 4, "\3\200\375\377", 4);
    p.opaque = true;
    for (int side = 1; side < 200; side = side * 2 + 1) {
        struct pixels to = {0};
        assert_int_equal(pixels_scale(&p, side, side + 3, &to, NULL), 0);
        assert_true(to.opaque);
        for (int i = 0; i < side * (side + 3); i++)
            assert_memory_equal(to.data + i * 4, "\3\200\375\377", 4);
        pixels_finish(&to);
    }
    pixels_finish(&p);
}

static void test_what_cannot_be_seen_does_not_bleed(void **state)
{
    (void)state;
    struct pixels p = {0}, to = {0};
    assert_int_equal(pixels_init(&p, 20, 20, NULL), 0);
    for (int i = 0; i < 400; i++)
        memcpy(p.data + i * 4, i % 20 < 10 ? "\377\0\0\0" : "\0\0\377\377", 4);
    assert_int_equal(pixels_scale(&p, 57, 57, &to, NULL), 0);
    assert_false(to.opaque);
    for (int i = 0; i < 57 * 57; i++)
        if (to.data[i * 4 + 3] > 8)
            assert_true(to.data[i * 4] == 0 && to.data[i * 4 + 2] > 250);
    pixels_finish(&to);
    pixels_finish(&p);
}

static void test_up_and_down_again_comes_back(void **state)
{
    (void)state;
    struct pixels p = made_photo(100, 80, 3, true), up = {0}, back = {0};
    double sum = 0;
    assert_int_equal(pixels_scale(&p, 300, 240, &up, NULL), 0);
    assert_int_equal(pixels_scale(&up, 100, 80, &back, NULL), 0);
    for (size_t i = 0; i < 100 * 80 * 4; i++)
        sum += (p.data[i] - back.data[i]) * (p.data[i] - back.data[i]);
    assert_true(10 * log10(255 * 255 / (sum / (100 * 80 * 4) + 1e-9)) > 30);
    pixels_finish(&back);
    pixels_finish(&up);
    pixels_finish(&p);
}

static void test_the_same_size_is_the_same_picture(void **state)
{
    (void)state;
    struct pixels p = made_photo(51, 37, 50, true), to = {0};
    assert_int_equal(pixels_scale(&p, 51, 37, &to, NULL), 0);
    assert_true(made_same(&p, &to));
    pixels_finish(&to);
    pixels_finish(&p);
}

static void test_fitting_keeps_the_ratio(void **state)
{
    (void)state;
    struct pixels p = made_photo(488, 892, 0, true), to = {0};
    assert_int_equal(pixels_inside(&p, 256, 256, &to, NULL), 0);
    assert_int_equal(to.width, 140);
    assert_int_equal(to.height, 256);
    pixels_finish(&to);
    assert_int_equal(pixels_cover(&p, 768, 1344, &to, NULL), 0);
    assert_int_equal(to.width, 768);
    assert_int_equal(to.height, 1344);
    pixels_finish(&to);
    assert_int_equal(pixels_inside(&p, 1, 1, &to, NULL), 0);
    assert_int_equal(to.width * to.height, 1);
    pixels_finish(&to);
    pixels_finish(&p);
}

static void test_covering_cuts_the_middle(void **state)
{
    (void)state;
    struct pixels p = {0}, to = {0};
    assert_int_equal(pixels_init(&p, 300, 100, NULL), 0);
    for (int i = 0; i < 300 * 100; i++)
        memcpy(p.data + i * 4, i % 300 >= 100 && i % 300 < 200 ? "\377\377\377\377" : "\0\0\0\377",
               4);
    p.opaque = true;
    assert_int_equal(pixels_cover(&p, 50, 50, &to, NULL), 0);
    for (int i = 0; i < 50 * 50; i++)
        assert_int_equal(to.data[i * 4], 255);
    pixels_finish(&to);
    pixels_finish(&p);
}

static void test_sizes_past_the_limits_are_refused(void **state)
{
    (void)state;
    struct pixels p = made_photo(8, 8, 0, true), to = {0};
    assert_int_equal(pixels_scale(&p, 16385, 10, &to, NULL), ERR_LIMIT);
    assert_int_equal(pixels_scale(&p, 16384, 16384, &to, NULL), ERR_LIMIT);
    assert_int_equal(pixels_cover(&p, 0, 10, &to, NULL), ERR_INPUT);
    assert_int_equal(pixels_scale(&p, -1, 10, &to, NULL), ERR_INPUT);
    assert_null(to.data);
    pixels_finish(&p);
}

static void test_a_crop_outside_is_refused(void **state)
{
    (void)state;
    struct pixels p = made_photo(8, 6, 9, true), to = {0};
    assert_int_equal(pixels_crop(&p, 1, 0, 8, 6, &to, NULL), ERR_INPUT);
    assert_int_equal(pixels_crop(&p, -1, 0, 2, 2, &to, NULL), ERR_INPUT);
    assert_int_equal(pixels_crop(&p, 0, 0, 0, 2, &to, NULL), ERR_INPUT);
    assert_int_equal(pixels_crop(&p, 2, 1, 3, 4, &to, NULL), 0);
    assert_memory_equal(to.data + 3 * 4, p.data + (2 * 8 + 2) * 4, 3 * 4);
    pixels_finish(&to);
    pixels_finish(&p);
}

static void test_laying_mixes_by_alpha_and_may_hang_over(void **state)
{
    (void)state;
    struct pixels base = {0}, over = {0};
    assert_int_equal(pixels_init(&base, 4, 4, NULL), 0);
    assert_int_equal(pixels_init(&over, 3, 3, NULL), 0);
    for (int i = 0; i < 16; i++)
        memcpy(base.data + i * 4, "\0\0\0\377", 4);
    for (int i = 0; i < 9; i++)
        memcpy(over.data + i * 4, "\377\377\377\200", 4);
    pixels_lay(&base, &over, 2, 3);
    pixels_lay(&base, &over, -2, -2);
    for (int away = -100; away <= 100; away += 200) {
        pixels_lay(&base, &over, away, 0);
        pixels_lay(&base, &over, 0, away);
        pixels_lay(&base, &over, INT32_MAX, INT32_MIN);
    }
    for (int i = 0; i < 16; i++) {
        int want = i == 0 || i == 14 || i == 15 ? 128 : 0;
        assert_int_equal(base.data[i * 4], want);
        assert_int_equal(base.data[i * 4 + 3], 255);
    }
    memset(base.data, 0, 64);
    pixels_lay(&base, &over, 0, 0);
    assert_memory_equal(base.data, "\377\377\377\200", 4);
    pixels_finish(&over);
    pixels_finish(&base);
}

static void test_cairo_and_back_keeps_every_pixel_that_can_be_kept(void **state)
{
    (void)state;
    for (int opaque = 0; opaque < 2; opaque++) {
        struct pixels p = made_photo(70, 20, 30, opaque), back = {0};
        cairo_surface_t *s = pixels_to_surface(&p);
        assert_int_equal(pixels_from_surface(s, opaque, &back, NULL), 0);
        cairo_surface_destroy(s);
        assert_int_equal(back.opaque, opaque);
        for (int i = 0; i < 70 * 20; i++) {
            int alpha = p.data[i * 4 + 3], room = alpha ? 1 + 128 / alpha : 255;
            assert_int_equal(back.data[i * 4 + 3], alpha);
            for (int c = 0; c < 3; c++)
                assert_true(abs(back.data[i * 4 + c] - p.data[i * 4 + c]) <= (opaque ? 0 : room));
        }
        pixels_finish(&back);
        pixels_finish(&p);
    }
}

#define T(name) cmocka_unit_test(name)
int main(void)
{
    const struct CMUnitTest tests[] = {
        T(test_scaling_is_lanczos_with_three_lobes),
        T(test_a_flat_picture_stays_flat_at_every_size),
        T(test_what_cannot_be_seen_does_not_bleed),
        T(test_up_and_down_again_comes_back),
        T(test_the_same_size_is_the_same_picture),
        T(test_fitting_keeps_the_ratio),
        T(test_covering_cuts_the_middle),
        T(test_sizes_past_the_limits_are_refused),
        T(test_a_crop_outside_is_refused),
        T(test_laying_mixes_by_alpha_and_may_hang_over),
        T(test_cairo_and_back_keeps_every_pixel_that_can_be_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
