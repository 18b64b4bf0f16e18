/* The marked photo comes in; holes in the product are opened and specks turned over, patch by
 * patch. */
/* SPDX-License-Identifier: ISC */
#include "draw/cutout_priv.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

/* Pixels behind an edge where background would mean that it is only an outline. */
#define BEHIND 5

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
struct patch cut_patch_take(const struct cut *k, const uint8_t *kind, uint8_t *seen, int first,
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
        p.plain += look && cut_distance(k, i) < 3 + 3 * k->sigma;
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
    return p->rim > 0 && p->rim_hard > 0.6 * p->rim && p->rim_thin < 0.3 * p->rim &&
           p->plain > 0.15 * p->n && (p->n > 0.003 * all || (p->open && p->n > 12));
}

void cut_holes_open(struct cut *k)
{
    int n = k->w * k->h;
    uint8_t *kind = mem_alloc((size_t)n), *seen = mem_alloc((size_t)n);
    int *list = mem_alloc((size_t)n * sizeof *list);
    for (int i = 0; i < n; i++)
        kind[i] = !k->out[i] && cut_passes(k, i) != PASS_NO;
    for (int i = 0; i < n; i++) {
        if (!kind[i] || seen[i])
            continue;
        struct patch p = cut_patch_take(k, kind, seen, i, list, true);
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
        struct patch p = cut_patch_take(k, kind, seen, i, list, which == 0);
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
            struct patch p = cut_patch_take(k, k->out, seen, i, list, false);
            most = p.n > most ? p.n : most;
        }
    free(seen);
    free(list);
    return most;
}

void cut_specks_turn(struct cut *k)
{
    specks_turn(k, 1, k->w * k->h / 4000 + 6, 0); /* islands of background inside the product */
    int largest = largest_product(k);
    specks_turn(k, 0, largest / 60 + 8, largest); /* dust, watermarks and deep shadow outside */
}
