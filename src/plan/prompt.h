/* Prompt templates of rules/prompts filled in: {name} placeholders only, a strict limit on the length. */
/* SPDX-License-Identifier: ISC */
#ifndef PLAN_PROMPT_H
#define PLAN_PROMPT_H

#include <cjson/cJSON.h>

#include "base/err.h"

/* Replaces each {name} by the string or number member of values; an unknown name is ERR_INPUT naming it; "{{" is a brace.
 * A result over max characters is shortened by cutting the longest filled-in value first, at a word, and *ret_cut told.
 * Owned result. */
int prompt_fill(const char *template, const cJSON *values, size_t max, char **ret_text, bool *ret_cut,
                struct err *e);

#endif
