/* The air: shafts of light, fog, steam, rain, dust and snow, laid over what is already drawn. */
/* SPDX-License-Identifier: ISC */
#ifndef DRAW_ATMOSPHERE_H
#define DRAW_ATMOSPHERE_H

#include "draw/brush.h"
#include "draw/scene.h"

void atmosphere_behind(const struct brush *b,
                       const struct scene *s); /* between the place and the people */
void atmosphere_before(const struct brush *b,
                       const struct scene *s); /* between the people and the lens */

#endif
