/* Industry: a tall hall or shaft with columns, beams, pipes, a gantry and lamps that lose
 * themselves in the air. Needs no sky. */
/* SPDX-License-Identifier: ISC */
#include "draw/environment.h"

#define BAYS 8

static const struct tone steel = {0.34, 0.36, 0.37}, rust = {0.44, 0.34, 0.28},
                         concrete = {0.46, 0.46, 0.44};

static void works_lamp(struct env *e, struct vec at)
{
    brush_bar(e->b, (struct vec){at.x, at.y + 3, at.z}, at, 0.02, steel);
    brush_glow(e->b, at, 0.5, tone_mix(e->lamp, (struct tone){1, 1, 1}, 0.3), 1);
    brush_glow(e->b, at, 3.2, e->lamp, 0.38);
    brush_pool(e->b, (struct vec){at.x, 0.01, at.z}, 2.4, 2.4, tone_times(e->lamp, concrete), 0.36,
               true);
}

static void works_bay(struct env *e, double x, double z, double tall, int i)
{
    for (int s = -1; s <= 1; s += 2) {
        struct vec low = {s * x - 0.25, 0, z}, high = {s * x + 0.25, tall, z + 0.5};
        brush_box(e->b, low, high, 0, i % 2 ? steel : rust);
        for (int k = 1; k <= 3; k++) {
            double y = tall * k / 4;
            brush_bar(e->b, (struct vec){s * x, y, z}, (struct vec){s * (x + 3), y + 1.4, z + 0.2},
                      0.07, steel);
        }
    }
    for (int k = 0; k < 2; k++) {
        double y = tall * (0.42 + 0.33 * k);
        brush_box(e->b, (struct vec){-x, y, z + 0.1}, (struct vec){x, y + 0.35, z + 0.4}, 0, steel);
        if (dice_unit(&e->d) < 0.6) { /* a hanging chain */
            double cx = dice_between(&e->d, -x * 0.7, x * 0.7);
            brush_bar(e->b, (struct vec){cx, y, z + 0.2},
                      (struct vec){cx, y - dice_between(&e->d, 0.8, 2.6), z + 0.2}, 0.025, steel);
        }
    }
    if (i % 2 == 0)
        works_lamp(e, (struct vec){dice_between(&e->d, -x * 0.5, x * 0.5), tall * 0.40, z + 1.2});
}

static void works_railing(struct env *e, double z, double half)
{
    for (int i = 0; i <= 10; i++) {
        double x = -half + 2 * half * i / 10;
        brush_bar(e->b, (struct vec){x, 0, z}, (struct vec){x, 1.05, z}, 0.022, rust);
    }
    for (int k = 0; k < 2; k++)
        brush_bar(e->b, (struct vec){-half, 0.55 + 0.5 * k, z},
                  (struct vec){half, 0.55 + 0.5 * k, z}, 0.028, rust);
}

/* The far end: a great round opening with light in it. */
static void works_end(struct env *e, double x, double z, double tall)
{
    brush_face(e->b,
               (struct vec[]){{-x - 4, 0, z}, {x + 4, 0, z}, {x + 4, tall, z}, {-x - 4, tall, z}},
               (struct vec){0, 0, -1}, concrete);
    struct point p = view_point(e->b->view, (struct vec){0, tall * 0.36, z});
    double r = x * 0.62 * view_scale(e->b->view, view_depth(e->b->view, (struct vec){0, 0, z}));
    struct tone t = tone_mix(e->b->light->haze, e->lamp, 0.5);
    cairo_arc(e->b->cr, p.x, p.y, r, 0, 2 * M_PI);
    brush_tone(e->b, t, 1);
    cairo_fill_preserve(e->b->cr);
    brush_tone(e->b, e->b->light->ink, 0.5);
    cairo_set_line_width(e->b->cr, r * 0.10);
    cairo_stroke(e->b->cr);
    for (int i = 0; i < 8; i++) {
        double a = i * M_PI / 4 + 0.2;
        cairo_move_to(e->b->cr, p.x + r * 0.16 * cos(a), p.y + r * 0.16 * sin(a));
        cairo_line_to(e->b->cr, p.x + r * cos(a), p.y + r * sin(a));
        brush_tone(e->b, e->b->light->ink, 0.35);
        cairo_set_line_width(e->b->cr, r * 0.05);
        cairo_stroke(e->b->cr);
    }
    brush_glow(e->b, (struct vec){0, tall * 0.36, z}, x * 1.6, e->lamp, 0.55);
}

void env_works(struct env *e)
{
    double x = dice_between(&e->d, 4.2, 6.0), tall = dice_between(&e->d, 11, 17),
           step = dice_between(&e->d, 4.5, 6), end = BAYS * step;
    ground_plane(e, tone_scale(concrete, 0.8));
    works_end(e, x, end, tall);
    for (int s = -1; s <= 1; s += 2) /* side walls in the dark behind the columns */
        if ((e->b->view->eye.x - s * (x + 3)) * -s > 0)
            brush_face(e->b,
                       (struct vec[]){{s * (x + 3), 0, -20},
                                      {s * (x + 3), 0, end},
                                      {s * (x + 3), tall, end},
                                      {s * (x + 3), tall, -20}},
                       (struct vec){-s, 0, 0}, tone_scale(concrete, 0.55));
    for (int s = -1; s <= 1; s += 2)
        for (int k = 0; k < 3; k++)
            brush_bar(e->b, (struct vec){s * (x + 1.6 - 0.5 * k), 1.6 + 2.2 * k, end},
                      (struct vec){s * (x + 1.6 - 0.5 * k), 1.6 + 2.2 * k, -2}, 0.16 + 0.05 * k,
                      k % 2 ? rust : steel);
    double tank = dice_unit(&e->d) < 0.5 ? -1 : 1;
    for (int i = BAYS - 1; i >= -2; i--) {
        works_bay(e, x, i * step + 2, tall, i);
        if (i == 2)
            brush_column(e->b, (struct vec){tank * (x - 1.6), 0, i * step + 4}, 1.0, 3.6, 1, rust);
        if (i == 1)
            brush_box(e->b, (struct vec){-tank * (x - 1.2) - 0.9, 0, i * step + 3},
                      (struct vec){-tank * (x - 1.2) + 0.9, 1.5, i * step + 4.4}, 0.3, steel);
    }
    works_railing(e, dice_between(&e->d, 2.2, 3.2), x * 0.9);
}
