/* Things in the foreground that are not people: the subject of an insert on its table, and the
 * hands of a point-of-view shot. */
/* SPDX-License-Identifier: ISC */
#ifndef DRAW_PROP_H
#define DRAW_PROP_H

#include "draw/brush.h"
#include "draw/scene.h"
#include "draw/blocking.h"

/* Paints a table with the insert's thing on it, and a hand when somebody is in the shot. */
void prop_insert(const struct brush *b, const struct scene *s);
/* Paints the two hands of whoever looks, at the lower corners. */
void prop_hands(const struct brush *b, const struct scene *s);

#endif
