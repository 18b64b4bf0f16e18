/* A command for the root: carried out by the daemon that holds it, or here when none does. */
/* SPDX-License-Identifier: ISC */
#ifndef CLI_ASK_H
#define CLI_ASK_H

#include "cli/cli.h"

/* Takes command ({"verb", ...}). Prints the answer; returns the exit code. */
int ask_root(const struct cli *cli, cJSON *takes_command);

/* Takes command, for a running daemon alone. ret_said: what it answered, owned; NULL when none runs
 * or it did not answer. */
int ask_running(const struct cli *cli, cJSON *takes_command, char **ret_said);

/* The store of the root, read only; NULL after having said why. */
struct store;
struct store *ask_store(const struct cli *cli);

#endif
