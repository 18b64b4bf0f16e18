/* What the files about money share within the store. */
/* SPDX-License-Identifier: ISC */
#ifndef STORE_STORE_MONEY_H
#define STORE_STORE_MONEY_H

#include "store/money.h"
#include "store/store_priv.h"

/* Books one movement of an attempt: a row in the chain, and the purses with it. what: reserve,
 * release, settle. */
int ledger_add(struct store *s, const struct attempt_row *row, const char *what, int64_t amount_u,
               const char *why, int64_t now_s, struct err *e);

#endif
