/* The smallest real job of an engine, for seeing whether it works, and how engines stand. */
/* SPDX-License-Identifier: ISC */
#ifndef ENGINE_TRIAL_H
#define ENGINE_TRIAL_H

#include "plan/plan.h"

struct engine;

#define TRIAL_KIND "trial" /* of its drop; it has no entry in the inbox */

/* The job that "probe" of the engine's file names, priced; its file goes to trials/<name>.* below
 * out/. ret_job is the caller's (plan_job_finish). ERR_UNSUPPORTED, ERR_STATE when it cannot be
 * asked now. */
int trial_job(const struct rules *rules, const char *engine, const char *name,
              struct plan_job *ret_job, struct err *e);

/* {"verb": "trial", "engine": NAME}: it is begun; said is its drop's id. */
int verb_trial(struct engine *en, const cJSON *command, char **ret_said, struct err *e);

/* The model that an engine is tried with: its file's, else the first that its file or the routing
 * table names; NULL none. Borrowed from the rules. */
const char *trial_model(const struct rules *rules, const char *engine);

/* {"verb": "engines"}: said is JSON, engine -> {circuit, opens_in_s, under_way, minute_left,
 * day_left, told_left, told_of, waits_s}. */
int verb_engines(struct engine *en, const cJSON *command, char **ret_said, struct err *e);

#endif
