/* The place around the people: sky, ground and everything that stands on it, from far to near. */
/* SPDX-License-Identifier: ISC */
#ifndef DRAW_ENVIRONMENT_H
#define DRAW_ENVIRONMENT_H

#include "draw/brush.h"
#include "draw/scene.h"
#include "draw/blocking.h"

struct env {
    const struct brush *b;
    const struct scene *s;
    const struct blocking *st;
    struct dice d;    /* of the place: the same place has the same things */
    struct tone lamp; /* of lamps that are seen, at full strength */
    bool night;       /* windows are lit, lamps burn */
};

/* Paints the whole place behind and around the stage. */
void environment_paint(const struct brush *b, const struct scene *s, const struct blocking *st);

/* Paints what the lens looks through, near and unsharp. */
void environment_veil(const struct brush *b, const struct scene *s);

/* ground.c: sky over the horizon; the ground to the horizon in one albedo; a sun, moon or clouds
 * where they belong. */
void ground_sky(struct env *e);
void ground_plane(struct env *e, struct tone albedo);
/* A ridge against the sky: height is in metres, at a distance, from a seeded line; rough 0 dunes ..
 * 1 rocks. */
void ground_ridge(struct env *e, double distance, double height, double rough, struct tone albedo);

/* env_*.c: one kind of place each, without sky. */
void env_corridor(struct env *e);
void env_room(struct env *e);
void env_works(struct env *e);
void env_street(struct env *e);
void env_city(struct env *e);
void env_rooftop(struct env *e);
void env_forest(struct env *e);
void env_desert(struct env *e);
void env_sea(struct env *e);
void env_hills(struct env *e);
void env_space(struct env *e);
void env_abstract(struct env *e);

/* Shared by the built places: a grid of window panels on an upright wall, from a lower corner along
 * and up; lit: the share that glows. */
void env_windows(struct env *e, struct vec corner, struct vec along, double height, int columns,
                 int rows, double lit);
/* A building standing on y = low, with windows on the two faces that look to the stage. */
void env_building(struct env *e, struct vec low, struct vec high, struct tone albedo);

#endif
