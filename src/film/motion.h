/* How a camera drifts over a still picture: pure curves of time, nothing drawn.
 *
 * A window is the part of the picture that is seen: its width is 1/zoom of the picture's, its
 * centre (x, y) in 0..1. Example: zoom 1.25 at the centre (0.5, 0.5) shows 0.1 .. 0.9 of both
 * sides; the window's centre may lie in 0.4 .. 0.6. */
/* SPDX-License-Identifier: ISC */
#ifndef FILM_MOTION_H
#define FILM_MOTION_H

#include <stdint.h>

struct window {
    double x, y; /* centre, 0..1 of the picture */
    double zoom; /* >= 1 */
};

struct push {
    double from, to;     /* zoom at the start and at the end, both >= 1 */
    double aim_x, aim_y; /* -1..1: where in the free margin the move ends */
};

/* Whole frames of a duration, at least one: round(seconds * fps). */
int motion_frames(double seconds, double fps);

/* 0..1 -> 0..1, at rest at both ends, steady in between. */
double motion_ease(double t);

/* A push from one zoom to another; factors below 1 would show the picture's edge, so both are
 * raised together until the smaller is 1. The seed chooses the direction. */
struct push motion_push(double from, double to, uint64_t seed);

/* What is seen at t in 0..1. */
struct window motion_at(const struct push *push, double t);

/* The weight of each of n (1..3) keyframes at t; they sum to 1 and each keyframe rests alone for a
 * while. */
void motion_weights(int n, double t, double ret_weights[3]);

#endif
