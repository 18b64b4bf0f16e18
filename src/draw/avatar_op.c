/* avatar: the presenter's frame. With a face it becomes a portrait in studio light; without one a
 * sculpted bust holds the place. */
/* SPDX-License-Identifier: ISC */
#include <math.h>
#include <string.h>

#include <cairo.h>

#include "base/json.h"
#include "draw/accent.h"
#include "draw/glyph.h"
#include "draw/stage.h"
#include "draw/type.h"
#include "draw/wish.h"

/* A presenter's studio: soft grey-blue wall, warm practical light at the right, nothing to look at
 * but the person. */
static void studio_make(struct backdrop *b, const struct wish *w)
{
    *b = (struct backdrop){.horizon = 1.2f,
                           .x = 0.5f,
                           .base = 1.0f,
                           .tall = 0.86f,
                           .wide = 0.62f,
                           .key_x = -0.64f,
                           .key_y = 0.77f,
                           .key = light_of(0xfff1de),
                           .rim = 0.42f,
                           .relight = 0.10f,
                           .grain = 0.5f};
    struct plate *p = &b->plate;
    plate_init(p, (w->width + 1) / 2, (w->height + 1) / 2);
    plate_gradient(p, light_of(0x23272f), light_of(0x14171c));
    plate_glow(p, 0.42f, 0.36f, 0.62f, 0.90f, light_times(light_of(0x8495ad), 0.42f));
    plate_glow(p, 0.90f, 0.30f, 0.055f, 0.30f, light_times(light_of(0xffb765), 0.85f));
    plate_glow(p, 0.90f, 0.30f, 0.30f, 0.62f, light_times(light_of(0xffa850), 0.30f));
    plate_glow(p, 0.08f, 0.78f, 0.34f, 0.50f, light_times(light_of(0x3e66a0), 0.26f));
    plate_blur(p, p->h / 40);
    plate_vignette(p, 0.55f);
    b->air = light_of(0x39404c);
}

/* A portrait that could not be cut out hangs in the frame whole, with a hairline around it. */
static int portrait_hang(struct pixels *canvas, const struct cutout *face, const struct backdrop *b,
                         struct err *e)
{
    struct backdrop hung = *b;
    struct stood s;
    hung.tall = 0.80f;
    hung.horizon = 1.2f;
    hung.shadow = 0.7f;
    hung.rim = hung.relight = 0;
    struct cutout centred = *face;
    memset(centred.touches, 0, sizeof centred.touches);
    int r = stage_place(canvas, &centred, &hung, &s, e);
    if (r)
        return r;
    cairo_t *c = wish_draw_begin(canvas);
    double line = fmax(1, canvas->height / 432.0);
    cairo_set_line_width(c, line);
    cairo_set_source_rgba(c, 1, 1, 1, 0.35);
    cairo_rectangle(c, s.x - 5 * line, s.y - 5 * line, s.width + 10 * line, s.height + 10 * line);
    cairo_stroke(c);
    return wish_draw_end(c, canvas, e);
}

static int label_draw(struct pixels *canvas, const char *label, struct err *e)
{
    if (!label || !label[0])
        return 0;
    double u = canvas->height * 0.034;
    struct type_style s = {.size = u,
                           .weight = 700,
                           .track = 0.08,
                           .lines = 1,
                           .align = -1,
                           .colour = 0xffffff,
                           .alpha = 0.92};
    cairo_t *c = wish_draw_begin(canvas);
    set_bar(c, canvas->width * 0.06, canvas->height * 0.865, u * 0.16, u * 1.3, 0xf0b35a);
    type_draw(c, label, canvas->width * 0.06 + u * 0.7, canvas->height * 0.865, canvas->width * 0.5,
              &s);
    return wish_draw_end(c, canvas, e);
}

/* The person stands on the picture's lower edge, as a camera frames a presenter. */
static int presenter_place(struct pixels *canvas, struct cutout *person, const struct backdrop *b,
                           struct err *e)
{
    person->touches[SIDE_BOTTOM] = true;
    return stage_place(canvas, person, b, NULL, e);
}

static int draw(const struct wish *w, struct cutout *person, const char *label,
                struct pixels *ret_canvas, struct err *e)
{
    struct backdrop b;
    studio_make(&b, w);
    int r = plate_develop(&b.plate, w->width, w->height, w->seed, b.grain, ret_canvas, e);
    if (r == 0)
        r = person->how == CUTOUT_CARD ? portrait_hang(ret_canvas, person, &b, e)
                                       : presenter_place(ret_canvas, person, &b, e);
    if (r == 0)
        r = label_draw(ret_canvas, label, e);
    backdrop_finish(&b);
    return r;
}

int op_avatar(const struct op_request *request, cJSON *ret_facts, struct err *e)
{
    struct wish w;
    struct cutout person = {0};
    struct pixels canvas = {0};
    bool have = false;
    int r = wish_take(request, 1536, 864, &w, e);
    if (r == 0)
        r = wish_cutout(request, "face", &person, &have, e);
    if (r == 0 && !have)
        r = glyph_make("bust", w.height, 0xd9d0c4, &person, e);
    if (r == 0)
        r = draw(&w, &person, json_str(request->params, "label", NULL), &canvas, e);
    if (r == 0)
        r = wish_write(request, &canvas, e);
    if (r == 0 && have)
        wish_cut_facts(ret_facts, &person);
    json_set_bool(ret_facts, "comp", !have);
    cutout_finish(&person);
    pixels_finish(&canvas);
    return r;
}
