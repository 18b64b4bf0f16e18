/* The commands of the manual loop: each becomes one command value for the root. */
/* SPDX-License-Identifier: ISC */
#include "cli/ask.h"

#include "base/json.h"

static cJSON *unit_command(const struct cli *cli, const char *verb)
{
    cJSON *c = cJSON_CreateObject();
    json_set_str(c, "verb", verb);
    if (cli->args_n)
        json_set_str(c, "unit", cli->args[0]);
    if (cli->drop)
        json_set_str(c, "drop", cli->drop);
    return c;
}

static void set_if(cJSON *c, const char *name, const char *text)
{
    if (text)
        json_set_str(c, name, text);
}

int cli_run_escalate(const struct cli *cli)
{
    cJSON *c = unit_command(cli, "escalate");
    set_if(c, "tag", cli->tag);
    set_if(c, "model", cli->model);
    set_if(c, "note", cli->note);
    return ask_root(cli, c);
}

int cli_run_redo(const struct cli *cli)
{
    cJSON *c = unit_command(cli, cli->note ? "note" : "redo");
    set_if(c, "note", cli->note);
    json_set_bool(c, "whole", cli->whole);
    json_set_bool(c, "enhanced", cli->enhanced);
    set_if(c, "model", cli->model);
    return ask_root(cli, c);
}

int cli_run_tag(const struct cli *cli)
{
    cJSON *c = unit_command(cli, "tag");
    json_set_str(c, "tag", cli->args[1]);
    return ask_root(cli, c);
}

static int run_verdict(const struct cli *cli, const char *word)
{
    cJSON *c = unit_command(cli, "verdict");
    json_set_str(c, "verdict", word);
    set_if(c, "note", cli->note);
    return ask_root(cli, c);
}

int cli_run_approve(const struct cli *cli)
{
    return run_verdict(cli, "approved");
}

int cli_run_retake(const struct cli *cli)
{
    return run_verdict(cli, "retake");
}

/* For several shots, episodes or drops at once. */
static cJSON *units_command(const struct cli *cli, const char *verb)
{
    cJSON *c = cJSON_CreateObject(), *what = cJSON_CreateArray();
    json_set_str(c, "verb", verb);
    for (int i = 0; i < cli->args_n; i++)
        cJSON_AddItemToArray(what, cJSON_CreateString(cli->args[i]));
    json_set(c, "what", what);
    set_if(c, "drop", cli->drop);
    set_if(c, "model", cli->model);
    return c;
}

int cli_run_enhance(const struct cli *cli)
{
    return ask_root(cli, units_command(cli, "enhance"));
}

int cli_run_bundle(const struct cli *cli)
{
    cJSON *c = units_command(cli, "bundle");
    json_set_bool(c, "zip", cli->zip);
    json_set_bool(c, "json", cli->json);
    json_set_bool(c, "outstanding", cli->outstanding);
    if (!cli->args_n && !cli->outstanding) {
        cJSON_Delete(c);
        return cli_fail("name a shot (EP001_SH03), an episode (EP001) or a drop, or say "
                        "--outstanding for all that are escalated");
    }
    return ask_root(cli, c);
}
