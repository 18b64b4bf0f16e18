/* Points in metres come in, points in pixels go out: a pinhole camera. Pure. */
/* SPDX-License-Identifier: ISC */
#include "draw/view.h"

struct view view_look(struct vec eye, struct vec target, double roll, double focal, double width,
                      double height)
{
    struct view v = {.eye = eye,
                     .focal = focal,
                     .width = width,
                     .height = height,
                     .cx = width / 2,
                     .cy = height / 2};
    v.forward = vec_unit(vec_sub(target, eye));
    struct vec sky = fabs(v.forward.y) > 0.995 ? (struct vec){0, 0, 1} : (struct vec){0, 1, 0};
    struct vec right = vec_unit(vec_cross(sky, v.forward));
    struct vec up = vec_cross(v.forward, right);
    v.right = vec_add(vec_scale(right, cos(roll)), vec_scale(up, sin(roll)));
    v.up = vec_sub(vec_scale(up, cos(roll)), vec_scale(right, sin(roll)));
    return v;
}

double view_depth(const struct view *v, struct vec p)
{
    return vec_dot(vec_sub(p, v->eye), v->forward);
}

struct point view_point(const struct view *v, struct vec p)
{
    struct vec d = vec_sub(p, v->eye);
    double scale = view_scale(v, vec_dot(d, v->forward));
    return (struct point){v->cx + vec_dot(d, v->right) * scale, v->cy - vec_dot(d, v->up) * scale};
}

double view_scale(const struct view *v, double depth)
{
    return v->focal / fmax(depth, VIEW_NEAR);
}

int view_clip(const struct view *v, const struct vec *corners, int n, struct vec *out)
{
    int left = 0;
    for (int i = 0; i < n; i++) {
        struct vec a = corners[i], b = corners[(i + 1) % n];
        double da = view_depth(v, a) - VIEW_NEAR, db = view_depth(v, b) - VIEW_NEAR;
        if (da >= 0)
            out[left++] = a;
        if ((da >= 0) != (db >= 0) && left < VIEW_CLIP_MAX)
            out[left++] = vec_mix(a, b, da / (da - db));
    }
    return left;
}

/* How far p lies inside one side of the guard frame. */
static double inside(struct point p, int side, double width, double height)
{
    const double out = 3 * (width + height);
    switch (side) {
    case 0:
        return p.x + out;
    case 1:
        return width + out - p.x;
    case 2:
        return p.y + out;
    default:
        return height + out - p.y;
    }
}

int view_guard(const struct view *v, const struct point *corners, int n, struct point *out)
{
    struct point from[VIEW_GUARD_MAX];
    for (int i = 0; i < n; i++)
        out[i] = corners[i];
    for (int side = 0; side < 4; side++) {
        int left = 0;
        for (int i = 0; i < n; i++)
            from[i] = out[i];
        for (int i = 0; i < n; i++) {
            struct point a = from[i], b = from[(i + 1) % n];
            double da = inside(a, side, v->width, v->height),
                   db = inside(b, side, v->width, v->height);
            if (da >= 0 && left < VIEW_GUARD_MAX)
                out[left++] = a;
            if ((da >= 0) != (db >= 0) && left < VIEW_GUARD_MAX) {
                double t = da / (da - db);
                out[left++] = (struct point){a.x + (b.x - a.x) * t, a.y + (b.y - a.y) * t};
            }
        }
        n = left;
    }
    return n;
}

double view_horizon(const struct view *v)
{
    struct vec flat = vec_unit((struct vec){v->forward.x, 0, v->forward.z});
    return view_point(v, vec_add(v->eye, vec_scale(flat, 1e6))).y;
}
