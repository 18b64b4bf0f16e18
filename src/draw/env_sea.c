/* The sea from a beach, from a pier among moored boats, or from aboard. Needs a sky. */
/* SPDX-License-Identifier: ISC */
#include "draw/environment.h"
#include "draw/shape.h"

#define LOW_WATER -1.2 /* below a pier or a deck, metres */

static const struct tone wood = {0.42, 0.36, 0.31}, paint = {0.60, 0.58, 0.53},
                         iron = {0.24, 0.24, 0.26};

/* ---- water ---- */

/* 0..1: how much a wave at (x, z) throws the light to the eye. */
static double glint_at(const struct env *e, double x, double z)
{
    const struct scene_light *l = e->b->light;
    double off = atan2(x - e->b->view->eye.x, z - e->b->view->eye.z) - atan2(l->to.x, l->to.z);
    return l->to.z > 0 ? exp(-8 * off * off) : 0.1;
}

static void water(struct env *e, double shore, double level)
{
    const struct scene_light *l = e->b->light;
    struct tone sky =
        tone_times(tone_mix(l->sky_low, l->sky_top, 0.55), (struct tone){0.40, 0.50, 0.54});
    struct tone deep = tone_add(sky, tone_times((struct tone){0.10, 0.16, 0.19}, l->ambient));
    struct brush thin = *e->b;
    thin.line_seen = 0;
    brush_panel(
        &thin,
        (struct vec[]){
            {-2500, level, shore}, {2500, level, shore}, {2500, level, 2500}, {-2500, level, 2500}},
        deep);
    for (int i = 0; i < 190; i++) {
        double u = 1 - i / 190.0, z = fmax(shore, -4) + 1 + 260 * u * u * u,
               x = dice_between(&e->d, -1, 1) * (4 + z * 0.9);
        double wide = (0.25 + z * 0.02) * dice_between(&e->d, 0.5, 2.2), glint = glint_at(e, x, z),
               y = level + 0.01;
        bool bright = dice_unit(&e->d) < 0.25 + 0.6 * glint;
        struct tone t = bright ? tone_add(deep, tone_scale(l->key, 0.15 + 0.8 * glint))
                               : tone_scale(deep, 0.80);
        brush_panel(
            &thin,
            (struct vec[]){
                {x - wide, y, z}, {x, y, z + 0.10 + z * 0.006}, {x + wide, y, z}, {x, y, z - 0.05}},
            t);
    }
}

/* What lies far out: a coast, a lighthouse on it, a ship. */
static void horizon(struct env *e)
{
    double coast = dice_unit(&e->d) < 0.5 ? -1 : 1, ship = dice_between(&e->d, -50, 50);
    ground_ridge(e, 900, 60, 0.7, (struct tone){0.32, 0.35, 0.35});
    struct vec tower = {coast * dice_between(&e->d, 40, 70), 0, 260};
    brush_box(e->b, (struct vec){tower.x - 30, LOW_WATER, 258}, (struct vec){tower.x + 30, 3, 262},
              0, iron);
    brush_column(e->b, tower, 3.2, 24, 0.7, (struct tone){0.75, 0.73, 0.70});
    brush_column(e->b, (struct vec){tower.x, 24, tower.z}, 2.6, 3.5, 0.4,
                 (struct tone){0.45, 0.20, 0.17});
    if (e->night || e->s->hour == HOUR_GOLDEN)
        brush_glow(e->b, (struct vec){tower.x, 25, tower.z}, 16, (struct tone){1, 0.9, 0.7}, 0.8);
    brush_box(e->b, (struct vec){ship - 16, LOW_WATER, 190}, (struct vec){ship + 16, 4, 194}, 0,
              iron);
    brush_box(e->b, (struct vec){ship + 6, 4, 190}, (struct vec){ship + 12, 10, 194}, 0,
              (struct tone){0.35, 0.35, 0.35});
}

/* ---- pier and boats ---- */

/* A small boat along x: a hull of upright ellipses, a cabin, a mast. */
static void boat(struct env *e, struct vec at, double len)
{
    static const double along[] = {-0.5, -0.36, 0, 0.34, 0.5}, full[] = {0.45, 0.85, 1, 0.8, 0.12};
    struct tone hull = tone_scale(dice_unit(&e->d) < 0.5 ? paint : (struct tone){0.27, 0.36, 0.42},
                                  dice_between(&e->d, 0.8, 1.1));
    double tall = len * 0.13, sign = dice_unit(&e->d) < 0.5 ? -1 : 1;
    struct section chain[5];
    for (int i = 0; i < 5; i++) {
        struct vec mid = {at.x + sign * along[i] * len,
                          at.y + tall * (0.75 + 0.35 * fabs(along[i])), at.z};
        chain[i] = section_ring(mid, (struct vec){0, tall * (0.7 + 0.3 * full[i]), 0},
                                (struct vec){0, 0, len * 0.16 * full[i]});
    }
    double deck = at.y + tall * 1.5, cabin = at.x - sign * len * 0.12;
    brush_bar(e->b, (struct vec){at.x + sign * len * 0.1, deck, at.z},
              (struct vec){at.x + sign * len * 0.1, deck + len * 0.75, at.z}, 0.045, wood);
    brush_box(e->b, (struct vec){cabin - len * 0.12, deck - 0.2, at.z - len * 0.08},
              (struct vec){cabin + len * 0.12, deck + len * 0.17, at.z + len * 0.08}, 0, paint);
    struct vec window = {cabin - len * 0.09, deck, at.z - len * 0.081};
    env_windows(e, window, (struct vec){len * 0.18, 0, 0}, len * 0.15, 2, 1,
                e->night || e->s->light.practical ? 0.7 : 0.1);
    struct shape s = shape_of(e->b->view, chain, 5);
    shape_paint(e->b, &s, hull, 0.7);
    brush_pool(e->b, (struct vec){at.x, LOW_WATER + 0.012, at.z - len * 0.2}, len * 0.6, len * 0.16,
               e->b->light->ink, 0.55, false);
}

static void pier_lamp(struct env *e, struct vec at)
{
    struct vec head = {at.x, 2.9, at.z};
    brush_column(e->b, at, 0.05, 2.9, 0.8, iron);
    if (!e->night && !e->s->light.practical && e->s->hour != HOUR_GOLDEN)
        return;
    brush_glow(e->b, head, 0.28, (struct tone){1, 0.9, 0.7}, 1);
    brush_glow(e->b, head, 1.9, (struct tone){1, 0.74, 0.42}, 0.4);
    brush_pool(e->b, (struct vec){at.x, 0.03, at.z}, 1.5, 1.5,
               tone_times((struct tone){1, 0.74, 0.42}, wood), 0.6, true);
}

static void pier(struct env *e)
{
    double half = 1.9, front = fmin(-5, e->b->view->eye.z - 1);
    struct tone shadow = tone_scale(light_on(e->b->light, wood, (struct vec){0, 0, -1}), 0.6);
    for (double z = 16; z > front; z -= 0.36) {
        struct tone t = light_on(e->b->light, tone_scale(wood, dice_between(&e->d, 0.85, 1.1)),
                                 (struct vec){0, 1, 0});
        brush_panel(
            e->b,
            (struct vec[]){
                {-half, 0.02, z}, {half, 0.02, z}, {half, 0.02, z + 0.33}, {-half, 0.02, z + 0.33}},
            t);
    }
    for (int s = -1; s <= 1; s += 2)
        if (e->b->view->eye.x * s > half)
            brush_panel(e->b,
                        (struct vec[]){{s * half, -0.3, front},
                                       {s * half, -0.3, 16},
                                       {s * half, 0.02, 16},
                                       {s * half, 0.02, front}},
                        shadow);
    for (int i = 6; i >= -1; i--)
        for (int s = -1; s <= 1; s += 2) {
            struct vec at = {s * half, LOW_WATER, i * 2.7};
            brush_column(e->b, at, 0.11, 1.9, 1, tone_scale(wood, 0.7));
            if (i > 0 && i % 2 == (s > 0))
                pier_lamp(e, (struct vec){s * (half - 0.3), 0.02, i * 2.7 + 0.8});
        }
}

/* ---- aboard ---- */

static void gunwale(const struct env *e, double s)
{
    struct vec low[] = {{s * 1.7, 0, -7}, {s * 1.7, 0, 1}, {s * 0.1, 0.1, 5.4}};
    struct vec high[] = {{s * 1.8, 0.75, -7}, {s * 1.8, 0.75, 1}, {s * 0.1, 1.1, 5.8}};
    for (int i = 1; i >= 0; i--) {
        brush_face(e->b, (struct vec[]){low[i], low[i + 1], high[i + 1], high[i]},
                   vec_unit((struct vec){-s, 0.1, -0.4 * i}), tone_scale(paint, 0.8));
        brush_bar(e->b, high[i], high[i + 1], 0.06, wood);
    }
}

static void deck(struct env *e)
{
    struct vec up = {0, 1, 0};
    brush_face(e->b, (struct vec[]){{-1.7, 0, 1}, {1.7, 0, 1}, {0.1, 0.1, 5.4}, {-0.1, 0.1, 5.4}},
               up, wood);
    brush_face(e->b, (struct vec[]){{-1.7, 0, -7}, {1.7, 0, -7}, {1.7, 0, 1}, {-1.7, 0, 1}}, up,
               wood);
    struct tone gap = tone_scale(light_on(e->b->light, wood, up), 0.6);
    for (int i = -7; i <= 7; i++) {
        double x = i * 0.22;
        brush_panel(
            e->b,
            (struct vec[]){
                {x, 0.003, -7}, {x + 0.015, 0.003, -7}, {x + 0.015, 0.003, 1}, {x, 0.003, 1}},
            gap);
    }
    gunwale(e, -1);
    gunwale(e, 1);
    if (!e->s->light.practical)
        return;
    struct vec lamp = {0.35, 1.35, 4.2};
    brush_bar(e->b, (struct vec){0.35, 0.05, 4.2}, lamp, 0.03, iron);
    brush_glow(e->b, lamp, 0.3, (struct tone){1, 0.88, 0.66}, 1);
    brush_glow(e->b, lamp, 2.2, (struct tone){1, 0.70, 0.38}, 0.45);
}

/* A bell buoy: float, lattice, bell, lamp. */
static void buoy(const struct env *e, struct vec at)
{
    struct tone rust = {0.46, 0.24, 0.17};
    double deck_y = at.y + 0.9, top = at.y + 6.2;
    brush_pool(e->b, (struct vec){at.x, at.y + 0.015, at.z - 0.6}, 2.4, 1.0, e->b->light->ink, 0.6,
               false);
    for (int i = 0; i < 4; i++) {
        double x = i % 2 ? 1 : -1, z = i / 2 ? -1 : 1;
        brush_bar(e->b, (struct vec){at.x + x, deck_y, at.z + z},
                  (struct vec){at.x + x * 0.25, top, at.z + z * 0.25}, 0.07, rust);
    }
    for (int i = 1; i < 4; i++) {
        double y = deck_y + 1.35 * i, half = 1 - 0.19 * i;
        brush_bar(e->b, (struct vec){at.x - half, y, at.z - half},
                  (struct vec){at.x + half, y, at.z - half}, 0.05, rust);
    }
    brush_column(e->b, (struct vec){at.x, deck_y + 1.5, at.z}, 0.55, 0.8, 0.45, iron);
    brush_column(e->b, at, 1.7, 0.9, 0.95, rust);
    brush_glow(e->b, (struct vec){at.x, top + 0.3, at.z}, 0.5, (struct tone){1, 0.35, 0.22}, 1);
    brush_glow(e->b, (struct vec){at.x, top + 0.3, at.z}, 3, (struct tone){0.9, 0.22, 0.14}, 0.4);
}

void env_sea(struct env *e)
{
    bool beach = e->s->shore == SHORE_BEACH;
    double shore = beach ? dice_between(&e->d, 3, 6) : -400, level = beach ? 0 : LOW_WATER;
    if (beach)
        ground_plane(e, (struct tone){0.60, 0.53, 0.43});
    water(e, shore, level);
    horizon(e);
    for (int i = 0; i < 5 && e->s->shore == SHORE_PIER; i++) {
        double side = i % 2 ? 1 : -1, z = 30 - i * 5.2, len = dice_between(&e->d, 5, 9);
        boat(e, (struct vec){side * (dice_between(&e->d, 3.4, 6.5) + len / 2), level, z}, len);
    }
    if (e->s->buoy)
        buoy(e, (struct vec){2.3, level, 8});
    if (e->s->shore == SHORE_PIER)
        pier(e);
    else if (e->s->shore == SHORE_ABOARD)
        deck(e);
    for (int i = 0; i < 3 && beach; i++) { /* foam */
        struct vec at = {dice_between(&e->d, -3, 3), 0.012, shore + 0.2 + i * 0.5};
        brush_pool(e->b, at, 6, 0.16, tone_add(e->b->light->sky_low, e->b->light->key), 0.5, false);
    }
}
