/* What a niche is about: the category that scenes are chosen by, told by the words of
 * rules/prompts/categories.json. */
/* SPDX-License-Identifier: ISC */
#ifndef PLAN_CATEGORY_H
#define PLAN_CATEGORY_H

#include <cjson/cJSON.h>

#define NICHE_USUAL "everyday products" /* what prompts say where no niche was named */

/* The category of a niche. In this order: a niche of some category's pool (whole text), a
 * category's own name, the first category with a keyword that stands at the start of a word; else
 * the rule's fallback ("default"). Upper and lower case count as the same. rule is the tree of
 * prompts/categories, and the result is borrowed from it. */
const char *category_detect(const cJSON *rule, const char *niche);

#endif
