/* A pod's time comes in; what it may cost is set aside before it begins, stretch by stretch, and
 * what it did cost is booked. Fails closed: what cannot be stored is not asked for. */
/* SPDX-License-Identifier: ISC */
#include "engine/flight.h"
#include "engine/pods.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "money/caps.h"

#define HOUR_S  3600
#define AHEAD_S 3600

static int64_t price_of_s(int64_t hour_u, int64_t seconds)
{
    return seconds <= 0 ? 0 : (int64_t)ceil((double)hour_u * (double)seconds / HOUR_S);
}

static int64_t ahead_s(const struct engine *en, const char *engine)
{
    return (int64_t)pod_number(en, engine, "ahead_s", AHEAD_S);
}

/* Sets aside what a stretch may cost, for the job that the pod has worked for last. */
static int add_stretch(struct engine *en, struct pod_row *row, int64_t amount_u, struct err *e)
{
    struct attempt_row a = {.job_id = row->job_id,
                            .drop_id = row->drop_id,
                            .engine = row->engine,
                            .pod = row->name,
                            .handle = engine_random_name(),
                            .state = ATTEMPT_SUBMITTING,
                            .remote = row->remote,
                            .reserved_u = amount_u,
                            .at_s = en->now_s};
    int rc = store_add_attempt(en->store, &a, e);
    row->attempt_id = a.id;
    free(a.handle);
    return rc;
}

static int end_step(struct engine *en, int rc, struct err *e)
{
    if (!rc)
        rc = store_commit(en->store, e);
    if (rc)
        store_rollback(en->store);
    return rc;
}

int pod_buy(struct engine *en, const struct job_row *job, struct pod *p, struct err *e)
{
    struct pod_row *row = &p->row;
    row->hour_u = money_of(pod_number(en, job->engine, "usd_hour", 0));
    row->since_s = row->began_s = en->now_s;
    row->until_s = en->now_s + ahead_s(en, job->engine);
    row->job_id = job->id;
    row->drop_id = job->drop_id;
    int64_t amount_u = price_of_s(row->hour_u, row->until_s - row->began_s);
    int rc = paid_judge(en, job, amount_u, e);
    if (rc || (rc = store_begin(en->store, e)))
        return rc;
    rc = add_stretch(en, row, amount_u, e);
    if (!rc)
        rc = store_add_pod(en->store, row, e);
    return end_step(en, rc, e);
}

/* What the stretch that is set aside has come to by then is booked, and borne by its jobs. */
static int settle_stretch(struct engine *en, struct pod_row *row, int64_t end_s,
                          struct pod_shares *ret_shares, struct err *e)
{
    int64_t charged_u = price_of_s(row->hour_u, end_s - row->began_s);
    int rc = row->attempt_id
                 ? store_settle_attempt(en->store, row->attempt_id, charged_u, NULL, en->now_s, e)
                 : 0;
    if (!rc && row->attempt_id)
        rc = pod_share(en, row, end_s, charged_u, ret_shares, e);
    if (rc)
        return rc;
    row->charged_u += charged_u;
    row->attempt_id = 0;
    return 0;
}

/* The next stretch is for whom the pod works now, so caps of that drop count. */
int pod_extend(struct engine *en, struct pod *p, struct err *e)
{
    struct pod_row row = p->row;
    int64_t more_u = price_of_s(row.hour_u, ahead_s(en, row.engine));
    struct job_row job = {.id = row.job_id, .drop_id = row.drop_id, .engine = row.engine};
    struct pod_shares shares = {0};
    int rc = paid_judge(en, &job, more_u, e);
    if (rc || (rc = store_begin(en->store, e)))
        return rc;
    rc = settle_stretch(en, &row, row.until_s, &shares, e);
    row.began_s = row.until_s;
    row.until_s += ahead_s(en, row.engine);
    if (!rc)
        rc = add_stretch(en, &row, more_u, e);
    if (!rc)
        rc = store_set_pod(en->store, &row, e);
    rc = end_step(en, rc, e);
    pod_shared(en, &shares, rc == 0);
    if (!rc)
        p->row = row;
    return rc;
}

static void cannot_store(struct engine *en, const struct pod *p, const struct err *e)
{
    engine_say(en, "error", "what became of the pod %s cannot be stored: %s; slated stops",
               p->row.name, e->text);
    en->stopping = true;
}

void pod_store(struct engine *en, struct pod *p)
{
    struct err e = {0};
    int rc = store_begin(en->store, &e);
    if (rc || end_step(en, store_set_pod(en->store, &p->row, &e), &e))
        cannot_store(en, p, &e);
}

void pod_pay(struct engine *en, struct pod *p, bool was_there, const char *why)
{
    struct pod_row *row = &p->row;
    struct err e = {0};
    char *text = mem_dup(why); /* why may be the row's own */
    free(row->why);
    row->why = text;
    row->ended_s = en->now_s;
    struct pod_shares shares = {0};
    int rc = store_begin(en->store, &e);
    if (!rc) {
        rc = settle_stretch(en, row, was_there ? en->now_s : row->began_s, &shares, &e);
        if (!rc)
            rc = store_set_pod(en->store, row, &e);
        rc = end_step(en, rc, &e);
    }
    pod_shared(en, &shares, rc == 0);
    if (rc)
        cannot_store(en, p, &e);
}

/* Its money flows already: it is booked whatever the caps say. */
int pod_readopt(struct engine *en, struct pod *p, struct err *e)
{
    struct pod_row *row = &p->row;
    row->began_s = row->charged_u > 0 ? row->ended_s : row->since_s;
    row->until_s = en->now_s + ahead_s(en, row->engine);
    row->ended_s = 0;
    row->state = POD_STOPPING;
    int rc = store_begin(en->store, e);
    if (rc)
        return rc;
    rc = add_stretch(en, row, price_of_s(row->hour_u, row->until_s - row->began_s), e);
    if (!rc)
        rc = store_set_pod(en->store, row, e);
    return end_step(en, rc, e);
}
