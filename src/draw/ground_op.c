/* background: a calm cinematic ground to set type or a product on; no text, no objects, only light
 * and soft planes. */
/* SPDX-License-Identifier: ISC */
#include <math.h>

#include <cairo.h>

#include "base/json.h"
#include "draw/accent.h"
#include "draw/plate.h"
#include "draw/wish.h"

/* The next of a row of numbers from 0 to 1. */
static double next(uint32_t *seed)
{
    *seed = *seed * 1664525u + 1013904223u;
    return (*seed >> 8 & 0xffff) / 65535.0;
}

/* Wide waves of translucent colour, each a little lighter on its upper edge. */
static void waves_draw(cairo_t *c, double w, double h, const struct accent *a, uint32_t seed)
{
    for (int i = 0; i < 4; i++) {
        double y = h * (0.42 + 0.15 * i), rise = h * (0.12 + 0.10 * next(&seed)),
               lean = next(&seed) - 0.5;
        cairo_pattern_t *fill = cairo_pattern_create_linear(0, y - rise, 0, y + h * 0.42);
        double r = (a->bright >> 16 & 255) / 255.0, g = (a->bright >> 8 & 255) / 255.0,
               b = (a->bright & 255) / 255.0;
        cairo_pattern_add_color_stop_rgba(fill, 0, r, g, b, 0.46 - 0.09 * i);
        cairo_pattern_add_color_stop_rgba(fill, 1, r * 0.2, g * 0.2, b * 0.25, 0);
        cairo_move_to(c, -w * 0.1, y + rise * lean);
        cairo_curve_to(c, w * (0.25 + 0.2 * lean), y - rise, w * (0.60 + 0.2 * lean), y + rise,
                       w * 1.1, y - rise * (0.6 + lean));
        cairo_line_to(c, w * 1.1, h * 1.1);
        cairo_line_to(c, -w * 0.1, h * 1.1);
        cairo_close_path(c);
        cairo_set_source(c, fill);
        cairo_fill(c);
        cairo_pattern_destroy(fill);
    }
}

static void ground_paint(struct plate *p, const struct accent *a, uint32_t seed)
{
    uint32_t s = seed * 2654435761u + 97;
    float x = 0.24f + 0.16f * (float)next(&s), y = 0.18f + 0.14f * (float)next(&s);
    cairo_surface_t *surface = cairo_image_surface_create(CAIRO_FORMAT_ARGB32, p->w, p->h);
    cairo_t *c = cairo_create(surface);
    plate_gradient(p, light_times(light_of(a->deep), 1.5f), light_times(light_of(a->deep), 0.7f));
    plate_glow(p, x, y, 0.75f, 0.95f, light_times(light_of(a->bright), 0.26f));
    plate_glow(p, x, y, 0.34f, 0.50f, light_times(light_of(a->bright), 0.24f));
    waves_draw(c, p->w, p->h, a, s);
    plate_lay_surface(p, surface);
    cairo_destroy(c);
    cairo_surface_destroy(surface);
    plate_blur(p, p->h / 80);
    plate_glow(p, 0.94f, 0.78f, 0.55f, 0.80f, light_times(light_of(0x3f6bb0), 0.16f));
    plate_vignette(p, 0.78f);
}

int op_background(const struct op_request *request, cJSON *ret_facts, struct err *e)
{
    struct wish w;
    struct plate p = {0};
    struct pixels canvas = {0};
    const struct accent *a = accent_find(json_str(request->params, "category", NULL),
                                         json_str(request->params, "niche", NULL));
    int r = wish_take(request, 1536, 864, &w, e);
    if (r)
        return r;
    plate_init(&p, (w.width + 3) / 4, (w.height + 3) / 4);
    ground_paint(&p, a, w.seed);
    r = plate_develop(&p, w.width, w.height, w.seed, 0.6f, &canvas, e);
    if (r == 0)
        r = wish_write(request, &canvas, e);
    json_set_str(ret_facts, "category", a->category);
    plate_finish(&p);
    pixels_finish(&canvas);
    return r;
}
