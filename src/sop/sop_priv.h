/* What the files of this room share. The state is a JSON object:
 *
 *   {"site": "dzine", "sop": "thumbnail", "vars": {...}, "tries": 0,
 *    "pending", "owed", "open", "wasted", "spent": as sop_credits.c says, "notes": [sentences],
 *    "restart_at": the step it begins anew from, for what is kept already,
 *    "alone": nobody else spends on the account, "moved": the page is not the one it was,
 *    "instead_of": the procedure that could not make it,
 *    "frames": [{"at": "thumbnail#/steps", "i": 3, "kind": "steps", "phase": "act", ...}]}
 *
 * A frame is a list of steps under way, the last one on top; "at" is a file of the site and a JSON
 * pointer in it. */
/* SPDX-License-Identifier: ISC */
#ifndef SOP_PRIV_H
#define SOP_PRIV_H

#include "sop/sop.h"

/* A file of the site ("thumbnail", "procedures", "site"), or NULL. Borrowed. */
const cJSON *sop_file(const struct rules *rules, const char *site, const char *name);

/* The value at "file#/pointer" of the site, or NULL. Borrowed. */
const cJSON *sop_at(const struct rules *rules, const char *site, const char *at);

/* Where a procedure's steps lie, "file#/pointer", looked for in the procedure's own file first;
 * NULL when there is none of that name. Owned. */
char *sop_procedure(const struct rules *rules, const char *site, const char *sop, const char *name);

/* A value with its references resolved: "@name" a value of the site, "@pages.canvas" another
 * member,
 * "$name" a wish or what was remembered, {"a": "@target", ...} a target with more to it. Owned.
 * An unknown name resolves to null. */
cJSON *sop_resolve(const struct rules *rules, const cJSON *state, const cJSON *value);

/* Remembers a value under a name, in the wishes of the call too when it has one so called. */
void sop_remember(cJSON *state, const char *name, cJSON *takes_value);

/* A condition that needs no page: {"is": [a, b]}. Answers 1 yes, 0 no, -1 it needs the page. */
int sop_decide(const struct rules *rules, const cJSON *state, const cJSON *condition);

cJSON *sop_top(const cJSON *state); /* the frame on top, or NULL. Borrowed */
const cJSON *sop_steps(const struct rules *rules, const cJSON *state, const cJSON *frame);
/* Puts a list of steps on top; takes_with may be NULL. */
void sop_push(cJSON *state, const char *at, const char *kind, cJSON *takes_with);
void sop_pop(cJSON *state);
int sop_step_index(const cJSON *steps, const char *name); /* -1: none of that name */

/* sop_credits.c. A paid act is about to be done: what those before it cost and was not told yet.
 * Then: it was taken, or it was not; the page's own number for it; its result is kept. */
double sop_click(cJSON *state, double credits);
void sop_taken(cJSON *state);
void sop_not_taken(cJSON *state);
void sop_page_says(cJSON *state, double credits);
void sop_kept(cJSON *state);
/* A result that was paid for and does not come is given up for another try; false: the policy
 * (money.paid_retries) allows no more. */
bool sop_give_up(const struct rules *rules, cJSON *state);

#endif
