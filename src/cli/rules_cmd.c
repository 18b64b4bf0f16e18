/* rules check: a rules folder comes in, all its faults go out. */
/* SPDX-License-Identifier: ISC */
#include "cli/cli.h"

#include <stdlib.h>

#include "base/buf.h"
#include "base/str.h"
#include "engine/ruleset.h"
#include "sop/sop.h"

/* What is no fault, and may not be what was meant. */
static void print_warnings(const struct rules *rules)
{
    struct faults warnings = {0};
    struct buf text;
    buf_init(&text, 1024 * 1024);
    if (sop_warn(rules, &warnings)) {
        faults_text(&warnings, &text);
        printf("\nbut look at this:\n\n%s\n", text.data);
    }
    faults_finish(&warnings);
    buf_finish(&text);
}

int cli_run_rules(const struct cli *cli)
{
    if (!str_eq(cli->args[0], "check"))
        return cli_fail("usage: slated rules check");
    char *dir = cli_rules(cli);
    struct rules *rules = NULL;
    struct faults faults = {0};
    struct buf text;
    int code = CLI_OK;
    buf_init(&text, 1024 * 1024);
    if (ruleset_load(dir, &rules, &faults)) {
        faults_text(&faults, &text);
        code = cli_fail("the rules in %s have %zu fault%s:\n\n%s", dir, faults.n + faults.more,
                        faults.n + faults.more == 1 ? "" : "s", text.data ? text.data : "");
    } else {
        printf("the rules in %s are good (digest %.12s)\n", dir, rules_digest(rules));
        print_warnings(rules);
    }
    rules_release(rules);
    faults_finish(&faults);
    buf_finish(&text);
    free(dir);
    return code;
}
