/* What the files of the combo kind share while one batch is planned. */
/* SPDX-License-Identifier: ISC */
#ifndef PLAN_BATCH_H
#define PLAN_BATCH_H

#include "plan/catalog.h"
#include "plan/combo.h"
#include "plan/plan.h"

/* Lives for one plan_combos.fill; combos, catalog and used are owned, the rest is borrowed. */
struct batch {
    const struct order *order;
    const struct plan_context *ctx;
    struct plan *plan;
    struct faults *faults;
    const cJSON *rules, *prompts, *naming; /* plans/combos, prompts/combos, naming/combos */
    const char *folder;                    /* how a catalog's folder begins */
    char timestamp[64];                    /* local time of the planning, as in names */
    struct combos combos;
    struct catalog catalog;
    bool *used; /* by prompt: some combo goes with it */
};

/* "1K": of the request, else of the combo, else of the rules. Borrowed. */
const char *batch_quality(const struct batch *b, const struct combo *c);

/* Adds the job of that pair (batch_job.c). */
int batch_add_pair(struct batch *b, const struct combo *c, const struct catalog_prompt *p,
                   struct err *e);

/* The session's log and the manifest of its files (combo_session.c). */
void batch_add_session(struct batch *b);

#endif
