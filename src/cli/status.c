/* The store comes in, read only; how the drops stand goes out, as lines or as JSON. */
/* SPDX-License-Identifier: ISC */
#include "cli/ask.h"
#include "cli/episode.h"
#include "cli/standing.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/str.h"
#include "base/utf8.h"
#include "money/caps.h"
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

static cJSON *drop_json(const struct drop_row *drop, const struct standing *s)
{
    cJSON *tree = cJSON_CreateObject();
    char at[CLOCK_TEXT_LEN];
    clock_iso(drop->created_s, at);
    json_set_str(tree, "drop", drop->name);
    json_set_str(tree, "entry", drop->entry);
    json_set_str(tree, "kind", drop->kind);
    json_set_str(tree, "title", drop->title);
    json_set_str(tree, "state", drop_state_word(drop->state));
    json_set_str(tree, "says", s->word);
    json_set_str(tree, "card", s->card);
    json_set_bool(tree, "paused", drop->paused && !s->card);
    json_set_str(tree, "tree", drop->tree);
    json_set_str(tree, "created", at);
    json_set_num(tree, "cost", s->counts.cost);
    json_set_num(tree, "price", s->counts.price);
    json_set(tree, "jobs", counts_json(&s->counts));
    return tree;
}

static void drop_line(const struct drop_row *drop, const struct standing *s)
{
    char *entry = utf8_show(drop->entry), spent[MONEY_TEXT_LEN];
    money_text(money_of(s->counts.cost), spent);
    printf("%-13s %4d/%-4d %-36s %s (%s)%s%s", s->word, s->sums.made + s->sums.kept, s->sums.total,
           drop->name, drop->title, entry, *s->rest ? ", " : "", s->rest);
    if (s->counts.cost > 0)
        printf(", %s USD spent", spent);
    putchar('\n');
    if (s->card)
        printf("              drag approve/%s to approve/go/ or approve/no/\n", s->card);
    free(entry);
}

/* Why nothing goes on although nothing is amiss with a drop. */
static void paused_line(struct store *store)
{
    char *paused = store_fact(store, "paused");
    if (paused)
        puts("everything is paused: slated resume goes on");
    free(paused);
}

static void print_json(const cJSON *tree)
{
    char *text = json_pretty(tree);
    fputs(text, stdout);
    free(text);
}

/* Exit code: a person must act when something has failed, or a plan asks for a go. */
static int status_all(struct store *store, bool json)
{
    struct drop_row *drops = NULL;
    size_t n = 0;
    cJSON *list = cJSON_CreateArray();
    int code = CLI_OK;
    if (store_drops(store, -1, DROPS_SHOWN, &drops, &n))
        code = cli_fail("the store cannot be read");
    for (size_t i = 0; i < n; i++) {
        struct standing s;
        if (standing_read(store, &drops[i], &s))
            code = cli_fail("the jobs of %s cannot be read", drops[i].name);
        if (json)
            cJSON_AddItemToArray(list, drop_json(&drops[i], &s));
        else
            drop_line(&drops[i], &s);
        if (standing_waits(&drops[i], &s) && code == CLI_OK)
            code = CLI_PERSON;
        standing_finish(&s);
        drop_row_finish(&drops[i]);
    }
    if (json)
        print_json(list);
    else if (!n)
        puts("nothing was dropped yet");
    else
        paused_line(store);
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
    json_set_str(tree, "says", sums_job_word(job));
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
    char *error = utf8_label(job->error);
    printf("%03d %-12s %-28s %s%s%s\n", job->seq + 1, sums_job_word(job), job->key, job->title,
           error ? ": " : "", error ? error : "");
    free(error);
}

/* Of a drop, or of an episode's shots. */
static int status_one(struct store *store, const char *name, bool json)
{
    struct drop_row drop = {0};
    struct job_row *jobs = NULL;
    struct standing s;
    size_t n = 0;
    if (store_drop_named(store, name, &drop))
        return episode_status(store, name, json)
                   ? CLI_OK
                   : cli_fail("no drop is called %s; slated status lists them", name);
    int code = CLI_OK;
    if (standing_read(store, &drop, &s) || store_jobs(store, drop.id, &jobs, &n))
        code = cli_fail("the jobs of %s cannot be read", name);
    else if (standing_waits(&drop, &s))
        code = CLI_PERSON;
    cJSON *tree = drop_json(&drop, &s), *list = cJSON_CreateArray();
    if (!json)
        drop_line(&drop, &s);
    for (size_t i = 0; i < n; i++) {
        if (json)
            cJSON_AddItemToArray(list, job_json(store, &jobs[i]));
        else
            job_line(&jobs[i]);
        job_row_finish(&jobs[i]);
    }
    json_set(tree, "list", list);
    if (json)
        print_json(tree);
    else
        paused_line(store);
    free(jobs);
    cJSON_Delete(tree);
    standing_finish(&s);
    drop_row_finish(&drop);
    return code;
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
