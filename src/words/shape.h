/* Whether a JSON value has the shape that a JSON Schema asks for: the part of that language which
 * our own schemas use, and nothing of it guessed. */
/* SPDX-License-Identifier: ISC */
#ifndef WORDS_SHAPE_H
#define WORDS_SHAPE_H

#include <cjson/cJSON.h>

#include "base/fault.h"

/* Known: type (a word or a list), enum, const, properties, required, additionalProperties (false or
 * a schema), items, minItems, maxItems, minLength, maxLength (characters), minimum, maximum, anyOf,
 * and the words about it: title, description, default, $schema.
 * Adds a fault per mismatch, its place a JSON pointer ("" is the whole). Returns how many. */
size_t shape_check(const cJSON *shape, const cJSON *value, struct faults *faults);

/* Adds a fault per keyword that shape_check does not know, so that none is passed over in silence.
 * Returns how many. */
size_t shape_sound(const cJSON *shape, const char *place, struct faults *faults);

#endif
