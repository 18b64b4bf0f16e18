/* The units that a command means. */
/* SPDX-License-Identifier: ISC */
#ifndef ENGINE_CHOSEN_H
#define ENGINE_CHOSEN_H

#include "engine/engine_priv.h"
#include "engine/unit.h"

/* Units that words mean: one, an episode's, or a drop's. Zeroed memory is none; owned. */
struct chosen {
    char **names;
    int64_t *drops;
    size_t n;
};

/* Of a command's "what" (words), "drop" and "outstanding"; ERR_MISSING for a word that means none.
 */
int units_choose(struct engine *en, const cJSON *command, struct chosen *c, struct err *e);
void units_chosen_finish(struct chosen *c);

#endif
