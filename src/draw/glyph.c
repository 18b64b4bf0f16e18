/* A category comes in, a lit clay model goes out. A model is a list of parts; a part is an outline
 * in a small path language, a tone and a roundness; the light is worked out from the blurred
 * outline as if it were a relief.
 *
 *   M x y   L x y   C x1 y1 x2 y2 x y   Z    as in every path language, on a field of 100 x 100,
 * foot at 100 E x y rx ry   an ellipse      B x y w h r   a box with round corners      W width
 * draw the line instead of the area */
/* SPDX-License-Identifier: ISC */
#include "draw/glyph.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <cairo.h>

#include "base/mem.h"
#include "draw/plate.h"

struct part {
    const char *category;
    float tone;  /* 1: the clay's colour; less is darker */
    float round; /* reach of the rounding, in hundredths of the side */
    const char *path;
};

static const struct part parts[] = {
    {"audio", 0.55f, 3, "W 9 M 17 66 C 10 4 90 4 83 66"},
    {"audio", 1.00f, 2, "W 5 M 17 58 C 11 0 89 0 83 58"},
    {"audio", 0.42f, 4, "E 27 76 9 20 E 73 76 9 20"},
    {"audio", 0.95f, 6, "E 17 76 12 24 E 83 76 12 24"},
    {"computing", 0.90f, 3, "B 14 26 72 54 4"},
    {"computing", 0.28f, 1, "B 17 29 66 46 2"},
    {"computing", 1.00f, 2, "M 12 80 L 88 80 L 99 95 L 1 95 Z"},
    {"computing", 0.80f, 2, "B 1 94 98 6 3"},
    {"computing", 0.45f, 1, "M 22 83 L 78 83 L 82 89 L 18 89 Z"},
    {"kitchen", 0.40f, 3, "W 7 M 66 34 C 96 30 98 62 86 86 L 70 90"},
    {"kitchen", 0.95f, 3, "M 30 44 L 10 36 L 8 40 L 26 62 Z"},
    {"kitchen", 1.00f, 7,
     "M 34 32 L 66 32 C 72 56 78 82 78 97 C 60 101 40 101 22 97 C 22 82 28 56 34 32 Z"},
    {"kitchen", 0.50f, 2, "B 34 25 32 8 3 E 50 22 5 4"},
    {"kitchen", 0.42f, 2, "B 21 94 58 6 2"},
    {"office", 0.60f, 2, "E 52 95 26 5"},
    {"office", 0.75f, 1.5f, "W 4 M 52 93 L 72 54 L 40 24"},
    {"office", 0.55f, 1, "E 72 54 3.5 3.5"},
    {"office", 1.00f, 5, "M 40 10 C 48 18 50 26 46 32 L 24 54 L 6 36 Z"},
    {"fitness", 0.50f, 3, "B 22 68 56 9 4"},
    {"fitness", 0.70f, 3, "B 2 56 8 33 3 B 90 56 8 33 3"},
    {"fitness", 1.00f, 4, "B 9 46 15 54 5 B 76 46 15 54 5"},
    {"travel", 0.45f, 1.5f, "W 4 M 38 26 L 38 4 L 62 4 L 62 26"},
    {"travel", 0.40f, 2, "E 32 96 5 4 E 68 96 5 4"},
    {"travel", 1.00f, 5, "B 22 20 56 74 9"},
    {"travel", 0.78f, 1.2f, "B 32 28 3 58 1.5 B 42 28 3 58 1.5 B 55 28 3 58 1.5 B 65 28 3 58 1.5"},
    {"camera", 0.80f, 3, "B 33 26 34 22 5 B 72 34 14 10 3"},
    {"camera", 1.00f, 4, "B 5 38 90 62 9"},
    {"camera", 0.55f, 4, "E 50 69 27 27"},
    {"camera", 0.28f, 5, "E 50 69 20 20"},
    {"camera", 0.12f, 3, "E 50 69 13 13"},
    {"camera", 0.90f, 1, "E 44 63 3.5 3.5 E 84 47 3 3"},
    {"gaming", 1.00f, 6,
     "M 24 50 C 40 45 60 45 76 50 C 92 56 102 90 93 98 C 84 104 76 86 66 82 L 34 82 C 24 86 16 104 "
     "7 98 C -2 90 8 56 24 50 Z"},
    {"gaming", 0.40f, 2, "E 38 73 7 7 E 62 73 7 7"},
    {"gaming", 0.50f, 1,
     "B 22 58 4 12 1 B 18 62 12 4 1 E 78 58 2.4 2.4 E 78 68 2.4 2.4 E 73 63 2.4 2.4 E 83 63 2.4 "
     "2.4"},
    {"home", 1.00f, 7, "B 27 10 46 90 17"},
    {"home", 0.45f, 1.5f, "E 50 18 16 5"},
    {"home", 0.60f, 0.8f,
     "B 36 60 28 2 1 B 36 66 28 2 1 B 36 72 28 2 1 B 36 78 28 2 1 B 36 84 28 2 1"},
    {"home", 0.85f, 1, "E 50 40 6 6"},
    {"outdoor", 0.70f, 3, "M 50 26 L 99 100 L 66 100 Z"},
    {"outdoor", 1.00f, 4, "M 50 26 L 66 100 L 2 100 Z"},
    {"outdoor", 0.35f, 2, "M 44 46 L 52 100 L 26 100 Z"},
    {"baby", 0.85f, 3, "M 42 26 C 42 14 46 16 46 8 C 47 2 53 2 54 8 C 54 16 58 14 58 26 Z"},
    {"baby", 0.60f, 2, "B 32 24 36 12 3"},
    {"baby", 1.00f, 7, "B 30 35 40 65 11"},
    {"baby", 0.72f, 0.8f,
     "B 54 50 10 1.6 0.8 B 54 60 10 1.6 0.8 B 54 70 10 1.6 0.8 B 54 80 10 1.6 0.8"},
    {"streaming", 0.55f, 2, "E 50 96 22 4 B 47 68 6 28 2"},
    {"streaming", 0.65f, 2, "W 4 M 26 36 C 26 78 74 78 74 36"},
    {"streaming", 1.00f, 6, "B 35 2 30 58 15"},
    {"streaming", 0.45f, 1, "B 35 34 30 3 1"},
    {"default", 1.00f, 2, "M 12 40 L 50 26 L 88 40 L 50 55 Z"},
    {"default", 0.82f, 3, "M 12 40 L 50 55 L 50 100 L 12 83 Z"},
    {"default", 0.60f, 3, "M 88 40 L 50 55 L 50 100 L 88 83 Z"},
    {"default", 0.72f, 1, "M 27 34.5 L 35 31.5 L 73 46 L 65 49 Z"},
    {"bust", 0.82f, 8, "M 2 101 C 2 74 18 68 36 65 L 64 65 C 82 68 98 74 98 101 Z"},
    {"bust", 0.88f, 5, "M 40 48 L 60 48 L 62 68 C 56 76 44 76 38 68 Z"},
    {"bust", 1.00f, 10,
     "M 50 4 C 66 4 71 16 70 30 C 69 46 60 59 50 59 C 40 59 31 46 30 30 C 29 16 34 4 50 4 Z"},
    {"bust", 0.34f, 5,
     "M 29 30 C 26 8 40 -1 52 0 C 66 0 74 10 71 30 C 69 22 66 17 58 16 C 46 18 36 18 33 20 C 31 23 "
     "30 26 29 30 Z"},
};

/* The next number of a path; 0 when there is none. */
static double number(const char **at)
{
    char *end;
    double v = strtod(*at, &end);
    *at = end;
    return v;
}

static void box_round(cairo_t *c, double x, double y, double w, double h, double r)
{
    r = fmin(r, fmin(w, h) / 2);
    cairo_new_sub_path(c);
    cairo_arc(c, x + w - r, y + r, r, -M_PI / 2, 0);
    cairo_arc(c, x + w - r, y + h - r, r, 0, M_PI / 2);
    cairo_arc(c, x + r, y + h - r, r, M_PI / 2, M_PI);
    cairo_arc(c, x + r, y + r, r, M_PI, 1.5 * M_PI);
    cairo_close_path(c);
}

static void ellipse(cairo_t *c, double x, double y, double rx, double ry)
{
    cairo_save(c);
    cairo_translate(c, x, y);
    cairo_scale(c, rx, ry);
    cairo_new_sub_path(c);
    cairo_arc(c, 0, 0, 1, 0, 2 * M_PI);
    cairo_restore(c);
}

static void path_draw(cairo_t *c, const char *at)
{
    double line = 0, v[6];
    while (*at) {
        char op = *at++;
        int n = op == 'M' || op == 'L' ? 2
                : op == 'C'            ? 6
                : op == 'E'            ? 4
                : op == 'B'            ? 5
                : op == 'W'            ? 1
                                       : 0;
        for (int i = 0; i < n; i++)
            v[i] = number(&at);
        if (op == 'M')
            cairo_move_to(c, v[0], v[1]);
        else if (op == 'L')
            cairo_line_to(c, v[0], v[1]);
        else if (op == 'C')
            cairo_curve_to(c, v[0], v[1], v[2], v[3], v[4], v[5]);
        else if (op == 'Z')
            cairo_close_path(c);
        else if (op == 'E')
            ellipse(c, v[0], v[1], v[2], v[3]);
        else if (op == 'B')
            box_round(c, v[0], v[1], v[2], v[3], v[4]);
        else if (op == 'W')
            line = v[0];
    }
    if (line <= 0) {
        cairo_fill(c);
        return;
    }
    cairo_set_line_width(c, line);
    cairo_set_line_cap(c, CAIRO_LINE_CAP_ROUND);
    cairo_set_line_join(c, CAIRO_LINE_JOIN_ROUND);
    cairo_stroke(c);
}

/* The part's coverage, tightly packed. */
static uint8_t *part_mask(const struct part *part, int side)
{
    cairo_surface_t *s = cairo_image_surface_create(CAIRO_FORMAT_A8, side, side);
    cairo_t *c = cairo_create(s);
    uint8_t *mask = mem_alloc((size_t)side * side);
    cairo_translate(c, side * 0.02, side * 0.02);
    cairo_scale(c, side * 0.0096, side * 0.0096);
    path_draw(c, part->path);
    cairo_destroy(c);
    cairo_surface_flush(s);
    const uint8_t *data = cairo_image_surface_get_data(s);
    int stride = cairo_image_surface_get_stride(s);
    for (int y = 0; y < side; y++)
        memcpy(mask + (size_t)y * side, data + (size_t)y * (size_t)stride, (size_t)side);
    cairo_surface_destroy(s);
    return mask;
}

/* The part as a relief at half size: height is its blurred coverage; the key comes from the upper
 * left, a weak fill from the right. Answers 8-bit light, 200 is neutral. */
static uint8_t *relief_light(const uint8_t *mask, int side, float round)
{
    int half = side / 2, radius = (int)(round * (float)half / 100) + 1;
    float *high = mem_alloc((size_t)half * half * sizeof *high), gain = (float)radius * 0.52f;
    uint8_t *light = mem_alloc((size_t)half * half);
    for (int y = 0; y < half; y++)
        for (int x = 0; x < half; x++) {
            const uint8_t *m = mask + (size_t)(2 * y) * side + 2 * x;
            high[y * half + x] = (float)(m[0] + m[1] + m[side] + m[side + 1]) * 0.25f;
        }
    field_blur(high, half, half, 1, radius);
    for (int y = 0; y < half; y++)
        for (int x = 0; x < half; x++) {
            int x0 = x > 1 ? x - 1 : 0, x1 = x + 1 < half ? x + 1 : x, y0 = y > 1 ? y - 1 : 0,
                y1 = y + 1 < half ? y + 1 : y;
            float gx = high[y * half + x1] - high[y * half + x0],
                  gy = high[y1 * half + x] - high[y0 * half + x];
            float v = 172 + gain * (0.62f * gx + 0.72f * gy) + fmaxf(0, -0.20f * gain * gx);
            light[y * half + x] = (uint8_t)fminf(fmaxf(v, 34), 255);
        }
    free(high);
    return light;
}

static void part_lay(struct pixels *p, const struct part *part, uint32_t clay)
{
    int side = p->width, half = side / 2, tone = (int)(256 * part->tone);
    uint8_t *mask = part_mask(part, side), *lights = relief_light(mask, side, part->round);
    int rgb[3] = {clay >> 16 & 255, clay >> 8 & 255, clay & 255};
    for (int y = 0; y < side; y++)
        for (int x = 0; x < side; x++) {
            int a = mask[y * side + x];
            if (!a)
                continue;
            int at = y / 2 * half + x / 2, beside = x / 2 + (x & 1) < half ? x & 1 : 0;
            int below = y / 2 + (y & 1) < half ? (y & 1) * half : 0;
            int light = (lights[at] + lights[at + beside] + lights[at + below] +
                         lights[at + below + beside]) *
                            (300 - 90 * y / side) >>
                        10;
            uint8_t *px = p->data + 4 * ((size_t)y * side + x);
            for (int c = 0; c < 3; c++) {
                int v = (rgb[c] * tone >> 8) * light / 200;
                v = v > 255 ? 255 : v;
                px[c] = (uint8_t)(px[3] ? (px[c] * (255 - a) + v * a) / 255 : v);
            }
            px[3] = (uint8_t)(a + px[3] * (255 - a) / 255);
        }
    free(mask);
    free(lights);
}

int glyph_make(const char *category, int side, uint32_t clay, struct cutout *ret_cutout,
               struct err *e)
{
    struct pixels p = {0};
    size_t n = sizeof parts / sizeof parts[0];
    const char *known = "default";
    for (size_t i = 0; category && i < n; i++)
        if (strcmp(parts[i].category, category) == 0)
            known = parts[i].category;
    side = (side < 64 ? 64 : side > 2048 ? 2048 : side) & ~1; /* even: the relief has half of it */
    int r = pixels_init(&p, side, side, e);
    if (r)
        return r;
    for (size_t i = 0; i < n; i++)
        if (strcmp(parts[i].category, known) == 0)
            part_lay(&p, &parts[i], clay);
    r = cutout_make(&p, ret_cutout, e);
    if (r == 0)
        memset(ret_cutout->touches, 0, sizeof ret_cutout->touches);
    pixels_finish(&p);
    return r;
}
