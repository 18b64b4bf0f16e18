/* single and upgrade: a combo drop that was taken comes in; a request for some of its pictures at
 * another quality is dropped into the inbox, like anything a person drops. With --dry-run only its
 * plan is shown. */
/* SPDX-License-Identifier: ISC */
#include "cli/ask.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/str.h"
#include "store/store.h"

static bool quality_known(const char *quality)
{
    return str_eq(quality, "1K") || str_eq(quality, "2K") || str_eq(quality, "4K");
}

/* Every pair that was made, as the request's "only". */
static cJSON *pairs_made(struct store *store, int64_t drop_id)
{
    struct job_row *jobs = NULL;
    size_t n = 0;
    cJSON *only = cJSON_CreateArray();
    if (store_jobs(store, drop_id, &jobs, &n))
        return only;
    for (size_t i = 0; i < n; i++) {
        cJSON *meta = cJSON_Parse(jobs[i].meta), *pair = cJSON_CreateObject();
        const char *combo = json_str(meta, "combo", NULL),
                   *prompt = json_str(meta, "prompt_id", NULL);
        bool made = jobs[i].state == JOB_DONE || jobs[i].state == JOB_KEPT;
        if (made && combo && prompt) {
            json_set_str(pair, "combo", combo);
            json_set_str(pair, "prompt", prompt);
            cJSON_AddItemToArray(only, pair);
            pair = NULL;
        }
        cJSON_Delete(pair);
        cJSON_Delete(meta);
        job_row_finish(&jobs[i]);
    }
    free(jobs);
    return only;
}

static int drop_request(const struct cli *cli, const char *name, const cJSON *request)
{
    char *root = cli_root(cli), *path = cli->dry_run ? mem_printf("%s/.slated/%s", root, name)
                                                     : mem_printf("%s/inbox/%s", root, name);
    char *text = json_pretty(request);
    struct err e = {0};
    int code = CLI_OK;
    if (file_exists(path)) {
        code = cli_fail("%s lies in the inbox already", name);
    } else if (file_write(path, text, strlen(text), true, &e)) {
        code = cli_fail("%s", e.text);
    } else if (cli->dry_run) {
        struct cli plan = *cli;
        const char *args[] = {path};
        plan.args = args;
        plan.args_n = 1;
        code = cli_run_plan(&plan);
        unlink(path);
    } else {
        printf("dropped %s into inbox/; slated run or slated once makes it\n", name);
    }
    free(root);
    free(path);
    free(text);
    return code;
}

/* The taken drop a request is about; 0 or an exit code. */
static int combo_drop(struct store *store, const char *name, struct drop_row *ret_drop)
{
    memset(ret_drop, 0, sizeof(*ret_drop));
    if (store_drop_named(store, name, ret_drop))
        return cli_fail("no drop is called %s; slated status lists them", name);
    if (!str_eq(ret_drop->kind, "combos"))
        return cli_fail("%s is a drop of %s; single and upgrade are for combos", ret_drop->name,
                        ret_drop->kind);
    return 0;
}

int cli_run_upgrade(const struct cli *cli)
{
    struct drop_row drop;
    if (!cli->quality || !quality_known(cli->quality))
        return cli_fail("--to-quality is 1K, 2K or 4K");
    struct store *store = ask_store(cli);
    if (!store)
        return CLI_ERROR;
    int code = combo_drop(store, cli->args[0], &drop);
    cJSON *request = cJSON_CreateObject(),
          *only = code ? cJSON_CreateArray() : pairs_made(store, drop.id);
    if (!code && cJSON_GetArraySize(only) == 0)
        code = cli_fail("%s has no finished pictures to make larger", drop.name);
    if (!code) {
        char *name = mem_printf("%s-upgrade-%s.json", drop.name, cli->quality);
        json_set_str(request, "folder", drop.name);
        json_set_str(request, "quality", cli->quality);
        json_set(request, "only", only);
        only = NULL;
        code = drop_request(cli, name, request);
        free(name);
    }
    cJSON_Delete(only);
    cJSON_Delete(request);
    drop_row_finish(&drop);
    store_close(store);
    return code;
}

int cli_run_single(const struct cli *cli)
{
    struct drop_row drop;
    if (!cli->combo || !cli->prompt)
        return cli_fail(
            "single wants --combo and --prompt; slated status DROP lists what there is");
    if (cli->quality && !quality_known(cli->quality))
        return cli_fail("--quality is 1K, 2K or 4K, not %s", cli->quality);
    struct store *store = ask_store(cli);
    if (!store)
        return CLI_ERROR;
    int code = combo_drop(store, cli->args[0], &drop);
    if (!code) {
        cJSON *request = cJSON_CreateObject(), *only = cJSON_CreateArray(),
              *pair = cJSON_CreateObject();
        char *stem = path_stem(cli->prompt);
        char *name = mem_printf("%s-%s-%s-%s.json", drop.name, cli->combo, stem,
                                cli->quality ? cli->quality : "1K");
        json_set_str(request, "folder", drop.name);
        if (cli->wardrobe)
            json_set_str(request, "wardrobe", cli->wardrobe);
        json_set_str(request, "quality", cli->quality ? cli->quality : "1K");
        json_set_str(pair, "combo", cli->combo);
        json_set_str(pair, "prompt", cli->prompt);
        cJSON_AddItemToArray(only, pair);
        json_set(request, "only", only);
        code = path_is_safe(name) && !strchr(name, '/')
                   ? drop_request(cli, name, request)
                   : cli_fail("--combo and --prompt cannot be part of a name");
        cJSON_Delete(request);
        free(stem);
        free(name);
    }
    drop_row_finish(&drop);
    store_close(store);
    return code;
}
