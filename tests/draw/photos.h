/* Product photographs for tests, drawn with a known outline: a thing, a background, the light's
 * faults. */
/* SPDX-License-Identifier: ISC */
#ifndef TESTS_DRAW_PHOTOS_H
#define TESTS_DRAW_PHOTOS_H

#include <cairo.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>

#include "picture/pixels.h"

enum thing { THING_LAMP, THING_HEADPHONES, THING_KETTLE, THING_BOTTLE, THINGS };
enum flaw {
    FLAW_NONE = 0,
    FLAW_NOISE = 1,
    FLAW_SHADOW = 2,
    FLAW_GRADIENT = 4,
    FLAW_VIGNETTE = 8,
    FLAW_BLOCKS = 16, /* JPEG-like: colour averaged over 8 x 8 blocks, a little ringing */
};

struct photo {
    struct pixels picture;
    uint8_t *mask; /* coverage of the thing, 0 to 255 */
};

static void photo_grey(cairo_pattern_t *p, double at, double v, double warm)
{
    cairo_pattern_add_color_stop_rgb(p, at, fmin(1, v * (1 + warm)), v, v * (1 - warm));
}

static void lamp_draw(cairo_t *c)
{
    cairo_pattern_t *p = cairo_pattern_create_linear(330, 0, 670, 0);
    photo_grey(p, 0, 0.20, 0.05), photo_grey(p, 0.35, 0.55, 0.05), photo_grey(p, 1, 0.08, 0.05);
    cairo_set_source(c, p);
    cairo_save(c);
    cairo_translate(c, 500, 830), cairo_scale(c, 170, 34);
    cairo_arc(c, 0, 0, 1, 0, 2 * M_PI);
    cairo_restore(c);
    cairo_fill(c);
    cairo_set_line_width(c, 22), cairo_set_line_cap(c, CAIRO_LINE_CAP_ROUND);
    cairo_move_to(c, 500, 820), cairo_line_to(c, 640, 520), cairo_line_to(c, 430, 300);
    cairo_stroke(c);
    cairo_pattern_destroy(p);
    p = cairo_pattern_create_linear(250, 250, 430, 420);
    photo_grey(p, 0, 0.75, 0.18), photo_grey(p, 0.5, 0.45, 0.2), photo_grey(p, 1, 0.2, 0.2);
    cairo_set_source(c, p);
    cairo_move_to(c, 420, 210), cairo_curve_to(c, 470, 260, 480, 300, 460, 340);
    cairo_line_to(c, 330, 470), cairo_line_to(c, 220, 350), cairo_close_path(c);
    cairo_fill(c);
    cairo_pattern_destroy(p);
}

static void headphones_draw(cairo_t *c)
{
    cairo_set_line_width(c, 52), cairo_set_source_rgb(c, 0.10, 0.11, 0.13);
    cairo_arc(c, 500, 520, 270, M_PI * 0.98, M_PI * 2.02), cairo_stroke(c);
    cairo_set_line_width(c, 16), cairo_set_source_rgb(c, 0.34, 0.36, 0.4);
    cairo_arc(c, 500, 520, 284, M_PI * 1.1, M_PI * 1.75), cairo_stroke(c);
    for (int side = -1; side <= 1; side += 2) {
        cairo_pattern_t *p =
            cairo_pattern_create_radial(500 + side * 255, 580, 10, 500 + side * 270, 620, 170);
        photo_grey(p, 0, 0.42, -0.05), photo_grey(p, 0.6, 0.16, -0.05), photo_grey(p, 1, 0.05, 0);
        cairo_save(c);
        cairo_translate(c, 500 + side * 270, 620), cairo_scale(c, 88, 140);
        cairo_arc(c, 0, 0, 1, 0, 2 * M_PI);
        cairo_restore(c);
        cairo_set_source(c, p), cairo_fill(c);
        cairo_pattern_destroy(p);
    }
    cairo_set_source_rgb(c, 0.75, 0.35, 0.15);
    cairo_arc(c, 770, 620, 26, 0, 2 * M_PI), cairo_fill(c);
}

static void kettle_draw(cairo_t *c)
{
    cairo_pattern_t *p = cairo_pattern_create_linear(300, 0, 700, 0);
    photo_grey(p, 0, 0.35, 0), photo_grey(p, 0.22, 0.86, 0), photo_grey(p, 0.45, 0.55, 0);
    photo_grey(p, 0.8, 0.24, 0), photo_grey(p, 0.93, 0.6, 0), photo_grey(p, 1, 0.3, 0);
    cairo_move_to(c, 390, 330), cairo_line_to(c, 610, 330);
    cairo_curve_to(c, 650, 500, 700, 700, 700, 820),
        cairo_curve_to(c, 600, 850, 400, 850, 300, 820);
    cairo_curve_to(c, 300, 700, 350, 500, 390, 330);
    cairo_set_source(c, p), cairo_fill(c);
    cairo_move_to(c, 375, 400), cairo_line_to(c, 280, 350), cairo_line_to(c, 262, 372);
    cairo_line_to(c, 350, 520), cairo_close_path(c), cairo_fill(c);
    cairo_pattern_destroy(p);
    cairo_set_source_rgb(c, 0.07, 0.07, 0.08);
    cairo_rectangle(c, 400, 296, 200, 38), cairo_fill(c);
    cairo_arc(c, 500, 285, 24, 0, 2 * M_PI), cairo_fill(c);
    cairo_set_line_width(c, 40), cairo_set_line_join(c, CAIRO_LINE_JOIN_ROUND);
    cairo_move_to(c, 610, 350), cairo_curve_to(c, 800, 330, 840, 480, 790, 740);
    cairo_line_to(c, 690, 760), cairo_stroke(c);
    cairo_rectangle(c, 296, 812, 408, 30), cairo_fill(c);
}

/* White on white: only its shading tells it from the background. */
static void bottle_draw(cairo_t *c)
{
    cairo_pattern_t *p = cairo_pattern_create_linear(390, 0, 610, 0);
    photo_grey(p, 0, 0.70, 0), photo_grey(p, 0.2, 0.90, 0), photo_grey(p, 0.5, 0.93, 0);
    photo_grey(p, 0.85, 0.80, 0), photo_grey(p, 1, 0.62, 0);
    cairo_set_source(c, p);
    cairo_move_to(c, 400, 420), cairo_curve_to(c, 400, 360, 450, 350, 455, 300);
    cairo_line_to(c, 545, 300), cairo_curve_to(c, 550, 350, 600, 360, 600, 420);
    cairo_line_to(c, 600, 830), cairo_curve_to(c, 560, 850, 440, 850, 400, 830),
        cairo_close_path(c);
    cairo_fill(c);
    cairo_pattern_destroy(p);
    p = cairo_pattern_create_linear(440, 0, 560, 0);
    photo_grey(p, 0, 0.55, 0), photo_grey(p, 0.4, 0.85, 0), photo_grey(p, 1, 0.5, 0);
    cairo_set_source(c, p), cairo_rectangle(c, 440, 180, 120, 122), cairo_fill(c);
    cairo_pattern_destroy(p);
    cairo_set_source_rgb(c, 0.25, 0.4, 0.38), cairo_rectangle(c, 430, 540, 140, 90), cairo_fill(c);
}

static void thing_draw(cairo_t *c, enum thing thing)
{
    static void (*const draw[THINGS])(cairo_t *) = {lamp_draw, headphones_draw, kettle_draw,
                                                    bottle_draw};
    draw[thing](c);
}

static double photo_shadow(int x, int y)
{
    double dx = (x - 560) / 300.0, dy = (y - 845) / 46.0, d = dx * dx + dy * dy;
    return 1 - 0.45 * exp(-d);
}

static uint32_t photo_random(uint32_t *s)
{
    *s = *s * 1664525u + 1013904223u;
    return *s >> 8;
}

static uint8_t photo_level(double v)
{
    return v < 0 ? 0 : v > 255 ? 255 : (uint8_t)(v + 0.5);
}

static void photo_light(struct pixels *p, double grey, int flaws)
{
    uint32_t seed = 7;
    for (int y = 0; y < p->height; y++)
        for (int x = 0; x < p->width; x++) {
            uint8_t *px = p->data + 4 * ((size_t)y * p->width + x);
            double u = x / (double)p->width - 0.5, v = y / (double)p->height - 0.5, k = 1;
            int X = (int)(x * 1000.0 / p->width), Y = (int)(y * 1000.0 / p->height);
            if (flaws & FLAW_SHADOW)
                k *= photo_shadow(X, Y);
            if (flaws & FLAW_GRADIENT)
                k *= 1 - 0.16 * (v + 0.5) - 0.05 * u;
            if (flaws & FLAW_VIGNETTE)
                k *= 1 - 0.30 * (u * u + v * v);
            for (int i = 0; i < 3; i++) {
                double noise = 0;
                if (flaws & FLAW_NOISE)
                    noise =
                        (photo_random(&seed) % 1000 + photo_random(&seed) % 1000) / 1000.0 * 7 - 7;
                double back = 255 * grey * k, a = px[3] / 255.0;
                px[i] = photo_level(px[i] * a + back * (1 - a) + noise);
            }
            px[3] = 255;
        }
    p->opaque = true;
}

static void photo_blocks(struct pixels *p)
{
    for (int by = 0; by + 8 <= p->height; by += 8)
        for (int bx = 0; bx + 8 <= p->width; bx += 8)
            for (int i = 0; i < 3; i++) {
                double sum = 0;
                for (int j = 0; j < 64; j++)
                    sum += p->data[4 * ((size_t)(by + j / 8) * p->width + bx + j % 8) + i];
                for (int j = 0; j < 64; j++) {
                    uint8_t *v = &p->data[4 * ((size_t)(by + j / 8) * p->width + bx + j % 8) + i];
                    *v = photo_level(0.93 * *v + 0.07 * sum / 64 +
                                     1.5 * cos(j * 2.4) * (fabs(*v - sum / 64) > 12));
                }
            }
}

/* A photo of side x side; grey is the background, 0 to 1. */
static struct photo photo_make(enum thing thing, int side, double grey, int flaws)
{
    struct photo f = {0};
    cairo_surface_t *s = cairo_image_surface_create(CAIRO_FORMAT_ARGB32, side, side);
    cairo_t *c = cairo_create(s);
    cairo_scale(c, side / 1000.0, side / 1000.0);
    thing_draw(c, thing);
    cairo_destroy(c);
    (void)pixels_from_surface(s, false, &f.picture, NULL);
    cairo_surface_destroy(s);
    f.mask = malloc((size_t)side * side);
    for (size_t i = 0; i < (size_t)side * side; i++)
        f.mask[i] = f.picture.data[4 * i + 3];
    photo_light(&f.picture, grey, flaws);
    if (flaws & FLAW_BLOCKS)
        photo_blocks(&f.picture);
    return f;
}

static void photo_free(struct photo *f)
{
    pixels_finish(&f->picture);
    free(f->mask);
}

#endif
