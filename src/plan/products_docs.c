/* The planned jobs of a set come in; the documents that tell about them go into the plan, as
 * templates (assets/record.h):
 *
 *   assets/dzine/assets_manifest.json   every picture with its prompt, state and provenance
 *   assets/dzine/result.json            what was made, what failed
 *   status.json                         how far the video has come
 *   inputs/products.json, niche.txt     what it was made from */
/* SPDX-License-Identifier: ISC */
#include "plan/products_priv.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"

/* --- references --- */

static cJSON *ref_new(const char *what, const char *job)
{
    cJSON *ref = cJSON_CreateObject();
    json_set_str(ref, "@", what);
    if (job)
        json_set_str(ref, "job", job);
    return ref;
}

/* A reference that is an empty text while there is nothing to tell. */
static cJSON *ref_text(const char *what, const char *job)
{
    cJSON *ref = ref_new(what, job);
    json_set_str(ref, "else", "");
    return ref;
}

/* What the engine told of the making; an empty text, or 0, while it told nothing. */
static cJSON *ref_fact(const char *name, const char *job, bool number)
{
    cJSON *ref = ref_new("fact", job);
    json_set_str(ref, "name", name);
    if (number)
        json_set_num(ref, "else", 0);
    else
        json_set_str(ref, "else", "");
    return ref;
}

static cJSON *ref_sum(const char *of, const char *name)
{
    cJSON *ref = ref_new("sum", NULL);
    json_set_str(ref, "of", of);
    if (name)
        json_set_str(ref, "name", name);
    return ref;
}

static cJSON *ref_meta(const char *name)
{
    cJSON *ref = ref_new("meta", NULL);
    json_set_str(ref, "name", name);
    return ref;
}

static cJSON *list_of(const char *const *words, size_t n)
{
    cJSON *list = cJSON_CreateArray();
    for (size_t i = 0; i < n; i++)
        cJSON_AddItemToArray(list, cJSON_CreateString(words[i]));
    return list;
}

static cJSON *open_states(void)
{
    static const char *const words[] = {"waiting", "ready", "running",
                                        "held",    "made",  "needs_person"};
    return list_of(words, sizeof words / sizeof *words);
}

static cJSON *failed_states(void)
{
    static const char *const words[] = {"failed", "skipped", "cancelled"};
    return list_of(words, sizeof words / sizeof *words);
}

/* Parts joined into one text; takes the items. */
static cJSON *joined(cJSON *a, cJSON *b, cJSON *c)
{
    cJSON *ref = ref_new("text", NULL), *parts = cJSON_CreateArray();
    cJSON *items[] = {a, b, c};
    for (size_t i = 0; i < 3; i++)
        if (items[i])
            cJSON_AddItemToArray(parts, items[i]);
    json_set(ref, "parts", parts);
    return ref;
}

static cJSON *over_jobs(const char *what, cJSON *takes_states, const cJSON *jobs, cJSON *takes_item)
{
    cJSON *ref = ref_new(what, NULL);
    json_set(ref, "state", takes_states);
    if (jobs)
        json_set(ref, "jobs", cJSON_Duplicate(jobs, true));
    if (takes_item)
        json_set(ref, "item", takes_item);
    return ref;
}

/* --- which jobs --- */

static bool is_of(const struct plan_job *j, const char *asset)
{
    return str_eq(json_str(j->meta, "asset_type", ""), asset);
}

/* Keys of the jobs that make a picture of one of these types. */
static cJSON *keys_of(const struct plan *p, const char *const *assets, size_t n)
{
    cJSON *keys = cJSON_CreateArray();
    for (size_t i = 0; i < p->jobs_n; i++)
        for (size_t k = 0; k < n; k++)
            if (is_of(&p->jobs[i], assets[k]))
                cJSON_AddItemToArray(keys, cJSON_CreateString(p->jobs[i].key));
    return keys;
}

static const char *const of_products[] = {"product", "product_faithful"};
static const char *const of_set[] = {"thumbnail", "product", "product_faithful"};
static const char *const of_sheets[] = {"character_sheet"};
static const char *const of_scenes[] = {"character_scene"};
static const char *const of_all[] = {"thumbnail",      "product",     "product_faithful",
                                     "background",     "avatar_base", "character_sheet",
                                     "character_scene"};

/* --- the manifest --- */

static const char *below_tree(const struct product_set *s, const char *path)
{
    size_t len = strlen(s->tree);
    return str_starts(path, s->tree) && path[len] == '/' ? path + len + 1 : path;
}

/* The photo a picture was made after: the fetched one, the frozen one below the root, or "". */
static cJSON *photo_value(const struct plan_job *j)
{
    for (size_t i = 0; i < j->ins_n; i++) {
        if (!str_eq(j->ins[i].name, "ref") && !str_eq(j->ins[i].name, "face"))
            continue;
        if (j->ins[i].job)
            return ref_text("path", j->ins[i].job);
        char *below = mem_printf("/%s", j->ins[i].file);
        cJSON *path =
            joined(cJSON_CreateString("taken/"), ref_new("drop", NULL), cJSON_CreateString(below));
        free(below);
        return path;
    }
    return cJSON_CreateString("");
}

static cJSON *state_value(const char *job)
{
    static const char *const words[][2] = {{"done", "done"},        {"kept", "done"},
                                           {"failed", "failed"},    {"skipped", "failed"},
                                           {"cancelled", "failed"}, {"*", "pending"}};
    cJSON *ref = ref_new("state", job), *map = cJSON_CreateObject();
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        json_set_str(map, words[i][0], words[i][1]);
    json_set(ref, "words", map);
    return ref;
}

/* Where the file comes from, for whoever finds it in a year. */
static void add_provenance(cJSON *entry, const struct plan_job *j)
{
    static const char *const facts[] = {"sha256", "bytes",    "width", "height",  "engine",
                                        "model",  "attempts", "cost",  "seconds", "completed"};
    for (size_t i = 0; i < sizeof facts / sizeof *facts; i++)
        json_set(entry, facts[i], ref_new(facts[i], j->key));
    if (json_get(j->params, "seed"))
        json_set_num(entry, "seed", json_num(j->params, "seed", 0));
    cJSON *notes = ref_fact("notes", j->key, false);
    json_set(notes, "else", cJSON_CreateArray());
    json_set(entry, "credits", ref_fact("credits", j->key, true));
    json_set(entry, "procedure", ref_fact("procedure", j->key, false));
    json_set(entry, "notes", notes);
    json_set(entry, "request_hash", ref_new("hash", j->key));
    json_set(entry, "preview", ref_new("preview", j->key));
    cJSON *gates = ref_new("gates", j->key);
    json_set(gates, "else", cJSON_CreateObject());
    json_set(entry, "gate_results", gates);
}

static cJSON *manifest_entry(const struct product_set *s, const struct plan_job *j)
{
    cJSON *entry = cJSON_CreateObject();
    bool thumbnail = is_of(j, "thumbnail");
    json_set_str(entry, "label", j->key);
    json_set_str(entry, "asset_type", json_str(j->meta, "asset_type", ""));
    json_set_num(entry, "rank", thumbnail ? 0 : json_num(j->meta, "rank", 0));
    json_set_str(entry, "variant", json_str(j->meta, "variant", ""));
    json_set_str(entry, "product_name", json_str(j->meta, "product_name", ""));
    json_set(entry, "prompt", ref_text("prompt", j->key));
    json_set(entry, "negative_prompt", ref_text("negative", j->key));
    if (!thumbnail)
        json_set(entry, "reference_image", photo_value(j));
    json_set_str(entry, "output_path", below_tree(s, j->outs[0].path));
    json_set(entry, "status", state_value(j->key));
    json_set(entry, "image_url", ref_fact("image_url", j->key, false));
    json_set(entry, "error", ref_text("error", j->key));
    add_provenance(entry, j);
    return entry;
}

static void add_sums(cJSON *body)
{
    json_set(body, "credits", ref_sum("fact", "credits"));
    json_set(body, "cost", ref_sum("cost", NULL));
    json_set(body, "seconds", ref_sum("seconds", NULL));
}

static cJSON *manifest_body(const struct product_set *s)
{
    cJSON *body = cJSON_CreateObject(), *entries = cJSON_CreateArray(),
          *others = cJSON_CreateArray();
    json_set_str(body, "@base", s->tree);
    json_set_str(body, "video_id", s->video_id);
    json_set_str(body, "niche", s->niche);
    json_set_str(body, "category", s->category);
    json_set(body, "created_at", ref_new("created", NULL));
    json_set(body, "updated_at", ref_new("now", NULL));
    for (size_t i = 0; i < s->plan->jobs_n; i++) {
        const struct plan_job *j = &s->plan->jobs[i];
        bool listed = is_of(j, "thumbnail") || is_of(j, "product");
        if (!is_of(j, "reference"))
            cJSON_AddItemToArray(listed ? entries : others, manifest_entry(s, j));
    }
    json_set(body, "entries", entries);
    json_set(body, "others", others);
    add_sums(body);
    return body;
}

/* --- the result --- */

static cJSON *file_item(void)
{
    cJSON *item = cJSON_CreateObject();
    json_set(item, "path", ref_new("path", NULL));
    json_set(item, "url", ref_fact("image_url", NULL, false));
    json_set(item, "sha256", ref_new("sha256", NULL));
    return item;
}

static cJSON *generated_item(void)
{
    cJSON *item = cJSON_CreateObject();
    json_set(item, "rank", ref_meta("rank"));
    json_set(item, "variant", ref_meta("variant"));
    json_set(item, "path", ref_new("path", NULL));
    json_set(item, "url", ref_fact("image_url", NULL, false));
    json_set(item, "sha256", ref_new("sha256", NULL));
    return item;
}

static cJSON *failed_item(void)
{
    cJSON *item = cJSON_CreateObject();
    json_set(item, "rank", ref_meta("rank"));
    json_set(item, "variant", ref_meta("variant"));
    json_set(item, "error", ref_text("error", NULL));
    return item;
}

static void add_single(const struct product_set *s, cJSON *body, const char *member,
                       const char *asset)
{
    cJSON *jobs = keys_of(s->plan, &asset, 1);
    json_set(body, member, over_jobs("first", cJSON_CreateString("done"), jobs, file_item()));
    cJSON_Delete(jobs);
}

/* A list of what was made of one type; nothing where the set has none of it. */
static void add_made(const struct product_set *s, cJSON *body, const char *member,
                     const char *const asset[1])
{
    cJSON *jobs = keys_of(s->plan, asset, 1);
    if (cJSON_GetArraySize(jobs) > 0)
        json_set(body, member, over_jobs("list", cJSON_CreateString("done"), jobs, file_item()));
    cJSON_Delete(jobs);
}

static cJSON *result_body(const struct product_set *s)
{
    cJSON *body = cJSON_CreateObject();
    cJSON *products = keys_of(s->plan, of_products, 2), *set = keys_of(s->plan, of_set, 3);
    cJSON *all = keys_of(s->plan, of_all, sizeof of_all / sizeof *of_all);
    json_set_str(body, "@base", s->tree);
    json_set(body, "generated",
             over_jobs("list", cJSON_CreateString("done"), products, generated_item()));
    json_set(body, "failed", over_jobs("list", failed_states(), all, failed_item()));
    add_single(s, body, "thumbnail", "thumbnail");
    add_single(s, body, "background", "background");
    add_single(s, body, "avatar_frame", "avatar_base");
    add_made(s, body, "character_sheets", of_sheets);
    add_made(s, body, "character_scenes", of_scenes);
    json_set(body, "total", over_jobs("count", cJSON_CreateString("done"), set, NULL));
    json_set(body, "total_failed", over_jobs("count", failed_states(), all, NULL));
    add_sums(body);
    cJSON_Delete(products);
    cJSON_Delete(set);
    cJSON_Delete(all);
    return body;
}

/* --- the status --- */

/* One value while something is still to be done, another afterwards. */
static cJSON *until_done(const char *open, cJSON *takes_closed)
{
    cJSON *ref = over_jobs("first", open_states(), NULL, cJSON_CreateString(open));
    json_set(ref, "else", takes_closed);
    return ref;
}

static cJSON *error_item(void)
{
    cJSON *item = cJSON_CreateObject();
    json_set_str(item, "stage", "assets");
    json_set(item, "milestone", ref_new("key", NULL));
    json_set(item, "error", ref_text("error", NULL));
    json_set(item, "ts", ref_text("completed", NULL));
    return item;
}

static cJSON *title_and_error(void)
{
    return joined(ref_new("title", NULL), cJSON_CreateString(": "), ref_text("error", NULL));
}

static cJSON *blocked_states(void)
{
    static const char *const words[] = {"held", "needs_person"};
    return list_of(words, 2);
}

static cJSON *status_body(const struct product_set *s)
{
    cJSON *body = cJSON_CreateObject(), *stages = cJSON_CreateObject();
    cJSON *next = over_jobs("first", failed_states(), NULL, title_and_error());
    json_set_str(next, "else", "");
    json_set_str(body, "video_id", s->video_id);
    json_set_str(body, "stage", "assets");
    json_set(body, "milestone",
             until_done("generating", cJSON_CreateString("product_images_done")));
    json_set(body, "progress_done", over_jobs("count", cJSON_CreateString("done"), NULL, NULL));
    json_set_num(body, "progress_total", (double)s->plan->jobs_n);
    json_set(body, "started_at", ref_new("created", NULL));
    json_set(body, "updated_at", ref_new("now", NULL));
    json_set(body, "completed_at", until_done("", ref_new("now", NULL)));
    json_set_num(body, "last_notify_at", 0);
    json_set_str(body, "last_notify_key", "");
    json_set(body, "errors", over_jobs("list", failed_states(), NULL, error_item()));
    json_set(stages, "assets", until_done("", ref_new("now", NULL)));
    json_set(body, "stages_done", stages);
    json_set(body, "next_action", next);
    json_set(body, "blockers", over_jobs("list", blocked_states(), NULL, title_and_error()));
    return body;
}

/* --- all of them --- */

static void add_document(struct product_set *s, const char *name, const char *format,
                         cJSON *takes_body)
{
    char *path = products_path(s, name, NULL, NULL);
    if (path)
        plan_add_record(s->plan, path, format, false, takes_body);
    else
        cJSON_Delete(takes_body);
    free(path);
}

void products_add_documents(struct product_set *s)
{
    add_document(s, "manifest", "json", manifest_body(s));
    add_document(s, "result", "json", result_body(s));
    add_document(s, "status", "json", status_body(s));
    add_document(s, "inputs", "json", cJSON_Duplicate(s->order->doc, true));
    if (*s->niche) {
        cJSON *niche = cJSON_CreateObject();
        char *line = mem_printf("%s\n", s->niche);
        json_set_str(niche, "text", line);
        add_document(s, "niche", "text", niche);
        free(line);
    }
}
