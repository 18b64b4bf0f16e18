/* A finished drawing comes in, the same picture as a print goes out: blur by box filters, then a
 * curve, a split tone, a vignette and a paper's grain, pixel by pixel in integers. Knows no scene
 * beyond its hour and seed. */
/* SPDX-License-Identifier: ISC */
#include "draw/finish.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "draw/dice.h"
#include "draw/tone.h"

/* ---- blur ---- */

/* One running mean over n pixels of four channels, `step` bytes apart. */
static void blur_line(const uint8_t *from, uint8_t *to, int n, int step, int r)
{
    uint32_t sum[4] = {0}, span = (uint32_t)(2 * r + 1), scale = (1u << 20) / span;
    for (int i = -r - 1; i < r; i++)
        for (int c = 0; c < 4; c++)
            sum[c] += from[(i < 0 ? 0 : i >= n ? n - 1 : i) * step + c];
    for (int i = 0; i < n; i++) {
        int in = i + r < n ? i + r : n - 1, out = i - r - 1 > 0 ? i - r - 1 : 0;
        for (int c = 0; c < 4; c++) {
            sum[c] += from[in * step + c];
            sum[c] -= from[out * step + c];
            to[i * step + c] = (uint8_t)((sum[c] * (uint64_t)scale + (1u << 19)) >> 20);
        }
    }
}

static void blur_box(uint8_t *data, uint8_t *room, int w, int h, int stride, int r)
{
    for (int y = 0; y < h; y++)
        blur_line(data + (size_t)y * stride, room + (size_t)y * stride, w, 4, r);
    for (int x = 0; x < w; x++)
        blur_line(room + 4 * x, data + 4 * x, h, stride, r);
}

static void draw_scaled(cairo_surface_t *from, cairo_surface_t *to)
{
    cairo_t *cr = cairo_create(to);
    cairo_scale(cr, (double)cairo_image_surface_get_width(to) / cairo_image_surface_get_width(from),
                (double)cairo_image_surface_get_height(to) / cairo_image_surface_get_height(from));
    cairo_set_source_surface(cr, from, 0, 0);
    cairo_pattern_set_extend(cairo_get_source(cr), CAIRO_EXTEND_PAD);
    cairo_pattern_set_filter(cairo_get_source(cr), CAIRO_FILTER_BILINEAR);
    cairo_set_operator(cr, CAIRO_OPERATOR_SOURCE);
    cairo_paint(cr);
    cairo_destroy(cr);
}

void finish_blur(cairo_surface_t *surface, double radius)
{
    if (radius < 0.7)
        return;
    int w = cairo_image_surface_get_width(surface), h = cairo_image_surface_get_height(surface);
    int less = radius > 7 ? 4 : 2; /* a blur hides the loss */
    cairo_surface_t *half = cairo_image_surface_create(
        cairo_image_surface_get_format(surface), (w + less - 1) / less, (h + less - 1) / less);
    if (less == 4) { /* in two halvings, so that bilinear misses nothing */
        cairo_surface_t *mid = cairo_image_surface_create(cairo_image_surface_get_format(surface),
                                                          (w + 1) / 2, (h + 1) / 2);
        draw_scaled(surface, mid);
        draw_scaled(mid, half);
        cairo_surface_destroy(mid);
    } else {
        draw_scaled(surface, half);
    }
    cairo_surface_flush(half);
    int r = (int)lrint(radius / less), hw = cairo_image_surface_get_width(half),
        hh = cairo_image_surface_get_height(half);
    int stride = cairo_image_surface_get_stride(half);
    uint8_t *data = cairo_image_surface_get_data(half),
            *room = mem_alloc((size_t)stride * (size_t)hh);
    for (int pass = 0; pass < 2 && r > 0; pass++)
        blur_box(data, room, hw, hh, stride, r);
    free(room);
    cairo_surface_mark_dirty(half);
    draw_scaled(half, surface);
    cairo_surface_destroy(half);
}

/* ---- the print ---- */

#define TILE 256

static double lattice(uint64_t seed, int x, int y, int cells)
{
    struct dice d = {dice_mix(seed, (uint64_t)((y % cells) * cells + x % cells))};
    return dice_unit(&d) - 0.5;
}

/* A tile of paper that fits to itself: cloudy tone, tooth and grain, in 1/256 of full tone, around
 * 0. */
static void make_paper(uint64_t seed, int16_t *tile)
{
    static const int cells[] = {8, 64};
    static const double weight[] = {9, 6};
    struct dice d = {seed};
    double sum[TILE];
    for (int y = 0; y < TILE; y++) {
        for (int x = 0; x < TILE; x++)
            sum[x] = (dice_unit(&d) - 0.5) * 9;
        for (int o = 0; o < 2; o++) {
            double size = TILE / (double)cells[o], v = y / size;
            int j = (int)v;
            double fy = v - j;
            for (int x = 0; x < TILE; x++) {
                double u = x / size;
                int i = (int)u;
                double fx = u - i;
                fx = fx * fx * (3 - 2 * fx);
                double top = lattice(seed + (uint64_t)o, i, j, cells[o]) * (1 - fx) +
                             lattice(seed + (uint64_t)o, i + 1, j, cells[o]) * fx;
                double low = lattice(seed + (uint64_t)o, i, j + 1, cells[o]) * (1 - fx) +
                             lattice(seed + (uint64_t)o, i + 1, j + 1, cells[o]) * fx;
                sum[x] += weight[o] * (top * (1 - fy) + low * fy);
            }
        }
        for (int x = 0; x < TILE; x++)
            tile[y * TILE + x] = (int16_t)lrint(sum[x]);
    }
}

/* Blacks lifted a little, the shoulder soft: what a print does to light. */
static double print_curve(double x)
{
    x = 0.030 + 0.955 * x;
    double s = x * x * (3 - 2 * x);
    return fmin(1, 0.52 * x + 0.48 * s);
}

struct print {
    uint8_t curve[3][256];
    int16_t paper[TILE * TILE];
};

/* A dark drawing is printed lighter, as far as its light's contrast wants it: the exponent that
 * brings its mean tone up. */
static double develop(const uint8_t *data, int w, int h, int stride, const struct scene *s)
{
    double sum = 0, n = 0;
    for (int y = 2; y < h; y += 5)
        for (int x = 2; x < w; x += 5, n++) {
            const uint8_t *at = data + (size_t)y * (size_t)stride + 4 * (size_t)x;
            sum += at[0] * 28 + at[1] * 151 + at[2] * 77;
        }
    double mean = n > 0 ? fmax(0.01, sum / n / 65280) : 0.3;
    double wanted = s->light.contrast == CONTRAST_LOW_KEY ? 0.22
                    : s->hour == HOUR_NIGHT               ? 0.27
                                                          : 0.31;
    return mean >= wanted ? 1 : fmax(0.66, log(wanted) / log(mean));
}

static void make_curves(struct print *p, const struct scene *s, double gamma)
{
    bool warm = s->light.key == KEY_SODIUM || s->light.key == KEY_WARM || s->light.key == KEY_FIRE;
    struct tone low =
        warm ? (struct tone){-0.004, 0.010, 0.020} : (struct tone){-0.008, 0.004, 0.016};
    struct tone high = {0.012, 0.004, -0.018};
    double low_of[3] = {low.b, low.g, low.r}, high_of[3] = {high.b, high.g, high.r};
    for (int c = 0; c < 3; c++)
        for (int i = 0; i < 256; i++) {
            double x = print_curve(pow(i / 255.0, gamma));
            x += low_of[c] * (1 - x) * (1 - x) * 2 + high_of[c] * x * x;
            p->curve[c][i] = (uint8_t)lrint(255 * fmin(1, fmax(0, x)));
        }
}

static int held(int v)
{
    return v < 0 ? 0 : v > 255 ? 255 : v;
}

/* One row: less colour (keep/256 of it), darker toward the corners, paper. shade: 256 is untouched.
 */
static void print_row(const struct print *p, uint8_t *at, int w, int y, double corner_y,
                      double aspect)
{
    const int keep = 218;
    const int16_t *paper = p->paper + (y % TILE) * TILE;
    for (int x = 0; x < w; x++, at += 4) {
        double u = (2.0 * x / w - 1) * aspect, r2 = u * u + corner_y;
        int shade = (int)(256 * (1 - 0.20 * r2 - 0.07 * r2 * r2));
        int grey = (at[0] * 28 + at[1] * 151 + at[2] * 77) >> 8;
        int grain = paper[x % TILE] * (90 + (grey > 128 ? 256 - grey : grey)) >> 8;
        for (int c = 0; c < 3; c++) {
            int v = grey + (((at[c] - grey) * keep) >> 8);
            v = p->curve[c][held(v * shade >> 8)] + grain;
            at[c] = (uint8_t)held(v);
        }
    }
}

void finish_print(cairo_surface_t *surface, const struct scene *s)
{

    cairo_surface_flush(surface);
    int w = cairo_image_surface_get_width(surface), h = cairo_image_surface_get_height(surface);
    int stride = cairo_image_surface_get_stride(surface);
    uint8_t *data = cairo_image_surface_get_data(surface);
    struct print *p = mem_alloc(sizeof *p);
    make_curves(p, s, develop(data, w, h, stride, s));
    make_paper(dice_mix(s->seed, 0x9a9e), p->paper);
    double most = fmax(w, h);
    for (int y = 0; y < h; y++) {
        double v = (2.0 * y / h - 1) * (h / most) * 1.05;
        print_row(p, data + (size_t)y * stride, w, y, v * v, w / most * 1.05);
    }
    free(p);
    cairo_surface_mark_dirty(surface);
}
