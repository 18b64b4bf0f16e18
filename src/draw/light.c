/* A scene's hour and lighting come in; tones, direction and air go out. Pure arithmetic on tones;
 * draws nothing. */
/* SPDX-License-Identifier: ISC */
#include "draw/light.h"

#include "draw/dice.h"

struct mood {
    struct tone sky_top, sky_low, ambient, key, haze;
    double rise; /* degrees of the key light above the ground */
};

static const struct mood by_hour[] = {
    [HOUR_DAY] = {{0.47, 0.57, 0.66},
                  {0.83, 0.85, 0.82},
                  {0.42, 0.46, 0.51},
                  {0.62, 0.58, 0.51},
                  {0.75, 0.79, 0.79},
                  40},
    [HOUR_DAWN] = {{0.40, 0.46, 0.58},
                   {0.93, 0.76, 0.66},
                   {0.36, 0.38, 0.46},
                   {0.58, 0.43, 0.33},
                   {0.80, 0.71, 0.69},
                   13},
    [HOUR_GOLDEN] = {{0.46, 0.48, 0.53},
                     {0.97, 0.77, 0.50},
                     {0.35, 0.33, 0.36},
                     {0.82, 0.58, 0.30},
                     {0.86, 0.69, 0.50},
                     16},
    [HOUR_DUSK] = {{0.13, 0.18, 0.31},
                   {0.64, 0.47, 0.46},
                   {0.22, 0.25, 0.35},
                   {0.34, 0.25, 0.23},
                   {0.37, 0.35, 0.43},
                   12},
    [HOUR_NIGHT] = {{0.030, 0.045, 0.075},
                    {0.11, 0.15, 0.20},
                    {0.13, 0.17, 0.23},
                    {0.22, 0.27, 0.34},
                    {0.11, 0.15, 0.20},
                    42},
};

/* Under a roof: the hour only tints. */
static const struct mood indoors = {{0.10, 0.11, 0.12}, {0.16, 0.17, 0.18}, {0.26, 0.28, 0.30},
                                    {0.50, 0.48, 0.44}, {0.30, 0.32, 0.33}, 48};

struct tint {
    struct tone key, ambient, haze, second;
    double weight; /* how far ambient and haze follow */
};

static const struct tint by_key[] = {
    [KEY_NATURAL] = {{0, 0, 0}, {0, 0, 0}, {0, 0, 0}, {0.05, 0.06, 0.08}, 0},
    [KEY_SODIUM] =
        {{0.88, 0.50, 0.17}, {0.13, 0.18, 0.20}, {0.40, 0.27, 0.15}, {0.03, 0.10, 0.12}, 0.72},
    [KEY_WARM] =
        {{0.78, 0.55, 0.31}, {0.27, 0.23, 0.22}, {0.42, 0.33, 0.25}, {0.04, 0.07, 0.11}, 0.6},
    [KEY_COOL] =
        {{0.50, 0.62, 0.70}, {0.22, 0.29, 0.35}, {0.36, 0.46, 0.52}, {0.10, 0.07, 0.04}, 0.7},
    [KEY_MOON] =
        {{0.40, 0.51, 0.68}, {0.12, 0.17, 0.25}, {0.17, 0.24, 0.33}, {0.05, 0.05, 0.06}, 0.7},
    [KEY_NEON] =
        {{0.80, 0.20, 0.46}, {0.13, 0.12, 0.24}, {0.25, 0.13, 0.32}, {0.06, 0.42, 0.50}, 0.75},
    [KEY_FIRE] =
        {{0.98, 0.45, 0.14}, {0.20, 0.13, 0.12}, {0.42, 0.20, 0.11}, {0.03, 0.06, 0.10}, 0.7},
};

static void tint_by_key(const struct scene *s, struct scene_light *l)
{
    const struct tint *t = &by_key[s->light.key];
    double weight =
        t->weight * (l->inside || s->hour == HOUR_NIGHT || s->hour == HOUR_DUSK ? 1 : 0.45);
    if (s->light.key != KEY_NATURAL)
        l->key = tone_mix(l->key, t->key, fmin(1, weight + 0.35));
    l->second = t->second;
    l->ambient = tone_mix(l->ambient, t->ambient, weight);
    l->haze = tone_mix(l->haze, t->haze, weight);
    l->sky_low = tone_mix(l->sky_low, t->haze, weight * 0.6);
    l->sky_top = tone_mix(l->sky_top, tone_scale(t->ambient, 0.6), weight * 0.4);
}

static void apply_contrast(const struct scene *s, struct scene_light *l)
{
    if (s->light.contrast == CONTRAST_LOW_KEY) {
        l->ambient = tone_scale(l->ambient, 0.52);
        l->haze = tone_scale(l->haze, 0.55);
        l->second = tone_scale(l->second, 0.5);
        l->sky_top = tone_scale(l->sky_top, 0.6), l->sky_low = tone_scale(l->sky_low, 0.7);
    } else if (s->light.contrast == CONTRAST_HIGH_KEY) {
        struct tone white = {0.92, 0.92, 0.90};
        l->ambient = tone_mix(tone_scale(l->ambient, 1.35), white, 0.18);
        l->haze = tone_mix(l->haze, white, 0.5);
        l->sky_top = tone_mix(l->sky_top, white, 0.5),
        l->sky_low = tone_mix(l->sky_low, white, 0.5);
    }
}

static struct vec direction(const struct scene *s, double rise_degrees)
{
    double rise = rise_degrees * M_PI / 180, side = s->light.side;
    if (s->light.top)
        rise = 1.2, side *= 0.5;
    if (s->light.below || s->light.key == KEY_FIRE)
        rise = -0.25;
    double away = s->light.back ? 0.80 : -0.62;
    return vec_unit(
        (struct vec){side * cos(rise), sin(rise), away * cos(rise) * (1.15 - 0.5 * fabs(side))});
}

static void set_air(const struct scene *s, struct scene_light *l)
{
    static const double per_m[] = {
        [PLACE_ABSTRACT] = 0.030, [PLACE_CORRIDOR] = 0.035, [PLACE_STREET] = 0.013,
        [PLACE_CITY] = 0.0035,    [PLACE_ROOFTOP] = 0.0045, [PLACE_FOREST] = 0.026,
        [PLACE_DESERT] = 0.004,   [PLACE_SEA] = 0.0035,     [PLACE_HILLS] = 0.004,
        [PLACE_ROOM] = 0.022,     [PLACE_SHAFT] = 0.028,    [PLACE_SPACE] = 0.0002};
    const struct lighting *w = &s->light;
    double thick = 1 + (l->inside ? 1.5 : 3.2) * w->fog + 1.3 * w->steam + 1.0 * w->rain +
                   0.9 * w->dust + 1.2 * w->snow;
    l->haze_per_m = per_m[s->place] * thick;
    l->clear_m = 3.0 / thick;
    struct tone grey = tone_scale((struct tone){1, 1, 1}, tone_luma(l->haze) + 0.05);
    l->haze = tone_mix(l->haze, grey, 0.35 * fmax(w->fog, w->rain));
    l->sky_top =
        tone_mix(l->sky_top, l->haze, fmax(fmax(0.7 * w->fog, 0.6 * w->rain), 0.6 * w->snow));
    l->sky_low = tone_mix(l->sky_low, l->haze, fmax(0.7 * w->fog, 0.5 * w->rain));
    if (w->dust > 0 && !l->inside)
        l->haze = tone_mix(l->haze, (struct tone){0.62, 0.50, 0.36}, 0.4 * w->dust);
}

struct scene_light light_of_scene(const struct scene *s)
{
    bool inside = s->place == PLACE_CORRIDOR || s->place == PLACE_ROOM || s->place == PLACE_SHAFT;
    const struct mood *hour = &by_hour[s->hour], *m = inside ? &indoors : hour;
    struct scene_light l = {m->sky_top,      m->sky_low,       m->ambient,   m->key,
                            .haze = m->haze, .inside = inside, .exposure = 1};
    if (inside) {
        l.ambient = tone_mix(l.ambient, tone_scale(hour->ambient, 0.75), 0.4);
        l.haze = tone_mix(l.haze, hour->haze, 0.25);
        l.key = tone_mix(l.key, hour->key, 0.35);
    }
    if (s->place == PLACE_SPACE)
        l.sky_top = (struct tone){0.012, 0.016, 0.028},
        l.sky_low = (struct tone){0.03, 0.04, 0.065}, l.key = (struct tone){0.85, 0.84, 0.80},
        l.haze = l.sky_low;
    tint_by_key(s, &l);
    apply_contrast(s, &l);
    set_air(s, &l);
    l.to = direction(s, m->rise);
    l.rim = s->light.back                           ? 1
            : s->light.contrast == CONTRAST_LOW_KEY ? 0.55
            : s->hour == HOUR_NIGHT || inside       ? 0.4
                                                    : 0.22;
    l.ink = tone_mix(tone_scale(l.ambient, 0.22), (struct tone){0.05, 0.05, 0.06}, 0.5);
    return l;
}

struct tone light_on(const struct scene_light *l, struct tone albedo, struct vec normal)
{
    double facing = vec_dot(normal, l->to);
    struct tone sum = tone_add(l->ambient, tone_scale(l->key, fmax(0, facing)));
    sum = tone_add(sum, tone_scale(l->second, fmax(0, -facing)));
    sum = tone_add(sum, tone_scale(l->ambient, 0.18 * normal.y));
    return tone_times(albedo, sum);
}

double light_haze(const struct scene_light *l, double depth)
{
    return depth <= l->clear_m ? 0 : 1 - exp(-(depth - l->clear_m) * l->haze_per_m);
}

struct tone light_through(const struct scene_light *l, struct tone t, double depth)
{
    return tone_mix(t, l->haze, light_haze(l, depth));
}
