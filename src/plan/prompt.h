/* Prompt templates of rules/prompts put together and filled in: {name} placeholders only, a strict
 * limit on the length. */
/* SPDX-License-Identifier: ISC */
#ifndef PLAN_PROMPT_H
#define PLAN_PROMPT_H

#include <stdbool.h>
#include <stddef.h>

#include <cjson/cJSON.h>

#include "base/err.h"

/* Replaces each {name} by the string or number member of values; an unknown name is ERR_INPUT
 * naming it; "{{" is a brace. A result over max characters (0: no limit) is shortened by cutting
 * the longest filled-in value first, at a word, and *ret_cut (may be NULL) told; ERR_LIMIT when the
 * template alone is longer. Owned result. */
int prompt_fill(const char *template, const cJSON *values, size_t max, char **ret_text,
                bool *ret_cut, struct err *e);

/* The template of one prompt: the parts a rule's "order" names, each with its label, a blank line
 * between; each text is looked for under variants/<variant>/<category>, then
 * variants/<variant>/default, then parts; a part found nowhere is left out. With reference the
 * rule's "reference" sentence closes it. variant and category may be NULL. Owned; "" when nothing
 * was found. */
char *prompt_compose(const cJSON *rule, const char *variant, const char *category, bool reference);

/* The names of a template's placeholders, each once, in the order they stand: an array of strings,
 * owned. */
cJSON *prompt_names(const char *template);

/* What must not be in the picture: the phrases under <type>/"*" and, with a variant, those under
 * <type>/<variant>, joined by ", ". Owned; NULL when the rule has none. */
char *prompt_negative(const cJSON *rule, const char *type, const char *variant);

#endif
