/* An asset type and variant come in; the first engine of the routing table that is there, can do
 * the job's op and has a price for it is written into the job, with the reason when it is not the
 * first choice. Asks no engine anything. */
/* SPDX-License-Identifier: ISC */
#include "plan/route.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"
#include "money/price.h"
#include "secrets/secrets.h"

static const char local_engine[] = "local";
static const char manual_engine[] = "manual"; /* a person: always there, for nothing */

/* One choice of the table, looked into: why is NULL when it can be taken. */
struct choice {
    const char *engine, *model;
    const cJSON *provider;
    double price;  /* of one attempt; NAN unknown */
    bool unpriced; /* that is all it lacks */
    double seconds;
    char *why; /* owned */
};

/* The member of that name, else the member "*". */
static const cJSON *get_or_any(const cJSON *object, const char *name)
{
    const cJSON *found = name ? json_get(object, name) : NULL;
    return found ? found : json_get(object, "*");
}

static const cJSON *find_choices(const struct rules *rules, const char *type, const char *variant)
{
    const cJSON *table = rules_get(rules, "models/routing");
    const char *use = json_str(table, "use", "standard");
    const cJSON *profile = json_get(json_get(table, "profiles"), use);
    return get_or_any(get_or_any(json_get(profile, "types"), type), variant);
}

static const cJSON *find_provider(const struct rules *rules, const char *engine)
{
    char name[128];
    return str_format(name, sizeof name, "providers/%s", engine) ? rules_get(rules, name) : NULL;
}

/* What the provider's file says for a model, else for the op, else for everything. */
static double find_number(const struct choice *c, const char *op, const char *name)
{
    const cJSON *model = json_get(json_get(c->provider, "models"), c->model);
    const cJSON *act = json_get(json_get(c->provider, "ops"), op);
    double number = json_num(c->provider, name, NAN);
    number = json_num(act, name, number);
    return json_num(model, name, number);
}

/* The same for a price, which may be per image, second, ...; NULL none. */
static const cJSON *find_price(const struct choice *c, const char *op)
{
    const cJSON *model = json_get(json_get(json_get(c->provider, "models"), c->model), "price");
    const cJSON *act = json_get(json_get(json_get(c->provider, "ops"), op), "price");
    return model ? model : act ? act : json_get(c->provider, "price");
}

/* The step file by which an engine in a browser does an op, or NULL. */
static const cJSON *find_procedure(const struct rules *rules, const char *engine, const char *op)
{
    size_t len = strlen(engine);
    const cJSON *tree, *made;
    cJSON_ArrayForEach(tree, rules_kind(rules, "sops"))
    {
        if (strncmp(tree->string, engine, len) != 0 || tree->string[len] != '/')
            continue;
        cJSON_ArrayForEach(made, json_get(tree, "ops"))
        {
            if (str_eq(made->valuestring, op))
                return tree;
        }
    }
    return NULL;
}

/* What the engine's procedure for an op costs, in dollars, by what one of its credits does. */
static double price_in_credits(const struct rules *rules, const struct choice *c,
                               const struct plan_job *job)
{
    const cJSON *tree = find_procedure(rules, c->engine, job->op), *more;
    double n = json_num(tree, "credits", NAN);
    cJSON_ArrayForEach(more, json_get(tree, "credits_with"))
    {
        n += json_bool(job->params, more->string, false) ? more->valuedouble : 0;
    }
    return n * json_num(c->provider, "credit", NAN);
}

static bool is_given(const struct plan_job *job, const char *need)
{
    for (size_t i = 0; i < job->ins_n; i++)
        if (str_eq(job->ins[i].name, need))
            return true;
    return *json_str(job->params, need, "") || str_eq(need, "prompt");
}

/* What its procedure cannot do without and the job does not bring; NULL nothing. Owned. */
static char *find_lack(const struct rules *rules, const struct choice *c,
                       const struct plan_job *job)
{
    const cJSON *tree = find_procedure(rules, c->engine, job->op), *need;
    cJSON_ArrayForEach(need, json_get(tree, "needs"))
    {
        if (!is_given(job, need->valuestring))
            return mem_printf("%s needs %s (%s), and there is none", c->model, need->valuestring,
                              json_str(json_get(tree, "takes"), need->valuestring, "a wish"));
    }
    return NULL;
}

/* An engine in a browser is there when the policy names one. */
static bool no_browser(const struct rules *rules, const struct choice *c)
{
    return str_eq(json_str(c->provider, "carrier", ""), "browser") &&
           cJSON_GetArraySize(rules_policy(rules, "/browser/urls")) == 0 &&
           rules_policy_num(rules, "/browser/start") < 1;
}

static char *why_not(const struct rules *rules, const struct choice *c, const struct plan_job *job)
{
    const char *op = job->op;
    if (!c->provider)
        return mem_printf("%s needs the engine %s, which is not configured", c->model, c->engine);
    const char *key = json_str(c->provider, "key_env", NULL);
    if (key && !secrets_has(key))
        return mem_printf("%s needs the engine %s, and its key %s is not set", c->model, c->engine,
                          key);
    if (no_browser(rules, c))
        return mem_printf("%s needs the engine %s, and policy.json names no browser", c->model,
                          c->engine);
    if (!json_get(json_get(c->provider, "ops"), op))
        return mem_printf("the engine %s cannot do %s", c->engine, op);
    char *lack = find_lack(rules, c, job);
    return lack;
}

static double price_at(const struct rules *rules, const struct choice *c,
                       const struct plan_job *job)
{
    double price = price_of(find_price(c, job->op), job->params, (int)job->outs_n);
    return isfinite(price) || !c->provider ? price : price_in_credits(rules, c, job);
}

static struct choice look_into(const struct rules *rules, const struct plan_job *job,
                               const char *engine, const char *model)
{
    struct choice c = {.engine = engine, .model = model};
    c.provider = find_provider(rules, engine);
    c.price = price_at(rules, &c, job);
    c.seconds = find_number(&c, job->op, "seconds");
    bool always = str_eq(engine, local_engine) || str_eq(engine, manual_engine);
    c.why = always ? NULL : why_not(rules, &c, job);
    c.unpriced = !always && !c.why && !isfinite(c.price);
    if (c.unpriced)
        c.why = mem_printf("the price of %s at the engine %s is not known", c.model, c.engine);
    return c;
}

double route_price(const struct rules *rules, const char *engine, const char *model,
                   const struct plan_job *job)
{
    struct choice c = {.engine = engine, .model = model};
    c.provider = find_provider(rules, engine);
    return price_at(rules, &c, job);
}

static void take(struct plan_job *job, const struct choice *c)
{
    job->engine = mem_dup(c->engine);
    job->model = mem_dup(c->model);
    job->price = isfinite(c->price) ? c->price : 0;
    job->unpriced = c->unpriced;
    job->seconds = isfinite(c->seconds) ? (int)ceil(c->seconds) : 0;
    if (job->attempts == 0)
        job->attempts = (int)json_int(c->provider, "attempts", 1);
}

/* The local engine for what it can do; what nothing can do is offered to a person. */
static struct choice last_resort(const struct rules *rules, const struct plan_job *job)
{
    struct choice c = look_into(rules, job, local_engine, "embedded");
    if (c.provider && !json_get(json_get(c.provider, "ops"), job->op))
        c = look_into(rules, job, manual_engine, "a person");
    return c;
}

/* The rows after the one that was taken, as far as they can be had now. */
void route_stands_in(struct plan_job *job, bool when_local)
{
    cJSON *choice;
    job->preview = when_local && str_eq(job->engine, local_engine);
    cJSON_ArrayForEach(choice, job->choices)
    {
        if (when_local && str_eq(json_str(choice, "engine", ""), local_engine))
            json_set_bool(choice, "preview", true);
    }
}

static void add_choices(const struct rules *rules, struct plan_job *job, const cJSON *row)
{
    for (; row; row = row->next) {
        struct choice c = look_into(rules, job, json_str(row, "engine", local_engine),
                                    json_str(row, "model", "embedded"));
        bool can = !c.why && json_get(json_get(c.provider, "ops"), job->op);
        free(c.why);
        if (!can)
            continue;
        cJSON *choice = cJSON_CreateObject();
        json_set_str(choice, "engine", c.engine);
        json_set_str(choice, "model", c.model);
        json_set_num(choice, "price", isfinite(c.price) ? c.price : 0);
        json_set_num(choice, "seconds", isfinite(c.seconds) ? c.seconds : 0);
        if (!job->choices)
            job->choices = cJSON_CreateArray();
        cJSON_AddItemToArray(job->choices, choice);
    }
}

void route_job(const struct rules *rules, const char *type, const char *variant,
               struct plan_job *job)
{
    const cJSON *row;
    char *why = NULL; /* the first choice was passed over for it */
    struct choice c = {0}, unpriced = {0};
    bool found = false;
    cJSON_ArrayForEach(row, find_choices(rules, type, variant))
    {
        c = look_into(rules, job, json_str(row, "engine", local_engine),
                      json_str(row, "model", "embedded"));
        found = c.why == NULL;
        if (found)
            break;
        if (c.unpriced && !unpriced.unpriced && !str_eq(type, "text"))
            unpriced = c;
        if (!why)
            why = c.why;
        else
            free(c.why);
    }
    if (!found)
        c = unpriced.unpriced ? unpriced : last_resort(rules, job);
    take(job, &c);
    const char *title =
        json_str(c.provider, "title", str_eq(c.engine, manual_engine) ? "a person" : c.engine);
    if (found)
        add_choices(rules, job, row->next);
    job->why_engine = !why            ? NULL
                      : job->unpriced ? mem_printf("%s; it waits for one", why)
                                      : mem_printf("%s; made by %s", why, title);
    free(why);
}

char *route_to(const struct rules *rules, const char *engine, const char *model,
               struct plan_job *job)
{
    struct choice c = look_into(rules, job, engine, model);
    if (!c.why)
        take(job, &c);
    return c.why;
}

char *route_engine(const struct rules *rules, const char *type, const char *variant, const char *op,
                   const cJSON *params)
{
    struct plan_job probe = {.op = (char *)op, .params = (cJSON *)params, .outs_n = 1};
    route_job(rules, type, variant, &probe);
    free(probe.model);
    free(probe.why_engine);
    cJSON_Delete(probe.choices);
    return probe.engine;
}
