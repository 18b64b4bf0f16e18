/* A head's view comes in, hair or a cap goes out: the skull made a little larger, less an opening
 * for the face. Drawn in heads. */
/* SPDX-License-Identifier: ISC */
#include "draw/head.h"

struct style {
    double grow;     /* how far it stands off the skull */
    double low_side; /* how far down it reaches beside the face, heads below the middle */
    double back;     /* how far down it hangs behind, 0 when it does not */
    double hairline; /* of the opening's upper edge */
};

static const struct style styles[] = {
    [HAIR_SHORT] = {0.06, 0.02, 0, -0.27},  [HAIR_LONG] = {0.08, 0.34, 1.05, -0.26},
    [HAIR_BOB] = {0.09, 0.30, 0.42, -0.24}, [HAIR_BUN] = {0.05, 0.04, 0, -0.29},
    [HAIR_TAIL] = {0.06, 0.06, 0, -0.28},   [HAIR_CROP] = {0.025, -0.02, 0, -0.28},
    [HAIR_CURLS] = {0.17, 0.10, 0, -0.25},  [HAIR_CAP] = {0.07, -0.08, 0, -0.20},
};

static struct tone hair_tone(const struct head_view *h)
{
    if (h->who->hair_style == HAIR_CAP)
        return tone_mix(tone_scale(h->who->main, 0.6), (struct tone){0.2, 0.2, 0.22}, 0.4);
    return h->who->hair;
}

/* The upper half of a unit circle with loose ends hanging in, longer on one side of the parting. */
static void ragged(cairo_t *cr, const struct look *who)
{
    struct dice d = {(uint64_t)(who->height * 1e6) ^ 0xf41};
    const int ends = 9;
    double part = who->jaw > 0 ? 0.35 : 0.65;
    cairo_move_to(cr, -1, 0);
    for (int i = 0; i < ends; i++) {
        double at = (i + 0.5) / ends, root = M_PI + M_PI * (i + 1.0) / ends,
               tip = M_PI + M_PI * (at + 0.3 * (at - part) / ends);
        double in = 1 - dice_between(&d, 0.06, 0.16) - 0.10 * fmin(1, fabs(at - part) * 2),
               mid = (tip + root) / 2;
        cairo_line_to(cr, in * cos(tip), in * sin(tip));
        cairo_curve_to(cr, (in + 0.02) * cos(mid), (in + 0.02) * sin(mid), 0.98 * cos(mid),
                       0.98 * sin(mid), cos(root), sin(root));
    }
}

/* The opening through which the face is seen: an ellipse that turns with the head and is gone when
 * it has turned away. */
static bool opening(cairo_t *cr, const struct head_view *h, const struct style *st)
{
    double turned = cos(h->yaw);
    if (turned < -0.35 || fabs(h->pitch) > 1.1)
        return false;
    double side = fmin(fabs(h->yaw), M_PI / 2) / (M_PI / 2), sign = h->yaw < 0 ? -1 : 1;
    double x = sign * (0.21 * sin(fabs(h->yaw)) + 0.16 * side * side), rx = 0.328 - 0.050 * side;
    if (turned < 0)
        x += sign * -turned * 0.5;
    double top = st->hairline + 0.25 * sin(h->pitch), low = 0.62;
    cairo_save(cr);
    cairo_translate(cr, x, (top + low) / 2);
    cairo_scale(cr, rx, (low - top) / 2);
    bool loose = h->who->hair_style == HAIR_SHORT || h->who->hair_style == HAIR_BOB ||
                 h->who->hair_style == HAIR_LONG || h->who->hair_style == HAIR_CURLS;
    if (loose && h->size > 30)
        ragged(cr, h->who);
    else
        cairo_arc(cr, 0, 0, 1, M_PI, 2 * M_PI);
    cairo_arc(cr, 0, 0, 1, 0, M_PI);
    cairo_close_path(cr);
    cairo_restore(cr);
    return true;
}

/* Where the hair ends downward: before the ear by the style, then falling to the nape. */
static void clip_low(cairo_t *cr, const struct head_view *h, const struct style *st)
{
    double nape = fmax(st->low_side, st->back > 0 ? 0.50 : 0.24);
    double turn = sin(h->yaw), behind = fmax(0, -cos(h->yaw));
    double left = st->low_side + (nape - st->low_side) * fmax(behind, fmax(0, turn));
    double right = st->low_side + (nape - st->low_side) * fmax(behind, fmax(0, -turn));
    cairo_move_to(cr, -1, -1);
    cairo_line_to(cr, 1, -1);
    cairo_line_to(cr, 1, right);
    cairo_line_to(cr, 0.38, right);
    if (fabs(turn) > 0.5 &&
        behind < 0.5) { /* a lock before the ear, the ear free, the nape lower */
        double s = turn > 0 ? 1 : -1, low = s > 0 ? left : right;
        double x0 = s > 0 ? 0.38 : -0.38;
        if (s < 0) {
            cairo_curve_to(cr, 0.20, low, 0.16, st->low_side + 0.02, 0.08, st->low_side - 0.03);
            cairo_curve_to(cr, 0.0, st->low_side - 0.06, -0.06, st->low_side + 0.05, -0.12,
                           st->low_side + 0.05);
            cairo_line_to(cr, x0, st->low_side);
        } else {
            cairo_line_to(cr, 0.12, st->low_side + 0.05);
            cairo_curve_to(cr, 0.06, st->low_side + 0.05, 0.0, st->low_side - 0.06, -0.08,
                           st->low_side - 0.03);
            cairo_curve_to(cr, -0.16, st->low_side + 0.02, -0.20, low, -0.38, low);
        }
    } else {
        cairo_curve_to(cr, 0.15, right + 0.03 * behind, -0.15, left + 0.03 * behind, -0.38, left);
    }
    cairo_line_to(cr, -1, left);
    cairo_close_path(cr);
    cairo_clip(cr);
}

static void paint_strands(const struct brush *b, const struct head_view *h, struct tone dark,
                          struct tone lit)
{
    struct dice d = {h->chance ^ 0x4a17};
    cairo_t *cr = b->cr;
    double part = (h->who->jaw > 0 ? 1 : -1) * 0.10 + 0.25 * sin(h->yaw);
    for (int i = 0; i < 16; i++) {
        double u = dice_between(&d, -1, 1), len = dice_between(&d, 0.5, 1.0);
        double x1 = part + u * 0.42, y1 = -0.50 + 0.55 * len * fabs(u) + 0.02;
        cairo_move_to(cr, part + u * 0.06, -0.50);
        cairo_curve_to(cr, part + u * 0.22, -0.49, x1, -0.42, x1 + u * 0.03, y1);
        brush_tone(b, i % 3 ? dark : lit, i % 3 ? 0.5 : 0.35);
        cairo_set_line_width(cr, i % 3 ? 0.010 : 0.016);
        cairo_stroke(cr);
    }
}

static void cap_brim(const struct brush *b, const struct head_view *h, struct tone t)
{
    double turned = cos(h->yaw), side = sin(h->yaw);
    if (turned < -0.4)
        return;
    cairo_save(b->cr);
    cairo_translate(b->cr, side * 0.34, -0.185 + 0.2 * sin(h->pitch));
    cairo_scale(b->cr, 0.20 + 0.14 * turned, 0.055);
    cairo_arc(b->cr, 0, 0, 1, 0, 2 * M_PI);
    cairo_restore(b->cr);
    brush_tone(b, t, 1);
    cairo_fill(b->cr);
}

/* A bun or a tail behind the crown. */
static void paint_knot(const struct brush *b, const struct head_view *h, struct tone t,
                       struct tone dark)
{
    double side = -sin(h->yaw), back = fmax(0, -cos(h->yaw));
    cairo_t *cr = b->cr;
    bool bun = h->who->hair_style == HAIR_BUN;
    cairo_save(cr);
    if (bun) {
        cairo_translate(cr, side * 0.40, -0.34 - 0.16 * (1 - fabs(side)) + back * 0.14);
        cairo_scale(cr, 0.15, 0.14);
        cairo_arc(cr, 0, 0, 1, 0, 2 * M_PI);
    } else {
        double x = side * 0.44;
        cairo_move_to(cr, x - 0.06, -0.22);
        cairo_curve_to(cr, x + side * 0.30 - 0.10, -0.20, x + side * 0.20 - 0.12, 0.30,
                       x + side * 0.10 - 0.02, 0.62);
        cairo_curve_to(cr, x + side * 0.22 + 0.10, 0.30, x + side * 0.34 + 0.10, -0.15, x + 0.06,
                       -0.24);
    }
    cairo_restore(cr);
    brush_tone(b, t, 1);
    cairo_fill_preserve(cr);
    brush_tone(b, dark, 0.6);
    cairo_set_line_width(cr, 0.012);
    cairo_stroke(cr);
}

static void draw_hair(cairo_t *cr, const void *what)
{
    const struct head_view *h = what;
    cairo_save(cr);
    cairo_translate(cr, h->middle.x, h->middle.y);
    cairo_rotate(cr, h->roll);
    cairo_scale(cr, h->size, h->size);
    head_contour(cr, h->yaw, 0, styles[h->who->hair_style].grow);
    cairo_restore(cr);
}

/* Everything but the opening. The head's units are already set. */
static void clip_opening(cairo_t *cr, const struct head_view *h, const struct style *st)
{
    cairo_rectangle(cr, -2, -2, 4, 4);
    if (opening(cr, h, st))
        cairo_set_fill_rule(cr, CAIRO_FILL_RULE_EVEN_ODD);
    cairo_clip(cr);
    cairo_set_fill_rule(cr, CAIRO_FILL_RULE_WINDING);
}

void hair_paint(const struct brush *b, const struct head_view *h)
{
    const struct style *st = &styles[h->who->hair_style];
    struct tone t = hair_tone(h);
    struct shade sh = shade_of(b, t, h->depth);
    cairo_t *cr = b->cr;
    bool knot = h->who->hair_style == HAIR_BUN || h->who->hair_style == HAIR_TAIL;
    if (knot && (cos(h->yaw) < 0 || fabs(sin(h->yaw)) > 0.3 || h->who->hair_style == HAIR_BUN))
        paint_knot(b, h, sh.mid, tone_scale(sh.dark, 0.5));
    cairo_save(cr);
    clip_opening(cr, h, st);
    clip_low(cr, h, st);
    cairo_save(cr);
    cairo_identity_matrix(cr);
    shade_paint(b, &sh, h->size * 0.34, draw_hair, h);
    cairo_restore(cr);
    head_contour(cr, h->yaw, 0, st->grow);
    cairo_clip_preserve(cr);
    brush_tone(b, tone_scale(sh.dark, 0.4), 0.7);
    cairo_set_line_width(cr, 0.016);
    cairo_stroke(cr);
    if (h->size > 40 && h->who->hair_style != HAIR_CAP)
        paint_strands(b, h, tone_scale(sh.dark, 0.55), sh.lit);
    cairo_restore(cr);
    if (h->who->hair_style == HAIR_CAP)
        cap_brim(b, h, tone_scale(sh.dark, 0.8));
}

void head_paint_back_hair(const struct brush *b, const struct head_view *h)
{
    const struct style *st = &styles[h->who->hair_style];
    if (st->back <= 0 || h->depth < VIEW_NEAR * 2)
        return;
    struct shade sh = shade_of(b, h->who->hair, h->depth);
    cairo_t *cr = b->cr;
    double x = -0.17 * sin(h->yaw),
           wide = (0.34 + st->grow * 0.6) * (0.72 + 0.28 * fabs(cos(h->yaw)));
    cairo_save(cr);
    cairo_translate(cr, h->middle.x, h->middle.y);
    cairo_rotate(cr, h->roll);
    cairo_scale(cr, h->size, h->size);
    cairo_move_to(cr, x - wide * 0.8, -0.28);
    cairo_curve_to(cr, x - wide - 0.08, 0.1, x - wide + 0.02, st->back * 0.7, x - wide * 0.72,
                   st->back);
    cairo_curve_to(cr, x - 0.1, st->back + 0.07, x + 0.1, st->back + 0.07, x + wide * 0.72,
                   st->back);
    cairo_curve_to(cr, x + wide - 0.02, st->back * 0.7, x + wide + 0.08, 0.1, x + wide * 0.8,
                   -0.28);
    cairo_curve_to(cr, x + wide * 0.4, -0.46, x - wide * 0.4, -0.46, x - wide * 0.8, -0.28);
    brush_tone(b, cos(h->yaw) < 0 ? sh.mid : sh.dark, 1);
    cairo_fill_preserve(cr);
    brush_tone(b, tone_scale(sh.dark, 0.4), 0.6);
    cairo_set_line_width(cr, 0.014);
    cairo_stroke(cr);
    cairo_restore(cr);
}
