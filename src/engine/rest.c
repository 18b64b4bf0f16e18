/* Ends of jobs come in; which engine is left alone for a while, and which drop goes on without one,
 * is decided by the room limits and stored here, so that a start goes on with it. */
/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"
#include "engine/flight.h"
#include "limits/circuit.h"

#define SAME_LEN 256

static struct circuit_limits circuit_limits_of(const struct engine *en)
{
    const struct rules *r = en->rules;
    return (struct circuit_limits){
        .failures_n = (int)rules_policy_num(r, "/engine/failures"),
        .open_ms = (int64_t)(rules_policy_num(r, "/engine/rest_s") * 1000),
        .open_max_ms = (int64_t)(rules_policy_num(r, "/engine/rest_most_s") * 1000),
        .same_n = (int)rules_policy_num(r, "/engine/equal_errors")};
}

/* --- storing --- */

/* A rest that cannot be stored still holds until the next start. */
static void keep(struct engine *en, const struct rest_row *row)
{
    struct err e = {0};
    if (store_begin(en->store, &e) || store_put_rest(en->store, row, &e) ||
        store_commit(en->store, &e)) {
        store_rollback(en->store);
        engine_say(en, "error", "the rest of %s cannot be stored: %s", row->engine, e.text);
    }
}

static void forget(struct engine *en, const char *engine)
{
    struct err e = {0};
    if (store_begin(en->store, &e) || store_lift_rest(en->store, engine, &e) ||
        store_commit(en->store, &e))
        store_rollback(en->store); /* tried once more after the next start, and lifted then */
}

/* --- an engine that keeps failing --- */

static void rested(struct engine *en, const char *engine, const struct circuit_view *was,
                   const struct circuit_view *is, const char *error)
{
    const char *why = error ? error : "no answer";
    int64_t rest_s = (is->until_ms - en->now_ms + 999) / 1000;
    struct rest_row row = {.engine = (char *)engine,
                           .model = (char *)"",
                           .why = (char *)why,
                           .at_s = en->now_s,
                           .until_s = en->now_s + rest_s,
                           .pause_s = (is->pause_ms + 999) / 1000};
    keep(en, &row);
    engine_say(en, "stop", "%s keeps failing and is left alone for %lld s%s: %s", engine,
               (long long)rest_s, was->state == CIRCUIT_HALF ? " more" : "", why);
}

static void circuit_end(struct engine *en, const char *engine, enum circuit_result result,
                        const char *error)
{
    struct circuit_limits limits = circuit_limits_of(en);
    struct circuit_view was = circuits_look(en->circuits, engine, en->now_ms);
    (void)circuits_ended(en->circuits, engine, &limits, result, en->now_ms);
    struct circuit_view is = circuits_look(en->circuits, engine, en->now_ms);
    if (is.state == CIRCUIT_OPEN && was.state != CIRCUIT_OPEN)
        rested(en, engine, &was, &is, error);
    else if (is.state == CIRCUIT_CLOSED && was.state != CIRCUIT_CLOSED)
        forget(en, engine);
}

void rest_unsaid(struct engine *en, const struct flight *f)
{
    circuit_end(en, f->rated[0], CIRCUIT_UNSAID, NULL);
}

/* --- a drop whose jobs fail in the same way --- */

/* Equal errors are those of one model: another may do it. */
static const char *same_key(const char *engine, const char *model, char key[SAME_LEN])
{
    str_format(key, SAME_LEN, "%s %s", engine, model ? model : "");
    return key;
}

static void same_told(struct engine *en, const struct job_row *job, const struct outcome *o)
{
    struct circuit_limits limits = circuit_limits_of(en);
    const char *error = o->kind == OUTCOME_DONE ? NULL : o->error;
    char key[SAME_LEN];
    same_key(job->engine, job->model, key);
    bool was = circuits_same_stopped(en->circuits, job->drop_id, key);
    if (!circuits_same(en->circuits, job->drop_id, key, &limits, error) || was)
        return;
    struct rest_row row = {.engine = job->engine,
                           .model = job->model ? job->model : (char *)"",
                           .drop_id = job->drop_id,
                           .why = o->error,
                           .at_s = en->now_s};
    keep(en, &row);
}

bool limit_same(struct engine *en, const struct job_row *job)
{
    char key[SAME_LEN];
    return limit_counts(en, job->engine) &&
           circuits_same_stopped(en->circuits, job->drop_id,
                                 same_key(job->engine, job->model, key));
}

/* --- both --- */

static enum circuit_result result_of(const struct outcome *o)
{
    if (o->class == CLASS_TRANSIENT || o->kind == OUTCOME_DOUBT)
        return CIRCUIT_FAULT;
    return o->class == CLASS_RATE_LIMITED ? CIRCUIT_UNSAID : CIRCUIT_FINE;
}

void rest_told(struct engine *en, const struct flight *f, const struct outcome *o)
{
    circuit_end(en, f->job.engine, result_of(o), o->error);
    if (o->kind == OUTCOME_DONE || o->kind == OUTCOME_RETRY || o->kind == OUTCOME_REFUSED)
        same_told(en, &f->job, o);
}

int limits_forgive(struct engine *en, int64_t drop_id_or_0, const char *engine, struct err *e)
{
    int rc = 0;
    if (drop_id_or_0) {
        circuits_same_clear(en->circuits, drop_id_or_0);
        rc = store_lift_rests_of(en->store, drop_id_or_0, e);
    }
    if (engine && !rc) {
        circuits_close(en->circuits, engine);
        rc = store_lift_rest(en->store, engine, e);
    }
    return rc;
}

void rest_host_ended(struct engine *en, const char *engine, int64_t drop_id)
{
    struct rest_row *rows = NULL;
    size_t n = 0;
    struct err e = {0};
    int rc = store_rests(en->store, &rows, &n);
    if (!rc && !(rc = store_begin(en->store, &e))) {
        rc = limits_forgive(en, drop_id, engine, &e);
        for (size_t i = 0; i < n && !rc; i++)
            if (rows[i].drop_id && str_eq(rows[i].engine, engine))
                rc = limits_forgive(en, rows[i].drop_id, NULL, &e);
        if (rc || store_commit(en->store, &e))
            store_rollback(en->store); /* a person's resume or retry does the same */
    }
    for (size_t i = 0; i < n; i++)
        rest_row_finish(&rows[i]);
    free(rows);
}

static void recover_one(struct engine *en, const struct rest_row *r)
{
    int64_t left_s = r->until_s - en->now_s;
    char key[SAME_LEN];
    left_s = left_s > r->pause_s ? r->pause_s : left_s; /* the clock went back */
    if (r->drop_id)
        circuits_same_stop(en->circuits, r->drop_id, same_key(r->engine, r->model, key));
    else
        circuits_reopen(en->circuits, r->engine, en->now_ms + left_s * 1000, r->pause_s * 1000);
}

static bool is_open(struct engine *en, int64_t drop_id)
{
    struct drop_row drop = {0};
    bool open = store_drop(en->store, drop_id, &drop) == 0 && drop.state == DROP_RUNNING;
    drop_row_finish(&drop);
    return open;
}

static void lift_of_drop(struct engine *en, int64_t drop_id)
{
    struct err e = {0};
    if (store_begin(en->store, &e) || store_lift_rests_of(en->store, drop_id, &e) ||
        store_commit(en->store, &e))
        store_rollback(en->store); /* at the next start */
}

void rests_recover(struct engine *en)
{
    struct rest_row *rows = NULL;
    size_t n = 0;
    if (store_rests(en->store, &rows, &n))
        return; /* faults are met anew */
    for (size_t i = 0; i < n; i++) {
        if (!rows[i].drop_id || is_open(en, rows[i].drop_id))
            recover_one(en, &rows[i]);
        else
            lift_of_drop(en, rows[i].drop_id);
        rest_row_finish(&rows[i]);
    }
    free(rows);
}
