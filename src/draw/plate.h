/* A plate is light before it becomes a picture: linear RGB at a reduced size, for backdrops that
 * are soft anyway. It is painted, blurred, lit, and at the end developed to 8 bits at full size
 * with a fine dither, so that gradients do not band. */
/* SPDX-License-Identifier: ISC */
#ifndef DRAW_PLATE_H
#define DRAW_PLATE_H

#include <stdint.h>

#include "base/err.h"
#include "picture/pixels.h"

struct plate {
    int w, h;
    float *rgb; /* owned; w * h * 3, linear, 1 is white, more is allowed */
};

/* A colour as people write it, 0xRRGGBB, in linear light. */
struct light {
    float r, g, b;
};
struct light light_of(uint32_t hex);
struct light light_mix(struct light a, struct light b, float t); /* t = 0: a */
struct light light_times(struct light a, float k);
/* A linear value 0..1 as an 8-bit level, shoulder included. */
uint8_t light_level(float v);

void plate_init(struct plate *p, int w, int h);
void plate_finish(struct plate *p); /* safe on zeroed memory */

/* From top to bottom. */
void plate_gradient(struct plate *p, struct light top, struct light bottom);
/* What a cairo surface shows, stretched over the plate; surface is borrowed, ARGB32, laid over what
 * is there. */
struct _cairo_surface;
void plate_lay_surface(struct plate *p, struct _cairo_surface *surface);
/* `from` stretched to the size of `to` and put there, rows [0, rows) of it. */
void plate_stretch(const struct plate *from, struct plate *to, int rows);

/* Three box passes: close to a Gaussian of that radius in plate pixels. */
void plate_blur(struct plate *p, int radius);
/* The same for any field of w x h pixels with that many floats each. */
void field_blur(float *field, int w, int h, int channels, int radius);
/* Adds a round soft light; centre and radii as shares of the plate's width and height (0.5 0.5 is
 * the middle). */
void plate_glow(struct plate *p, float x, float y, float rx, float ry, struct light colour);
/* Multiplies: 1 inside the ellipse, `edge` far outside, smooth between. */
void plate_pool(struct plate *p, float x, float y, float rx, float ry, float edge);
/* Darkens towards the corners; amount 0..1. */
void plate_vignette(struct plate *p, float amount);

/* To 8 bits at width x height with dither (and grain of that strength in levels). Deterministic by
 * seed. */
int plate_develop(const struct plate *p, int width, int height, uint32_t seed, float grain,
                  struct pixels *ret_pixels, struct err *e);

/* One byte a pixel, for shadows: box-blurred in place, three passes. */
void mask_blur(uint8_t *mask, int w, int h, int radius_x, int radius_y);

/* Value noise of lattice step 1 at x, y: 0..1, deterministic by seed; fbm adds octaves. */
float noise_at(float x, float y, uint32_t seed);
float noise_fbm(float x, float y, int octaves, uint32_t seed);

#endif
