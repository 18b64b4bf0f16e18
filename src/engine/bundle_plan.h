/* What a bundle of a unit holds, from the store. */
/* SPDX-License-Identifier: ISC */
#ifndef ENGINE_BUNDLE_PLAN_H
#define ENGINE_BUNDLE_PLAN_H

#include "engine/manual.h"
#include "manual/bundle.h"

/* model NULL: the escalation's, else the default of what the unit is. Owned by the caller, also
 * after an error. */
int bundle_plan_make(struct engine *en, const struct unit *u, const char *model,
                     struct bundle_plan *ret_plan, struct err *e);

#endif
