/* A scene with a clay model and the product's facts come in; a labelled comp goes out. One family
 * of layout for all variants. */
/* SPDX-License-Identifier: ISC */
#include "draw/comp.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include <cairo.h>

#include "base/json.h"
#include "draw/type.h"
#include "draw/wish.h"

#define WHITE 0xffffff
#define AMBER 0xf0b35a

uint32_t comp_clay(enum variant variant)
{
    static const uint32_t clays[] = {0xdcd6cc, 0xe6dfd3, 0xcfcbc6, 0xe2d6c6, 0xc9bda9};
    return clays[variant];
}

/* The panel's place and the size of its type. */
struct panel {
    double x, y, w; /* text block */
    double u;       /* unit: about a line of body text */
    bool wide;
};

static void shade_lay(cairo_t *c, const struct panel *p, double w, double h)
{
    cairo_pattern_t *shade = p->wide ? cairo_pattern_create_linear(0, 0, w * 0.60, 0)
                                     : cairo_pattern_create_linear(0, h, 0, h * 0.48);
    cairo_pattern_add_color_stop_rgba(shade, 0, 0.03, 0.035, 0.045, 0.86);
    cairo_pattern_add_color_stop_rgba(shade, 0.55, 0.03, 0.035, 0.045, 0.62);
    cairo_pattern_add_color_stop_rgba(shade, 1, 0.03, 0.035, 0.045, 0);
    cairo_set_source(c, shade);
    cairo_paint(c);
    cairo_pattern_destroy(shade);
}

/* "COMP" in a hairline frame, then the variant. */
static void head_draw(cairo_t *c, const struct panel *p, enum variant variant, const cJSON *params)
{
    struct type_style s = {.size = p->u * 0.62,
                           .weight = 700,
                           .track = 0.16,
                           .lines = 1,
                           .upper = true,
                           .align = -1,
                           .colour = AMBER,
                           .alpha = 1};
    double y = p->y, wide, high = type_measure(c, "comp", 0, &s, &wide), pad = p->u * 0.32;
    cairo_set_source_rgba(c, 0.94, 0.70, 0.35, 0.9);
    cairo_set_line_width(c, fmax(1, p->u * 0.05));
    cairo_rectangle(c, p->x, y - pad * 0.4, wide + 2 * pad, high + 0.8 * pad);
    cairo_stroke(c);
    type_draw(c, "comp", p->x + pad, y, 0, &s);
    char text[48];
    int64_t rank = json_int(params, "rank", 0);
    if (rank > 0)
        snprintf(text, sizeof text, "%s  /  rank %d", variant_word(variant), (int)rank);
    else
        snprintf(text, sizeof text, "%s", variant_word(variant));
    s.colour = WHITE;
    s.alpha = 0.72;
    type_draw(c, text, p->x + wide + 3.4 * pad, y, p->w - wide, &s);
}

/* Up to three benefits, each with a short amber dash; answers the y below. */
static double benefits_draw(cairo_t *c, const struct panel *p, double y, const cJSON *benefits)
{
    struct type_style s = {.size = p->u * 0.74,
                           .weight = 400,
                           .lines = 2,
                           .align = -1,
                           .colour = WHITE,
                           .alpha = 0.86};
    const cJSON *item;
    int n = 0;
    cJSON_ArrayForEach(item, benefits)
    {
        if (!cJSON_IsString(item) || n++ == 3)
            continue;
        if (n > 3)
            break;
        cairo_set_source_rgba(c, 0.94, 0.70, 0.35, 0.95);
        cairo_rectangle(c, p->x, y + p->u * 0.40, p->u * 0.42, fmax(1, p->u * 0.07));
        cairo_fill(c);
        y += type_draw(c, item->valuestring, p->x + p->u * 0.85, y, p->w - p->u * 0.85, &s) +
             p->u * 0.30;
    }
    return y;
}

static void price_words(const cJSON *params, char text[64])
{
    const cJSON *price = json_get(params, "price");
    text[0] = '\0';
    if (cJSON_IsString(price))
        snprintf(text, 64, "%.40s", price->valuestring);
    else if (cJSON_IsNumber(price))
        snprintf(text, 64, "$%.2f", price->valuedouble);
}

static void body_draw(cairo_t *c, const struct panel *p, const cJSON *params)
{
    const char *name = json_str(params, "name", "Product");
    struct type_style title = {.size = p->u * (strlen(name) > 34 ? 1.45 : 1.9),
                               .weight = 700,
                               .narrow = 0.92,
                               .lines = 3,
                               .align = -1,
                               .colour = WHITE,
                               .alpha = 1};
    struct type_style line = {
        .size = p->u * 0.86, .weight = 400, .lines = 2, .align = -1, .colour = AMBER, .alpha = 1};
    struct type_style price = {
        .size = p->u * 1.05, .weight = 700, .lines = 1, .align = -1, .colour = WHITE, .alpha = 1};
    char text[64];
    double y = p->y + p->u * 1.9;
    y += type_draw(c, name, p->x, y, p->w, &title) + p->u * 0.45;
    y += type_draw(c, json_str(params, "positioning", NULL), p->x, y, p->w, &line) + p->u * 0.65;
    y = benefits_draw(c, p, y, json_get(params, "benefits")) + p->u * 0.35;
    price_words(params, text);
    type_draw(c, text, p->x, y, p->w, &price);
}

int comp_label(struct pixels *canvas, enum variant variant, const cJSON *params, struct err *e)
{
    double w = canvas->width, h = canvas->height;
    struct panel p = {.wide = w > h * 1.2};
    p.u = (p.wide ? h : w) * (p.wide ? 0.036 : 0.030);
    p.x = w * (p.wide ? 0.055 : 0.06);
    p.y = h * (p.wide ? 0.20 : 0.70);
    p.w = w * (p.wide ? 0.36 : 0.88);
    cairo_t *c = wish_draw_begin(canvas);
    shade_lay(c, &p, w, h);
    head_draw(c, &p, variant, params);
    body_draw(c, &p, params);
    return wish_draw_end(c, canvas, e);
}
