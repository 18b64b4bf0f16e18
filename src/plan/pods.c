/* A plan whose jobs have their engines comes in; the hours of the machines that those engines need
 * go into its price and its notes. An estimate: work that was made before needs none. */
/* SPDX-License-Identifier: ISC */
#include "plan/plan_priv.h"

#include <math.h>
#include <stdlib.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"

#define IDLE_S 300
#define BOOT_S 180 /* until a machine serves */
#define MINUTE 60
#define HOUR_S 3600.0

/* How long an engine's jobs keep a machine at work, as often as they are tried, with so many at
 * once. */
static double work_s(const struct plan *p, const cJSON *file, bool worst)
{
    double s = 0, at_once = json_num(json_get(file, "limits"), "at_once", 1);
    for (size_t i = 0; i < p->jobs_n; i++)
        if (str_eq(p->jobs[i].engine, file->string))
            s += p->jobs[i].seconds * (worst ? p->jobs[i].attempts : 1.0);
    return s / at_once;
}

/* By the minute begun. */
static double price_of_work(const cJSON *pod, double seconds)
{
    seconds += BOOT_S + json_num(pod, "idle_s", IDLE_S);
    return ceil(seconds / MINUTE) * MINUTE / HOUR_S * json_num(pod, "usd_hour", 0);
}

void price_pods(struct plan *p, const struct rules *rules)
{
    const cJSON *file;
    cJSON_ArrayForEach(file, rules_kind(rules, "providers"))
    {
        const cJSON *pod = json_get(file, "pod");
        double s = pod ? work_s(p, file, false) : 0;
        if (s <= 0)
            continue;
        double price = price_of_work(pod, s);
        char *place = mem_printf("the engine %s", file->string);
        char *found = mem_printf("a machine at %.2f an hour, about %.0f min of work: %.2f",
                                 json_num(pod, "usd_hour", 0), ceil(s / MINUTE), price);
        faults_add(&p->notes, "POD_HOURS", place, found, "an estimate, in the plan's price",
                   "It is begun when the first job waits and stopped when nothing needs it.");
        p->price += price;
        p->price_worst += price_of_work(pod, work_s(p, file, true));
        free(place);
        free(found);
    }
}
