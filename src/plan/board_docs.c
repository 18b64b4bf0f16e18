/* The documents of an episode as record templates.
 *
 *   storyboard_ep_001.json      the board as it was taken
 *   shotlist_ep_001.json        {project_code, episode, from_storyboard,
 *                               shots[{asset_name, approach, stills[], video[], post[]}]}
 *   previz/previz_manifest.json {project, episode, created_at, model, width, height, steps,
 *                               total_cost_usd, shots[]}
 *   dailies_ep_001.json         {episode, shots: {asset_name: {status, note, ...}}}
 *   assets_manifest.json        every file of the episode with its sum, size, engine and price,
 *                               and whether it stands in for a better one */
/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/str.h"
#include "plan/board.h"
#include "plan/refer.h"

static void add_board_copy(struct board *b);
static void add_shotlist(struct board *b);
static void add_previz_manifest(struct board *b);
static void add_dailies(struct board *b);
static void add_manifest(struct board *b);

void board_add_documents(struct board *b)
{
    add_board_copy(b);
    add_shotlist(b);
    add_previz_manifest(b);
    add_dailies(b);
    add_manifest(b);
}

static const cJSON *words(const struct board *b, const char *name)
{
    return json_get(json_get(b->rules.plan, "words"), name);
}

static void set_board(const struct board *b, cJSON *doc)
{
    json_set_str(doc, "project", b->project);
    json_set_num(doc, "episode", json_num(b->order->doc, "episode", 0));
}

static void set_size(const struct board *b, cJSON *doc, const char *size)
{
    int width, height;
    board_size(b, size, &width, &height);
    json_set_num(doc, "width", width);
    json_set_num(doc, "height", height);
}

static void add_board_copy(struct board *b)
{
    board_add_record(b, "board", "json", cJSON_Duplicate(b->order->doc, true));
}

/* --- shotlist --- */

static cJSON *adapters(const struct board *b, const struct shot *shot)
{
    const cJSON *cast = json_get(shot->doc, "characters_in_shot"), *who;
    const cJSON *scales = json_get(b->rules.plan, "adapter_scale");
    double scale = json_num(scales, cJSON_GetArraySize(cast) > 1 ? "more" : "one", 1);
    cJSON *list = cJSON_CreateArray();

    cJSON_ArrayForEach(who, cast)
    {
        cJSON *one = cJSON_CreateObject();
        json_set_str(one, "character", cJSON_IsString(who) ? who->valuestring : "");
        json_set_num(one, "scale", scale);
        cJSON_AddItemToArray(list, one);
    }
    return list;
}

static cJSON *shotlist_still(const struct board *b, const struct shot *shot, const cJSON *still)
{
    const char *role = json_str(still, "role", "first");
    cJSON *spec = cJSON_CreateObject();

    json_set_str(spec, "role", role);
    json_set_str(spec, "prompt", shot_first_prompt(shot, json_get(still, "prompt"), NULL));
    set_size(b, spec, str_eq(role, "strip") ? "strip" : "keyframe");
    json_set_num(spec, "steps", json_num(b->rules.plan, "still_steps", 28));
    json_set_num(spec, "seed", (double)shot->seed);
    json_set(spec, "loras", adapters(b, shot));
    return spec;
}

/* "upscale" says to which size. */
static cJSON *shotlist_post(const struct board *b, const struct shot *shot)
{
    cJSON *list = cJSON_CreateArray();
    const cJSON *step;
    int width, height;

    board_size(b, "keyframe", &width, &height);
    cJSON_ArrayForEach(step, json_get(shot->way, "post"))
    {
        char *text = str_eq(step->valuestring, "upscale")
                         ? mem_printf("upscale:%dx%d", width, height)
                         : mem_dup(step->valuestring);
        cJSON_AddItemToArray(list, cJSON_CreateString(text));
        free(text);
    }
    return list;
}

static cJSON *shotlist_shot(const struct board *b, const struct shot *shot)
{
    cJSON *entry = cJSON_CreateObject(), *stills = cJSON_CreateArray();
    const cJSON *still, *segments = json_get(shot->way, "segments");

    json_set_str(entry, "shot_id", shot->id);
    json_set_str(entry, "asset_name", shot->asset_name);
    json_set_str(entry, "approach", shot->approach);
    json_set_num(entry, "duration_s", shot->seconds);
    cJSON_ArrayForEach(still, json_get(shot->way, "stills"))
        cJSON_AddItemToArray(stills, shotlist_still(b, shot, still));
    json_set(entry, "stills", stills);
    json_set(entry, "video", segments ? cJSON_Duplicate(segments, true) : cJSON_CreateArray());
    json_set(entry, "post", shotlist_post(b, shot));
    json_set_str(entry, "motion_prompt", shot_prompt(shot, "motion_prompt"));
    json_set_str(entry, "negative_prompt", json_str(shot->doc, "negative_prompt", NULL));
    return entry;
}

static void add_shotlist(struct board *b)
{
    cJSON *doc = cJSON_CreateObject(), *shots = cJSON_CreateArray();
    const cJSON *names = json_get(json_get(b->rules.naming, "documents"), "board");
    char *from = board_path(b, json_str(names, "/0", ""), NULL, NULL);

    json_set_str(doc, "project_code", json_str(b->order->doc, "project_code", NULL));
    json_set_num(doc, "episode", json_num(b->order->doc, "episode", 0));
    json_set_str(doc, "from_storyboard", path_base(from));
    for (size_t i = 0; i < b->shots_n; i++)
        cJSON_AddItemToArray(shots, shotlist_shot(b, &b->shots[i]));
    json_set(doc, "shots", shots);
    board_add_record(b, "shotlist", "json", doc);
    free(from);
}

/* --- previz manifest --- */

static cJSON *previz_shot(const struct board *b, const struct shot *shot)
{
    cJSON *entry = cJSON_CreateObject();
    char *key = board_key(shot, "previz");

    json_set_str(entry, "shot_id", shot->id);
    json_set_str(entry, "asset_name", shot->asset_name);
    json_set_str(entry, "approach", shot->approach);
    json_set(entry, "prompt_source", refer_meta(key, "prompt_source"));
    json_set(entry, "file", refer_output("path", key, "picture"));
    json_set_num(entry, "seed", (double)shot->seed);
    json_set(entry, "status", refer_state(key, words(b, "previz")));
    json_set(entry, "error", refer_job_else("error", key, cJSON_CreateString("")));
    json_set(entry, "sha256", refer_output("sha256", key, "picture"));
    json_set(entry, "seconds", refer_job_else("seconds", key, cJSON_CreateNull()));
    json_set(entry, "cost_usd", refer_job_else("cost", key, cJSON_CreateNull()));
    json_set(entry, "preview", refer_job("preview", key));
    json_set(entry, "gate_results", refer_job_else("gates", key, cJSON_CreateObject()));
    free(key);
    return entry;
}

/* What the previz frames have cost, without keyframes and clips. */
static cJSON *previz_cost(const struct board *b)
{
    cJSON *sum = refer("sum"), *jobs = cJSON_CreateArray();
    for (size_t i = 0; i < b->shots_n; i++) {
        char *key = board_key(&b->shots[i], "previz");
        cJSON_AddItemToArray(jobs, cJSON_CreateString(key));
        free(key);
    }
    json_set_str(sum, "of", "cost");
    json_set(sum, "jobs", jobs);
    return sum;
}

static void add_previz_manifest(struct board *b)
{
    cJSON *doc = cJSON_CreateObject(), *shots = cJSON_CreateArray();
    char *key = board_key(&b->shots[0], "previz");

    json_set_str(doc, "@base", b->tree);
    set_board(b, doc);
    json_set(doc, "created_at", refer("created"));
    json_set(doc, "engine", refer_job("engine", key));
    json_set(doc, "model", refer_job("model", key));
    set_size(b, doc, "previz");
    json_set_num(doc, "steps", json_num(b->rules.plan, "previz_steps", 8));
    json_set_num(doc, "est_cost_per_shot_usd", 0);
    for (size_t i = 0; i < b->plan->jobs_n; i++) {
        if (str_eq(b->plan->jobs[i].key, key))
            json_set_num(doc, "est_cost_per_shot_usd", b->plan->jobs[i].price);
    }
    json_set(doc, "total_cost_usd", previz_cost(b));
    for (size_t i = 0; i < b->shots_n; i++)
        cJSON_AddItemToArray(shots, previz_shot(b, &b->shots[i]));
    json_set(doc, "shots", shots);
    board_add_record(b, "previz_manifest", "json", doc);
    free(key);
}

/* --- dailies --- */

/* A status the board brings stays; "pending" becomes "generated" with the clip. */
static cJSON *daily_status(const struct board *b, const struct shot *shot)
{
    const char *given = json_str(shot->doc, "status", "pending");
    char *key = board_key(shot, "clip");
    cJSON *status = str_eq(given, "pending") ? refer_state(key, words(b, "dailies"))
                                             : cJSON_CreateString(given);
    free(key);
    return status;
}

/* Filled in when the document is written: what people did to the shot by hand. */
static cJSON *gate_results(const struct board *b, const struct shot *shot)
{
    cJSON *hand = refer("hand");
    char *unit = board_unit(b, shot);
    json_set_str(hand, "unit", unit);
    free(unit);
    return hand;
}

static void add_dailies(struct board *b)
{
    cJSON *doc = cJSON_CreateObject(), *shots = cJSON_CreateObject();

    json_set_num(doc, "episode", json_num(b->order->doc, "episode", 0));
    for (size_t i = 0; i < b->shots_n; i++) {
        cJSON *entry = cJSON_CreateObject();
        json_set(entry, "status", daily_status(b, &b->shots[i]));
        json_set_str(entry, "note", "");
        json_set(entry, "reviewed_at", cJSON_CreateNull());
        json_set(entry, "history", cJSON_CreateArray());
        json_set(entry, "gate_results", gate_results(b, &b->shots[i]));
        json_set(shots, b->shots[i].asset_name, entry);
    }
    json_set(doc, "shots", shots);
    board_add_record(b, "dailies", "json", doc);
}

/* --- asset manifest --- */

static cJSON *meta_or_null(const struct plan_job *j, const char *name)
{
    const cJSON *value = json_get(j->meta, name);
    return value ? cJSON_Duplicate(value, true) : cJSON_CreateNull();
}

static cJSON *manifest_file(const struct board *b, const struct plan_job *j,
                            const struct plan_output *out)
{
    static const char *const numbers[] = {"sha256", "bytes", "width", "height"};
    static const char *const jobwise[] = {"engine", "model",   "prompt", "attempts",
                                          "cost",   "seconds", "error",  "preview"};
    cJSON *entry = cJSON_CreateObject();

    json_set(entry, "shot_id", meta_or_null(j, "shot_id"));
    json_set_str(entry, "job", j->key);
    json_set_str(entry, "role", out->role);
    json_set(entry, "file", refer_output("path", j->key, out->role));
    json_set(entry, "status", refer_state(j->key, words(b, "manifest")));
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        json_set(entry, numbers[i], refer_output(numbers[i], j->key, out->role));
    json_set(entry, "seed", meta_or_null(j, "seed"));
    for (size_t i = 0; i < sizeof jobwise / sizeof *jobwise; i++)
        json_set(entry, jobwise[i], refer_job_else(jobwise[i], j->key, cJSON_CreateNull()));
    json_set(entry, "gate_results", refer_job_else("gates", j->key, cJSON_CreateObject()));
    return entry;
}

static void add_manifest(struct board *b)
{
    cJSON *doc = cJSON_CreateObject(), *files = cJSON_CreateArray();

    json_set_str(doc, "@base", b->tree);
    set_board(b, doc);
    json_set_str(doc, "aspect_ratio", b->aspect_name);
    json_set(doc, "created_at", refer("created"));
    json_set(doc, "updated_at", refer("now"));
    json_set(doc, "drop", refer("drop"));
    for (size_t i = 0; i < b->plan->jobs_n; i++) {
        const struct plan_job *j = &b->plan->jobs[i];
        for (size_t k = 0; k < j->outs_n; k++)
            cJSON_AddItemToArray(files, manifest_file(b, j, &j->outs[k]));
    }
    json_set(doc, "files", files);
    board_add_record(b, "manifest", "json", doc);
}
