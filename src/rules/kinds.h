/* Which folders a rules folder has, and the shape each of their files must have. */
/* SPDX-License-Identifier: ISC */
#ifndef RULES_KINDS_H
#define RULES_KINDS_H

#include <stdbool.h>

#include <cjson/cJSON.h>

/* The folders, ended by NULL. */
extern const char *const kinds_names[];

/* Whether the kind's files lie in folders of their own, and are called "folder/name". */
bool kinds_in_folders(const char *kind);

/* The schema of kind/name: that of the one file when there is one (schemas/<kind>.<name>.json),
 * else that of the folder (schemas/<kind>.json). name NULL asks for the folder's. Owned by the
 * caller; NULL when the kind has no schema. A folder in the name does not count. */
cJSON *kinds_schema(const char *kind, const char *name);

#endif
