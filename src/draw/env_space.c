/* Space seen from a deck, and the place of a shot that names none: plain planes of tone. */
/* SPDX-License-Identifier: ISC */
#include "draw/environment.h"

static void stars(struct env *e)
{
    const struct view *v = e->b->view;
    for (int i = 0; i < 420; i++) {
        double x = dice_unit(&e->d) * v->width * 1.2 - v->width * 0.1,
               y = dice_unit(&e->d) * v->height, r = dice_unit(&e->d);
        cairo_arc(e->b->cr, x, y, (0.3 + 1.1 * r * r * r) * v->height / 1200 + 0.15, 0, 2 * M_PI);
        cairo_set_source_rgba(e->b->cr, 0.85 + 0.15 * r, 0.90, 1 - 0.15 * r, 0.15 + 0.75 * r * r);
        cairo_fill(e->b->cr);
    }
}

static void planet(struct env *e)
{
    static const struct tone skins[] = {
        {0.50, 0.42, 0.36}, {0.34, 0.43, 0.50}, {0.46, 0.48, 0.45}, {0.52, 0.36, 0.30}};
    struct tone t = skins[dice_pick(&e->d, 4)];
    const struct brush *b = e->b;
    double side = dice_unit(&e->d) < 0.5 ? -1 : 1, turn = side * dice_between(&e->d, 0.08, 0.42),
           rise = dice_between(&e->d, 0.02, 0.30);
    struct vec f = vec_unit((struct vec){b->view->forward.x, 0, b->view->forward.z});
    struct vec dir = {f.x * cos(turn) + f.z * sin(turn), rise, f.z * cos(turn) - f.x * sin(turn)};
    struct point p = view_point(b->view, vec_add(b->view->eye, vec_scale(dir, 1000)));
    double r = dice_between(&e->d, 0.16, 0.34) * fmin(b->view->focal, 1.4 * b->view->height),
           lx = b->light->to.x > 0 ? 1 : -1;
    cairo_pattern_t *g = cairo_pattern_create_radial(p.x + lx * r * 0.55, p.y - r * 0.45, r * 0.1,
                                                     p.x + lx * r * 0.15, p.y - r * 0.1, r * 1.25);
    struct tone lit = tone_times(t, (struct tone){1.5, 1.45, 1.35}), dark = tone_scale(t, 0.05);
    cairo_pattern_add_color_stop_rgb(g, 0, lit.r, lit.g, lit.b);
    cairo_pattern_add_color_stop_rgb(g, 0.55, t.r * 0.6, t.g * 0.6, t.b * 0.6);
    cairo_pattern_add_color_stop_rgb(g, 1, dark.r, dark.g, dark.b);
    brush_glow(b, vec_add(b->view->eye, vec_scale(vec_unit(dir), 1000)),
               1000 * r / b->view->focal * 1.35, t, 0.35);
    cairo_arc(b->cr, p.x, p.y, r, 0, 2 * M_PI);
    cairo_set_source(b->cr, g);
    cairo_fill(b->cr);
    cairo_pattern_destroy(g);
    cairo_save(b->cr);
    cairo_arc(b->cr, p.x, p.y, r, 0, 2 * M_PI);
    cairo_clip(b->cr);
    for (int i = 0; i < 12; i++) {
        double y = p.y - r + 2 * r * dice_unit(&e->d);
        cairo_rectangle(b->cr, p.x - r, y, 2 * r, r * dice_between(&e->d, 0.02, 0.10));
        brush_tone(b, dice_unit(&e->d) < 0.5 ? lit : dark, 0.10);
        cairo_fill(b->cr);
    }
    cairo_restore(b->cr);
}

void env_space(struct env *e)
{
    struct tone metal = {0.36, 0.38, 0.41};
    cairo_set_source_rgb(e->b->cr, e->b->light->sky_top.r, e->b->light->sky_top.g,
                         e->b->light->sky_top.b);
    cairo_paint(e->b->cr);
    stars(e);
    planet(e);
    double half = dice_between(&e->d, 3.4, 4.6), back = dice_between(&e->d, 4, 6), tall = 4.2,
           front = fmin(-8, e->b->view->eye.z - 2);
    brush_face(
        e->b,
        (struct vec[]){{-half, 0, front}, {half, 0, front}, {half, 0, back}, {-half, 0, back}},
        (struct vec){0, 1, 0}, metal);
    for (int i = 7; i >= -2; i--)
        brush_panel(e->b,
                    (struct vec[]){{-half, 0.002, i * 1.2},
                                   {half, 0.002, i * 1.2},
                                   {half, 0.002, i * 1.2 + 0.03},
                                   {-half, 0.002, i * 1.2 + 0.03}},
                    tone_scale(light_on(e->b->light, metal, (struct vec){0, 1, 0}), 0.5));
    for (int i = 0; i <= 3; i++) { /* the frames of a great window */
        double x = -half + 2 * half * i / 3;
        brush_box(e->b, (struct vec){x - 0.12, 0, back - 0.25}, (struct vec){x + 0.12, tall, back},
                  0, tone_scale(metal, 0.8));
    }
    brush_box(e->b, (struct vec){-half, 0, back - 0.3}, (struct vec){half, 0.5, back}, 0, metal);
    brush_box(e->b, (struct vec){-half, tall, back - 0.3}, (struct vec){half, tall + 0.5, back}, 0,
              metal);
    for (int s = -1; s <= 1; s += 2) {
        brush_box(e->b, (struct vec){s * (half - 0.9) - 0.5, 0, back - 1.5},
                  (struct vec){s * (half - 0.9) + 0.5, 0.95, back - 0.7}, 0,
                  tone_scale(metal, 0.7));
        brush_glow(e->b, (struct vec){s * (half - 0.9), 1.0, back - 1.1}, 0.8,
                   (struct tone){0.3, 0.75, 0.85}, 0.5);
    }
}

void env_abstract(struct env *e)
{
    struct tone grey = {0.50, 0.50, 0.49};
    ground_plane(e, grey);
    for (int i = 0; i < 6; i++) {
        double z = 34 - i * 5, x = dice_between(&e->d, -1, 1) * (3 + z * 0.4),
               wide = dice_between(&e->d, 1.2, 5), tall = dice_between(&e->d, 2.5, 11);
        if (fabs(x) < 1.6 + wide * 0.5)
            x += x < 0 ? -wide : wide;
        brush_box(e->b, (struct vec){x - wide / 2, 0, z},
                  (struct vec){x + wide / 2, tall, z + dice_between(&e->d, 0.4, 2.5)},
                  dice_between(&e->d, -0.3, 0.3), tone_scale(grey, dice_between(&e->d, 0.7, 1.1)));
    }
    brush_pool(e->b, (struct vec){0, 0.01, 1.5}, 4.5, 3.5, tone_times(e->b->light->key, grey), 0.4,
               true);
}
