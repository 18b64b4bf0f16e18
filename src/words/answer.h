/* What a model said: the JSON in it, and whether it is what was asked for. */
/* SPDX-License-Identifier: ISC */
#ifndef WORDS_ANSWER_H
#define WORDS_ANSWER_H

#include <cjson/cJSON.h>

#include "base/err.h"

/* The JSON object (or list, where the shape asks for one) in a text: bare, in a fence of three
 * backticks, or with talk before and after. One that has the shape goes before one that has not.
 * ERR_INPUT with a sentence that the model itself can mend it by; *ret_tree is owned. */
int answer_read(const char *text, const cJSON *shape, cJSON **ret_tree, struct err *e);

/* The prompt with what was wrong with the answer before, in place of what was said so the last
 * time. Owned. */
char *answer_prompt_again(const char *prompt, const char *wrong);

#endif
