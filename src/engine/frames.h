/* A look at a clip: models are shown frames of it, made here before they are asked. */
/* SPDX-License-Identifier: ISC */
#ifndef ENGINE_FRAMES_H
#define ENGINE_FRAMES_H

#include "engine/flight.h"

/* Asks a worker for the frames of the flight's clip, when it is a look at one; then on is called
 * with the flight, whose clip has given place to its frames in their order. False when there is
 * nothing to make. The flight is in the list. */
bool frames_make(struct engine *en, struct flight *f,
                 void (*on)(struct engine *en, struct flight *f));

#endif
