/* export: a drop comes in; one zip with everything it made, its prompts, documents, plan and report
 * goes out. The same content gives the same bytes. Changes nothing in the root but the new file. */
/* SPDX-License-Identifier: ISC */
#include "cli/ask.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/str.h"
#include "carriers/workers.h"
#include "store/store.h"

#define TIMEOUT_MS 3600000

/* What goes into the zip: names as below out/, each once and only when it is there. */
struct export
{
    char *root;
    cJSON *in;
};

static void add(struct export *x, const char *name, const char *folder, const char *path)
{
    char *full = mem_printf("%s/%s/%s", x->root, folder, path);
    const cJSON *item;
    cJSON_ArrayForEach(item, x->in)
    {
        if (str_eq(json_str(item, "name", ""), name))
            break;
    }
    if (!item && file_exists(full)) {
        cJSON *file = cJSON_CreateObject();
        json_set_str(file, "name", name);
        json_set_str(file, "path", full);
        cJSON_AddItemToArray(x->in, file);
    }
    free(full);
}

static int add_made(struct export *x, struct store *store, const struct drop_row *drop)
{
    struct asset_row *assets = NULL;
    struct job_row *jobs = NULL;
    struct record_row *records = NULL;
    size_t assets_n = 0, jobs_n = 0, records_n = 0;
    int rc = store_assets_of_drop(store, drop->id, &assets, &assets_n);
    if (!rc)
        rc = store_jobs(store, drop->id, &jobs, &jobs_n);
    if (!rc)
        rc = store_records(store, drop->id, &records, &records_n);
    for (size_t i = 0; i < assets_n; i++) {
        add(x, assets[i].path, "out", assets[i].path);
        asset_row_finish(&assets[i]);
    }
    for (size_t i = 0; i < jobs_n; i++) {
        if (jobs[i].prompt_path)
            add(x, jobs[i].prompt_path, "out", jobs[i].prompt_path);
        job_row_finish(&jobs[i]);
    }
    for (size_t i = 0; i < records_n; i++) {
        add(x, records[i].path, "out", records[i].path);
        record_row_finish(&records[i]);
    }
    free(assets);
    free(jobs);
    free(records);
    char *taken = mem_printf("taken/%s", drop->name);
    add(x, "plan.txt", taken, "plan.txt");
    free(taken);
    return rc;
}

/* Hands the request to a worker and waits for its answer. */
static int ask_worker(cJSON *takes_line, struct response *ret_response)
{
    struct loop *loop = loop_create();
    char *program = cli_worker();
    struct workers *workers = workers_create(loop, program, 1);
    struct request r = {.id = 1, .by = CARRY_WORKER, .timeout_ms = TIMEOUT_MS, .line = takes_line};
    workers_ask(workers, &r, clock_mono_ms());
    while (!workers_take(workers, ret_response)) {
        int64_t now = clock_mono_ms();
        loop_wait(loop, now, workers_turn(workers, now));
    }
    workers_destroy(workers);
    loop_destroy(loop);
    free(program);
    return ret_response->kind == RESPONSE_ANSWERED && json_bool(ret_response->body, "ok", false)
               ? 0
               : -1;
}

static cJSON *bundle_line(cJSON *takes_in, const char *top, const char *target)
{
    cJSON *line = cJSON_CreateObject(), *params = cJSON_CreateObject(), *out = cJSON_CreateArray();
    cJSON *file = cJSON_CreateObject();
    json_set_str(line, "op", "bundle");
    json_set_str(params, "top", top);
    json_set_str(file, "role", "bundle");
    json_set_str(file, "path", target);
    cJSON_AddItemToArray(out, file);
    json_set(line, "params", params);
    json_set(line, "in", takes_in);
    json_set(line, "out", out);
    return line;
}

static int say(const struct cli *cli, const char *target, int files, const cJSON *made)
{
    cJSON *answer = cJSON_CreateObject();
    json_set_str(answer, "bundle", target);
    json_set_num(answer, "files", files);
    json_set_num(answer, "bytes", json_num(made, "bytes", 0));
    json_set_str(answer, "sha256", json_str(made, "sha256", ""));
    if (cli->json) {
        char *text = json_pretty(answer);
        fputs(text, stdout);
        free(text);
    } else {
        printf("%s: %d files, %.1f MB, sha256 %s\n", target, files,
               json_num(made, "bytes", 0) / 1e6, json_str(made, "sha256", ""));
    }
    cJSON_Delete(answer);
    return CLI_OK;
}

/* Written beside and renamed: a zip under its name is whole. */
static int write_bundle(const struct cli *cli, cJSON *takes_in, const char *top, const char *target)
{
    struct response response = {0};
    struct err e = {0};
    char *dir = path_dir(target), *beside = mem_printf("%s/.%s.slated-tmp", dir, path_base(target));
    int files = cJSON_GetArraySize(takes_in), code;
    cJSON *line = bundle_line(takes_in, top, beside);
    if (file_exists(target)) {
        cJSON_Delete(line);
        code = cli_fail("%s is there already; take it away or name another file with --to", target);
    } else if (file_make_dirs(dir, &e)) {
        cJSON_Delete(line);
        code = cli_fail("%s", e.text);
    } else if (ask_worker(line, &response)) {
        code = cli_fail("the bundle cannot be made: %s",
                        response.body ? json_str(response.body, "error", "no reason is known")
                                      : response.error);
        (void)file_remove_tree(beside, NULL); /* the sentence above matters more */
    } else if (file_move(beside, target, &e)) {
        code = cli_fail("%s", e.text);
    } else {
        code = say(cli, target, files, cJSON_GetArrayItem(json_get(response.body, "out"), 0));
    }
    response_finish(&response);
    free(dir);
    free(beside);
    return code;
}

int cli_run_export(const struct cli *cli)
{
    struct drop_row drop = {0};
    struct store *store = ask_store(cli);
    if (!store)
        return CLI_ERROR;
    int code = CLI_OK;
    struct export x = {cli_root(cli), cJSON_CreateArray()};
    if (store_drop_named(store, cli->args[0], &drop))
        code = cli_fail("no drop is called %s; slated status lists them", cli->args[0]);
    else if (add_made(&x, store, &drop))
        code = cli_fail("the files of %s cannot be listed", drop.name);
    else if (cJSON_GetArraySize(x.in) == 0)
        code = cli_fail("%s has made nothing yet", drop.name);
    if (code == CLI_OK) {
        char *target =
            cli->to ? mem_dup(cli->to) : mem_printf("%s/manual_export/%s.zip", x.root, drop.name);
        code = write_bundle(cli, x.in, drop.name, target);
        x.in = NULL;
        free(target);
    }
    cJSON_Delete(x.in);
    free(x.root);
    drop_row_finish(&drop);
    store_close(store);
    return code;
}
