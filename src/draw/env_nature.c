/* Forest, desert and hills: layers that grow paler with distance. */
/* SPDX-License-Identifier: ISC */
#include "draw/environment.h"
#include "draw/shape.h"

/* ---- forest ---- */

/* A mass of leaves: soft dark discs with a lit crown. */
static void leaves(struct env *e, struct vec at, double radius, struct tone albedo)
{
    const struct brush *b = e->b;
    double depth = view_depth(b->view, at);
    if (depth < 0.8)
        return;
    struct tone dark =
        light_through(b->light, tone_times(albedo, tone_scale(b->light->ambient, 0.75)), depth);
    struct tone lit = light_through(
        b->light, light_on(b->light, albedo, vec_unit((struct vec){b->light->to.x, 1, -0.5})),
        depth);
    double scale = view_scale(b->view, depth);
    for (int i = 0; i < 18; i++) {
        struct point p = view_point(b->view, at);
        double r = radius * scale * dice_between(&e->d, 0.14, 0.42);
        p.x += dice_between(&e->d, -0.75, 0.75) * radius * scale,
            p.y += dice_between(&e->d, -0.5, 0.5) * radius * scale;
        if (r > 3000)
            continue;
        cairo_save(b->cr);
        cairo_translate(b->cr, p.x, p.y);
        cairo_rotate(b->cr, dice_between(&e->d, -0.9, 0.9));
        cairo_scale(b->cr, r, r * 0.55);
        cairo_arc(b->cr, 0, 0, 1, 0, 2 * M_PI);
        cairo_restore(b->cr);
        brush_tone(b, i % 3 == 2 ? lit : tone_mix(dark, lit, 0.18 * (i % 3)),
                   i % 3 == 2 ? 0.55 : 0.9);
        cairo_fill(b->cr);
    }
}

static void grass(struct env *e, double from, double to, int n, struct tone albedo)
{
    const struct brush *b = e->b;
    for (int i = 0; i < n; i++) {
        double z = to + (from - to) * i / n, x = dice_between(&e->d, -1, 1) * (3 + z * 0.6),
               h = dice_between(&e->d, 0.12, 0.45);
        struct vec at = {x, 0, z};
        double depth = view_depth(b->view, at);
        if (depth < 0.7)
            continue;
        struct point p = view_point(b->view, at);
        double s = view_scale(b->view, depth) * h, lean = dice_between(&e->d, -0.5, 0.5);
        cairo_move_to(b->cr, p.x, p.y);
        cairo_curve_to(b->cr, p.x, p.y - s * 0.5, p.x + lean * s * 0.4, p.y - s * 0.8,
                       p.x + lean * s, p.y - s);
        brush_tone(
            b,
            light_through(b->light, light_on(b->light, albedo, (struct vec){0, 0.6, -0.8}), depth),
            0.7);
        cairo_set_line_width(b->cr, fmax(0.8, 0.02 * view_scale(b->view, depth)));
        cairo_stroke(b->cr);
    }
}

void env_forest(struct env *e)
{
    struct tone bark = {0.33, 0.28, 0.24}, green = {0.28, 0.36, 0.24}, floor = {0.32, 0.31, 0.23};
    ground_plane(e, floor);
    for (int i = 0; i < 3; i++)
        ground_ridge(e, 110 - 22 * i, 26 - 3 * i, 1, tone_scale(green, 0.9));
    for (int i = 0; i < 74; i++) {
        double z = 55 - 58.0 * i / 74, x = dice_between(&e->d, -1, 1) * (4 + fabs(z) * 0.75),
               r = dice_between(&e->d, 0.10, 0.34);
        if (fabs(x) < 1.4 + 0.03 * z && z < 9)
            x += x < 0 ? -1.8 : 1.8;
        if (z < 0.4 && fabs(x) < 2.3)
            continue;
        brush_column(e->b, (struct vec){x, 0, z}, r, dice_between(&e->d, 9, 16), 0.5,
                     tone_scale(bark, dice_between(&e->d, 0.75, 1.15)));
        if (i % 2 == 0)
            leaves(e,
                   (struct vec){x + dice_between(&e->d, -1.5, 1.5), dice_between(&e->d, 3.6, 8),
                                z - 0.3},
                   dice_between(&e->d, 1.2, 2.6), green);
        if (i % 5 == 0)
            leaves(e, (struct vec){x + 0.8, 0.35, z - 0.5}, dice_between(&e->d, 0.4, 0.8),
                   tone_scale(green, 0.85));
    }
    grass(e, -0.5, 22, 240, green);
}

/* ---- desert ---- */

/* A stone: three uneven rings. */
static void boulder(struct env *e, struct vec at, double size, struct tone albedo)
{
    struct section chain[4];
    static const double up[] = {0, 0.45, 0.8, 1}, wide[] = {1, 0.92, 0.62, 0.30};
    double tall = size * dice_between(&e->d, 0.6, 1.2);
    for (int i = 0; i < 4; i++) {
        double turn = dice_between(&e->d, -0.4, 0.4),
               a = size * wide[i] * dice_between(&e->d, 0.85, 1.1);
        struct vec mid = {at.x + dice_between(&e->d, -0.12, 0.12) * size, tall * up[i], at.z};
        chain[i] = section_ring(mid, (struct vec){a * cos(turn), 0, a * sin(turn)},
                                (struct vec){-a * sin(turn), 0, a * cos(turn)});
    }
    struct shape s = shape_of(e->b->view, chain, 4);
    shape_paint(e->b, &s, albedo, 0.5);
}

void env_desert(struct env *e)
{
    struct tone sand = {0.70, 0.57, 0.42}, rock = {0.48, 0.37, 0.30};
    ground_ridge(e, 1500, 190, 0.9, tone_scale(rock, 1.1));
    ground_plane(e, sand);
    static const double far[] = {700, 320, 150, 70, 34};
    for (int i = 0; i < 5; i++)
        ground_ridge(e, far[i], far[i] * 0.07 + 0.4, 0.05, tone_scale(sand, 0.82 + 0.05 * i));
    for (int i = 0; i < 7; i++) {
        double z = 30 - i * 4, x = dice_between(&e->d, -1, 1) * (5 + z * 0.5),
               size = dice_between(&e->d, 0.3, 1.3);
        if (fabs(x) < 1.6)
            continue;
        brush_pool(e->b, (struct vec){x, 0.01, z + size / 2}, size * 1.5, size, e->b->light->ink,
                   0.5, false);
        boulder(e, (struct vec){x, 0, z + size / 2}, size, rock);
    }
    struct brush thin = *e->b;
    thin.line_seen = 0;
    for (int i = 24; i >= 0; i--) { /* ripples */
        double z = 1.0 * i - 1, x = dice_between(&e->d, -4, 4),
               wide = dice_between(&e->d, 0.8, 2.6);
        brush_panel(&thin,
                    (struct vec[]){{x - wide, 0.004, z},
                                   {x + wide, 0.004, z + 0.12},
                                   {x + wide, 0.004, z + 0.17},
                                   {x - wide, 0.004, z + 0.09}},
                    tone_scale(light_on(e->b->light, sand, (struct vec){0, 1, 0}), 0.90));
    }
}

/* ---- hills ---- */

void env_hills(struct env *e)
{
    struct tone grass_tone = {0.40, 0.43, 0.28}, rock = {0.42, 0.43, 0.45};
    if (e->s->light.snow > 0)
        grass_tone = (struct tone){0.80, 0.82, 0.85};
    ground_ridge(e, 2200, 620, 1, rock);
    ground_ridge(e, 1300, 260, 0.8, tone_mix(rock, grass_tone, 0.4));
    ground_plane(e, grass_tone);
    static const double far[] = {600, 280, 130};
    for (int i = 0; i < 3; i++)
        ground_ridge(e, far[i], far[i] * 0.11, 0.3, tone_scale(grass_tone, 0.80 + 0.08 * i));
    for (int i = 0; i < 12; i++) {
        double z = 95 - i * 7, x = dice_between(&e->d, -1, 1) * (8 + z * 0.6),
               tall = dice_between(&e->d, 2, 5);
        if (fabs(x) < 3)
            continue;
        brush_column(e->b, (struct vec){x, 0, z}, 0.15, tall * 0.6, 0.7,
                     (struct tone){0.30, 0.26, 0.22});
        leaves(e, (struct vec){x, tall * 0.75, z}, tall * 0.42, (struct tone){0.27, 0.34, 0.22});
    }
    for (int i = 9; i >= 0; i--) { /* a fence that leads in */
        double z = 3 + i * 2.4, x = -2.8 - i * 0.5;
        brush_column(e->b, (struct vec){x, 0, z}, 0.05, 1.1, 0.9, (struct tone){0.34, 0.29, 0.24});
    }
    grass(e, -1, 26, 260, tone_scale(grass_tone, 0.85));
}
