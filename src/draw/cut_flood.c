/* The photo and its background's surface come in; which pixels are background or its soft shadow
 * goes out. Works inwards from the edges, never through a gap in the product's outline narrower
 * than the probe. */
/* SPDX-License-Identifier: ISC */
#include "draw/cutout_priv.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#define SHADOW_SLOPE 8 /* levels a pixel: steeper than this is an edge, however deep the shadow */

float cut_chroma_far(const struct cut *k, int i, float s)
{
    float a = k->c[1][i] - s * k->b[1][i], b = k->c[2][i] - s * k->b[2][i];
    return sqrtf(a * a + b * b);
}

double cut_distance(const struct cut *k, int i)
{
    return fabsf(k->c[0][i] - k->b[0][i]) + cut_chroma_far(k, i, 1);
}

/* Plain: as the surface says. Shadow: darker by one factor in all colours and without an edge; an
 * edge is what rises faster than a soft shadow of that depth can. */
enum passable cut_passes(const struct cut *k, int i)
{
    float sigma = (float)k->sigma, by = fmaxf(k->b[0][i], 1), depth = by - k->c[0][i];
    float near = fminf(fmaxf(3.6f * sigma, 3.0f), 13), above = by > 200 ? 3 : 0;
    float slope = 0.45f + 0.9f * sigma, s = k->c[0][i] / by;
    if (depth < near && depth > -near - above && cut_chroma_far(k, i, 1) < near + 2)
        return k->grad[i] < slope + 0.3f + 0.22f * fabsf(depth) ? PASS_PLAIN : PASS_NO;
    /* On a dark ground a shadow hardly shows, and much of the product is darker than the ground. */
    float least = 0.46f + 0.18f * fminf(fmaxf((140 - by) / 80, 0), 1);
    bool shade = s > least && s < 1 && cut_chroma_far(k, i, s) < 5 + 2 * sigma;
    return shade && k->grad[i] < slope + fminf(0.28f * depth, SHADOW_SLOPE) ? PASS_SHADOW : PASS_NO;
}

/* One line of 0 and 1: 1 where all (or any) within PROBE are 1, outside counting as `outside`. A
 * running count does it. */
static void probe_line(const uint8_t *from, uint8_t *to, int n, int step, int least,
                       uint8_t outside)
{
    int count = (PROBE + 1) * outside;
    for (int i = 0; i < PROBE; i++)
        count += i < n ? from[i * step] : outside;
    for (int i = 0; i < n; i++) {
        count += i + PROBE < n ? from[(i + PROBE) * step] : outside;
        count -= i - PROBE - 1 >= 0 ? from[(i - PROBE - 1) * step] : outside;
        to[i * step] = count >= least;
    }
}

/* The square probe over a map of 0 and 1: `largest` grows the ones, else it shrinks them. */
void cut_probe(uint8_t *m, uint8_t *spare, int w, int h, bool largest, uint8_t outside)
{
    int least = largest ? 1 : 2 * PROBE + 1;
    for (int y = 0; y < h; y++)
        probe_line(m + (size_t)y * w, spare + (size_t)y * w, w, 1, least, outside);
    for (int x = 0; x < w; x++)
        probe_line(spare + x, m + x, h, w, least, outside);
}

/* Grows `mark` from the pixels on the stack through those where `may` is not 0, four ways. */
void cut_grow(uint8_t *mark, const uint8_t *may, int w, int h, int *stack, int n)
{
    while (n) {
        int i = stack[--n], x = i % w, y = i / w;
        int next[4] = {x > 0 ? i - 1 : -1, x < w - 1 ? i + 1 : -1, y > 0 ? i - w : -1,
                       y < h - 1 ? i + w : -1};
        for (int d = 0; d < 4; d++)
            if (next[d] >= 0 && may[next[d]] && !mark[next[d]]) {
                mark[next[d]] = 1;
                stack[n++] = next[d];
            }
    }
}

/* Pixels waiting in order of lightness, 255 first: a list for each level through `next`. */
struct levels {
    int head[256];
    int *next;
    int top; /* no level above this waits */
};

static void levels_put(struct levels *q, int level, int i)
{
    q->next[i] = q->head[level];
    q->head[level] = i;
    q->top = level > q->top ? level : q->top;
}

/* How light a pixel is against its background, 255 as light. */
static int level_of(const struct cut *k, int i)
{
    float s = 255 * k->c[0][i] / fmaxf(k->b[0][i], 1);
    return s < 0 ? 0 : s > 255 ? 255 : (int)s;
}

/* Grows from the photo's frame through `may`. A way into a shadow goes down and never up again:
 * whoever climbs out of a shadow's heart has crossed into the product. Lightest first, so each
 * pixel is tried by its best way. */
static void grow_downhill(struct cut *k, const uint8_t *may)
{
    int w = k->w, h = k->h, n = w * h, slack = 5 + (int)(3 * k->sigma);
    struct levels q = {.next = mem_alloc((size_t)n * sizeof(int)), .top = 0};
    for (int l = 0; l < 256; l++)
        q.head[l] = -1;
    for (int i = 0; i < n; i++) {
        bool frame = i < w || i >= n - w || i % w == 0 || i % w == w - 1;
        if (frame && may[i]) {
            k->out[i] = 1;
            levels_put(&q, level_of(k, i), i);
        }
    }
    while (q.top >= 0) {
        int i = q.head[q.top], x, y;
        if (i < 0) {
            q.top--;
            continue;
        }
        int level = q.top;
        q.head[level] = q.next[i];
        x = i % w, y = i / w;
        int near[4] = {x > 0 ? i - 1 : -1, x < w - 1 ? i + 1 : -1, y > 0 ? i - w : -1,
                       y < h - 1 ? i + w : -1};
        for (int d = 0; d < 4; d++) {
            int j = near[d], to = j < 0 ? 0 : level_of(k, j);
            if (j < 0 || !may[j] || k->out[j] || to > level + slack)
                continue;
            k->out[j] = 1;
            levels_put(&q, to < level ? to : level, j);
        }
    }
    free(q.next);
}

void cut_flood(struct cut *k)
{
    int w = k->w, h = k->h, n = w * h;
    uint8_t *may = mem_alloc((size_t)n), *wide = mem_alloc((size_t)n),
            *spare = mem_alloc((size_t)n);
    memset(k->out, 0, (size_t)n);
    for (int i = 0; i < n; i++)
        wide[i] = may[i] = cut_passes(k, i) != PASS_NO;
    cut_probe(wide, spare, w, h, false, 1);
    grow_downhill(k, wide);
    cut_probe(k->out, spare, w, h, true, 0);
    for (int i = 0; i < n; i++)
        k->out[i] = k->out[i] && may[i];
    free(may);
    free(wide);
    free(spare);
}
