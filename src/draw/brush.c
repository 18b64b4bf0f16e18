/* Corners in metres come in, painted faces go out: projected, cut at the near plane, lit and faded
 * by the air. Chooses no composition. */
/* SPDX-License-Identifier: ISC */
#include "draw/brush.h"

#define HAZE_STOPS 12

void brush_tone(const struct brush *b, struct tone t, double alpha)
{
    cairo_set_source_rgba(b->cr, t.r, t.g, t.b, alpha);
}

/* 1/depth changes evenly over a plane's picture; its slope gives the line from near to far. */
static void find_slope(const struct brush *b, const struct vec *cut, int n, struct reach *r)
{
    int near = 0, far = 0;
    for (int i = 1; i < n; i++) {
        near = view_depth(b->view, cut[i]) < view_depth(b->view, cut[near]) ? i : near;
        far = view_depth(b->view, cut[i]) > view_depth(b->view, cut[far]) ? i : far;
    }
    r->near = fmax(view_depth(b->view, cut[near]), VIEW_NEAR),
    r->far = fmax(view_depth(b->view, cut[far]), VIEW_NEAR);
    r->at_near = view_point(b->view, cut[near]), r->at_far = view_point(b->view, cut[far]);
    double wn = 1 / r->near, wf = 1 / r->far, best = 0;
    for (int i = 0; i < n; i++) { /* the third point that spans the plane best */
        struct point p = view_point(b->view, cut[i]);
        double ax = r->at_far.x - r->at_near.x, ay = r->at_far.y - r->at_near.y,
               bx = p.x - r->at_near.x, by = p.y - r->at_near.y;
        double det = ax * by - ay * bx, dw = 1 / fmax(view_depth(b->view, cut[i]), VIEW_NEAR) - wn;
        if (fabs(det) <= best)
            continue;
        best = fabs(det);
        double gx = ((wf - wn) * by - dw * ay) / det, gy = (ax * dw - bx * (wf - wn)) / det,
               g2 = gx * gx + gy * gy;
        if (g2 > 1e-18)
            r->at_far = (struct point){r->at_near.x + gx * (wf - wn) / g2,
                                       r->at_near.y + gy * (wf - wn) / g2};
    }
}

bool brush_path(const struct brush *b, const struct vec *corners, int n, struct reach *ret_reach)
{
    struct vec cut[VIEW_CLIP_MAX];
    int left = view_clip(b->view, corners, n, cut);
    if (left < 3)
        return false;
    struct point seen[VIEW_CLIP_MAX], held[VIEW_GUARD_MAX];
    for (int i = 0; i < left; i++)
        seen[i] = view_point(b->view, cut[i]);
    int n_held = view_guard(b->view, seen, left, held);
    if (n_held < 3)
        return false;
    for (int i = 0; i < n_held; i++)
        cairo_line_to(b->cr, held[i].x, held[i].y);
    cairo_close_path(b->cr);
    find_slope(b, cut, left, ret_reach);
    return true;
}

void brush_fill_air(const struct brush *b, const struct reach *r, struct tone seen)
{
    bool flat = light_haze(b->light, r->far) - light_haze(b->light, r->near) < 0.012;
    if (flat || hypot(r->at_near.x - r->at_far.x, r->at_near.y - r->at_far.y) < 3) {
        brush_tone(b, light_through(b->light, seen, (r->near + r->far) / 2), 1);
        cairo_fill_preserve(b->cr);
        return;
    }
    cairo_pattern_t *pattern =
        cairo_pattern_create_linear(r->at_near.x, r->at_near.y, r->at_far.x, r->at_far.y);
    for (int i = 0; i <= HAZE_STOPS;
         i++) { /* every stop is as many times farther as the one before */
        double depth = r->near * pow(r->far / r->near, (double)i / HAZE_STOPS);
        struct tone s = light_through(b->light, seen, depth);
        cairo_pattern_add_color_stop_rgb(
            pattern, (1 / r->near - 1 / depth) / (1 / r->near - 1 / r->far), s.r, s.g, s.b);
    }
    cairo_set_source(b->cr, pattern);
    cairo_fill_preserve(b->cr);
    cairo_pattern_destroy(pattern);
}

static void paint_path(const struct brush *b, const struct reach *r, struct tone seen)
{
    brush_fill_air(b, r, seen);
    double middle = 2 / (1 / r->near + 1 / r->far), fade = 1 - light_haze(b->light, middle);
    double seen_line = b->line_seen * fade * fade;
    if (b->line_seen > 0) { /* a pale edge still closes the seam to the next face */
        bool pale = seen_line < 0.12;
        brush_tone(b, pale ? light_through(b->light, seen, middle) : b->light->ink,
                   pale ? 1 : seen_line);
        cairo_set_line_width(b->cr, pale ? 0.7 : b->line);
        cairo_stroke_preserve(b->cr);
    }
    cairo_new_path(b->cr);
}

void brush_panel(const struct brush *b, const struct vec corners[4], struct tone seen)
{
    struct reach r;
    if (brush_path(b, corners, 4, &r))
        paint_path(b, &r, seen);
}

void brush_face(const struct brush *b, const struct vec corners[4], struct vec normal,
                struct tone albedo)
{
    brush_panel(b, corners, light_on(b->light, albedo, normal));
}

void brush_box(const struct brush *b, struct vec low, struct vec high, double turn,
               struct tone albedo)
{
    double cx = (low.x + high.x) / 2, cz = (low.z + high.z) / 2, hx = (high.x - low.x) / 2,
           hz = (high.z - low.z) / 2;
    double c = cos(turn), s = sin(turn);
    static const int sign[4][2] = {{-1, -1}, {1, -1}, {1, 1}, {-1, 1}};
    struct vec foot[4], head[4];
    for (int i = 0; i < 4; i++) {
        double x = sign[i][0] * hx, z = sign[i][1] * hz;
        foot[i] = (struct vec){cx + x * c - z * s, low.y, cz + x * s + z * c};
        head[i] = foot[i], head[i].y = high.y;
    }
    for (int i = 0; i < 4; i++) {
        int j = (i + 1) % 4;
        struct vec along = vec_sub(foot[j], foot[i]),
                   normal = vec_unit((struct vec){along.z, 0, -along.x});
        if (vec_dot(normal, vec_sub(b->view->eye, foot[i])) > 0)
            brush_face(b, (struct vec[]){foot[i], foot[j], head[j], head[i]}, normal, albedo);
    }
    if (b->view->eye.y > high.y)
        brush_face(b, head, (struct vec){0, 1, 0}, albedo);
    else if (b->view->eye.y < low.y)
        brush_face(b, foot, (struct vec){0, -1, 0}, albedo);
}

/* Paints the current path as something round: dark edge, lit flank, rim toward the light. across:
 * unit, in the picture. */
static void paint_round(const struct brush *b, struct point mid, struct point across, double half,
                        double depth, struct tone albedo)
{
    cairo_pattern_t *pattern =
        cairo_pattern_create_linear(mid.x - across.x * half, mid.y - across.y * half,
                                    mid.x + across.x * half, mid.y + across.y * half);
    for (int i = 0; i <= 6; i++) {
        double u = -1 + i / 3.0, front = sqrt(fmax(0, 1 - u * u));
        struct vec normal =
            vec_sub(vec_scale(b->view->right, u * across.x), vec_scale(b->view->up, u * across.y));
        normal = vec_sub(normal, vec_scale(b->view->forward, front));
        struct tone t = light_through(
            b->light, light_on(b->light, tone_scale(albedo, 0.72 + 0.28 * front), normal), depth);
        cairo_pattern_add_color_stop_rgb(pattern, i / 6.0, t.r, t.g, t.b);
    }
    cairo_set_source(b->cr, pattern);
    cairo_fill_preserve(b->cr);
    cairo_pattern_destroy(pattern);
    double fade = 1 - light_haze(b->light, depth);
    brush_tone(b, b->light->ink, b->line_seen * fade * fade);
    cairo_set_line_width(b->cr, b->line);
    cairo_stroke(b->cr);
}

static void round_bar(const struct brush *b, struct vec from, struct vec to, double r0, double r1,
                      struct tone albedo)
{
    struct vec ends[2] = {from, to};
    double d0 = view_depth(b->view, from) - VIEW_NEAR * 2,
           d1 = view_depth(b->view, to) - VIEW_NEAR * 2;
    if (d0 < 0 && d1 < 0)
        return;
    if (d0 < 0)
        ends[0] = vec_mix(from, to, d0 / (d0 - d1));
    if (d1 < 0)
        ends[1] = vec_mix(to, from, d1 / (d1 - d0));
    struct point p = view_point(b->view, ends[0]), q = view_point(b->view, ends[1]);
    double depth0 = view_depth(b->view, ends[0]), depth1 = view_depth(b->view, ends[1]);
    double w0 = r0 * view_scale(b->view, depth0), w1 = r1 * view_scale(b->view, depth1),
           len = hypot(q.x - p.x, q.y - p.y);
    if (len < 0.5 || fmax(fabs(p.x), fabs(q.x)) > 2e4 || fmax(fabs(p.y), fabs(q.y)) > 2e4)
        return;
    struct point across = {(q.y - p.y) / len, -(q.x - p.x) / len};
    cairo_move_to(b->cr, p.x + across.x * w0, p.y + across.y * w0);
    cairo_line_to(b->cr, q.x + across.x * w1, q.y + across.y * w1);
    cairo_line_to(b->cr, q.x - across.x * w1, q.y - across.y * w1);
    cairo_line_to(b->cr, p.x - across.x * w0, p.y - across.y * w0);
    cairo_close_path(b->cr);
    paint_round(b, (struct point){(p.x + q.x) / 2, (p.y + q.y) / 2}, across, fmax(w0, w1),
                (depth0 + depth1) / 2, albedo);
}

void brush_column(const struct brush *b, struct vec base, double radius, double height,
                  double taper, struct tone albedo)
{
    round_bar(b, base, (struct vec){base.x, base.y + height, base.z}, radius, radius * taper,
              albedo);
}

void brush_bar(const struct brush *b, struct vec from, struct vec to, double radius,
               struct tone albedo)
{
    round_bar(b, from, to, radius, radius, albedo);
}

/* A unit disc of falling strength; as a square, which cairo fills without a mask, when it is not
 * skewed. */
static void disc(const struct brush *b, struct tone t, double strength, bool add, bool skewed)
{
    cairo_pattern_t *pattern = cairo_pattern_create_radial(0, 0, 0, 0, 0, 1);
    for (int i = 0; i <= 6; i++) {
        double u = i / 6.0, fall = (1 - u) * (1 - u);
        cairo_pattern_add_color_stop_rgba(pattern, u, t.r, t.g, t.b, strength * fall);
    }
    cairo_set_operator(b->cr, add ? CAIRO_OPERATOR_ADD : CAIRO_OPERATOR_OVER);
    cairo_set_source(b->cr, pattern);
    if (skewed)
        cairo_arc(b->cr, 0, 0, 1, 0, 2 * M_PI);
    else
        cairo_rectangle(b->cr, -1, -1, 2, 2);
    cairo_fill(b->cr);
    cairo_set_operator(b->cr, CAIRO_OPERATOR_OVER);
    cairo_pattern_destroy(pattern);
}

void brush_glow(const struct brush *b, struct vec at, double radius, struct tone t, double strength)
{
    double depth = view_depth(b->view, at);
    struct point p = view_point(b->view, at);
    double r = radius * view_scale(b->view, depth);
    if (depth < VIEW_NEAR * 2 || r < 0.3 || r > 6000 || p.x + r < 0 || p.y + r < 0 ||
        p.x - r > b->view->width || p.y - r > b->view->height)
        return;
    cairo_save(b->cr);
    cairo_translate(b->cr, p.x, p.y);
    cairo_scale(b->cr, r, r);
    disc(b, t, strength * (1 - 0.6 * light_haze(b->light, depth)), true, false);
    cairo_restore(b->cr);
}

void brush_pool(const struct brush *b, struct vec at, double radius_x, double radius_z,
                struct tone t, double strength, bool add)
{
    struct vec side = {at.x + radius_x, at.y, at.z}, back = {at.x, at.y, at.z + radius_z},
               front = {at.x, at.y, at.z - radius_z};
    if (view_depth(b->view, at) < VIEW_NEAR * 3 || view_depth(b->view, front) < VIEW_NEAR)
        return;
    struct point c = view_point(b->view, at), p = view_point(b->view, side),
                 q = view_point(b->view, back);
    if (fmax(fabs(p.x - c.x), fabs(p.y - c.y)) > 1e4 ||
        fabs((p.x - c.x) * (q.y - c.y) - (p.y - c.y) * (q.x - c.x)) < 0.5)
        return;
    cairo_matrix_t m = {p.x - c.x, p.y - c.y, q.x - c.x, q.y - c.y, c.x, c.y};
    cairo_save(b->cr);
    cairo_transform(b->cr, &m);
    disc(b, t, strength * (1 - 0.8 * light_haze(b->light, view_depth(b->view, at))), add, true);
    cairo_restore(b->cr);
}
