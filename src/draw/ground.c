/* A scene comes in; its sky, horizon, ground and ridges go out. Puts nothing on the ground. */
/* SPDX-License-Identifier: ISC */
#include "draw/environment.h"

static struct vec flat_forward(const struct view *v)
{
    return vec_unit((struct vec){v->forward.x, 0, v->forward.z});
}

/* A point of the picture far away in the viewing direction, at a height of `rise` of its distance.
 */
static struct point far_point(const struct view *v, double rise)
{
    struct vec f = flat_forward(v);
    return view_point(v, vec_add(v->eye, vec_scale((struct vec){f.x, rise, f.z}, 5000)));
}

static void paint_clouds(struct env *e)
{
    const struct brush *b = e->b;
    const struct scene_light *l = b->light;
    struct dice d = {e->s->light_seed ^ 0xc1};
    struct vec f = flat_forward(b->view);
    for (int i = 0; i < 14; i++) {
        double rise = dice_between(&d, 0.03, 0.55), turn = dice_between(&d, -0.9, 0.9),
               size = dice_between(&d, 0.12, 0.42) * (0.4 + rise);
        struct vec dir = {f.x * cos(turn) - f.z * sin(turn), rise,
                          f.x * sin(turn) + f.z * cos(turn)};
        struct point p = view_point(b->view, vec_add(b->view->eye, vec_scale(dir, 5000)));
        if (vec_dot(dir, b->view->forward) < 0.1)
            continue;
        bool light = dice_unit(&d) < 0.55;
        struct tone t = light ? tone_add(l->sky_low, tone_scale(l->key, 0.10))
                              : tone_mix(l->sky_top, l->ink, 0.15);
        cairo_save(b->cr);
        cairo_translate(b->cr, p.x, p.y);
        cairo_scale(b->cr, size * b->view->focal, size * b->view->focal * (0.10 + 0.12 * rise));
        cairo_pattern_t *g = cairo_pattern_create_radial(0, 0, 0, 0, 0, 1);
        cairo_pattern_add_color_stop_rgba(g, 0, t.r, t.g, t.b, 0.42);
        cairo_pattern_add_color_stop_rgba(g, 1, t.r, t.g, t.b, 0);
        cairo_set_source(b->cr, g);
        cairo_rectangle(b->cr, -1, -1, 2, 2);
        cairo_fill(b->cr);
        cairo_pattern_destroy(g);
        cairo_restore(b->cr);
    }
}

static void paint_stars(struct env *e)
{
    const struct brush *b = e->b;
    struct dice d = {e->s->light_seed ^ 0x57a2};
    double horizon = view_horizon(b->view);
    for (int i = 0; i < 160; i++) {
        double x = dice_unit(&d) * b->view->width, y = dice_unit(&d) * b->view->height,
               r = dice_between(&d, 0.35, 1.0);
        double seen =
            fmin(1, fmax(0, (horizon - y) / b->view->height * 2.2)) * dice_between(&d, 0.15, 0.6);
        cairo_arc(b->cr, x, y, r * b->view->height / 1400 + 0.2, 0, 2 * M_PI);
        cairo_set_source_rgba(b->cr, 0.85, 0.9, 1, seen);
        cairo_fill(b->cr);
    }
}

/* Sun or moon, where the light comes from when that is in front of us. */
static void paint_disc(struct env *e)
{
    const struct scene_light *l = e->b->light;
    if (vec_dot(l->to, e->b->view->forward) < 0.2 || e->s->light.fog > 0.9 || e->s->light.rain > 0)
        return;
    struct vec at = vec_add(e->b->view->eye, vec_scale(l->to, 5000));
    bool moon = e->s->hour == HOUR_NIGHT;
    struct tone t = moon ? (struct tone){0.80, 0.86, 0.95}
                         : tone_mix(l->key, (struct tone){1, 0.95, 0.85}, 0.5);
    brush_glow(e->b, at, moon ? 700 : 1900, t, moon ? 0.35 : 0.55);
    brush_glow(e->b, at, moon ? 170 : 330, t, 1);
    struct point p = view_point(e->b->view, at);
    cairo_arc(e->b->cr, p.x, p.y, (moon ? 0.016 : 0.022) * e->b->view->focal, 0, 2 * M_PI);
    brush_tone(e->b, tone_mix(t, (struct tone){1, 1, 1}, 0.4), 0.9);
    cairo_fill(e->b->cr);
}

void ground_sky(struct env *e)
{
    const struct brush *b = e->b;
    const struct scene_light *l = b->light;
    struct point low = far_point(b->view, 0), high = far_point(b->view, 0.75);
    cairo_pattern_t *g = cairo_pattern_create_linear(low.x, low.y, high.x, high.y);
    struct tone near = tone_mix(l->sky_low, l->haze, 0.5);
    cairo_pattern_add_color_stop_rgb(g, 0, near.r, near.g, near.b);
    cairo_pattern_add_color_stop_rgb(g, 0.22, l->sky_low.r, l->sky_low.g, l->sky_low.b);
    cairo_pattern_add_color_stop_rgb(g, 1, l->sky_top.r, l->sky_top.g, l->sky_top.b);
    cairo_set_source(b->cr, g);
    cairo_paint(b->cr);
    cairo_pattern_destroy(g);
    if (l->inside)
        return;
    if (e->s->hour == HOUR_NIGHT && e->s->light.fog + e->s->light.rain < 0.5)
        paint_stars(e);
    paint_clouds(e);
    paint_disc(e);
}

void ground_plane(struct env *e, struct tone albedo)
{
    const struct brush *b = e->b;
    double far = 2500, y = 0;
    struct vec f = flat_forward(b->view), r = {f.z, 0, -f.x},
               eye = {b->view->eye.x, y, b->view->eye.z};
    struct vec corners[4];
    for (int i = 0; i < 4; i++)
        corners[i] = vec_add(eye, vec_add(vec_scale(f, i < 2 ? -60 : far),
                                          vec_scale(r, (i == 0 || i == 3 ? -1 : 1) * far)));
    struct reach reach;
    if (!brush_path(b, corners, 4, &reach))
        return;
    struct tone seen = light_on(b->light, albedo, (struct vec){0, 1, 0});
    brush_fill_air(b, &reach, seen);
    cairo_new_path(b->cr);
    struct vec spot = {0, 0, e->st->distance * 0.1};
    brush_pool(b, spot, 5 + e->st->seen, 5 + e->st->seen, tone_times(albedo, b->light->key), 0.30,
               true);
}

/* A seeded line of hills: a few waves over each other. */
static double wave(const double phase[4], double x, double rough)
{
    return 0.55 * sin(x + phase[0]) + 0.28 * sin(2.3 * x + phase[1]) +
           (0.10 + 0.2 * rough) * sin(5.1 * x + phase[2]) +
           0.12 * rough * fabs(sin(11.7 * x + phase[3]));
}

void ground_ridge(struct env *e, double distance, double height, double rough, struct tone albedo)
{
    const struct brush *b = e->b;
    struct vec f = flat_forward(b->view), r = {f.z, 0, -f.x};
    double phase[4], half = distance * fmax(1.2, b->view->width / b->view->focal);
    for (int i = 0; i < 4; i++)
        phase[i] = dice_between(&e->d, 0, 2 * M_PI);
    struct vec foot =
        vec_add((struct vec){b->view->eye.x, 0, b->view->eye.z}, vec_scale(f, distance));
    struct point first = view_point(b->view, vec_add(foot, vec_scale(r, -half)));
    cairo_move_to(b->cr, first.x, first.y);
    for (int i = 0; i <= 90; i++) {
        double u = -1 + i / 45.0;
        double up = height * (0.55 + 0.45 * wave(phase, u * 3.2, rough));
        struct vec at = vec_add(foot, vec_scale(r, u * half));
        at.y = fmax(0, up);
        struct point p = view_point(b->view, at);
        cairo_line_to(b->cr, p.x, p.y);
    }
    struct point last = view_point(b->view, vec_add(foot, vec_scale(r, half)));
    cairo_line_to(b->cr, last.x, last.y);
    cairo_close_path(b->cr);
    struct tone top = light_through(
        b->light, light_on(b->light, albedo, vec_unit((struct vec){0, 1, -0.8})), distance);
    struct tone low = tone_mix(top, b->light->haze, 0.45);
    struct vec crest = foot;
    crest.y = height;
    struct point p = view_point(b->view, crest), q = view_point(b->view, foot);
    cairo_pattern_t *g = cairo_pattern_create_linear(p.x, p.y, q.x, q.y);
    cairo_pattern_add_color_stop_rgb(g, 0, top.r, top.g, top.b);
    cairo_pattern_add_color_stop_rgb(g, 1, low.r, low.g, low.b);
    cairo_set_source(b->cr, g);
    cairo_fill_preserve(b->cr);
    cairo_pattern_destroy(g);
    brush_tone(b, b->light->ink, 0.22 * (1 - light_haze(b->light, distance)));
    cairo_set_line_width(b->cr, b->line);
    cairo_stroke(b->cr);
}
