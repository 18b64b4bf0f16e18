/* combo.compose: a layout reference, a pose and garments come in, a composed comp of the picture
 * goes out: the layout as the ground, the figure where layouts keep their figure, the garments as
 * swatches beside the words. */
/* SPDX-License-Identifier: ISC */
#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cairo.h>

#include "base/json.h"
#include "draw/glyph.h"
#include "draw/stage.h"
#include "draw/type.h"
#include "draw/wish.h"

#define STRIP 0.215 /* of the height: the band with swatches and words */

/* What came with the request. */
struct combo {
    struct cutout pose, bottom, wardrobe;
    bool has_pose, has_bottom, has_wardrobe, has_ui;
};

static void combo_finish(struct combo *c)
{
    cutout_finish(&c->pose);
    cutout_finish(&c->bottom);
    cutout_finish(&c->wardrobe);
}

/* Grounds for a style that came without a layout, by a word of its name. */
static uint32_t style_colour(const char *style)
{
    static const struct {
        const char *word;
        uint32_t colour;
    } colours[] = {{"orange", 0xe9772f}, {"blue", 0x2f6fd6},  {"green", 0x3f8f5f},
                   {"red", 0xcf3f35},    {"pink", 0xe07aa0},  {"purple", 0x7a4fd0},
                   {"black", 0x1c1d21},  {"white", 0xe9e7e3}, {"studio", 0x8d929b},
                   {"yellow", 0xe8b53a}, {"teal", 0x2b8f93},  {"grey", 0x7d8087}};
    char low[64] = "";
    for (size_t i = 0; style && style[i] && i < sizeof low - 1; i++)
        low[i] = (char)tolower((unsigned char)style[i]);
    for (size_t i = 0; i < sizeof colours / sizeof colours[0]; i++)
        if (strstr(low, colours[i].word))
            return colours[i].colour;
    return 0x8a7f74;
}

static int ground_plain(const struct wish *w, const char *style, struct pixels *ret_canvas,
                        struct err *e)
{
    struct plate p = {0};
    struct light colour = light_of(style_colour(style));
    plate_init(&p, (w->width + 3) / 4, (w->height + 3) / 4);
    plate_gradient(&p, light_times(colour, 1.1f), light_times(colour, 0.7f));
    plate_glow(&p, 0.5f, 0.36f, 0.55f, 0.60f,
               light_times(light_mix(colour, light_of(0xffffff), 0.35f), 0.55f));
    plate_vignette(&p, 0.35f);
    int r = plate_develop(&p, w->width, w->height, w->seed, 0, ret_canvas, e);
    plate_finish(&p);
    return r;
}

static int ground_make(const struct op_request *request, const struct wish *w, bool *ret_ui,
                       struct pixels *ret_canvas, struct err *e)
{
    const char *path = op_in(request, "ui");
    struct pixels ui = {0};
    *ret_ui = path != NULL;
    if (!path)
        return ground_plain(w, json_str(request->params, "ui_style", NULL), ret_canvas, e);
    int r = picture_read(path, &ui, e);
    if (r == 0)
        r = pixels_cover(&ui, w->width, w->height, ret_canvas, e);
    if (r == 0)
        ret_canvas->opaque = true;
    pixels_finish(&ui);
    return r;
}

/* Right of the middle where a layout came along (its words are at the left), in the middle else. */
static int figure_place(struct pixels *canvas, struct combo *c, const char *kind, struct err *e)
{
    bool whole = strstr(kind, "full") || strstr(kind, "straight");
    struct backdrop b = {.horizon = 0.70f,
                         .x = c->has_ui ? 0.67f : 0.5f,
                         .base = (float)(1 - STRIP) - 0.005f,
                         .tall = 0.70f,
                         .wide = c->has_ui ? 0.60f : 0.80f,
                         .key_x = -0.6f,
                         .key_y = 0.8f,
                         .key = light_of(0xffffff),
                         .air = light_of(0x808080),
                         .shadow = 0.6f,
                         .rim = 0.12f};
    if (c->pose.how == CUTOUT_CARD) {
        b.tall = 0.62f;
        b.wide = 0.46f;
    } else if (!whole) {
        memset(c->pose.touches, 0, sizeof c->pose.touches);
        b.horizon =
            0.95f; /* a half figure stands behind the band and casts no shadow on the wall */
        b.shadow = 0;
        b.base = (float)(1 - STRIP) + 0.02f;
        b.tall = 0.72f;
    }
    memset(c->pose.touches, 0, sizeof c->pose.touches);
    return stage_place(canvas, &c->pose, &b, NULL, e);
}

static void box_path(cairo_t *c, double x, double y, double w, double h, double r)
{
    cairo_new_sub_path(c);
    cairo_arc(c, x + w - r, y + r, r, -M_PI / 2, 0);
    cairo_arc(c, x + w - r, y + h - r, r, 0, M_PI / 2);
    cairo_arc(c, x + r, y + h - r, r, M_PI / 2, M_PI);
    cairo_arc(c, x + r, y + r, r, M_PI, 1.5 * M_PI);
    cairo_close_path(c);
}

static void band_draw(cairo_t *c, double w, double h)
{
    cairo_pattern_t *fade =
        cairo_pattern_create_linear(0, h * (1 - STRIP - 0.05), 0, h * (1 - STRIP));
    cairo_pattern_add_color_stop_rgba(fade, 0, 0.05, 0.05, 0.06, 0);
    cairo_pattern_add_color_stop_rgba(fade, 1, 0.05, 0.05, 0.06, 0.30);
    cairo_set_source(c, fade);
    cairo_rectangle(c, 0, h * (1 - STRIP - 0.05), w, h * 0.05);
    cairo_fill(c);
    cairo_pattern_destroy(fade);
    cairo_set_source_rgba(c, 0.055, 0.057, 0.065, 0.975);
    cairo_rectangle(c, 0, h * (1 - STRIP), w, h * STRIP);
    cairo_fill(c);
}

/* Heading, ids and the first words of the prompt, left of the swatches. */
static void words_draw(cairo_t *c, const cJSON *params, double w, double h, double right)
{
    double u = h * 0.0215, x = w * 0.045, y = h * (1 - STRIP) + u * 0.9, wide = right - x - u;
    struct type_style small = {.size = u * 0.74,
                               .weight = 700,
                               .track = 0.12,
                               .lines = 1,
                               .upper = true,
                               .align = -1,
                               .colour = 0xf0b35a,
                               .alpha = 1};
    struct type_style title = {.size = u * 1.55,
                               .weight = 700,
                               .narrow = 0.92,
                               .lines = 1,
                               .align = -1,
                               .colour = 0xffffff,
                               .alpha = 1};
    struct type_style body = {.size = u * 0.80,
                              .weight = 400,
                              .lines = 3,
                              .align = -1,
                              .colour = 0xffffff,
                              .alpha = 0.74};
    char ids[256];
    snprintf(ids, sizeof ids, "comp   %.60s   %.60s", json_str(params, "combo_id", ""),
             json_str(params, "prompt_id", ""));
    y += type_draw(c, ids, x, y, wide, &small) + u * 0.25;
    const char *head = json_str(params, "title", "");
    y += type_draw(c, head[0] ? head : json_str(params, "prompt_id", "Untitled"), x, y, wide,
                   &title) +
         u * 0.20;
    y += type_draw(c, json_str(params, "text", ""), x, y, wide, &body) + u * 0.30;
    char foot[300];
    const char *kind = json_str(params, "pose_kind", "");
    snprintf(foot, sizeof foot, "%.80s   %.80s%s%.40s", json_str(params, "wardrobe", ""),
             json_str(params, "ui_style", ""), kind[0] ? "   pose " : "", kind);
    small.colour = 0xffffff;
    small.alpha = 0.55;
    small.size = u * 0.66;
    type_draw(c, foot, x, h - u * 1.75, wide, &small);
}

/* A paper card with a garment lying on it. */
static int swatch_draw(cairo_t *c, const struct cutout *garment, double x, double y, double side,
                       struct err *e)
{
    struct pixels small = {0};
    int inner = (int)(side * 0.84);
    int r = pixels_inside(&garment->product, inner, inner, &small, e);
    if (r)
        return r;
    cairo_surface_t *s = pixels_to_surface(&small);
    box_path(c, x, y, side, side, side * 0.06);
    cairo_set_source_rgb(c, 0.945, 0.938, 0.925);
    cairo_fill(c);
    cairo_set_source_surface(c, s, floor(x + (side - small.width) / 2),
                             floor(y + (side - small.height) / 2));
    cairo_paint(c);
    cairo_surface_destroy(s);
    pixels_finish(&small);
    return 0;
}

static int band_lay(struct pixels *canvas, const struct combo *c, const cJSON *params,
                    struct err *e)
{
    double w = canvas->width, h = canvas->height, side = fmin(h * (STRIP - 0.05), w * 0.2),
           x = w * 0.965;
    cairo_t *cr = wish_draw_begin(canvas);
    int r = 0;
    band_draw(cr, w, h);
    const struct cutout *garments[2] = {c->has_bottom ? &c->bottom : NULL,
                                        c->has_wardrobe ? &c->wardrobe : NULL};
    for (int i = 0; i < 2 && r == 0; i++)
        if (garments[i]) {
            x -= side;
            r = swatch_draw(cr, garments[i], x, h - h * STRIP / 2 - side / 2, side, e);
            x -= w * 0.018;
        }
    words_draw(cr, params, w, h, x);
    if (r) {
        cairo_destroy(cr);
        return r;
    }
    return wish_draw_end(cr, canvas, e);
}

static int inputs_take(const struct op_request *request, struct combo *c, struct err *e)
{
    int r = wish_cutout(request, "pose", &c->pose, &c->has_pose, e);
    if (r == 0)
        r = wish_cutout(request, "bottom", &c->bottom, &c->has_bottom, e);
    if (r == 0)
        r = wish_cutout(request, "wardrobe", &c->wardrobe, &c->has_wardrobe, e);
    return r;
}

int op_combo_compose(const struct op_request *request, cJSON *ret_facts, struct err *e)
{
    struct wish w;
    struct combo c = {0};
    struct pixels canvas = {0};
    int r = wish_take(request, 1024, 1024, &w, e);
    if (r == 0)
        r = inputs_take(request, &c, e);
    if (r == 0)
        r = ground_make(request, &w, &c.has_ui, &canvas, e);
    if (r == 0 && c.has_pose)
        r = figure_place(&canvas, &c, json_str(request->params, "pose_kind", ""), e);
    if (r == 0)
        r = band_lay(&canvas, &c, request->params, e);
    if (r == 0)
        r = wish_write(request, &canvas, e);
    if (r == 0 && c.has_pose)
        wish_cut_facts(ret_facts, &c.pose);
    combo_finish(&c);
    pixels_finish(&canvas);
    return r;
}
