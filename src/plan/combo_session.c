/* The documents of a batch as record templates: the session log, from which a person or a program
 * resumes, and a manifest of the files.
 *
 *   <timestamp>-session.json  {session_id, started, config, jobs[{id, prompt_file, combo, status,
 *                             attempts, output, error, started, completed}],
 *                             summary{total, completed, failed, pending}}
 *   <drop>-manifest.json      {session_id, files[{id, file, sha256, bytes, width, height, engine,
 *                             model, seed, cost, ...}]} */
/* SPDX-License-Identifier: ISC */
#include <stdlib.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"
#include "plan/batch.h"
#include "plan/naming.h"
#include "plan/refer.h"

#define SESSION_TIME                                                                               \
    "%Y-%m-%dT%H:%M:%S" /* local, without zone, as the logs of this kind have it                   \
                         */

/* Texts in the order they first come, each once. */
static void add_once(cJSON *list, const char *text)
{
    const cJSON *item;
    cJSON_ArrayForEach(item, list)
    {
        if (str_eq(item->valuestring, text))
            return;
    }
    cJSON_AddItemToArray(list, cJSON_CreateString(text));
}

static char *joined(const cJSON *list)
{
    const cJSON *item;
    struct buf text;
    buf_init(&text, 1024);
    cJSON_ArrayForEach(item, list)
        buf_printf(&text, "%s%s", text.len ? ", " : "", item->valuestring);
    return buf_take(&text);
}

static void set_joined(cJSON *object, const char *name, cJSON *takes_list)
{
    char *text = joined(takes_list);
    json_set_str(object, name, text);
    free(text);
    cJSON_Delete(takes_list);
}

/* What the jobs of the plan have under a name of their meta, each value once. */
static cJSON *distinct(const struct batch *b, const char *name)
{
    cJSON *list = cJSON_CreateArray();
    for (size_t i = 0; i < b->plan->jobs_n; i++)
        add_once(list, json_str(b->plan->jobs[i].meta, name, ""));
    return list;
}

static cJSON *session_config(const struct batch *b)
{
    cJSON *config = cJSON_CreateObject();
    set_joined(config, "wardrobe", distinct(b, "wardrobe"));
    json_set(config, "catalogs", distinct(b, "catalog"));
    set_joined(config, "ui_style", distinct(b, "ui_style"));
    set_joined(config, "quality", distinct(b, "quality"));
    return config;
}

static cJSON *session_job(const struct batch *b, const struct plan_job *j)
{
    cJSON *entry = cJSON_CreateObject();
    json_set_str(entry, "id", j->key);
    json_set_str(entry, "prompt_file", json_str(j->meta, "prompt_file", ""));
    json_set_str(entry, "combo", json_str(j->meta, "combo", ""));
    json_set(entry, "status", refer_state(j->key, json_get(b->rules, "words")));
    json_set(entry, "attempts", refer_job("attempts", j->key));
    json_set(entry, "output", refer_output("path", j->key, "picture"));
    json_set(entry, "error", refer_job_else("error", j->key, cJSON_CreateNull()));
    json_set(entry, "started", refer_when("started", j->key, SESSION_TIME));
    json_set(entry, "completed", refer_when("completed", j->key, SESSION_TIME));
    return entry;
}

/* Whatever is neither completed nor failed is pending, so that the three make up the total. */
static cJSON *session_summary(void)
{
    static const char *const completed[] = {"done"};
    static const char *const failed[] = {"failed", "skipped", "cancelled"};
    static const char *const pending[] = {"waiting", "ready", "running",
                                          "held",    "made",  "needs_person"};
    cJSON *summary = cJSON_CreateObject();
    json_set(summary, "total", refer_count(NULL, 0));
    json_set(summary, "completed", refer_count(completed, 1));
    json_set(summary, "failed", refer_count(failed, 3));
    json_set(summary, "pending", refer_count(pending, 6));
    return summary;
}

static cJSON *session_head(const struct batch *b)
{
    cJSON *doc = cJSON_CreateObject();
    json_set_str(doc, "@base", json_str(b->naming, "tree", "Result_images"));
    json_set_str(doc, "session_id", b->timestamp);
    json_set(doc, "started", refer_when("created", NULL, SESSION_TIME));
    json_set(doc, "config", session_config(b));
    return doc;
}

static cJSON *manifest_file(const struct plan_job *j)
{
    static const char *const outputs[] = {"sha256", "bytes", "width", "height"};
    static const char *const jobwise[] = {"engine",  "model",  "cost",
                                          "seconds", "prompt", "preview"};
    cJSON *entry = cJSON_CreateObject();

    json_set_str(entry, "id", j->key);
    json_set(entry, "file", refer_output("path", j->key, "picture"));
    for (size_t i = 0; i < sizeof outputs / sizeof *outputs; i++)
        json_set(entry, outputs[i], refer_output(outputs[i], j->key, "picture"));
    json_set_num(entry, "seed", json_num(j->meta, "seed", 0));
    for (size_t i = 0; i < sizeof jobwise / sizeof *jobwise; i++)
        json_set(entry, jobwise[i], refer_job_else(jobwise[i], j->key, cJSON_CreateNull()));
    json_set(entry, "gate_results", refer_job_else("gates", j->key, cJSON_CreateObject()));
    return entry;
}

/* Adds the document under every name that rules/naming gives it. */
static void add_document(struct batch *b, const char *name, cJSON *takes_body)
{
    cJSON *values = cJSON_CreateObject();
    const cJSON *pattern;

    json_set_str(values, "timestamp", b->timestamp);
    json_set_str(values, "drop", b->ctx->drop_id);
    cJSON_ArrayForEach(pattern, json_get(b->naming, name))
    {
        char *path = NULL;
        struct err e = {0};
        if (naming_fill(pattern->valuestring, values, &path, &e) == 0)
            plan_add_record(b->plan, path, "json", false, cJSON_Duplicate(takes_body, true));
        else
            faults_add(b->faults, "NAMING", "rules/naming/combos.json", name, e.text,
                       "Correct it.");
        free(path);
    }
    cJSON_Delete(values);
    cJSON_Delete(takes_body);
}

void batch_add_session(struct batch *b)
{
    cJSON *log = session_head(b), *manifest = session_head(b);
    cJSON *jobs = cJSON_CreateArray(), *files = cJSON_CreateArray();

    for (size_t i = 0; i < b->plan->jobs_n; i++) {
        cJSON_AddItemToArray(jobs, session_job(b, &b->plan->jobs[i]));
        cJSON_AddItemToArray(files, manifest_file(&b->plan->jobs[i]));
    }
    json_set(log, "jobs", jobs);
    json_set(log, "summary", session_summary());
    json_set(manifest, "files", files);
    add_document(b, "session", log);
    add_document(b, "manifest", manifest);
}
