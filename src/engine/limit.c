/* Rules come in as limits of engines, their accounts and their models; whether one more may start
 * goes out. The counting itself is the room limits'; who is left alone is rest.c's. */
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

#define FLIGHTS_MAX 2000 /* conversations at once, of all engines */

#define DAY_S 86400

/* --- the limits of the rules --- */

static struct rate_limits limits_of(const struct engine *en, const cJSON *limits)
{
    struct rate_limits l = {.at_once = (int)json_int(limits, "at_once", 0),
                            .gap_ms = json_int(limits, "gap_ms", 0),
                            .per_minute = (int)json_int(limits, "per_minute", 0),
                            .per_day = (int)json_int(limits, "per_day", 0),
                            .per_window = (int)json_int(limits, "per_window", 0),
                            .window_ms = (int64_t)(json_num(limits, "window_s", 10) * 1000)};
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

/* --- the keys that count a job --- */

/* The engine, the account it shares with others, and the model when it has limits of its own. Names
 * of one model at its maker's are one key. */
struct keys {
    const char *list[RATED_MOST];
    size_t n;
    char *model; /* the last one, or NULL; owned */
};

static void keys_of(struct engine *en, const char *engine, const char *model, struct keys *ret_keys)
{
    struct keys k = {.list = {engine}, .n = 1};
    const char *account = json_str(limits_json(en, engine), "account", NULL), *id;
    const cJSON *own = provider_model_limits(en->rules, engine, model, en->now_s, &id);
    if (account && !str_eq(account, engine))
        k.list[k.n++] = account;
    if (own) {
        struct rate_limits l = limits_of(en, own);
        k.model = mem_printf("%s/%s", engine, id);
        k.list[k.n++] = k.model;
        rate_set(en->rate, k.model, &l);
    }
    *ret_keys = k;
}

void limits_recover(struct engine *en)
{
    struct attempt_start *starts = NULL;
    size_t n = 0;
    if (store_attempts_since(en->store, en->now_s - DAY_S, &starts, &n))
        n = 0; /* then the day begins anew */
    for (size_t i = 0; i < n; i++) {
        struct keys k;
        keys_of(en, starts[i].engine, starts[i].model, &k);
        int64_t ago_s = en->now_s > starts[i].at_s ? en->now_s - starts[i].at_s : 0;
        rate_started(en->rate, k.list, k.n, en->now_ms - ago_s * 1000);
        rate_ended(en->rate, k.list, k.n);
        free(k.model);
        free(starts[i].engine);
        free(starts[i].model);
    }
    free(starts);
    rests_recover(en);
}

void limits_close(struct engine *en)
{
    if (!en->rate)
        return;
    rate_destroy(en->rate);
    circuits_destroy(en->circuits);
    en->rate = NULL;
}

/* --- asking and telling --- */

enum limit_room limit_room(struct engine *en, const struct job_row *job, int64_t *ret_at_ms)
{
    enum limit_room room = LIMIT_ENGINE_FULL;
    struct keys k;
    if (resume_holds(en, job->id))
        return LIMIT_ROOM;
    keys_of(en, job->engine, job->model, &k);
    size_t shared_n = k.n - (k.model != NULL);
    *ret_at_ms = INT64_MAX;
    if (en->flights_n < FLIGHTS_MAX &&
        circuits_may_start(en->circuits, job->engine, en->now_ms, ret_at_ms) &&
        rate_may_start(en->rate, k.list, shared_n, en->now_ms, ret_at_ms)) {
        bool free_too = rate_may_start(en->rate, k.list, k.n, en->now_ms, ret_at_ms);
        room = free_too ? LIMIT_ROOM : LIMIT_MODEL_FULL;
    }
    free(k.model);
    return room;
}

bool limit_counts(const struct engine *en, const char *engine)
{
    const cJSON *file = json_get(rules_kind(en->rules, "providers"), engine);
    const char *carrier = json_str(file, "carrier", "local");
    return str_eq(carrier, "http") || str_eq(carrier, "browser");
}

/* Copies: rules and engine may change on the way. */
void limit_keys(struct engine *en, const char *engine, const char *model,
                char *ret_rated[RATED_MOST], size_t *ret_n, bool *ret_model)
{
    struct keys k;
    keys_of(en, engine, model, &k);
    for (size_t i = 0; i < k.n; i++)
        ret_rated[i] = mem_dup(k.list[i]);
    *ret_n = k.n;
    *ret_model = k.model != NULL;
    free(k.model);
}

/* What an engine says of its limits is of the model, when that has limits of its own. */
static const char *said_for(const struct flight *f)
{
    return f->rated_model ? f->rated[f->rated_n - 1] : f->rated[0];
}

void limit_started(struct engine *en, struct flight *f)
{
    if (!limit_counts(en, f->job.engine))
        return;
    if (!resume_take(en, f)) {
        limit_keys(en, f->job.engine, f->job.model, f->rated, &f->rated_n, &f->rated_model);
        rate_started(en->rate, (const char *const *)f->rated, f->rated_n, en->now_ms);
        circuits_started(en->circuits, f->job.engine, en->now_ms);
    }
    f->seen = f->rated_n ? rate_seen(en->rate, said_for(f)) : 0;
}

void limit_ended(struct engine *en, struct flight *f)
{
    const char *keys[RATED_MOST];
    if (!f->rated_n)
        return;
    for (size_t i = 0; i < f->rated_n; i++)
        keys[i] = f->rated[i];
    rate_ended(en->rate, keys, f->rated_n);
    if (!f->told)
        rest_unsaid(en, f);
    f->rated_n = 0;
}

static void rate_told(struct engine *en, struct flight *f, const struct outcome *o)
{
    const char *key = said_for(f);
    if (o->class == CLASS_RATE_LIMITED) {
        (void)rate_penalty(en->rate, key, (int64_t)o->wait_s * 1000, en->now_ms);
        tell_limited(en, f->job.engine, o->wait_s);
    } else {
        rate_fine(en->rate, key);
    }
}

void limit_told(struct engine *en, struct flight *f, const struct outcome *o)
{
    if (f->rated_n && o->left.reset_ms > 0)
        rate_left(en->rate, said_for(f), &o->left, f->seen, en->now_ms);
    if (!f->rated_n || o->kind == OUTCOME_NEXT || o->kind == OUTCOME_UNSEEN || f->told)
        return;
    f->told = true;
    rest_told(en, f, o);
    rate_told(en, f, o);
}
