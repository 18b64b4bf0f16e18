/* Whether an amount may be spent: a pure judgement over caps and what is spent and reserved
 * already. Amounts are whole micro-dollars.
 *
 * Example: a cap of 5.00 a day, 4.20 settled and 0.60 reserved: 0.20 may be spent, 0.21 not. */
/* SPDX-License-Identifier: ISC */
#ifndef MONEY_CAPS_H
#define MONEY_CAPS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

#define MONEY_UNIT 1000000 /* micro-dollars in a dollar */

/* One cap, and what counts against it. cap_u negative: no cap. */
struct cap {
    const char *what; /* "the drop", "today", "fal today"; borrowed */
    int64_t cap_u;
    int64_t spent_u; /* settled and reserved */
};

/* 0 when amount_u fits under every one; else ERR_LIMIT with the sentence. An amount below 0 never
 * fits. */
int caps_judge(const struct cap *caps, int n, int64_t amount_u, struct err *e);

/* Whether a sentence says that caps_judge said no. */
bool caps_said(const char *sentence);

/* Dollars as people write them, rounded up to whole micro-dollars; INT64_MAX when it is none. */
int64_t money_of(double dollars);

#define MONEY_TEXT_LEN 32
/* "4.80", "0.0004". */
void money_text(int64_t amount_u, char ret_text[MONEY_TEXT_LEN]);

#endif
