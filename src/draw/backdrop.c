/* A variant and a category come in; a lit, blurred backdrop with its surface and the rules of its
 * light go out. */
/* SPDX-License-Identifier: ISC */
#include "draw/backdrop.h"

#include <math.h>
#include <string.h>

#include "base/mem.h"

static const char *const words[] = {
#define X(variant, word) word,
    VARIANT_LIST(X)
#undef X
};

const char *variant_word(enum variant v)
{
    return words[v];
}

enum variant variant_of(const char *word)
{
    for (size_t i = 0; word && i < sizeof words / sizeof words[0]; i++)
        if (strcmp(words[i], word) == 0)
            return (enum variant)i;
    return VARIANT_HERO;
}

void backdrop_finish(struct backdrop *b)
{
    plate_finish(&b->plate);
}

static void key_from(struct backdrop *b, float x, float y, uint32_t colour)
{
    float len = sqrtf(x * x + y * y);
    b->key_x = x / len;
    b->key_y = y / len;
    b->key = light_of(colour);
}

static void place(struct backdrop *b, float x, float base, float tall, float wide)
{
    b->x = x;
    b->base = base;
    b->tall = tall;
    b->wide = wide;
}

/* Scales all rows from the top down to the table's edge: the far wall is brighter or darker than
 * the near surface. */
static void plate_times(struct plate *p, float k)
{
    size_t n = (size_t)p->w * p->h * 3;
    for (size_t i = 0; i < n; i++)
        p->rgb[i] *= k;
}

/* Charcoal into navy, a soft pool of cool light behind the product, a strip light upper left, black
 * lacquer below. */
static void hero_make(struct backdrop *b, uint32_t seed)
{
    struct plate *p = &b->plate;
    b->horizon = 0.665f;
    place(b, 0.52f, 0.815f, 0.62f, 0.50f);
    key_from(b, -0.75f, 0.66f, 0xfff4e6);
    plate_gradient(p, light_of(0x0b0c10), light_of(0x12161f));
    plate_glow(p, 0.54f, 0.46f, 0.56f, 0.66f, light_times(light_of(0x33435e), 0.85f));
    plate_glow(p, 0.53f, 0.52f, 0.27f, 0.36f, light_times(light_of(0x8593aa), 0.24f));
    plate_glow(p, 0.00f, 0.00f, 0.46f, 0.80f, light_times(light_of(0xcdb998), 0.14f));
    plate_glow(p, 0.105f, 0.22f, 0.020f, 0.46f, light_times(light_of(0xfff0dc), 0.75f));
    plate_glow(p, 0.945f, 0.30f, 0.012f, 0.40f, light_times(light_of(0x7fa4e8), 0.50f));
    plate_glow(p, 0.98f, 0.30f, 0.20f, 0.70f, light_times(light_of(0x3f5c93), 0.22f));
    surface_paint(p, b->horizon, SURFACE_GLOSS, light_of(0x0c0e13), 0.55f, seed);
    plate_glow(p, 0.50f, 0.82f, 0.42f, 0.15f, light_times(light_of(0x8fa0bd), 0.16f));
    surface_focus(p, b->horizon, b->base, p->h / 40);
    plate_vignette(p, 0.62f);
    b->shadow = 0.85f;
    b->gloss = 0.30f;
    b->rim = 0.55f;
    b->relight = 0.16f;
    b->grain = 0.5f;
}

/* Cast concrete, a seam or two, one lamp from above right, and the air made visible by it. */
static void wall_concrete(struct plate *p, float horizon, uint32_t seed)
{
    int rows = (int)(horizon * (float)p->h) + 1;
    for (int y = 0; y < rows && y < p->h; y++) {
        float *row = p->rgb + (size_t)y * p->w * 3, v = (float)y / (float)p->h;
        for (int x = 0; x < p->w; x++, row += 3) {
            float u = (float)x / (float)p->h;
            float k = 1 + 0.9f * (noise_fbm(u * 3.1f, v * 3.1f, 4, seed) - 0.5f);
            float seam =
                fabsf(u - 0.47f) < 0.002f || fabsf(u - 1.31f) < 0.002f || fabsf(v - 0.31f) < 0.003f;
            k *= 1 - 0.45f * seam;
            row[0] *= k;
            row[1] *= k;
            row[2] *= k;
        }
    }
}

/* A cone of light from (x, y) towards the foot, thickened by drifting haze. */
static void beam_add(struct plate *p, float x, float y, float tx, float ty, float spread,
                     struct light colour, uint32_t seed)
{
    float ratio = (float)p->w / (float)p->h, dx = (tx - x) * ratio, dy = ty - y;
    float len = sqrtf(dx * dx + dy * dy);
    dx /= len;
    dy /= len;
    for (int j = 0; j < p->h; j++) {
        float *row = p->rgb + (size_t)j * p->w * 3, v = (float)j / (float)p->h - y;
        for (int i = 0; i < p->w; i++, row += 3) {
            float u = ((float)i / (float)p->w - x) * ratio;
            float along = u * dx + v * dy, off = fabsf(u * dy - v * dx);
            if (along <= 0)
                continue;
            float edge = off / (0.03f + spread * along);
            if (edge >= 1.5f)
                continue;
            float soft = edge < 0.5f ? 1 : 1 - (edge - 0.5f);
            soft = soft * soft * (3 - 2 * soft);
            float haze = 0.65f + 0.7f * noise_fbm(u * 2.2f + 3, v * 2.2f, 3, seed);
            float k = soft * haze / (1 + 1.6f * along * along);
            row[0] += colour.r * k;
            row[1] += colour.g * k;
            row[2] += colour.b * k;
        }
    }
}

static void mood_make(struct backdrop *b, uint32_t seed)
{
    struct plate *p = &b->plate;
    b->horizon = 0.715f;
    place(b, 0.5f, 0.825f, 0.58f, 0.50f);
    key_from(b, 0.62f, 0.78f, 0xffe2bd);
    plate_gradient(p, light_of(0x17181b), light_of(0x2b2927));
    wall_concrete(p, b->horizon, seed);
    plate_blur(p, p->h / 160);
    surface_paint(p, b->horizon, SURFACE_CONCRETE, light_of(0x2c2a28), 0.16f, seed + 1);
    plate_glow(p, 0.52f, 0.84f, 0.40f, 0.20f, light_times(light_of(0xe0b98a), 0.26f));
    plate_glow(p, 0.48f, 0.46f, 0.50f, 0.55f, light_times(light_of(0x8f7b66), 0.20f));
    surface_focus(p, b->horizon, b->base, p->h / 36);
    beam_add(p, 0.80f, -0.22f, 0.50f, 0.86f, 0.30f, light_times(light_of(0xf2cfa2), 0.26f),
             seed + 2);
    plate_glow(p, 0.10f, 0.62f, 0.55f, 0.50f, light_times(light_of(0x3c5c74), 0.28f));
    plate_vignette(p, 0.66f);
    b->shadow = 0.8f;
    b->gloss = 0.08f;
    b->rim = 0.75f;
    b->relight = 0.20f;
    b->grain = 2.2f;
}

/* Draws a set's shapes and lights small, blurs the shapes like a lens, puts both on the plate. */
static void set_shoot(struct plate *p, const struct set *s, float horizon, uint32_t seed)
{
    int w = (p->w + 1) / 2, h = (p->h + 1) / 2;
    struct plate wall;
    cairo_surface_t *far = cairo_image_surface_create(CAIRO_FORMAT_ARGB32, w, h);
    cairo_surface_t *lights = cairo_image_surface_create(CAIRO_FORMAT_ARGB32, w, h);
    struct set_pen pen = {.shapes = cairo_create(far),
                          .lights = cairo_create(lights),
                          .seed = seed,
                          .w = 9.0 * w / h,
                          .table = 9.0 * horizon,
                          .accent = s->accent,
                          .second = s->second};
    cairo_scale(pen.shapes, h / 9.0, h / 9.0);
    cairo_scale(pen.lights, h / 9.0, h / 9.0);
    s->draw(&pen);
    plate_init(&wall, w, h);
    plate_gradient(&wall, light_of(s->wall_top), light_of(s->wall_low));
    plate_lay_surface(&wall, far);
    plate_blur(&wall, h / 30);
    plate_lay_surface(&wall, lights);
    plate_blur(&wall, h / 130);
    plate_stretch(&wall, p, p->h);
    plate_finish(&wall);
    cairo_destroy(pen.shapes);
    cairo_destroy(pen.lights);
    cairo_surface_destroy(far);
    cairo_surface_destroy(lights);
}

static void usage_make(struct backdrop *b, const struct set *s, bool second, uint32_t seed)
{
    struct plate *p = &b->plate;
    bool dark = s->light < 0.82f;
    b->horizon = 0.635f;
    place(b, second ? 0.56f : 0.45f, 0.84f, second ? 0.56f : 0.60f, 0.48f);
    key_from(b, s->key_x, 0.75f, s->key);
    set_shoot(p, s, b->horizon, seed);
    plate_times(p, dark ? 0.62f * s->light : 0.80f * s->light);
    surface_paint(p, b->horizon, s->surface,
                  light_times(light_of(s->surface_colour), dark ? 0.75f : 0.95f), s->gloss,
                  seed + 3);
    plate_glow(p, b->x + 0.06f * s->key_x, 0.84f, 0.42f, 0.22f,
               light_times(light_of(s->key), dark ? 0.10f : 0.16f));
    plate_glow(p, s->key_x < 0 ? -0.05f : 1.05f, 0.10f, 0.60f, 0.90f,
               light_times(light_of(s->key), dark ? 0.05f : 0.20f));
    surface_focus(p, b->horizon, b->base, p->h / 34);
    plate_vignette(p, dark ? 0.50f : 0.30f);
    b->shadow = dark ? 0.8f : 0.62f;
    b->gloss = s->gloss * 0.9f;
    b->rim = dark ? 0.45f : 0.22f;
    b->relight = dark ? 0.14f : 0.09f;
    b->grain = 0.4f;
}

/* Seamless white, seen from above: flat and high-key. */
static void white_make(struct backdrop *b)
{
    b->horizon = 1.1f;
    place(b, 0.5f, 0.86f, 0.72f, 0.72f);
    key_from(b, -0.6f, 0.8f, 0xffffff);
    plate_gradient(&b->plate, light_of(0xf8f8f8), light_of(0xf1f1f1));
    plate_pool(&b->plate, 0.5f, 0.5f, 1.0f, 1.0f, 0.86f);
    b->shadow = 0.34f;
}

/* The faithful picture's sets: the same four rooms for every category, the product's own light
 * untouched. */
static void studio_make(struct backdrop *b, enum variant variant, uint32_t seed)
{
    static const struct set living = {
        "",       "usage1", set_draw_living, 0xf0ebe2, 0xdcd3c6, 0x9fab98, 0xc8a27c, SURFACE_WOOD,
        0xc79f70, 1.0f,     0xfff0d6,        -1,       0.10f};
    static const struct set kitchen = {
        "",       "usage2", set_draw_kitchen, 0xf6f6f4, 0xe6e5e2, 0x8aa38b, 0xc49b6c, SURFACE_STONE,
        0xdedcd8, 1.05f,    0xffffff,         0.9f,     0.20f};
    switch (variant) {
    case VARIANT_HERO:
        hero_make(b, seed);
        b->gloss = 0.18f;
        break;
    case VARIANT_USAGE1:
        usage_make(b, &living, false, seed);
        break;
    case VARIANT_USAGE2:
        usage_make(b, &kitchen, true, seed);
        break;
    case VARIANT_MOOD:
        mood_make(b, seed);
        break;
    case VARIANT_DETAIL:
        white_make(b);
        break;
    }
    place(b, 0.5f, b->base, variant == VARIANT_DETAIL ? 0.72f : 0.64f,
          variant == VARIANT_DETAIL ? 0.72f : 0.62f);
    b->relight = 0;
    b->rim = 0;
}

static void air_measure(struct backdrop *b)
{
    const struct plate *p = &b->plate;
    float sum[3] = {0};
    int n = 0;
    for (int y = p->h / 4; y < p->h * 3 / 4; y += 8)
        for (int x = 0; x < p->w; x += 8, n++)
            for (int c = 0; c < 3; c++)
                sum[c] += p->rgb[3 * ((size_t)y * p->w + x) + c];
    b->air = (struct light){sum[0] / (float)n, sum[1] / (float)n, sum[2] / (float)n};
}

void backdrop_make(enum variant variant, const char *category, bool studio, int width, int height,
                   uint32_t seed, struct backdrop *ret_backdrop)
{
    struct backdrop b = {0};
    plate_init(&b.plate, (width + 1) / 2, (height + 1) / 2);
    if (studio)
        studio_make(&b, variant, seed);
    else if (variant == VARIANT_USAGE1 || variant == VARIANT_USAGE2)
        usage_make(&b, set_find(category, variant_word(variant)), variant == VARIANT_USAGE2, seed);
    else if (variant == VARIANT_MOOD)
        mood_make(&b, seed);
    else
        hero_make(&b, seed);
    air_measure(&b);
    *ret_backdrop = b;
}
