/* thumbnail: the best product large, a message of at most four words, and a ground in the niche's
 * colour. */
/* SPDX-License-Identifier: ISC */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cairo.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"
#include "draw/accent.h"
#include "draw/glyph.h"
#include "draw/stage.h"
#include "draw/type.h"
#include "draw/wish.h"

#define SHARE      0.70f /* of the frame's height (or width) the product takes */
#define WORDS_MOST 4     /* more cannot be read at the size of a stamp */

/* Where the words go: beside a tall product, above a wide one. */
struct layout {
    double x, y, w, h;
    bool beside;
};

static struct layout layout_of(const struct stood *s, int width, int height)
{
    double margin = height * 0.075, free = s->x - 1.6 * margin;
    struct layout l = {.x = margin, .beside = free > width * 0.30};
    l.y = l.beside ? height * 0.17 : margin * 0.7;
    l.w = l.beside ? free : width - 2 * margin;
    l.h = l.beside ? height * 0.56 : fmax(height * 0.16, s->y - margin * 0.9);
    return l;
}

/* Dark ground, the accent as a pool of light behind the product, two slanted planes for depth. */
static void ground_make(struct backdrop *b, const struct accent *a, int width, int height,
                        uint32_t seed)
{
    *b = (struct backdrop){.horizon = 0.80f,
                           .x = 0.5f,
                           .base = 0.90f,
                           .tall = SHARE,
                           .wide = SHARE,
                           .key_x = -0.7f,
                           .key_y = 0.71f,
                           .key = light_of(0xffffff),
                           .shadow = 0.85f,
                           .gloss = 0.22f,
                           .rim = 0.6f,
                           .relight = 0.10f,
                           .grain = 0.3f};
    struct plate *p = &b->plate;
    plate_init(p, (width + 1) / 2, (height + 1) / 2);
    plate_gradient(p, light_times(light_of(a->deep), 0.8f), light_times(light_of(a->deep), 1.5f));
    plate_glow(p, 0.70f, 0.48f, 0.55f, 0.85f, light_times(light_of(a->bright), 0.62f));
    plate_glow(p, 0.70f, 0.50f, 0.26f, 0.44f, light_times(light_of(a->bright), 0.75f));
    plate_glow(p, 0.72f, 0.46f, 0.16f, 0.28f, light_times(light_of(0xffffff), 0.30f));
    surface_paint(p, b->horizon, SURFACE_GLOSS, light_times(light_of(a->deep), 0.9f), 0.6f, seed);
    surface_focus(p, b->horizon, 0.95f, p->h / 40);
    plate_pool(p, 0.62f, 0.52f, 0.85f, 0.95f, 0.25f);
    b->air = light_times(light_of(a->bright), 0.5f);
}

/* The message as words; at most WORDS_MOST of them, the rest is left out. Returns their number. */
static int words_take(const char *message, char words[WORDS_MOST][64])
{
    int n = 0;
    while (message && *message && n < WORDS_MOST) {
        size_t skip = strspn(message, " \t\r\n"), len = strcspn(message + skip, " \t\r\n");
        if (len) {
            size_t keep = len < 63 ? len : 63;
            while (keep < len && keep && ((unsigned char)message[skip + keep] & 0xc0) == 0x80)
                keep--;
            memcpy(words[n], message + skip, keep);
            words[n++][keep] = '\0';
        }
        message += skip + len;
    }
    return n;
}

/* Words start..end joined by blanks. */
static void line_join(char words[WORDS_MOST][64], int from, int to, char out[280])
{
    size_t used = 0;
    out[0] = '\0';
    for (int i = from; i < to; i++) {
        if (!str_format(out + used, 280 - used, "%s%s", i > from ? " " : "", words[i]))
            return;
        used += strlen(out + used);
    }
}

static struct type_style message_style(double size)
{
    return (struct type_style){.size = size,
                               .weight = 700,
                               .narrow = 0.86,
                               .track = -0.01,
                               .lines = 1,
                               .upper = true,
                               .align = -1,
                               .colour = 0xffffff,
                               .alpha = 1};
}

/* Whether a line starts with a number that was torn from the word before it. */
static bool number_alone(char words[WORDS_MOST][64], int n, int breaks)
{
    for (int i = 1; i < n; i++)
        if ((breaks >> (i - 1) & 1) && words[i][0] >= '0' && words[i][0] <= '9')
            return true;
    return false;
}

/* Of all ways to break n words into lines, the one that can be set largest; breaks as a bit mask.
 */
static double break_best(cairo_t *c, char words[WORDS_MOST][64], int n, const struct layout *l,
                         int *ret_breaks)
{
    double best = 0;
    for (int breaks = 0; breaks < 1 << (n - 1); breaks++) {
        double widest = 1, rows = 1;
        for (int from = 0, i = 1; i <= n; i++)
            if (i == n || breaks >> (i - 1) & 1) {
                char line[280];
                double w;
                struct type_style s = message_style(100);
                line_join(words, from, i, line);
                type_measure(c, line, 0, &s, &w);
                widest = fmax(widest, w);
                rows += i < n;
                from = i;
            }
        double size = fmin(l->w / widest * 100, l->h / (rows * 1.06));
        /* "Top" and "5" belong together: such a break must gain much to be taken. */
        if (number_alone(words, n, breaks))
            size *= 0.7;
        if (size > best) {
            best = size;
            *ret_breaks = breaks;
        }
    }
    return best;
}

static void line_draw(cairo_t *c, const char *line, double x, double y, double size,
                      uint32_t colour)
{
    struct type_style s = message_style(size);
    s.colour = 0x000000;
    s.alpha = 0.45;
    type_draw(c, line, x + size * 0.035, y + size * 0.045, 0, &s);
    s.colour = colour;
    s.alpha = 1;
    type_draw(c, line, x, y, 0, &s);
}

/* The message, its last line in the accent's paper colour; answers the y below it. */
static double message_draw(cairo_t *c, const char *message, const struct layout *l,
                           const struct accent *a)
{
    char words[WORDS_MOST][64], line[280];
    int n = words_take(message, words), breaks = 0;
    if (!n)
        return l->y;
    double size = fmin(break_best(c, words, n, l, &breaks), l->h * 0.62), y = l->y - size * 0.10;
    for (int from = 0, i = 1; i <= n; i++)
        if (i == n || breaks >> (i - 1) & 1) {
            line_join(words, from, i, line);
            line_draw(c, line, l->x, y, size, i == n ? a->paper : 0xffffff);
            y += size * 1.04;
            from = i;
        }
    return y + size * 0.14;
}

static void words_draw(cairo_t *c, const cJSON *params, const struct layout *l,
                       const struct accent *a, int height)
{
    struct type_style niche = {.size = height * 0.030,
                               .weight = 700,
                               .track = 0.14,
                               .lines = 1,
                               .upper = true,
                               .align = -1,
                               .colour = a->paper,
                               .alpha = 0.95};
    struct type_style name = {.size = height * 0.040,
                              .weight = 400,
                              .lines = 2,
                              .align = -1,
                              .colour = 0xffffff,
                              .alpha = 0.9};
    double y = message_draw(c, json_str(params, "message", NULL), l, a);
    if (!l->beside)
        return;
    type_draw(c, json_str(params, "niche", NULL), l->x, l->y - height * 0.075, l->w, &niche);
    set_bar(c, l->x, y, height * 0.11, height * 0.010, a->paper);
    type_draw(c, json_str(params, "name", NULL), l->x, y + height * 0.030, l->w, &name);
}

/* A tall product stands right of the words; a wide one in the middle, lower. */
static void compose(struct backdrop *b, const struct cutout *c, const struct wish *w)
{
    double k = fmin(SHARE * w->height / c->product.height, SHARE * w->width / c->product.width);
    double wide = k * c->product.width / w->width, tall = k * c->product.height / w->height;
    b->x = wide < 0.56 ? (float)(0.955 - wide / 2) : 0.5f;
    b->x = b->x > 0.72f ? 0.72f : b->x;
    b->base = wide < 0.56 ? (float)(0.5 + tall / 2 + 0.03) : 0.93f;
    b->base = b->base > 0.93f ? 0.93f : b->base;
}

static int draw(const struct wish *w, const struct cutout *product, const cJSON *params,
                cJSON *facts, struct pixels *ret_canvas, struct err *e)
{
    const struct accent *a =
        accent_find(json_str(params, "category", NULL), json_str(params, "niche", NULL));
    struct backdrop b;
    struct stood s;
    ground_make(&b, a, w->width, w->height, w->seed);
    compose(&b, product, w);
    int r = plate_develop(&b.plate, w->width, w->height, w->seed, b.grain, ret_canvas, e);
    if (r == 0)
        r = stage_place(ret_canvas, product, &b, &s, e);
    backdrop_finish(&b);
    if (r)
        return r;
    struct layout l = layout_of(&s, w->width, w->height);
    cairo_t *c = wish_draw_begin(ret_canvas);
    words_draw(c, params, &l, a, w->height);
    json_set_num(facts, "share",
                 round(1000 * fmax((double)s.height / w->height, (double)s.width / w->width)) /
                     1000);
    return wish_draw_end(c, ret_canvas, e);
}

int op_thumbnail(const struct op_request *request, cJSON *ret_facts, struct err *e)
{
    struct wish w;
    struct cutout product = {0};
    struct pixels canvas = {0};
    bool have = false;
    int r = wish_take(request, 1536, 864, &w, e);
    if (r == 0)
        r = wish_cutout(request, "ref", &product, &have, e);
    if (r == 0 && !have)
        r = glyph_make(accent_category(json_str(request->params, "category", NULL),
                                       json_str(request->params, "niche", NULL)),
                       w.height * 3 / 4, 0xe8e2d8, &product, e);
    if (r == 0)
        r = draw(&w, &product, request->params, ret_facts, &canvas, e);
    if (r == 0)
        r = wish_write(request, &canvas, e);
    if (r == 0 && have)
        wish_cut_facts(ret_facts, &product);
    json_set_bool(ret_facts, "comp", !have);
    cutout_finish(&product);
    pixels_finish(&canvas);
    return r;
}
