/* Rules: every JSON file under a rules folder, checked whole and kept as one immutable set with a
 * digest. A name is folder and stem: "plans/products", "policy". A new set replaces the old one
 * only when it has no fault; an order keeps what it needs in its plan and so finishes under the set
 * it began with. */
/* SPDX-License-Identifier: ISC */
#ifndef RULES_RULES_H
#define RULES_RULES_H

#include <cjson/cJSON.h>

#include "base/err.h"
#include "base/fault.h"

struct rules;

/* Reads dir/policy.json and dir/<kind>/<name>.json for the known kinds (intake plans prompts models
 * providers sops gates naming notify), checks each against its kind's schema, and the references between
 * files. ERR_RULES with all faults in one pass; *ret_rules (owned, one reference) only when there
 * is none. */
int rules_load(const char *dir, struct rules **ret_rules, struct faults *faults);

struct rules *rules_hold(struct rules *r); /* one more reference */
void rules_release(struct rules *r);       /* frees at the last one; NULL is fine */

const char *rules_dir(const struct rules *r);
const char *
rules_digest(const struct rules *r); /* SHA-256 over names and canonical contents; borrowed */

/* The tree of one file, or NULL when there is none. Borrowed while the set is held. */
const cJSON *rules_get(const struct rules *r, const char *name);

/* All files of a folder as an object stem -> tree, in the order of their "order" member, then name.
 * Borrowed. */
const cJSON *rules_kind(const struct rules *r, const char *kind);

/* A value of policy.json by JSON pointer ("/watch/settle_ms"); the schema's defaults are filled in,
 * so a pointer the schema knows always answers. A pointer it does not know is a bug(). */
double rules_policy_num(const struct rules *r, const char *pointer);
const char *rules_policy_str(const struct rules *r, const char *pointer);
const cJSON *rules_policy(const struct rules *r, const char *pointer);

#endif
