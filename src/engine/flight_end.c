/* An answer comes in; the provider reads it as an outcome, and what follows from its kind and class
 * is stored here, together with what the attempt cost. */
/* SPDX-License-Identifier: ISC */
#include "engine/flight.h"
#include "engine/gate.h"
#include "engine/mishap.h"
#include "engine/vision.h"
#include "engine/words.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"
#include "money/caps.h"
#include "secrets/secrets.h"

#define STRIKES_MAX      3 /* a job that killed its worker so often waits for a person */
#define LOOKUPS_MAX      5 /* before a person is asked */
#define LOOKUP_WAIT_S    15
#define NO_ENGINE_WAIT_S 60

/* --- storing one step --- */

static int attempt_step(struct engine *en, struct flight *f, struct err *e)
{
    if (!f->attempt.id)
        return 0;
    if (f->charged_u == CHARGE_OPEN)
        return store_set_attempt(en->store, &f->attempt, e);
    f->job.cost += (double)f->charged_u / MONEY_UNIT;
    return store_settle_attempt(en->store, f->attempt.id, f->charged_u, f->job.error, en->now_s, e);
}

static void step_failed(struct engine *en, const struct flight *f, const struct err *e)
{
    engine_say(en, "error", "a step of %s cannot be stored: %s; slated stops, nothing is lost",
               f->job.key, e->text);
    en->stopping = true;
}

static void step(struct engine *en, struct flight *f, bool ended, bool later)
{
    struct err e = {0};
    int rc = store_begin(en->store, &e);
    f->unstored = false;
    if (!rc)
        rc = attempt_step(en, f, &e);
    if (!rc && f->rerouted)
        rc = store_set_job_engine(en->store, &f->job, &e);
    f->rerouted = false;
    if (!rc && f->also)
        rc = f->also(en, f, f->also_ctx, &e);
    if (!rc)
        rc = ended ? ends_job(en, &f->job, &e) : store_set_job(en->store, &f->job, &e);
    if (!rc)
        rc = later ? store_commit_later(en->store, &e) : store_commit(en->store, &e);
    if (rc) {
        store_rollback(en->store);
        step_failed(en, f, &e);
    }
    desk_touch(en, f->job.drop_id);
}

void flight_step(struct engine *en, struct flight *f, bool ended)
{
    step(en, f, ended, false);
}

void flight_step_later(struct engine *en, struct flight *f)
{
    step(en, f, false, true);
}

/* Of one that its engine has already, and goes on. */
static void step_memo(struct engine *en, struct flight *f)
{
    struct err e = {0};
    int rc = store_begin(en->store, &e);
    if (!rc)
        rc = store_set_job_memo(en->store, f->job.id, f->job.memo, &e);
    if (!rc)
        rc = store_commit_later(en->store, &e);
    if (rc) {
        store_rollback(en->store);
        step_failed(en, f, &e);
    }
}

static void set_error(struct flight *f, const char *why)
{
    char *error = mem_dup(why); /* why may be the job's own */
    free(f->job.error);
    f->job.error = error;
}

void flight_fail(struct engine *en, struct flight *f, const char *why)
{
    if (vision_blind(en, f, why))
        return;
    set_error(f, why);
    mem_free(f->job.memo);
    job_move(&f->job, JOB_FAILED, en->now_s);
    engine_say(en, "failed", "%s: %s", f->job.title, f->job.error);
    en->needs_you_dirty = true;
    flight_step(en, f, true);
    work_remove(en, f->job.id);
    ends_drop(en, f->job.drop_id);
}

void flight_hold(struct engine *en, struct flight *f, int wait_s, const char *why)
{
    set_error(f, why);
    f->job.next_at_s = en->now_s + wait_s;
    job_move(&f->job, JOB_HELD, en->now_s);
    flight_step(en, f, false);
}

void flight_park(struct engine *en, struct flight *f, const char *why)
{
    set_error(f, why);
    f->job.next_at_s = 0;
    job_move(&f->job, JOB_HELD, en->now_s);
    engine_say(en, "held", "%s: %s", f->job.title, f->job.error);
    en->needs_you_dirty = true;
    flight_step(en, f, false);
}

/* --- what follows --- */

static int retry_wait_s(const struct engine *en, const struct job_row *job, int asked_s)
{
    if (asked_s == WORDS_AGAIN_S)
        return 0;
    const cJSON *waits = rules_policy(en->rules, "/engine/retry_waits_s");
    int last = cJSON_GetArraySize(waits) - 1;
    int at = job->attempts - 1 > last ? last : job->attempts - 1;
    const cJSON *wait = cJSON_GetArrayItem(waits, at < 0 ? 0 : at);
    int rule_s = cJSON_IsNumber(wait) ? wait->valueint : 5;
    return asked_s > rule_s ? asked_s : rule_s;
}

/* Whether one more may be paid for: so many retries that cost anything, and no more. */
static bool paid_often(struct engine *en, const struct flight *f)
{
    int n = 0;
    int most = (int)rules_policy_num(en->rules, "/money/paid_retries");
    if (words_is(&f->job)) /* its rule says how often a model is asked */
        return false;
    if (!f->attempt.id || store_attempts_charged(en->store, f->job.id, &n))
        return f->attempt.id != 0;
    return n + (f->charged_u > 0) > most;
}

static void go_on_elsewhere(struct engine *en, struct flight *f, const char *why)
{
    set_error(f, why);
    f->job.next_at_s = 0;
    if (f->job.state != JOB_READY)
        job_move(&f->job, JOB_READY, en->now_s);
    engine_say(en, "fallback", "%s: %s", f->job.title, f->job.why_engine);
    flight_step(en, f, false);
}

/* This engine will not make it: the next one that could, else a person decides. Free local work has
 * no other choice. */
static void give_up(struct engine *en, struct flight *f, const char *why)
{
    if (flight_next_choice(f, why))
        go_on_elsewhere(en, f, why);
    else if (f->gated)
        gate_hand_over(en, f, why);
    else
        flight_fail(en, f, why);
}

void flight_pass_on(struct engine *en, struct flight *f, const char *why)
{
    if (flight_next_choice(f, why)) {
        go_on_elsewhere(en, f, why);
        return;
    }
    if (vision_blind(en, f, why))
        return;
    char *parked = mem_printf("%s; what is left of the drop at %s waits", why, f->job.engine);
    flight_park(en, f, parked);
    free(parked);
}

/* Another seed, where the request has one: the refused picture is not asked for again. */
static void next_seed(struct engine *en, struct flight *f)
{
    struct err e = {0};
    cJSON *params = cJSON_Parse(f->job.params);
    const cJSON *seed = json_get(params, "seed");
    if (cJSON_IsNumber(seed)) {
        json_set_num(params, "seed", seed->valuedouble + 1);
        free(f->job.params);
        f->job.params = json_compact(params);
        if (store_begin(en->store, &e) || store_set_job_wish(en->store, &f->job, &e) ||
            store_commit(en->store, &e))
            store_rollback(en->store); /* then with the same seed */
    }
    cJSON_Delete(params);
}

/* A fault of the net that cost nothing gets a few tries of its own. */
static int stumbles(const struct engine *en, const struct flight *f, const struct outcome *o)
{
    return o->class == CLASS_TRANSIENT && f->charged_u <= 0
               ? cJSON_GetArraySize(rules_policy(en->rules, "/engine/retry_waits_s"))
               : 0;
}

static void outcome_retry(struct engine *en, struct flight *f, const struct outcome *o)
{
    struct job_row *job = &f->job;
    job->strikes += o->struck;
    job->attempts++;
    mem_free(job->memo);
    if (job->strikes >= STRIKES_MAX) {
        free(job->error);
        job->error =
            mem_printf("it ended its worker's process %d times: %s", job->strikes, o->error);
        job_move(job, JOB_NEEDS_PERSON, en->now_s);
        engine_say(en, "failed", "%s: %s", job->title, job->error);
        en->needs_you_dirty = true;
        flight_step(en, f, true);
        ends_drop(en, job->drop_id);
    } else if (job->attempts >= job->attempts_max + stumbles(en, f, o) || paid_often(en, f)) {
        give_up(en, f, o->error);
    } else {
        if (o->class == CLASS_REFUSED_OUTPUT)
            next_seed(en, f);
        flight_hold(en, f, retry_wait_s(en, job, o->wait_s), o->error);
    }
}

static void outcome_hold(struct engine *en, struct flight *f, const struct outcome *o)
{
    mem_free(f->job.memo);
    if (o->class == CLASS_AUTH || o->class == CLASS_QUOTA) {
        set_error(f, o->error);
        paid_stop_engine(en, f, o);
        job_move(&f->job, JOB_READY, en->now_s); /* it stays ready for when the engine is back */
        flight_step(en, f, false);
    } else {
        flight_hold(en, f, retry_wait_s(en, &f->job, o->wait_s), o->error);
    }
}

/* For the live display, until the engine says more by itself. */
static void show_progress(struct engine *en, struct flight *f, const struct outcome *o)
{
    if (o->remote) {
        free(f->remote);
        f->remote = mem_dup(o->remote);
    }
    if (o->progress) {
        free(f->said);
        f->said = mem_dup(o->progress);
    }
    listen_on(en, f);
}

/* The engine's name for the work is stored with the memo that says it has it. */
static void step_accepted(struct engine *en, struct flight *f, const char *remote)
{
    f->attempt.state = ATTEMPT_SUBMITTED;
    if (remote) {
        free(f->attempt.remote);
        f->attempt.remote = mem_dup(remote);
    }
    flight_step_later(en, f);
}

/* The memo, and with it the engine's name for the work, is stored before anything else is done. */
static void outcome_next(struct engine *en, struct flight *f, const struct outcome *o)
{
    bool accepted = f->attempt.state == ATTEMPT_SUBMITTED;
    bool same = accepted && (!o->remote || str_eq(o->remote, f->attempt.remote));
    free(f->job.memo);
    f->job.memo = mem_dup(o->memo);
    f->looking = false;
    /* still not ready, as is stored already: going on from the older memo asks the same */
    bool known = accepted && (o->class == CLASS_PENDING || (same && o->repeats));
    bool stores = f->attempt.id && !known && !o->over;
    if (stores && same && !f->rerouted && !f->also)
        step_memo(en, f);
    else if (stores)
        step_accepted(en, f, o->remote);
    if (en->stopping)
        return;
    show_progress(en, f, o);
    if (o->wait_ms > 0)
        flight_wait(en, f, o->wait_ms);
    else
        flight_send(en, f);
}

void flight_done(struct engine *en, struct flight *f, const struct outcome *o)
{
    struct err e = {0};
    struct job_row *job = &f->job;
    job->attempts++;
    job->duration_ms = en->now_ms - f->started_ms;
    mem_free(job->error);
    mem_free(job->memo);
    f->charged_u = f->attempt.id ? paid_charge(f, o) : CHARGE_OPEN;
    job->cost += f->attempt.id ? (double)f->charged_u / MONEY_UNIT : o->cost;
    struct paid_end paid = {f->attempt.id, f->charged_u};
    if (deliver_made(en, job, o, f->hash, &paid, &e)) {
        engine_say(en, "error",
                   "%s is made and cannot be stored: %s; slated stops, nothing is lost", job->title,
                   e.text);
        en->stopping = true;
        return;
    }
    land_made(en, job, f->hash);
}

/* Its engine stops until a person has signed in; then it is looked for once more. */
static void doubt_rests(struct engine *en, struct flight *f, const struct outcome *o)
{
    if (o->memo) {
        free(f->job.memo);
        f->job.memo = mem_dup(o->memo);
    }
    set_error(f, o->error);
    paid_stop_engine(en, f, o);
    job_move(&f->job, JOB_READY, en->now_s);
    f->charged_u = CHARGE_OPEN;
    flight_step(en, f, false);
}

/* True while the flight goes on. */
static bool outcome_doubt(struct engine *en, struct flight *f, const struct response *response,
                          struct outcome *o)
{
    const struct provider *p = provider_find(en->rules, f->job.engine, f->job.op);
    if (o->class == CLASS_AUTH) {
        doubt_rests(en, f, o);
        return false;
    }
    if (f->looking && ++f->lookups < LOOKUPS_MAX) {
        flight_wait(en, f, (o->wait_s > 0 ? o->wait_s : LOOKUP_WAIT_S) * 1000);
        return true;
    }
    if (f->looking || !p || !p->lookup || f->attempt.state == ATTEMPT_SUBMITTED) {
        mishap_doubt(en, f, response, o);
        paid_doubt(en, f, o->error);
        return false;
    }
    f->attempt.state = ATTEMPT_DOUBT;
    flight_step(en, f, false);
    f->looking = true;
    flight_wait(en, f, LOOKUP_AFTER_MS);
    return true;
}

/* It was never accepted: the same request, under the same intent. */
static void outcome_unseen(struct engine *en, struct flight *f)
{
    f->looking = false;
    f->send_again = true;
    f->attempt.state = ATTEMPT_SUBMITTING;
    flight_step(en, f, false);
    flight_send(en, f);
}

static void outcome_ends(struct engine *en, struct flight *f, const struct outcome *o)
{
    if (o->kind != OUTCOME_DONE && f->attempt.id)
        f->charged_u = paid_charge(f, o);
    if (o->kind == OUTCOME_DONE && f->rejected)
        vision_send_back(en, f, o);
    else if (o->kind == OUTCOME_DONE)
        flight_done(en, f, o);
    else if (o->kind == OUTCOME_RETRY)
        outcome_retry(en, f, o);
    else if (o->kind == OUTCOME_HOLD)
        outcome_hold(en, f, o);
    else {
        f->job.attempts++;
        if (o->elsewhere)
            flight_leave_engine(f);
        give_up(en, f, o->error);
    }
    flight_remove(en, f);
}

static void read_answer(struct engine *en, struct flight *f, const struct response *response,
                        struct outcome *o)
{
    const struct provider *p = provider_find(en->rules, f->job.engine, f->job.op);
    struct ask ask = flight_ask(en, f);
    if (!p) { /* its rules file went while it was at work */
        o->kind = f->attempt.id ? OUTCOME_DOUBT : OUTCOME_HOLD;
        o->wait_s = NO_ENGINE_WAIT_S;
        o->error = mem_printf("the engine %s is not there any more", f->job.engine);
    } else if (f->looking) {
        p->read_lookup(&ask, response, o);
    } else {
        p->read(&ask, response, o);
    }
}

/* An engine may repeat what it was asked with, its key included: no such text gets any further. */
static void mask_texts(struct outcome *o)
{
    char *texts[] = {o->error, o->cure, o->progress};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (texts[i])
            secrets_mask(texts[i]);
}

/* To what follows from it. */
static void lead_on(struct engine *en, struct flight *f, const struct response *response,
                    struct outcome *o)
{
    if (o->kind == OUTCOME_NEXT)
        outcome_next(en, f, o);
    else if (o->kind == OUTCOME_UNSEEN)
        outcome_unseen(en, f);
    else if (o->kind != OUTCOME_DOUBT || !f->attempt.id)
        outcome_ends(en, f, o);
    else if (!outcome_doubt(en, f, response, o))
        flight_remove(en, f);
}

void flight_outcome(struct engine *en, struct flight *f, const struct response *response)
{
    struct outcome o = {0};
    if (f->back) {
        withdraw_outcome(en, f, response);
        return;
    }
    if (f->cancelling) {
        f->taken_back = take_back_answered(en, f, response);
        return;
    }
    mishap_note(en, f, response);
    read_answer(en, f, response, &o);
    words_judge(en, f, response, &o);
    gate_outcome(en, f, &o);
    mask_texts(&o);
    if (f->given_up)
        take_back_judge(f, &o);
    log_debug("outcome", "job=%s kind=%d class=%s why=%s at=%s rest_ms=%d", log_quote(f->job.key),
              (int)o.kind, outcome_class_word(o.class), log_quote(o.error ? o.error : ""),
              log_quote(o.progress ? o.progress : ""), o.wait_ms);
    en->start_more = true;
    if (o.facts) {
        free(f->job.facts);
        f->job.facts = json_compact(o.facts);
    }
    if (o.kind == OUTCOME_DOUBT && o.remote && take_back_begin(en, f, response, &o)) {
        outcome_finish(&o); /* accepted, and no result in all its time */
        return;
    }
    limit_told(en, f, &o);
    mishap_tell(en, f, f->job.memo, response, &o); /* equal errors were told without its folder */
    lead_on(en, f, response, &o);
    outcome_finish(&o);
}
