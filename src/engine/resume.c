/* What engines had accepted before a restart comes in with its open attempts: it is at work there,
 * so it counts as under way from the first moment, and what goes on with it needs no room of its
 * own. It is taken up before anything new is started. */
/* SPDX-License-Identifier: ISC */
#include "engine/flight.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "limits/rate.h"

#define A_TURN 64 /* looked at in one turn */

/* One place that is taken. */
struct held {
    int64_t job_id;
    char id[24]; /* the same as text, its key */
    char *rated[RATED_MOST];
    size_t rated_n;
    bool rated_model;
};

static void id_text(int64_t job_id, char ret_id[24])
{
    str_format(ret_id, 24, "%lld", (long long)job_id);
}

static struct held *held_of(const struct engine *en, int64_t job_id)
{
    char id[24];
    if (!en->held.n)
        return NULL;
    id_text(job_id, id);
    return map_get(&en->held, id);
}

static void held_free(struct held *h)
{
    for (size_t i = 0; i < RATED_MOST; i++)
        free(h->rated[i]);
    free(h);
}

bool resume_holds(const struct engine *en, int64_t job_id)
{
    return held_of(en, job_id) != NULL;
}

bool resume_take(struct engine *en, struct flight *f)
{
    struct held *h = held_of(en, f->job.id);
    if (!h)
        return false;
    (void)map_remove(&en->held, h->id);
    memcpy(f->rated, h->rated, sizeof f->rated);
    f->rated_n = h->rated_n;
    f->rated_model = h->rated_model;
    free(h);
    return true;
}

static void hold(struct engine *en, const struct attempt_row *row)
{
    struct held *h = mem_alloc(sizeof *h);
    h->job_id = row->job_id;
    id_text(row->job_id, h->id);
    limit_keys(en, row->engine, row->model, h->rated, &h->rated_n, &h->rated_model);
    rate_resumed(en->rate, (const char *const *)h->rated, h->rated_n);
    map_put(&en->held, h->id, h);
}

void resume_recover(struct engine *en)
{
    struct attempt_row *rows = NULL;
    size_t n = 0;
    if (store_attempts_in(en->store, ATTEMPT_SUBMITTED, &rows, &n))
        n = 0; /* they are taken up like anything else */
    for (size_t i = 0; i < n; i++) {
        if (limit_counts(en, rows[i].engine) && !held_of(en, rows[i].job_id))
            hold(en, &rows[i]);
        attempt_row_finish(&rows[i]);
    }
    free(rows);
}

/* The place of work that nobody goes on with: it has ended in another way. */
static void let_go(struct engine *en, struct held *h)
{
    (void)map_remove(&en->held, h->id);
    rate_ended(en->rate, (const char *const *)h->rated, h->rated_n);
    held_free(h);
}

static bool has_open(struct engine *en, int64_t job_id)
{
    struct attempt_row row = {0};
    bool none = store_attempt_open(en->store, job_id, &row) == 0 && !row.id;
    attempt_row_finish(&row);
    return !none; /* also where that cannot be read */
}

static bool is_stopped(const struct store_skip *skip, size_t skip_n, const char *engine)
{
    for (size_t i = 0; i < skip_n; i++)
        if (str_eq(skip[i].engine, engine) && !skip[i].model)
            return true;
    return false;
}

/* True when it was taken up. */
static bool look(struct engine *en, struct held *h, const struct store_skip *stopped, size_t n)
{
    struct job_row job = {0};
    struct drop_row drop = {0};
    int64_t job_id = h->job_id;
    bool known = store_job(en->store, h->job_id, &job) == 0 &&
                 store_drop(en->store, job.drop_id, &drop) == 0;
    bool due = job.state == JOB_READY ||
               (job.state == JOB_HELD && job.next_at_s > 0 && job.next_at_s <= en->now_s);
    bool goes = known && due && drop.state == DROP_RUNNING && !drop.paused &&
                !is_stopped(stopped, n, job.engine);
    if (!known || !has_open(en, h->job_id)) {
        let_go(en, h);
    } else if (goes) {
        (void)flight_start(en, &job); /* what cannot go on yet is looked at again */
        memset(&job, 0, sizeof job);
    }
    job_row_finish(&job);
    drop_row_finish(&drop);
    return goes && !resume_holds(en, job_id);
}

bool resume_start(struct engine *en, const struct store_skip *stopped, size_t stopped_n)
{
    struct held *some[A_TURN], *h;
    size_t n = 0, passed = 0, from = en->held.n > A_TURN ? en->held_turn++ * A_TURN : 0;
    if (from >= en->held.n)
        from = en->held_turn = 0;
    for (size_t at = 0; n < A_TURN && (h = map_next(&en->held, &at));)
        if (passed++ >= from)
            some[n++] = h;
    bool any = false;
    for (size_t i = 0; i < n && !en->stopping; i++)
        any = look(en, some[i], stopped, stopped_n) || any;
    return any && en->held.n > 0;
}

void resume_finish(struct engine *en)
{
    struct held *h;
    for (size_t at = 0; (h = map_next(&en->held, &at));)
        held_free(h);
    map_finish(&en->held);
}
