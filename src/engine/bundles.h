/* Bundles on their way out. A wish is stored before anything is written, so that a kill at any
 * instant leaves either the wish or the whole folder. */
/* SPDX-License-Identifier: ISC */
#ifndef ENGINE_BUNDLES_H
#define ENGINE_BUNDLES_H

#include "engine/manual.h"

/* Plans and stores one bundle of a unit; it is written in later turns. job, model: as for
 * bundle_plan_make. Appends {"bundle", "unit", "model", "zip", "state", "notes": [sentence]} to
 * said. */
int bundles_begin(struct engine *en, const struct unit *u, const struct job_row *job,
                  const char *model, bool zip, cJSON *said, struct err *e);

/* The unit of a job; a text step's is that step alone: it writes about a shot, and is no file of
 * it.
 */
int unit_of_job(struct engine *en, int64_t drop_id, const char *unit, const char *key_or_null,
                struct unit *ret_unit, struct err *e);

/* At a start: wishes that were stored and not carried out are begun anew. */
void bundles_recover(struct engine *en);

#endif
