/* A pose comes in, a painted head goes out: the skull's outline is a mix of drawn views from the
 * front, three quarters, the side and behind. Features are face.c's, hair is hair.c's. */
/* SPDX-License-Identifier: ISC */
#include "draw/head.h"

#define POINTS 22

/* Outlines clockwise from the crown, the face turned to the picture's right, in hundredths of a
 * head. */
static const signed char front[POINTS][2] = {
    {0, -50},  {17, -47}, {28, -39},  {34, -26},  {35, -13},  {34, 0},   {33, 10},  {30, 20},
    {27, 29},  {20, 39},  {11, 47},   {0, 50},    {-11, 47},  {-20, 39}, {-27, 29}, {-30, 20},
    {-33, 10}, {-34, 0},  {-35, -13}, {-34, -26}, {-28, -39}, {-17, -47}};
static const signed char quarter[POINTS][2] = {
    {2, -50},  {18, -46}, {28, -37},  {32, -25},  {31, -12},  {28, -3},  {31, 7},   {29, 19},
    {26, 28},  {24, 37},  {19, 46},   {9, 49},    {-2, 45},   {-12, 36}, {-19, 26}, {-23, 17},
    {-30, 12}, {-37, 3},  {-40, -10}, {-39, -25}, {-31, -40}, {-16, -48}};
static const signed char profile[POINTS][2] = {
    {0, -50},  {16, -47}, {27, -39}, {31, -25},  {32, -11},  {29, -3},  {39, 9},  {32, 15},
    {33, 23},  {29, 30},  {30, 40},  {22, 47},   {10, 43},   {-1, 36},  {-7, 27}, {-10, 18},
    {-24, 17}, {-36, 8},  {-43, -7}, {-43, -23}, {-34, -38}, {-18, -47}};

static struct point mixed(const signed char a[2], const signed char b[2], double t)
{
    return (struct point){(a[0] + (b[0] - a[0]) * t) / 100.0, (a[1] + (b[1] - a[1]) * t) / 100.0};
}

static struct point contour_point(int i, double turn)
{
    if (turn < M_PI / 4)
        return mixed(front[i], quarter[i], turn / (M_PI / 4));
    if (turn < M_PI / 2)
        return mixed(quarter[i], profile[i], turn / (M_PI / 4) - 1);
    double t = fmin(1, turn / (M_PI / 2) - 1); /* from the side to behind: the nose goes first */
    return mixed(profile[i], front[i], i > 3 && i < 11 ? sqrt(t) : t);
}

void head_contour(cairo_t *cr, double yaw, double jaw, double grow)
{
    double side = yaw < 0 ? -1 : 1, turn = fmin(fabs(yaw), M_PI);
    struct point p[POINTS];
    for (int i = 0; i < POINTS; i++) {
        p[i] = contour_point(i, turn);
        double low = fmax(0, p[i].y - 0.12) * 2;
        p[i].x *= 1 + 0.10 * jaw * low * (turn < 1.2);
        p[i].x *= side * (1 + grow), p[i].y = (p[i].y + 0.1) * (1 + grow) - 0.1;
    }
    cairo_move_to(cr, p[0].x, p[0].y);
    for (int i = 0; i < POINTS; i++) { /* Catmull-Rom through all points */
        struct point a = p[(i + POINTS - 1) % POINTS], b = p[i], c = p[(i + 1) % POINTS],
                     d = p[(i + 2) % POINTS];
        cairo_curve_to(cr, b.x + (c.x - a.x) / 6, b.y + (c.y - a.y) / 6, c.x - (d.x - b.x) / 6,
                       c.y - (d.y - b.y) / 6, c.x, c.y);
    }
    cairo_close_path(cr);
}

double head_x(const struct head_view *h, double angle, double radius)
{
    return radius * sin(h->yaw + angle);
}

struct head_view head_view_of(const struct view *v, const struct pose *p, const struct mark *m)
{
    struct vec to_eye = vec_unit(vec_sub(v->eye, p->head));
    struct head_view h = {.middle = view_point(v, p->head),
                          .depth = view_depth(v, p->head),
                          .who = &m->look,
                          .chance = m->chance};
    h.size = p->head_height * 1.02 * view_scale(v, h.depth);
    struct vec right = vec_unit(vec_cross(v->up, vec_scale(to_eye, -1)));
    h.yaw = atan2(vec_dot(p->head_front, right), vec_dot(p->head_front, to_eye));
    h.pitch = asin(fmin(1, fmax(-1, vec_dot(p->head_up, to_eye))));
    h.roll = atan2(vec_dot(p->head_up, v->right), vec_dot(p->head_up, v->up));
    if (fabs(h.pitch) > 1.15) /* from above the crown's direction says nothing */
        h.roll = atan2(vec_dot(p->head_front, v->right), vec_dot(p->head_front, v->up)),
        h.yaw = M_PI;
    h.look = m->actor.look * 0.5;
    return h;
}

static void draw_skull(cairo_t *cr, const void *what)
{
    const struct head_view *h = what;
    cairo_save(cr);
    cairo_translate(cr, h->middle.x, h->middle.y);
    cairo_rotate(cr, h->roll);
    cairo_scale(cr, h->size, h->size);
    head_contour(cr, h->yaw, h->who->jaw, 0);
    cairo_restore(cr);
}

static void use_heads(cairo_t *cr, const struct head_view *h)
{
    cairo_translate(cr, h->middle.x, h->middle.y);
    cairo_rotate(cr, h->roll);
    cairo_scale(cr, h->size, h->size);
}

void head_paint(const struct brush *b, const struct head_view *h)
{
    if (h->depth < VIEW_NEAR * 2 || h->size < 1)
        return;
    struct shade skin = shade_of(b, h->who->skin, h->depth);
    bool upright = fabs(h->pitch) < 1.15;
    cairo_save(b->cr);
    use_heads(b->cr, h);
    if (upright)
        face_paint_ears(b, h, &skin, true);
    cairo_restore(b->cr);
    draw_skull(b->cr, h);
    brush_tone(b, tone_scale(skin.dark, 0.3), 0.8 * (1 - light_haze(b->light, h->depth)));
    cairo_set_line_width(b->cr, b->line * 2);
    cairo_stroke(b->cr);
    shade_paint(b, &skin, h->size * 0.36, draw_skull, h);
    cairo_save(b->cr);
    use_heads(b->cr, h);
    if (fabs(h->yaw) < 1.9 && upright && h->size > 9)
        face_paint(b, h, &skin);
    if (upright)
        face_paint_ears(b, h, &skin, false);
    hair_paint(b, h);
    cairo_restore(b->cr);
}
