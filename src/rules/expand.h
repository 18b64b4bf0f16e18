/* Saying a thing once in a rules file: {"like": "/pointer"} stands for a copy of what lies there.
 */
/* SPDX-License-Identifier: ISC */
#ifndef RULES_EXPAND_H
#define RULES_EXPAND_H

#include <cjson/cJSON.h>

#include "base/fault.h"

/* Replaces every object whose only member is "like" by a copy of the value it points at in the same
 * file. A pointer to nothing, or to something that uses "like" itself, is a fault. Returns how many
 * faults were added. */
size_t rules_expand(cJSON *tree, const char *file, struct faults *faults);

#endif
