/* A worker's request comes in, a PNG of one frame or of a strip goes out. Knows files and
 * parameters; the drawing is board.c's. */
/* SPDX-License-Identifier: ISC */
#include "ops/ops.h"

#include <math.h>

#include "base/json.h"
#include "draw/board.h"
#include "picture/pixels.h"

/* The splitter cuts a strip at its thirds and trims each panel; in a panel of 512 x 912 that takes
 * 12 and 10 pixels a side. */
#define PANELS 3
#define TRIM_X (12.0 / 512)
#define TRIM_Y (10.0 / 912)

static int read_board(const cJSON *params, struct board *ret_board, struct err *e)
{
    double width = json_num(params, "width", 0), height = json_num(params, "height", 0);
    if (!(width >= 1 && width <= PICTURE_MAX_SIDE && height >= 1 && height <= PICTURE_MAX_SIDE))
        return err_set(e, ERR_INPUT,
                       "a storyboard frame of %g x %g: width and height must be given, up to %d",
                       width, height, BOARD_SIDE_MAX);
    *ret_board = (struct board){
        .shot = json_get(params, "shot"),
        .moment = json_str(params, "moment", "hero"),
        .seed = (uint64_t)json_int(params, "seed", 0),
        .width = (int)width,
        .height = (int)height,
        .caption = json_bool(params, "caption", false),
    };
    return 0;
}

static int write_surface(const struct op_request *r, cairo_surface_t *surface, struct err *e)
{
    struct pixels p = {0};
    const char *path = op_out(r, "picture");
    int code = path ? pixels_from_surface(surface, true, &p, e)
                    : err_set(e, ERR_INPUT, "%s was given no place for its picture", r->op);
    if (code == 0)
        code = picture_write(path, "png", &p, r->tag, e);
    pixels_finish(&p);
    return code;
}

int op_board_frame(const struct op_request *request, cJSON *ret_facts, struct err *e)
{
    struct board board;
    cairo_surface_t *surface = NULL;
    int code = read_board(request->params, &board, e);
    if (code == 0)
        code = board_draw(&board, &surface, e);
    if (code == 0)
        code = write_surface(request, surface, e);
    cairo_surface_destroy(surface);
    (void)ret_facts; /* a frame has none but its size, which the dispatcher measures */
    return code;
}

/* First, hero and last beside each other, each drawn into its own third so that nothing reaches
 * over a cut. */
static int draw_strip(const struct board *whole, cairo_surface_t *strip, struct err *e)
{
    static const char *const moments[PANELS] = {"first", "hero", "last"};
    cairo_t *cr = cairo_create(strip);
    int code = 0;
    for (int i = 0; i < PANELS && code == 0; i++) {
        int left = whole->width * i / PANELS, right = whole->width * (i + 1) / PANELS;
        struct board panel = *whole;
        cairo_surface_t *surface = NULL;
        panel.moment = moments[i], panel.width = right - left, panel.caption = false;
        panel.margin_x = (int)lrint(panel.width * TRIM_X),
        panel.margin_y = (int)lrint(panel.height * TRIM_Y);
        code = board_draw(&panel, &surface, e);
        if (code == 0) {
            cairo_set_source_surface(cr, surface, left, 0);
            cairo_paint(cr);
        }
        cairo_surface_destroy(surface);
    }
    cairo_destroy(cr);
    cairo_surface_flush(strip);
    return code;
}

int op_board_strip(const struct op_request *request, cJSON *ret_facts, struct err *e)
{
    struct board board;
    int code = read_board(request->params, &board, e);
    if (code)
        return code;
    cairo_surface_t *strip =
        cairo_image_surface_create(CAIRO_FORMAT_RGB24, board.width, board.height);
    code = draw_strip(&board, strip, e);
    if (code == 0)
        code = write_surface(request, strip, e);
    cairo_surface_destroy(strip);
    (void)ret_facts; /* as above */
    return code;
}
