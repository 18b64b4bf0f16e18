/* A person's joints in the world: from a mark and a moment. Lengths follow the usual eight heads.
 */
/* SPDX-License-Identifier: ISC */
#ifndef DRAW_POSE_H
#define DRAW_POSE_H

#include "draw/blocking.h"

/* Index 0 is the person's side that lies to the picture's left when they face us. */
struct pose {
    struct vec pelvis, waist, chest, neck, head; /* head: its middle */
    struct vec shoulder[2], elbow[2], wrist[2], hand[2], hip[2], knee[2], ankle[2], toe[2];
    struct vec side, up, front;                /* of the trunk, unit */
    struct vec head_front, head_up, head_side; /* of the head, unit */
    double height, head_height;                /* metres */
    bool seated;
};

/* Puts a person into the attitude the mark asks for; moment (-1..1) carries walkers on. */
struct pose pose_of(const struct mark *m, double moment);

#endif
