/* sop list, sop check, sop run: the step files of web sites come in, what they make and what is
 * wrong with them goes out; doing one is sop_run.c's. */
/* SPDX-License-Identifier: ISC */
#include "cli/sop_run.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"
#include "engine/ruleset.h"

static int count_steps(const cJSON *steps)
{
    const cJSON *step;
    int n = 0;
    cJSON_ArrayForEach(step, steps) n +=
        1 + count_steps(json_get(step, "steps")) + count_steps(json_get(step, "else"));
    return n;
}

static void print_procedure(const cJSON *tree)
{
    const cJSON *op;
    struct buf ops;
    buf_init(&ops, 4096);
    cJSON_ArrayForEach(op, json_get(tree, "ops"))
        buf_printf(&ops, "%s%s", ops.len ? ", " : "", op->valuestring);
    printf("%-20s %2d steps  %3.0f credits  %4.0f s  %-16s %s\n", tree->string,
           count_steps(json_get(tree, "steps")), json_num(tree, "credits", 0),
           json_num(tree, "seconds", 0), ops.len ? ops.data : "-", json_str(tree, "about", ""));
    buf_finish(&ops);
}

/* A map of the file's own; an empty one where it has none. Owned. */
static cJSON *map_of(const cJSON *tree, const char *name)
{
    const cJSON *map = json_get(tree, name);
    return map ? cJSON_Duplicate(map, true) : cJSON_CreateObject();
}

static cJSON *procedure_json(const cJSON *tree)
{
    cJSON *one = cJSON_CreateObject();
    json_set_str(one, "name", tree->string);
    json_set_str(one, "about", json_str(tree, "about", ""));
    json_set(one, "ops", cJSON_Duplicate(json_get(tree, "ops"), true));
    json_set_num(one, "credits", json_num(tree, "credits", 0));
    json_set_num(one, "seconds", json_num(tree, "seconds", 0));
    json_set(one, "takes", map_of(tree, "takes"));
    json_set(one, "defaults", map_of(tree, "defaults"));
    return one;
}

static int list(const struct rules *rules, bool json)
{
    cJSON *all = cJSON_CreateArray();
    const cJSON *tree;
    cJSON_ArrayForEach(tree, rules_kind(rules, "sops"))
    {
        if (!json_get(tree, "ops"))
            continue; /* the site itself, and what its procedures share */
        if (!json)
            print_procedure(tree);
        cJSON_AddItemToArray(all, procedure_json(tree));
    }
    char *text = json ? json_pretty(all) : NULL;
    fputs(text ? text : "", stdout);
    free(text);
    cJSON_Delete(all);
    return CLI_OK;
}

static bool only_for_run(const struct cli *cli)
{
    return cli->set.n || cli->step || cli->slow || cli->from || cli->shots || cli->out ||
           cli->yes || cli->site;
}

int cli_run_sop(const struct cli *cli)
{
    bool check = str_eq(cli->args[0], "check"), run = str_eq(cli->args[0], "run");
    if ((!check && !run && !str_eq(cli->args[0], "list")) || (!run && cli->args_n > 1))
        return cli_fail("usage: slated sop list|check|run NAME");
    if (!run && only_for_run(cli))
        return cli_fail("sop %s takes none of the options of sop run", cli->args[0]);
    if (cli->json && (run || check))
        return cli_fail("sop %s speaks to people and has no --json", cli->args[0]);
    char *dir = cli_rules(cli);
    struct rules *rules = NULL;
    struct faults faults = {0};
    struct buf text;
    int code = CLI_OK;
    buf_init(&text, 1024 * 1024);
    if (ruleset_load(dir, &rules, &faults)) {
        faults_text(&faults, &text);
        code = cli_fail("the rules in %s have faults:\n\n%s", dir, text.data ? text.data : "");
    } else if (check) {
        printf("the step files in %s/sops are good\n", dir);
    } else if (run) {
        code = cli_sop_run(cli, rules);
    } else {
        code = list(rules, cli->json);
    }
    rules_release(rules);
    faults_finish(&faults);
    buf_finish(&text);
    free(dir);
    return code;
}
