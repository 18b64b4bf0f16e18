/* Text steps: what a model says is read here, whatever it was asked for. Jobs of the ops "text.*",
 * their answer one JSON file.
 *
 *   answered --no JSON, wrong shape, breaks a rule--> asked again with what was wrong, so often as
 *      |                                              its attempts allow, then the next model
 *      `--> the answer's document is the job's file */
/* SPDX-License-Identifier: ISC */
#ifndef ENGINE_WORDS_H
#define ENGINE_WORDS_H

#include "engine/bundle_plan.h"
#include "engine/flight.h"
#include "engine/unit.h"
#include "plan/plan.h"

#define WORDS_AGAIN_S (-1) /* an outcome's wait_s: at once, a model is not angry */

/* Whether a job is a text step. */
bool words_is(const struct job_row *job);

/* The document that is kept of an answer, whoever wrote it. ERR_INPUT with what is wrong with it
 * and where. Owned. */
int words_read(struct engine *en, const struct job_row *job, const char *text, cJSON **ret_document,
               struct err *e);

/* Reads a text step's good answer and puts its document in the answer's place; an answer that is no
 * good becomes an outcome that asks again. Every answer is a row and a line of the log. Other
 * outcomes and jobs are left as they are. */
void words_judge(struct engine *en, struct flight *f, const struct response *response,
                 struct outcome *o);

/* A text job that is added to a drop, or begun anew when it is there: takes what it asks from the
 * plan's form (job->ins are files with their digests; refs says as what they are fetched, a JSON
 * list as in job_row.ins). ERR_STATE while it is at work. The drop runs again. */
int words_put(struct engine *en, const struct drop_row *drop, struct plan_job *job, char *takes_ins,
              struct err *e);

/* A rewritten prompt of the unit for the plan's target takes the place of its wording, when there
 * is one that belongs to the same words; plan->remark tells. */
void enhanced_use(struct engine *en, const struct unit *u, struct bundle_plan *plan);

/* The same for who asks by name. ERR_MISSING when there is none, ERR_STATE when the shot's words
 * have changed since. Owned. */
int enhanced_find(struct engine *en, const struct unit *u, const char *model, cJSON **ret_document,
                  struct err *e);

/* Makes the answer's document for what a text step was asked for (meta "asks" says which):
 * enhance.c, vision.c. */
int enhance_document(struct engine *en, const struct job_row *job, const cJSON *answer,
                     cJSON **ret_document, struct err *e);

#endif
