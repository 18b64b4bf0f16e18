/* Drawing solid things with a view and a light: planes, boxes, columns, glows. Everything is drawn
 * in the order of the calls, so the caller goes from far to near. */
/* SPDX-License-Identifier: ISC */
#ifndef DRAW_BRUSH_H
#define DRAW_BRUSH_H

#include <cairo.h>

#include "draw/dice.h"
#include "draw/light.h"
#include "draw/view.h"

struct brush {
    cairo_t *cr;
    const struct view *view;
    const struct scene_light *light;
    double line;      /* width of a sketch line in pixels */
    double line_seen; /* 0..1 */
};

/* Sets a tone as the source. */
void brush_tone(const struct brush *b, struct tone t, double alpha);

/* A flat four-sided face with its normal, lit, fading into the haze from its near to its far edge,
 * with sketched edges. */
void brush_face(const struct brush *b, const struct vec corners[4], struct vec normal,
                struct tone albedo);

/* Like brush_face in a tone that is not lit again (windows, lamps). */
void brush_panel(const struct brush *b, const struct vec corners[4], struct tone seen);

/* The visible faces of an upright box, turned by `turn` around its own upright middle axis. */
void brush_box(const struct brush *b, struct vec low, struct vec high, double turn,
               struct tone albedo);

/* An upright round column or trunk from base, narrowing to `taper` of its radius at the top. */
void brush_column(const struct brush *b, struct vec base, double radius, double height,
                  double taper, struct tone albedo);

/* A straight round bar between two points. */
void brush_bar(const struct brush *b, struct vec from, struct vec to, double radius,
               struct tone albedo);

/* A light that is seen: a soft disc of a radius in metres, added to what is there. */
void brush_glow(const struct brush *b, struct vec at, double radius, struct tone t,
                double strength);

/* A soft pool of light (or, dark, of shadow) lying on the ground. add: light is added; else the
 * tone covers with strength. */
void brush_pool(const struct brush *b, struct vec at, double radius_x, double radius_z,
                struct tone t, double strength, bool add);

/* How far a flat polygon reaches, and along which line of the picture its distance changes. */
struct reach {
    double near, far; /* metres */
    struct point at_near, at_far;
};

/* A corner list's path, cut at the near plane; false when nothing is left (and no path is added).
 */
bool brush_path(const struct brush *b, const struct vec *corners, int n, struct reach *ret_reach);

/* Fills (and keeps) the current path with a tone seen through the air over a reach. */
void brush_fill_air(const struct brush *b, const struct reach *r, struct tone seen);

#endif
