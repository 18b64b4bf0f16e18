/* The band under a storyboard frame: which shot it is, how it is taken, who is in it, what happens.
 */
/* SPDX-License-Identifier: ISC */
#ifndef DRAW_CAPTION_H
#define DRAW_CAPTION_H

#include <cairo.h>

#include "draw/scene.h"

/* Height of the band for a picture of that size, whole pixels. */
int caption_height(int width, int height);

/* Draws the band into 0, 0, width, height. Text that does not fit ends in an ellipsis; bytes that
 * are not UTF-8 and control bytes are shown as U+FFFD or blanks. */
void caption_paint(cairo_t *cr, const cJSON *shot, const struct scene *s, double width,
                   double height);

#endif
