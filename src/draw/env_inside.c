/* Corridors and rooms: walls in perspective with the things that tell their size. Needs no sky. */
/* SPDX-License-Identifier: ISC */
#include "draw/environment.h"

static void wall_x(const struct env *e, double x, double y0, double y1, double z0, double z1,
                   struct tone albedo)
{
    double inward = x < 0 ? 1 : -1;
    if ((e->b->view->eye.x - x) * inward <= 0)
        return; /* seen from outside: left open, as on a stage */
    brush_face(e->b, (struct vec[]){{x, y0, z0}, {x, y0, z1}, {x, y1, z1}, {x, y1, z0}},
               (struct vec){inward, 0, 0}, albedo);
}

static void floor_at(const struct env *e, double y, double x0, double x1, double z0, double z1,
                     struct tone albedo)
{
    double up = e->b->view->eye.y > y ? 1 : -1;
    brush_face(e->b, (struct vec[]){{x0, y, z0}, {x1, y, z0}, {x1, y, z1}, {x0, y, z1}},
               (struct vec){0, up, 0}, albedo);
}

/* ---- corridor ---- */

struct corridor {
    double half, tall, step;
    struct tone wall, floor, ceiling, rib;
    bool round_lamps, ribs, pipes;
};

static struct corridor corridor_of(struct env *e)
{
    struct corridor c = {.half = dice_between(&e->d, 1.35, 1.9),
                         .tall = dice_between(&e->d, 2.6, 3.3),
                         .step = dice_between(&e->d, 2.6, 3.6)};
    static const struct tone walls[] = {
        {0.52, 0.54, 0.53}, {0.58, 0.53, 0.46}, {0.42, 0.49, 0.51}, {0.50, 0.46, 0.47}};
    c.wall = walls[dice_pick(&e->d, 4)];
    c.floor = tone_scale(c.wall, 0.62), c.ceiling = tone_scale(c.wall, 0.72),
    c.rib = tone_scale(c.wall, 0.78);
    c.round_lamps = dice_unit(&e->d) < 0.4, c.ribs = dice_unit(&e->d) < 0.75,
    c.pipes = dice_unit(&e->d) < 0.6;
    return c;
}

static void corridor_door(struct env *e, const struct corridor *c, double z, bool left)
{
    double x = left ? -c->half + 0.01 : c->half - 0.01, inward = left ? 1 : -1;
    if ((e->b->view->eye.x - x) * inward <= 0)
        return;
    struct vec p[] = {{x, 0, z}, {x, 0, z + 1.1}, {x, 2.1, z + 1.1}, {x, 2.1, z}};
    brush_face(e->b, p, (struct vec){inward, 0, 0}, tone_scale(c->wall, 0.55));
    double in = x + inward * 0.01;
    struct vec q[] = {
        {in, 1.35, z + 0.3}, {in, 1.35, z + 0.8}, {in, 1.8, z + 0.8}, {in, 1.8, z + 0.3}};
    brush_panel(e->b, q,
                dice_unit(&e->d) < 0.3 ? tone_scale(e->lamp, 0.8)
                                       : tone_scale(e->b->light->ambient, 0.35));
}

static void corridor_lamp(struct env *e, const struct corridor *c, double z)
{
    double y = c->tall - 0.02;
    struct vec at = {0, y - 0.05, z};
    if (!c->round_lamps)
        brush_panel(
            e->b,
            (struct vec[]){
                {-0.16, y, z - 0.6}, {0.16, y, z - 0.6}, {0.16, y, z + 0.6}, {-0.16, y, z + 0.6}},
            tone_mix(e->lamp, (struct tone){1, 1, 1}, 0.35));
    brush_glow(e->b, at, 0.30, e->lamp, 0.9);
    brush_glow(e->b, at, 1.8 + 1.2 * e->s->light.fog, e->lamp, 0.42);
    brush_pool(e->b, (struct vec){0, 0.005, z}, c->half * 0.85, 1.3, tone_times(e->lamp, c->floor),
               0.34, true);
}

static void corridor_step(struct env *e, const struct corridor *c, double z, int i)
{
    double z1 = z + c->step;
    floor_at(e, 0, -c->half, c->half, z, z1, c->floor);
    if (e->b->view->eye.y < c->tall)
        floor_at(e, c->tall, -c->half, c->half, z, z1, c->ceiling);
    wall_x(e, -c->half, 0, c->tall, z, z1, c->wall);
    wall_x(e, c->half, 0, c->tall, z, z1, c->wall);
    struct tone dado = tone_scale(c->wall, 0.74);
    wall_x(e, -c->half + 0.004, 0, 0.95, z, z1, dado);
    wall_x(e, c->half - 0.004, 0, 0.95, z, z1, dado);
    if (dice_unit(&e->d) < 0.55)
        corridor_door(e, c, z + 0.7, dice_unit(&e->d) < 0.5);
    if (i % 2 == 0 && e->b->view->eye.y < c->tall)
        corridor_lamp(e, c, z + c->step / 2);
    if (!c->ribs)
        return;
    for (int s = -1; s <= 1; s += 2)
        if (fabs(e->b->view->eye.x) < c->half)
            brush_box(e->b, (struct vec){s > 0 ? c->half - 0.16 : -c->half, 0, z},
                      (struct vec){s > 0 ? c->half : -c->half + 0.16, c->tall, z + 0.22}, 0,
                      c->rib);
    if (e->b->view->eye.y < c->tall - 0.2)
        brush_box(e->b, (struct vec){-c->half, c->tall - 0.18, z},
                  (struct vec){c->half, c->tall, z + 0.22}, 0, c->rib);
}

static void corridor_end(struct env *e, const struct corridor *c, double z)
{
    struct tone far = tone_mix(e->b->light->haze, e->lamp, 0.35);
    brush_panel(
        e->b,
        (struct vec[]){
            {-c->half, 0, z}, {c->half, 0, z}, {c->half, c->tall, z}, {-c->half, c->tall, z}},
        far);
    brush_glow(e->b, (struct vec){0, c->tall * 0.55, z}, c->half * 2.2, e->lamp,
               e->s->light.back ? 0.8 : 0.4);
}

void env_corridor(struct env *e)
{
    struct corridor c = corridor_of(e);
    double end = 13 * c.step;
    corridor_end(e, &c, end);
    for (int i = 12; i >= -8; i--) {
        double z = i * c.step - 1;
        if (z + c.step > e->b->view->eye.z || i >= 0)
            corridor_step(e, &c, z, i);
    }
    for (int i = 0; i < 3 && c.pipes; i++) {
        double y = c.tall - 0.28 - 0.17 * i, x = -c.half + 0.10 + 0.02 * i;
        if (e->b->view->eye.x > x)
            brush_bar(e->b, (struct vec){x, y, end},
                      (struct vec){x, y, fmin(-1, e->b->view->eye.z + 0.6)}, 0.045,
                      tone_scale(c.rib, 0.7 + 0.2 * i));
    }
}

/* ---- room ---- */

struct room {
    double x, back, tall;
    struct tone wall, floor, wood;
    int window; /* -1 left, 0 back, 1 right */
};

static void room_window(struct env *e, const struct room *r)
{
    const struct scene_light *l = e->b->light;
    struct tone out = e->night ? tone_mix(l->sky_low, tone_scale(l->key, 0.9), 0.35)
                               : tone_add(l->sky_low, tone_scale(l->key, 0.55));
    out = tone_add(tone_scale(out, 0.6), tone_scale(l->key, 0.7));
    double y0 = 0.95, y1 = r->tall - 0.45;
    for (int i = 0; i < 2; i++) {
        double a = -0.1 + i * 1.25, z = r->back - 0.01;
        struct vec p[4] = {{a, y0, z}, {a + 1.1, y0, z}, {a + 1.1, y1, z}, {a, y1, z}};
        for (int k = 0; k < 4 && r->window; k++) /* the same on a side wall */
            p[k] = (struct vec){r->window * (r->x - 0.01), p[k].y, r->back - 3.2 + p[k].x * 1.0};
        if (r->window && (e->b->view->eye.x - p[0].x) * -r->window <= 0)
            return;
        brush_panel(e->b, p, out);
        struct vec mid = vec_scale(vec_add(p[0], p[2]), 0.5);
        brush_bar(e->b, (struct vec){mid.x, y0, mid.z}, (struct vec){mid.x, y1, mid.z}, 0.022,
                  tone_scale(r->wall, 0.8));
        brush_bar(e->b, vec_mix(p[0], p[3], 0.55), vec_mix(p[1], p[2], 0.55), 0.018,
                  tone_scale(r->wall, 0.8));
        brush_glow(e->b, mid, 1.7, e->lamp, 0.30);
    }
    double in = r->window ? r->window * (r->x - 1.7) : 0.9;
    brush_pool(e->b, (struct vec){in, 0.004, r->window ? r->back - 2.3 : r->back - 1.4}, 1.5, 1.0,
               tone_times(l->key, r->floor), 0.75, true);
}

static void room_things(struct env *e, const struct room *r)
{
    double side = r->window > 0 ? -1 : 1;
    struct vec shelf = {side * (r->x - 0.6) - 0.6, 0, r->back - 0.42};
    for (int i = 0; i < 5; i++)
        brush_box(e->b, (struct vec){shelf.x, 0.1 + i * 0.42, shelf.z},
                  (struct vec){shelf.x + 1.2, 0.14 + i * 0.42, shelf.z + 0.36}, 0, r->wood);
    for (int i = 0; i < 22; i++) {
        double x = shelf.x + 0.05 + dice_unit(&e->d) * 1.05, y = 0.14 + 0.42 * dice_pick(&e->d, 4),
               tall = dice_between(&e->d, 0.16, 0.32);
        struct tone t = {dice_between(&e->d, 0.25, 0.6), dice_between(&e->d, 0.25, 0.5),
                         dice_between(&e->d, 0.22, 0.45)};
        brush_box(e->b, (struct vec){x, y, shelf.z + 0.05},
                  (struct vec){x + 0.05, y + tall, shelf.z + 0.3}, 0, t);
    }
    double px = -side * dice_between(&e->d, 0.9, 1.5);
    if (r->window)
        brush_panel(e->b,
                    (struct vec[]){{px - 0.4, 1.35, r->back - 0.02},
                                   {px + 0.4, 1.35, r->back - 0.02},
                                   {px + 0.4, 1.95, r->back - 0.02},
                                   {px - 0.4, 1.95, r->back - 0.02}},
                    tone_scale(light_on(e->b->light, r->wood, (struct vec){0, 0, -1}), 0.9));
    brush_box(e->b, (struct vec){-side * 2.2 - 0.7, 0, r->back - 1.25},
              (struct vec){-side * 2.2 + 0.7, 0.74, r->back - 0.45}, 0, tone_scale(r->wood, 0.85));
    struct vec lamp = {-side * 2.35, 0.74, r->back - 0.85};
    brush_bar(e->b, lamp, (struct vec){lamp.x, 1.12, lamp.z}, 0.015, r->wood);
    lamp.y = 1.22;
    brush_box(e->b, (struct vec){lamp.x - 0.13, 1.10, lamp.z - 0.13},
              (struct vec){lamp.x + 0.13, 1.34, lamp.z + 0.13}, 0,
              e->night || e->s->light.practical ? (struct tone){1.8, 1.6, 1.2}
                                                : (struct tone){0.7, 0.65, 0.55});
    if (e->night || e->s->light.practical) {
        brush_glow(e->b, lamp, 0.55, (struct tone){1, 0.80, 0.5}, 0.8);
        brush_glow(e->b, lamp, 1.9, (struct tone){1, 0.72, 0.42}, 0.35);
    }
}

void env_room(struct env *e)
{
    static const struct tone walls[] = {
        {0.60, 0.58, 0.52}, {0.48, 0.53, 0.52}, {0.62, 0.52, 0.45}, {0.46, 0.47, 0.53}};
    struct room r = {.x = dice_between(&e->d, 2.9, 3.8),
                     .back = dice_between(&e->d, 2.4, 3.6),
                     .tall = dice_between(&e->d, 2.7, 3.2)};
    r.wall = walls[dice_pick(&e->d, 4)], r.wood = (struct tone){0.42, 0.31, 0.23},
    r.floor = (struct tone){0.46, 0.38, 0.31};
    r.window = dice_unit(&e->d) < 0.4 ? 0 : e->s->light.side < 0 ? -1 : 1;
    double front = fmin(-4, e->b->view->eye.z - 1);
    floor_at(e, 0, -r.x, r.x, front, r.back, r.floor);
    for (int i = 0; i < 14; i++) {
        double x = -r.x + 2 * r.x * (i + 0.5) / 14;
        struct brush thin = *e->b;
        thin.line_seen *= 0.7;
        brush_panel(&thin,
                    (struct vec[]){{x, 0.001, front},
                                   {x + 0.012, 0.001, front},
                                   {x + 0.012, 0.001, r.back},
                                   {x, 0.001, r.back}},
                    tone_scale(light_on(e->b->light, r.floor, (struct vec){0, 1, 0}), 0.72));
    }
    if (e->b->view->eye.y < r.tall)
        floor_at(e, r.tall, -r.x, r.x, front, r.back, tone_scale(r.wall, 0.8));
    brush_face(
        e->b,
        (struct vec[]){
            {-r.x, 0, r.back}, {r.x, 0, r.back}, {r.x, r.tall, r.back}, {-r.x, r.tall, r.back}},
        (struct vec){0, 0, -1}, r.wall);
    wall_x(e, -r.x, 0, r.tall, front, r.back, r.wall);
    wall_x(e, r.x, 0, r.tall, front, r.back, r.wall);
    brush_box(e->b, (struct vec){-r.x, 0, r.back - 0.03}, (struct vec){r.x, 0.12, r.back}, 0,
              tone_scale(r.wall, 0.7));
    room_window(e, &r);
    room_things(e, &r);
}
