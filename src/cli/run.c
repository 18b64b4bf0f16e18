/* run and once: the engine in the foreground, told to a terminal or a pipe. */
/* SPDX-License-Identifier: ISC */
#include "cli/cli.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/fault.h"
#include "base/json_pool.h"
#include "base/mem.h"
#include "cli/progress.h"
#include "engine/engine.h"

static void say_faults(const struct faults *faults)
{
    struct buf text;
    buf_init(&text, 1024 * 1024);
    faults_text(faults, &text);
    fputs(text.data ? text.data : "", stderr);
    buf_finish(&text);
}

static int run(const struct cli *cli, bool once)
{
    char *root = cli_root(cli), *rules = cli_rules(cli), *worker = cli_worker();
    struct progress *progress = progress_create(!cli->plain && isatty(STDOUT_FILENO), cli->quiet);
    struct engine_config config = {.root = root,
                                   .rules_dir = rules,
                                   .worker = worker,
                                   .watch_mode = cli->watch,
                                   .once = once,
                                   .told = {progress_line, progress_turn, progress}};
    struct engine *engine = NULL;
    struct faults faults = {0};
    struct err e = {0};
    int code = CLI_OK;
    mem_give_back();
    json_pool_open();
    if (engine_open(&config, &engine, &faults, &e)) {
        code = cli_fail("%s", e.text);
        say_faults(&faults);
    } else {
        progress_start(progress, root);
        if (engine_run(engine, &e))
            code = cli_fail("%s", e.text);
        else if (once && engine_needs_person(engine))
            code = CLI_PERSON;
        progress_end(progress, engine);
        engine_close(engine);
    }
    faults_finish(&faults);
    progress_destroy(progress);
    free(root);
    free(rules);
    free(worker);
    return code;
}

static bool mode_known(const struct cli *cli)
{
    return !cli->watch || strcmp(cli->watch, "events") == 0 || strcmp(cli->watch, "scan") == 0;
}

int cli_run_run(const struct cli *cli)
{
    return mode_known(cli) ? run(cli, false)
                           : cli_fail("--watch is events or scan, not %s", cli->watch);
}

int cli_run_once(const struct cli *cli)
{
    return mode_known(cli) ? run(cli, true)
                           : cli_fail("--watch is events or scan, not %s", cli->watch);
}
