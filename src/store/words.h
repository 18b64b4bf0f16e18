/* Answers of text models, one row each: what went in and out, and whether it was used. The money is
 * in the ledger. */
/* SPDX-License-Identifier: ISC */
#ifndef STORE_WORDS_H
#define STORE_WORDS_H

#include "store/store.h"

struct call_row {
    int64_t job_id, drop_id;
    char *engine, *model, *why; /* why: NULL, the answer was used */
    int64_t tokens_in, tokens_out, cost_u, ms, at_s;
};
int store_add_call(struct store *s, const struct call_row *row, struct err *e);

/* Of one model at one engine; times and amounts summed up. */
struct call_sum {
    char *engine, *model;
    int64_t calls_n, used_n, tokens_in, tokens_out, cost_u, ms;
};
void call_sum_finish(struct call_sum *c);
/* Dearest first; owned. */
int store_call_sums(struct store *s, struct call_sum **ret_rows, size_t *ret_n);

/* The job of a drop by its key, or ERR_MISSING. */
int store_job_keyed(struct store *s, int64_t drop_id, const char *key, struct job_row *ret_row);

#endif
