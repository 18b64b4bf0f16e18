/* Joints and a look come in, the pieces of a dressed body go out, in metres. Paints only the
 * trimmings on the trunk. */
/* SPDX-License-Identifier: ISC */
#include "draw/figure.h"

#include "base/err.h"

static struct limb *add(struct figure *f, struct tone albedo, double nearer)
{
    if (f->n == FIGURE_LIMBS_MAX)
        bug("a figure has more than %d limbs", FIGURE_LIMBS_MAX);
    struct limb *l = &f->limb[f->n++];
    *l = (struct limb){.albedo = albedo, .nearer = nearer};
    return l;
}

static void ball(struct limb *l, struct vec at, double radius)
{
    l->chain[l->n++] = section_ball(at, radius);
}

/* A ring square to the trunk: its half width and half depth. */
static void ring(struct limb *l, const struct pose *p, struct vec at, double wide, double deep)
{
    l->chain[l->n++] = section_ring(at, vec_scale(p->side, wide), vec_scale(p->front, deep));
}

static void add_leg(struct figure *f, int i, struct tone cloth, bool upright)
{
    const struct pose *p = &f->pose;
    double under = upright ? -1.0 : -0.12; /* a jacket hangs over the hips */
    double h = p->height, g = h * f->mark.look.build;
    struct limb *shoe = add(f, f->mark.look.shoes, under - 0.01);
    ball(shoe, vec_add(p->ankle[i], vec_scale(p->front, -0.006 * h)), 0.026 * h);
    ball(shoe, p->toe[i], 0.0185 * h);
    struct limb *leg = add(f, cloth, under);
    ball(leg, p->hip[i], 0.052 * g);
    ball(leg, vec_mix(p->hip[i], p->knee[i], 0.55), 0.044 * g);
    ball(leg, p->knee[i], 0.033 * g);
    ball(leg, vec_add(vec_mix(p->knee[i], p->ankle[i], 0.35), vec_scale(p->front, -0.008 * h)),
         0.032 * g);
    ball(leg, p->ankle[i], 0.0245 * g);
}

static void add_arm(struct figure *f, int i, struct tone sleeve)
{
    const struct pose *p = &f->pose;
    double h = p->height, g = h * f->mark.look.build;
    double loose =
        f->mark.look.outfit == OUTFIT_COAT || f->mark.look.outfit == OUTFIT_HOOD ? 1.18 : 1;
    struct limb *hand = add(f, f->mark.look.skin, 0.05);
    ball(hand, vec_mix(p->wrist[i], p->hand[i], 0.15), 0.0125 * h);
    ball(hand, vec_mix(p->wrist[i], p->hand[i], 0.8), 0.0165 * h);
    ball(hand, vec_add(p->hand[i], vec_scale(vec_sub(p->hand[i], p->wrist[i]), 0.12)), 0.0095 * h);
    struct limb *arm = add(f, sleeve, 0.03);
    ball(arm, p->shoulder[i], 0.0305 * g * loose);
    ball(arm, vec_mix(p->shoulder[i], p->elbow[i], 0.55), 0.0265 * g * loose);
    ball(arm, p->elbow[i], 0.0235 * g * loose);
    ball(arm, vec_mix(p->elbow[i], p->wrist[i], 0.35), 0.0240 * g * loose);
    ball(arm, p->wrist[i], 0.0175 * g * loose);
}

static void add_trunk(struct figure *f, struct tone cloth)
{
    const struct pose *p = &f->pose;
    double h = p->height, g = h * f->mark.look.build,
           thick = f->mark.look.outfit == OUTFIT_HOOD ? 1.10 : 1;
    struct limb *t = add(f, cloth, 0);
    ring(t, p, vec_add(p->pelvis, vec_scale(p->up, -0.035 * h)), 0.082 * g, 0.060 * g);
    ring(t, p, p->waist, 0.068 * g * thick, 0.051 * g * thick);
    ring(t, p, p->chest, 0.086 * g * thick, 0.065 * g * thick);
    ring(t, p, vec_add(p->chest, vec_scale(p->up, 0.058 * h)), 0.104 * g, 0.054 * g);
    ring(t, p, vec_add(vec_mix(p->shoulder[0], p->shoulder[1], 0.5), vec_scale(p->up, 0.022 * h)),
         0.084 * g, 0.038 * g);
    ball(t, vec_add(p->neck, vec_scale(p->up, 0.012 * h)), 0.036 * h);
}

static void add_neck(struct figure *f)
{
    const struct pose *p = &f->pose;
    struct limb *neck = add(f, tone_scale(f->mark.look.skin, 0.88), -0.4);
    ball(neck, vec_add(p->neck, vec_scale(p->up, -0.012 * p->height)), 0.034 * p->height);
    ball(neck, vec_add(p->neck, vec_scale(p->up, 0.05 * p->height)),
         0.0285 * p->height * f->mark.look.build);
}

/* Tails of a coat or a skirt, down to `low` of the way from hip to ankle. */
static void add_skirt(struct figure *f, struct tone cloth, double low, double flare)
{
    const struct pose *p = &f->pose;
    double h = p->height, g = h * f->mark.look.build;
    struct vec hips = vec_mix(p->hip[0], p->hip[1], 0.5),
               knees = vec_mix(p->knee[0], p->knee[1], 0.5);
    struct vec hem = vec_mix(hips, knees, low);
    struct vec apart = vec_sub(p->knee[1], p->knee[0]);
    double wide = fabs(vec_dot(apart, p->side)) / 2 * low,
           deep = fabs(vec_dot(apart, p->front)) / 2 * low;
    struct limb *s = add(f, cloth, 0.09);
    ring(s, p, p->waist, 0.074 * g, 0.056 * g);
    ring(s, p, vec_add(p->pelvis, vec_scale(p->up, -0.02 * h)), 0.090 * g, 0.068 * g);
    ring(s, p, vec_mix(hips, hem, 0.55), (0.086 + 0.012 * flare) * g + wide * 0.6,
         (0.070 + 0.012 * flare) * g + deep * 0.6);
    ring(s, p, hem, (0.070 + 0.045 * flare) * g + wide, (0.055 + 0.045 * flare) * g + deep);
}

static void add_hood(struct figure *f, struct tone cloth)
{
    const struct pose *p = &f->pose;
    double h = p->height;
    struct limb *c = add(f, tone_scale(cloth, 0.9), -0.02);
    c->kind = LIMB_HOOD;
    struct vec nape =
        vec_add(p->neck, vec_add(vec_scale(p->front, -0.030 * h), vec_scale(p->up, 0.022 * h)));
    ball(c, vec_add(nape, vec_scale(p->side, -0.040 * h)), 0.030 * h);
    ball(c, vec_add(nape, vec_scale(p->side, 0.040 * h)), 0.030 * h);
}

void figure_dress(struct figure *f)
{
    const struct look *k = &f->mark.look;
    bool upright = f->mark.actor.act != ACT_SIT && f->mark.actor.act != ACT_KNEEL &&
                   f->mark.actor.act != ACT_LIE;
    struct tone legs = k->outfit == OUTFIT_OVERALL ? tone_scale(k->main, 0.8)
                       : k->outfit == OUTFIT_DRESS ? k->skin
                                                   : k->legs;
    struct tone sleeve = k->outfit == OUTFIT_OVERALL ? k->under : k->main;
    for (int i = 0; i < 2; i++)
        add_leg(f, i, legs, upright);
    add_neck(f);
    if (k->outfit == OUTFIT_HOOD)
        add_hood(f, k->main);
    add_trunk(f, k->main);
    if (k->outfit == OUTFIT_COAT && upright)
        add_skirt(f, k->main, 1.02, 0.75);
    if (k->outfit == OUTFIT_DRESS)
        add_skirt(f, k->main, upright ? 1.05 : 0.85, upright ? 1.3 : 0.3);
    for (int i = 0; i < 2; i++)
        add_arm(f, i, sleeve);
}

/* ---- trimmings ---- */

/* A point on the trunk's front: sideways and upward from the pelvis in shares of the height. */
static struct point on_front(const struct brush *b, const struct figure *f, double side, double up,
                             double out)
{
    const struct pose *p = &f->pose;
    double h = p->height;
    struct vec at = vec_add(
        p->pelvis, vec_add(vec_scale(p->up, up * h),
                           vec_add(vec_scale(p->side, side * h), vec_scale(p->front, out * h))));
    return view_point(b->view, at);
}

static void poly(const struct brush *b, const struct point *p, int n, struct tone t, double alpha)
{
    for (int i = 0; i < n; i++)
        cairo_line_to(b->cr, p[i].x, p[i].y);
    cairo_close_path(b->cr);
    brush_tone(b, t, alpha);
    cairo_fill(b->cr);
}

static void stroke2(const struct brush *b, struct point p, struct point q, struct tone t,
                    double alpha, double width)
{
    cairo_move_to(b->cr, p.x, p.y);
    cairo_line_to(b->cr, q.x, q.y);
    brush_tone(b, t, alpha);
    cairo_set_line_width(b->cr, width);
    cairo_stroke(b->cr);
}

static void paint_belt(const struct brush *b, const struct figure *f, const struct shade *sh)
{
    double w = 0.076 * f->mark.look.build;
    struct point p[] = {on_front(b, f, -w, 0.008, 0.03), on_front(b, f, 0, 0.0, 0.058),
                        on_front(b, f, w, 0.008, 0.03),  on_front(b, f, w, 0.032, 0.03),
                        on_front(b, f, 0, 0.024, 0.056), on_front(b, f, -w, 0.032, 0.03)};
    poly(b, p, 6, tone_scale(sh->dark, 0.4), 0.75);
}

static void paint_lapels(const struct brush *b, const struct figure *f, const struct shade *sh,
                         double low)
{
    double depth = view_depth(b->view, f->pose.chest);
    struct shade shirt = shade_of(b, f->mark.look.under, depth),
                 skin = shade_of(b, tone_scale(f->mark.look.skin, 0.88), depth);
    struct point v[] = {on_front(b, f, -0.038, 0.345, 0.016), on_front(b, f, 0, low, 0.066),
                        on_front(b, f, 0.038, 0.345, 0.016)};
    struct point throat[] = {on_front(b, f, -0.031, 0.372, 0.010),
                             on_front(b, f, -0.022, 0.325, 0.030), on_front(b, f, 0, 0.288, 0.046),
                             on_front(b, f, 0.022, 0.325, 0.030),
                             on_front(b, f, 0.031, 0.372, 0.010)};
    struct tone ink = tone_scale(sh->dark, 0.35);
    poly(b, v, 3, shirt.back ? shirt.mid : shirt.lit, 1);
    poly(b, throat, 5, tone_mix(skin.mid, skin.dark, 0.2), 1);
    for (int i = -1; i <= 1; i += 2) {
        struct point l[] = {v[i + 1], on_front(b, f, i * 0.054, 0.268, 0.052), v[1]};
        poly(b, l, 3, tone_mix(sh->mid, sh->dark, 0.5), 1);
        stroke2(b, l[0], l[1], ink, 0.5, b->line);
        stroke2(b, l[1], l[2], ink, 0.5, b->line);
    }
    stroke2(b, v[1], on_front(b, f, 0.004, -0.03, 0.062), ink, 0.6, b->line * 1.2);
}

/* A bib's upper edge with its straps, and a pocket: lines only. */
static void paint_bib(const struct brush *b, const struct figure *f, const struct shade *sh)
{
    struct tone ink = tone_scale(sh->dark, 0.35);
    struct point v[] = {on_front(b, f, -0.052, 0.300, 0.036), on_front(b, f, -0.040, 0.250, 0.062),
                        on_front(b, f, 0.040, 0.250, 0.062), on_front(b, f, 0.052, 0.300, 0.036)};
    struct point pocket[] = {
        on_front(b, f, -0.024, 0.205, 0.068), on_front(b, f, 0.024, 0.205, 0.068),
        on_front(b, f, 0.021, 0.162, 0.067), on_front(b, f, -0.021, 0.162, 0.067)};
    for (int i = 0; i < 3; i++)
        stroke2(b, v[i], v[i + 1], ink, 0.55, b->line * 1.2);
    for (int i = 0; i < 4; i++)
        stroke2(b, pocket[i], pocket[(i + 1) % 4], ink, 0.4, b->line);
}

void figure_trim(const struct brush *b, const struct figure *f)
{
    const struct pose *p = &f->pose;
    struct vec to_eye = vec_unit(vec_sub(b->view->eye, p->chest));
    double depth = view_depth(b->view, p->chest), facing = vec_dot(p->front, to_eye);
    if (depth < VIEW_NEAR * 3 || facing < 0.45 || view_scale(b->view, depth) * p->height < 60)
        return;
    struct shade sh = shade_of(b, f->mark.look.main, depth);
    switch (f->mark.look.outfit) {
    case OUTFIT_JACKET:
        paint_lapels(b, f, &sh, 0.20);
        break;
    case OUTFIT_COAT:
        paint_lapels(b, f, &sh, 0.16);
        paint_belt(b, f, &sh);
        break;
    case OUTFIT_HOOD:
        stroke2(b, on_front(b, f, 0, 0.325, 0.03), on_front(b, f, 0, -0.03, 0.07),
                tone_scale(sh.dark, 0.4), 0.6, b->line * 1.3);
        break;
    case OUTFIT_OVERALL:
        paint_bib(b, f, &sh);
        break;
    case OUTFIT_DRESS:
        paint_belt(b, f, &sh);
        break;
    case OUTFIT_N:
        break;
    }
}
