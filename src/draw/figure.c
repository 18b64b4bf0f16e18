/* A mark comes in, a painted person with a shadow goes out. The pieces are dress.c's, the head is
 * head.c's; this file puts them in order of depth and onto the ground. */
/* SPDX-License-Identifier: ISC */
#include "draw/figure.h"

#include <stdlib.h>

void figure_init(struct figure *f, const struct mark *m, double moment)
{
    *f = (struct figure){.mark = *m, .pose = pose_of(m, moment)};
    figure_dress(f);
}

/* ---- the shadow ---- */

/* Where the light throws a point onto the ground (y = 0 of the mark). */
static struct vec thrown(struct vec p, struct vec to, double ground)
{
    double rise = fmax(to.y, 0.32), up = fmax(0, p.y - ground);
    return (struct vec){p.x - to.x / rise * up, ground, p.z - to.z / rise * up};
}

static void throw_limb(const struct brush *b, const struct limb *l, double ground, double grow)
{
    struct section flat[FIGURE_SECTIONS_MAX];
    for (int i = 0; i < l->n; i++) {
        double a = sqrt(vec_dot(l->chain[i].a, l->chain[i].a)),
               c = sqrt(vec_dot(l->chain[i].b, l->chain[i].b));
        double r = l->chain[i].ball ? a : (a + c) / 2;
        flat[i] = section_ring(thrown(l->chain[i].middle, b->light->to, ground),
                               (struct vec){r + grow, 0, 0}, (struct vec){0, 0, r + grow});
    }
    struct shape s = shape_of(b->view, flat, l->n);
    shape_path(b->cr, &s);
}

void figure_shadow(const struct brush *b, const struct figure *f)
{
    const struct scene_light *l = b->light;
    double depth = view_depth(b->view, f->mark.at), ground = f->mark.at.y;
    if (f->mark.foreground || view_scale(b->view, depth) < 4)
        return;
    double strong = fmin(0.5, 0.15 + 0.6 * tone_luma(l->key)) * (1 - light_haze(l, depth));
    static const double grow[] = {0.05, 0.025, 0};
    struct section head[] = {section_ball(f->pose.head, f->pose.head_height * 0.42),
                             section_ball(f->pose.neck, 0.05)};
    struct limb skull = {.chain = {head[0], head[1]}, .n = 2};
    for (int pass = 0; pass < 3; pass++) {
        for (int i = 0; i < f->n; i++)
            if (f->limb[i].kind == LIMB_BODY)
                throw_limb(b, &f->limb[i], ground, grow[pass]);
        throw_limb(b, &skull, ground, grow[pass]);
        brush_tone(b, l->ink, strong * (pass == 2 ? 0.55 : 0.32));
        cairo_fill(b->cr);
    }
    for (int i = 0; i < 2; i++) {
        struct vec foot = vec_mix(f->pose.ankle[i], f->pose.toe[i], 0.4);
        foot.y = ground;
        brush_pool(b, foot, 0.22, 0.16, l->ink, 0.75, false);
    }
}

/* ---- the figure ---- */

struct piece {
    struct shape shape;
    const struct limb *limb;
    double order;
};

static int far_first(const void *a, const void *b)
{
    const struct piece *p = a, *q = b;
    if (p->order != q->order)
        return p->order > q->order ? -1 : 1;
    return p->limb < q->limb ? -1 : p->limb > q->limb;
}

/* The trunk is the piece with most sections that is dressed in the main cloth; trimmings lie on it.
 */
static bool is_trunk(const struct limb *l)
{
    return l->n == FIGURE_SECTIONS_MAX;
}

void figure_paint(const struct brush *b, const struct figure *f)
{
    struct piece piece[FIGURE_LIMBS_MAX];
    struct head_view head = head_view_of(b->view, &f->pose, &f->mark);
    bool away = cos(head.yaw) < 0;
    for (int i = 0; i < f->n; i++) {
        piece[i] =
            (struct piece){shape_of(b->view, f->limb[i].chain, f->limb[i].n), &f->limb[i], 0};
        piece[i].order = piece[i].shape.depth - f->limb[i].nearer;
        if (f->limb[i].kind == LIMB_HOOD)
            piece[i].order += away ? -0.5 : 0.5;
    }
    qsort(piece, (size_t)f->n, sizeof *piece, far_first);
    bool head_done = false;
    if (!away)
        head_paint_back_hair(b, &head);
    for (int i = 0; i < f->n; i++) {
        shape_paint(b, &piece[i].shape, piece[i].limb->albedo, 0.6);
        if (is_trunk(piece[i].limb)) {
            figure_trim(b, f);
            head_paint(b, &head);
            head_done = true;
        }
    }
    if (!head_done)
        head_paint(b, &head);
    if (away)
        head_paint_back_hair(b, &head);
}

static void widen(struct point p, double r, struct point *low, struct point *high)
{
    low->x = fmin(low->x, p.x - r), low->y = fmin(low->y, p.y - r);
    high->x = fmax(high->x, p.x + r), high->y = fmax(high->y, p.y + r);
}

void figure_bounds(const struct figure *f, const struct view *v, struct point *ret_low,
                   struct point *ret_high)
{
    struct point low = {1e9, 1e9}, high = {-1e9, -1e9};
    for (int i = 0; i < f->n; i++) {
        struct shape s = shape_of(v, f->limb[i].chain, f->limb[i].n);
        for (int k = 0; k < s.n; k++)
            for (int c = 0; c < s.corner_n[k]; c++)
                widen(s.corner[k][c], 0, &low, &high);
    }
    struct head_view h = head_view_of(v, &f->pose, &f->mark);
    widen(h.middle, h.size / 2, &low, &high);
    *ret_low = low, *ret_high = high;
}
