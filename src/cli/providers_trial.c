/* An engine's name comes in; after a yes its smallest real job is made by the running daemon, and
 * what it brought and cost goes out. */
/* SPDX-License-Identifier: ISC */
#include "cli/providers.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/str.h"
#include "cli/ask.h"
#include "engine/trial.h"
#include "money/caps.h"
#include "store/store.h"

#define LOOK_MS 100
#define MOST_MS (20 * 60 * 1000)

static bool said_yes(const struct cli *cli)
{
    char line[16] = "";
    if (cli->yes)
        return true;
    if (!isatty(STDIN_FILENO)) {
        (void)cli_fail("this costs money: say so with --yes");
        return false;
    }
    printf("Make it? [y/N] ");
    fflush(stdout);
    return fgets(line, sizeof line, stdin) && (line[0] == 'y' || line[0] == 'Y');
}

static int say_end(const struct cli *cli, struct store *store, const struct job_row *job)
{
    char *root = cli_root(cli);
    struct asset_row *assets = NULL;
    size_t n = 0;
    int code = CLI_OK;
    if (job->state != JOB_DONE && job->state != JOB_KEPT)
        code = cli_fail("%s: %s", job->engine,
                        job->error ? job->error : "it was not made; `slated status` says more");
    else if (store_assets_of_job(store, job->id, &assets, &n) == 0 && n)
        printf("%s works: %s/out/%s (%.1f s, %.4f USD)\n", job->engine, root, assets[0].path,
               (double)job->duration_ms / 1000, job->cost);
    for (size_t i = 0; i < n; i++)
        asset_row_finish(&assets[i]);
    free(assets);
    free(root);
    return code;
}

/* Ended, or waiting for a person. */
static bool at_rest(const struct job_row *job)
{
    return job_state_ended(job->state) || job->state == JOB_NEEDS_PERSON ||
           (job->state == JOB_HELD && !job->next_at_s);
}

static bool look(struct store *store, const char *drop_name, struct job_row *ret_job)
{
    struct drop_row drop = {0};
    struct job_row *jobs = NULL;
    size_t n = 0;
    bool found = false;
    if (store_drop_exact(store, drop_name, &drop) == 0 &&
        store_jobs(store, drop.id, &jobs, &n) == 0 && n)
        found = at_rest(&jobs[0]);
    for (size_t i = found; i < n; i++)
        job_row_finish(&jobs[i]);
    if (found)
        *ret_job = jobs[0];
    free(jobs);
    drop_row_finish(&drop);
    return found;
}

static int wait_for(const struct cli *cli, const char *drop_name)
{
    struct store *store = ask_store(cli);
    struct job_row job = {0};
    int code;
    if (!store)
        return CLI_ERROR;
    bool ended = look(store, drop_name, &job);
    for (int ms = 0; !ended && ms < MOST_MS; ms += LOOK_MS) {
        usleep(LOOK_MS * 1000);
        ended = look(store, drop_name, &job);
    }
    code = ended
               ? say_end(cli, store, &job)
               : cli_fail("it is still at work; `slated status %s` says how it goes on", drop_name);
    job_row_finish(&job);
    store_close(store);
    return code;
}

int providers_trial(const struct cli *cli, const struct rules *rules, const char *engine)
{
    struct plan_job job = {0};
    struct err e = {0};
    char price[MONEY_TEXT_LEN], *said = NULL;
    if (trial_job(rules, engine, "trial", &job, &e))
        return cli_fail("%s", e.text);
    money_text(money_of(job.price), price);
    printf("%s at %s makes \"%s\" for about %s USD, entered in the ledger.\n", job.model, engine,
           job.prompt ? job.prompt : job.op, price);
    plan_job_finish(&job);
    if (!said_yes(cli))
        return CLI_ERROR;
    cJSON *command = cJSON_CreateObject();
    json_set_str(command, "verb", "trial");
    json_set_str(command, "engine", engine);
    json_set_num(command, "asked_s", (double)clock_wall_s()); /* asked once, made once */
    int code = ask_running(cli, command, &said);
    if (code == CLI_OK)
        code = wait_for(cli, said);
    else if (said)
        (void)cli_fail("%s", said);
    else
        (void)cli_fail("a trial is made by the daemon: start `slated run` on this root first");
    free(said);
    return code;
}
