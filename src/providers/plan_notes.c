/* A plan comes in; what its engines' files say about the models it uses goes into its notes.
 * Changes nothing else. */
/* SPDX-License-Identifier: ISC */
#include "providers/provider.h"

#include <stdlib.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"
#include "plan/plan.h"

static bool noted_before(const struct plan *p, size_t at)
{
    for (size_t i = 0; i < at; i++)
        if (str_eq(p->jobs[i].engine, p->jobs[at].engine) &&
            str_eq(p->jobs[i].model, p->jobs[at].model))
            return true;
    return false;
}

void provider_note_plan(const struct rules *rules, struct plan *plan, int64_t now_s)
{
    for (size_t i = 0; i < plan->jobs_n; i++) {
        const struct plan_job *job = &plan->jobs[i];
        char *note = noted_before(plan, i)
                         ? NULL
                         : provider_model_note(rules, job->engine, job->model, now_s);
        char *place = note ? mem_printf("the engine %s", job->engine) : NULL;
        if (note)
            faults_add(&plan->notes, "MODEL_NOTE", place, note, "a model that is sold",
                       "Name another in rules/models/routing.json, or correct the provider's "
                       "file.");
        free(place);
        free(note);
    }
}
