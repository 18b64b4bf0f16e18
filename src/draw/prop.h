/* Things in the foreground that are not people: the subject of an insert on its table, and the
 * hands of a point-of-view shot. */
/* SPDX-License-Identifier: ISC */
#ifndef DRAW_PROP_H
#define DRAW_PROP_H

#include "draw/brush.h"
#include "draw/scene.h"
#include "draw/blocking.h"

void prop_insert(const struct brush *b, const struct scene *s);
void prop_hands(const struct brush *b, const struct scene *s);

#endif
