/* An insert's words come in, a table with one thing on it (and a hand, when somebody is in the
 * shot) goes out. */
/* SPDX-License-Identifier: ISC */
#include "draw/prop.h"

#include "draw/shape.h"

#define TABLE 0.78 /* metres above the ground */

static const struct tone brass = {0.72, 0.56, 0.28}, paper = {0.86, 0.83, 0.75},
                         dark = {0.12, 0.13, 0.15}, leather = {0.42, 0.22, 0.17},
                         china = {0.80, 0.78, 0.74};

static void box(const struct brush *b, double x, double z, double wide, double deep, double low,
                double tall, double turn, struct tone t)
{
    brush_box(b, (struct vec){x - wide / 2, TABLE + low, z - deep / 2},
              (struct vec){x + wide / 2, TABLE + low + tall, z + deep / 2}, turn, t);
}

/* A flat piece on the table, turned. */
static void sheet(const struct brush *b, double x, double z, double wide, double deep, double turn,
                  double lift, struct tone t)
{
    struct vec p[4];
    static const int sign[4][2] = {{-1, -1}, {1, -1}, {1, 1}, {-1, 1}};
    for (int i = 0; i < 4; i++) {
        double px = sign[i][0] * wide / 2, pz = sign[i][1] * deep / 2;
        p[i] = (struct vec){x + px * cos(turn) - pz * sin(turn), TABLE + lift,
                            z + px * sin(turn) + pz * cos(turn)};
    }
    brush_face(b, p, (struct vec){0, 1, 0}, t);
}

static void prop_key(const struct brush *b, double turn)
{
    struct vec bow = {-0.06 * cos(turn), TABLE + 0.008, -0.06 * sin(turn)},
               tip = {0.075 * cos(turn), TABLE + 0.008, 0.075 * sin(turn)};
    for (int i = 0; i < 12; i++) {
        double a = 2 * M_PI * i / 12, c = 2 * M_PI * (i + 1) / 12, r = 0.026;
        brush_bar(b, vec_add(bow, (struct vec){r * cos(a), 0, r * sin(a)}),
                  vec_add(bow, (struct vec){r * cos(c), 0, r * sin(c)}), 0.005, brass);
    }
    brush_bar(b, vec_mix(bow, tip, 0.2), tip, 0.0055, brass);
    for (int i = 0; i < 3; i++) {
        struct vec at = vec_mix(bow, tip, 0.78 + 0.1 * i);
        brush_bar(b, at, vec_add(at, (struct vec){-sin(turn) * 0.022, 0, cos(turn) * 0.022}), 0.004,
                  brass);
    }
}

/* Lines of writing on a sheet around (x, z). */
static void writing(const struct brush *b, double x, double z, double turn, double wide, int lines)
{
    for (int i = 0; i < lines; i++) {
        double v = (lines / 2.0 - i) * 0.022, u = wide / 2 * (i % 4 == 3 ? 0.6 : 1), w = -wide / 2;
        struct vec from = {x + w * cos(turn) - v * sin(turn), TABLE + 0.013,
                           z + w * sin(turn) + v * cos(turn)};
        struct vec to = {x + u * cos(turn) - v * sin(turn), TABLE + 0.013,
                         z + u * sin(turn) + v * cos(turn)};
        brush_bar(b, from, to, 0.0011, (struct tone){0.25, 0.24, 0.24});
    }
}

/* Open, with writing on both pages. */
static void prop_book(const struct brush *b, double turn)
{
    double dx = 0.094 * cos(turn), dz = 0.094 * sin(turn);
    sheet(b, 0, 0, 0.395, 0.275, turn, 0.002, leather);
    for (int i = -1; i <= 1; i += 2) {
        sheet(b, i * dx, i * dz, 0.186, 0.255, turn, 0.008, tone_scale(paper, 0.85));
        sheet(b, i * dx * 0.97, i * dz * 0.97, 0.178, 0.250, turn, 0.012, paper);
        writing(b, i * dx, i * dz, turn, 0.13, 9);
    }
    sheet(b, 0, 0, 0.012, 0.25, turn, 0.0125, tone_scale(paper, 0.6));
}

static void prop_letter(const struct brush *b, double turn)
{
    sheet(b, 0.04, 0.02, 0.24, 0.16, turn + 0.25, 0.001, tone_scale(paper, 0.8));
    sheet(b, 0, 0, 0.20, 0.27, turn, 0.004, paper);
    writing(b, 0, 0, turn, 0.15, 9);
}

static struct section level_ring(double up, double radius)
{
    return section_ring((struct vec){0, TABLE + up, 0}, (struct vec){radius, 0, 0},
                        (struct vec){0, 0, radius});
}

static void prop_cup(const struct brush *b)
{
    struct brush plain = *b;
    plain.line_seen = 0;
    for (int i = 0; i < 8; i++) { /* the handle, behind the cup's side */
        double a = -1.2 + 2.4 * i / 8, c = -1.2 + 2.4 * (i + 1) / 8;
        brush_bar(&plain, (struct vec){0.036 + 0.034 * cos(a), TABLE + 0.052 + 0.032 * sin(a), 0},
                  (struct vec){0.036 + 0.034 * cos(c), TABLE + 0.052 + 0.032 * sin(c), 0}, 0.006,
                  china);
    }
    struct section wall[] = {level_ring(0.001, 0.032), level_ring(0.02, 0.042),
                             level_ring(0.095, 0.047)};
    struct section mouth[] = {level_ring(0.0955, 0.046), level_ring(0.096, 0.047)};
    struct section drink[] = {level_ring(0.086, 0.041), level_ring(0.0865, 0.0412)};
    struct shape cup = shape_of(b->view, wall, 3), lip = shape_of(b->view, mouth, 2),
                 inside = shape_of(b->view, drink, 2);
    shape_paint(b, &cup, china, 0.7);
    shape_paint(b, &lip, tone_scale(china, 0.75), 0.4);
    shape_paint(b, &inside, (struct tone){0.16, 0.10, 0.07}, 0);
}

static void prop_thing(const struct brush *b, const struct scene *s, double turn)
{
    struct vec top = {0, TABLE + 0.20, 0};
    switch (s->prop) {
    case PROP_KEY:
        prop_key(b, turn);
        break;
    case PROP_LETTER:
        prop_letter(b, turn);
        break;
    case PROP_PHONE:
        box(b, 0, 0, 0.10, 0.19, 0, 0.012, turn, dark);
        sheet(b, 0, 0, 0.085, 0.17, turn, 0.0125, (struct tone){0.9, 1.2, 1.35});
        brush_glow(b, (struct vec){0, TABLE + 0.02, 0}, 0.22, (struct tone){0.35, 0.65, 0.8}, 0.5);
        break;
    case PROP_CUP:
        prop_cup(b);
        break;
    case PROP_BOOK:
        prop_book(b, turn);
        break;
    case PROP_LAMP:
        brush_column(b, (struct vec){0, TABLE, 0}, 0.06, 0.02, 1, dark);
        brush_column(b, (struct vec){0, TABLE + 0.02, 0}, 0.012, 0.13, 1, brass);
        brush_glow(b, top, 0.06, (struct tone){1, 0.9, 0.7}, 1);
        brush_glow(b, top, 0.42, (struct tone){1, 0.72, 0.4}, 0.55);
        break;
    case PROP_CASE:
        box(b, 0, 0, 0.20, 0.13, 0, 0.085, turn, leather);
        box(b, 0, 0, 0.205, 0.135, 0.055, 0.008, turn, brass);
        box(b, 0, -0.068, 0.03, 0.012, 0.04, 0.035, 0, brass);
        break;
    }
}

static void hand(const struct brush *b, struct vec elbow, struct vec wrist, struct vec tip,
                 const struct look *k)
{
    struct vec along = vec_sub(tip, wrist),
               side = vec_unit(vec_cross((struct vec){0, 1, 0}, along));
    struct section sleeve[] = {section_ball(elbow, 0.055),
                               section_ball(vec_mix(elbow, wrist, 0.9), 0.038)};
    struct shape s = shape_of(b->view, sleeve, 2);
    struct vec palm = vec_mix(wrist, tip, 0.42);
    struct section back[] = {section_ball(wrist, 0.027), section_ball(palm, 0.037)};
    struct shape p = shape_of(b->view, back, 2);
    for (int i = 0; i < 4; i++) {
        struct vec root = vec_add(palm, vec_scale(side, 0.020 * (i - 1.5)));
        struct vec end = vec_add(
            tip, vec_add(vec_scale(side, 0.017 * (i - 1.5)), vec_scale(along, i == 3   ? -0.18
                                                                              : i == 0 ? -0.08
                                                                                       : 0)));
        struct section finger[] = {
            section_ball(root, 0.0125),
            section_ball(vec_add(vec_mix(root, end, 0.55), (struct vec){0, 0.012, 0}), 0.0105),
            section_ball(end, 0.0085)};
        struct shape f = shape_of(b->view, finger, 3);
        shape_paint(b, &f, k->skin, 0.7);
    }
    struct section thumb[] = {
        section_ball(vec_mix(wrist, palm, 0.5), 0.017),
        section_ball(vec_add(palm, vec_scale(side, -0.045)), 0.013),
        section_ball(vec_add(vec_mix(palm, tip, 0.45), vec_scale(side, -0.048)), 0.0095)};
    struct shape t = shape_of(b->view, thumb, 3);
    shape_paint(b, &t, k->skin, 0.7);
    shape_paint(b, &p, k->skin, 0);
    shape_paint(b, &s, k->main, 0.7);
}

void prop_insert(const struct brush *b, const struct scene *s)
{
    struct dice d = {s->seed ^ 0x1e5};
    struct tone wood = {0.40, 0.30, 0.23};
    double turn = dice_between(&d, -0.6, 0.6), reach = 0.02 * s->moment;
    double front = fmin(-0.5, b->view->eye.z + 0.1);
    brush_face(
        b,
        (struct vec[]){
            {-1.1, TABLE, front}, {1.1, TABLE, front}, {1.1, TABLE, 0.75}, {-1.1, TABLE, 0.75}},
        (struct vec){0, 1, 0}, wood);
    for (int i = 0; i < 9; i++) {
        double z = 0.7 - 0.17 * i;
        brush_bar(b, (struct vec){-1.1, TABLE, z},
                  (struct vec){1.1, TABLE, z + dice_between(&d, -0.02, 0.02)}, 0.0005,
                  tone_scale(wood, 0.5));
    }
    brush_pool(b, (struct vec){0.03 - 0.06 * b->light->to.x, TABLE + 0.0005, 0.01}, 0.20, 0.16,
               b->light->ink, 0.75, false);
    brush_pool(b, (struct vec){0, TABLE + 0.0005, 0}, 0.5, 0.4, tone_times(b->light->key, wood),
               0.6, true);
    prop_thing(b, s, turn);
    if (s->cast_n > 0) {
        struct look k = palette_look(s->cast[0].self);
        double side = s->seed & 4 ? 1 : -1;
        hand(b, (struct vec){side * 0.36, TABLE + 0.05, -0.36},
             (struct vec){side * 0.17, TABLE + 0.055, -0.14},
             (struct vec){side * (0.055 - reach), TABLE + 0.035, -0.02 + reach}, &k);
    }
}

/* From below the lens, reaching a little into the picture. */
void prop_hands(const struct brush *b, const struct scene *s)
{
    const struct view *v = b->view;
    struct look k = palette_look(s->cast_n > 0 ? dice_mix(s->cast[0].self, 1) : s->seed);
    double half = v->width / 2 / v->focal, low = v->height / 2 / v->focal;
    for (int i = -1; i <= 1; i += 2) {
        struct vec at[3];
        static const double depth[] = {0.34, 0.50, 0.66}, out[] = {1.05, 0.72, 0.42},
                            down[] = {1.15, 0.86, 0.68};
        for (int n = 0; n < 3; n++) {
            struct vec p = vec_add(v->eye, vec_scale(v->forward, depth[n]));
            p = vec_add(p, vec_scale(v->right, i * out[n] * fmin(half, 0.42) * depth[n] * 1.1));
            at[n] = vec_add(p, vec_scale(v->up, -(down[n] - 0.03 * i) * low * depth[n]));
        }
        hand(b, at[0], at[1], at[2], &k);
    }
}
