/* The marked photo comes in with the mistakes of the flood; with them mended it goes out: corners
 * the probe could not reach, a product's shading entered by mistake, what hard shadows leave
 * behind. */
/* SPDX-License-Identifier: ISC */
#include "draw/cutout_priv.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#define HAIRLINE 5     /* pixels: thinner than anything but an outline */
#define SHADED   28    /* pixels of shading behind it at most */
#define OUTLINE  26    /* rows: a run of hairlines shorter than this is no outline */
#define STEP     11.0f /* levels a pixel: no highlight fades as fast */
#define CREEP    5     /* pixels */
#define ALIKE                                                                                      \
    0.2 /* share of a product with a shadow's colour above which it is like its background */

/* Background next to the outline that the probe could not reach: plain without doubt, or the thin
 * fringe of an edge. */
static void corners_take(struct cut *k)
{
    int n = k->w * k->h, *stack = mem_alloc(((size_t)n + 4) * sizeof *stack), top = 0;
    uint8_t *may = mem_alloc((size_t)n), *near = mem_alloc((size_t)n),
            *spare = mem_alloc((size_t)n);
    double tight = 3.0 + 3.0 * k->sigma;
    memcpy(near, k->out, (size_t)n);
    for (int i = 0; i < 3; i++)
        cut_probe(near, spare, k->w, k->h, true, 0);
    for (int i = 0; i < n; i++) {
        /* Beside a dark edge the steepness is the edge's; beside a faint one it is all that tells
         * it. */
        bool clear = k->grad[i] < 6 + 2 * k->sigma || k->grad[i] > 9 + 2 * k->sigma;
        may[i] = near[i] && clear && cut_distance(k, i) < tight;
        if (k->out[i])
            stack[top++] = i;
    }
    cut_grow(k->out, may, k->w, k->h, stack, top);
    free(stack);
    free(may);
    free(near);
    free(spare);
}

/* Along one row: background, a hairline of product, a narrow run of shadow, product again (or the
 * other way round). That hairline may be the product's outline and the shadow behind it its own
 * shading, entered somehow through a weak edge: marked in `gap`. */
static void row_look(const struct cut *k, int first, uint8_t *gap)
{
    int from[4] = {0}, kinds[4] = {-1, -1, -1, -1}; /* the last runs, newest last */
    for (int i = 0; i <= k->w; i++) {
        int kind = i == k->w ? -2 : k->out[first + i];
        if (kind == kinds[3])
            continue;
        int left = from[2] - from[1], between = from[3] - from[2], right = i - from[3];
        bool seen =
            kinds[0] >= 0 && kinds[1] == 0 && kinds[2] == 1 && kinds[3] == 0 && between <= SHADED;
        if (seen &&
            ((left <= HAIRLINE && right > between) || (right <= HAIRLINE && left > between)))
            memset(gap + first + from[2], 1, (size_t)between);
        memmove(from, from + 1, sizeof from - sizeof *from);
        memmove(kinds, kinds + 1, sizeof kinds - sizeof *kinds);
        from[3] = i;
        kinds[3] = kind;
    }
}

/* Gives back shading behind an outline where the outline runs on for long; short ones are the edges
 * of a hard shadow. */
static void outline_mend(struct cut *k)
{
    int n = k->w * k->h;
    uint8_t *gap = mem_alloc((size_t)n), *seen = mem_alloc((size_t)n);
    int *list = mem_alloc((size_t)n * sizeof *list);
    for (int y = 0; y < k->h; y++)
        row_look(k, y * k->w, gap);
    for (int i = 0; i < n; i++) {
        if (!gap[i] || seen[i])
            continue;
        struct patch p = cut_patch_take(k, gap, seen, i, list, false);
        int low = list[0] / k->w, high = low;
        for (int j = 0; j < p.n; j++) {
            int y = list[j] / k->w;
            low = y < low ? y : low;
            high = y > high ? y : high;
        }
        int tall = high - low + 1;
        if (tall >= OUTLINE && tall * tall >= 3 * p.n)
            for (int j = 0; j < p.n; j++)
                k->out[list[j]] = 0;
    }
    free(gap);
    free(seen);
    free(list);
}

/* Slivers that a hard shadow's edge leaves: thinner than the probe, of the shadow's colour, with
 * shadow (not plain ground) beside them. A thin grey arm before plain ground stays. */
static void slivers_drop(struct cut *k)
{
    int w = k->w, h = k->h, n = w * h;
    uint8_t *solid = mem_alloc((size_t)n), *spare = mem_alloc((size_t)n),
            *shade = mem_alloc((size_t)n);
    for (int i = 0; i < n; i++) {
        solid[i] = !k->out[i];
        shade[i] = k->out[i] && k->b[0][i] - k->c[0][i] > 1.5 + 2 * k->sigma;
    }
    cut_probe(solid, spare, w, h, false, 1);
    cut_probe(solid, spare, w, h, true, 0);
    cut_probe(shade, spare, w, h, true, 0);
    cut_probe(shade, spare, w, h, true, 0);
    for (int i = 0; i < n; i++) {
        float s = k->c[0][i] / fmaxf(k->b[0][i], 1);
        if (!k->out[i] && !solid[i] && shade[i] && s > 0.3f &&
            cut_chroma_far(k, i, s) < 6 + 2 * k->sigma)
            k->out[i] = 1;
    }
    free(solid);
    free(spare);
    free(shade);
}

/* How much of what is left could be shadow by its colour: little means the product has a colour of
 * its own. */
static bool shadow_coloured(const struct cut *k, int i)
{
    float s = k->c[0][i] / fmaxf(k->b[0][i], 1);
    return s > 0.5f && s < 1.03f && cut_chroma_far(k, i, s) < 6 + 2 * (float)k->sigma;
}

static double likeness(const struct cut *k)
{
    double like = 0, all = 1;
    for (int i = 0; i < k->w * k->h; i++) {
        like += !k->out[i] && shadow_coloured(k, i);
        all += !k->out[i];
    }
    return like / all;
}

/* Whether most of a patch's border with the rest of the product is a step. A highlight fades into
 * its product; a shadow stops. */
static bool steps_off(const struct cut *k, const uint8_t *kind, const int *list, int n)
{
    int w = k->w, rim = 0, hard = 0;
    for (int j = 0; j < n; j++) {
        int i = list[j], x = i % w, y = i / w;
        int next[4] = {x > 0 ? i - 1 : -1, x < w - 1 ? i + 1 : -1, y > 0 ? i - w : -1,
                       y < k->h - 1 ? i + w : -1};
        for (int d = 0; d < 4; d++) {
            if (next[d] < 0 || kind[next[d]] || k->out[next[d]])
                continue;
            rim++;
            hard += fmaxf(k->grad[i], k->grad[next[d]]) > STEP;
        }
    }
    return hard >= 0.8 * rim;
}

/* Beside a product that is unlike its background: patches near the outline with a shadow's colour,
 * and with a step between them and the product, are shadow, however hard its own edge. */
static void remnants_take(struct cut *k)
{
    int n = k->w * k->h, *list = mem_alloc((size_t)n * sizeof *list);
    uint8_t *near = mem_alloc((size_t)n), *spare = mem_alloc((size_t)n),
            *seen = mem_alloc((size_t)n);
    memcpy(near, k->out, (size_t)n);
    for (int i = 0; i < 4; i++)
        cut_probe(near, spare, k->w, k->h, true, 0);
    for (int i = 0; i < n; i++)
        near[i] = near[i] && !k->out[i] && k->grad[i] < STEP && shadow_coloured(k, i);
    for (int i = 0; i < n; i++) {
        if (!near[i] || seen[i])
            continue;
        struct patch p = cut_patch_take(k, near, seen, i, list, false);
        if (steps_off(k, near, list, p.n))
            for (int j = 0; j < p.n; j++)
                k->out[list[j]] = 1;
    }
    free(list);
    free(near);
    free(spare);
    free(seen);
}

/* The last corners between two steep edges: ground by its value, a few pixels at most. */
static void creep(struct cut *k)
{
    int w = k->w, n = w * k->h;
    uint8_t *was = mem_alloc((size_t)n);
    for (int round = 0; round < CREEP; round++) {
        memcpy(was, k->out, (size_t)n);
        for (int i = w; i < n - w; i++) {
            bool beside = was[i - 1] || was[i + 1] || was[i - w] || was[i + w];
            if (!was[i] && beside && k->grad[i] > 0.7f * STEP &&
                cut_distance(k, i) < 12 + 3 * k->sigma)
                k->out[i] = 1;
        }
    }
    free(was);
}

void cut_clean(struct cut *k)
{
    outline_mend(k);
    slivers_drop(k);
    corners_take(k);
    cut_holes_open(k);
    if (likeness(k) < ALIKE) {
        remnants_take(k);
        creep(k);
    }
    cut_specks_turn(k);
}
