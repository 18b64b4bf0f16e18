/* Gate 2 in a plan: a job that looks at a picture or clip of another, by rules/gates/vision.json.
 */
/* SPDX-License-Identifier: ISC */
#ifndef PLAN_LOOKS_H
#define PLAN_LOOKS_H

#include "plan/plan.h"

#define LOOKS_KEY "words.check." /* and the key of the job whose picture is looked at */

/* Adds a look for each picture that the rule wants looked at, right behind it; whatever is
 * made from such a picture waits for its look. Nothing is added while no model can look: a note
 * says what is missing. */
void looks_add(struct plan *p, const struct plan_context *ctx);

/* Whether pictures of that op, made by that engine, are looked at. */
bool looks_wanted(const struct rules *rules, const char *op, const char *engine);

#endif
