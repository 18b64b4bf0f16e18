/* A category and a use come in, a set's row goes out; and the few strokes all sets are drawn with.
 */
/* SPDX-License-Identifier: ISC */
#include "draw/set.h"

#include <math.h>
#include <string.h>

static const struct set sets[] = {
    {"default", "usage1", set_draw_window, 0xe7e1d6, 0xcfc6b8, 0x9aa790, 0xb98d62, SURFACE_WOOD,
     0xb58a5e, 0.95f, 0xfff3e0, -1, 0.10f},
    {"default", "usage2", set_draw_cafe, 0x5a4638, 0x33261e, 0xffb65c, 0x7a5a3e, SURFACE_WOOD,
     0x7d5737, 0.80f, 0xffe2bd, -0.6f, 0.14f},
    {"audio", "usage1", set_draw_desk, 0x23263a, 0x171a28, 0xff5fa2, 0x48c7ff, SURFACE_WOOD,
     0x4a362b, 0.75f, 0xf4ecff, -0.8f, 0.18f},
    {"audio", "usage2", set_draw_lounge, 0xbfd3e6, 0xe9e3da, 0x5d7fa3, 0xd88a4d, SURFACE_STONE,
     0xb9b6b0, 0.95f, 0xfff4e4, 0.9f, 0.20f},
    {"computing", "usage1", set_draw_desk, 0x2a2f3c, 0x1b1f2a, 0x4aa8ff, 0x9d6bff, SURFACE_WOOD,
     0x6b4d37, 0.80f, 0xeef4ff, -0.8f, 0.14f},
    {"computing", "usage2", set_draw_lounge, 0xcbd9e8, 0xe6e4e0, 0x4c6f96, 0xc9a05b, SURFACE_WOOD,
     0x9b7a58, 0.95f, 0xffffff, 0.9f, 0.12f},
    {"kitchen", "usage1", set_draw_kitchen, 0xf0eeea, 0xdcd8d0, 0x8aa38b, 0xb88a5b, SURFACE_STONE,
     0xd9d6d0, 1.00f, 0xfffaf0, -1, 0.22f},
    {"kitchen", "usage2", set_draw_patio, 0xf3c98b, 0xd88f58, 0x5d7a45, 0xffd48a, SURFACE_WOOD,
     0xa0703f, 0.92f, 0xffdca6, 1, 0.10f},
    {"fitness", "usage1", set_draw_gym, 0x2b2e33, 0x17191c, 0xdfe8f2, 0xd9482b, SURFACE_CONCRETE,
     0x33363a, 0.72f, 0xf2f6ff, -0.7f, 0.12f},
    {"fitness", "usage2", set_draw_park, 0xbfdcf2, 0xdfe9d2, 0x5d8f46, 0x8fbf5a, SURFACE_GROUND,
     0x8d8574, 0.95f, 0xfff6dc, 0.8f, 0.0f},
    {"travel", "usage1", set_draw_lounge, 0xbcd0e6, 0xe8e2d8, 0x55708f, 0xd18b4c, SURFACE_STONE,
     0xa9a7a4, 0.92f, 0xfff2e0, -0.9f, 0.24f},
    {"travel", "usage2", set_draw_street, 0x2f3a52, 0x232636, 0xffb35a, 0x6fb4ff, SURFACE_CONCRETE,
     0x4b4d54, 0.78f, 0xffe6c4, 0.7f, 0.16f},
    {"office", "usage1", set_draw_window, 0xf1efec, 0xe2deda, 0x8fa58d, 0xc59a6b, SURFACE_WOOD,
     0xc8a276, 1.00f, 0xfffaf2, -1, 0.12f},
    {"office", "usage2", set_draw_cafe, 0x6a5646, 0x3c2f26, 0xffc070, 0x8a6a4a, SURFACE_WOOD,
     0x8a6544, 0.85f, 0xffe9cc, -0.7f, 0.14f},
    {"camera", "usage1", set_draw_studio, 0x777a80, 0x55585e, 0xffffff, 0x2c2e33, SURFACE_PLAIN,
     0x6c6f75, 0.85f, 0xffffff, -1, 0.10f},
    {"camera", "usage2", set_draw_golden, 0xf6c27a, 0xe38a4c, 0x4c5a3a, 0xffdf9a, SURFACE_GROUND,
     0x7c6046, 0.92f, 0xffd596, 1, 0.0f},
    {"gaming", "usage1", set_draw_neon, 0x161327, 0x0e0c1a, 0xff2fd0, 0x21e6ff, SURFACE_GLOSS,
     0x15151f, 0.80f, 0xf0e6ff, -0.7f, 0.34f},
    {"gaming", "usage2", set_draw_couch, 0x2b2536, 0x1c1824, 0x5aa0ff, 0xff8a4a, SURFACE_WOOD,
     0x4e382a, 0.75f, 0xffe9d2, 0.8f, 0.14f},
    {"home", "usage1", set_draw_living, 0xe2d5c3, 0xc9b79f, 0x7d8f74, 0xc77f4d, SURFACE_WOOD,
     0x9a6f48, 0.92f, 0xffeacb, -0.9f, 0.10f},
    {"home", "usage2", set_draw_bedroom, 0xcfc4c0, 0xa99a94, 0x6f7f92, 0xffcf8f, SURFACE_WOOD,
     0x8a664a, 0.85f, 0xffe4c4, 0.8f, 0.08f},
    {"outdoor", "usage1", set_draw_camp, 0xf0a860, 0x5b5a72, 0x2f3d3a, 0xff9d3c, SURFACE_GROUND,
     0x6b5a45, 0.85f, 0xffd096, 0.9f, 0.0f},
    {"outdoor", "usage2", set_draw_forest, 0xc7d8b4, 0x6f8a5a, 0x37502f, 0xa8c56a, SURFACE_GROUND,
     0x6d5b40, 0.88f, 0xfff0c8, -0.8f, 0.0f},
    {"baby", "usage1", set_draw_nursery, 0xf7ece4, 0xf0dfd6, 0xf2b8a6, 0x9fc9c4, SURFACE_WOOD,
     0xdcc3a2, 1.02f, 0xfff8f0, -1, 0.10f},
    {"baby", "usage2", set_draw_park, 0xc9e3f4, 0xe8efd8, 0x76a65a, 0xa9cf74, SURFACE_GROUND,
     0xa49a86, 1.00f, 0xfff8e6, 0.8f, 0.0f},
    {"streaming", "usage1", set_draw_neon, 0x1b1a30, 0x121222, 0x8a5cff, 0x3fd0ff, SURFACE_WOOD,
     0x3b2e2a, 0.80f, 0xf3ecff, -0.7f, 0.16f},
    {"streaming", "usage2", set_draw_cafe, 0x57483c, 0x352a22, 0xffb968, 0x7b6048, SURFACE_WOOD,
     0x855f3e, 0.88f, 0xffe6c6, 0.7f, 0.14f},
};

const struct set *set_find(const char *category, const char *use)
{
    size_t n = sizeof sets / sizeof sets[0];
    bool second = use && strcmp(use, "usage2") == 0;
    for (size_t i = 0; category && i < n; i++)
        if (strcmp(sets[i].category, category) == 0 &&
            (strcmp(sets[i].use, "usage2") == 0) == second)
            return &sets[i];
    return &sets[second ? 1 : 0];
}

double set_random(struct set_pen *pen, double low, double high)
{
    pen->seed = pen->seed * 1664525u + 1013904223u;
    return low + (high - low) * ((pen->seed >> 8 & 0xffff) / 65535.0);
}

void set_colour(cairo_t *c, uint32_t hex, double alpha)
{
    cairo_set_source_rgba(c, (hex >> 16 & 255) / 255.0, (hex >> 8 & 255) / 255.0,
                          (hex & 255) / 255.0, alpha);
}

void set_box(struct set_pen *pen, double x, double y, double w, double h, uint32_t hex,
             double alpha)
{
    set_colour(pen->shapes, hex, alpha);
    cairo_rectangle(pen->shapes, x, y, w, h);
    cairo_fill(pen->shapes);
}

void set_blob(struct set_pen *pen, double x, double y, double rx, double ry, uint32_t hex,
              double alpha)
{
    cairo_save(pen->shapes);
    cairo_translate(pen->shapes, x, y);
    cairo_scale(pen->shapes, rx, ry);
    cairo_arc(pen->shapes, 0, 0, 1, 0, 2 * M_PI);
    cairo_restore(pen->shapes);
    set_colour(pen->shapes, hex, alpha);
    cairo_fill(pen->shapes);
}

void set_disc(struct set_pen *pen, double x, double y, double r, uint32_t hex, double alpha)
{
    set_colour(pen->lights, hex, alpha);
    cairo_arc(pen->lights, x, y, r, 0, 2 * M_PI);
    cairo_fill(pen->lights);
}
