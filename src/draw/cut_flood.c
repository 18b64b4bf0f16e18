/* The photo and its background's surface come in; which pixels are background or its soft shadow
 * goes out. Works inwards from the edges, never through a gap in the product's outline narrower
 * than the probe. */
/* SPDX-License-Identifier: ISC */
#include "draw/cutout_priv.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#define BEHIND                                                                                     \
    5 /* pixels behind an edge where background would mean that it is only an outline              \
       */
#define SHADOW_SLOPE 8  /* levels a pixel: steeper than this is an edge, however deep the shadow */
#define HAIRLINE     5  /* pixels: thinner than anything but an outline */
#define SHADED       28 /* pixels of shading behind it at most */
#define OUTLINE      26 /* rows: a run of hairlines shorter than this is no outline */
#define PROBE        4  /* half the width of the probe: gaps under 2 * PROBE + 1 pixels hold */

enum passable { PASS_NO = 0, PASS_SHADOW = 1, PASS_PLAIN = 2 };

static float chroma_far(const struct cut *k, int i, float s)
{
    float a = k->c[1][i] - s * k->b[1][i], b = k->c[2][i] - s * k->b[2][i];
    return sqrtf(a * a + b * b);
}

/* Plain: as the surface says. Shadow: darker by one factor in all colours and without an edge; an
 * edge is what rises faster than a soft shadow of that depth can. */
static uint8_t pixel_passes(const struct cut *k, int i)
{
    float sigma = (float)k->sigma, by = fmaxf(k->b[0][i], 1), depth = by - k->c[0][i];
    float near = fminf(fmaxf(3.6f * sigma, 3.0f), 13), above = by > 200 ? 3 : 0;
    float slope = 0.45f + 0.9f * sigma, s = k->c[0][i] / by;
    if (depth < near && depth > -near - above && chroma_far(k, i, 1) < near + 2)
        return k->grad[i] < slope + 0.3f + 0.22f * fabsf(depth) ? PASS_PLAIN : PASS_NO;
    /* On a dark ground a shadow hardly shows, and much of the product is darker than the ground. */
    float least = 0.46f + 0.18f * fminf(fmaxf((140 - by) / 80, 0), 1);
    bool shade = s > least && s < 1 && chroma_far(k, i, s) < 5 + 2 * sigma;
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
static void probe(uint8_t *m, uint8_t *spare, int w, int h, bool largest, uint8_t outside)
{
    int least = largest ? 1 : 2 * PROBE + 1;
    for (int y = 0; y < h; y++)
        probe_line(m + (size_t)y * w, spare + (size_t)y * w, w, 1, least, outside);
    for (int x = 0; x < w; x++)
        probe_line(spare + x, m + x, h, w, least, outside);
}

/* Grows `mark` from the pixels on the stack through those where `may` is not 0, four ways. */
static void grow(uint8_t *mark, const uint8_t *may, int w, int h, int *stack, int n)
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
        wide[i] = may[i] = pixel_passes(k, i) != PASS_NO;
    probe(wide, spare, w, h, false, 1);
    grow_downhill(k, wide);
    probe(k->out, spare, w, h, true, 0);
    for (int i = 0; i < n; i++)
        k->out[i] = k->out[i] && may[i];
    free(may);
    free(wide);
    free(spare);
}

/* One connected patch of pixels, gathered on a list. */
struct patch {
    int n;        /* pixels */
    int rim;      /* of them at its edge */
    int rim_hard; /* of those before a steep step */
    int rim_thin; /* of those with background again right behind the step */
    int open;     /* of those that touch the background */
    int plain;    /* pixels as plain as the background */
};

static double distance_of(const struct cut *k, int i)
{
    return fabsf(k->c[0][i] - k->b[0][i]) + chroma_far(k, i, 1);
}

/* What lies around pixel i of a patch's edge: a steep step, and background behind it? */
static void rim_look(const struct cut *k, int i, struct patch *p)
{
    int x0 = i % k->w, y0 = i / k->w;
    float steep = 0;
    bool thin = false;
    for (int dy = -BEHIND; dy <= BEHIND; dy++)
        for (int dx = -BEHIND; dx <= BEHIND; dx++) {
            int x = x0 + dx, y = y0 + dy, j = y * k->w + x;
            if (x < 0 || y < 0 || x >= k->w || y >= k->h)
                continue;
            if (abs(dx) <= 2 && abs(dy) <= 2)
                steep = fmaxf(steep, k->grad[j]);
            thin |= k->out[j];
        }
    p->rim++;
    float dark =
        fminf(fmaxf(k->b[0][y0 * k->w + x0] / 180, 0.4f), 1); /* steps are smaller in the dark */
    p->rim_hard += steep > (5 + 2 * (float)k->sigma) * dark;
    p->rim_thin += thin;
}

/* Gathers the patch of equal `kind` around `first` into list. */
static struct patch patch_take(const struct cut *k, const uint8_t *kind, uint8_t *seen, int first,
                               int *list, bool look)
{
    struct patch p = {0};
    int w = k->w, h = k->h;
    list[p.n++] = first;
    seen[first] = 1;
    for (int at = 0; at < p.n; at++) {
        int i = list[at], x = i % w, y = i / w;
        int next[4] = {x > 0 ? i - 1 : -1, x < w - 1 ? i + 1 : -1, y > 0 ? i - w : -1,
                       y < h - 1 ? i + w : -1};
        bool edge = false;
        for (int d = 0; d < 4; d++) {
            if (next[d] < 0)
                continue;
            if (kind[next[d]] != kind[first])
                edge = true, p.open += k->out[next[d]];
            else if (!seen[next[d]])
                seen[list[p.n++] = next[d]] = 1;
        }
        if (look && edge)
            rim_look(k, i, &p);
        p.plain += look && distance_of(k, i) < 3 + 3 * k->sigma;
    }
    return p;
}

/* Background seen through the product (a handle, a headband), with or without shadow on it: a step
 * all around and product, not background, behind the step. A pale part of the product is soft at
 * its edge or has only a thin outline; a small pale label with the background's exact colour keeps
 * its place by its size. */
static bool is_hole(const struct cut *k, const struct patch *p)
{
    double all = (double)k->w * k->h;
    return p->rim > 0 && p->rim_hard > 0.75 * p->rim && p->rim_thin < 0.3 * p->rim &&
           p->plain > 0.15 * p->n && (p->n > 0.003 * all || (p->open && p->n > 12));
}

static void holes_open(struct cut *k)
{
    int n = k->w * k->h;
    uint8_t *kind = mem_alloc((size_t)n), *seen = mem_alloc((size_t)n);
    int *list = mem_alloc((size_t)n * sizeof *list);
    for (int i = 0; i < n; i++)
        kind[i] = !k->out[i] && pixel_passes(k, i) != PASS_NO;
    for (int i = 0; i < n; i++) {
        if (!kind[i] || seen[i])
            continue;
        struct patch p = patch_take(k, kind, seen, i, list, true);
        if (is_hole(k, &p))
            for (int j = 0; j < p.n; j++)
                k->out[list[j]] = 1;
    }
    free(kind);
    free(seen);
    free(list);
}

/* Patches of one kind smaller than `least` pixels go over to the other kind; so does a soft-edged
 * patch of product beside a larger one: that is the heart of a shadow. */
static void specks_turn(struct cut *k, uint8_t which, int least, int largest)
{
    int n = k->w * k->h;
    uint8_t *kind = mem_alloc((size_t)n), *seen = mem_alloc((size_t)n);
    int *list = mem_alloc((size_t)n * sizeof *list);
    memcpy(kind, k->out, (size_t)n);
    for (int i = 0; i < n; i++) {
        if (kind[i] != which || seen[i])
            continue;
        struct patch p = patch_take(k, kind, seen, i, list, which == 0);
        bool soft = which == 0 && p.n < largest && p.rim_hard < 0.5 * p.rim;
        if (p.n < least || soft)
            for (int j = 0; j < p.n; j++)
                k->out[list[j]] = !which;
    }
    free(kind);
    free(seen);
    free(list);
}

static int largest_product(const struct cut *k)
{
    int n = k->w * k->h, most = 0;
    uint8_t *seen = mem_alloc((size_t)n);
    int *list = mem_alloc((size_t)n * sizeof *list);
    for (int i = 0; i < n; i++)
        if (!k->out[i] && !seen[i]) {
            struct patch p = patch_take(k, k->out, seen, i, list, false);
            most = p.n > most ? p.n : most;
        }
    free(seen);
    free(list);
    return most;
}

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
        probe(near, spare, k->w, k->h, true, 0);
    for (int i = 0; i < n; i++) {
        /* Beside a dark edge the steepness is the edge's; beside a faint one it is all that tells
         * it. */
        bool clear = k->grad[i] < 6 + 2 * k->sigma || k->grad[i] > 9 + 2 * k->sigma;
        may[i] = near[i] && clear && distance_of(k, i) < tight;
        if (k->out[i])
            stack[top++] = i;
    }
    grow(k->out, may, k->w, k->h, stack, top);
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
        struct patch p = patch_take(k, gap, seen, i, list, false);
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
    probe(solid, spare, w, h, false, 1);
    probe(solid, spare, w, h, true, 0);
    probe(shade, spare, w, h, true, 0);
    probe(shade, spare, w, h, true, 0);
    for (int i = 0; i < n; i++) {
        float s = k->c[0][i] / fmaxf(k->b[0][i], 1);
        if (!k->out[i] && !solid[i] && shade[i] && s > 0.3f &&
            chroma_far(k, i, s) < 6 + 2 * k->sigma)
            k->out[i] = 1;
    }
    free(solid);
    free(spare);
    free(shade);
}

void cut_clean(struct cut *k)
{
    int n = k->w * k->h;
    outline_mend(k);
    slivers_drop(k);
    corners_take(k);
    holes_open(k);
    specks_turn(k, 1, n / 4000 + 6, 0); /* islands of background inside the product */
    int largest = largest_product(k);
    specks_turn(k, 0, largest / 60 + 8, largest); /* dust, watermarks and deep shadow outside */
}
