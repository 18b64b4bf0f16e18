/* A canvas, a cut-out and the rules of a light come in; the canvas with the product standing on it
 * goes out. Shadows are made at a quarter of the size: they are soft. */
/* SPDX-License-Identifier: ISC */
#include "draw/stage.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#define SOFT 4 /* one shadow pixel covers SOFT x SOFT */
#define GROUNDED                                                                                   \
    0.07f /* of the height: a column that ends that near the foot touches the ground               \
           */

/* Alpha of a shape in shadow pixels, each column's lowest point, and the foot. */
struct shape {
    int w, h;
    uint8_t *a;
    int *low; /* row of the column's lowest opaque pixel, -1 none */
};

static struct shape shape_take(const struct pixels *p)
{
    struct shape s = {(p->width + SOFT - 1) / SOFT, (p->height + SOFT - 1) / SOFT, NULL, NULL};
    s.a = mem_alloc((size_t)s.w * s.h);
    s.low = mem_alloc((size_t)s.w * sizeof *s.low);
    for (int x = 0; x < s.w; x++)
        s.low[x] = -1;
    for (int y = 0; y < s.h; y++)
        for (int x = 0; x < s.w; x++) {
            int px = x * SOFT + SOFT / 2 < p->width ? x * SOFT + SOFT / 2 : p->width - 1;
            int py = y * SOFT + SOFT / 2 < p->height ? y * SOFT + SOFT / 2 : p->height - 1;
            uint8_t a = p->data[4 * ((size_t)py * p->width + px) + 3];
            s.a[y * s.w + x] = a;
            if (a > 128)
                s.low[x] = y;
        }
    return s;
}

static void shape_drop(struct shape *s)
{
    free(s->a);
    free(s->low);
}

static void mask_max(uint8_t *mask, int w, int h, int x, int y, int v)
{
    if (x >= 0 && y >= 0 && x < w && y < h && mask[y * w + x] < v)
        mask[y * w + x] = (uint8_t)v;
}

/* Every point of the shape falls away from the light, the higher the farther and the fainter. */
static void cast_fill(uint8_t *mask, int w, int h, const struct shape *s, int x0, int y0,
                      float lean, float rise, float from, float to)
{
    for (int y = 0; y < s->h; y++) {
        float up = (float)(s->h - 1 - y), t = up / (float)s->h;
        if (t < from || t > to)
            continue;
        int v = (int)(255 * (1 - 0.75f * t));
        int ty = y0 + s->h - 1 - (int)(up * rise);
        for (int x = 0; x < s->w; x++) {
            int a = s->a[y * s->w + x];
            if (a < 32)
                continue;
            int tx = x0 + x + (int)(up * lean);
            mask_max(mask, w, h, tx, ty, v * a / 255);
            mask_max(mask, w, h, tx + 1, ty, v * a / 255);
        }
    }
}

/* The dark line where it stands. */
static void contact_fill(uint8_t *mask, int w, int h, const struct shape *s, int x0, int y0,
                         int thick)
{
    int least = s->h - 1 - (int)(GROUNDED * (float)s->h) - 1;
    for (int x = 0; x < s->w; x++)
        for (int d = -thick; s->low[x] >= least && d <= thick; d++)
            mask_max(mask, w, h, x0 + x, y0 + s->low[x] + d, 255);
}

/* canvas *= 1 - strength * mask, rows from `top` on; the mask is spread between its pixels. */
static void mask_multiply(struct pixels *canvas, const uint8_t *mask, int w, int h, int top,
                          float strength)
{
    int k = (int)(strength * 256);
    for (int y = top < 0 ? 0 : top; y < canvas->height; y++) {
        int my = (2 * y + 1 - SOFT) * 128 / SOFT, y0 = my < 0 ? 0 : my >> 8,
            fy = my < 0 ? 0 : my & 255;
        int y1 = y0 + 1 < h ? y0 + 1 : y0;
        const uint8_t *a = mask + (size_t)y0 * w, *b = mask + (size_t)y1 * w;
        uint8_t *row = canvas->data + (size_t)y * canvas->width * 4;
        for (int x = 0; x < canvas->width; x++, row += 4) {
            int mx = (2 * x + 1 - SOFT) * 128 / SOFT, x0 = mx < 0 ? 0 : mx >> 8,
                fx = mx < 0 ? 0 : mx & 255;
            int x1 = x0 + 1 < w ? x0 + 1 : x0;
            int up = a[x0] * (256 - fx) + a[x1] * fx, low = b[x0] * (256 - fx) + b[x1] * fx;
            int m = (up * (256 - fy) + low * fy) >> 8; /* 0..65280 */
            if (m < 64)
                continue;
            int keep = 65536 - (m * k >> 8);
            for (int c = 0; c < 3; c++)
                row[c] = (uint8_t)(row[c] * keep >> 16);
        }
    }
}

void stage_shadow(struct pixels *canvas, const struct pixels *shape, const struct stood *s,
                  const struct backdrop *b)
{
    struct shape sh = shape_take(shape);
    int w = (canvas->width + SOFT - 1) / SOFT, h = (canvas->height + SOFT - 1) / SOFT;
    int x0 = s->x / SOFT, y0 = s->y / SOFT, unit = sh.h > sh.w ? sh.h : sh.w;
    int top = b->horizon > 1 ? 0 : (int)(b->horizon * (float)canvas->height);
    float lean = -0.42f * b->key_x, rise = b->horizon > 1 ? 0.90f : 0.16f;
    uint8_t *mask = mem_alloc((size_t)w * h);
    cast_fill(mask, w, h, &sh, x0, y0, lean, rise, 0.22f, 1.0f);
    mask_blur(mask, w, h, unit / 11 + 2, unit / 26 + 1);
    mask_multiply(canvas, mask, w, h, top, 0.55f * b->shadow);
    memset(mask, 0, (size_t)w * h);
    cast_fill(mask, w, h, &sh, x0, y0, lean, rise, 0.0f, 0.26f);
    mask_blur(mask, w, h, unit / 24 + 1, unit / 50 + 1);
    mask_multiply(canvas, mask, w, h, top, 0.60f * b->shadow);
    memset(mask, 0, (size_t)w * h);
    contact_fill(mask, w, h, &sh, x0, y0, unit / 90 + 1);
    mask_blur(mask, w, h, unit / 40 + 1, unit / 90 + 1);
    mask_multiply(canvas, mask, w, h, top, 0.85f * b->shadow);
    free(mask);
    shape_drop(&sh);
}

/* Where each column is mirrored: at its own foot when that is near the ground, else at the ground;
 * smoothed, so that nothing tears. */
static int *axes_make(const struct pixels *p)
{
    int n = p->width, reach = n / 30 + 1;
    int *axis = mem_alloc((size_t)n * sizeof *axis), *raw = mem_alloc((size_t)n * sizeof *raw);
    int least = p->height - 1 - (int)(GROUNDED * (float)p->height);
    for (int x = 0; x < n; x++) {
        int y = p->height - 1;
        while (y > least && p->data[4 * ((size_t)y * n + x) + 3] < 128)
            y--;
        raw[x] = y > least ? y : p->height - 1;
    }
    for (int x = 0; x < n; x++) {
        int sum = 0, count = 0;
        for (int d = -reach; d <= reach; d++)
            if (x + d >= 0 && x + d < n)
                sum += raw[x + d], count++;
        int mean = sum / count;
        axis[x] = mean > raw[x] ? mean : raw[x];
    }
    free(raw);
    return axis;
}

void stage_mirror(struct pixels *canvas, const struct pixels *shape, const struct stood *s,
                  float gloss)
{
    int reach = shape->height * 2 / 5;
    int *axis = axes_make(shape);
    for (int d = 0; d < reach; d++) {
        float fade = 1 - (float)d / (float)reach;
        int k = (int)(256 * gloss * fade * fade), spread = d / 24;
        for (int x = 0; x < shape->width && k > 0; x++) {
            int cy = s->y + axis[x] + 1 + d, cx = s->x + x, from = axis[x] - d;
            if (cy < 0 || cy >= canvas->height || cx < 0 || cx >= canvas->width || from < 0)
                continue;
            int sum[4] = {0}, n = 0;
            for (int j = -spread; j <= spread; j++) {
                int fx = x + j, fy = from + (j & 1);
                if (fx < 0 || fx >= shape->width || fy < 0 || fy >= shape->height)
                    continue;
                const uint8_t *px = shape->data + 4 * ((size_t)fy * shape->width + fx);
                for (int c = 0; c < 3; c++)
                    sum[c] += px[c] * px[3];
                sum[3] += px[3];
            }
            n = 2 * spread + 1;
            if (!sum[3])
                continue;
            uint8_t *to = canvas->data + 4 * ((size_t)cy * canvas->width + cx);
            int a = sum[3] / n * k >> 8;
            for (int c = 0; c < 3; c++)
                to[c] = (uint8_t)((to[c] * (255 - a) + sum[c] / sum[3] * a) / 255);
        }
    }
    free(axis);
}

/* A soft ramp of alpha: its slope tells which way an edge faces. */
static uint8_t *edge_soften(const struct pixels *p, int radius)
{
    size_t n = (size_t)p->width * p->height;
    uint8_t *soft = mem_alloc(n);
    for (size_t i = 0; i < n; i++)
        soft[i] = p->data[4 * i + 3];
    mask_blur(soft, p->width, p->height, radius, radius);
    return soft;
}

static uint8_t clamp8(int v)
{
    return (uint8_t)(v < 0 ? 0 : v > 255 ? 255 : v);
}

/* Bends the product's light towards the scene's: lighter to the key, darker to the foot, a breath
 * of the air's colour, a line of light along edges that face the key. All in 8.8 integers. */
static void relight(struct pixels *p, const struct backdrop *b)
{
    int w = p->width, h = p->height, radius = (w < h ? w : h) / 70 + 2;
    uint8_t *soft = edge_soften(p, radius);
    int air[3] = {light_level(b->air.r), light_level(b->air.g), light_level(b->air.b)};
    int key[3] = {light_level(b->key.r), light_level(b->key.g), light_level(b->key.b)};
    int span = radius / 2 + 1, bend = (int)(256 * b->relight), rim = (int)(256 * b->rim);
    int kx = (int)(256 * b->key_x), ky = (int)(-256 * b->key_y);
    for (int y = 0; y < h; y++)
        for (int x = 0; x < w; x++) {
            uint8_t *px = p->data + 4 * ((size_t)y * w + x);
            if (!px[3])
                continue;
            int u = 512 * x / w - 256, v = 512 * y / h - 256;
            int gain = 256 + (bend * ((u * kx + v * ky) >> 8) >> 8);
            int x0 = x > span ? x - span : 0, x1 = x + span < w ? x + span : w - 1;
            int y0 = y > span ? y - span : 0, y1 = y + span < h ? y + span : h - 1;
            int gx = soft[y * w + x0] - soft[y * w + x1], gy = soft[y0 * w + x] - soft[y1 * w + x];
            int face = (gx * kx + gy * ky) >> 8;
            int lit = face > 0 ? face * rim >> 8 : 0;
            for (int c = 0; c < 3; c++) {
                int value = px[c] * gain >> 8;
                value += (air[c] - value) * bend >> 11;
                px[c] = clamp8(value + (lit * key[c] >> 8) * (384 - value) / 512);
            }
        }
    free(soft);
}

/* Fitted into the box, standing on its foot; a product the photo cut off at the bottom sinks below
 * the picture's edge instead. */
static struct stood stood_of(const struct pixels *canvas, const struct cutout *c,
                             const struct backdrop *b)
{
    float k = fminf(b->tall * (float)canvas->height / (float)c->product.height,
                    b->wide * (float)canvas->width / (float)c->product.width);
    struct stood s;
    s.width = (int)fmaxf(1, k * (float)c->product.width + 0.5f);
    s.height = (int)fmaxf(1, k * (float)c->product.height + 0.5f);
    s.x = (int)(b->x * (float)canvas->width) - s.width / 2;
    s.y = (int)(b->base * (float)canvas->height) - s.height;
    if (c->touches[SIDE_BOTTOM])
        s.y = canvas->height - s.height;
    if (b->horizon > 1 && !c->touches[SIDE_BOTTOM])
        s.y = (canvas->height - s.height) / 2;
    return s;
}

int stage_place(struct pixels *canvas, const struct cutout *product, const struct backdrop *b,
                struct stood *ret_stood, struct err *e)
{
    struct stood s = stood_of(canvas, product, b);
    struct pixels scaled = {0};
    int r = pixels_scale(&product->product, s.width, s.height, &scaled, e);
    if (r)
        return r;
    stage_shadow(canvas, &scaled, &s, b);
    if (b->gloss > 0.01f)
        stage_mirror(canvas, &scaled, &s, b->gloss);
    if (b->relight > 0 || b->rim > 0)
        relight(&scaled, b);
    pixels_lay(canvas, &scaled, s.x, s.y);
    pixels_finish(&scaled);
    if (ret_stood)
        *ret_stood = s;
    return 0;
}
