/* A picture as film wants it: luma and two chroma planes (BT.709, video range), kept finer than 8
 * bits so that slow moves stay smooth, and frames sampled from it. A frame is 8-bit yuv420p:
 * width*height luma bytes, then a quarter of that twice. */
/* SPDX-License-Identifier: ISC */
#ifndef FILM_PLANES_H
#define FILM_PLANES_H

#include <stddef.h>
#include <stdint.h>

#include "film/motion.h"
#include "picture/pixels.h"

#define PLANE_BITS 6 /* fractional bits of a stored sample */

struct plane {
    int width, height;
    int16_t *at; /* owned */
};

struct planes {
    struct plane y, u, v; /* u and v are half as wide and high */
};

/* Transparent parts are seen on black. Sides must be even. */
void planes_init(struct planes *p, const struct pixels *from);
void planes_finish(struct planes *p); /* safe on zeroed memory */

size_t frame_bytes(int width, int height);

/* Draws what the window shows, width x height, into frame (frame_bytes long), bicubic. */
void planes_sample(const struct planes *p, const struct window *seen, int width, int height,
                   uint8_t *frame);

/* base becomes base * (1 - weight) + over * weight. */
void frame_mix(uint8_t *base, const uint8_t *over, size_t len, double weight);

#endif
