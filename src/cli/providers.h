/* What the files of the command providers share. */
/* SPDX-License-Identifier: ISC */
#ifndef CLI_PROVIDERS_H
#define CLI_PROVIDERS_H

#include "cli/cli.h"
#include "rules/rules.h"

/* Every engine: key, models, prices, what stopped it, limits left, its last trouble. */
int providers_list(const struct cli *cli, const struct rules *rules);

/* The smallest real job of an engine, through the running daemon, after a yes. */
int providers_trial(const struct cli *cli, const struct rules *rules, const char *engine);

#endif
