/* The sign for a camera movement, as storyboards draw it. */
/* SPDX-License-Identifier: ISC */
#ifndef DRAW_CAMERA_ARROW_H
#define DRAW_CAMERA_ARROW_H

#include <cairo.h>

#include "draw/scene.h"

/* Draws the sign into the rectangle 0, 0, width, height; nothing for a static camera. */
void camera_arrow_paint(cairo_t *cr, const struct scene *s, double width, double height);

#endif
