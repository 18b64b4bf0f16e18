/* The one checker of shapes, for rules and for drops: a schema is itself a small JSON tree.
 *
 *   {"type": "object", "fields": {"rank": {"type": "integer", "min": 1, "required": true}}, "unknown": "refuse"}
 *
 * type      object list map string number integer bool any, or a list of these ("any of")
 * fields    object: name -> schema; required true in the member's schema
 * unknown   object: "refuse" (default, with did-you-mean), "allow"
 * items     list: schema of every item; values: map: schema of every value
 * min max   number and integer: range; string: characters; list and map: count
 * words     string: the allowed words
 * pattern   string: POSIX extended expression for the whole text; says: what to tell a person instead of the pattern
 * default   filled in by schema_fill
 * about     a sentence for `slated rules` and messages */
/* SPDX-License-Identifier: ISC */
#ifndef RULES_SCHEMA_H
#define RULES_SCHEMA_H

#include <cjson/cJSON.h>

#include "base/fault.h"

/* Adds a fault per mismatch, place = file + ": " + pointer. Returns how many were added. */
size_t schema_check(const cJSON *schema, const cJSON *doc, const char *file, struct faults *faults);

/* Puts the defaults of missing members into doc (which was checked). */
void schema_fill(const cJSON *schema, cJSON *doc);

#endif
