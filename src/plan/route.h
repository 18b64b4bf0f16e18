/* Which engine and model make a job: the routing table of rules/models, in its order of preference,
 * against the engines that are there. */
/* SPDX-License-Identifier: ISC */
#ifndef PLAN_ROUTE_H
#define PLAN_ROUTE_H

#include "plan/plan.h"

/* Sets engine, model, why_engine, price, seconds and (when still 0) attempts of the job for an
 * asset type ("product", "thumbnail", "keyframe", ...) and variant (may be NULL).
 * rules/models/routing.json lists [{"engine": ..., "model": ...}] by type and variant ("*": any
 * other) under the profile that its "use" names; an engine that is not configured (no
 * rules/providers/<engine>.json, or its key is missing), cannot do the op, or has no price is
 * passed over. "local" is always there, and "manual": a person, to whom a bundle is offered. What
 * no engine of the list can do goes to the local one, and what that cannot do to a person; but what
 * one could do and only lacks a price for stays with it, unpriced, and waits until it has one. A
 * text never does: a person can write it. */
void route_job(const struct rules *rules, const char *type, const char *variant,
               struct plan_job *job);

/* The engine that a job of that op and params would be given; owned. */
char *route_engine(const struct rules *rules, const char *type, const char *variant, const char *op,
                   const cJSON *params);

/* What an attempt costs there by the rules, in dollars; NAN when that is not known. The job's op,
 * params and outputs are enough. */
double route_price(const struct rules *rules, const char *engine, const char *model,
                   const struct plan_job *job);

/* The same for one engine and model without the table: NULL, or why it cannot be taken; owned. */
char *route_to(const struct rules *rules, const char *engine, const char *model,
               struct plan_job *job);

/* Says of a routed job whether what the local engine makes of it only stands in for a real engine's
 * result: set when it is made there, and noted at its choices for when it comes to that. */
void route_stands_in(struct plan_job *job, bool when_local);

#endif
