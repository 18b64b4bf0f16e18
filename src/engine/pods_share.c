/* A stretch of a machine's time that was paid for comes in; the jobs that were made in it bear it,
 * each as long as it took, so that what a drop's documents add up to is what its ledger says. A
 * stretch in which nothing was made is borne by the job it was bought for. */
/* SPDX-License-Identifier: ISC */
#include "engine/pods.h"
#include "engine/flight.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "money/caps.h"

static bool made_in(const struct job_row *job, const struct pod_row *row, int64_t end_s)
{
    return job->state == JOB_DONE && str_eq(job->engine, row->engine) &&
           job->completed_s >= row->began_s && job->completed_s <= end_s;
}

static void add(struct pod_shares *s, int64_t job_id, int64_t amount_u)
{
    s->list = mem_grow(s->list, s->n + 1, sizeof *s->list);
    s->list[s->n++] = (struct pod_share){job_id, amount_u};
}

/* Whole micro-dollars; what rounding leaves goes to the last one. */
static void split(struct pod_shares *s, const struct job_row *jobs, size_t n,
                  const struct pod_row *row, int64_t end_s, int64_t amount_u)
{
    int64_t ms = 0, left_u = amount_u;
    for (size_t i = 0; i < n; i++)
        if (made_in(&jobs[i], row, end_s))
            ms += jobs[i].duration_ms + 1;
    for (size_t i = 0; i < n; i++) {
        if (!made_in(&jobs[i], row, end_s))
            continue;
        double part = (double)(jobs[i].duration_ms + 1) / (double)ms;
        int64_t own_u = (int64_t)((double)amount_u * part);
        left_u -= own_u;
        add(s, jobs[i].id, own_u);
    }
    if (s->n)
        s->list[s->n - 1].amount_u += left_u;
    else
        add(s, row->job_id, amount_u);
}

int pod_share(struct engine *en, const struct pod_row *row, int64_t end_s, int64_t amount_u,
              struct pod_shares *ret_shares, struct err *e)
{
    struct job_row *jobs = NULL;
    size_t n = 0;
    int rc = 0;
    *ret_shares = (struct pod_shares){.drop_id = row->drop_id};
    if (amount_u <= 0)
        return 0;
    if (store_jobs(en->store, row->drop_id, &jobs, &n))
        n = 0;
    split(ret_shares, jobs, n, row, end_s, amount_u);
    for (size_t i = 0; i < ret_shares->n && !rc; i++)
        rc = store_add_job_cost(en->store, ret_shares->list[i].job_id,
                                (double)ret_shares->list[i].amount_u / MONEY_UNIT, e);
    for (size_t i = 0; i < n; i++)
        job_row_finish(&jobs[i]);
    free(jobs);
    return rc;
}

/* A job that is at work again, or waits for its files' names, is stored whole with its next step.
 */
static void tell_job(struct engine *en, const struct pod_share *share)
{
    struct job_row *made = land_job(en, share->job_id);
    if (made)
        made->cost += (double)share->amount_u / MONEY_UNIT;
    for (size_t i = 0; i < en->flights_n; i++)
        if (en->flights[i]->job.id == share->job_id)
            en->flights[i]->job.cost += (double)share->amount_u / MONEY_UNIT;
}

void pod_shared(struct engine *en, struct pod_shares *shares, bool stored)
{
    for (size_t i = 0; i < shares->n && stored; i++)
        tell_job(en, &shares->list[i]);
    if (shares->n && stored)
        desk_touch(en, shares->drop_id);
    free(shares->list);
    memset(shares, 0, sizeof *shares);
}
