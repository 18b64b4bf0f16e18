/* A scene and its stage come in, the painted place goes out. Chooses which place, sets up what all
 * places share, and draws what the lens looks through. */
/* SPDX-License-Identifier: ISC */
#include "draw/environment.h"

static struct tone lamp_of(const struct scene_light *l)
{
    double most = fmax(l->key.r, fmax(l->key.g, l->key.b));
    struct tone t = tone_scale(l->key, most > 0 ? 1 / most : 1);
    return tone_mix(t, (struct tone){1, 0.93, 0.80}, 0.25);
}

void environment_paint(const struct brush *b, const struct scene *s, const struct blocking *st)
{
    static void (*const paint[])(struct env *) = {
        [PLACE_ABSTRACT] = env_abstract, [PLACE_CORRIDOR] = env_corridor,
        [PLACE_STREET] = env_street,     [PLACE_CITY] = env_city,
        [PLACE_ROOFTOP] = env_rooftop,   [PLACE_FOREST] = env_forest,
        [PLACE_DESERT] = env_desert,     [PLACE_SEA] = env_sea,
        [PLACE_HILLS] = env_hills,       [PLACE_ROOM] = env_room,
        [PLACE_SHAFT] = env_works,       [PLACE_SPACE] = env_space,
    };
    struct env e = {b, s, st, .d = {s->place_seed}, .lamp = lamp_of(b->light)};
    e.night = s->hour == HOUR_NIGHT || s->hour == HOUR_DUSK || s->light.key == KEY_NEON ||
              s->light.key == KEY_SODIUM;
    ground_sky(&e);
    paint[s->place](&e);
}

void env_windows(struct env *e, struct vec corner, struct vec along, double height, int columns,
                 int rows, double lit)
{
    const struct scene_light *l = e->b->light;
    struct vec mid = vec_add(corner, vec_scale(along, 0.5));
    if (view_scale(e->b->view, view_depth(e->b->view, mid)) * sqrt(vec_dot(along, along)) /
            columns <
        1.6)
        return; /* too small to be windows */
    struct brush plain = *e->b;
    plain.line_seen = 0;
    struct tone glass =
        tone_mix(tone_scale(l->ambient, 0.30), tone_scale(l->sky_low, 0.8), e->night ? 0.08 : 0.32);
    for (int r = 0; r < rows; r++)
        for (int c = 0; c < columns; c++) {
            double x0 = (c + 0.22) / columns, x1 = (c + 0.78) / columns,
                   y0 = height * (r + 0.25) / rows, y1 = height * (r + 0.80) / rows;
            bool on = dice_unit(&e->d) < lit;
            struct vec a = vec_add(corner, vec_scale(along, x0)),
                       z = vec_add(corner, vec_scale(along, x1));
            struct vec p[] = {{a.x, a.y + y0, a.z},
                              {z.x, z.y + y0, z.z},
                              {z.x, z.y + y1, z.z},
                              {a.x, a.y + y1, a.z}};
            struct tone t = on ? tone_scale(tone_mix(e->lamp, (struct tone){1, 0.8, 0.5}, 0.5),
                                            dice_between(&e->d, 0.4, 0.95))
                               : glass;
            brush_panel(&plain, p, t);
        }
}

void env_building(struct env *e, struct vec low, struct vec high, struct tone albedo)
{
    brush_box(e->b, low, high, 0, albedo);
    double wide = high.x - low.x, deep = high.z - low.z, tall = high.y - low.y;
    int rows = (int)fmin(14, fmax(1, tall / 3.2));
    double lit = e->night ? 0.28 : 0.03;
    if (e->b->view->eye.z < low.z)
        env_windows(e, low, (struct vec){wide, 0, 0}, tall, (int)fmin(9, fmax(1, wide / 2.6)), rows,
                    lit);
    if (e->b->view->eye.x > high.x)
        env_windows(e, (struct vec){high.x, low.y, low.z}, (struct vec){0, 0, deep}, tall,
                    (int)fmin(9, fmax(1, deep / 2.6)), rows, lit);
    if (e->b->view->eye.x < low.x)
        env_windows(e, low, (struct vec){0, 0, deep}, tall, (int)fmin(9, fmax(1, deep / 2.6)), rows,
                    lit);
}

/* ---- what the lens looks through: in the picture, not in the world ---- */

static void veil_railing(const struct brush *b, double w, double h, struct dice *d)
{
    double bar = 0.045 * fmax(w, h) * 0.6, y = h * dice_between(d, 0.66, 0.74),
           tip = dice_between(d, -0.03, 0.03) * h;
    for (int i = -1; i < 7; i++) {
        double x = w * (i + dice_between(d, 0.45, 0.55)) / 5.0;
        cairo_rectangle(b->cr, x - bar * 0.28, y, bar * 0.56, h);
    }
    cairo_fill(b->cr);
    for (int i = 0; i < 2; i++) {
        double rail = y + i * h * 0.17;
        cairo_move_to(b->cr, -10, rail + tip);
        cairo_line_to(b->cr, w + 10, rail - tip);
        cairo_set_line_width(b->cr, bar * (i ? 0.7 : 1.15));
        cairo_stroke(b->cr);
    }
}

static void veil_foliage(const struct brush *b, double w, double h, struct dice *d)
{
    double side = dice_unit(d) < 0.5 ? 0 : w;
    for (int i = 0; i < 46; i++) {
        double edge = dice_unit(d),
               x = edge < 0.62 ? side + (side > 0 ? -1 : 1) * w * 0.22 * dice_unit(d) * dice_unit(d)
                               : w * dice_unit(d);
        double y = edge < 0.62
                       ? h * dice_unit(d)
                       : h * (dice_unit(d) < 0.5 ? 0.06 * dice_unit(d) : 1 - 0.10 * dice_unit(d));
        cairo_save(b->cr);
        cairo_translate(b->cr, x, y);
        cairo_rotate(b->cr, dice_between(d, 0, 2 * M_PI));
        cairo_scale(b->cr, 0.075 * h, 0.02 * h);
        cairo_arc(b->cr, 0, 0, 1, 0, 2 * M_PI);
        cairo_restore(b->cr);
        cairo_fill(b->cr);
    }
}

static void veil_door(const struct brush *b, double w, double h, struct dice *d)
{
    double side = dice_unit(d) < 0.5 ? 1 : -1, edge = side > 0 ? w * 0.80 : w * 0.20;
    cairo_rectangle(b->cr, edge, -10, side * w, h + 20);
    cairo_rectangle(b->cr, side > 0 ? -10 : w * 0.93, -10, w * 0.07 + 10, h + 20);
    cairo_fill(b->cr);
}

static void veil_glass(const struct brush *b, double w, double h, struct dice *d)
{
    for (int i = 0; i < 3; i++) {
        double x = w * dice_between(d, -0.3, 0.9), wide = w * dice_between(d, 0.04, 0.2);
        cairo_move_to(b->cr, x, 0);
        cairo_line_to(b->cr, x + wide, 0);
        cairo_line_to(b->cr, x + wide + h * 0.25, h);
        cairo_line_to(b->cr, x + h * 0.25, h);
        cairo_close_path(b->cr);
        brush_tone(b, tone_add(b->light->sky_low, tone_scale(b->light->key, 0.5)), 0.10);
        cairo_fill(b->cr);
    }
    cairo_rectangle(b->cr, dice_unit(d) < 0.5 ? w * 0.12 : w * 0.85, -5, w * 0.03, h + 10);
    brush_tone(b, b->light->ink, 0.9);
    cairo_fill(b->cr);
}

void environment_veil(const struct brush *b, const struct scene *s)
{
    struct dice d = {s->camera_seed ^ 0xe11};
    double w = b->view->width, h = b->view->height;
    brush_tone(b, tone_mix(b->light->ink, tone_scale(b->light->ambient, 0.3), 0.5), 0.94);
    switch (s->veil) {
    case VEIL_RAILING:
        veil_railing(b, w, h, &d);
        break;
    case VEIL_FOLIAGE:
        veil_foliage(b, w, h, &d);
        break;
    case VEIL_DOOR:
        veil_door(b, w, h, &d);
        break;
    case VEIL_GLASS:
        veil_glass(b, w, h, &d);
        break;
    case VEIL_NONE:
        break;
    }
}
