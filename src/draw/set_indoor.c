/* Rooms: a pen comes in, blurred furniture and lights go onto it. Units are a ninth of the height;
 * what lies below pen->table is hidden by the surface. */
/* SPDX-License-Identifier: ISC */
#include "draw/set.h"

static void shelf(struct set_pen *p, double x, double y, double w)
{
    static const uint32_t books[] = {0x8c5a48, 0x3f5468, 0xc9b28a, 0x5f7059, 0x9a8f83, 0xb57a4f};
    set_box(p, x, y, w, 0.14, 0x6b5238, 1);
    for (double at = x + 0.2; at < x + w - 0.4;) {
        double wide = set_random(p, 0.14, 0.34), tall = set_random(p, 0.6, 1.05);
        if (set_random(p, 0, 1) > 0.25)
            set_box(p, at, y - tall, wide, tall, books[(int)set_random(p, 0, 5.99)], 0.9);
        at += wide + 0.05;
    }
}

static void plant(struct set_pen *p, double x, double foot, double size, uint32_t leaf)
{
    set_box(p, x - 0.35 * size, foot - 0.8 * size, 0.7 * size, 0.8 * size, 0xb9a894, 1);
    for (int i = 0; i < 14; i++)
        set_blob(p, x + set_random(p, -0.9, 0.9) * size, foot - set_random(p, 1.0, 2.8) * size,
                 set_random(p, 0.15, 0.35) * size, set_random(p, 0.3, 0.6) * size, leaf, 0.85);
}

static void panes(struct set_pen *p, double x, double y, double w, double h, int across,
                  uint32_t sky)
{
    set_box(p, x, y, w, h, sky, 1);
    for (int i = 0; i <= across; i++)
        set_box(p, x + w * i / across - 0.07, y, 0.14, h, 0xf6f3ee, 1);
    set_box(p, x, y + h * 0.46, w, 0.12, 0xf6f3ee, 1);
}

void set_draw_window(struct set_pen *p)
{
    panes(p, 0.4, -0.5, 5.2, 5.4, 2, 0xfffdf6);
    set_blob(p, 2.0, 4.2, 1.6, 1.1, p->accent, 0.35);
    set_box(p, 5.7, -0.5, 0.9, 6.5, 0xf3ece2, 0.9);
    set_box(p, p->w - 5.4, 1.2, 1.7, 2.2, 0xd8cdbd, 1);
    set_box(p, p->w - 5.2, 1.4, 1.3, 1.8, p->second, 0.45);
    plant(p, p->w - 1.7, p->table, 1.25, p->accent);
    shelf(p, p->w - 3.4, 1.6, 3.0);
}

void set_draw_living(struct set_pen *p)
{
    set_box(p, p->w - 8.5, 3.5, 7.5, 2.6, p->accent, 1);
    set_box(p, p->w - 8.9, 4.1, 1.0, 2.0, p->accent, 1);
    set_blob(p, p->w - 6.9, 4.2, 0.8, 0.7, p->second, 0.95);
    set_blob(p, p->w - 5.2, 4.3, 0.8, 0.65, 0xe9dcc7, 0.95);
    set_box(p, p->w - 7.4, 0.9, 1.7, 1.7, 0xf2e9dc, 1);
    set_box(p, p->w - 5.2, 0.9, 1.7, 1.7, 0xf2e9dc, 1);
    set_box(p, p->w - 7.1, 1.2, 1.1, 1.1, p->second, 0.5);
    set_box(p, p->w - 4.9, 1.2, 1.1, 1.1, p->accent, 0.5);
    panes(p, -0.6, -0.4, 3.6, 5.0, 2, 0xfff4da);
    plant(p, 4.2, p->table, 1.2, 0x5f7350);
    set_box(p, p->w - 0.95, 2.6, 0.1, 4, 0x4c4038, 1);
    set_blob(p, p->w - 0.9, 2.2, 0.75, 0.6, 0xffe2ac, 1);
    set_disc(p, p->w - 0.9, 2.3, 0.5, 0xfff0cc, 0.8);
}

void set_draw_bedroom(struct set_pen *p)
{
    set_box(p, 2.6, 2.2, p->w - 4.2, 4, p->accent, 1);
    for (int i = 0; i < 6; i++)
        set_box(p, 2.6 + i * (p->w - 4.2) / 6, 2.2, 0.06, 4, 0x3c4654, 0.5);
    set_blob(p, 5.6, 4.8, 1.7, 0.9, 0xf4eee8, 1);
    set_blob(p, 9.0, 4.8, 1.7, 0.9, 0xe6dcd6, 1);
    set_blob(p, 7.2, 5.2, 1.1, 0.7, 0xb98f78, 1);
    set_box(p, 0.5, 4.4, 1.8, 2, 0x7a5a40, 1);
    set_blob(p, 1.4, 3.1, 0.75, 0.65, p->second, 1);
    set_box(p, 1.33, 3.6, 0.14, 0.9, 0x5a4636, 1);
    set_disc(p, 1.4, 3.15, 0.55, 0xffe8bf, 0.75);
}

void set_draw_desk(struct set_pen *p)
{
    double x = p->w * 0.52, w = 6.4;
    set_box(p, x, 1.3, w, 3.5, 0x0b0d14, 1);
    cairo_pattern_t *screen = cairo_pattern_create_linear(x, 1.3, x + w, 4.8);
    cairo_pattern_add_color_stop_rgb(screen, 0, (p->second >> 16 & 255) / 400.0,
                                     (p->second >> 8 & 255) / 400.0, (p->second & 255) / 300.0);
    cairo_pattern_add_color_stop_rgb(screen, 1, (p->accent >> 16 & 255) / 380.0,
                                     (p->accent >> 8 & 255) / 480.0, (p->accent & 255) / 380.0);
    cairo_set_source(p->shapes, screen);
    cairo_rectangle(p->shapes, x + 0.12, 1.42, w - 0.24, 3.2);
    cairo_fill(p->shapes);
    cairo_pattern_destroy(screen);
    set_box(p, x + w / 2 - 0.4, 4.8, 0.8, 1.2, 0x14161e, 1);
    set_box(p, 0, 0.55, p->w, 0.10, p->accent, 0.9);
    shelf(p, 0.6, 2.3, 4.4);
    set_box(p, 1.2, 3.6, 1.3, 2.4, 0x1d2029, 1);
    set_blob(p, 1.85, 4.9, 0.45, 0.45, 0x3a3f4d, 1);
    plant(p, 4.6, p->table, 0.8, 0x35503f);
    set_disc(p, x + 1.2, 2.4, 0.10, 0xffffff, 0.5);
}

void set_draw_neon(struct set_pen *p)
{
    for (int i = 0; i < 7; i++) {
        double x = set_random(p, 0, p->w), y = set_random(p, 0.4, 3.6), s = set_random(p, 0.7, 1.3);
        cairo_new_path(p->shapes);
        for (int k = 0; k < 6; k++)
            cairo_line_to(p->shapes,
                          x + s * (k % 3 == 0
                                       ? (k ? -1 : 1)
                                       : (k < 3 ? (k == 1 ? 0.5 : -0.5) : (k == 4 ? -0.5 : 0.5))),
                          y + s * (k % 3 == 0 ? 0
                                   : k < 3    ? 0.87
                                              : -0.87));
        cairo_close_path(p->shapes);
        set_colour(p->shapes, i % 2 ? p->accent : p->second, 0.55);
        cairo_set_line_width(p->shapes, 0.14);
        cairo_stroke(p->shapes);
    }
    set_box(p, p->w * 0.50, 1.6, 6.2, 3.2, 0x07070c, 1);
    set_box(p, p->w * 0.50 + 0.12, 1.72, 5.96, 2.9, 0x2b2a6a, 1);
    set_blob(p, p->w * 0.50 + 2.2, 3.2, 1.6, 1.1, p->accent, 0.6);
    set_blob(p, p->w * 0.50 + 4.4, 2.7, 1.2, 0.9, p->second, 0.6);
    set_box(p, 0, p->table - 0.34, p->w, 0.12, p->second, 0.95);
    set_box(p, 0.3, 0.5, 0.16, 5, p->accent, 1);
    set_box(p, p->w - 0.5, 0.2, 0.16, 5.2, p->second, 1);
    set_box(p, 1.5, 2.6, 2.0, 3.4, 0x101018, 1);
    set_disc(p, 2.5, 3.5, 0.42, p->accent, 0.5);
    set_disc(p, 2.5, 4.7, 0.42, p->second, 0.5);
}

void set_draw_couch(struct set_pen *p)
{
    set_box(p, 1.2, 1.0, 7.0, 3.6, 0x08090d, 1);
    set_box(p, 1.35, 1.15, 6.7, 3.3, 0x2f5d9c, 1);
    set_blob(p, 3.4, 3.6, 2.2, 1.2, 0x6fc0a0, 0.7);
    set_blob(p, 6.2, 2.2, 1.3, 0.7, p->second, 0.8);
    set_box(p, 0.6, 4.9, 8.4, 1.2, 0x251f1c, 1);
    set_box(p, p->w - 5.6, 3.6, 5.4, 2.6, 0x57506a, 1);
    set_blob(p, p->w - 4.2, 4.2, 0.8, 0.7, p->second, 0.8);
    set_blob(p, p->w - 1.3, 1.6, 0.7, 0.7, 0xffd79c, 1);
    set_disc(p, p->w - 1.3, 1.6, 0.5, 0xffe6bd, 0.7);
    for (int i = 0; i < 9; i++)
        set_disc(p, 9 + i * 0.75, 0.7 + 0.25 * (i % 3), 0.11, 0xffd08a, 0.7);
}

void set_draw_kitchen(struct set_pen *p)
{
    for (double y = 0.2; y < p->table; y += 0.75)
        set_box(p, 0, y, p->w, 0.05, 0xc4beb2, 0.8);
    for (int row = 0; row < 8; row++)
        for (double x = row % 2 ? 0.7 : 0; x < p->w; x += 1.4)
            set_box(p, x, 0.2 + row * 0.75, 0.05, 0.75, 0xc4beb2, 0.8);
    panes(p, -0.4, -0.6, 4.4, 4.6, 2, 0xfffef8);
    set_box(p, p->w - 7.2, 1.7, 6.6, 0.2, p->second, 1);
    for (int i = 0; i < 6; i++) {
        double x = p->w - 6.8 + i * 1.05, h = set_random(p, 0.5, 1.1);
        static const uint32_t jars[] = {0xc98f5a, 0xe8e2d6, 0x7f9a86, 0xd6b98c, 0x9db4b8, 0xefe9de};
        set_box(p, x, 1.7 - h, 0.62, h, jars[i], 1);
    }
    set_box(p, p->w - 4.4, 4.2, 1.5, 1.9, 0xb4bab8, 1);
    set_blob(p, p->w - 1.8, 5.2, 1.0, 0.8, 0xd9a94f, 1);
    plant(p, 5.2, p->table, 0.85, p->accent);
}

void set_draw_cafe(struct set_pen *p)
{
    shelf(p, p->w - 6.4, 2.3, 6.0);
    shelf(p, p->w - 6.4, 3.9, 6.0);
    set_box(p, -0.3, 0.3, 4.6, 4.6, 0xbfa98a, 0.85);
    set_box(p, 1.95, 0.3, 0.14, 4.6, 0x35271d, 1);
    set_box(p, -0.3, 2.4, 4.6, 0.12, 0x35271d, 1);
    set_box(p, 4.6, 4.4, 5.0, 1.8, p->second, 0.8);
    for (int i = 0; i < 4; i++) {
        double x = 5.2 + i * (p->w - 6.5) / 3.4, y = 1.15 + 0.22 * (i % 2);
        set_box(p, x - 0.03, 0, 0.06, y, 0x1d1611, 1);
        set_blob(p, x, y + 0.1, 0.42, 0.3, 0x2a1f18, 1);
        set_disc(p, x, y + 0.32, 0.30, p->accent, 0.85);
        set_disc(p, x, y + 0.32, 0.16, 0xfff3d8, 0.9);
    }
    for (int i = 0; i < 12; i++)
        set_disc(p, set_random(p, 0, p->w), set_random(p, 2.6, 4.8), set_random(p, 0.08, 0.2),
                 p->accent, 0.28);
}

void set_draw_gym(struct set_pen *p)
{
    for (double x = 0.6; x < p->w; x += 3.1)
        set_box(p, x, -0.2, 0.22, 6.5, 0x0e0f11, 1);
    set_box(p, 0, 4.35, p->w, 0.18, 0x3c4046, 1);
    for (int i = 0; i < 9; i++) {
        double x = 0.9 + i * p->w / 9;
        set_blob(p, x, 4.0, 0.42, 0.42, 0x1f2226, 1);
        set_blob(p, x + 0.5, 4.0, 0.42, 0.42, 0x1f2226, 1);
        set_blob(p, x, 5.2, 0.5, 0.5, i % 4 == 1 ? p->second : 0x26292e, 1);
    }
    for (int i = 0; i < 4; i++)
        set_box(p, i * p->w / 4 + 0.6, 0.25, p->w / 4 - 1.4, 0.2, p->accent, 1);
    set_box(p, p->w * 0.66, 1.3, 3.2, 2.2, 0x4a5058, 0.7);
}

void set_draw_lounge(struct set_pen *p)
{
    set_box(p, 0, 4.2, p->w, 2.2, 0xa8b4bd, 1);
    set_box(p, 0, 3.95, p->w, 0.3, 0x8796a2, 0.8);
    set_blob(p, p->w * 0.72, 3.9, 2.6, 0.34, 0xf4f6f8, 1);
    set_box(p, p->w * 0.72 - 2.5, 2.9, 0.4, 1.0, p->accent, 1);
    for (double x = 0.2; x < p->w + 1; x += 3.0)
        set_box(p, x, -0.2, 0.20, 6.6, 0x59616a, 1);
    set_box(p, 0, 1.1, p->w, 0.14, 0x59616a, 1);
    for (int i = 0; i < 6; i++) {
        double x = 0.4 + i * p->w / 6;
        set_box(p, x, 4.7, 1.7, 0.85, i == 3 ? p->second : 0x39434f, 1);
        set_box(p, x, 5.4, 1.7, 0.5, 0x2d353f, 1);
    }
    for (int i = 0; i < 5; i++)
        set_disc(p, set_random(p, 0, p->w), set_random(p, 0.2, 0.9), 0.16, 0xffffff, 0.55);
}

void set_draw_studio(struct set_pen *p)
{
    set_box(p, 0.8, 0.3, 2.7, 3.5, p->second, 1);
    set_box(p, 0.95, 0.45, 2.4, 3.2, p->accent, 1);
    set_box(p, 2.1, 3.8, 0.1, 2.6, 0x1a1b1e, 1);
    set_box(p, p->w - 2.5, 0.8, 1.5, 4.0, p->second, 1);
    set_box(p, p->w - 2.38, 0.92, 1.26, 3.76, 0xc9d4e2, 0.9);
    set_box(p, p->w - 1.8, 4.8, 0.1, 2, 0x1a1b1e, 1);
    set_blob(p, p->w * 0.55, 3.2, 4.2, 2.6, 0xb9bcc2, 0.45);
}

void set_draw_nursery(struct set_pen *p)
{
    static const uint32_t arch[] = {0xf2b8a6, 0xf6d7a8, 0xbcd9c8, 0xf7ece4};
    for (int i = 0; i < 4; i++)
        set_blob(p, p->w - 4.2, 4.6, 2.5 - 0.55 * i, 2.9 - 0.55 * i, arch[i], 1);
    set_box(p, p->w - 7.2, 4.6, 6, 2, 0xf4e6dc, 1);
    set_box(p, 0.6, 2.7, 3.6, 0.14, 0xd9bd97, 1);
    set_blob(p, 1.4, 2.25, 0.45, 0.5, p->second, 1);
    set_blob(p, 2.5, 2.35, 0.38, 0.4, p->accent, 1);
    set_box(p, 3.2, 1.9, 0.5, 0.8, 0xf0d59a, 1);
    for (int i = 0; i < 11; i++)
        set_blob(p, 0.6 + i * p->w / 10.5, 0.75 + 0.5 * ((i % 5) > 2 ? 5 - i % 5 : i % 5) * 0.5,
                 0.36, 0.45, arch[i % 3], 1);
    set_box(p, 0.4, 4.1, 4.2, 0.18, 0xfdf8f2, 1);
    for (int i = 0; i < 9; i++)
        set_box(p, 0.5 + i * 0.48, 4.2, 0.12, 2, 0xfdf8f2, 1);
}
