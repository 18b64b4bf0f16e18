/* A question in the form of a plan's job comes in; a job of a drop that exists already goes out,
 * stored and ready. */
/* SPDX-License-Identifier: ISC */
#include "engine/words.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"
#include "engine/order_rows.h"
#include "store/words.h"

static void take_ins(struct job_row *row, char *takes_ins)
{
    free(row->ins);
    row->ins = takes_ins;
}

static int next_seq(struct engine *en, int64_t drop_id)
{
    struct job_row *jobs = NULL;
    size_t n = 0;
    int next = 0;
    if (store_jobs(en->store, drop_id, &jobs, &n))
        return 0;
    for (size_t i = 0; i < n; i++) {
        next = jobs[i].seq >= next ? jobs[i].seq + 1 : next;
        job_row_finish(&jobs[i]);
    }
    free(jobs);
    return next;
}

static int add(struct engine *en, const struct drop_row *drop, struct job_row *row, struct err *e)
{
    row->drop_id = drop->id;
    row->seq = next_seq(en, drop->id);
    row->state = JOB_READY;
    return store_add_job(en->store, row, e);
}

/* Whether a person may begin it anew now: nothing is under way for it. */
static bool at_rest(const struct job_row *job)
{
    return job->state != JOB_RUNNING && job->state != JOB_MADE;
}

/* The same job with another question: what it made before stays as a version. */
static int begin_anew(struct engine *en, struct job_row *old, const struct job_row *row,
                      struct err *e)
{
    struct job_row now = *old;
    if (!at_rest(old))
        return err_set(e, ERR_STATE, "%s is being written already", row->title);
    now.params = row->params;
    now.prompt = row->prompt;
    now.engine = row->engine;
    now.model = row->model;
    now.why_engine = row->why_engine;
    now.choices = row->choices;
    now.price = row->price;
    memcpy(now.hash, row->hash, sizeof now.hash);
    int rc = store_set_job_wish(en->store, &now, e);
    if (!rc)
        rc = store_set_job_engine(en->store, &now, e);
    if (!rc && store_job(en->store, old->id, &now) == 0) {
        rc = command_retry_job(en, &now, true, e);
        job_row_finish(&now);
    }
    return rc;
}

static int put(struct engine *en, const struct drop_row *drop, struct job_row *row, struct err *e)
{
    struct drop_row again = *drop;
    struct job_row old = {0};
    int rc = store_begin(en->store, e);
    if (rc)
        return rc;
    rc = store_job_keyed(en->store, drop->id, row->key, &old) == 0 ? begin_anew(en, &old, row, e)
                                                                   : add(en, drop, row, e);
    again.state = DROP_RUNNING;
    again.ended_s = 0;
    again.priority = PRIORITY_RETAKE;
    if (!rc)
        rc = store_set_drop(en->store, &again, e);
    if (!rc)
        rc = store_commit(en->store, e);
    else
        store_rollback(en->store);
    job_row_finish(&old);
    return rc;
}

/* The same question once more is another request: no answer of before is served for it. */
static void count_again(struct engine *en, const struct drop_row *drop, struct plan_job *job)
{
    struct job_row old = {0};
    if (store_job_keyed(en->store, drop->id, job->key, &old))
        return;
    cJSON *params = cJSON_Parse(old.params);
    json_set_num(job->params, "again", json_num(params, "again", 0) + 1);
    cJSON_Delete(params);
    job_row_finish(&old);
}

int words_put(struct engine *en, const struct drop_row *drop, struct plan_job *job, char *takes_ins,
              struct err *e)
{
    struct job_row row = {0};
    count_again(en, drop, job);
    plan_hash_alone(job);
    order_rows_job(&row, job, 0);
    take_ins(&row, takes_ins);
    int rc = put(en, drop, &row, e);
    job_row_finish(&row);
    en->start_more = en->needs_you_dirty = true;
    desk_touch(en, drop->id);
    return rc;
}
