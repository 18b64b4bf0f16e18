/* A job that has ended comes in; what hangs on it becomes ready, is skipped, or is opened again;
 * and a drop whose jobs have all ended ends. The graph never changes: only countdowns do. */
/* SPDX-License-Identifier: ISC */
#include "engine/engine_priv.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"
#include "report/sums.h"

static bool made(enum job_state s)
{
    return s == JOB_DONE || s == JOB_KEPT;
}

/* What is known of a job's upstream. lost: one it needs has ended without a result; previews: one
 * has made a stand-in. */
struct upstream {
    bool lost, previews;
};

/* How many of them have not ended. */
static int count_missing(struct engine *en, int64_t job_id, struct upstream *ret, struct err *e)
{
    struct edge_row *edges = NULL;
    size_t n = 0;
    int missing = 0, rc = store_edges_to(en->store, job_id, &edges, &n);
    *ret = (struct upstream){false, false};
    if (rc)
        return err_set(e, rc, "the inputs of job %lld cannot be read", (long long)job_id);
    for (size_t i = 0; i < n && !rc; i++) {
        struct job_row from = {0};
        rc = store_job(en->store, edges[i].from, &from);
        bool ended = job_state_ended(from.state) || from.state == JOB_NEEDS_PERSON;
        missing += !ended;
        if (ended && !made(from.state) && !edges[i].soft)
            ret->lost = true;
        ret->previews = ret->previews || (made(from.state) && from.preview);
        job_row_finish(&from);
    }
    free(edges);
    return rc ? err_set(e, rc, "an input of job %lld cannot be read", (long long)job_id) : missing;
}

/* A job that went without a wanted input is opened again when that input comes after all. */
static bool went_without(struct engine *en, const struct job_row *job)
{
    struct asset_row *rows = NULL;
    size_t n = 0;
    bool without = false;
    if (!made(job->state) || store_assets_of_job(en->store, job->id, &rows, &n))
        return false;
    for (size_t i = 0; i < n; i++) {
        without = without || (rows[i].current && !str_eq(rows[i].hash, job->hash));
        asset_row_finish(&rows[i]);
    }
    free(rows);
    return without;
}

/* What is only put together from its parts is as good as they are. */
static bool is_of_parts(const struct job_row *job)
{
    cJSON *meta = job->meta ? cJSON_Parse(job->meta) : NULL;
    bool is = json_bool(meta, "of_parts", false);
    cJSON_Delete(meta);
    return is;
}

int ends_settle(struct engine *en, struct job_row *to, struct err *e)
{
    struct upstream up;
    int missing = count_missing(en, to->id, &up, e);
    if (missing < 0)
        return missing;
    to->missing_n = missing;
    if (is_of_parts(to))
        to->preview = up.previews;
    if (up.lost) {
        free(to->error);
        to->error = mem_dup("an input it needs could not be made");
        if (to->state == JOB_SKIPPED)
            return 0;
        if (to->state != JOB_WAITING)
            return store_set_job(en->store, to, e);
        job_move(to, JOB_SKIPPED, en->now_s);
        return ends_job(en, to, e);
    }
    if (missing == 0 && to->state != JOB_READY) {
        mem_free(to->error);
        to->attempts = 0;
        job_move(to, JOB_READY, en->now_s);
        en->start_more = true;
    } else if (missing && to->state == JOB_SKIPPED) {
        mem_free(to->error);
        job_move(to, JOB_WAITING, en->now_s);
    }
    return store_set_job(en->store, to, e);
}

int ends_job(struct engine *en, struct job_row *job, struct err *e)
{
    struct edge_row *edges = NULL;
    size_t n = 0;
    int rc = store_set_job(en->store, job, e);
    if (!rc)
        rc = store_edges_from(en->store, job->id, &edges, &n);
    for (size_t i = 0; i < n && !rc; i++) {
        struct job_row to = {0};
        rc = store_job(en->store, edges[i].to, &to);
        if (!rc && (to.state == JOB_WAITING || (made(job->state) && to.state == JOB_SKIPPED) ||
                    (made(job->state) && went_without(en, &to))))
            rc = ends_settle(en, &to, e);
        job_row_finish(&to);
    }
    free(edges);
    return rc;
}

static bool all_ended(const struct job_counts *c)
{
    return c->n[JOB_WAITING] + c->n[JOB_READY] + c->n[JOB_RUNNING] + c->n[JOB_HELD] +
               c->n[JOB_MADE] ==
           0;
}

/* Documents and report first, then the commit: a crash between them writes them once more. */
void ends_drop(struct engine *en, int64_t drop_id)
{
    struct job_counts counts = {0};
    struct drop_row drop = {0};
    struct err e = {0};
    if (store_count_jobs(en->store, drop_id, &counts) || !all_ended(&counts))
        return;
    if (store_drop(en->store, drop_id, &drop))
        return;
    if (drop.state == DROP_RUNNING) {
        drop.ended_s = en->now_s;
        drop.state = DROP_ENDED;
        desk_flush(en, drop_id, true);
        if (store_begin(en->store, &e) || store_set_drop(en->store, &drop, &e) ||
            store_add_event(en->store, drop_id, 0, en->now_s, "ended", drop.title, &e) ||
            store_commit(en->store, &e)) {
            store_rollback(en->store);
            engine_say(en, "error", "the end of %s cannot be stored: %s", drop.name, e.text);
        } else {
            struct sums sums = {.failed = counts.n[JOB_FAILED],
                                .by_hand = counts.n[JOB_NEEDS_PERSON],
                                .skipped = counts.n[JOB_SKIPPED]};
            char rest[100];
            sums_rest(&sums, rest, sizeof(rest));
            engine_say(en, "ended", "%s: %d made, %d unchanged%s%s, see taken/%s/report.html",
                       drop.title, counts.n[JOB_DONE], counts.n[JOB_KEPT], *rest ? ", " : "", rest,
                       drop.name);
        }
    }
    drop_row_finish(&drop);
}
