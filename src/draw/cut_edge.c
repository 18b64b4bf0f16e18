/* The marked working picture and the photo at full size come in; the photo goes out with a soft
 * alpha along the outline and without the background's colour in its edge. Pixels inside the
 * product are not touched. */
/* SPDX-License-Identifier: ISC */
#include "draw/cutout_priv.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#define BAND_IN                                                                                    \
    4 /* working pixels inside the outline whose alpha is measured: a lens softens about as far */
#define BAND_OUT 2 /* and outside of it */

/* Colours of the surest product and background near each working pixel, as RGB. */
struct fields {
    int w, h;
    float *mask;    /* 1 product, 0 background, soft within a pixel */
    float *deep;    /* the same, soft over the whole band */
    uint8_t *sure;  /* 0 band, 1 background, 2 product */
    int32_t *of[2]; /* nearest sure pixel of background, of product; -1 none */
    const uint8_t *rgba;
};

static void mask_soften(const struct cut *k, float *mask)
{
    int w = k->w, h = k->h;
    for (int y = 0; y < h; y++)
        for (int x = 0; x < w; x++) {
            int sum = 0;
            for (int dy = -1; dy <= 1; dy++)
                for (int dx = -1; dx <= 1; dx++) {
                    int px = x + dx < 0 ? 0 : x + dx >= w ? w - 1 : x + dx;
                    int py = y + dy < 0 ? 0 : y + dy >= h ? h - 1 : y + dy;
                    int weight = (2 - abs(dx)) * (2 - abs(dy));
                    sum += k->out[py * w + px] ? 0 : weight;
                }
            mask[y * w + x] = (float)sum / 16;
        }
}

/* A disc's reach in whole pixels, so that the band is as wide on slopes as on straights. */
static bool within(int dx, int dy, int r)
{
    return dx * dx + dy * dy <= r * r + 1;
}

/* How one pixel lies to the outline: sure or in the band, and how deep. */
static void sure_look(struct fields *f, const struct cut *k, int x, int y)
{
    bool in = !k->out[y * f->w + x];
    int r = in ? BAND_IN : BAND_OUT, other = 0, all = 0;
    for (int dy = -r; dy <= r; dy++)
        for (int dx = -r; dx <= r; dx++) {
            int px = x + dx, py = y + dy;
            if (px < 0 || py < 0 || px >= f->w || py >= f->h || !within(dx, dy, r))
                continue;
            other += !k->out[py * f->w + px] != in;
            all++;
        }
    float share = (float)other / (float)all;
    f->sure[y * f->w + x] = other ? 0 : in ? 2 : 1;
    f->deep[y * f->w + x] = in ? 1 - share : share;
}

/* Sums of the background's map from the corner: is all of a square one or the other? Then no disc
 * need be looked at. */
static void sure_fill(struct fields *f, const struct cut *k)
{
    int w = f->w, h = f->h, row = w + 1;
    int *sums = mem_alloc((size_t)row * (size_t)(h + 1) * sizeof *sums);
    for (int y = 0; y < h; y++)
        for (int x = 0; x < w; x++)
            sums[(y + 1) * row + x + 1] = k->out[y * w + x] + sums[y * row + x + 1] +
                                          sums[(y + 1) * row + x] - sums[y * row + x];
    for (int y = 0; y < h; y++)
        for (int x = 0; x < w; x++) {
            int x0 = x > BAND_IN ? x - BAND_IN : 0, x1 = x + BAND_IN < w ? x + BAND_IN + 1 : w;
            int y0 = y > BAND_IN ? y - BAND_IN : 0, y1 = y + BAND_IN < h ? y + BAND_IN + 1 : h;
            int out = sums[y1 * row + x1] - sums[y0 * row + x1] - sums[y1 * row + x0] +
                      sums[y0 * row + x0];
            bool none = out == 0, whole = out == (x1 - x0) * (y1 - y0);
            if (!none && !whole) {
                sure_look(f, k, x, y);
                continue;
            }
            f->sure[y * w + x] = none ? 2 : 1;
            f->deep[y * w + x] = none;
        }
    free(sums);
}

static int far2(const struct fields *f, int32_t a, int i)
{
    int dx = a % f->w - i % f->w, dy = a / f->w - i / f->w;
    return dx * dx + dy * dy;
}

/* Offers the neighbour's nearest to pixel i. */
static void offer(const struct fields *f, int32_t *of, int i, int j)
{
    if (of[j] >= 0 && (of[i] < 0 || far2(f, of[j], i) < far2(f, of[i], i)))
        of[i] = of[j];
}

/* Offers pixel i of the band what its four neighbours on one side have. */
static void offer_all(const struct fields *f, int32_t *of, int x, int y, int dx, int dy)
{
    int w = f->w, i = y * w + x;
    bool beside = x + dx >= 0 && x + dx < w, over = y + dy >= 0 && y + dy < f->h;
    if (f->sure[i])
        return;
    if (beside)
        offer(f, of, i, i + dx);
    if (over)
        offer(f, of, i, i + dy * w);
    if (over && beside)
        offer(f, of, i, i + dy * w + dx);
    if (over && x - dx >= 0 && x - dx < w)
        offer(f, of, i, i + dy * w - dx);
}

/* Nearest sure pixel of the band's pixels, by two sweeps. */
static void nearest_fill(struct fields *f, int which)
{
    int32_t *of = f->of[which];
    for (int i = 0; i < f->w * f->h; i++)
        of[i] = f->sure[i] == which + 1 ? i : -1;
    for (int y = 0; y < f->h; y++)
        for (int x = 0; x < f->w; x++)
            offer_all(f, of, x, y, -1, -1);
    for (int y = f->h - 1; y >= 0; y--)
        for (int x = f->w - 1; x >= 0; x--)
            offer_all(f, of, x, y, 1, 1);
}

/* Four working pixels around a full-size one, with weights. */
struct tap {
    int i[4];
    float wt[4];
};

static struct tap tap_at(const struct fields *f, float x, float y)
{
    struct tap t;
    x = fminf(fmaxf(x, 0), (float)f->w - 1.001f);
    y = fminf(fmaxf(y, 0), (float)f->h - 1.001f);
    int x0 = f->w > 1 ? (int)x : 0, y0 = f->h > 1 ? (int)y : 0;
    int dx = f->w > 1, dy = f->h > 1 ? f->w : 0;
    float fx = x - (float)x0, fy = y - (float)y0;
    t.i[0] = y0 * f->w + x0;
    t.i[1] = t.i[0] + dx;
    t.i[2] = t.i[0] + dy;
    t.i[3] = t.i[2] + dx;
    t.wt[0] = (1 - fx) * (1 - fy);
    t.wt[1] = fx * (1 - fy);
    t.wt[2] = (1 - fx) * fy;
    t.wt[3] = fx * fy;
    return t;
}

static void colour_at(const struct fields *f, const struct tap *t, int which, float ret_rgb[3])
{
    float sum = 0;
    ret_rgb[0] = ret_rgb[1] = ret_rgb[2] = 0;
    for (int j = 0; j < 4; j++) {
        int32_t from = f->of[which][t->i[j]];
        if (from < 0)
            continue;
        for (int c = 0; c < 3; c++)
            ret_rgb[c] += t->wt[j] * f->rgba[4 * from + c];
        sum += t->wt[j];
    }
    for (int c = 0; c < 3 && sum > 0; c++)
        ret_rgb[c] /= sum;
}

static float smooth(float lo, float hi, float v)
{
    float t = fminf(fmaxf((v - lo) / (hi - lo), 0), 1);
    return t * t * (3 - 2 * t);
}

/* Alpha from where the colour lies between background and product; where the two hardly differ,
 * from the mask alone. Deep inside, a pixel that looks like background is a highlight of the
 * product; outside, a dark one is shadow. */
static float alpha_of(const uint8_t *px, const float in[3], const float out[3], float mask,
                      float deep)
{
    float dot = 0, len = 0;
    for (int c = 0; c < 3; c++) {
        dot += (px[c] - out[c]) * (in[c] - out[c]);
        len += (in[c] - out[c]) * (in[c] - out[c]);
    }
    float shape = smooth(0.2f, 0.8f, mask);
    float colour = len > 1 ? fminf(fmaxf(dot / len, 0), 1) : shape;
    colour = fmaxf(colour, smooth(0.80f, 0.98f, deep));
    colour = fminf(colour, smooth(0.0f, 0.3f, mask));
    float trust = smooth(400, 2500, len);
    return trust * colour + (1 - trust) * shape;
}

static void pixel_clean(uint8_t *px, float alpha, const float in[3], const float out[3])
{
    float a = fminf(fmaxf((alpha - 0.06f) / 0.88f, 0), 1), lean = smooth(0.7f, 0.2f, alpha);
    if (a >= 1)
        return;
    for (int c = 0; c < 3; c++) {
        float v = alpha > 0.05f ? (px[c] - (1 - alpha) * out[c]) / alpha : in[c];
        v = fminf(fmaxf(v, 0), 255) * (1 - lean) + in[c] * lean;
        px[c] = (uint8_t)(v + 0.5f);
    }
    px[3] = (uint8_t)(a * 255 + 0.5f);
}

/* Whether the working pixels around a full-size one are all sure of the same: the common case, told
 * without arithmetic. */
static uint8_t sure_around(const struct fields *f, int x, int y)
{
    int x1 = x + 1 < f->w ? x + 1 : x, y1 = y + 1 < f->h ? y + 1 : y;
    uint8_t s = f->sure[y * f->w + x];
    bool same =
        s == f->sure[y * f->w + x1] && s == f->sure[y1 * f->w + x] && s == f->sure[y1 * f->w + x1];
    return same ? s : 0;
}

static void row_cut(const struct fields *f, uint8_t *row, int width, float y, float step)
{
    int y0 = y < 0 ? 0 : y > (float)(f->h - 1) ? f->h - 1 : (int)y;
    for (int x = 0; x < width; x++, row += 4) {
        float at = ((float)x + 0.5f) * step - 0.5f;
        int x0 = at < 0 ? 0 : at > (float)(f->w - 1) ? f->w - 1 : (int)at;
        uint8_t s = sure_around(f, x0, y0);
        if (s == 1)
            memset(row, 0, 4);
        if (s)
            continue;
        struct tap t = tap_at(f, at, y);
        float in[3], out[3], mask = 0, deep = 0;
        for (int j = 0; j < 4; j++) {
            mask += t.wt[j] * f->mask[t.i[j]];
            deep += t.wt[j] * f->deep[t.i[j]];
        }
        colour_at(f, &t, 0, out);
        colour_at(f, &t, 1, in);
        pixel_clean(row, alpha_of(row, in, out, mask, deep), in, out);
    }
}

/* The working picture's own colours are sampled from the full one: nearest is enough for a field.
 */
static uint8_t *colours_take(const struct cut *k, const struct pixels *full)
{
    uint8_t *rgba = mem_alloc((size_t)k->w * k->h * 4);
    for (int y = 0; y < k->h; y++)
        for (int x = 0; x < k->w; x++) {
            int fx = (int)((x + 0.5) * full->width / k->w),
                fy = (int)((y + 0.5) * full->height / k->h);
            memcpy(rgba + 4 * ((size_t)y * k->w + x),
                   full->data + 4 * ((size_t)fy * full->width + fx), 4);
        }
    return rgba;
}

void cut_edge(const struct cut *k, struct pixels *full)
{
    size_t n = (size_t)k->w * k->h;
    uint8_t *rgba = colours_take(k, full);
    struct fields f = {.w = k->w, .h = k->h, .rgba = rgba};
    f.mask = mem_alloc(n * sizeof *f.mask);
    f.deep = mem_alloc(n * sizeof *f.deep);
    f.sure = mem_alloc(n);
    for (int i = 0; i < 2; i++)
        f.of[i] = mem_alloc(n * sizeof(int32_t));
    mask_soften(k, f.mask);
    sure_fill(&f, k);
    nearest_fill(&f, 0);
    nearest_fill(&f, 1);
    float step = (float)k->w / (float)full->width, step_y = (float)k->h / (float)full->height;
    for (int y = 0; y < full->height; y++)
        row_cut(&f, full->data + (size_t)y * full->width * 4, full->width,
                ((float)y + 0.5f) * step_y - 0.5f, step);
    full->opaque = false;
    free(rgba);
    free(f.mask);
    free(f.deep);
    free(f.sure);
    free(f.of[0]);
    free(f.of[1]);
}
