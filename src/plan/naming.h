/* Names of rules/naming filled in, and the promise that every name of a plan is safe and its own.
 *
 * A template is a path below out/: "videos/{video_id}/products/{rank:02d}_{variant}.png". {name}
 * takes a text (made safe for a file name, so it can never add a folder) or a whole number;
 * {name:02d} a whole number with leading zeros. */
/* SPDX-License-Identifier: ISC */
#ifndef PLAN_NAMING_H
#define PLAN_NAMING_H

#include "plan/plan.h"

/* Fills one template. ERR_INPUT for an empty or missing value, ERR_RULES for a template that cannot
 * be read, ERR_PATH for a result that is not safe. Owned result. */
int naming_fill(const char *template, const cJSON *values, char **ret_path, struct err *e);

/* The same with the template of that name under "names" in rules/naming/<kind>.json. */
int naming_path(const struct rules *rules, const char *kind, const char *name, const cJSON *values,
                char **ret_path, struct err *e);

/* Adds a fault for every name of the plan that is unsafe or that another file of the plan has too
 * (upper and lower case and spellings of one letter count as the same). Returns 0 or ERR_INPUT. */
int naming_check_plan(const struct plan *p, struct faults *faults);

#endif
