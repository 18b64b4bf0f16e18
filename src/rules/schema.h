/* The one checker of shapes, for rules and for drops: a schema is itself a small JSON tree.
 *
 *   {"type": "object", "fields": {"rank": {"type": "integer", "min": 1, "required": true}}}
 *
 * type      object list map string number integer bool any schema pattern, or a list: any of these
 * fields    object: name -> schema; required true in the member's schema. null is a missing member
 * also      member: other names it may come under; schema_fill renames it
 * unknown   object: "refuse" (default, with did-you-mean), "allow"
 * when      object: [{"field": "kind", "in": ["a"], "needs": ["b", ["c", "d"]]}]: members that must
 *           be there (an inner list: one of them) when field has one of the words; no field: always
 * items     list: schema of every item
 * values    map: schema of every value; keys: pattern of every key
 * unique    list: the member that no two items may share
 * label     list: members that may name an item for a person; said with its place
 * min max   number and integer: range; string: characters (blanks alone are none); else the count
 * code      the code of a fault of min or max, in place of FIELD_RANGE
 * words     string: the allowed words
 * among     string: the name of a member of what this JSON pointer means in the same document
 * pattern   string: POSIX extended expression for the whole text
 * says      what to tell a person instead of the pattern
 * names     string: the name of a rules file of that folder (checked by rules_load)
 * default   filled in by schema_fill
 * as        "string": schema_fill writes a number or bool as text
 * about     a sentence for messages: what a person does about a fault here */
/* SPDX-License-Identifier: ISC */
#ifndef RULES_SCHEMA_H
#define RULES_SCHEMA_H

#include <cjson/cJSON.h>

#include "base/fault.h"

/* Adds a fault per mismatch, place = file + ": " + pointer. Returns how many were added. */
size_t schema_check(const cJSON *schema, const cJSON *doc, const char *file, struct faults *faults);

/* Brings a checked doc into its one form: members renamed (also), texts made of numbers (as),
 * defaults put in. */
void schema_fill(const cJSON *schema, cJSON *doc);

/* Unknown members of objects that allow them, when a known name is so near that a slip is likely.
 * Returns how many. */
size_t schema_near_misses(const cJSON *schema, const cJSON *doc, const char *file,
                          struct faults *warnings);

/* The name among the members of an object (or the texts of a list) that word probably meant, or
 * NULL. Borrowed. */
const char *schema_nearest(const cJSON *among, const char *word);

#endif
