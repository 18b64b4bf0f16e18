/* A plan comes in; its JSON form for programs and for taken/<drop-id>/plan.json goes out. The page
 * for people is show_text.c. */
/* SPDX-License-Identifier: ISC */
#include "plan/plan.h"

#include "base/json.h"

/* Adds the text when there is one. */
static void set_some(cJSON *object, const char *name, const char *text)
{
    if (text && *text)
        json_set_str(object, name, text);
}

static cJSON *inputs_json(const struct plan_job *j)
{
    cJSON *list = cJSON_CreateArray();
    for (size_t i = 0; i < j->ins_n; i++) {
        const struct plan_input *in = &j->ins[i];
        cJSON *item = cJSON_CreateObject();
        json_set_str(item, "name", in->name);
        set_some(item, "job", in->job);
        set_some(item, "role", in->role);
        set_some(item, "file", in->file);
        set_some(item, "sha256", in->sha256);
        if (in->soft)
            json_set_bool(item, "soft", true);
        if (in->wait)
            json_set_bool(item, "wait", true);
        cJSON_AddItemToArray(list, item);
    }
    return list;
}

static cJSON *outputs_json(const struct plan_job *j)
{
    cJSON *list = cJSON_CreateArray();
    for (size_t i = 0; i < j->outs_n; i++) {
        cJSON *item = cJSON_CreateObject();
        json_set_str(item, "role", j->outs[i].role);
        json_set_str(item, "path", j->outs[i].path);
        json_set_str(item, "slot", j->outs[i].slot);
        cJSON_AddItemToArray(list, item);
    }
    return list;
}

static cJSON *job_json(const struct plan_job *j)
{
    cJSON *o = cJSON_CreateObject();
    json_set_str(o, "key", j->key);
    json_set_str(o, "title", j->title);
    json_set_str(o, "op", j->op);
    json_set_str(o, "engine", j->engine);
    json_set_str(o, "model", j->model);
    set_some(o, "why_engine", j->why_engine);
    json_set(o, "inputs", inputs_json(j));
    json_set(o, "outputs", outputs_json(j));
    set_some(o, "prompt", j->prompt);
    set_some(o, "negative", j->negative);
    set_some(o, "prompt_path", j->prompt_path);
    if (j->params)
        json_set(o, "params", cJSON_Duplicate(j->params, true));
    if (j->meta)
        json_set(o, "meta", cJSON_Duplicate(j->meta, true));
    json_set_num(o, "price", j->price);
    if (j->unpriced)
        json_set_bool(o, "price_unknown", true);
    json_set_num(o, "attempts", j->attempts);
    json_set_num(o, "seconds", j->seconds);
    json_set_bool(o, "preview", j->preview);
    json_set_str(o, "hash", j->hash);
    return o;
}

static cJSON *notes_json(const struct faults *notes)
{
    cJSON *list = cJSON_CreateArray();
    for (size_t i = 0; i < notes->n; i++) {
        const struct fault *f = &notes->list[i];
        cJSON *item = cJSON_CreateObject();
        set_some(item, "code", f->code);
        set_some(item, "place", f->place);
        set_some(item, "found", f->found);
        set_some(item, "expected", f->expected);
        set_some(item, "cure", f->cure);
        cJSON_AddItemToArray(list, item);
    }
    return list;
}

cJSON *plan_to_json(const struct plan *p)
{
    cJSON *o = cJSON_CreateObject(), *jobs = cJSON_CreateArray(), *records = cJSON_CreateArray();
    int seconds = 0;
    for (size_t i = 0; i < p->jobs_n; i++) {
        cJSON_AddItemToArray(jobs, job_json(&p->jobs[i]));
        seconds += p->jobs[i].seconds;
    }
    for (size_t i = 0; i < p->records_n; i++) {
        cJSON *item = cJSON_CreateObject();
        json_set_str(item, "path", p->records[i].path);
        json_set_str(item, "format", p->records[i].format);
        json_set_bool(item, "at_end", p->records[i].at_end);
        cJSON_AddItemToArray(records, item);
    }
    json_set_str(o, "kind", p->kind);
    json_set_str(o, "title", p->title);
    json_set_str(o, "subject", p->subject);
    json_set_str(o, "tree", p->tree);
    json_set_num(o, "price", p->price);
    json_set_num(o, "price_worst", p->price_worst);
    json_set_num(o, "seconds", seconds);
    json_set_str(o, "rules_digest", p->rules_digest);
    json_set(o, "jobs", jobs);
    json_set(o, "records", records);
    json_set(o, "notes", notes_json(&p->notes));
    return o;
}
