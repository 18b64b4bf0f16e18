/* A request comes in; its canvas, seed and pictures go out, and at the end the finished canvas goes
 * to the disk. */
/* SPDX-License-Identifier: ISC */
#include "draw/wish.h"

#include <math.h>
#include <string.h>

#include <cairo.h>

#include "base/json.h"
#include "base/path.h"
#include "base/str.h"

static int side_take(const cJSON *params, const char *name, int fallback, int *ret_side,
                     struct err *e)
{
    double v = json_num(params, name, 0);
    if (v == 0)
        v = fallback;
    if (!(v >= WISH_SIDE_LEAST && v <= PICTURE_MAX_SIDE && v == floor(v)))
        return err_set(e, ERR_INPUT, "%s must be a whole number from %d to %d", name,
                       WISH_SIDE_LEAST, PICTURE_MAX_SIDE);
    *ret_side = (int)v;
    return 0;
}

int wish_take(const struct op_request *request, int width, int height, struct wish *ret_wish,
              struct err *e)
{
    struct wish w = {0};
    int r = side_take(request->params, "width", width, &w.width, e);
    if (r == 0)
        r = side_take(request->params, "height", height, &w.height, e);
    if (r)
        return r;
    if ((double)w.width * w.height > PICTURE_MAX_PIXELS)
        return err_set(e, ERR_LIMIT, "a canvas of %d x %d has more than %d pixels", w.width,
                       w.height, PICTURE_MAX_PIXELS);
    w.seed = (uint32_t)(json_int(request->params, "seed", 0) & 0xffffffff);
    *ret_wish = w;
    return 0;
}

int wish_cutout(const struct op_request *request, const char *name, struct cutout *ret_cutout,
                bool *ret_have, struct err *e)
{
    const char *path = op_in(request, name);
    struct pixels photo = {0};
    *ret_have = path != NULL;
    if (!path)
        return 0;
    int r = picture_read(path, &photo, e);
    if (r == 0)
        r = cutout_make(&photo, ret_cutout, e);
    pixels_finish(&photo);
    return r;
}

int wish_write(const struct op_request *request, const struct pixels *canvas, struct err *e)
{
    const char *path = op_out(request, "picture");
    const char *as = json_str(request->params, "format", NULL);
    if (!path)
        return err_set(e, ERR_INPUT, "the request names no output \"picture\"");
    if (!as || !as[0])
        as = path_ext(path);
    if (!as[0] || str_ends(as, "tmp"))
        as = "png";
    return picture_write(path, as, canvas, request->tag, e);
}

void wish_cut_facts(cJSON *facts, const struct cutout *c)
{
    json_set_str(facts, "cut", cutout_word(c->how));
    json_set_num(facts, "cut_share", round(c->share * 1000) / 1000);
    if (c->why[0])
        json_set_str(facts, "cut_why", c->why);
}

cairo_t *wish_draw_begin(const struct pixels *canvas)
{
    cairo_surface_t *surface = pixels_to_surface(canvas);
    cairo_t *c = cairo_create(surface);
    cairo_surface_destroy(surface);
    return c;
}

int wish_draw_end(cairo_t *takes_cairo, struct pixels *canvas, struct err *e)
{
    struct pixels drawn = {0};
    int r = pixels_from_surface(cairo_get_target(takes_cairo), true, &drawn, e);
    cairo_destroy(takes_cairo);
    if (r)
        return r;
    pixels_finish(canvas);
    *canvas = drawn;
    return 0;
}
