/* Places under the sky: a pen comes in, blurred trees, houses and lights go onto it. */
/* SPDX-License-Identifier: ISC */
#include "draw/set.h"

static void tree(struct set_pen *p, double x, double foot, double size, uint32_t leaf)
{
    set_box(p, x - 0.13 * size, foot - 1.6 * size, 0.26 * size, 1.6 * size, 0x4b3a2a, 1);
    for (int i = 0; i < 16; i++)
        set_blob(p, x + set_random(p, -1.1, 1.1) * size, foot - set_random(p, 1.3, 3.2) * size,
                 set_random(p, 0.35, 0.75) * size, set_random(p, 0.3, 0.6) * size, leaf, 0.75);
}

static void foliage_lights(struct set_pen *p, int n, double low, double high, uint32_t hex)
{
    for (int i = 0; i < n; i++)
        set_disc(p, set_random(p, 0, p->w), set_random(p, low, high), set_random(p, 0.07, 0.24),
                 hex, set_random(p, 0.12, 0.34));
}

void set_draw_patio(struct set_pen *p)
{
    set_blob(p, p->w - 3.2, 2.6, 1.5, 1.5, 0xfff2c8, 1);
    for (int i = 0; i < 6; i++)
        tree(p, i * p->w / 5, 5.9, set_random(p, 1.0, 1.6), p->accent);
    set_box(p, 0, 5.0, p->w, 1.4, 0x6f5436, 0.9);
    for (double x = 0.2; x < p->w; x += 0.8)
        set_box(p, x, 4.6, 0.5, 1.8, 0x8a6a45, 0.9);
    for (int i = 0; i < 14; i++) {
        double t = i / 13.0, y = 0.7 + 3.2 * (t - 0.5) * (t - 0.5);
        set_disc(p, t * p->w, 1.6 - y * 0.5, 0.17, p->second, 0.85);
    }
    foliage_lights(p, 18, 1.6, 4.6, p->second);
}

void set_draw_park(struct set_pen *p)
{
    set_blob(p, p->w * 0.75, 0.6, 2.6, 1.4, 0xffffff, 0.7);
    for (int i = 0; i < 9; i++)
        set_blob(p, i * p->w / 8, 4.3, set_random(p, 1.0, 1.9), set_random(p, 0.9, 1.7), p->accent,
                 0.75);
    set_box(p, 0, 4.7, p->w, 2, p->second, 1);
    tree(p, 1.5, 5.4, 1.5, p->accent);
    tree(p, p->w - 2.0, 5.3, 1.3, p->accent);
    cairo_move_to(p->shapes, p->w * 0.46, 4.7), cairo_line_to(p->shapes, p->w * 0.52, 4.7);
    cairo_line_to(p->shapes, p->w * 0.78, 7.0), cairo_line_to(p->shapes, p->w * 0.36, 7.0);
    set_colour(p->shapes, 0xd8cdb6, 0.9);
    cairo_fill(p->shapes);
    foliage_lights(p, 26, 1.4, 4.4, 0xf4ffd0);
}

void set_draw_street(struct set_pen *p)
{
    for (int i = 0; i < 7; i++) {
        double x = i * p->w / 6.5 - 0.4, w = set_random(p, 1.6, 2.6), y = set_random(p, -0.6, 2.2);
        set_box(p, x, y, w, 7, i % 2 ? 0x1e2433 : 0x28304a, 1);
        for (int k = 0; k < 16; k++)
            if (set_random(p, 0, 1) > 0.45)
                set_box(p, x + 0.2 + (k % 4) * w / 4.4, y + 0.4 + (k / 4) * 0.95, 0.26, 0.42,
                        set_random(p, 0, 1) > 0.3 ? p->accent : p->second, 0.8);
    }
    set_box(p, 0, 5.0, p->w, 1.6, 0x20232e, 1);
    for (int i = 0; i < 26; i++) {
        uint32_t hex = i % 4 == 0 ? 0xff5a4a : i % 3 == 0 ? p->second : p->accent;
        set_disc(p, set_random(p, 0, p->w), set_random(p, 3.3, 5.2), set_random(p, 0.12, 0.34), hex,
                 set_random(p, 0.25, 0.55));
    }
}

static void ridge(struct set_pen *p, double y, double rise, uint32_t hex)
{
    cairo_move_to(p->shapes, -1, 9);
    for (double x = -1; x <= p->w + 1; x += 1.1)
        cairo_line_to(p->shapes, x, y + set_random(p, -rise, rise));
    cairo_line_to(p->shapes, p->w + 1, 9);
    set_colour(p->shapes, hex, 1);
    cairo_fill(p->shapes);
}

void set_draw_camp(struct set_pen *p)
{
    set_blob(p, p->w - 3.5, 3.2, 1.7, 1.3, 0xffd98f, 1);
    ridge(p, 3.2, 0.5, 0x8d7f8a);
    ridge(p, 4.1, 0.35, 0x565f66);
    for (int i = 0; i < 12; i++) {
        double x = set_random(p, -0.5, p->w + 0.5), h = set_random(p, 1.4, 2.8);
        cairo_move_to(p->shapes, x, 5.2 - h), cairo_line_to(p->shapes, x + 0.65, 5.4),
            cairo_line_to(p->shapes, x - 0.65, 5.4);
        set_colour(p->shapes, p->accent, 0.95);
        cairo_fill(p->shapes);
    }
    cairo_move_to(p->shapes, 3.6, 3.2), cairo_line_to(p->shapes, 6.2, 5.8),
        cairo_line_to(p->shapes, 1.2, 5.8);
    set_colour(p->shapes, p->second, 1);
    cairo_fill(p->shapes);
    cairo_move_to(p->shapes, 3.7, 3.9), cairo_line_to(p->shapes, 4.7, 5.8),
        cairo_line_to(p->shapes, 3.0, 5.8);
    set_colour(p->shapes, 0xffe2a0, 1);
    cairo_fill(p->shapes);
    ridge(p, 5.5, 0.08, 0x4a4136);
    foliage_lights(p, 10, 4.4, 5.2, 0xffc070);
}

void set_draw_forest(struct set_pen *p)
{
    for (int i = 0; i < 26; i++)
        set_blob(p, set_random(p, 0, p->w), set_random(p, 0, 4.6), set_random(p, 0.5, 1.5),
                 set_random(p, 0.4, 1.0), i % 3 ? p->second : p->accent, 0.5);
    for (int i = 0; i < 11; i++) {
        double w = set_random(p, 0.16, 0.6);
        set_box(p, set_random(p, 0, p->w), -0.3, w, 6.6, i % 2 ? 0x3b3020 : 0x564632, 0.9);
    }
    cairo_move_to(p->shapes, p->w * 0.42, 4.5), cairo_line_to(p->shapes, p->w * 0.55, 4.5);
    cairo_line_to(p->shapes, p->w * 0.95, 7.0), cairo_line_to(p->shapes, p->w * 0.3, 7.0);
    set_colour(p->shapes, 0x9a835c, 0.9);
    cairo_fill(p->shapes);
    foliage_lights(p, 34, 0.2, 4.2, 0xfdffcf);
}

void set_draw_golden(struct set_pen *p)
{
    set_blob(p, p->w - 4.0, 3.3, 1.5, 1.5, 0xfff4cf, 1);
    ridge(p, 3.9, 0.3, 0xc98a58);
    ridge(p, 4.6, 0.25, 0x8a6a48);
    for (int i = 0; i < 50; i++) {
        double x = set_random(p, 0, p->w), h = set_random(p, 0.6, 1.5);
        set_box(p, x, 6.1 - h, 0.07, h, i % 2 ? 0xd9a860 : p->accent, 0.9);
    }
    foliage_lights(p, 20, 3.4, 5.4, p->second);
}
