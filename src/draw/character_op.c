/* A character's sheet or scene wish comes in; a drawn stand-in goes out, and says that it is one:
 * the same figure from four sides with four heads below, or a frame of the scene with its cast.
 * Knows nothing of what the character looks like. */
/* SPDX-License-Identifier: ISC */
#include "ops/ops.h"

#include "base/json.h"
#include "base/mem.h"
#include "draw/board.h"
#include "draw/type.h"
#include "draw/wish.h"

#include <math.h>
#include <stdlib.h>

#define COLUMNS 4
#define UPPER   0.64 /* of the sheet's height: the full figures */
#define BAND    0.05
#define PAPER   0.97
#define INK     0x2b2b30

static void draw_note(cairo_t *c, const char *text, double x, double y, double width, double size)
{
    struct type_style s = {.size = size,
                           .weight = 700,
                           .track = 0.06,
                           .lines = 1,
                           .align = -1,
                           .colour = INK,
                           .alpha = 0.85};
    (void)type_draw(c, text, x, y, width, &s);
}

/* One view into its cell: the figure as a shot on an empty stage. */
static int draw_cell(cairo_t *c, const cJSON *shot, uint64_t seed, const double cell[4],
                     struct err *e)
{
    struct board board = {.shot = shot,
                          .moment = "hero",
                          .seed = seed,
                          .width = (int)fmax(cell[2], BOARD_SIDE_MIN),
                          .height = (int)fmax(cell[3], BOARD_SIDE_MIN)};
    cairo_surface_t *surface = NULL;
    int rc = board_draw(&board, &surface, e);
    if (rc == 0) {
        cairo_set_source_surface(c, surface, cell[0], cell[1]);
        cairo_paint(c);
    }
    cairo_surface_destroy(surface);
    return rc;
}

static cJSON *view_of(const char *name, const char *size, const char *stance)
{
    cJSON *shot = cJSON_CreateObject(), *cast = cJSON_CreateArray();
    char *blocking = mem_printf("%s stands still, %s", name, stance);
    cJSON_AddItemToArray(cast, cJSON_CreateString(name));
    json_set_str(shot, "shot_type", size);
    json_set_str(shot, "blocking", blocking);
    json_set_str(shot, "lighting", "even soft light");
    json_set(shot, "characters_in_shot", cast);
    free(blocking);
    return shot;
}

static int draw_views(cairo_t *c, const struct wish *w, const char *name, struct err *e)
{
    static const char *const upper[] = {"facing camera", "looks left", "looks right",
                                        "back to camera"};
    static const char *const lower[] = {"facing camera", "facing camera, looks up", "looks left",
                                        "facing camera, looks down"};
    double cell_w = (double)w->width / COLUMNS, cut = w->height * UPPER;
    int rc = 0;
    for (int i = 0; i < 2 * COLUMNS && rc == 0; i++) {
        bool head = i >= COLUMNS;
        double cell[4] = {cell_w * (i % COLUMNS) + 2, head ? cut + 2 : w->height * BAND, cell_w - 4,
                          head ? w->height - cut - 4 : cut - w->height * BAND - 2};
        cJSON *shot =
            view_of(name, head ? "medium close" : "full", head ? lower[i - COLUMNS] : upper[i]);
        rc = draw_cell(c, shot, w->seed, cell, e);
        cJSON_Delete(shot);
    }
    return rc;
}

static int finish(const struct op_request *request, cairo_surface_t *surface, struct err *e)
{
    struct pixels p = {0};
    cairo_surface_flush(surface);
    int rc = pixels_from_surface(surface, true, &p, e);
    if (rc == 0)
        rc = wish_write(request, &p, e);
    pixels_finish(&p);
    return rc;
}

int op_character_sheet(const struct op_request *request, cJSON *ret_facts, struct err *e)
{
    struct wish w;
    const char *name = json_str(request->params, "label", "The character");
    int rc = wish_take(request, 2720, 1530, &w, e);
    if (rc)
        return rc;
    cairo_surface_t *surface = cairo_image_surface_create(CAIRO_FORMAT_RGB24, w.width, w.height);
    cairo_t *c = cairo_create(surface);
    char *note = mem_printf("%s - stand-in, no character sheet", name);
    cairo_set_source_rgb(c, PAPER, PAPER, PAPER);
    cairo_paint(c);
    draw_note(c, note, w.width * 0.012, w.height * 0.009, w.width * 0.9, w.height * 0.026);
    rc = draw_views(c, &w, name, e);
    cairo_destroy(c);
    if (rc == 0)
        rc = finish(request, surface, e);
    cairo_surface_destroy(surface);
    json_set_bool(ret_facts, "comp", true);
    free(note);
    return rc;
}

/* The scene's words, and who is in it. */
static cJSON *scene_shot(const struct op_request *request)
{
    cJSON *shot = cJSON_CreateObject();
    const char *scene = json_str(request->params, "scene", "");
    const cJSON *cast = json_get(request->params, "cast");
    json_set_str(shot, "shot_type", cJSON_GetArraySize(cast) > 1 ? "two shot" : "medium wide");
    json_set_str(shot, "environment", scene);
    json_set_str(shot, "blocking", scene);
    json_set_str(shot, "lighting", scene);
    json_set_str(shot, "time_of_day", scene);
    if (cast)
        json_set(shot, "characters_in_shot", cJSON_Duplicate(cast, true));
    return shot;
}

int op_character_scene(const struct op_request *request, cJSON *ret_facts, struct err *e)
{
    struct wish w;
    cairo_surface_t *surface = NULL;
    int rc = wish_take(request, 1536, 864, &w, e);
    if (rc)
        return rc;
    cJSON *shot = scene_shot(request);
    struct board board = {
        .shot = shot, .moment = "hero", .seed = w.seed, .width = w.width, .height = w.height};
    rc = board_draw(&board, &surface, e);
    if (rc == 0)
        rc = finish(request, surface, e);
    cairo_surface_destroy(surface);
    json_set_bool(ret_facts, "comp", true);
    cJSON_Delete(shot);
    return rc;
}
