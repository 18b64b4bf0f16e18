/* Where people stand and where the camera is: a scene's words become places in metres and a view.
 */
/* SPDX-License-Identifier: ISC */
#ifndef DRAW_BLOCKING_H
#define DRAW_BLOCKING_H

#include "draw/scene.h"
#include "draw/tone.h"
#include "draw/view.h"

#define BLOCKING_MARKS_MAX (SCENE_CAST_MAX + 1)

/* One person's place. */
struct mark {
    struct actor actor;
    struct look look;
    struct vec at; /* on the ground, y is 0 */
    double turn; /* radians: 0 faces the first camera (-z), positive turns to the picture's right */
    bool foreground; /* seen from behind, near the lens, out of focus */
    uint64_t chance; /* of this person in this shot */
};

struct blocking {
    struct mark mark[BLOCKING_MARKS_MAX];
    int n;
    struct view view;
    double distance; /* metres from the eye to what is in focus */
    double seen;     /* metres of height that are seen there */
};

/* width and height: of the picture, without its caption. */
struct blocking blocking_of(const struct scene *s, double width, double height);

/* Height of the top of the head above the ground, metres, in the way the person stands, sits or
 * lies. */
double blocking_head_top(const struct mark *m);

#endif
