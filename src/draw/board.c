/* A shot comes in, a picture goes out: words to scene, scene to stage and light, then layers from
 * far to near, then the print and the caption. This file only puts the layers in order. */
/* SPDX-License-Identifier: ISC */
#include "draw/board.h"

#include <stdlib.h>

#include "base/mem.h"
#include "draw/atmosphere.h"
#include "draw/camera_arrow.h"
#include "draw/caption.h"
#include "draw/environment.h"
#include "draw/figure.h"
#include "draw/finish.h"
#include "draw/prop.h"

struct sheet {
    struct scene scene;
    struct blocking stage;
    struct scene_light light;
    struct brush brush; /* for what is sharp */
    struct figure *figure[BLOCKING_MARKS_MAX];
    int far_to_near[BLOCKING_MARKS_MAX];
};

static void sheet_init(struct sheet *sh, const struct board *board, int height);
static void paint_far(struct sheet *sh, cairo_surface_t *surface);
static void paint_people(struct sheet *sh);
static void paint_near(struct sheet *sh, cairo_t *cr);
static void sheet_finish(struct sheet *sh);

/* ---- setting up ---- */

static void sort_far_to_near(struct sheet *sh)
{
    int n = sh->stage.n;
    for (int i = 0; i < n; i++) {
        int k = i;
        double depth = view_depth(&sh->stage.view, sh->stage.mark[i].at);
        for (; k > 0 &&
               view_depth(&sh->stage.view, sh->stage.mark[sh->far_to_near[k - 1]].at) < depth;
             k--)
            sh->far_to_near[k] = sh->far_to_near[k - 1];
        sh->far_to_near[k] = i;
    }
}

static void sheet_init(struct sheet *sh, const struct board *board, int height)
{
    scene_read(board->shot, board->moment, board->seed, &sh->scene);
    sh->stage =
        blocking_of(&sh->scene, board->width - 2 * board->margin_x, height - 2 * board->margin_y);
    struct view *v = &sh->stage.view;
    v->cx += board->margin_x, v->cy += board->margin_y;
    v->width = board->width, v->height = height;
    sh->light = light_of_scene(&sh->scene);
    double most = fmax(v->width, v->height);
    sh->brush = (struct brush){
        .view = v, .light = &sh->light, .line = fmax(0.6, most / 1250), .line_seen = 0.42};
    for (int i = 0; i < sh->stage.n; i++) {
        sh->figure[i] = mem_alloc(sizeof **sh->figure);
        figure_init(sh->figure[i], &sh->stage.mark[i], sh->scene.moment);
    }
    sort_far_to_near(sh);
}

static void sheet_finish(struct sheet *sh)
{
    for (int i = 0; i < sh->stage.n; i++)
        free(sh->figure[i]);
}

/* ---- layers ---- */

/* How unsharp the distance is: a long lens near its subject. Pixels. */
static double far_blur(const struct sheet *sh)
{
    double r = 0.0019 * sh->stage.view.height * pow(sh->scene.mm / 35, 1.2) /
               fmax(sh->stage.distance, 0.5);
    return fmin(r, 0.011 * sh->stage.view.height);
}

static void paint_far(struct sheet *sh, cairo_surface_t *surface)
{
    environment_paint(&sh->brush, &sh->scene, &sh->stage);
    cairo_surface_flush(surface);
    finish_blur(surface, far_blur(sh));
    atmosphere_behind(&sh->brush, &sh->scene);
}

/* Who sits, sits on something. */
static void paint_seat(const struct brush *b, const struct figure *f)
{
    const struct pose *p = &f->pose;
    double top = p->pelvis.y - 0.065 * p->height, half = 0.125 * p->height;
    struct vec mid = vec_add(p->pelvis, vec_scale(p->front, 0.03 * p->height));
    if (!p->seated || top < 0.1)
        return;
    brush_pool(b, (struct vec){mid.x, 0.004, mid.z}, half * 1.9, half * 1.7, b->light->ink, 0.7,
               false);
    brush_box(b, (struct vec){mid.x - half, 0, mid.z - half},
              (struct vec){mid.x + half, top, mid.z + half}, -f->mark.turn,
              (struct tone){0.34, 0.28, 0.23});
}

static void paint_people(struct sheet *sh)
{
    if (sh->scene.staging == STAGING_INSERT) {
        prop_insert(&sh->brush, &sh->scene);
        return;
    }
    for (int i = 0; i < sh->stage.n; i++)
        figure_shadow(&sh->brush, sh->figure[sh->far_to_near[i]]);
    for (int i = 0; i < sh->stage.n; i++) {
        const struct figure *f = sh->figure[sh->far_to_near[i]];
        if (f->mark.foreground)
            continue;
        paint_seat(&sh->brush, f);
        figure_paint(&sh->brush, f);
    }
    if (sh->scene.staging == STAGING_POV)
        prop_hands(&sh->brush, &sh->scene);
}

/* What is nearer than the subject, unsharp, on a layer of its own. */
static void paint_near(struct sheet *sh, cairo_t *cr)
{
    bool shoulder = sh->scene.staging == STAGING_SHOULDER && sh->stage.n > 0;
    if (!shoulder && sh->scene.veil == VEIL_NONE)
        return;
    const struct view *v = &sh->stage.view;
    cairo_surface_t *layer =
        cairo_image_surface_create(CAIRO_FORMAT_ARGB32, (int)v->width, (int)v->height);
    struct brush near = sh->brush;
    struct scene_light dim = sh->light;
    dim.key = tone_scale(dim.key, 0.6), dim.ambient = tone_scale(dim.ambient, 0.8);
    near.cr = cairo_create(layer);
    near.light = &dim;
    near.line_seen = 0;
    if (shoulder)
        figure_paint(&near, sh->figure[sh->stage.n - 1]);
    environment_veil(&near, &sh->scene);
    cairo_destroy(near.cr);
    finish_blur(layer, 0.0045 * v->height * (sh->scene.mm > 60 ? 1.6 : 1));
    cairo_set_source_surface(cr, layer, 0, 0);
    cairo_paint(cr);
    cairo_surface_destroy(layer);
}

static void paint_caption(struct sheet *sh, const struct board *board, int height,
                          cairo_surface_t *picture, cairo_surface_t *whole)
{
    cairo_t *cr = cairo_create(whole);
    cairo_set_source_surface(cr, picture, 0, 0);
    cairo_paint(cr);
    camera_arrow_paint(cr, &sh->scene, board->width, height);
    cairo_translate(cr, 0, height);
    caption_paint(cr, board->shot, &sh->scene, board->width, board->height - height);
    cairo_destroy(cr);
    cairo_surface_flush(whole);
}

int board_draw(const struct board *board, cairo_surface_t **ret_surface, struct err *e)
{
    if (board->width < BOARD_SIDE_MIN || board->height < BOARD_SIDE_MIN ||
        board->width > BOARD_SIDE_MAX || board->height > BOARD_SIDE_MAX)
        return err_set(e, ERR_INPUT,
                       "a storyboard frame of %d x %d: each side must be %d to %d pixels",
                       board->width, board->height, BOARD_SIDE_MIN, BOARD_SIDE_MAX);
    int height = board->height - (board->caption ? caption_height(board->width, board->height) : 0);
    struct sheet *sh = mem_alloc(sizeof *sh);
    sheet_init(sh, board, height);
    cairo_surface_t *picture = cairo_image_surface_create(CAIRO_FORMAT_RGB24, board->width, height);
    sh->brush.cr = cairo_create(picture);
    paint_far(sh, picture);
    paint_people(sh);
    paint_near(sh, sh->brush.cr);
    atmosphere_before(&sh->brush, &sh->scene);
    cairo_destroy(sh->brush.cr);
    finish_print(picture, &sh->scene);
    if (board->caption) {
        cairo_surface_t *whole =
            cairo_image_surface_create(CAIRO_FORMAT_RGB24, board->width, board->height);
        paint_caption(sh, board, height, picture, whole);
        cairo_surface_destroy(picture);
        picture = whole;
    }
    sheet_finish(sh);
    free(sh);
    *ret_surface = picture;
    return 0;
}
