/* A scene's air comes in, translucent layers go out. Draws in the picture's own coordinates; knows
 * no solid thing. */
/* SPDX-License-Identifier: ISC */
#include "draw/atmosphere.h"

static void puff(const struct brush *b, double x, double y, double rx, double ry, struct tone t,
                 double strength)
{
    cairo_save(b->cr);
    cairo_translate(b->cr, x, y);
    cairo_scale(b->cr, rx, ry);
    cairo_pattern_t *g = cairo_pattern_create_radial(0, 0, 0, 0, 0, 1);
    cairo_pattern_add_color_stop_rgba(g, 0, t.r, t.g, t.b, strength);
    cairo_pattern_add_color_stop_rgba(g, 0.5, t.r, t.g, t.b, strength * 0.55);
    cairo_pattern_add_color_stop_rgba(g, 1, t.r, t.g, t.b, 0);
    cairo_set_source(b->cr, g);
    cairo_rectangle(b->cr, -1, -1, 2, 2);
    cairo_fill(b->cr);
    cairo_pattern_destroy(g);
    cairo_restore(b->cr);
}

/* Beams that fall from the light's side and lose themselves downward. */
static void paint_shafts(const struct brush *b, const struct scene *s, double strength,
                         struct dice *d)
{
    double w = b->view->width, h = b->view->height, side = s->light.side < 0 ? -1 : 1;
    double top_x = side > 0 ? w * 1.05 : -w * 0.05, slope = -side * dice_between(d, 0.35, 0.75);
    if (s->light.top)
        top_x = w * 0.5, slope = dice_between(d, -0.12, 0.12);
    struct tone t = b->light->key;
    for (int i = 0; i < 4; i++) {
        double x = top_x - side * w * 0.26 * i * dice_between(d, 0.7, 1.2) *
                               (s->light.top ? (i % 2 ? 1 : -0.6) : 1);
        double wide = w * dice_between(d, 0.05, 0.14), len = h * dice_between(d, 0.75, 1.05),
               spread = 1.9;
        double x1 = x + slope * len;
        cairo_pattern_t *g = cairo_pattern_create_linear(x, 0, x1, len);
        cairo_pattern_add_color_stop_rgba(g, 0, t.r, t.g, t.b, 0.40 * strength);
        cairo_pattern_add_color_stop_rgba(g, 0.6, t.r, t.g, t.b, 0.16 * strength);
        cairo_pattern_add_color_stop_rgba(g, 1, t.r, t.g, t.b, 0);
        cairo_set_source(b->cr, g);
        cairo_set_operator(b->cr, CAIRO_OPERATOR_ADD);
        for (int k = 0; k < 3; k++) { /* soft flanks */
            double in = wide * (0.5 - 0.14 * k);
            cairo_move_to(b->cr, x - in, -5);
            cairo_line_to(b->cr, x + in, -5);
            cairo_line_to(b->cr, x1 + in * spread, len);
            cairo_line_to(b->cr, x1 - in * spread, len);
            cairo_close_path(b->cr);
            cairo_save(b->cr);
            cairo_clip(b->cr);
            cairo_paint_with_alpha(b->cr, 0.4);
            cairo_restore(b->cr);
        }
        cairo_set_operator(b->cr, CAIRO_OPERATOR_OVER);
        cairo_pattern_destroy(g);
    }
}

static void paint_steam(const struct brush *b, double strength, struct dice *d, bool front)
{
    double w = b->view->width, h = b->view->height;
    struct tone t =
        tone_add(tone_mix(b->light->haze, b->light->ambient, 0.3), tone_scale(b->light->key, 0.30));
    int columns = front ? 1 : 3;
    for (int c = 0; c < columns; c++) {
        double x = w *
                   (dice_unit(d) < 0.5 ? dice_between(d, 0.0, 0.34) : dice_between(d, 0.66, 1.0)),
               y = h * dice_between(d, 0.80, 1.0);
        double lean = dice_between(d, -0.10, 0.10) * w, tall = h * dice_between(d, 0.35, 0.75);
        for (int i = 0; i < 16; i++) {
            double u = i / 15.0, r = w * (0.05 + 0.17 * u) * dice_between(d, 0.7, 1.2);
            puff(b, x + lean * u + dice_between(d, -0.4, 0.4) * r, y - tall * u, r,
                 r * dice_between(d, 0.7, 1.1), t, strength * 0.20 * (1 - 0.75 * u));
        }
    }
}

static void paint_fog(const struct brush *b, double strength, struct dice *d, bool front)
{
    double w = b->view->width, h = b->view->height,
           horizon = fmin(fmax(view_horizon(b->view), h * 0.25), h * 0.85);
    struct tone t = tone_add(b->light->haze, tone_scale(b->light->key, 0.06));
    int n = front ? 7 : 16;
    for (int i = 0; i < n; i++) {
        double y =
            front ? h * dice_between(d, 0.72, 1.05) : horizon + h * dice_between(d, -0.16, 0.22);
        puff(b, w * dice_between(d, -0.1, 1.1), y, w * dice_between(d, 0.35, 0.8),
             h * dice_between(d, 0.03, 0.10), t, strength * (front ? 0.16 : 0.26));
    }
}

static void paint_rain(const struct brush *b, double strength, struct dice *d, int n, double len)
{
    double w = b->view->width, h = b->view->height,
           lean = dice_between(d, 0.06, 0.22) * (dice_unit(d) < 0.5 ? -1 : 1);
    struct tone t = tone_add(tone_scale(b->light->haze, 1.2), tone_scale(b->light->key, 0.35));
    for (int i = 0; i < n; i++) {
        double x = w * dice_between(d, -0.2, 1.2), y = h * dice_between(d, -0.1, 1.0),
               l = len * h * dice_between(d, 0.5, 1.4);
        cairo_move_to(b->cr, x, y);
        cairo_line_to(b->cr, x + lean * l, y + l);
        brush_tone(b, t, strength * dice_between(d, 0.08, 0.34));
        cairo_set_line_width(b->cr, h / 1400 * dice_between(d, 0.7, 1.8));
        cairo_stroke(b->cr);
    }
}

static void paint_specks(const struct brush *b, struct tone t, double strength, struct dice *d,
                         int n, double size)
{
    double w = b->view->width, h = b->view->height;
    for (int i = 0; i < n; i++) {
        double near = dice_unit(d), r = size * h * (0.25 + 2.2 * near * near * near * near);
        double x = w * dice_unit(d), y = h * dice_unit(d);
        if (r > h * 0.0035)
            puff(b, x, y, r * 1.6, r * 1.6, t, strength * 0.35);
        else {
            cairo_arc(b->cr, x, y, r, 0, 2 * M_PI);
            brush_tone(b, t, strength * dice_between(d, 0.25, 0.8));
            cairo_fill(b->cr);
        }
    }
}

/* Soft things are drawn on a layer a third as fine and laid over with an operator. */
#define COARSE 3

static struct brush layer_begin(const struct brush *b, cairo_surface_t **ret_layer)
{
    struct brush soft = *b;
    int w = (int)b->view->width / COARSE + 1, h = (int)b->view->height / COARSE + 1;
    *ret_layer = cairo_image_surface_create(CAIRO_FORMAT_ARGB32, w, h);
    soft.cr = cairo_create(*ret_layer);
    cairo_scale(soft.cr, 1.0 / COARSE, 1.0 / COARSE);
    return soft;
}

static void layer_end(const struct brush *b, struct brush *soft, cairo_surface_t *layer,
                      cairo_operator_t how)
{
    cairo_destroy(soft->cr);
    cairo_save(b->cr);
    cairo_scale(b->cr, COARSE, COARSE);
    cairo_set_source_surface(b->cr, layer, 0, 0);
    cairo_pattern_set_filter(cairo_get_source(b->cr), CAIRO_FILTER_BILINEAR);
    cairo_set_operator(b->cr, how);
    cairo_paint(b->cr);
    cairo_restore(b->cr);
    cairo_surface_destroy(layer);
}

static void paint_soft(const struct brush *b, const struct scene *s, struct dice *d, bool front)
{
    const struct lighting *l = &s->light;
    if (l->fog <= 0 && l->steam <= 0)
        return;
    cairo_surface_t *layer;
    struct brush soft = layer_begin(b, &layer);
    if (l->fog > 0)
        paint_fog(&soft, l->fog, d, front);
    if (l->steam > 0)
        paint_steam(&soft, l->steam * (front ? 0.55 : 1), d, front);
    layer_end(b, &soft, layer, CAIRO_OPERATOR_OVER);
}

void atmosphere_behind(const struct brush *b, const struct scene *s)
{
    const struct lighting *l = &s->light;
    struct dice d = {s->light_seed ^ 0xa1};
    bool carries = l->back || l->top || b->light->inside;
    double beams = fmax(l->shafts, fmax(0.55 * l->steam, 0.5 * l->dust) * (carries ? 1 : 0.4));
    paint_soft(b, s, &d, false);
    if (beams > 0.15) {
        cairo_surface_t *layer;
        struct brush soft = layer_begin(b, &layer);
        paint_shafts(&soft, s, beams, &d);
        layer_end(b, &soft, layer, CAIRO_OPERATOR_ADD);
    }
    if (l->rain > 0)
        paint_rain(b, 0.6 * l->rain, &d, 170, 0.045);
}

void atmosphere_before(const struct brush *b, const struct scene *s)
{
    const struct lighting *l = &s->light;
    struct dice d = {dice_mix(s->light_seed, (uint64_t)(s->moment + 2)) ^ 0xb2};
    struct tone mote = tone_add(tone_scale(b->light->key, 0.9), tone_scale(b->light->ambient, 0.4));
    paint_soft(b, s, &d, true);
    if (l->rain > 0)
        paint_rain(b, l->rain, &d, 120, 0.10);
    if (l->dust > 0)
        paint_specks(b, mote, l->dust, &d, 130, 0.0013);
    if (l->snow > 0)
        paint_specks(b, (struct tone){0.92, 0.95, 1}, l->snow, &d, 260, 0.0019);
}
