/* An ask comes in; the exchange it belongs to goes out: rules file, model, memo, parameters. */
/* SPDX-License-Identifier: ISC */
#include "providers/http_priv.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"

#define SEED_MOST 2147483647
#define COST_MOST 100000 /* of one request, in dollars: an engine that says more is not believed   \
                          */

static cJSON *parse_object(const char *text)
{
    cJSON *tree = text ? cJSON_Parse(text) : NULL;
    if (cJSON_IsObject(tree))
        return tree;
    cJSON_Delete(tree);
    return cJSON_CreateObject();
}

/* Most steps of a conversation need neither. */
struct talk_wish {
    cJSON *params, *meta; /* owned; NULL: not read yet */
};

const cJSON *talk_params(const struct talk *t)
{
    if (!t->wish->params)
        t->wish->params = parse_object(t->ask->job->params);
    return t->wish->params;
}

const cJSON *talk_meta(const struct talk *t)
{
    if (!t->wish->meta)
        t->wish->meta = parse_object(t->ask->job->meta);
    return t->wish->meta;
}

void talk_set_wish(struct talk *t, cJSON *takes_params, cJSON *takes_meta)
{
    if (!t->wish)
        t->wish = mem_alloc(sizeof *t->wish);
    t->wish->params = takes_params;
    t->wish->meta = takes_meta;
}

void talk_close(struct talk *t)
{
    cJSON_Delete(t->memo);
    if (t->wish) {
        cJSON_Delete(t->wish->params);
        cJSON_Delete(t->wish->meta);
        free(t->wish);
    }
    free(t->pieces);
    memset(t, 0, sizeof *t);
}

/* A model may bring a step of its own. */
const cJSON *talk_step(const struct talk *t, const char *name)
{
    const cJSON *own = json_get(json_get(t->model, "steps"), name);
    return own ? own : json_get(json_get(t->file, "steps"), name);
}

/* Several servers are a pool: a job keeps to the one its conversation began with, its next attempt
 * takes the next. */
static int pool_pick(const struct talk *t, int n)
{
    unsigned long at;
    char digits[8] = "";
    memcpy(digits, t->ask->job->hash, sizeof digits - 1);
    at = strtoul(digits, NULL, 16) + (unsigned long)t->ask->job->attempts;
    if (t->ask->server > 0)
        at = (unsigned long)t->ask->server - 1;
    return (int)json_int(t->memo, "base", (int64_t)(at % (unsigned long)n));
}

const char *talk_base(const struct talk *t, const char *name)
{
    const cJSON *base = json_get(t->file, "base");
    if (name)
        return json_str(json_get(t->file, "bases"), name, NULL);
    if (t->ask->base)
        return t->ask->base;
    if (cJSON_IsArray(base) && cJSON_GetArraySize(base) > 0)
        base = cJSON_GetArrayItem(base, pool_pick(t, cJSON_GetArraySize(base)));
    return cJSON_GetStringValue(base);
}

void talk_open(struct talk *t, const struct ask *ask)
{
    memset(t, 0, sizeof *t);
    t->ask = ask;
    t->handle = ask->handle;
    t->file = json_get(rules_kind(ask->rules, "providers"), ask->job->engine);
    t->model = model_row(t->file, ask->job->model, ask->now_s, &t->model_id);
    t->memo = parse_object(ask->job->memo);
    talk_set_wish(t, NULL, NULL);
    const cJSON *base = json_get(t->file, "base");
    if (cJSON_GetArraySize(base) > 1 && cJSON_IsArray(base)) /* kept with its first answer */
        json_set_num(t->memo, "base", pool_pick(t, cJSON_GetArraySize(base)));
}

bool talk_is_free(const struct talk *t)
{
    const cJSON *price = json_get(t->model, "price");
    if (!price)
        price = json_get(json_get(json_get(t->file, "ops"), t->ask->job->op), "price");
    if (!price)
        price = json_get(t->file, "price");
    return cJSON_IsNumber(price) && price->valuedouble == 0;
}

/* A refused picture may pass with another seed, so each attempt has its own. */
int64_t talk_seed(const struct talk *t)
{
    char digits[8] = "";
    int64_t seed;
    memcpy(digits, t->ask->job->hash, sizeof digits - 1);
    seed =
        json_int(talk_params(t), "seed", json_int(talk_meta(t), "seed", strtol(digits, NULL, 16)));
    seed %= SEED_MOST; /* before its sign is turned: the least number has no counterpart */
    return ((seed < 0 ? -seed : seed) + t->ask->job->attempts) % SEED_MOST;
}

void talk_tell_cost(const struct talk *t, struct outcome *o)
{
    double cost = json_num(t->memo, "cost", NAN);
    o->cost_known = cost <= COST_MOST;
    o->cost = o->cost_known ? cost : 0;
    o->tokens_in = json_int(t->memo, "tokens_in", 0);
    o->tokens_out = json_int(t->memo, "tokens_out", 0);
}
