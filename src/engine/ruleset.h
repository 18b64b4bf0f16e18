/* The rules as the daemon and the commands use them: loaded, and looked through for what no schema
 * can see. */
/* SPDX-License-Identifier: ISC */
#ifndef ENGINE_RULESET_H
#define ENGINE_RULESET_H

#include "rules/rules.h"

/* As rules_load, with the faults of names that lead from one file into another. */
int ruleset_load(const char *dir, struct rules **ret_rules, struct faults *faults);

#endif
