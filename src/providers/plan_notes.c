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

static void note_prices(const struct rules *rules, struct plan *plan, const struct plan_job *job,
                        int64_t now_s)
{
    char *place = mem_printf("%s at the engine %s", job->model, job->engine);
    char *cure = mem_printf("Write what it costs into rules/providers/%s.json, with the day as "
                            "\"as_of\"%s.",
                            job->engine, job->unpriced ? "; then slated retry" : "");
    char *odd = job->unpriced ? mem_dup("what it costs is not known")
                              : provider_price_note(rules, job->engine, job->model, job->op, now_s);
    if (odd)
        faults_add(&plan->notes, job->unpriced ? "PRICE_UNKNOWN" : "PRICE_DATE", place, odd,
                   job->unpriced ? "a price, before it is bought" : "a price of this year", cure);
    free(place);
    free(cure);
    free(odd);
}

void provider_note_plan(const struct rules *rules, struct plan *plan, int64_t now_s)
{
    for (size_t i = 0; i < plan->jobs_n; i++) {
        const struct plan_job *job = &plan->jobs[i];
        if (noted_before(plan, i))
            continue;
        note_prices(rules, plan, job, now_s);
        char *note = provider_model_note(rules, job->engine, job->model, now_s);
        char *place = note ? mem_printf("the engine %s", job->engine) : NULL;
        if (note)
            faults_add(&plan->notes, "MODEL_NOTE", place, note, "a model that is sold",
                       "Name another in rules/models/routing.json, or correct the provider's "
                       "file.");
        free(place);
        free(note);
    }
}
