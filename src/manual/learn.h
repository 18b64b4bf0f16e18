/* What a studio can learn from what was mended by hand: how often what went wrong, where, and how
 * long it took. Numbers in, a tree and a text out; advice only where the numbers carry it. Pure. */
/* SPDX-License-Identifier: ISC */
#ifndef MANUAL_LEARN_H
#define MANUAL_LEARN_H

#include <stddef.h>

#include <cjson/cJSON.h>

#include "base/buf.h"

/* One thing that was mended; texts NULL when not known. Borrowed. */
struct learn_case {
    const char *tag, *fix, *model, *shot_type;
    int words;   /* of its prompt, 0 not known */
    int minutes; /* from the escalation to the fix, 0 not known */
};

/* {"cases", "untagged", "tags": [{"tag", "n", "share", "low", "high", "minutes"}], "models",
 * "shot_types", "prompt_lengths", "fixes": [{"name", "n", "minutes", "tags": {tag: n}}], "advice":
 * [sentence], "method"}. low and high: Wilson's interval of the share; minutes: the median, null
 * when nobody knows. Owned. */
cJSON *learn_from(const struct learn_case *cases, size_t n);

/* The same as lines for a terminal. */
void learn_text(const cJSON *found, struct buf *out);

/* The same as a page (assets/page.h). Owned. */
cJSON *learn_page(const cJSON *found, const char *title);

/* The chance of a difference as large as this one, or larger, when there is none: a of a + b here,
 * c of c + d elsewhere (Fisher's exact test, both sides). */
double learn_chance(int a, int b, int c, int d);

/* Between which shares the true one lies in 95 of 100 cases, when k of n were seen (Wilson's score
 * interval, E. B. Wilson, J. Am. Stat. Assoc. 22 (1927), p. 209). */
void learn_interval(int k, int n, double *ret_low, double *ret_high);

#endif
