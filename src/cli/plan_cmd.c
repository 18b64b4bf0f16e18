/* A file or folder comes in; its plan is printed, with what is made already marked. Touches
 * nothing. */
/* SPDX-License-Identifier: ISC */
#include "cli/cli.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/str.h"
#include "engine/ruleset.h"
#include "intake/intake.h"
#include "plan/plan.h"
#include "providers/provider.h"
#include "secrets/secrets.h"
#include "store/store.h"

static int say_faults(const char *what, const struct faults *faults)
{
    struct buf text;
    buf_init(&text, 1024 * 1024);
    faults_text(faults, &text);
    fprintf(stderr, "slated: %s would be refused:\n\n%s", what, text.data ? text.data : "");
    buf_finish(&text);
    return CLI_PERSON;
}

static int say_missing(const struct intake_answer *answer)
{
    fputs("slated: it would wait for what is not there yet:\n", stderr);
    for (size_t i = 0; i < answer->missing_n; i++)
        fprintf(stderr, "  %s\n", answer->missing[i]);
    return CLI_PERSON;
}

/* What the root has of it already. */
static size_t made_before(const struct cli *cli, const struct plan *plan, cJSON *jobs)
{
    char *root = cli_root(cli), *state = path_join(root, ".slated"), *out = path_join(root, "out");
    struct store *store = NULL;
    size_t kept = 0;
    if (store_open(state, true, &store, NULL) == 0) {
        for (size_t i = 0; i < plan->jobs_n; i++) {
            struct asset_row row = {0};
            const struct plan_job *job = &plan->jobs[i];
            bool same = job->outs_n && store_asset_current(store, job->outs[0].slot, &row) == 0 &&
                        str_eq(row.hash, job->hash);
            char *path = same ? path_join(out, row.path) : NULL;
            if (path && file_exists(path)) {
                kept++;
                json_set_bool(cJSON_GetArrayItem(jobs, (int)i), "made", true);
            }
            free(path);
            asset_row_finish(&row);
        }
        store_close(store);
    }
    free(root);
    free(state);
    free(out);
    return kept;
}

static void print_plan(const struct cli *cli, const struct plan *plan)
{
    cJSON *tree = plan_to_json(plan);
    size_t kept = made_before(cli, plan, cJSON_GetObjectItemCaseSensitive(tree, "jobs"));
    if (cli->json) {
        json_set_num(tree, "made_before", (double)kept);
        char *text = json_pretty(tree);
        fputs(text, stdout);
        free(text);
    } else {
        struct buf text;
        buf_init(&text, 16 * 1024 * 1024);
        plan_to_text(plan, &text);
        fputs(text.data ? text.data : "", stdout);
        if (kept)
            printf("\n%zu of %zu are made already and unchanged: they stay as they are.\n", kept,
                   plan->jobs_n);
        buf_finish(&text);
    }
    cJSON_Delete(tree);
}

static int plan_order(const struct cli *cli, const struct rules *rules, const struct order *order)
{
    struct plan_context ctx = {rules, "plan", clock_wall_s()};
    struct plan *plan = NULL;
    struct faults faults = {0};
    int code = CLI_OK;
    if (plan_build(order, &ctx, &plan, &faults))
        code = say_faults(order->entry, &faults);
    if (plan) {
        provider_note_plan(rules, plan, ctx.now_s);
        print_plan(cli, plan);
    }
    plan_free(plan);
    faults_finish(&faults);
    return code;
}

static int plan_entry(const struct cli *cli, const struct rules *rules, const char *dir,
                      const char *name)
{
    struct listing *listing = NULL;
    struct intake_answer answer = {0};
    struct err e = {0};
    char *root = cli_root(cli);
    struct intake_place place = {root, dir};
    int code = CLI_OK;
    if (listing_make(dir, name, &listing_limits_default, &listing, &e)) {
        free(root);
        return cli_fail("%s", e.text);
    }
    intake_read(rules, &place, listing, &answer);
    switch (answer.verdict) {
    case INTAKE_ORDER:
        code = plan_order(cli, rules, answer.order);
        break;
    case INTAKE_REFUSED:
        code = say_faults(name, &answer.faults);
        break;
    case INTAKE_WAIT:
        code = say_missing(&answer);
        break;
    case INTAKE_UNPACK:
        code = cli_fail("%s is an archive: unpack it to see its plan, or drop it as it is", name);
        break;
    case INTAKE_LOOSE:
        code = cli_fail("%s is a picture on its own: drop it together with what names it", name);
        break;
    }
    intake_answer_finish(&answer);
    free(root);
    return code;
}

int cli_run_plan(const struct cli *cli)
{
    char *rules_dir = cli_rules(cli), *real = realpath(cli->args[0], NULL);
    struct rules *rules = NULL;
    struct faults faults = {0};
    int code;
    if (!real) {
        code = cli_fail("%s is not there", cli->args[0]);
    } else if (ruleset_load(rules_dir, &rules, &faults)) {
        say_faults(rules_dir, &faults);
        code = CLI_ERROR;
    } else {
        char *dir = path_dir(real), *root = cli_root(cli);
        struct err e = {0};
        if (secrets_open(root, &e)) /* the plan shows what is made without those keys */
            fprintf(stderr, "slated: %s\n", e.text);
        free(root);
        code = plan_entry(cli, rules, dir, path_base(real));
        free(dir);
    }
    secrets_close();
    rules_release(rules);
    faults_finish(&faults);
    free(rules_dir);
    free(real);
    return code;
}
