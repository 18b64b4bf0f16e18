/* A mark and a moment come in, joints go out: a small forward kinematics. Pure. */
/* SPDX-License-Identifier: ISC */
#include "draw/pose.h"

#include "draw/dice.h"

/* Angles in radians. Arms and legs: 0 hangs down, positive swings forward; out is sideways; a bend
 * is of elbow or knee. */
struct bend {
    double arm[2], arm_out[2], elbow[2], fold[2]; /* fold: forearm drawn across the chest, 0..1 */
    double leg[2], leg_out[2], knee[2];
    double lean, sway, twist;
    double head_turn, head_nod;
};

static struct bend stand(struct dice *d)
{
    int easy = dice_pick(d, 2);
    struct bend b = {.arm = {0.05, 0.02},
                     .arm_out = {0.14, 0.14},
                     .elbow = {0.20, 0.22},
                     .leg_out = {0.07, 0.07}};
    b.knee[easy] = 0.16, b.leg[easy] = 0.14, b.leg_out[easy] = 0.12;
    b.sway = easy ? 0.03 : -0.03;
    switch (dice_pick(d, 4)) {
    case 0: /* a hand at the hip */
        b.arm_out[easy] = 0.62, b.elbow[easy] = 1.5, b.arm[easy] = -0.25, b.fold[easy] = 0.6;
        break;
    case 1: /* hands in the pockets */
        b.arm[0] = b.arm[1] = -0.22, b.arm_out[0] = b.arm_out[1] = 0.26,
        b.elbow[0] = b.elbow[1] = 0.62;
        b.fold[0] = b.fold[1] = 0.25;
        break;
    case 2: /* one forearm lifted, as in speaking */
        b.arm[1 - easy] = 0.25, b.elbow[1 - easy] = 1.25, b.fold[1 - easy] = 0.2;
        break;
    default:
        break;
    }
    return b;
}

static struct bend stride(double phase, double reach)
{
    struct bend b = {.lean = 0.05 + 0.16 * reach, .leg_out = {0.03, 0.03}, .arm_out = {0.12, 0.12}};
    for (int i = 0; i < 2; i++) {
        double swing = sin(phase + i * M_PI);
        b.leg[i] = (0.46 + 0.42 * reach) * swing + 0.10 * reach;
        b.knee[i] = 0.10 + (0.55 + 0.75 * reach) * fmax(0, cos(phase + i * M_PI)) +
                    0.5 * reach * fmax(0, -swing) + 0.2 * reach;
        b.arm[i] = -(0.40 + 0.45 * reach) * swing;
        b.elbow[i] = 0.30 + 1.15 * reach;
        b.fold[i] = 0.1 + 0.1 * reach;
    }
    b.twist = 0.12 * sin(phase);
    return b;
}

static struct bend folded(struct bend b)
{
    b.arm[0] = b.arm[1] = 0.35, b.arm_out[0] = b.arm_out[1] = 0.22, b.elbow[0] = 1.45,
    b.elbow[1] = 1.55, b.fold[0] = b.fold[1] = 1;
    return b;
}

/* Attitudes that do not depend on chance. */
static const struct bend bend_sitting = {.arm = {0.42, 0.5},
                                         .arm_out = {0.16, 0.14},
                                         .elbow = {0.85, 0.75},
                                         .fold = {0.3, 0.25},
                                         .leg = {1.45, 1.5},
                                         .leg_out = {0.16, 0.12},
                                         .knee = {1.45, 1.4},
                                         .lean = 0.10};
static const struct bend bend_kneeling = {.arm = {0.55, 0.2},
                                          .arm_out = {0.15, 0.2},
                                          .elbow = {0.9, 0.3},
                                          .fold = {0.2, 0},
                                          .leg = {1.35, 0.15},
                                          .leg_out = {0.1, 0.1},
                                          .knee = {1.5, 1.75},
                                          .lean = 0.22};
static const struct bend bend_lying = {.arm = {0.1, -0.1},
                                       .arm_out = {0.5, 0.35},
                                       .elbow = {0.5, 0.3},
                                       .leg = {0.1, 0.35},
                                       .leg_out = {0.12, 0.1},
                                       .knee = {0.1, 0.6}};

static struct bend reaching(struct bend b, int arm, double moment)
{
    b.arm[arm] = 1.25 + 0.12 * moment, b.arm_out[arm] = 0.1, b.elbow[arm] = 0.22, b.fold[arm] = 0;
    b.lean = 0.07;
    return b;
}

static struct bend arms_up(struct bend b)
{
    for (int i = 0; i < 2; i++)
        b.arm[i] = 2.5 + 0.1 * i, b.arm_out[i] = 0.35, b.elbow[i] = 0.3, b.fold[i] = 0;
    return b;
}

static struct bend bend_of(const struct mark *m, double moment)
{
    struct dice d = {m->chance};
    struct bend b = stand(&d);
    double phase = dice_between(&d, 0.6, 1.2) + moment * 1.1;
    int arm = dice_pick(&d, 2);
    switch (m->actor.act) {
    case ACT_STAND:
        break;
    case ACT_WALK:
        return stride(phase, 0);
    case ACT_RUN:
        return stride(phase + 0.2, 1);
    case ACT_SIT:
        return bend_sitting;
    case ACT_KNEEL:
        return bend_kneeling;
    case ACT_LIE:
        return bend_lying;
    case ACT_REACH:
        return reaching(b, arm, moment);
    case ACT_LEAN:
        b = folded(b);
        b.sway = arm ? 0.14 : -0.14;
        break;
    case ACT_ARMS_CROSSED:
        return folded(b);
    case ACT_ARMS_UP:
        return arms_up(b);
    }
    return b;
}

static struct vec mix3(const struct pose *p, double side, double up, double front)
{
    return vec_add(vec_add(vec_scale(p->side, side), vec_scale(p->up, up)),
                   vec_scale(p->front, front));
}

static void set_axes(struct pose *p, const struct mark *m, const struct bend *b)
{
    double turn = m->turn;
    p->front = (struct vec){sin(turn), 0, -cos(turn)};
    p->side = (struct vec){cos(turn), 0, sin(turn)};
    p->up = (struct vec){0, 1, 0};
    if (m->actor.act == ACT_LIE) { /* along the ground, the front up */
        struct vec along = p->side;
        p->side = vec_scale(p->front, -1);
        p->up = along;
        p->front = (struct vec){0, 1, 0};
    }
    struct vec up = vec_unit(mix3(p, sin(b->sway), cos(b->lean), sin(b->lean)));
    p->front = vec_unit(vec_sub(p->front, vec_scale(up, vec_dot(p->front, up))));
    p->side = vec_cross(up, vec_scale(p->front, -1));
    p->up = up;
}

/* Direction of a limb that swings by `swing` forward and `out` sideways. Legs and arms hang by the
 * world, not by the leaning trunk. */
static struct vec limb(const struct pose *p, double swing, double out, int i)
{
    double s = i ? 1 : -1;
    return vec_unit(mix3(p, s * sin(out), -cos(swing) * cos(out), sin(swing) * cos(out)));
}

static void set_arm(struct pose *p, const struct bend *b, int i, double h)
{
    double s = i ? 1 : -1;
    struct vec upper = limb(p, b->arm[i], b->arm_out[i], i);
    struct vec fore = limb(p, b->arm[i] + b->elbow[i], b->arm_out[i] * 0.4, i);
    fore = vec_unit(vec_add(fore, vec_scale(p->side, -s * 1.5 * b->fold[i])));
    p->elbow[i] = vec_add(p->shoulder[i], vec_scale(upper, 0.172 * h));
    p->wrist[i] = vec_add(p->elbow[i], vec_scale(fore, 0.145 * h));
    p->hand[i] = vec_add(p->wrist[i], vec_scale(fore, 0.062 * h));
}

static void set_leg(struct pose *p, const struct bend *b, int i, double h)
{
    struct vec thigh = limb(p, b->leg[i] - b->lean, b->leg_out[i], i),
               calf = limb(p, b->leg[i] - b->knee[i] - b->lean, b->leg_out[i] * 0.5, i);
    p->knee[i] = vec_add(p->hip[i], vec_scale(thigh, 0.240 * h));
    p->ankle[i] = vec_add(p->knee[i], vec_scale(calf, 0.228 * h));
    struct vec foot = vec_unit(vec_add(p->front, vec_scale(p->side, (i ? 1 : -1) * 0.25)));
    foot = vec_sub(foot, vec_scale(calf, vec_dot(foot, calf) * 0.8));
    p->toe[i] = vec_add(p->ankle[i],
                        vec_add(vec_scale(vec_unit(foot), 0.092 * h), vec_scale(calf, 0.026 * h)));
}

static void set_head(struct pose *p, const struct mark *m, const struct bend *b, double moment)
{
    double turn = b->head_turn +
                  0.9 * m->actor.look *
                      (fabs(m->turn) > 1.6   ? -0.5
                       : fabs(m->turn) > 0.9 ? 0.15
                                             : 0.6) +
                  0.10 * moment;
    double nod = b->head_nod + 0.45 * m->actor.nod;
    p->head_front = vec_unit(mix3(p, sin(turn) * cos(nod), sin(nod), cos(turn) * cos(nod)));
    p->head_up = vec_unit(vec_sub(p->up, vec_scale(p->head_front, vec_dot(p->up, p->head_front))));
    p->head_side = vec_cross(p->head_up, vec_scale(p->head_front, -1));
    p->head = vec_add(p->neck, mix3(p, 0, 0.108 * p->height, 0.016 * p->height));
}

static void set_trunk(struct pose *p, const struct mark *m, const struct bend *b)
{
    double h = p->height, broad = 0.101 * m->look.build, hips = 0.054 * m->look.build;
    p->waist = vec_add(p->pelvis, mix3(p, 0, 0.105 * h, 0.004 * h));
    p->chest = vec_add(p->pelvis, mix3(p, 0, 0.225 * h, 0.012 * h));
    p->neck = vec_add(p->pelvis, mix3(p, 0, 0.325 * h, 0.0));
    for (int i = 0; i < 2; i++) {
        double s = i ? 1 : -1;
        p->shoulder[i] =
            vec_add(p->pelvis, mix3(p, s * broad * h, 0.277 * h, (s * sin(b->twist) * broad) * h));
        p->hip[i] = vec_add(p->pelvis, mix3(p, s * hips * h, -0.012 * h, 0));
        set_arm(p, b, i, h);
        set_leg(p, b, i, h);
    }
}

static double lowest(const struct pose *p, bool lying)
{
    double low = lying ? p->pelvis.y - 0.06 * p->height : 1e9;
    for (int i = 0; i < 2; i++) {
        low = fmin(low, fmin(p->ankle[i].y - 0.038 * p->height, p->toe[i].y - 0.012 * p->height));
        low = fmin(low, p->knee[i].y - 0.03 * p->height);
    }
    return low;
}

static void move_all(struct pose *p, struct vec by)
{
    struct vec *one[] = {&p->pelvis, &p->waist, &p->chest, &p->neck, &p->head};
    struct vec *two[] = {p->shoulder, p->elbow, p->wrist, p->hand,
                         p->hip,      p->knee,  p->ankle, p->toe};
    for (size_t i = 0; i < sizeof one / sizeof *one; i++)
        *one[i] = vec_add(*one[i], by);
    for (size_t i = 0; i < sizeof two / sizeof *two; i++)
        two[i][0] = vec_add(two[i][0], by), two[i][1] = vec_add(two[i][1], by);
}

struct pose pose_of(const struct mark *m, double moment)
{
    struct bend b = bend_of(m, moment);
    struct pose p = {.height = m->look.height,
                     .head_height = 0.136 * m->look.height,
                     .seated = m->actor.act == ACT_SIT};
    set_axes(&p, m, &b);
    set_trunk(&p, m, &b);
    set_head(&p, m, &b, moment);
    struct vec by = m->at;
    by.y -= lowest(&p, m->actor.act == ACT_LIE);
    move_all(&p, by);
    return p;
}
