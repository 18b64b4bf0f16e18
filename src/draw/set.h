/* The sets products are staged in: for each category and use a wall, a few shapes that are blurred,
 * lights, and a surface. One row of a table is one set; the shapes are drawn in units of a ninth of
 * the picture's height. */
/* SPDX-License-Identifier: ISC */
#ifndef DRAW_SET_H
#define DRAW_SET_H

#include <stdbool.h>
#include <stdint.h>

#include <cairo.h>

enum surface {
    SURFACE_GLOSS,    /* dark lacquer or glass */
    SURFACE_WOOD,     /* boards, grain from left to right */
    SURFACE_STONE,    /* polished, veined */
    SURFACE_CONCRETE, /* mottled, matt */
    SURFACE_CLOTH,    /* even, fine */
    SURFACE_GROUND,   /* earth, gravel, short grass */
    SURFACE_PLAIN     /* seamless paper */
};

/* Where a set's shapes go: what is blurred like a far wall, and small lights that stay discs. */
struct set_pen {
    cairo_t *shapes, *lights;
    double w;      /* width in units; the height is 9 */
    double table;  /* y of the surface's far edge, in units */
    uint32_t seed; /* moved on by every set_random */
    uint32_t accent, second;
};
double set_random(struct set_pen *pen, double low, double high);
void set_colour(cairo_t *c, uint32_t hex, double alpha);
void set_box(struct set_pen *pen, double x, double y, double w, double h, uint32_t hex,
             double alpha);
void set_blob(struct set_pen *pen, double x, double y, double rx, double ry, uint32_t hex,
              double alpha);
void set_disc(struct set_pen *pen, double x, double y, double r, uint32_t hex, double alpha);

struct set {
    const char *category, *use; /* "default" is the fallback row of each use */
    void (*draw)(struct set_pen *pen);
    uint32_t wall_top, wall_low; /* behind everything */
    uint32_t accent, second;     /* what the shapes take their colour from */
    enum surface surface;
    uint32_t surface_colour;
    float light;  /* brightness of the whole: 1 is a bright day */
    uint32_t key; /* colour of the light on the product */
    float key_x;  /* where it comes from: -1 left, 1 right */
    float gloss;  /* how much the surface mirrors, 0..1 */
};

/* The row of a category (unknown ones and NULL are "default") and use ("usage1", "usage2"). Static,
 * never NULL. */
const struct set *set_find(const char *category, const char *use);

/* Shapes (set_indoor.c, set_outdoor.c). */
void set_draw_window(struct set_pen *), set_draw_living(struct set_pen *),
    set_draw_bedroom(struct set_pen *);
void set_draw_desk(struct set_pen *), set_draw_neon(struct set_pen *),
    set_draw_couch(struct set_pen *);
void set_draw_kitchen(struct set_pen *), set_draw_cafe(struct set_pen *),
    set_draw_gym(struct set_pen *);
void set_draw_lounge(struct set_pen *), set_draw_studio(struct set_pen *),
    set_draw_nursery(struct set_pen *);
void set_draw_patio(struct set_pen *), set_draw_park(struct set_pen *),
    set_draw_street(struct set_pen *);
void set_draw_camp(struct set_pen *), set_draw_forest(struct set_pen *),
    set_draw_golden(struct set_pen *);

#endif
