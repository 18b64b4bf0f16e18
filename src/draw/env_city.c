/* Streets, skylines and rooftops: blocks with windows, lamps, kerbs and what stands about. */
/* SPDX-License-Identifier: ISC */
#include "draw/environment.h"

static struct tone facade(struct env *e)
{
    static const struct tone list[] = {{0.50, 0.47, 0.44},
                                       {0.42, 0.44, 0.47},
                                       {0.55, 0.46, 0.39},
                                       {0.38, 0.39, 0.38},
                                       {0.50, 0.51, 0.49}};
    return tone_scale(list[dice_pick(&e->d, 5)], dice_between(&e->d, 0.85, 1.1));
}

/* ---- street ---- */

static void street_shop(struct env *e, double x, double z0, double z1, int side)
{
    if ((e->b->view->eye.x - x) * -side <= 0)
        return;
    double in = x - side * 0.02;
    bool on = e->night ? dice_unit(&e->d) < 0.6 : dice_unit(&e->d) < 0.2;
    struct tone glass = on ? tone_scale(tone_mix(e->lamp, (struct tone){1, 0.85, 0.6}, 0.4), 0.75)
                           : tone_scale(e->b->light->ambient, 0.35);
    brush_panel(
        e->b,
        (struct vec[]){
            {in, 0.4, z0 + 0.6}, {in, 0.4, z1 - 0.6}, {in, 2.6, z1 - 0.6}, {in, 2.6, z0 + 0.6}},
        glass);
    struct tone sign = e->s->light.key == KEY_NEON
                           ? (dice_unit(&e->d) < 0.5 ? (struct tone){0.95, 0.25, 0.55}
                                                     : (struct tone){0.2, 0.85, 0.95})
                           : tone_scale(facade(e), 0.7);
    brush_panel(
        e->b,
        (struct vec[]){
            {in, 2.8, z0 + 0.4}, {in, 2.8, z1 - 0.4}, {in, 3.4, z1 - 0.4}, {in, 3.4, z0 + 0.4}},
        sign);
    struct vec mid = {in, 3.0, (z0 + z1) / 2};
    if (e->s->light.key == KEY_NEON) {
        brush_glow(e->b, mid, 2.8, sign, 0.55);
        brush_pool(e->b, (struct vec){in - side * 1.6, 0.01, mid.z}, 2.2, 3, sign, 0.22, true);
    } else if (on) {
        brush_glow(e->b, (struct vec){in, 1.5, mid.z}, 2.2, e->lamp, 0.3);
    }
}

static void street_lamp(struct env *e, double x, double z, int side)
{
    struct vec top = {x, 5.4, z}, head = {x - side * 1.1, 5.5, z};
    brush_column(e->b, (struct vec){x, 0, z}, 0.07, 5.4, 0.6, (struct tone){0.2, 0.2, 0.21});
    brush_bar(e->b, top, head, 0.04, (struct tone){0.2, 0.2, 0.21});
    if (!e->night)
        return;
    brush_glow(e->b, head, 0.45, tone_mix(e->lamp, (struct tone){1, 1, 1}, 0.4), 1);
    brush_glow(e->b, head, 3.4, e->lamp, 0.42);
    brush_pool(e->b, (struct vec){head.x, 0.01, z}, 3.2, 3.2,
               tone_times(e->lamp, (struct tone){0.5, 0.5, 0.5}), 0.55, true);
}

static void street_car(struct env *e, double x, double z)
{
    struct tone paint = tone_scale(facade(e), 0.7);
    brush_pool(e->b, (struct vec){x, 0.01, z + 2}, 1.4, 2.6, e->b->light->ink, 0.7, false);
    brush_box(e->b, (struct vec){x - 0.88, 0.28, z}, (struct vec){x + 0.88, 0.82, z + 4.1}, 0,
              paint);
    brush_box(e->b, (struct vec){x - 0.76, 0.82, z + 1.0}, (struct vec){x + 0.76, 1.38, z + 3.2}, 0,
              tone_scale(paint, 0.55));
    for (int s = -1; s <= 1; s += 2)
        brush_glow(e->b, (struct vec){x + s * 0.65, 0.65, z}, e->night ? 0.35 : 0.1,
                   (struct tone){0.9, 0.25, 0.15}, 0.6);
}

void env_street(struct env *e)
{
    double road = dice_between(&e->d, 3.0, 4.4), walk = road + dice_between(&e->d, 1.8, 2.6);
    ground_plane(e, (struct tone){0.32, 0.32, 0.33});
    for (int i = 0; i < 9; i++) {
        double x = dice_between(&e->d, -60, 60), z = dice_between(&e->d, 130, 190),
               tall = dice_between(&e->d, 25, 70);
        env_building(e, (struct vec){x, 0, z},
                     (struct vec){x + dice_between(&e->d, 10, 22), tall, z + 15}, facade(e));
    }
    double z = 120;
    for (int i = 0; i < 14 && z > -22; i++) {
        double deep = dice_between(&e->d, 8, 13);
        z -= deep;
        for (int s = -1; s <= 1; s += 2) {
            double tall = dice_between(&e->d, 8, 24), back = dice_between(&e->d, 0, 0.5),
                   near = s * (walk + back), far = s * (walk + 12);
            env_building(e, (struct vec){fmin(near, far), 0, z},
                         (struct vec){fmax(near, far), tall, z + deep - 0.15}, facade(e));
            street_shop(e, near, z, z + deep, s);
            struct vec kerb_low = {s > 0 ? road : -walk, 0, z},
                       kerb_high = {s > 0 ? walk : -road, 0.13, z + deep};
            brush_box(e->b, kerb_low, kerb_high, 0, (struct tone){0.45, 0.45, 0.44});
            if (i % 2 == (s > 0))
                street_lamp(e, s * (road + 0.4), z + deep / 2, s);
            if (dice_unit(&e->d) < 0.4 && z > 4)
                street_car(e, s * (road - 1.1), z + 1);
        }
    }
    for (int i = 14; i >= 0; i--)
        brush_panel(e->b,
                    (struct vec[]){{-0.07, 0.003, i * 5.0 - 6},
                                   {0.07, 0.003, i * 5.0 - 6},
                                   {0.07, 0.003, i * 5.0 - 3.6},
                                   {-0.07, 0.003, i * 5.0 - 3.6}},
                    light_on(e->b->light, (struct tone){0.55, 0.54, 0.50}, (struct vec){0, 1, 0}));
}

/* ---- skyline ---- */

static void skyline(struct env *e, double from, double to, int n, double ground, double tall)
{
    for (int i = 0; i < n; i++) {
        double z = to + (from - to) * i / n, half = fmax(30, z * 0.7),
               x = dice_between(&e->d, -half, half), wide = dice_between(&e->d, 7, 22);
        double up = ground + tall * dice_between(&e->d, 0.25, 1) * (0.6 + 0.4 * dice_unit(&e->d));
        env_building(e, (struct vec){x - wide / 2, ground, z},
                     (struct vec){x + wide / 2, up, z + wide * 0.8}, facade(e));
        if (dice_unit(&e->d) < 0.25)
            brush_bar(e->b, (struct vec){x, up, z}, (struct vec){x, up + tall * 0.12, z}, 0.2,
                      (struct tone){0.2, 0.2, 0.2});
    }
}

void env_city(struct env *e)
{
    ground_plane(e, (struct tone){0.40, 0.40, 0.39});
    skyline(e, 26, 420, 40, 0, 75);
    for (int s = -1; s <= 1; s += 2)
        for (int i = 3; i >= 0; i--) {
            street_lamp(e, s * 4.6, 4.0 + i * 7, s);
            brush_box(e->b, (struct vec){s * 5.6 - 0.9, 0, 5.5 + i * 7},
                      (struct vec){s * 5.6 + 0.9, 0.45, 6.1 + i * 7}, 0,
                      (struct tone){0.42, 0.38, 0.34});
        }
    for (int i = 10; i >= 0; i--)
        brush_panel(e->b,
                    (struct vec[]){{-30, 0.002, i * 3.0},
                                   {30, 0.002, i * 3.0},
                                   {30, 0.002, i * 3.0 + 0.04},
                                   {-30, 0.002, i * 3.0 + 0.04}},
                    light_on(e->b->light, (struct tone){0.28, 0.28, 0.28}, (struct vec){0, 1, 0}));
}

/* ---- rooftop ---- */

static void water_tower(struct env *e, struct vec at)
{
    struct tone wood = {0.36, 0.29, 0.24};
    for (int i = 0; i < 4; i++)
        brush_bar(e->b, (struct vec){at.x + (i % 2 ? 0.8 : -0.8), 0, at.z + (i / 2 ? 0.8 : -0.8)},
                  (struct vec){at.x + (i % 2 ? 0.6 : -0.6), 2.6, at.z + (i / 2 ? 0.6 : -0.6)}, 0.06,
                  wood);
    brush_column(e->b, (struct vec){at.x, 2.6, at.z}, 1.15, 2.2, 0.96, wood);
    brush_column(e->b, (struct vec){at.x, 4.8, at.z}, 1.2, 0.9, 0.05, tone_scale(wood, 0.8));
}

void env_rooftop(struct env *e)
{
    double half = dice_between(&e->d, 5.5, 8), back = dice_between(&e->d, 4.5, 7);
    struct tone roof = {0.40, 0.39, 0.38};
    skyline(e, 30, 380, 38, -45, 75);
    double front = fmin(-6, e->b->view->eye.z - 2);
    brush_face(
        e->b,
        (struct vec[]){{-half, 0, front}, {half, 0, front}, {half, 0, back}, {-half, 0, back}},
        (struct vec){0, 1, 0}, roof);
    brush_box(e->b, (struct vec){-half, 0, back - 0.3}, (struct vec){half, 0.85, back}, 0,
              tone_scale(roof, 1.1));
    water_tower(e, (struct vec){dice_unit(&e->d) < 0.5 ? -half + 2 : half - 2, 0, back - 1.8});
    for (int i = 0; i < 3; i++) {
        double x = dice_between(&e->d, -half + 1, half - 1),
               z = back - dice_between(&e->d, 0.9, 2.0);
        if (fabs(x) < 1.1)
            x += x < 0 ? -1.2 : 1.2;
        brush_box(e->b, (struct vec){x - 0.6, 0, z},
                  (struct vec){x + 0.6, dice_between(&e->d, 0.7, 1.4), z + 0.8}, 0,
                  (struct tone){0.5, 0.5, 0.49});
    }
    double mast = dice_between(&e->d, -half * 0.6, half * 0.6);
    brush_bar(e->b, (struct vec){mast, 0, back - 0.6}, (struct vec){mast, 5.5, back - 0.6}, 0.035,
              (struct tone){0.2, 0.2, 0.2});
    for (int i = 0; i < 3; i++)
        brush_bar(e->b, (struct vec){mast - 0.7 + 0.15 * i, 4.2 + 0.5 * i, back - 0.6},
                  (struct vec){mast + 0.7 - 0.15 * i, 4.2 + 0.5 * i, back - 0.6}, 0.02,
                  (struct tone){0.2, 0.2, 0.2});
    for (int s = -1; s <= 1; s += 2)
        if ((e->b->view->eye.x - s * half) * -s > 0)
            brush_box(e->b, (struct vec){s > 0 ? half - 0.3 : -half, 0, front},
                      (struct vec){s > 0 ? half : -half + 0.3, 0.85, back}, 0, roof);
    if (e->night)
        brush_glow(e->b, (struct vec){mast, 5.5, back - 0.6}, 0.5, (struct tone){1, 0.2, 0.15},
                   0.8);
}
