/* A person wants to know whether an engine works for real: the smallest job that its file names
 * becomes a drop of its own, and goes the way of all jobs, caps and ledger included. And what is
 * known only while slated runs: how engines stand. */
/* SPDX-License-Identifier: ISC */
#include "engine/flight.h"
#include "engine/manual.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"
#include "engine/order_rows.h"
#include "engine/trial.h"
#include "limits/circuit.h"
#include "limits/rate.h"
#include "plan/route.h"

/* --- a trial --- */

static const struct trial_output {
    const char *begins, *role, *ext;
} outputs[] = {{"text.", "answer", "json"}, {"film.", "clip", "mp4"}, {"", "picture", "png"}};

static void add_output(struct plan_job *job, const char *name)
{
    const struct trial_output *o = outputs;
    while (!str_starts(job->op, o->begins))
        o++;
    char *path = mem_printf("trials/%s.%s", name, o->ext);
    plan_add_output(job, o->role, path, NULL);
    free(path);
}

/* The first model that a table of models/routing.json names for an engine, or NULL. */
static const char *routed_model(const cJSON *tree, const char *engine)
{
    const cJSON *child;
    const char *found =
        str_eq(json_str(tree, "engine", NULL), engine) ? json_str(tree, "model", NULL) : NULL;
    cJSON_ArrayForEach(child, tree) found = found ? found : routed_model(child, engine);
    return found;
}

const char *trial_model(const struct rules *rules, const char *engine)
{
    const cJSON *file = json_get(rules_kind(rules, "providers"), engine), *row;
    const char *model = json_str(json_get(file, "probe"), "model", NULL);
    cJSON_ArrayForEach(row, json_get(file, "models"))
    {
        if (!model && !str_eq(row->string, "*"))
            model = row->string;
    }
    return model ? model : routed_model(rules_kind(rules, "models"), engine);
}

int trial_job(const struct rules *rules, const char *engine, const char *name,
              struct plan_job *ret_job, struct err *e)
{
    const cJSON *file = json_get(rules_kind(rules, "providers"), engine);
    const cJSON *probe = json_get(file, "probe");
    const char *op = json_str(probe, "op", NULL), *model = trial_model(rules, engine);
    char *why = NULL;
    if (!op)
        return err_set(e, ERR_UNSUPPORTED,
                       "rules/providers/%s.json names no smallest job (\"probe\": {\"op\", "
                       "\"model\", \"prompt\", \"params\"})",
                       engine);
    struct plan_job job = {.op = mem_dup(op), .attempts = 1};
    job.key = mem_dup("trial");
    job.title = mem_printf("a trial of %s", engine);
    job.prompt = mem_dup(json_str(probe, "prompt", NULL));
    job.params = json_get(probe, "params") ? cJSON_Duplicate(json_get(probe, "params"), true)
                                           : cJSON_CreateObject();
    json_set_str(job.params, "trial", name); /* never the same request as one of before */
    job.meta = cJSON_CreateObject();
    add_output(&job, name);
    why = route_to(rules, engine, model ? model : "", &job);
    if (why) {
        err_set(e, ERR_STATE, "%s", why);
        plan_job_finish(&job);
        free(why);
        return e->code;
    }
    *ret_job = job;
    return 0;
}

static int store_trial(struct engine *en, struct drop_row *drop, struct job_row *job, struct err *e)
{
    int rc = store_begin(en->store, e);
    if (rc)
        return rc;
    rc = store_add_order(en->store, drop, job, 1, NULL, 0, NULL, 0, e);
    if (!rc)
        return store_commit(en->store, e);
    store_rollback(en->store);
    return rc;
}

static int begin(struct engine *en, const char *engine, const char *name, struct err *e)
{
    struct plan_job job = {0};
    struct job_row row = {0};
    int rc = trial_job(en->rules, engine, name, &job, e);
    if (rc)
        return rc;
    char *entry = mem_printf("trial of %s", engine);
    plan_hash_alone(&job);
    order_rows_job(&row, &job, 0);
    row.state = JOB_READY;
    row.memo = mem_dup(MEMO_AGAIN);
    struct drop_row drop = {.name = (char *)name,
                            .entry = entry,
                            .kind = (char *)TRIAL_KIND,
                            .title = job.title,
                            .subject = (char *)name,
                            .tree = (char *)"trials",
                            .digest = (char *)name,
                            .rules_digest = (char *)rules_digest(en->rules),
                            .meta = (char *)"{}",
                            .state = DROP_RUNNING,
                            .created_s = en->now_s,
                            .priority = PRIORITY_RETAKE};
    rc = store_trial(en, &drop, &row, e);
    plan_job_finish(&job);
    job_row_finish(&row);
    free(entry);
    return rc;
}

/* The moment it was asked for is its name: a command that outlives a crash is the same trial. */
int verb_trial(struct engine *en, const cJSON *command, char **ret_said, struct err *e)
{
    const char *engine = json_str(command, "engine", "");
    struct drop_row before = {0};
    char at[CLOCK_TEXT_LEN];
    clock_local(json_int(command, "asked_s", en->now_s), "%Y%m%d-%H%M%S", at);
    char *name = mem_printf("%s-trial-%s", at, engine);
    int rc = store_drop_exact(en->store, name, &before);
    drop_row_finish(&before);
    if (rc == ERR_MISSING)
        rc = begin(en, engine, name, e);
    else if (rc)
        err_set(e, rc, "the store cannot say whether %s was made", name);
    if (!rc)
        *ret_said = mem_dup(name);
    free(name);
    en->start_more = true;
    return rc;
}

/* --- how engines stand --- */

/* Of models with limits of their own: how many are under way, and are left by its word. */
static void add_models(struct engine *en, const cJSON *file, cJSON *one)
{
    const cJSON *row;
    cJSON_ArrayForEach(row, json_get(file, "models"))
    {
        const char *id;
        if (!provider_model_limits(en->rules, file->string, row->string, en->now_s, &id))
            continue;
        char *key = mem_printf("%s/%s", file->string, id);
        struct rate_view v = rate_look(en->rate, key, en->now_ms);
        if (!json_get(one, "models"))
            json_set(one, "models", cJSON_CreateObject());
        json_set_num(cJSON_GetObjectItemCaseSensitive(one, "models"), row->string, v.under_way);
        if (v.told_left >= 0 && !json_get(one, "models_left"))
            json_set(one, "models_left", cJSON_CreateObject());
        if (v.told_left >= 0)
            json_set_num(cJSON_GetObjectItemCaseSensitive(one, "models_left"), row->string,
                         v.told_left);
        free(key);
    }
}

static cJSON *stand_of(struct engine *en, const cJSON *file)
{
    const char *name = file->string;
    struct rate_view v = rate_look(en->rate, name, en->now_ms);
    enum circuit_state state = circuits_state(en->circuits, name, en->now_ms);
    int64_t at_ms = 0;
    cJSON *one = cJSON_CreateObject();
    json_set_str(one, "circuit", circuit_state_word(state));
    if (state == CIRCUIT_OPEN && !circuits_may_start(en->circuits, name, en->now_ms, &at_ms) &&
        at_ms < INT64_MAX)
        json_set_num(one, "opens_in_s", (double)((at_ms - en->now_ms + 999) / 1000));
    json_set_num(one, "under_way", v.under_way);
    if (v.minute_left >= 0)
        json_set_num(one, "minute_left", v.minute_left);
    if (v.day_left >= 0)
        json_set_num(one, "day_left", v.day_left);
    if (v.window_left >= 0)
        json_set_num(one, "window_left", v.window_left);
    if (v.told_left >= 0)
        json_set_num(one, "told_left", v.told_left);
    if (v.told_left >= 0 && v.told_of)
        json_set_num(one, "told_of", v.told_of);
    if (v.waits_until_ms > en->now_ms)
        json_set_num(one, "waits_s", (double)((v.waits_until_ms - en->now_ms + 999) / 1000));
    add_models(en, file, one);
    return one;
}

/* {engine: {circuit, under_way, ...}} as text: for `slated providers`. */
int verb_engines(struct engine *en, const cJSON *command, char **ret_said, struct err *e)
{
    cJSON *all = cJSON_CreateObject();
    const cJSON *file;
    (void)command;
    (void)e;
    cJSON_ArrayForEach(file, rules_kind(en->rules, "providers"))
        cJSON_AddItemToObject(all, file->string, stand_of(en, file));
    *ret_said = json_compact(all);
    cJSON_Delete(all);
    return 0;
}
