/* The commands that change something: each becomes one command value for the root. */
/* SPDX-License-Identifier: ISC */
#include "cli/ask.h"

#include "base/json.h"

static cJSON *command(const struct cli *cli, const char *verb)
{
    cJSON *c = cJSON_CreateObject();
    json_set_str(c, "verb", verb);
    if (cli->args_n)
        json_set_str(c, "drop", cli->args[0]);
    return c;
}

int cli_run_retry(const struct cli *cli)
{
    cJSON *c = command(cli, "retry");
    if (cli->job && cli->failed) {
        cJSON_Delete(c);
        return cli_fail("--job names one job and --failed means all that failed: give one of them");
    }
    if (cli->job)
        json_set_str(c, "job", cli->job);
    return ask_root(cli, c);
}

int cli_run_cancel(const struct cli *cli)
{
    return ask_root(cli, command(cli, "cancel"));
}

int cli_run_pause(const struct cli *cli)
{
    return ask_root(cli, command(cli, "pause"));
}

int cli_run_resume(const struct cli *cli)
{
    return ask_root(cli, command(cli, "resume"));
}
