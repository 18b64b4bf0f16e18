/* What no schema of rules files can see: whether the shapes of answers can be checked, and whether
 * names lead somewhere. */
/* SPDX-License-Identifier: ISC */
#ifndef WORDS_CHECK_H
#define WORDS_CHECK_H

#include "rules/rules.h"

/* A fault each, with file and place. Returns how many. */
size_t words_check(const struct rules *rules, struct faults *faults);

#endif
