/* What was mended by hand, from the store's rows to what can be learned from it. */
/* SPDX-License-Identifier: ISC */
#ifndef ENGINE_LEARNED_H
#define ENGINE_LEARNED_H

#include "engine/unit.h"
#include "store/manual.h"

struct engine;

/* learn_from over rows. Owned. */
cJSON *learned_from(const struct fix_row *fixes, size_t n);

/* Writes out/<tree>/learn.html of a drop in which something was mended. */
void learned_write(struct engine *en, const struct drop_row *drop);

/* Sets shot_type, prompt_words, model and minutes of a fix from its unit's jobs and its escalation,
 * where they are known. Texts are owned by the row. */
void learned_fill(struct engine *en, const struct unit *u, struct fix_row *fix);

#endif
