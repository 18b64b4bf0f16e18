/* Which engine and model make a job: the routing table of rules/models, in its order of preference, against the engines
 * that are there. */
/* SPDX-License-Identifier: ISC */
#ifndef PLAN_ROUTE_H
#define PLAN_ROUTE_H

#include "plan/plan.h"

/* Sets engine, model, why_engine, price, attempts and seconds of the job for an asset type ("product", "thumbnail", "keyframe", ...) and variant
 * (may be NULL). rules/models/routing.json lists [{"engine": ..., "model": ...}] by type and variant under a profile; an engine that is
 * not configured (no rules/providers/<engine>.json, or its key is missing) is passed over. "local" is always there. */
void route_job(const struct rules *rules, const char *type, const char *variant, struct plan_job *job);

#endif
