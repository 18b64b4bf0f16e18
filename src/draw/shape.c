/* Sections in metres come in, painted shapes go out. Knows no anatomy. */
/* SPDX-License-Identifier: ISC */
#include "draw/shape.h"

#include <stdlib.h>

#define ROUND 16 /* points of one section */

static int section_points(const struct view *v, const struct section *s, struct point out[ROUND])
{
    double scale = view_scale(v, view_depth(v, s->middle));
    struct point mid = view_point(v, s->middle);
    for (int i = 0; i < ROUND; i++) {
        double angle = 2 * M_PI * i / ROUND, c = cos(angle), d = sin(angle);
        if (s->ball)
            out[i] = (struct point){mid.x + c * s->a.x * scale, mid.y + d * s->a.x * scale};
        else
            out[i] =
                view_point(v, vec_add(s->middle, vec_add(vec_scale(s->a, c), vec_scale(s->b, d))));
    }
    return ROUND;
}

static int by_x(const void *a, const void *b)
{
    const struct point *p = a, *q = b;
    if (p->x != q->x)
        return p->x < q->x ? -1 : 1;
    return p->y < q->y ? -1 : p->y > q->y;
}

static double cross(struct point o, struct point a, struct point b)
{
    return (a.x - o.x) * (b.y - o.y) - (a.y - o.y) * (b.x - o.x);
}

/* Andrew's monotone chain; always the same way round. */
static int hull(struct point *points, int n, struct point *out)
{
    int k = 0;
    struct point chain[4 * ROUND + 2];
    qsort(points, (size_t)n, sizeof *points, by_x);
    for (int i = 0; i < n; i++) {
        while (k >= 2 && cross(chain[k - 2], chain[k - 1], points[i]) <= 0)
            k--;
        chain[k++] = points[i];
    }
    for (int i = n - 2, low = k + 1; i >= 0; i--) {
        while (k >= low && cross(chain[k - 2], chain[k - 1], points[i]) <= 0)
            k--;
        chain[k++] = points[i];
    }
    k = k - 1 > SHAPE_CORNERS ? SHAPE_CORNERS : k - 1;
    for (int i = 0; i < k; i++)
        out[i] = chain[i];
    return k;
}

struct shape shape_of(const struct view *v, const struct section *chain, int n)
{
    struct shape s = {.depth = 0};
    for (int i = 0; i < n; i++)
        s.depth += view_depth(v, chain[i].middle) / n;
    for (int i = 0; i + 1 < n && s.n < SHAPE_PIECES_MAX; i++) {
        struct point points[2 * ROUND];
        if (view_depth(v, chain[i].middle) < VIEW_NEAR * 1.5 ||
            view_depth(v, chain[i + 1].middle) < VIEW_NEAR * 1.5)
            continue;
        section_points(v, &chain[i], points);
        section_points(v, &chain[i + 1], points + ROUND);
        s.corner_n[s.n] = hull(points, 2 * ROUND, s.corner[s.n]);
        s.n++;
    }
    for (int i = 0; i < n; i++) {
        double a = sqrt(vec_dot(chain[i].a, chain[i].a)), b = sqrt(vec_dot(chain[i].b, chain[i].b));
        s.thick = fmax(s.thick, fmax(a, b) * view_scale(v, view_depth(v, chain[i].middle)));
    }
    return s;
}

static struct point held(struct point p)
{
    return (struct point){fmin(fmax(p.x, -2e4), 2e4), fmin(fmax(p.y, -2e4), 2e4)};
}

/* From a toward b, at most `most` and at most half the way. */
static struct point toward(struct point a, struct point b, double most)
{
    double len = hypot(b.x - a.x, b.y - a.y), t = len > 1e-9 ? fmin(0.5, most / len) : 0;
    return (struct point){a.x + (b.x - a.x) * t, a.y + (b.y - a.y) * t};
}

/* Corners are rounded, so that a close body has no facets; long edges keep their direction. */
void shape_path(cairo_t *cr, const struct shape *s)
{
    double round = s->thick * 0.4;
    for (int i = 0; i < s->n; i++) {
        int n = s->corner_n[i];
        for (int k = 0; k < n; k++) {
            struct point before = held(s->corner[i][(k + n - 1) % n]), at = held(s->corner[i][k]),
                         after = held(s->corner[i][(k + 1) % n]);
            struct point p = toward(at, before, round), q = toward(at, after, round);
            if (k == 0)
                cairo_move_to(cr, p.x, p.y);
            else
                cairo_line_to(cr, p.x, p.y);
            cairo_curve_to(cr, (p.x + 2 * at.x) / 3, (p.y + 2 * at.y) / 3, (q.x + 2 * at.x) / 3,
                           (q.y + 2 * at.y) / 3, q.x, q.y);
        }
        cairo_close_path(cr);
    }
}

struct shade shade_of(const struct brush *b, struct tone albedo, double depth)
{
    const struct scene_light *l = b->light;
    struct vec to = {vec_dot(l->to, b->view->right), -vec_dot(l->to, b->view->up),
                     vec_dot(l->to, b->view->forward)};
    struct shade s = {.side = fmin(1, hypot(to.x, to.y)), .back = to.z > 0.25};
    s.to = s.side > 1e-6 ? (struct point){to.x / s.side, 0.55 * to.y / s.side}
                         : (struct point){0, -0.55};
    double strong = s.back ? 0.16 : 0.80;
    struct tone dark =
        tone_times(albedo, tone_add(tone_scale(l->ambient, 0.80), tone_scale(l->second, 0.5)));
    struct tone mid = tone_times(
        albedo, tone_add(tone_scale(l->ambient, 1.0), tone_scale(l->key, 0.38 * strong)));
    struct tone lit =
        tone_times(albedo, tone_add(tone_scale(l->ambient, 1.05), tone_scale(l->key, strong)));
    struct tone rim =
        tone_add(tone_times(albedo, tone_scale(l->key, 0.9)), tone_scale(l->key, 0.42));
    s.dark = light_through(l, dark, depth), s.mid = light_through(l, mid, depth),
    s.lit = light_through(l, lit, depth);
    s.rim = tone_mix(s.lit, light_through(l, rim, depth), l->rim);
    s.rim_width = l->rim > 0.3 ? 0.10 + 0.12 * l->rim : 0;
    return s;
}

static void layer(const struct brush *b, struct tone t, double dx, double dy,
                  void (*draw)(cairo_t *cr, const void *what), const void *what)
{
    cairo_save(b->cr);
    cairo_translate(b->cr, dx, dy);
    draw(b->cr, what);
    brush_tone(b, t, 1);
    cairo_fill(b->cr);
    cairo_restore(b->cr);
}

void shade_paint(const struct brush *b, const struct shade *sh, double thick,
                 void (*draw)(cairo_t *cr, const void *what), const void *what)
{
    double off = thick * (0.25 + 0.75 * sh->side),
           rim = fmin(thick * sh->rim_width, 0.012 * b->view->height);
    cairo_save(b->cr);
    draw(b->cr, what);
    cairo_clip(b->cr);
    brush_tone(b, sh->rim_width > 0 ? sh->rim : sh->back ? sh->mid : sh->dark, 1);
    cairo_paint(b->cr);
    if (sh->back) {
        layer(b, sh->mid, -sh->to.x * rim, -sh->to.y * rim, draw, what);
        layer(b, sh->dark, -sh->to.x * off * 0.55, -sh->to.y * off * 0.55, draw, what);
    } else {
        if (sh->rim_width > 0) /* the far edge catches a little of it */
            layer(b, sh->dark, sh->to.x * rim * 0.6, sh->to.y * rim * 0.6, draw, what);
        layer(b, sh->mid, sh->to.x * off * 0.42, sh->to.y * off * 0.42, draw, what);
        layer(b, sh->lit, sh->to.x * off * 0.80, sh->to.y * off * 0.80, draw, what);
    }
    cairo_restore(b->cr);
}

static void draw_shape(cairo_t *cr, const void *what)
{
    shape_path(cr, what);
}

void shape_paint(const struct brush *b, const struct shape *s, struct tone albedo, double edge)
{
    if (s->n == 0)
        return;
    struct shade sh = shade_of(b, albedo, s->depth);
    if (edge > 0) {
        shape_path(b->cr, s);
        double fade = 1 - light_haze(b->light, s->depth);
        brush_tone(b, tone_scale(sh.dark, 0.35), edge * fade);
        cairo_set_line_width(b->cr, b->line * 2);
        cairo_stroke(b->cr);
    }
    shade_paint(b, &sh, s->thick, draw_shape, s);
}
