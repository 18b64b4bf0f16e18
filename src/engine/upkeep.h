/* What is done to a root now and then, so that it stays small over years. */
/* SPDX-License-Identifier: ISC */
#ifndef ENGINE_UPKEEP_H
#define ENGINE_UPKEEP_H

#include "engine/engine_priv.h"

/* Once an hour, in whichever turn is the first after it. */
void upkeep_turn(struct engine *en);

/* Memory that work has left behind goes back to the system: when nothing has been at work for two
 * seconds, and every half minute while something is. Answers when it is next due, INT64_MAX not
 * before something else happens. */
int64_t upkeep_memory(struct engine *en);

/* receipts.c: those that have lain there long enough go. */
void receipts_sweep(struct engine *en);

#endif
