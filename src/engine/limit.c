/* Rules and outcomes come in as limits and news of an engine; whether one more may start goes out.
 * The counting itself is the room limits'. */
/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"
#include "engine/flight.h"
#include "engine/tell.h"
#include "limits/circuit.h"
#include "limits/rate.h"

#define SAME_LEN    256
#define FLIGHTS_MAX 2000 /* conversations at once, of all engines */

#define DAY_S 86400

static struct circuit_limits circuit_limits_of(const struct engine *en)
{
    const struct rules *r = en->rules;
    return (struct circuit_limits){
        .failures_n = (int)rules_policy_num(r, "/engine/failures"),
        .open_ms = (int64_t)(rules_policy_num(r, "/engine/rest_s") * 1000),
        .open_max_ms = (int64_t)(rules_policy_num(r, "/engine/rest_most_s") * 1000),
        .same_n = (int)rules_policy_num(r, "/engine/equal_errors")};
}

/* --- the limits of the rules --- */

static struct rate_limits limits_of(const struct engine *en, const cJSON *limits)
{
    struct rate_limits l = {.at_once = (int)json_int(limits, "at_once", 0),
                            .gap_ms = json_int(limits, "gap_ms", 0),
                            .per_minute = (int)json_int(limits, "per_minute", 0),
                            .per_day = (int)json_int(limits, "per_day", 0)};
    const cJSON *wait;
    cJSON_ArrayForEach(wait, rules_policy(en->rules, "/engine/retry_waits_s"))
    {
        if (l.waits_n < RATE_WAITS_MAX)
            l.waits_ms[l.waits_n++] = (int64_t)(wait->valuedouble * 1000);
    }
    return l;
}

static const cJSON *limits_json(const struct engine *en, const char *engine)
{
    return json_get(json_get(rules_kind(en->rules, "providers"), engine), "limits");
}

/* What an account may: the engine of its name says so; without one, the widest of those who share
 * it. Each engine's own limits hold besides. */
static bool speaks_for_account(const struct engine *en, const cJSON *file, const char *account)
{
    const cJSON *all = rules_kind(en->rules, "providers"), *other;
    int at_once = (int)json_int(json_get(file, "limits"), "at_once", 0);
    if (str_eq(account, file->string) || json_get(all, account))
        return false;
    cJSON_ArrayForEach(other, all)
    {
        const cJSON *limits = json_get(other, "limits");
        int theirs = (int)json_int(limits, "at_once", 0);
        if (other != file && str_eq(json_str(limits, "account", NULL), account) &&
            (theirs == 0 || (at_once && theirs > at_once)))
            return false;
    }
    return true;
}

void limits_load(struct engine *en)
{
    const cJSON *file;
    if (!en->rate) {
        en->rate = rate_create();
        en->circuits = circuits_create();
    }
    cJSON_ArrayForEach(file, rules_kind(en->rules, "providers"))
    {
        const cJSON *limits = json_get(file, "limits");
        struct rate_limits l = limits_of(en, limits);
        const char *account = json_str(limits, "account", NULL);
        rate_set(en->rate, file->string, &l);
        if (account && speaks_for_account(en, file, account))
            rate_set(en->rate, account, &l);
    }
}

static size_t keys_of(const struct engine *en, const char *engine, const char *ret_keys[2]);

void limits_recover(struct engine *en)
{
    struct attempt_start *starts = NULL;
    size_t n = 0;
    if (store_attempts_since(en->store, en->now_s - DAY_S, &starts, &n))
        n = 0; /* then the day begins anew */
    for (size_t i = 0; i < n; i++) {
        const char *keys[2];
        size_t keys_n = keys_of(en, starts[i].engine, keys);
        int64_t ago_s = en->now_s > starts[i].at_s ? en->now_s - starts[i].at_s : 0;
        rate_started(en->rate, keys, keys_n, en->now_ms - ago_s * 1000);
        rate_ended(en->rate, keys, keys_n);
        free(starts[i].engine);
    }
    free(starts);
}

void limits_close(struct engine *en)
{
    if (!en->rate)
        return;
    rate_destroy(en->rate);
    circuits_destroy(en->circuits);
    en->rate = NULL;
}

/* The engine, and the account it shares with others. */
static size_t keys_of(const struct engine *en, const char *engine, const char *ret_keys[2])
{
    const char *account = json_str(limits_json(en, engine), "account", NULL);
    ret_keys[0] = engine;
    ret_keys[1] = account;
    return account && !str_eq(account, engine) ? 2 : 1;
}

/* --- asking and telling --- */

bool limit_room(struct engine *en, const struct job_row *job, int64_t *ret_at_ms)
{
    const char *keys[2];
    size_t n = keys_of(en, job->engine, keys);
    *ret_at_ms = INT64_MAX;
    return en->flights_n < FLIGHTS_MAX &&
           circuits_may_start(en->circuits, job->engine, en->now_ms, ret_at_ms) &&
           rate_may_start(en->rate, keys, n, en->now_ms, ret_at_ms);
}

static bool is_http(const struct engine *en, const char *engine)
{
    const cJSON *file = json_get(rules_kind(en->rules, "providers"), engine);
    const char *carrier = json_str(file, "carrier", "local");
    return str_eq(carrier, "http") || str_eq(carrier, "browser");
}

void limit_started(struct engine *en, struct flight *f)
{
    const char *keys[2];
    if (!is_http(en, f->job.engine))
        return;
    f->rated_n = keys_of(en, f->job.engine, keys);
    rate_started(en->rate, keys, f->rated_n, en->now_ms);
    circuits_started(en->circuits, f->job.engine, en->now_ms);
    for (size_t i = 0; i < f->rated_n; i++)
        f->rated[i] = mem_dup(keys[i]); /* rules and engine may change on the way */
}

void limit_ended(struct engine *en, struct flight *f)
{
    if (!f->rated_n)
        return;
    const char *keys[2] = {f->rated[0], f->rated[1]};
    rate_ended(en->rate, keys, f->rated_n);
    struct circuit_limits limits = circuit_limits_of(en);
    if (!f->told)
        (void)circuits_ended(en->circuits, f->rated[0], &limits, CIRCUIT_UNSAID, en->now_ms);
    f->rated_n = 0;
}

/* Equal errors are those of one model: another may do it. */
static const char *same_key(const struct job_row *job, char key[SAME_LEN])
{
    str_format(key, SAME_LEN, "%s %s", job->engine, job->model ? job->model : "");
    return key;
}

static enum circuit_result result_of(const struct outcome *o)
{
    if (o->class == CLASS_TRANSIENT || o->kind == OUTCOME_DOUBT)
        return CIRCUIT_FAULT;
    return o->class == CLASS_RATE_LIMITED ? CIRCUIT_UNSAID : CIRCUIT_FINE;
}

void limit_told(struct engine *en, struct flight *f, const struct outcome *o)
{
    const char *engine = f->job.engine;
    if (!f->rated_n || o->kind == OUTCOME_NEXT || o->kind == OUTCOME_UNSEEN || f->told)
        return;
    struct circuit_limits limits = circuit_limits_of(en);
    f->told = true;
    if (circuits_ended(en->circuits, engine, &limits, result_of(o), en->now_ms) == CIRCUIT_OPEN)
        engine_say(en, "stop", "%s keeps failing and is left alone for a while: %s", engine,
                   o->error ? o->error : "no answer");
    if (o->class == CLASS_RATE_LIMITED) {
        (void)rate_penalty(en->rate, engine, (int64_t)o->wait_s * 1000, en->now_ms);
        tell_limited(en, engine, o->wait_s);
    } else {
        rate_fine(en->rate, engine);
    }
    char same[SAME_LEN];
    if (o->kind == OUTCOME_DONE || o->kind == OUTCOME_RETRY || o->kind == OUTCOME_REFUSED)
        (void)circuits_same(en->circuits, f->job.drop_id, same_key(&f->job, same), &limits,
                            o->kind == OUTCOME_DONE ? NULL : o->error);
}

bool limit_same(struct engine *en, const struct job_row *job)
{
    char same[SAME_LEN];
    return is_http(en, job->engine) &&
           circuits_same_stopped(en->circuits, job->drop_id, same_key(job, same));
}

void limits_forgive(struct engine *en, int64_t drop_id_or_0, const char *engine)
{
    if (drop_id_or_0)
        circuits_same_clear(en->circuits, drop_id_or_0);
    if (engine)
        circuits_close(en->circuits, engine);
}
