/* A storyboard frame: a shot becomes a drawn picture. */
/* SPDX-License-Identifier: ISC */
#ifndef DRAW_BOARD_H
#define DRAW_BOARD_H

#include <cairo.h>
#include <stdbool.h>
#include <stdint.h>

#include <cjson/cJSON.h>

#include "base/err.h"

struct board {
    const cJSON *shot;  /* borrowed; anything is accepted */
    const char *moment; /* "first", "hero", "last"; borrowed */
    uint64_t seed;
    int width, height;      /* pixels */
    int margin_x, margin_y; /* of the picture's edge nothing of the composition lies in */
    bool caption;           /* a band with facts below and the camera's arrow over the picture */
};

#define BOARD_SIDE_MIN 64
#define BOARD_SIDE_MAX 8192

/* Draws into a new RGB24 image surface the caller destroys. ERR_INPUT for a size out of range. The
 * same board gives the same pixels. */
int board_draw(const struct board *board, cairo_surface_t **ret_surface, struct err *e);

#endif
