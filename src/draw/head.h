/* A head in the picture: skull, face, hair, from any side; from a blot to a portrait as its size
 * allows. */
/* SPDX-License-Identifier: ISC */
#ifndef DRAW_HEAD_H
#define DRAW_HEAD_H

#include "draw/brush.h"
#include "draw/pose.h"
#include "draw/shape.h"

/* How the camera sees a head. Inside head.c and hair.c everything is drawn in heads: 1 is the
 * head's height, y goes down, the origin is the head's middle, the chin at 0.5. */
struct head_view {
    struct point middle; /* pixels */
    double size;         /* pixels of one head */
    double yaw; /* 0 faces the camera, positive turns to the picture's right, +-pi shows the back */
    double pitch;     /* positive: seen from above */
    double roll;      /* of the head in the picture, clockwise */
    double depth;     /* metres */
    double look, lid; /* of the eyes: -1 left .. 1 right; 0 open .. 1 shut */
    const struct look *who;
    uint64_t chance;
};

/* How this camera sees the head of a posed person. */
struct head_view head_view_of(const struct view *v, const struct pose *p, const struct mark *m);

/* What hangs behind the neck; drawn before the trunk and head when the person faces us. */
void head_paint_back_hair(const struct brush *b, const struct head_view *h);
void head_paint(const struct brush *b, const struct head_view *h);

/* The skull's outline for head_view's yaw, as cairo's path in heads; grow widens it around the
 * skull. For head.c and hair.c. */
void head_contour(cairo_t *cr, double yaw, double jaw, double grow);
/* Where a feature at an angle from the face's middle lies sideways, in heads. */
double head_x(const struct head_view *h, double angle, double radius);
/* hair.c: the hair over the skull. */
void hair_paint(const struct brush *b, const struct head_view *h);
/* face.c: ears, those before the skull and those after it. */
void face_paint_ears(const struct brush *b, const struct head_view *h, const struct shade *skin,
                     bool before);
/* face.c: eyes, nose, mouth. */
void face_paint(const struct brush *b, const struct head_view *h, const struct shade *skin);

#endif
