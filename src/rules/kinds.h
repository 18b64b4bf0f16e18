/* Which folders a rules folder has, and the shape each of their files must have. */
/* SPDX-License-Identifier: ISC */
#ifndef RULES_KINDS_H
#define RULES_KINDS_H

#include <cjson/cJSON.h>

/* The folders, ended by NULL. */
extern const char *const kinds_names[];

/* The schema of kind/name: that of the one file when there is one (schemas/<kind>.<name>.json),
 * else that of the folder (schemas/<kind>.json). name NULL asks for the folder's. Owned by the
 * caller; NULL when the kind has no schema. */
cJSON *kinds_schema(const char *kind, const char *name);

#endif
