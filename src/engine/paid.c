/* A paid request is about to leave, or has ended: the intent with its worst cost is stored before,
 * what it came to is judged after. Fails closed: an unknown price, a cap that is reached or a
 * ledger that cannot be read holds the job and says so. */
/* SPDX-License-Identifier: ISC */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"
#include "engine/cards.h"
#include "engine/flight.h"
#include "money/caps.h"
#include "plan/route.h"

/* --- before --- */

static int64_t policy_cap(const cJSON *number)
{
    return cJSON_IsNumber(number) ? money_of(number->valuedouble) : -1;
}

/* A cap in an engine's own credits, in money; negative: none. */
static int64_t credits_cap(const struct engine *en, const char *member, const char *engine)
{
    const cJSON *cap = json_get(rules_policy(en->rules, member), engine);
    const cJSON *file = json_get(rules_kind(en->rules, "providers"), engine);
    double credit = json_num(file, "credit", 0);
    return cJSON_IsNumber(cap) && credit > 0 ? money_of(cap->valuedouble * credit) : -1;
}

/* One cap, the purse that counts against it, and how a sentence names it. */
struct limit_of {
    const char *scope;
    char *name, *what;
    int64_t cap_u;
};

#define LIMITS_N 5

static void limits_of(const struct engine *en, const struct job_row *job,
                      struct limit_of ret_limits[LIMITS_N])
{
    char day[CLOCK_TEXT_LEN];
    const char *engine = job->engine;
    long long drop = (long long)job->drop_id;
    clock_local(en->now_s, "%Y-%m-%d", day);
    const struct limit_of all[LIMITS_N] = {
        {"drop", mem_printf("%lld", drop), mem_dup("the drop"),
         policy_cap(rules_policy(en->rules, "/money/cap_drop"))},
        {"day", mem_dup(day), mem_dup("today"),
         policy_cap(rules_policy(en->rules, "/money/cap_day"))},
        {"engine_day", mem_printf("%s %s", engine, day), mem_printf("%s today", engine),
         policy_cap(json_get(rules_policy(en->rules, "/money/cap_engine_day"), engine))},
        {"engine_drop", mem_printf("%s %lld", engine, drop),
         mem_printf("the drop's credits of %s (credits_drop)", engine),
         credits_cap(en, "/money/credits_drop", engine)},
        {"engine_day", mem_printf("%s %s", engine, day),
         mem_printf("today's credits of %s (credits_day)", engine),
         credits_cap(en, "/money/credits_day", engine)}};
    memcpy(ret_limits, all, sizeof all);
}

int paid_judge(struct engine *en, const struct job_row *job, int64_t amount_u, struct err *e)
{
    struct limit_of limits[LIMITS_N];
    struct cap caps[LIMITS_N];
    int rc = 0;
    limits_of(en, job, limits);
    for (int i = 0; i < LIMITS_N; i++) {
        struct purse p = {0};
        if ((limits[i].cap_u >= 0 || i == 0) && !rc) /* one at least: the ledger can be read */
            rc = store_purse(en->store, limits[i].scope, limits[i].name, &p);
        caps[i] = (struct cap){limits[i].what, limits[i].cap_u, p.reserved_u + p.settled_u};
    }
    if (rc)
        rc = err_set(e, ERR_STORE,
                     "what was spent cannot be read, so nothing is paid for; "
                     "`slated spend --check` says more");
    else if (caps_judge(caps, LIMITS_N, amount_u, e))
        rc = err_set(e, ERR_LIMIT, "%s; raise it in rules/policy.json (money) and retry", e->text);
    for (int i = 0; i < LIMITS_N; i++) {
        free(limits[i].name);
        free(limits[i].what);
    }
    return rc;
}

static int store_intent(struct engine *en, struct flight *f, struct err *e)
{
    int rc = store_begin(en->store, e);
    if (!rc)
        rc = store_add_attempt(en->store, &f->attempt, e);
    if (!rc)
        rc = store_set_job(en->store, &f->job, e);
    if (rc)
        store_rollback(en->store);
    return rc ? rc : store_commit_later(en->store, e); /* the request leaves after it */
}

/* By the rules in force: of a job that was planned while nobody knew. */
static double price_now(const struct engine *en, const struct job_row *job)
{
    cJSON *params = job->params ? cJSON_Parse(job->params) : NULL, *outs = cJSON_Parse(job->outs);
    struct plan_job wish = {
        .op = job->op, .params = params, .outs_n = (size_t)cJSON_GetArraySize(outs)};
    double price = route_price(en->rules, job->engine, job->model, &wish);
    cJSON_Delete(params);
    cJSON_Delete(outs);
    return price;
}

/* What a request may cost at most. */
static int worst(const struct engine *en, const struct flight *f, const struct request *r,
                 int64_t *ret_u, struct err *e)
{
    double price = r->price > 0 ? r->price : f->job.price;
    *ret_u = money_of(price > 0 ? price : price_now(en, &f->job));
    if (*ret_u > 0 && *ret_u != INT64_MAX)
        return 0;
    return err_set(e, ERR_RULES,
                   "what %s costs at %s is not known, so it is not bought; give it a price in "
                   "rules/providers/%s.json and retry",
                   f->job.model ? f->job.model : "it", f->job.engine, f->job.engine);
}

int paid_intent(struct engine *en, struct flight *f, const struct request *r, struct err *e)
{
    int64_t amount_u;
    int rc = worst(en, f, r, &amount_u, e);
    if (!rc)
        rc = paid_judge(en, &f->job, amount_u, e);
    if (rc)
        return rc;
    f->attempt = (struct attempt_row){.job_id = f->job.id,
                                      .drop_id = f->job.drop_id,
                                      .engine = mem_dup(f->job.engine),
                                      .model = mem_dup(f->job.model),
                                      .handle = f->fresh,
                                      .reserved_u = amount_u,
                                      .at_s = en->now_s};
    if (!f->fresh)
        bug("%s is paid for under no name", f->job.key);
    f->fresh = NULL;
    memcpy(f->attempt.hash, f->hash, sizeof f->attempt.hash);
    rc = store_intent(en, f, e);
    f->unstored = f->unstored && rc;
    if (rc)
        attempt_row_finish(&f->attempt);
    desk_touch(en, f->job.drop_id);
    return rc;
}

static int store_further(struct engine *en, struct flight *f, int64_t settled_u, int64_t amount_u,
                         struct err *e)
{
    struct attempt_row was = f->attempt;
    int rc = store_begin(en->store, e);
    if (!rc)
        rc = store_extend_attempt(en->store, &f->attempt, settled_u, amount_u, en->now_s, e);
    f->job.cost += (double)settled_u / MONEY_UNIT;
    if (!rc)
        rc = store_set_job(en->store, &f->job, e);
    if (!rc)
        rc = store_commit_later(en->store, e);
    if (rc) {
        store_rollback(en->store);
        f->attempt = was;
        f->job.cost -= (double)settled_u / MONEY_UNIT;
    }
    return rc;
}

/* What is set aside for those before it is free again when they are settled. */
int paid_further(struct engine *en, struct flight *f, const struct request *r, struct err *e)
{
    int64_t amount_u, settled_u = money_of(r->settled);
    int rc = worst(en, f, r, &amount_u, e);
    if (rc)
        return rc;
    int64_t more_u = amount_u + settled_u - f->attempt.reserved_u;
    rc = paid_judge(en, &f->job, more_u > 0 ? more_u : 0, e);
    return rc ? rc : store_further(en, f, settled_u, amount_u, e);
}

/* --- after --- */

/* What the engine says; else nothing when it was refused at the door, and the worst when it was
 * accepted. */
int64_t paid_charge(const struct flight *f, const struct outcome *o)
{
    int64_t said_u = o->cost_known ? money_of(o->cost) : INT64_MAX;
    if (said_u != INT64_MAX)
        return said_u;
    bool worked = o->kind == OUTCOME_DONE || f->attempt.state == ATTEMPT_SUBMITTED ||
                  o->class == CLASS_REFUSED_OUTPUT;
    return worked ? f->attempt.reserved_u : 0;
}

bool stop_holds(struct engine *en, const char *engine)
{
    struct stop_row *rows = NULL;
    size_t n = 0;
    bool holds = false;
    if (!en->any_stop || store_stops(en->store, &rows, &n))
        return false;
    for (size_t i = 0; i < n; i++) {
        bool over = rows[i].until_s && rows[i].until_s <= en->now_s;
        holds = holds || (!over && str_eq(rows[i].engine, engine));
        stop_row_finish(&rows[i]);
    }
    free(rows);
    return holds;
}

/* until_s 0: a person lifts it. */
static void stop_until(struct engine *en, const char *engine, enum outcome_class class,
                       const char *why, const char *cure, int64_t until_s)
{
    struct err e = {0};
    struct stop_row row = {.engine = (char *)engine,
                           .class = (char *)outcome_class_word(class),
                           .why = (char *)why,
                           .cure = (char *)cure,
                           .at_s = en->now_s,
                           .until_s = until_s};
    bool known = stop_holds(en, engine);
    if (store_begin(en->store, &e) || store_add_stop(en->store, &row, &e) ||
        store_commit(en->store, &e)) {
        store_rollback(en->store);
        engine_say(en, "error", "%s cannot be stopped: %s; slated stops", engine, e.text);
        en->stopping = true;
    }
    if (!known)
        engine_say(en, "stop", "%s gets no more work: %s", engine, why);
    en->any_stop = en->needs_you_dirty = true;
}

void stop_engine(struct engine *en, const char *engine, enum outcome_class class, const char *why,
                 const char *cure)
{
    stop_until(en, engine, class, why, cure, 0);
}

/* A used up quota comes back by itself, when its rule says so; a key that is not accepted does not.
 */
void paid_stop_engine(struct engine *en, const struct flight *f, const struct outcome *o)
{
    bool returns = o->class == CLASS_QUOTA && o->wait_s > 0;
    stop_until(en, f->job.engine, o->class, o->error, o->cure, returns ? en->now_s + o->wait_s : 0);
}

void stops_reconsider(struct engine *en)
{
    struct stop_row *rows = NULL;
    struct err e = {0};
    size_t n = 0;
    if (store_stops(en->store, &rows, &n))
        return;
    for (size_t i = 0; i < n; i++) {
        bool auth = str_eq(rows[i].class, outcome_class_word(CLASS_AUTH));
        if (auth && !store_begin(en->store, &e) &&
            (store_lift_stop(en->store, rows[i].engine, &e) || store_commit(en->store, &e)))
            store_rollback(en->store); /* it stays stopped, and says so */
        stop_row_finish(&rows[i]);
    }
    free(rows);
    en->start_more = en->needs_you_dirty = true;
}

/* --- in doubt --- */

static char *doubt_text(const struct job_row *job, const struct attempt_row *a, const char *price)
{
    return mem_printf("%s\n\n%s, at %s, for %s: %s.\n\nDrag this card to go/ to buy it again; the "
                      "first one counts as paid.\nDrag it to no/ to leave it.\nThe engine's own "
                      "page tells whether it was made: look for %s.\n",
                      job->title, job->model ? job->model : job->op, job->engine, price,
                      job->error ? job->error : a->why, a->remote ? a->remote : a->handle);
}

static void ask_doubt(struct engine *en, const struct job_row *job, const struct attempt_row *a)
{
    char price[MONEY_TEXT_LEN];
    struct err e = {0};
    money_text(a->reserved_u, price);
    char *file = mem_printf("in doubt - %s - %s - %.8s.md", price, job->unit ? job->unit : job->key,
                            a->handle);
    char *text = doubt_text(job, a, price);
    if (card_put(en, "doubt", a->handle, file, text, &e))
        engine_say(en, "error", "no card can be laid out for %s: %s; it is tried at the next start",
                   job->title, e.text);
    free(file);
    free(text);
}

void paid_doubt(struct engine *en, struct flight *f, const char *why)
{
    f->attempt.state = ATTEMPT_DOUBT;
    free(f->attempt.why);
    f->attempt.why = mem_dup(why);
    f->charged_u = CHARGE_OPEN;
    char *said = mem_printf("in doubt, it may have been charged: %s", why);
    flight_park(en, f, said);
    free(said);
    ask_doubt(en, &f->job, &f->attempt);
}

void paid_recover_doubts(struct engine *en)
{
    struct attempt_row *rows = NULL;
    size_t n = 0;
    if (store_attempts_in(en->store, ATTEMPT_DOUBT, &rows, &n))
        return;
    for (size_t i = 0; i < n; i++) {
        struct job_row job = {0};
        if (!card_asks(en, "doubt", rows[i].handle) &&
            store_job(en->store, rows[i].job_id, &job) == 0 && job.state == JOB_HELD &&
            !job.next_at_s) /* any other is still looked up */
            ask_doubt(en, &job, &rows[i]);
        job_row_finish(&job);
        attempt_row_finish(&rows[i]);
    }
    free(rows);
}
