/* A command for the root: carried out by the daemon that holds it, or here when none does. */
/* SPDX-License-Identifier: ISC */
#ifndef CLI_ASK_H
#define CLI_ASK_H

#include "cli/cli.h"

/* Takes command ({"verb", ...}). Prints the answer; returns the exit code. */
int ask_root(const struct cli *cli, cJSON *takes_command);

/* The store of the root, read only; NULL after having said why. */
struct store;
struct store *ask_store(const struct cli *cli);

#endif
