/* What the storyboard tests share: a shot as JSON becomes pixels, and two pictures can be told
 * apart. */
/* SPDX-License-Identifier: ISC */
#ifndef TESTS_DRAW_FRAMES_H
#define TESTS_DRAW_FRAMES_H

#include <stdlib.h>
#include <string.h>

#include "draw/board.h"

#define BASE_SHOT                                                                                  \
    "{\"shot_id\":\"SH01\",\"script_text\":\"She "                                                 \
    "waits.\",\"shot_type\":\"medium\",\"camera\":{\"placement\":\"eye "                           \
    "level\",\"movement\":\"static\"},\"lens\":{\"mm\":50},\"lighting\":{\"key\":\"warm "          \
    "lamp\"},\"blocking\":\"Jinx "                                                                 \
    "stands\",\"environment\":\"corridor\",\"time_of_day\":\"day\",\"characters_in_shot\":["       \
    "\"JINX\"],\"duration_s\":3}"

/* Fontconfig and Pango keep their caches until the process ends; the leak checker is told so. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
    return "leak:libfontconfig\nleak:libpango\n";
}

/* Draws a shot (JSON text, may be broken: then no shot at all); the caller destroys the surface. */
static inline cairo_surface_t *frame_of(const char *json, const char *moment, int width, int height,
                                        bool caption, uint64_t seed)
{
    cJSON *shot = cJSON_Parse(json);
    struct board b = {.shot = shot,
                      .moment = moment,
                      .seed = seed,
                      .width = width,
                      .height = height,
                      .caption = caption};
    cairo_surface_t *surface = NULL;
    struct err e = {0};
    assert_int_equal(board_draw(&b, &surface, &e), 0);
    cJSON_Delete(shot);
    return surface;
}

/* Mean difference of two pictures of one size, 0..255, grain left out by comparing means of 8 x 8
 * blocks. */
static inline double difference(cairo_surface_t *a, cairo_surface_t *b)
{
    int w = cairo_image_surface_get_width(a), h = cairo_image_surface_get_height(a),
        stride = cairo_image_surface_get_stride(a);
    const unsigned char *p = cairo_image_surface_get_data(a), *q = cairo_image_surface_get_data(b);
    double sum = 0;
    int n = 0;
    for (int y = 0; y + 8 <= h; y += 8)
        for (int x = 0; x + 8 <= w; x += 8, n++) {
            int d[3] = {0};
            for (int i = 0; i < 64; i++)
                for (int c = 0; c < 3; c++) {
                    size_t at =
                        (size_t)(y + i / 8) * (size_t)stride + 4 * (size_t)(x + i % 8) + (size_t)c;
                    d[c] += p[at] - q[at];
                }
            sum += (abs(d[0]) + abs(d[1]) + abs(d[2])) / 192.0;
        }
    return n ? sum / n : 0;
}

static inline bool same_pixels(cairo_surface_t *a, cairo_surface_t *b)
{
    int h = cairo_image_surface_get_height(a), w = cairo_image_surface_get_width(a),
        stride = cairo_image_surface_get_stride(a);
    if (cairo_image_surface_get_width(b) != w || cairo_image_surface_get_height(b) != h)
        return false;
    for (int y = 0; y < h; y++)
        for (int x = 0; x < w; x++)
            if (memcmp(cairo_image_surface_get_data(a) + (size_t)y * stride + 4 * x,
                       cairo_image_surface_get_data(b) + (size_t)y * stride + 4 * x, 3))
                return false;
    return true;
}

#endif
