/* A photo at working size comes in; a surface of what the background looks like behind each of its
 * pixels goes out, with its noise. Robust to a product that touches the border: what does not fit
 * the surface is left out and the fit repeated. */
/* SPDX-License-Identifier: ISC */
#include "draw/cutout_priv.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#define FIT_ROUNDS 5

static void planes_fill(struct cut *k, const uint8_t *rgba)
{
    for (int i = 0; i < k->w * k->h; i++, rgba += 4) {
        float r = rgba[0], g = rgba[1], b = rgba[2];
        k->c[0][i] = 0.3f * r + 0.59f * g + 0.11f * b;
        k->c[1][i] = 0.7f * (r - g);
        k->c[2][i] = 0.5f * (0.5f * (r + g) - b);
    }
}

/* 3x3 mean; the border repeats. */
static void plane_smooth(float *p, float *spare, int w, int h)
{
    for (int y = 0; y < h; y++) {
        const float *row = p + (size_t)y * w;
        float *to = spare + (size_t)y * w;
        for (int x = 0; x < w; x++)
            to[x] = (row[x > 0 ? x - 1 : 0] + row[x] + row[x < w - 1 ? x + 1 : x]) * (1 / 3.0f);
    }
    for (int y = 0; y < h; y++) {
        const float *a = spare + (size_t)(y > 0 ? y - 1 : 0) * w, *b = spare + (size_t)y * w;
        const float *c = spare + (size_t)(y < h - 1 ? y + 1 : y) * w;
        float *to = p + (size_t)y * w;
        for (int x = 0; x < w; x++)
            to[x] = (a[x] + b[x] + c[x]) * (1 / 3.0f);
    }
}

static void gradient_fill(struct cut *k)
{
    const float *p = k->c[0];
    int w = k->w, h = k->h;
    for (int y = 0; y < h; y++)
        for (int x = 0; x < w; x++) {
            int x0 = x > 0 ? x - 1 : 0, x1 = x < w - 1 ? x + 1 : x;
            int y0 = y > 0 ? y - 1 : 0, y1 = y < h - 1 ? y + 1 : y;
            float gx = p[y * w + x1] - p[y * w + x0], gy = p[y1 * w + x] - p[y0 * w + x];
            k->grad[y * w + x] = 0.5f * sqrtf(gx * gx + gy * gy);
        }
}

void cut_open(struct cut *k, const struct pixels *small)
{
    size_t n = (size_t)small->width * small->height;
    *k = (struct cut){.w = small->width, .h = small->height};
    for (int i = 0; i < CUT_CHANNELS; i++) {
        k->c[i] = mem_alloc(n * sizeof(float));
        k->b[i] = mem_alloc(n * sizeof(float));
    }
    k->grad = mem_alloc(n * sizeof(float));
    k->out = mem_alloc(n);
    planes_fill(k, small->data);
    for (int i = 0; i < CUT_CHANNELS; i++)
        plane_smooth(k->c[i], k->grad, k->w, k->h);
    gradient_fill(k);
}

void cut_close(struct cut *k)
{
    for (int i = 0; i < CUT_CHANNELS; i++) {
        free(k->c[i]);
        free(k->b[i]);
    }
    free(k->grad);
    free(k->out);
    *k = (struct cut){0};
}

/* One pixel that may tell about the background. */
struct sample {
    int at;
    double t[CUT_TERMS];
    double v[CUT_CHANNELS];
    bool in;
};

static void terms(const struct cut *k, int x, int y, double t[CUT_TERMS])
{
    double u = 2.0 * x / k->w - 1, v = 2.0 * y / k->h - 1;
    t[0] = 1;
    t[1] = u;
    t[2] = v;
    t[3] = u * u;
    t[4] = u * v;
    t[5] = v * v;
}

static void sample_take(const struct cut *k, int x, int y, struct sample *s)
{
    s->at = y * k->w + x;
    s->in = true;
    terms(k, x, y, s->t);
    for (int i = 0; i < CUT_CHANNELS; i++)
        s->v[i] = k->c[i][s->at];
}

/* Gauss with pivots on the 6 x (6 + 3) system; a singular one leaves the solution at zero. */
static void solve(double m[CUT_TERMS][CUT_TERMS + CUT_CHANNELS])
{
    enum { N = CUT_TERMS, M = CUT_TERMS + CUT_CHANNELS };
    for (int i = 0; i < N; i++) {
        int p = i;
        for (int j = i + 1; j < N; j++)
            if (fabs(m[j][i]) > fabs(m[p][i]))
                p = j;
        if (fabs(m[p][i]) < 1e-9)
            continue;
        for (int c = 0; c < M; c++) {
            double swap = m[i][c];
            m[i][c] = m[p][c];
            m[p][c] = swap;
        }
        for (int j = 0; j < N; j++) {
            double f = j == i ? 0 : m[j][i] / m[i][i];
            for (int c = i; c < M && f != 0; c++)
                m[j][c] -= f * m[i][c];
        }
    }
}

static void fit(const struct sample *s, int n, double ret_coef[CUT_CHANNELS][CUT_TERMS])
{
    double m[CUT_TERMS][CUT_TERMS + CUT_CHANNELS] = {{0}};
    for (int i = 0; i < n; i++) {
        if (!s[i].in)
            continue;
        for (int a = 0; a < CUT_TERMS; a++) {
            for (int b = 0; b < CUT_TERMS; b++)
                m[a][b] += s[i].t[a] * s[i].t[b];
            for (int c = 0; c < CUT_CHANNELS; c++)
                m[a][CUT_TERMS + c] += s[i].t[a] * s[i].v[c];
        }
    }
    for (int a = 0; a < CUT_TERMS; a++)
        m[a][a] += 1e-6; /* a border of one colour must not make it singular */
    solve(m);
    for (int c = 0; c < CUT_CHANNELS; c++)
        for (int a = 0; a < CUT_TERMS; a++)
            ret_coef[c][a] = fabs(m[a][a]) < 1e-9 ? 0 : m[a][CUT_TERMS + c] / m[a][a];
}

static double residual(const struct sample *s, double coef[CUT_CHANNELS][CUT_TERMS],
                       double ret_d[CUT_CHANNELS])
{
    for (int c = 0; c < CUT_CHANNELS; c++) {
        ret_d[c] = s->v[c];
        for (int a = 0; a < CUT_TERMS; a++)
            ret_d[c] -= coef[c][a] * s->t[a];
    }
    return sqrt(ret_d[0] * ret_d[0] + ret_d[1] * ret_d[1] + ret_d[2] * ret_d[2]);
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

static double median_of(double *v, int n)
{
    if (n == 0)
        return 0;
    qsort(v, (size_t)n, sizeof *v, by_value);
    return v[n / 2];
}

/* The first guess: whatever lies near the median of each channel. */
static void start_from_median(struct sample *s, int n, double *spare)
{
    double mid[CUT_CHANNELS];
    for (int c = 0; c < CUT_CHANNELS; c++) {
        for (int i = 0; i < n; i++)
            spare[i] = s[i].v[c];
        mid[c] = median_of(spare, n);
    }
    for (int i = 0; i < n; i++)
        s[i].in = fabs(s[i].v[0] - mid[0]) < 48 && fabs(s[i].v[1] - mid[1]) < 24 &&
                  fabs(s[i].v[2] - mid[2]) < 24;
}

/* Fits, drops what lies far from the surface, fits again. Returns the median distance of what is
 * kept. */
static double fit_robust(struct sample *s, int n, double coef[CUT_CHANNELS][CUT_TERMS],
                         double *ret_share)
{
    double *d = mem_alloc((size_t)(n + 1) * sizeof *d), mad = 8, r[CUT_CHANNELS];
    int kept = 0;
    start_from_median(s, n, d);
    for (int round = 0; round < FIT_ROUNDS; round++) {
        fit(s, n, coef);
        kept = 0;
        for (int i = 0; i < n; i++) {
            double far = residual(&s[i], coef, r);
            s[i].in = far < fmax(4.0, fmin(20, 4 * mad));
            if (s[i].in)
                d[kept++] = far;
        }
        mad = median_of(d, kept);
    }
    *ret_share = n ? (double)kept / n : 0;
    free(d);
    return mad;
}

/* Along a row the surface is a parabola: two products a pixel. */
static void surface_fill(struct cut *k, double coef[CUT_CHANNELS][CUT_TERMS])
{
    for (int c = 0; c < CUT_CHANNELS; c++)
        for (int y = 0; y < k->h; y++) {
            float v = 2.0f * (float)y / (float)k->h - 1, *row = k->b[c] + (size_t)y * k->w;
            float flat = (float)coef[c][0] + v * ((float)coef[c][2] + v * (float)coef[c][5]);
            float lean = (float)coef[c][1] + v * (float)coef[c][4], bow = (float)coef[c][3];
            for (int x = 0; x < k->w; x++) {
                float u = 2.0f * (float)x / (float)k->w - 1;
                row[x] = flat + u * (lean + u * bow);
            }
        }
}

void cut_model_border(struct cut *k)
{
    int band = (k->w < k->h ? k->w : k->h) / 40 + 2, n = 0;
    size_t most = (size_t)(2 * band) * (size_t)(k->w + k->h) + 4;
    struct sample *s = mem_alloc(most * sizeof *s);
    double coef[CUT_CHANNELS][CUT_TERMS];
    for (int y = 0; y < k->h; y++)
        for (int x = 0; x < k->w; x++) {
            bool rim = x < band || y < band || x >= k->w - band || y >= k->h - band;
            if (rim && (x + y) % 2 == 0)
                sample_take(k, x, y, &s[n++]);
        }
    double mad = fit_robust(s, n, coef, &k->plain);
    k->sigma = mad / 1.3; /* the median length of a three-dimensional error, roughly */
    surface_fill(k, coef);
    free(s);
}

/* The value of a half-size map at a full-size pixel, its two nearest neighbours each way mixed. */
static float between(const float *v, int w, int h, int x, int y)
{
    int x0 = x / 2, y0 = y / 2, x1 = x0 + (x % 2 ? 1 : -1), y1 = y0 + (y % 2 ? 1 : -1);
    x1 = x1 < 0 ? 0 : x1 >= w ? w - 1 : x1;
    y1 = y1 < 0 ? 0 : y1 >= h ? h - 1 : y1;
    return 0.5625f * v[y0 * w + x0] + 0.1875f * (v[y0 * w + x1] + v[y1 * w + x0]) +
           0.0625f * v[y1 * w + x1];
}

/* Fills what is unknown from what is known by halving: means of known pixels go up, holes are
 * filled coming down. */
static void pull_push(float *v, float *weight, int w, int h)
{
    int w2 = (w + 1) / 2, h2 = (h + 1) / 2;
    if (w <= 2 || h <= 2)
        return;
    float *v2 = mem_alloc((size_t)w2 * h2 * sizeof *v2);
    float *n2 = mem_alloc((size_t)w2 * h2 * sizeof *n2);
    for (int y = 0; y < h; y++)
        for (int x = 0; x < w; x++) {
            int j = (y / 2) * w2 + x / 2;
            v2[j] += v[y * w + x] * weight[y * w + x];
            n2[j] += weight[y * w + x];
        }
    for (int j = 0; j < w2 * h2; j++) {
        v2[j] = n2[j] > 0 ? v2[j] / n2[j] : 0;
        n2[j] = n2[j] > 1 ? 1 : n2[j];
    }
    pull_push(v2, n2, w2, h2);
    for (int y = 0; y < h; y++)
        for (int x = 0; x < w; x++) {
            float wt = weight[y * w + x] > 1 ? 1 : weight[y * w + x];
            v[y * w + x] = wt * v[y * w + x] + (1 - wt) * between(v2, w2, h2, x, y);
        }
    free(v2);
    free(n2);
}

/* The difference of the photo from the fitted surface, spread under the product: the surface bends
 * with the real light. */
void cut_model_refine(struct cut *k)
{
    size_t n = (size_t)k->w * k->h;
    float *d = mem_alloc(n * sizeof *d), *weight = mem_alloc(n * sizeof *weight);
    float *spare = mem_alloc(n * sizeof *spare);
    for (int c = 0; c < CUT_CHANNELS; c++) {
        for (size_t i = 0; i < n; i++) {
            bool lit = k->out[i] && fabsf(k->c[0][i] - k->b[0][i]) < 4 + 2 * (float)k->sigma;
            weight[i] = lit;
            d[i] = lit ? k->c[c][i] - k->b[c][i] : 0;
        }
        pull_push(d, weight, k->w, k->h);
        for (int round = 0; round < 3; round++)
            plane_smooth(d, spare, k->w, k->h);
        for (size_t i = 0; i < n; i++)
            k->b[c][i] += d[i];
    }
    free(d);
    free(weight);
    free(spare);
}
