/* A head's view comes in; eyes, brows, nose, mouth and ears go out as a draughtsman suggests them:
 * masses of shadow first, few lines. Drawn in heads (head.h); the smaller the head, the less is
 * said. */
/* SPDX-License-Identifier: ISC */
#include "draw/head.h"

#define EYE_ANGLE 0.44
#define EYE_Y     -0.005

struct face {
    const struct brush *b;
    const struct head_view *h;
    const struct shade *skin;
    struct tone ink;
    double dip; /* features move down when the head is seen from above */
};

static void soft_spot(const struct face *f, double x, double y, double rx, double ry, double turn,
                      struct tone t, double strength)
{
    cairo_t *cr = f->b->cr;
    cairo_save(cr);
    cairo_translate(cr, x, y + f->dip);
    cairo_rotate(cr, turn);
    cairo_scale(cr, rx, ry);
    cairo_pattern_t *p = cairo_pattern_create_radial(0, 0, 0.25, 0, 0, 1);
    cairo_pattern_add_color_stop_rgba(p, 0, t.r, t.g, t.b, strength);
    cairo_pattern_add_color_stop_rgba(p, 1, t.r, t.g, t.b, 0);
    cairo_set_source(cr, p);
    cairo_arc(cr, 0, 0, 1, 0, 2 * M_PI);
    cairo_fill(cr);
    cairo_pattern_destroy(p);
    cairo_restore(cr);
}

/* How much of a feature at this angle is turned to us: 0 hidden .. 1 full. */
static double shown(const struct face *f, double angle)
{
    return fmax(0, cos(f->h->yaw + angle));
}

static void paint_socket(const struct face *f, double angle)
{
    double wide = shown(f, angle), x = head_x(f->h, angle, 0.315);
    if (wide < 0.12)
        return;
    soft_spot(f, x, EYE_Y - 0.035, 0.115 * wide + 0.02, 0.085, 0,
              tone_mix(f->skin->dark, f->ink, 0.25), 0.62);
}

/* The brow, thick toward the nose. */
static void paint_brow(const struct face *f, double angle, double lift)
{
    cairo_t *cr = f->b->cr;
    double out = angle > 0 ? 1 : -1;
    double x0 = head_x(f->h, angle - out * 0.30, 0.33),
           x1 = head_x(f->h, angle + out * 0.06, 0.335),
           x2 = head_x(f->h, angle + out * 0.34, 0.325);
    if (shown(f, angle) < 0.1)
        return;
    double y = EYE_Y - 0.098 + f->dip + lift;
    cairo_move_to(cr, x0, y + 0.022);
    cairo_curve_to(cr, x1, y - 0.018, x1, y - 0.018, x2, y + 0.018);
    cairo_curve_to(cr, x1, y + 0.008, x1, y + 0.012, x0, y + 0.048);
    cairo_close_path(cr);
    brush_tone(f->b, tone_mix(f->ink, tone_scale(f->h->who->hair, 0.4), 0.4), 0.85);
    cairo_fill(cr);
}

static void eye_path(cairo_t *cr, double x, double y, double wide, double tall)
{
    cairo_move_to(cr, x - wide, y + tall * 0.25);
    cairo_curve_to(cr, x - wide * 0.5, y - tall, x + wide * 0.5, y - tall, x + wide,
                   y + tall * 0.05);
    cairo_curve_to(cr, x + wide * 0.5, y + tall * 0.85, x - wide * 0.4, y + tall * 0.95, x - wide,
                   y + tall * 0.25);
    cairo_close_path(cr);
}

static void paint_iris(const struct face *f, double x, double y, double wide, double tall)
{
    cairo_t *cr = f->b->cr;
    double at = x + f->h->look * wide * 0.55;
    cairo_save(cr);
    eye_path(cr, x, y, wide, tall);
    cairo_clip(cr);
    cairo_translate(cr, at, y - tall * 0.10);
    cairo_scale(cr, fmin(0.031, wide * 0.5), 0.033);
    cairo_arc(cr, 0, 0, 1, 0, 2 * M_PI);
    cairo_restore(cr);
    brush_tone(f->b, tone_scale(f->ink, 0.8), 0.95);
    cairo_fill(cr);
    if (f->h->size > 160) {
        cairo_arc(cr, at + 0.010 * f->skin->to.x, y - tall * 0.32, 0.0065, 0, 2 * M_PI);
        brush_tone(f->b, tone_add(f->skin->lit, (struct tone){0.2, 0.2, 0.2}), 0.85);
        cairo_fill(cr);
    }
}

static void paint_eye(const struct face *f, double angle)
{
    cairo_t *cr = f->b->cr;
    double see = shown(f, angle), x = head_x(f->h, angle, 0.325), y = EYE_Y + f->dip,
           wide = 0.076 * see, tall = 0.036;
    if (see < 0.18)
        return;
    eye_path(cr, x, y, wide, tall);
    brush_tone(
        f->b,
        tone_mix(f->skin->mid, tone_scale((struct tone){1, 1, 1}, tone_luma(f->skin->lit)), 0.55),
        0.9);
    cairo_fill(cr);
    paint_iris(f, x, y, wide, tall);
    cairo_move_to(cr, x - wide * 1.08, y + tall * 0.3);
    cairo_curve_to(cr, x - wide * 0.5, y - tall * 1.1, x + wide * 0.5, y - tall * 1.1,
                   x + wide * 1.08, y + tall * 0.1);
    brush_tone(f->b, f->ink, 0.9);
    cairo_set_line_width(cr, 0.017);
    cairo_stroke(cr);
    cairo_move_to(cr, x - wide * 0.95, y - tall * 0.9);
    cairo_curve_to(cr, x - wide * 0.4, y - tall * 1.9, x + wide * 0.5, y - tall * 1.8, x + wide,
                   y - tall * 0.8);
    brush_tone(f->b, f->ink, 0.35);
    cairo_set_line_width(cr, 0.008);
    cairo_stroke(cr);
}

/* A wedge of shadow on the side away from the light, and what is under the tip. */
static void paint_nose(const struct face *f)
{
    cairo_t *cr = f->b->cr;
    double dark_side = f->skin->to.x > 0 ? -1 : 1;
    double root = head_x(f->h, 0, 0.30), tip = head_x(f->h, 0, 0.385),
           wing = 0.062 * (0.45 + 0.55 * shown(f, 0));
    double y0 = EYE_Y - 0.03 + f->dip, y1 = 0.125 + f->dip;
    if (fabs(f->h->yaw) > 0.35) /* the far side of the bridge is what shows */
        dark_side = f->h->yaw > 0 ? -1 : 1;
    cairo_move_to(cr, root + dark_side * 0.018, y0);
    cairo_curve_to(cr, root + dark_side * 0.02, y0 + 0.06, tip + dark_side * 0.012, y1 - 0.04, tip,
                   y1 - 0.012);
    cairo_line_to(cr, tip, y1 + 0.012);
    cairo_curve_to(cr, tip + dark_side * wing * 0.5, y1 + 0.018, tip + dark_side * wing, y1 + 0.012,
                   tip + dark_side * wing * 0.95, y1 - 0.022);
    cairo_curve_to(cr, tip + dark_side * wing * 0.7, y1 - 0.06, root + dark_side * 0.06, y0 + 0.07,
                   root + dark_side * 0.05, y0);
    cairo_close_path(cr);
    brush_tone(f->b, tone_scale(f->skin->dark, 0.9), f->skin->back ? 0.35 : 0.55);
    cairo_fill(cr);
    double near = tip - (fabs(f->h->yaw) > 0.2 ? (f->h->yaw > 0 ? 1 : -1) * wing : wing);
    cairo_move_to(cr, near, y1 - 0.02);
    cairo_curve_to(cr, near, y1 + 0.015, tip, y1 + 0.03,
                   tip + (tip - near) * (fabs(f->h->yaw) > 0.5 ? 0.1 : 0.9), y1 + 0.002);
    brush_tone(f->b, f->ink, 0.55);
    cairo_set_line_width(cr, 0.010);
    cairo_stroke(cr);
}

static void paint_mouth(const struct face *f)
{
    cairo_t *cr = f->b->cr;
    struct dice d = {f->h->chance ^ 0x77};
    double mood = dice_between(&d, -0.010, 0.012), y = 0.255 + f->dip;
    double left = head_x(f->h, -0.34, 0.315), right = head_x(f->h, 0.34, 0.315),
           mid = head_x(f->h, 0, 0.355);
    if (fabs(f->h->yaw) > 1.0) /* the far corner is behind the lips */
        *(f->h->yaw > 0 ? &right : &left) = mid;
    struct tone lip = tone_mix(f->skin->dark, (struct tone){0.45, 0.16, 0.14}, 0.25);
    cairo_move_to(cr, left, y - mood);
    cairo_curve_to(cr, (left + mid) / 2, y - 0.028, mid, y - 0.022, mid, y - 0.018);
    cairo_curve_to(cr, mid, y - 0.022, (right + mid) / 2, y - 0.028, right, y - mood);
    cairo_curve_to(cr, (right + mid) / 2, y + 0.048, (left + mid) / 2, y + 0.048, left, y - mood);
    brush_tone(f->b, lip, 0.55);
    cairo_fill(cr);
    cairo_move_to(cr, left, y - mood);
    cairo_curve_to(cr, (left + mid) / 2, y + 0.008, mid, y - 0.006, mid, y + 0.002);
    cairo_curve_to(cr, mid, y - 0.006, (right + mid) / 2, y + 0.008, right, y - mood);
    brush_tone(f->b, f->ink, 0.8);
    cairo_set_line_width(cr, 0.012);
    cairo_stroke(cr);
    soft_spot(f, mid, 0.322, 0.07 * (0.4 + 0.6 * shown(f, 0)), 0.022, 0, f->skin->dark, 0.6);
}

static void paint_ear(const struct face *f, double angle, double out)
{
    double turned = cos(f->h->yaw + angle);
    cairo_t *cr = f->b->cr;
    double x = head_x(f->h, angle, 0.345) * out, wide = 0.040 + 0.040 * fmax(0, turned);
    cairo_save(cr);
    cairo_translate(cr, x, 0.055 + 0.09 * sin(f->h->pitch));
    cairo_rotate(cr, angle > 0 ? -0.12 : 0.12);
    cairo_scale(cr, wide, 0.095);
    cairo_arc(cr, 0, 0, 1, 0, 2 * M_PI);
    cairo_restore(cr);
    brush_tone(f->b, tone_mix(f->skin->mid, f->skin->dark, 0.3), 1);
    cairo_fill_preserve(cr);
    brush_tone(f->b, f->ink, 0.5);
    cairo_set_line_width(cr, 0.009);
    cairo_stroke(cr);
}

/* An ear at the outline is half hidden by the skull, so it comes before it; one that is turned to
 * us comes after. */
void face_paint_ears(const struct brush *b, const struct head_view *h, const struct shade *skin,
                     bool before)
{
    struct face f = {b, h, skin, tone_scale(skin->dark, 0.22), 0};
    if (h->who->hair_style == HAIR_LONG || h->who->hair_style == HAIR_BOB || h->size < 14)
        return;
    for (int i = -1; i <= 1; i += 2) {
        double turned = cos(h->yaw + i * M_PI / 2);
        if (before && turned > -0.22 && turned < 0.5)
            paint_ear(&f, i * M_PI / 2, 1.05);
        else if (!before && turned >= 0.5)
            paint_ear(&f, i * M_PI / 2, 1);
    }
}

/* Cheeks, temples and the shadow of the brows and lower lip: the planes that make it a head. */
static void paint_planes(const struct face *f)
{
    double away = f->skin->to.x > 0 ? -1 : 1;
    struct tone dark = f->skin->dark;
    soft_spot(f, head_x(f->h, away * 0.95, 0.30), 0.22, 0.13, 0.20, away * 0.35, dark, 0.55);
    soft_spot(f, head_x(f->h, away * 1.0, 0.30), -0.20, 0.10, 0.17, 0, dark, 0.35);
    soft_spot(f, head_x(f->h, 0, 0.30), 0.17, 0.14, 0.035, 0, dark, 0.25);
    soft_spot(f, head_x(f->h, 0, 0.2), 0.50, 0.24, 0.07, 0, dark, 0.5);
}

void face_paint(const struct brush *b, const struct head_view *h, const struct shade *skin)
{
    struct face f = {b, h, skin, tone_scale(skin->dark, 0.22), 0.22 * sin(h->pitch)};
    double lift = ((double)(h->chance >> 20 & 15) / 15 - 0.5) * 0.014;
    cairo_t *cr = b->cr;
    cairo_set_line_cap(cr, CAIRO_LINE_CAP_ROUND);
    cairo_save(cr);
    head_contour(cr, h->yaw, h->who->jaw, 0.01);
    cairo_clip(cr);
    if (h->size > 26)
        paint_planes(&f);
    for (int i = -1; i <= 1; i += 2)
        paint_socket(&f, i * EYE_ANGLE);
    for (int i = -1; i <= 1 && h->size > 22; i += 2) {
        paint_brow(&f, i * EYE_ANGLE, lift);
        if (h->size > 48)
            paint_eye(&f, i * EYE_ANGLE);
        else
            soft_spot(&f, head_x(h, i * EYE_ANGLE, 0.325), EYE_Y,
                      0.06 * shown(&f, i * EYE_ANGLE) + 0.005, 0.035, 0, f.ink, 0.9);
    }
    if (h->size > 16)
        paint_nose(&f);
    if (h->size > 22)
        paint_mouth(&f);
    cairo_restore(cr);
}
