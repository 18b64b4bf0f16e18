/* A cut-out comes in, a square (or any) canvas filled with its most telling part goes out. */
/* SPDX-License-Identifier: ISC */
#include "draw/detail.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "draw/plate.h"

#define GRID 96 /* cells on the longer side in which detail is counted */

/* A window of the product in its own pixels. */
struct window {
    int x, y, w, h;
};

/* Sums over cells: how much edge there is and how much product. */
struct tally {
    int w, h;
    double *edge, *solid; /* (w + 1) * (h + 1), running sums */
};

static int luma(const uint8_t *px)
{
    return (px[0] * 77 + px[1] * 150 + px[2] * 29) >> 8;
}

static void tally_add(struct tally *t, const struct pixels *p, double cell, int cx, int cy)
{
    int x0 = (int)(cx * cell), y0 = (int)(cy * cell), x1 = (int)((cx + 1) * cell),
        y1 = (int)((cy + 1) * cell);
    double edge = 0, solid = 0, n = 0;
    for (int y = y0; y < y1 && y < p->height - 1; y++)
        for (int x = x0; x < x1 && x < p->width - 1; x++, n++) {
            const uint8_t *px = p->data + 4 * ((size_t)y * p->width + x);
            const uint8_t *down = px + 4 * (size_t)p->width;
            bool full = px[3] > 250 && px[7] > 250 && down[3] > 250;
            solid += px[3] > 128;
            if (full)
                edge += abs(luma(px) - luma(px + 4)) + abs(luma(px) - luma(down));
        }
    size_t at = (size_t)(cy + 1) * (size_t)(t->w + 1) + (size_t)cx + 1,
           up = at - (size_t)(t->w + 1);
    t->edge[at] = (n ? sqrt(edge / n) : 0) + t->edge[at - 1] + t->edge[up] - t->edge[up - 1];
    t->solid[at] = (n ? solid / n : 0) + t->solid[at - 1] + t->solid[up] - t->solid[up - 1];
}

static double tally_sum(const struct tally *t, const double *sums, int x, int y, int w, int h)
{
    size_t row = (size_t)t->w + 1, a = (size_t)y * row + (size_t)x,
           b = (size_t)(y + h) * row + (size_t)x;
    return sums[b + (size_t)w] - sums[b] - sums[a + (size_t)w] + sums[a];
}

/* The window of that share of the product that shows most edges and is well filled. */
static struct window window_choose(const struct pixels *p, double share, int width, int height)
{
    double longest = p->width > p->height ? p->width : p->height, cell = fmax(1, longest / GRID);
    struct tally t = {(int)(p->width / cell), (int)(p->height / cell), NULL, NULL};
    t.w = t.w < 1 ? 1 : t.w;
    t.h = t.h < 1 ? 1 : t.h;
    size_t n = (size_t)(t.w + 1) * (size_t)(t.h + 1);
    t.edge = mem_alloc(n * sizeof(double));
    t.solid = mem_alloc(n * sizeof(double));
    for (int y = 0; y < t.h; y++)
        for (int x = 0; x < t.w; x++)
            tally_add(&t, p, cell, x, y);
    double side = fmax(share * longest, fmin(longest, 320));
    double ratio = (double)width / height, ww = ratio >= 1 ? side : side * ratio,
           wh = ratio >= 1 ? side / ratio : side;
    int cw = (int)fmin(t.w, ceil(ww / cell)), ch = (int)fmin(t.h, ceil(wh / cell)), bx = 0, by = 0;
    double best = -1;
    for (int y = 0; y + ch <= t.h; y++)
        for (int x = 0; x + cw <= t.w; x++) {
            double area = (double)cw * ch, solid = tally_sum(&t, t.solid, x, y, cw, ch) / area;
            double edge = tally_sum(&t, t.edge, x, y, cw, ch) / area;
            double score = (edge + 0.8) * solid * solid * solid;
            if (score > best)
                best = score, bx = x, by = y;
        }
    free(t.edge);
    free(t.solid);
    struct window w = {(int)((bx + cw / 2.0) * cell - ww / 2),
                       (int)((by + ch / 2.0) * cell - wh / 2), (int)ww, (int)wh};
    w.w = w.w < 1 ? 1 : w.w;
    w.h = w.h < 1 ? 1 : w.h;
    return w;
}

/* The window's pixels; what lies outside the product is clear. */
static int window_take(const struct pixels *p, const struct window *w, struct pixels *ret,
                       struct err *e)
{
    int r = pixels_init(ret, w->w, w->h, e);
    for (int y = 0; y < w->h && r == 0; y++) {
        int sy = w->y + y, x0 = w->x < 0 ? -w->x : 0,
            x1 = w->x + w->w > p->width ? p->width - w->x : w->w;
        if (sy >= 0 && sy < p->height && x1 > x0)
            memcpy(ret->data + 4 * ((size_t)y * w->w + x0),
                   p->data + 4 * ((size_t)sy * p->width + w->x + x0), 4 * (size_t)(x1 - x0));
    }
    return r;
}

/* The canvas at an eighth, blurred: what is out of focus. */
static int soft_copy(const struct pixels *canvas, uint32_t seed, struct pixels *ret, struct err *e)
{
    struct plate small;
    int step = 8;
    plate_init(&small, canvas->width / step, canvas->height / step);
    for (int y = 0; y < small.h; y++)
        for (int x = 0; x < small.w; x++) {
            int sum[3] = {0};
            for (int k = 0; k < 16; k++) {
                int px = x * step + (k & 3) * 2, py = y * step + (k >> 2) * 2;
                for (int c = 0; c < 3; c++)
                    sum[c] += canvas->data[4 * ((size_t)py * canvas->width + px) + c];
            }
            struct light l = light_of((uint32_t)(sum[0] / 16) << 16 | (uint32_t)(sum[1] / 16) << 8 |
                                      (uint32_t)(sum[2] / 16));
            float *to = small.rgb + 3 * ((size_t)y * small.w + x);
            to[0] = l.r, to[1] = l.g, to[2] = l.b;
        }
    plate_blur(&small, small.h / 60 + 2);
    int r = plate_develop(&small, canvas->width, canvas->height, seed, 0, ret, e);
    plate_finish(&small);
    return r;
}

/* 0..256 for a squared distance in 1/256 of the half height: sharp inside, soft outside. */
static int blur_share(int d2)
{
    int d = d2 - 20000, k = d <= 0 ? 0 : d / 130;
    return k > 256 ? 256 : k;
}

/* Hard light from the left that dies away to the right, and the soft copy outside the focus. */
static void light_and_focus(struct pixels *canvas, const struct pixels *soft)
{
    int w = canvas->width, h = canvas->height;
    int *gain = mem_alloc((size_t)w * sizeof *gain), *dx2 = mem_alloc((size_t)w * sizeof *dx2);
    for (int x = 0; x < w; x++) {
        float t = (float)x / (float)w, dx = 512 * (t - 0.46f);
        gain[x] = (int)(256 * (1.16f - 0.62f * t * t * (3 - 2 * t)));
        dx2[x] = (int)(dx * dx * 0.8f);
    }
    for (int y = 0; y < h; y++) {
        float dy = 512 * ((float)y / (float)h - 0.5f);
        int dy2 = (int)(dy * dy), fall = 256 - 40 * y / h;
        uint8_t *to = canvas->data + 4 * (size_t)y * w;
        const uint8_t *from = soft->data + 4 * (size_t)y * w;
        for (int x = 0; x < w; x++, to += 4, from += 4) {
            int k = blur_share(dx2[x] + dy2), g = gain[x] * fall >> 8;
            for (int c = 0; c < 3; c++) {
                int v = (to[c] + ((from[c] - to[c]) * k >> 8)) * g >> 8;
                to[c] = (uint8_t)(v > 255 ? 255 : v);
            }
        }
    }
    free(gain);
    free(dx2);
}

int detail_make(const struct cutout *product, double share, int width, int height, uint32_t seed,
                struct pixels *ret_canvas, struct err *e)
{
    struct window w = window_choose(&product->product, share, width, height);
    struct pixels crop = {0}, large = {0}, canvas = {0}, soft = {0};
    struct plate back = {0};
    int r = window_take(&product->product, &w, &crop, e);
    if (r == 0)
        r = pixels_scale(&crop, width, height, &large, e);
    if (r)
        goto out;
    plate_init(&back, width / 8, height / 8);
    plate_gradient(&back, light_of(0x16181c), light_of(0x24262b));
    plate_glow(&back, 0.02f, 0.35f, 0.9f, 0.9f, light_times(light_of(0x9aa3b3), 0.5f));
    r = plate_develop(&back, width, height, seed, 0, &canvas, e);
    if (r)
        goto out;
    pixels_lay(&canvas, &large, 0, 0);
    r = soft_copy(&canvas, seed, &soft, e);
    if (r)
        goto out;
    light_and_focus(&canvas, &soft);
    *ret_canvas = canvas;
    canvas = (struct pixels){0};
out:
    plate_finish(&back);
    pixels_finish(&soft);
    pixels_finish(&canvas);
    pixels_finish(&large);
    pixels_finish(&crop);
    return r;
}
