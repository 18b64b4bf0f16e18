/* Cutting a product from its plain background: against known outlines, over the faults photographs
 * have. */
/* SPDX-License-Identifier: ISC */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "draw/cutout.h"
#include "draw/photos.h"

#define SIDE 800

/* The thing's own rectangle in the photo, as cutout_make crops it. */
static void truth_box(const struct photo *f, int *x0, int *y0, int *x1, int *y1)
{
    *x0 = *y0 = SIDE;
    *x1 = *y1 = 0;
    for (int y = 0; y < SIDE; y++)
        for (int x = 0; x < SIDE; x++)
            if (f->mask[y * SIDE + x] > 24) {
                *x0 = x < *x0 ? x : *x0;
                *x1 = x > *x1 ? x : *x1;
                *y0 = y < *y0 ? y : *y0;
                *y1 = y > *y1 ? y : *y1;
            }
}

/* Shared area over joint area of the cut alpha and the true coverage, the cut laid where it fits
 * best. */
static double overlap(const struct photo *f, const struct pixels *cut)
{
    int x0, y0, x1, y1;
    double best = 0;
    truth_box(f, &x0, &y0, &x1, &y1);
    for (int oy = y0 - 10; oy <= y0 + 4; oy++)
        for (int ox = x0 - 10; ox <= x0 + 4; ox++) {
            double both = 0, any = 0;
            for (int y = 0; y < SIDE; y += 3)
                for (int x = 0; x < SIDE; x += 3) {
                    int cx = x - ox, cy = y - oy;
                    bool in = cx >= 0 && cy >= 0 && cx < cut->width && cy < cut->height;
                    double a = in ? cut->data[4 * ((size_t)cy * cut->width + cx) + 3] : 0;
                    double m = f->mask[y * SIDE + x];
                    both += fmin(a, m);
                    any += fmax(a, m);
                }
            best = fmax(best, both / any);
        }
    return best;
}

static void expect_overlap(enum thing thing, double grey, int flaws, double least)
{
    struct photo f = photo_make(thing, SIDE, grey, flaws);
    struct cutout c = {0};
    assert_int_equal(cutout_make(&f.picture, &c, NULL), 0);
    assert_int_equal(c.how, CUTOUT_PLAIN);
    double got = overlap(&f, &c.product);
    if (got < least)
        fail_msg("thing %d on %.2f with flaws %d: overlap %.3f, expected %.3f", thing, grey, flaws,
                 got, least);
    cutout_finish(&c);
    photo_free(&f);
}

static const int faults[] = {FLAW_NONE, FLAW_NOISE | FLAW_SHADOW,
                             FLAW_GRADIENT | FLAW_SHADOW | FLAW_BLOCKS,
                             FLAW_VIGNETTE | FLAW_NOISE | FLAW_SHADOW | FLAW_BLOCKS};

static void test_cuts_dark_and_shiny_things_from_white_and_near_white(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++)
        for (int thing = THING_LAMP; thing <= THING_KETTLE; thing++) {
            expect_overlap(thing, 1.0, faults[i], 0.985);
            expect_overlap(thing, 0.965, faults[i], 0.985);
        }
}

static void test_cuts_headphones_from_grey(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++) {
        expect_overlap(THING_HEADPHONES, 0.72, faults[i], 0.985);
        expect_overlap(THING_HEADPHONES, 0.5, faults[i], 0.985);
    }
}

static void test_keeps_a_white_bottle_whole_on_white(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++)
        expect_overlap(THING_BOTTLE, 1.0, faults[i], 0.97);
}

static void test_product_pixels_inside_are_untouched(void **state)
{
    (void)state;
    struct photo f = photo_make(THING_KETTLE, SIDE, 1.0, FLAW_NONE);
    struct cutout c = {0};
    int x0, y0, x1, y1;
    assert_int_equal(cutout_make(&f.picture, &c, NULL), 0);
    truth_box(&f, &x0, &y0, &x1, &y1);
    int ox = x0 - 1, oy = y0 - 1; /* the crop keeps one clear pixel around */
    assert_in_range(c.product.width, x1 - x0, x1 - x0 + 5);
    int same = 0, all = 0;
    for (int y = 460; y < 600; y += 4)
        for (int x = 330; x < 470; x += 4, all++)
            same += memcmp(c.product.data + 4 * ((size_t)(y - oy) * c.product.width + (x - ox)),
                           f.picture.data + 4 * ((size_t)y * SIDE + x), 4) == 0;
    assert_int_equal(same, all);
    cutout_finish(&c);
    photo_free(&f);
}

static void test_a_patterned_background_becomes_a_card(void **state)
{
    (void)state;
    struct photo f = photo_make(THING_LAMP, SIDE, 1.0, FLAW_NONE);
    struct cutout c = {0};
    for (int y = 0; y < SIDE; y++)
        for (int x = 0; x < SIDE; x++)
            if (!f.mask[y * SIDE + x] && (x / 40 + y / 40) % 2)
                memset(f.picture.data + 4 * ((size_t)y * SIDE + x), 60, 3);
    assert_int_equal(cutout_make(&f.picture, &c, NULL), 0);
    assert_int_equal(c.how, CUTOUT_CARD);
    assert_true(c.why[0] != '\0');
    assert_int_equal(c.product.width, SIDE);
    assert_int_equal(c.product.height, SIDE);
    cutout_finish(&c);
    photo_free(&f);
}

static void test_an_empty_photo_becomes_a_card(void **state)
{
    (void)state;
    struct pixels p = {0};
    struct cutout c = {0};
    assert_int_equal(pixels_init(&p, 300, 200, NULL), 0);
    memset(p.data, 255, 300 * 200 * 4);
    p.opaque = true;
    assert_int_equal(cutout_make(&p, &c, NULL), 0);
    assert_int_equal(c.how, CUTOUT_CARD);
    cutout_finish(&c);
    pixels_finish(&p);
}

static void test_own_transparency_is_believed(void **state)
{
    (void)state;
    struct pixels p = {0};
    struct cutout c = {0};
    assert_int_equal(pixels_init(&p, 300, 200, NULL), 0);
    for (int y = 50; y < 150; y++)
        memset(p.data + 4 * ((size_t)y * 300 + 100), 200, 4 * 80);
    assert_int_equal(cutout_make(&p, &c, NULL), 0);
    assert_int_equal(c.how, CUTOUT_ALPHA);
    assert_in_range(c.product.width, 80, 82);
    assert_in_range(c.product.height, 100, 102);
    cutout_finish(&c);
    pixels_finish(&p);
}

static void test_tiny_photos_do_no_harm(void **state)
{
    (void)state;
    for (int side = 1; side < 12; side++) {
        struct pixels p = {0};
        struct cutout c = {0};
        assert_int_equal(pixels_init(&p, side, 12 - side, NULL), 0);
        for (int i = 0; i < side * (12 - side) * 4; i++)
            p.data[i] = (uint8_t)(i % 4 == 3 ? 255 : i * 37);
        p.opaque = true;
        assert_int_equal(cutout_make(&p, &c, NULL), 0);
        cutout_finish(&c);
        pixels_finish(&p);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cuts_dark_and_shiny_things_from_white_and_near_white),
        cmocka_unit_test(test_cuts_headphones_from_grey),
        cmocka_unit_test(test_keeps_a_white_bottle_whole_on_white),
        cmocka_unit_test(test_product_pixels_inside_are_untouched),
        cmocka_unit_test(test_a_patterned_background_becomes_a_card),
        cmocka_unit_test(test_an_empty_photo_becomes_a_card),
        cmocka_unit_test(test_own_transparency_is_believed),
        cmocka_unit_test(test_tiny_photos_do_no_harm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
