/* The light of a scene: where it comes from, what it does to a surface, what the air does to
 * distance. */
/* SPDX-License-Identifier: ISC */
#ifndef DRAW_LIGHT_H
#define DRAW_LIGHT_H

#include "draw/scene.h"
#include "draw/tone.h"
#include "draw/view.h"

struct scene_light {
    struct tone sky_top, sky_low;
    struct tone ambient; /* what a surface in shadow is multiplied by */
    struct tone key;     /* what is added where the key light falls */
    struct tone second;  /* a weaker light from the other side */
    struct tone haze;    /* what distance fades to */
    struct tone ink;     /* of the sketch lines */
    double haze_per_m;
    double clear_m;  /* up to here the air is clear */
    struct vec to;   /* unit, from the scene toward the key light */
    double rim;      /* 0..1: how much edges glow */
    bool inside;     /* under a roof: no sky */
    double exposure; /* of the finished picture */
};

/* Works out the light of a scene from its hour, place and lighting. */
struct scene_light light_of_scene(const struct scene *s);

/* A surface's tone: albedo under ambient, key by the angle to its normal (unit), second light. */
struct tone light_on(const struct scene_light *l, struct tone albedo, struct vec normal);

/* The share of haze at a depth in metres, 0..1, and a tone seen through it. */
double light_haze(const struct scene_light *l, double depth);
struct tone light_through(const struct scene_light *l, struct tone t, double depth);

#endif
