/* A movement comes in, an arrow (or an inner frame with arrows) goes out, in cream with a dark
 * edge, clear of the middle. */
/* SPDX-License-Identifier: ISC */
#include "draw/camera_arrow.h"

#include <math.h>

/* Paints the current path as an overlay. */
static void ink(cairo_t *cr, double line)
{
    cairo_set_line_join(cr, CAIRO_LINE_JOIN_ROUND);
    cairo_set_source_rgba(cr, 0.06, 0.06, 0.07, 0.55);
    cairo_set_line_width(cr, line);
    cairo_stroke_preserve(cr);
    cairo_set_source_rgba(cr, 0.95, 0.90, 0.78, 0.88);
    cairo_fill(cr);
}

/* A straight arrow of a length, its tail at the origin, along x; the shaft grows toward the head.
 */
static void arrow(cairo_t *cr, double len, double thick)
{
    double head = thick * 2.1;
    cairo_move_to(cr, 0, -thick * 0.22);
    cairo_line_to(cr, len - head, -thick * 0.5);
    cairo_line_to(cr, len - head, -thick * 1.15);
    cairo_line_to(cr, len, 0);
    cairo_line_to(cr, len - head, thick * 1.15);
    cairo_line_to(cr, len - head, thick * 0.5);
    cairo_line_to(cr, 0, thick * 0.22);
    cairo_close_path(cr);
}

static void arrow_at(cairo_t *cr, double x, double y, double turn, double len, double thick)
{
    cairo_save(cr);
    cairo_translate(cr, x, y);
    cairo_rotate(cr, turn);
    arrow(cr, len, thick);
    cairo_restore(cr);
    ink(cr, thick * 0.22);
}

/* An arrow bent along an ellipse from one angle to another. */
static void bent(cairo_t *cr, double cx, double cy, double rx, double ry, double from, double to,
                 double thick)
{
    const int n = 24;
    double sign = to > from ? 1 : -1, stop = to - sign * thick * 2.0 / fmax(rx, ry);
    for (int i = 0; i <= n; i++) {
        double a = from + (stop - from) * i / n, t = thick * (0.22 + 0.28 * i / n);
        cairo_line_to(cr, cx + (rx + t) * cos(a), cy + (ry + t) * sin(a));
    }
    cairo_line_to(cr, cx + (rx + thick * 1.2) * cos(stop), cy + (ry + thick * 1.2) * sin(stop));
    cairo_line_to(cr, cx + rx * cos(to), cy + ry * sin(to));
    cairo_line_to(cr, cx + (rx - thick * 1.2) * cos(stop), cy + (ry - thick * 1.2) * sin(stop));
    for (int i = n; i >= 0; i--) {
        double a = from + (stop - from) * i / n, t = thick * (0.22 + 0.28 * i / n);
        cairo_line_to(cr, cx + (rx - t) * cos(a), cy + (ry - t) * sin(a));
    }
    cairo_close_path(cr);
    ink(cr, thick * 0.22);
}

/* Corners of an inner frame and an arrow in each corner, inward for a push and outward for a pull.
 */
static void frame_arrows(cairo_t *cr, double w, double h, double thick, bool inward, double amount)
{
    double in = 0.13 + 0.06 * amount, x0 = w * in, y0 = h * in, leg = 0.09 * fmin(w, h);
    for (int i = 0; i < 4; i++) {
        double sx = i % 2 ? -1 : 1, sy = i / 2 ? -1 : 1, cx = sx > 0 ? x0 : w - x0,
               cy = sy > 0 ? y0 : h - y0;
        cairo_move_to(cr, cx + sx * leg, cy);
        cairo_line_to(cr, cx, cy);
        cairo_line_to(cr, cx, cy + sy * leg);
        cairo_set_source_rgba(cr, 0.06, 0.06, 0.07, 0.45);
        cairo_set_line_width(cr, thick * 0.42);
        cairo_stroke_preserve(cr);
        cairo_set_source_rgba(cr, 0.95, 0.90, 0.78, 0.88);
        cairo_set_line_width(cr, thick * 0.24);
        cairo_stroke(cr);
        double ox = sx > 0 ? w * 0.035 : w * 0.965, oy = sy > 0 ? h * 0.035 : h * 0.965;
        double len = hypot(cx - ox, cy - oy) * 0.82, turn = atan2(cy - oy, cx - ox);
        if (inward)
            arrow_at(cr, ox, oy, turn, len, thick * 0.62);
        else
            arrow_at(cr, cx - 0.1 * (cx - ox), cy - 0.1 * (cy - oy), turn + M_PI, len,
                     thick * 0.62);
    }
}

static void shake(cairo_t *cr, double w, double h, double thick)
{
    double x = w * 0.5 - 0.16 * w, y = h * 0.92;
    for (int i = 0; i <= 8; i++)
        cairo_line_to(cr, x + 0.04 * w * i, y + (i % 2 ? 1 : -1) * thick * 0.7);
    cairo_set_line_join(cr, CAIRO_LINE_JOIN_ROUND);
    cairo_set_source_rgba(cr, 0.06, 0.06, 0.07, 0.55);
    cairo_set_line_width(cr, thick * 0.55);
    cairo_stroke_preserve(cr);
    cairo_set_source_rgba(cr, 0.95, 0.90, 0.78, 0.9);
    cairo_set_line_width(cr, thick * 0.32);
    cairo_stroke(cr);
}

void camera_arrow_paint(cairo_t *cr, const struct scene *s, double w, double h)
{
    double unit = fmin(w, h), thick = unit * 0.036, len = unit * (0.40 + 0.14 * s->move_amount);
    cairo_save(cr);
    switch (s->move) {
    case MOVE_PUSH:
    case MOVE_PULL:
        frame_arrows(cr, w, h, thick, s->move == MOVE_PUSH, s->move_amount);
        break;
    case MOVE_PAN_LEFT:
        bent(cr, w * 0.5, h * 0.30, len * 0.62, h * 0.20, -M_PI * 0.28, -M_PI * 0.74, thick);
        break;
    case MOVE_PAN_RIGHT:
        bent(cr, w * 0.5, h * 0.30, len * 0.62, h * 0.20, -M_PI * 0.72, -M_PI * 0.26, thick);
        break;
    case MOVE_TILT_UP:
        arrow_at(cr, w * 0.91, h * 0.5 + len * 0.5, -M_PI / 2, len, thick);
        break;
    case MOVE_TILT_DOWN:
        arrow_at(cr, w * 0.91, h * 0.5 - len * 0.5, M_PI / 2, len, thick);
        break;
    case MOVE_TRACK_LEFT:
        arrow_at(cr, w * 0.5 + len * 0.5, h * 0.92, M_PI, len, thick);
        break;
    case MOVE_TRACK_RIGHT:
        arrow_at(cr, w * 0.5 - len * 0.5, h * 0.92, 0, len, thick);
        break;
    case MOVE_CRANE_UP:
        bent(cr, w * 0.66, h * 0.5, w * 0.25, len * 0.62, 0.75, -0.75, thick);
        break;
    case MOVE_CRANE_DOWN:
        bent(cr, w * 0.66, h * 0.5, w * 0.25, len * 0.62, -0.75, 0.75, thick);
        break;
    case MOVE_ORBIT:
        bent(cr, w * 0.5, h * 0.84, len * 0.75, h * 0.07, M_PI * 1.05, M_PI * -0.12, thick);
        break;
    case MOVE_HANDHELD:
        shake(cr, w, h, thick);
        break;
    case MOVE_STATIC:
        break;
    }
    cairo_restore(cr);
}
