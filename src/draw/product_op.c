/* product.scene and product.faithful: a request with or without a photograph comes in, the
 * variant's picture goes out. */
/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "base/json.h"
#include "draw/backdrop.h"
#include "draw/comp.h"
#include "draw/detail.h"
#include "draw/glyph.h"
#include "draw/stage.h"
#include "draw/wish.h"

#define DETAIL_SHARE                                                                               \
    0.40 /* of the product: near enough to feel the material, far enough to know the thing */
#define COMP_SHARE 0.70 /* clay has no material to come near to */

/* One picture in the making. */
struct shot {
    struct wish wish;
    enum variant variant;
    bool studio, comp;
    struct cutout product;
    struct pixels canvas;
};

static void shot_finish(struct shot *s)
{
    cutout_finish(&s->product);
    pixels_finish(&s->canvas);
}

/* A comp leaves room for its words. */
static void comp_compose(struct backdrop *b, const struct wish *w)
{
    if (w->width > w->height * 1.2) {
        b->x = 0.70f;
        b->wide = 0.44f;
    } else {
        b->x = 0.5f;
        b->base = 0.72f;
        b->tall = 0.52f;
    }
}

static int stage_shoot(struct shot *s, const char *category, struct stood *ret_stood, struct err *e)
{
    struct backdrop b;
    backdrop_make(s->variant, category, s->studio, s->wish.width, s->wish.height, s->wish.seed, &b);
    if (s->comp)
        comp_compose(&b, &s->wish);
    int r = plate_develop(&b.plate, s->wish.width, s->wish.height, s->wish.seed, b.grain,
                          &s->canvas, e);
    if (r == 0)
        r = stage_place(&s->canvas, &s->product, &b, ret_stood, e);
    backdrop_finish(&b);
    return r;
}

static void stood_facts(cJSON *facts, const struct stood *s)
{
    cJSON *box = cJSON_CreateObject();
    json_set_num(box, "x", s->x);
    json_set_num(box, "y", s->y);
    json_set_num(box, "width", s->width);
    json_set_num(box, "height", s->height);
    json_set(facts, "product", box);
}

static int shoot(struct shot *s, const cJSON *params, cJSON *facts, struct err *e)
{
    const char *category = json_str(params, "category", NULL);
    bool close_up = s->variant == VARIANT_DETAIL && !s->studio;
    struct stood stood = {0};
    int r = close_up ? detail_make(&s->product, s->comp ? COMP_SHARE : DETAIL_SHARE, s->wish.width,
                                   s->wish.height, s->wish.seed, &s->canvas, e)
                     : stage_shoot(s, category, &stood, e);
    if (r == 0 && s->comp)
        r = comp_label(&s->canvas, s->variant, params, e);
    if (r == 0 && !close_up)
        stood_facts(facts, &stood);
    return r;
}

static int product_draw(const struct op_request *request, bool studio, cJSON *facts, struct err *e)
{
    struct shot s = {.studio = studio,
                     .variant = variant_of(json_str(request->params, "variant", NULL))};
    bool square = s.variant == VARIANT_DETAIL, have = false;
    int r = wish_take(request, square ? 2048 : 1536, square ? 2048 : 864, &s.wish, e);
    if (r == 0)
        r = wish_cutout(request, "ref", &s.product, &have, e);
    if (r == 0 && !have && studio)
        r = err_set(e, ERR_INPUT, "a faithful picture needs the product's photo as input \"ref\"");
    if (r == 0 && !have) {
        s.comp = true;
        r = glyph_make(json_str(request->params, "category", NULL), s.wish.height * 2 / 3,
                       comp_clay(s.variant), &s.product, e);
    }
    if (r == 0)
        r = shoot(&s, request->params, facts, e);
    if (r == 0)
        r = wish_write(request, &s.canvas, e);
    if (r == 0 && have)
        wish_cut_facts(facts, &s.product);
    json_set_bool(facts, "comp", s.comp);
    shot_finish(&s);
    return r;
}

int op_product_scene(const struct op_request *request, cJSON *ret_facts, struct err *e)
{
    return product_draw(request, false, ret_facts, e);
}

int op_product_faithful(const struct op_request *request, cJSON *ret_facts, struct err *e)
{
    return product_draw(request, true, ret_facts, e);
}
