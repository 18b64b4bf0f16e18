/* A scene comes in; marks on the floor and a camera go out. Pure geometry: what size a person has
 * in the picture, how people share its width, from where and how far they are seen, and how both
 * advance from the first to the last moment. */
/* SPDX-License-Identifier: ISC */
#include "draw/blocking.h"

#include "draw/dice.h"
#include "draw/pose.h"

static void place_cast(const struct scene *s, struct blocking *st, bool narrow);
static void place_camera(const struct scene *s, struct blocking *st, double width, double height);
static void place_shoulder(const struct scene *s, struct blocking *st, bool narrow);

double blocking_head_top(const struct mark *m)
{
    struct mark flat = *m;
    flat.at.y = 0;
    struct pose p = pose_of(&flat, 0);
    return p.head.y + 0.55 * p.head_height;
}

/* ---- people ---- */

static double turn_of(const struct scene *s, const struct actor *a, struct dice *d)
{
    double most = s->size >= SIZE_EXTREME_CLOSE ? 0.30 : s->size >= SIZE_CLOSE ? 0.55 : 0.75;
    double swing = dice_between(d, 0.3 * most, most) * (dice_unit(d) < 0.5 ? -1 : 1);
    bool moves = a->act == ACT_WALK || a->act == ACT_RUN;
    if (a->facing_told)
        switch (a->facing) {
        case FACING_LEFT:
            return -1.25 + 0.3 * dice_unit(d);
        case FACING_RIGHT:
            return 1.25 - 0.3 * dice_unit(d);
        case FACING_AWAY:
            return M_PI - swing * 0.6;
        case FACING_CAMERA:
            return swing * 0.35;
        }
    if (moves && s->size <= SIZE_FULL)
        return swing * 1.9;
    return swing;
}

static struct mark mark_of(const struct scene *s, const struct actor *a, int i)
{
    struct mark m = {.actor = *a,
                     .look = palette_look(a->self),
                     .chance = dice_mix(dice_mix(s->seed, a->self), (uint64_t)i)};
    struct dice d = {m.chance};
    m.turn = turn_of(s, a, &d);
    return m;
}

/* The place from left to right: who is told to be left comes first, else in the order of the names.
 */
static int order_of(const struct blocking *st, int who)
{
    int before = 0;
    for (int i = 0; i < st->n; i++) {
        int a = st->mark[i].actor.side, b = st->mark[who].actor.side;
        before += a < b || (a == b && i < who);
    }
    return before;
}

/* Two people speak with each other; more stand in a loose arc. */
static void spread(const struct scene *s, struct blocking *st, bool narrow)
{
    bool close = s->size >= SIZE_MEDIUM_CLOSE;
    double gap = close ? 0.52 : s->size >= SIZE_MEDIUM ? 0.66 : s->size <= SIZE_WIDE ? 1.05 : 0.85;
    if (narrow && s->size >= SIZE_KNEE)
        gap *= 0.88;
    struct dice d = {s->seed ^ 0x51};
    for (int i = 0; i < st->n; i++) {
        struct mark *m = &st->mark[i];
        double off = order_of(st, i) - (st->n - 1) / 2.0;
        m->at.x = off * gap * (st->n > 4 ? 0.8 : 1) + dice_between(&d, -0.06, 0.06);
        m->at.z = (i % 2 ? 0.55 : 0) * (close ? 0.5 : 1) * (st->n > 2) +
                  dice_between(&d, -0.1, 0.12) + 0.3 * m->actor.back;
        if (!m->actor.facing_told && st->n > 1)
            m->turn = off < 0   ? dice_between(&d, 0.7, 1.15)
                      : off > 0 ? -dice_between(&d, 0.7, 1.15)
                                : m->turn * 0.4;
    }
}

/* Who walks or runs gets on between the moments. */
static void advance(const struct scene *s, struct blocking *st)
{
    for (int i = 0; i < st->n; i++) {
        struct mark *m = &st->mark[i];
        double step = m->actor.act == ACT_RUN ? 0.6 : m->actor.act == ACT_WALK ? 0.32 : 0;
        step *= s->size >= SIZE_MEDIUM_CLOSE ? 0.25 : s->size >= SIZE_MEDIUM ? 0.5 : 1;
        m->at.x += sin(m->turn) * step * s->moment;
        m->at.z += -cos(m->turn) * step * s->moment;
    }
}

static void place_cast(const struct scene *s, struct blocking *st, bool narrow)
{
    for (int i = 0; i < s->cast_n && s->staging != STAGING_INSERT; i++)
        st->mark[st->n++] = mark_of(s, &s->cast[i], i);
    if (s->staging == STAGING_SHOULDER)
        place_shoulder(s, st, narrow);
    else
        spread(s, st, narrow);
    advance(s, st);
}

/* The last one named (or somebody) turns the back to us, near the lens; the others are seen past
 * the shoulder. */
static void place_shoulder(const struct scene *s, struct blocking *st, bool narrow)
{
    if (st->n < 2) {
        struct actor other = {.name = "", .self = dice_mix(s->seed, 77)};
        st->mark[st->n] = mark_of(s, &other, st->n);
        st->n++;
    }
    st->n--;
    spread(s, st, narrow);
    st->n++;
    struct mark *near = &st->mark[st->n - 1];
    double side = s->camera_seed & 2 ? 1 : -1;
    near->foreground = true;
    near->actor.act = ACT_STAND;
    near->actor.look = 0;
    near->turn = M_PI + side * 0.25;
    near->at = (struct vec){side * 0.3, 0, -1}; /* moved to the lens when the camera is known */
    for (int i = 0; i + 1 < st->n; i++)
        if (!st->mark[i].actor.facing_told)
            st->mark[i].turn = side * 0.3;
}

/* ---- the camera ---- */

static double seen_by_size(const struct scene *s, double aspect)
{
    static const double tall[] = {12.5, 4.9, 2.3, 1.5, 1.08, 0.74, 0.47, 0.19};
    static const double broad[] = {8.2, 3.9, 2.2, 1.42, 1.02, 0.68, 0.42, 0.17};
    double seen = aspect < 1 ? tall[s->size] : broad[s->size];
    if (s->staging == STAGING_INSERT)
        seen = aspect < 1 ? 0.60 : 0.42;
    if (s->angle == ANGLE_AERIAL)
        seen = fmax(seen, 20);
    if (s->angle == ANGLE_OVERHEAD && s->size <= SIZE_MEDIUM)
        seen = fmax(seen, 3.2);
    return seen;
}

/* The group's width in metres, so that nobody is cut who should not be. */
static double group_width(const struct scene *s, const struct blocking *st)
{
    double low = 0, high = 0;
    int n = st->n - (s->staging == STAGING_SHOULDER);
    for (int i = 0; i < n; i++) {
        double lying = st->mark[i].actor.act == ACT_LIE && s->size < SIZE_MEDIUM_CLOSE ? 0.6 : 0;
        low = fmin(low, st->mark[i].at.x - lying), high = fmax(high, st->mark[i].at.x + lying);
    }
    return high - low +
           (s->size >= SIZE_CLOSE    ? 0.24
            : s->size >= SIZE_MEDIUM ? 0.58
            : s->size >= SIZE_KNEE   ? 0.8
                                     : 1.1);
}

/* Height of the middle of the picture above the ground at the subject. */
static double aim_height(const struct scene *s, const struct blocking *st, double seen)
{
    double top = 1.7;
    int n = st->n - (s->staging == STAGING_SHOULDER);
    for (int i = 0; i < n; i++)
        top = i == 0 ? blocking_head_top(&st->mark[i]) : fmax(top, blocking_head_top(&st->mark[i]));
    if (s->staging == STAGING_INSERT)
        return 0.88;
    if (s->size == SIZE_EXTREME_CLOSE)
        return top - 0.115;
    if (s->size >= SIZE_KNEE)
        return fmax(top + seen * (s->size == SIZE_CLOSE ? 0.10 : 0.09) - seen / 2, 0.34 * seen);
    if (s->size == SIZE_FULL)
        return fmax(top + seen * 0.12 - seen / 2, 0.30 * seen);
    return seen * (s->size == SIZE_WIDE ? 0.30 : 0.34);
}

/* The camera keeps most of its distance from people who come nearer or go. */
static double aim_depth(const struct scene *s, const struct blocking *st)
{
    double sum = 0;
    int n = st->n - (s->staging == STAGING_SHOULDER);
    for (int i = 0; i < n; i++)
        sum += st->mark[i].at.z;
    return n > 0 && s->staging != STAGING_INSERT ? 0.75 * sum / n : 0;
}

/* A single person's head is in the middle of a close picture, however the body leans. */
static double aim_side(const struct scene *s, const struct blocking *st)
{
    int n = st->n - (s->staging == STAGING_SHOULDER);
    if (n != 1 || s->size < SIZE_KNEE || s->staging == STAGING_INSERT)
        return 0;
    struct pose p = pose_of(&st->mark[0], 0);
    return p.head.x + (s->size >= SIZE_CLOSE ? 0.32 * p.head_height * p.head_front.x : 0);
}

static double elevation(const struct scene *s, double distance, double aim)
{
    struct dice d = {s->camera_seed ^ 0x31};
    double more = dice_between(&d, -0.03, 0.03);
    switch (s->angle) {
    case ANGLE_LOW:
        return fmax(-0.42 + more, -asin(fmin(1, fmax(0, aim - 0.22) / distance)));
    case ANGLE_HIGH:
        return 0.52 + more;
    case ANGLE_OVERHEAD:
        return 1.36;
    case ANGLE_AERIAL:
        return 0.75 + more;
    case ANGLE_EYE:
        break;
    }
    double eye =
        s->size <= SIZE_WIDE ? 1.5 : aim + more; /* a standing person's eye, or the subject's */
    if (s->staging == STAGING_INSERT)
        return 0.46;
    return asin(fmax(-0.5, fmin(0.5, (eye - aim) / distance)));
}

struct eye_move {
    double nearer, turn, rise, shift_x, shift_y,
        roll; /* factor, radians, radians, shares of what is seen, radians */
};

static struct eye_move movement(const struct scene *s)
{
    double t = s->moment, k = s->move_amount;
    struct eye_move m = {.nearer = 1};
    struct dice d = {dice_mix(s->camera_seed, (uint64_t)(t + 2))};
    switch (s->move) {
    case MOVE_PUSH:
        m.nearer = 1 - 0.20 * k * t;
        break;
    case MOVE_PULL:
        m.nearer = 1 + 0.20 * k * t;
        break;
    case MOVE_PAN_LEFT:
    case MOVE_PAN_RIGHT:
        m.shift_x = (s->move == MOVE_PAN_RIGHT ? 0.20 : -0.20) * k * t;
        break;
    case MOVE_TILT_UP:
    case MOVE_TILT_DOWN:
        m.shift_y = (s->move == MOVE_TILT_UP ? 0.14 : -0.14) * k * t;
        break;
    case MOVE_TRACK_LEFT:
    case MOVE_TRACK_RIGHT:
        m.turn = (s->move == MOVE_TRACK_RIGHT ? -0.16 : 0.16) * k * t, m.shift_x = -0.35 * m.turn;
        break;
    case MOVE_CRANE_UP:
    case MOVE_CRANE_DOWN:
        m.rise = (s->move == MOVE_CRANE_UP ? 0.16 : -0.16) * k * t;
        break;
    case MOVE_ORBIT:
        m.turn = 0.32 * k * t;
        break;
    case MOVE_HANDHELD:
        m.shift_x = dice_between(&d, -0.03, 0.03), m.shift_y = dice_between(&d, -0.025, 0.025),
        m.roll = dice_between(&d, -0.03, 0.03);
        break;
    case MOVE_STATIC:
        break;
    }
    return m;
}

/* Near the lens, beside the line of sight, whatever the lens: about a third of the width is
 * shoulder. */
static void bring_shoulder(const struct scene *s, struct blocking *st, double width)
{
    struct mark *near = &st->mark[st->n - 1];
    double depth = fmin(st->distance * 0.55, fmax(0.55, 0.62 * st->view.focal / width));
    struct vec flat = vec_unit((struct vec){st->view.forward.x, 0, st->view.forward.z});
    double side = near->at.x > 0 ? 1 : -1, half = width / 2 / st->view.focal * depth;
    near->at = vec_add(vec_add(st->view.eye, vec_scale(flat, depth)),
                       vec_scale(st->view.right, side * half * 0.72));
    double aim = st->view.eye.y - blocking_head_top(near) -
                 (s->angle == ANGLE_EYE ? -0.06 : 0); /* the head's top a little above the eye */
    near->at.y = aim;
    near->turn += atan2(flat.x, flat.z);
}

static void place_camera(const struct scene *s, struct blocking *st, double width, double height)
{
    struct dice d = {s->camera_seed};
    double aspect = width / height, focal = s->mm / 36 * fmax(width, height);
    double seen = seen_by_size(s, aspect);
    if (st->n > 1 && s->staging != STAGING_INSERT)
        seen = fmax(seen, group_width(s, st) / aspect);
    struct eye_move m = movement(s);
    double distance = fmax(seen * focal / height, 0.35) * m.nearer;
    double aim = aim_height(s, st, seen), rise = elevation(s, distance, aim) + m.rise;
    double swing = s->place == PLACE_CORRIDOR ? 0.10 : s->place == PLACE_STREET ? 0.22 : 0.34;
    double turn = dice_between(&d, -swing, swing) + m.turn;
    struct vec target = {aim_side(s, st), aim, aim_depth(s, st)};
    struct vec back = {sin(turn) * cos(rise), sin(rise), -cos(turn) * cos(rise)};
    struct vec eye = vec_add(target, vec_scale(back, distance));
    eye.y = fmax(eye.y, 0.12);
    st->view = view_look(eye, target, s->tilt + m.roll, focal, width, height);
    st->distance = distance;
    st->seen = seen * m.nearer;
    if (aspect > 1 && st->n == 1 && s->size >= SIZE_WIDE) /* room in front of the face */
        st->view.cx -= width * 0.13 * (st->mark[0].turn > 0 ? 1 : -1) *
                       (s->size == SIZE_EXTREME_CLOSE ? 0.4 : 1);
    if (st->n == 1 && s->size <= SIZE_MEDIUM)
        st->view.cx += st->mark[0].actor.side * width * 0.16;
    st->view.cx -= m.shift_x * width;
    st->view.cy += m.shift_y * height;
}

struct blocking blocking_of(const struct scene *s, double width, double height)
{
    struct blocking st = {0};
    place_cast(s, &st, width < height);
    place_camera(s, &st, width, height);
    if (s->staging == STAGING_SHOULDER)
        bring_shoulder(s, &st, width);
    return st;
}
