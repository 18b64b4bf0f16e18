/* What happens to a drawn picture as a whole: softness of what is out of focus, and the look of a
 * graded print on paper. */
/* SPDX-License-Identifier: ISC */
#ifndef DRAW_FINISH_H
#define DRAW_FINISH_H

#include <cairo.h>
#include <stdint.h>

#include "draw/scene.h"

/* Blurs an image surface in place by a radius in its own pixels (below 0.7: untouched). */
void finish_blur(cairo_surface_t *surface, double radius);

/* Grades, vignettes and grains an RGB24 surface in place; the same seed gives the same grain. */
void finish_print(cairo_surface_t *surface, const struct scene *s);

#endif
