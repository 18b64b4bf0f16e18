/* A drop was cancelled while engines were at work for it: what they accepted comes in; they are
 * asked to take it back, and what it came to is booked. Work that was never begun costs nothing and
 * its reservation is given back; work that was begun is followed to its end, because it is paid
 * for: its result is kept, and served for nothing when the same is asked for again. Never files
 * anything under out/, never opens the job again.
 *
 *   ASK --may it be taken back?--> the cancel leaves --answered--> END --> followed to its end
 *    |  (an engine that would throw away what has begun is asked for its state first)
 *    `--it cannot-----------------------------------------------> END
 *
 * The job is cancelled in the store all the while and its attempt open, so that a start goes on. */
/* SPDX-License-Identifier: ISC */
#include "engine/flight.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/json.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"
#include "money/caps.h"
#include "secrets/secrets.h"

/* --- which --- */

static bool over_http(const struct engine *en, const char *engine)
{
    const cJSON *file = json_get(rules_kind(en->rules, "providers"), engine);
    return str_eq(json_str(file, "carrier", ""), "http");
}

bool withdraw_wants(const struct engine *en, const struct flight *f)
{
    bool submitting = f->attempt.state == ATTEMPT_SUBMITTING && f->request_id;
    return f->attempt.id && !f->looking && over_http(en, f->job.engine) &&
           (f->attempt.state == ATTEMPT_SUBMITTED || submitting);
}

static bool has_flight(const struct engine *en, int64_t job_id)
{
    for (size_t i = 0; i < en->flights_n; i++)
        if (en->flights[i]->job.id == job_id)
            return true;
    return false;
}

bool withdraw_later(const struct engine *en, const struct job_row *job,
                    const struct attempt_row *attempt)
{
    if (!over_http(en, job->engine))
        return false;
    return attempt->state == ATTEMPT_SUBMITTED || has_flight(en, job->id);
}

/* --- storing --- */

/* The job may have been asked for again meanwhile: only what the attempt moves is written. */
static int store_memo(struct engine *en, const struct flight *f, const char *memo, struct err *e)
{
    struct job_row job = {0};
    if (store_job(en->store, f->job.id, &job))
        return err_set(e, ERR_MISSING, "the job %s is not there any more", f->job.key);
    free(job.memo);
    job.memo = mem_dup(memo);
    if (f->charged_u != CHARGE_OPEN)
        job.cost += (double)f->charged_u / MONEY_UNIT;
    int rc = store_set_job(en->store, &job, e);
    job_row_finish(&job);
    return rc;
}

static void stop_on(struct engine *en, const struct flight *f, const struct err *e)
{
    store_rollback(en->store);
    engine_say(en, "error", "a step of %s cannot be stored: %s; slated stops, nothing is lost",
               f->job.key, e->text);
    en->stopping = true;
}

static void store_step(struct engine *en, struct flight *f)
{
    struct err e = {0};
    if (store_begin(en->store, &e) || store_set_attempt(en->store, &f->attempt, &e) ||
        store_memo(en, f, f->job.memo, &e) || store_commit(en->store, &e))
        stop_on(en, f, &e);
}

/* The flight is gone afterwards. made: its files, kept; or NULL. */
static void end(struct engine *en, struct flight *f, int64_t charged_u, const struct outcome *made,
                const char *why)
{
    struct err e = {0};
    int rc = store_begin(en->store, &e);
    f->charged_u = charged_u;
    if (!rc && made)
        rc = result_keep(en, f->hash, made, &e);
    if (!rc)
        rc = store_settle_attempt(en->store, f->attempt.id, charged_u, why, en->now_s, &e);
    if (!rc)
        rc = store_memo(en, f, NULL, &e);
    if (!rc)
        rc = store_commit(en->store, &e);
    if (rc)
        stop_on(en, f, &e);
    else if (f->work)
        (void)file_remove_tree(f->work, NULL); /* swept at the next start */
    engine_say(en, "cancel", "%s: %s", f->job.title, why);
    desk_touch(en, f->job.drop_id);
    flight_remove(en, f);
}

static void end_spent(struct engine *en, struct flight *f, const char *why)
{
    char *said = mem_printf("%s; it counts as paid", why);
    end(en, f, f->attempt.reserved_u, NULL, said);
    free(said);
}

/* --- asking --- */

static bool cancel_fits(struct engine *en, const struct flight *f, const struct response *response)
{
    return f->back == BACK_ASK && f->attempt.state == ATTEMPT_SUBMITTED &&
           take_back_fits(en, f, response);
}

void withdraw_go_on(struct engine *en, struct flight *f)
{
    if (cancel_fits(en, f, NULL)) {
        if (take_back_send(en, f))
            return;
        f->back = BACK_END;
    }
    flight_send(en, f);
}

/* Takes hold of a flight whose job was cancelled a moment ago. What is under way to a paid request
 * is waited for; a look at the state of the work is not needed any more. */
static void adopt(struct engine *en, struct flight *f)
{
    if (f->job.state != JOB_CANCELLED)
        job_move(&f->job, JOB_CANCELLED, en->now_s);
    f->back = BACK_ASK;
    if (f->request_id && !cancel_fits(en, f, NULL))
        return;
    flight_let_go(en, f);
    f->cancelling = false; /* its job had given up a moment before */
    flight_wait(en, f, 0);
}

/* Accepted work that no flight follows: since a restart, or while its engine was stopped. */
static void resume(struct engine *en, struct job_row *takes_job, struct attempt_row *takes_attempt)
{
    struct flight *f = mem_alloc(sizeof(*f));
    struct drop_row drop = {0};
    struct err e = {0};
    f->job = *takes_job;
    f->attempt = *takes_attempt;
    f->charged_u = CHARGE_OPEN;
    f->started_ms = en->now_ms;
    if (store_drop(en->store, f->job.drop_id, &drop) == 0)
        (void)flight_files_in(en, &drop, f, &e); /* they were sent before; its hash is needed */
    drop_row_finish(&drop);
    (void)flight_files_out(en, f, &e); /* without a folder it ends as it must */
    flight_add(en, f);
    limit_started(en, f);
    adopt(en, f);
}

/* Nobody can follow it: what it came to is not known. */
static void settle_unknown(struct engine *en, struct job_row *job, const struct attempt_row *row)
{
    struct err e = {0};
    job->cost += (double)row->reserved_u / MONEY_UNIT;
    if (store_begin(en->store, &e) ||
        store_settle_attempt(en->store, row->id, row->reserved_u,
                             "cancelled while it was under way", en->now_s, &e) ||
        store_set_job(en->store, job, &e) || store_commit(en->store, &e))
        store_rollback(en->store); /* at the next start */
}

/* job_row_finish and attempt_row_finish leave what was taken over alone: it is zero then. */
static void pick_up(struct engine *en, struct attempt_row *row, int64_t drop_id)
{
    struct job_row job = {0};
    bool ours = (!drop_id || row->drop_id == drop_id) && !has_flight(en, row->job_id) &&
                store_job(en->store, row->job_id, &job) == 0 && job.state == JOB_CANCELLED;
    if (ours && row->state == ATTEMPT_SUBMITTED && over_http(en, job.engine) &&
        !map_get(&en->by_hash, job.hash)) {
        resume(en, &job, row);
        memset(&job, 0, sizeof job);
        memset(row, 0, sizeof *row);
    } else if (ours) {
        settle_unknown(en, &job, row);
    }
    job_row_finish(&job);
    attempt_row_finish(row);
}

/* Of one drop, or of all (0). */
static void pick_up_all(struct engine *en, int64_t drop_id)
{
    static const enum attempt_state open[] = {ATTEMPT_SUBMITTED, ATTEMPT_SUBMITTING, ATTEMPT_DOUBT};
    for (size_t s = 0; s < sizeof open / sizeof *open; s++) {
        struct attempt_row *rows = NULL;
        size_t n = 0;
        if (store_attempts_in(en->store, open[s], &rows, &n))
            continue; /* at the next start */
        for (size_t i = 0; i < n; i++)
            pick_up(en, &rows[i], drop_id);
        free(rows);
    }
}

void withdraw_drop(struct engine *en, int64_t drop_id)
{
    for (size_t i = en->flights_n; i-- > 0;)
        if (en->flights[i]->job.drop_id == drop_id && !en->flights[i]->back)
            adopt(en, en->flights[i]);
    pick_up_all(en, drop_id);
}

void withdraw_recover(struct engine *en)
{
    pick_up_all(en, 0);
}

/* --- answers --- */

static void goes_on(struct engine *en, struct flight *f, const struct outcome *o)
{
    bool known = o->class == CLASS_PENDING && f->attempt.state == ATTEMPT_SUBMITTED;
    free(f->job.memo);
    f->job.memo = mem_dup(o->memo);
    if (o->remote) {
        free(f->attempt.remote);
        f->attempt.remote = mem_dup(o->remote);
    }
    f->attempt.state = ATTEMPT_SUBMITTED;
    if (!known)
        store_step(en, f);
    if (en->stopping)
        return;
    if (o->wait_ms > 0)
        flight_wait(en, f, o->wait_ms);
    else
        withdraw_go_on(en, f);
}

static void ended(struct engine *en, struct flight *f, const struct outcome *o)
{
    int64_t charged_u = paid_charge(f, o);
    const char *error = o->error ? o->error : "it ended";
    char *why;
    if (o->kind == OUTCOME_DONE)
        why =
            mem_printf("%s could not be stopped: what it made is kept, and served for nothing when "
                       "it is asked for again",
                       f->job.engine);
    else if (charged_u > 0)
        why = mem_printf("%s; it counts as paid", error);
    else
        why = mem_printf("taken back, and nothing is charged: %s", error);
    end(en, f, charged_u, o->kind == OUTCOME_DONE ? o : NULL, why);
    free(why);
}

void withdraw_cannot(struct engine *en, struct flight *f, const char *why)
{
    end_spent(en, f, why);
}

void withdraw_outcome(struct engine *en, struct flight *f, const struct response *response)
{
    const struct provider *p = provider_find(en->rules, f->job.engine, f->job.op);
    struct ask ask = flight_ask(en, f);
    struct outcome o = {0};
    if (f->cancelling) {
        if (take_back_answered(en, f, response))
            f->back = BACK_END;
        return;
    }
    if (cancel_fits(en, f, response) && take_back_send(en, f))
        return;
    if (!p) {
        end_spent(en, f, "its engine is not there any more");
        return;
    }
    p->read(&ask, response, &o);
    if (o.error)
        secrets_mask(o.error);
    if (o.kind == OUTCOME_NEXT)
        goes_on(en, f, &o);
    else if (o.kind == OUTCOME_DOUBT || o.kind == OUTCOME_UNSEEN)
        end_spent(en, f, o.error ? o.error : "nobody knows whether it was made");
    else
        ended(en, f, &o);
    outcome_finish(&o);
}
