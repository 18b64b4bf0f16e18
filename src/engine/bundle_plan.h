/* What a bundle of a unit holds, from the store. */
/* SPDX-License-Identifier: ISC */
#ifndef ENGINE_BUNDLE_PLAN_H
#define ENGINE_BUNDLE_PLAN_H

#include "engine/manual.h"
#include "manual/bundle.h"

/* job NULL: what stands for the unit, its film before its picture; else what that job of it makes.
 * model NULL: the escalation's, else the default of what is wanted. ERR_INPUT when the target makes
 * something else, ERR_STATE when the film has no frame to start from yet. Owned by the caller, also
 * after an error. */
int bundle_plan_make(struct engine *en, const struct unit *u, const struct job_row *job,
                     const char *model, struct bundle_plan *ret_plan, struct err *e);

/* Only what the unit shows, in words, for a target: no pictures, no texts; also before anything of
 * it is made. model NULL: as above. Owned by the caller, also after an error. */
int bundle_plan_words(struct engine *en, const struct unit *u, const char *model,
                      struct bundle_plan *ret_plan, struct err *e);

/* bundle_refs.c: adds the pictures that the unit was made from, people and places first, to b. */
void bundle_refs_add(struct engine *en, struct bundle_plan *b, const struct unit *u);

#endif
