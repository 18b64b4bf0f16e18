/* The camera: points of a world in metres (x right, y up, z away from the first camera) become
 * points of the picture in pixels. */
/* SPDX-License-Identifier: ISC */
#ifndef DRAW_VIEW_H
#define DRAW_VIEW_H

#include <math.h>
#include <stdbool.h>

struct vec {
    double x, y, z;
};

static inline struct vec vec_add(struct vec a, struct vec b)
{
    return (struct vec){a.x + b.x, a.y + b.y, a.z + b.z};
}

static inline struct vec vec_sub(struct vec a, struct vec b)
{
    return (struct vec){a.x - b.x, a.y - b.y, a.z - b.z};
}

static inline struct vec vec_scale(struct vec a, double k)
{
    return (struct vec){a.x * k, a.y * k, a.z * k};
}

static inline double vec_dot(struct vec a, struct vec b)
{
    return a.x * b.x + a.y * b.y + a.z * b.z;
}

static inline struct vec vec_cross(struct vec a, struct vec b)
{
    return (struct vec){a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x};
}

static inline struct vec vec_unit(struct vec a)
{
    double len = sqrt(vec_dot(a, a));
    return len > 1e-9 ? vec_scale(a, 1 / len) : (struct vec){0, 0, 1};
}

/* a + (b - a) * t */
static inline struct vec vec_mix(struct vec a, struct vec b, double t)
{
    return vec_add(a, vec_scale(vec_sub(b, a), t));
}

struct point {
    double x, y;
};

#define VIEW_NEAR 0.12 /* metres; nothing nearer is drawn */

struct view {
    struct vec eye, right, up, forward; /* the three directions are unit and square to each other */
    double focal;                       /* pixels */
    double cx, cy;                      /* where the optical axis meets the picture */
    double width, height;               /* pixels */
};

/* Looks from eye at target, turned by roll (radians) around the axis. */
struct view view_look(struct vec eye, struct vec target, double roll, double focal, double width,
                      double height);

/* Metres in front of the eye. */
double view_depth(const struct view *v, struct vec p);

/* Where p appears; depth is held at VIEW_NEAR for points nearer or behind. */
struct point view_point(const struct view *v, struct vec p);

/* Pixels of one metre at that depth. */
double view_scale(const struct view *v, double depth);

#define VIEW_CLIP_MAX 12
/* Cuts a flat polygon (n <= 8 corners) at the near plane; returns the corners left, written to out
 * (VIEW_CLIP_MAX). */
int view_clip(const struct view *v, const struct vec *corners, int n, struct vec *out);

#define VIEW_GUARD_MAX (VIEW_CLIP_MAX + 4)
/* Cuts a polygon of the picture (n <= VIEW_CLIP_MAX) to a frame far outside of it, so that its
 * numbers stay small and its edges keep their direction; returns the corners left, written to out
 * (VIEW_GUARD_MAX). */
int view_guard(const struct view *v, const struct point *corners, int n, struct point *out);

/* The picture's height of the horizon on the vertical middle line (may lie outside). */
double view_horizon(const struct view *v);

#endif
