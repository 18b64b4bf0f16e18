/* Scaling with Lanczos-3: pixels come in, pixels of another size go out. Two passes over floats
 * weighted by alpha, a ring of rows between them instead of a whole picture; when shrinking, the
 * kernel widens so that every source pixel counts. */
/* SPDX-License-Identifier: ISC */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "picture/picture_priv.h"

#define LOBES 3

typedef float four_floats __attribute__((vector_size(16)));

/* For each target place the source places it is mixed from, and how much of each. */
struct taps {
    int n;          /* source places of each target place */
    int *first;     /* owned; the first source place */
    float *weights; /* owned; n for each target place, adding up to 1 */
};

static double lanczos(double x)
{
    x = fabs(x);
    if (x < 1e-9)
        return 1;
    if (x >= LOBES)
        return 0;
    double turn = M_PI * x;
    return LOBES * sin(turn) * sin(turn / LOBES) / (turn * turn);
}

static void taps_weigh(float *weights, int n, int first, double centre, double stretch)
{
    double sum = 0;
    for (int k = 0; k < n; k++) {
        double w = lanczos((first + k + 0.5 - centre) / stretch);
        weights[k] = (float)w;
        sum += w;
    }
    for (int k = 0; k < n; k++)
        weights[k] = (float)(weights[k] / sum);
}

/* The source places whose middle lies within reach of the target's; at the edges the window is
 * moved inside, where the kernel is nothing for those that are too far. */
static struct taps taps_make(int from, int to)
{
    double step = (double)from / to, stretch = step > 1 ? step : 1, reach = LOBES * stretch;
    struct taps t = {.n = (int)ceil(2 * reach)};
    if (t.n > from)
        t.n = from;
    t.first = mem_grow(NULL, (size_t)to, sizeof *t.first);
    t.weights = mem_grow(NULL, (size_t)to * (size_t)t.n, sizeof *t.weights);
    for (int i = 0; i < to; i++) {
        double centre = (i + 0.5) * step;
        int first = (int)ceil(centre - reach - 0.5);
        first = first < 0 ? 0 : first > from - t.n ? from - t.n : first;
        t.first[i] = first;
        taps_weigh(t.weights + (size_t)i * (size_t)t.n, t.n, first, centre, stretch);
    }
    return t;
}

static void taps_finish(struct taps *t)
{
    free(t->first);
    free(t->weights);
}

/* Bytes become floats; colours of a see-through picture are weighted by their alpha, so that what
 * cannot be seen does not bleed into what can. */
HOT_LOOP static void widen_row(float *restrict to, const uint8_t *restrict row, size_t width,
                               bool opaque)
{
    for (size_t i = 0; i < width * 4; i++)
        to[i] = row[i];
    if (opaque)
        return;
    for (size_t x = 0; x < width; x++) {
        float alpha = to[x * 4 + 3] / 255.0f;
        for (size_t c = 0; c < 3; c++)
            to[x * 4 + c] *= alpha;
    }
}

HOT_LOOP static void scale_across(float *restrict to, const float *restrict from,
                                  const struct taps *t, int width)
{
    for (int x = 0; x < width; x++) {
        const float *weights = t->weights + (size_t)x * (size_t)t->n,
                    *source = from + (size_t)t->first[x] * 4;
        four_floats sum = {0};
        for (int k = 0; k < t->n; k++) {
            four_floats v;
            memcpy(&v, source + (size_t)k * 4, sizeof v);
            sum += v * weights[k];
        }
        memcpy(to + (size_t)x * 4, &sum, sizeof sum);
    }
}

/* Two rows at a time, so that the sum is read and written half as often. */
HOT_LOOP static void add_weighted(float *restrict sum, const float *restrict row, float weight,
                                  const float *restrict next, float next_weight, size_t n)
{
    for (size_t i = 0; i < n; i++)
        sum[i] += row[i] * weight + next[i] * next_weight;
}

HOT_LOOP static void narrow_row(uint8_t *restrict to, float *restrict sum, size_t width,
                                bool opaque)
{
    for (size_t x = 0; !opaque && x < width; x++) {
        float alpha = sum[x * 4 + 3], back = alpha > 0.001f ? 255.0f / alpha : 0;
        for (size_t c = 0; c < 3; c++)
            sum[x * 4 + c] *= back;
    }
    for (size_t i = 0; i < width * 4; i++) {
        float v = sum[i] + 0.5f;
        v = v < 0 ? 0 : v;
        v = v > 255 ? 255 : v;
        to[i] = (uint8_t)(int)v;
    }
}

/* One scaling under way; ring row y % rows.n holds source row y scaled across, for `filled` rows so
 * far. */
struct scaling {
    const struct pixels *from;
    struct pixels to;
    struct taps columns, rows;
    float *wide, *ring, *sum; /* owned */
    int filled;
};

static float *ring_row(const struct scaling *s, int y)
{
    return s->ring + (size_t)(y % s->rows.n) * (size_t)s->to.width * 4;
}

static void scale_row(struct scaling *s, int y)
{
    size_t n = (size_t)s->to.width * 4;
    int first = s->rows.first[y], end = first + s->rows.n;
    const float *weights = s->rows.weights + (size_t)y * (size_t)s->rows.n;
    for (; s->filled < end; s->filled++) {
        widen_row(s->wide, s->from->data + (size_t)s->filled * (size_t)s->from->width * 4,
                  (size_t)s->from->width, s->from->opaque);
        scale_across(ring_row(s, s->filled), s->wide, &s->columns, s->to.width);
    }
    memset(s->sum, 0, n * sizeof *s->sum);
    for (int k = 0; k < s->rows.n; k += 2) {
        bool pair = k + 1 < s->rows.n;
        add_weighted(s->sum, ring_row(s, first + k), weights[k], ring_row(s, first + k + pair),
                     pair ? weights[k + 1] : 0, n);
    }
    narrow_row(s->to.data + (size_t)y * n, s->sum, (size_t)s->to.width, s->from->opaque);
}

int pixels_scale(const struct pixels *from, int width, int height, struct pixels *ret_to,
                 struct err *e)
{
    struct scaling s = {.from = from};
    int rc = pixels_init(&s.to, width, height, e);
    if (rc) {
        err_prefix(e, "cannot scale to");
        return rc;
    }
    s.columns = taps_make(from->width, width);
    s.rows = taps_make(from->height, height);
    s.wide = mem_grow(NULL, (size_t)from->width * 4, sizeof *s.wide);
    s.sum = mem_grow(NULL, (size_t)width * 4, sizeof *s.sum);
    s.ring = mem_grow(NULL, (size_t)width * 4 * (size_t)s.rows.n, sizeof *s.ring);
    for (int y = 0; y < height; y++)
        scale_row(&s, y);
    if (from->opaque)
        s.to.opaque = true;
    else
        pixels_look_opaque(&s.to);
    free(s.ring);
    free(s.sum);
    free(s.wide);
    taps_finish(&s.rows);
    taps_finish(&s.columns);
    *ret_to = s.to;
    return 0;
}

/* One side of a fitted size: never less than a pixel. */
static int rounded(double side)
{
    int whole = (int)floor(side + 0.5);
    return whole < 1 ? 1 : whole;
}

int pixels_inside(const struct pixels *from, int width, int height, struct pixels *ret_to,
                  struct err *e)
{
    double across = (double)width / from->width, down = (double)height / from->height;
    double by = across < down ? across : down;
    int w = rounded(from->width * by), h = rounded(from->height * by);
    return pixels_scale(from, w > width ? width : w, h > height ? height : h, ret_to, e);
}

/* The middle part of `from` with the ratio of the canvas is cut first, so that nothing is scaled in
 * vain. */
int pixels_cover(const struct pixels *from, int width, int height, struct pixels *ret_to,
                 struct err *e)
{
    int rc =
        pixels_check_size(width < 0 ? 0 : (uint64_t)width, height < 0 ? 0 : (uint64_t)height, e);
    if (rc) {
        err_prefix(e, "cannot scale to");
        return rc;
    }
    double across = (double)width / from->width, down = (double)height / from->height;
    double by = across > down ? across : down;
    int w = rounded(width / by), h = rounded(height / by);
    w = w > from->width ? from->width : w, h = h > from->height ? from->height : h;
    if (w == from->width && h == from->height)
        return pixels_scale(from, width, height, ret_to, e);
    struct pixels middle = {0};
    rc = pixels_crop(from, (from->width - w) / 2, (from->height - h) / 2, w, h, &middle, e);
    if (!rc)
        rc = pixels_scale(&middle, width, height, ret_to, e);
    pixels_finish(&middle);
    return rc;
}
