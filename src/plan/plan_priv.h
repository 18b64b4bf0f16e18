/* What the files of plan/ share: the steps by which plan_build seals what a kind has filled in. */
/* SPDX-License-Identifier: ISC */
#ifndef PLAN_PLAN_PRIV_H
#define PLAN_PLAN_PRIV_H

#include "plan/plan.h"

/* The kind of that name, or NULL (kinds.c). */
const struct plan_kind *plan_kind_find(const char *kind);

/* Finds the job behind every edge and an order in which each job comes after those it takes from.
 * *ret_order (owned, jobs_n indices) and *ret_from (owned: for all inputs of all jobs, in plan
 * order, the index of the maker or -1 for a file). ERR_INPUT with a fault for each key used twice,
 * each unknown key or role, and the first ring, told with its path. */
int graph_resolve(const struct plan *p, size_t **ret_order, long **ret_from, struct faults *faults);

/* Fills hash of every job, and the plan's prices. order and from are graph_resolve's. */
void seal_plan(struct plan *p, const size_t *order, const long *from);

/* Adds what the machines by the hour that its engines need are likely to cost, with a note each. */
void price_pods(struct plan *p, const struct rules *rules);

#endif
