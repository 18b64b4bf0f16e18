/* The store comes in, read only; how the drops stand goes out, as lines or as JSON. */
/* SPDX-License-Identifier: ISC */
#include "cli/ask.h"
#include "cli/episode.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/str.h"
#include "base/utf8.h"
#include "store/store.h"

#define DROPS_SHOWN 200

static cJSON *counts_json(const struct job_counts *c)
{
    cJSON *tree = cJSON_CreateObject();
    for (int s = 0; s < JOB_STATES_N; s++)
        if (c->n[s])
            json_set_num(tree, job_state_word((enum job_state)s), c->n[s]);
    json_set_num(tree, "total", c->total);
    return tree;
}

static cJSON *drop_json(const struct drop_row *drop, const struct job_counts *c)
{
    cJSON *tree = cJSON_CreateObject();
    char at[CLOCK_TEXT_LEN];
    clock_iso(drop->created_s, at);
    json_set_str(tree, "drop", drop->name);
    json_set_str(tree, "entry", drop->entry);
    json_set_str(tree, "kind", drop->kind);
    json_set_str(tree, "title", drop->title);
    json_set_str(tree, "state", drop_state_word(drop->state));
    json_set_bool(tree, "paused", drop->paused);
    json_set_str(tree, "tree", drop->tree);
    json_set_str(tree, "created", at);
    json_set_num(tree, "cost", c->cost);
    json_set_num(tree, "price", c->price);
    json_set(tree, "jobs", counts_json(c));
    return tree;
}

static int bad_jobs(const struct job_counts *c)
{
    return c->n[JOB_FAILED] + c->n[JOB_SKIPPED] + c->n[JOB_NEEDS_PERSON];
}

static void drop_line(const struct drop_row *drop, const struct job_counts *c)
{
    char bad[40] = "", *entry = utf8_show(drop->entry);
    if (bad_jobs(c))
        str_format(bad, sizeof(bad), ", %d failed", bad_jobs(c));
    printf("%-9s %4d/%-4d %-36s %s (%s)%s\n",
           drop->paused ? "paused" : drop_state_word(drop->state), c->n[JOB_DONE] + c->n[JOB_KEPT],
           c->total, drop->name, drop->title, entry, bad);
    free(entry);
}

/* Exit code: a person must act when something has failed. */
static int status_all(struct store *store, bool json)
{
    struct drop_row *drops = NULL;
    size_t n = 0;
    cJSON *list = cJSON_CreateArray();
    int code = CLI_OK;
    if (store_drops(store, -1, DROPS_SHOWN, &drops, &n))
        code = cli_fail("the store cannot be read");
    for (size_t i = 0; i < n; i++) {
        struct job_counts c;
        memset(&c, 0, sizeof(c));
        if (store_count_jobs(store, drops[i].id, &c))
            code = cli_fail("the jobs of %s cannot be read", drops[i].name);
        if (json)
            cJSON_AddItemToArray(list, drop_json(&drops[i], &c));
        else
            drop_line(&drops[i], &c);
        if (bad_jobs(&c) && drops[i].state != DROP_CANCELLED && code == CLI_OK)
            code = CLI_PERSON;
        drop_row_finish(&drops[i]);
    }
    if (json) {
        char *text = json_pretty(list);
        fputs(text, stdout);
        free(text);
    } else if (!n) {
        puts("nothing was dropped yet");
    }
    cJSON_Delete(list);
    free(drops);
    return code;
}

static cJSON *job_json(struct store *store, const struct job_row *job)
{
    cJSON *tree = cJSON_CreateObject(), *files = cJSON_CreateArray();
    struct asset_row *assets = NULL;
    size_t n = 0;
    json_set_num(tree, "number", job->seq + 1);
    json_set_str(tree, "job", job->key);
    json_set_str(tree, "title", job->title);
    json_set_str(tree, "state", job_state_word(job->state));
    json_set_str(tree, "op", job->op);
    json_set_str(tree, "engine", job->engine);
    json_set_str(tree, "model", job->model);
    json_set_str(tree, "why", job->why_engine);
    json_set_num(tree, "attempts", job->attempts);
    json_set_num(tree, "seconds", (double)job->duration_ms / 1000);
    json_set_num(tree, "cost", job->cost);
    json_set_bool(tree, "preview", job->preview);
    json_set_str(tree, "error", job->error);
    if (store_assets_of_job(store, job->id, &assets, &n) == 0)
        for (size_t i = 0; i < n; i++) {
            cJSON *file = cJSON_CreateObject();
            json_set_str(file, "path", assets[i].path);
            json_set_str(file, "sha256", assets[i].sha256);
            json_set_num(file, "version", assets[i].version);
            cJSON_AddItemToArray(files, file);
            asset_row_finish(&assets[i]);
        }
    free(assets);
    json_set(tree, "files", files);
    return tree;
}

static void job_line(const struct job_row *job)
{
    printf("%03d %-12s %-28s %s%s%s\n", job->seq + 1, job_state_word(job->state), job->key,
           job->title, job->error ? ": " : "", job->error ? job->error : "");
}

static int status_one(struct store *store, const char *name, bool json)
{
    struct drop_row drop = {0};
    struct job_row *jobs = NULL;
    struct job_counts c;
    size_t n = 0;
    if (store_drop_named(store, name, &drop))
        return episode_status(store, name, json)
                   ? CLI_OK
                   : cli_fail("no drop is called %s; slated status lists them", name);
    if (store_count_jobs(store, drop.id, &c) || store_jobs(store, drop.id, &jobs, &n)) {
        drop_row_finish(&drop);
        return cli_fail("the jobs of %s cannot be read", name);
    }
    cJSON *tree = drop_json(&drop, &c), *list = cJSON_CreateArray();
    if (!json)
        drop_line(&drop, &c);
    for (size_t i = 0; i < n; i++) {
        if (json)
            cJSON_AddItemToArray(list, job_json(store, &jobs[i]));
        else
            job_line(&jobs[i]);
        job_row_finish(&jobs[i]);
    }
    json_set(tree, "list", list);
    char *text = json ? json_pretty(tree) : NULL;
    fputs(text ? text : "", stdout);
    free(text);
    free(jobs);
    cJSON_Delete(tree);
    drop_row_finish(&drop);
    return bad_jobs(&c) ? CLI_PERSON : CLI_OK;
}

int cli_run_status(const struct cli *cli)
{
    struct store *store = ask_store(cli);
    if (!store)
        return CLI_ERROR;
    int code =
        cli->args_n ? status_one(store, cli->args[0], cli->json) : status_all(store, cli->json);
    store_close(store);
    return code;
}
