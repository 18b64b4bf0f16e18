/* How a drop stands, as the store has it, in the words of its receipt. */
/* SPDX-License-Identifier: ISC */
#ifndef CLI_STANDING_H
#define CLI_STANDING_H

#include "report/sums.h"
#include "store/store.h"

struct standing {
    struct sums sums;
    struct job_counts counts;
    char *card;       /* file in approve/ that its plan waits for; NULL none. Owned */
    const char *word; /* "needs your go", "running", ... */
    char rest[100];   /* "2 failed, 1 by hand"; "" nothing */
};

/* 0, or the store's error; finish it either way. */
int standing_read(struct store *store, const struct drop_row *drop, struct standing *ret_standing);
void standing_finish(struct standing *s);

/* Whether a person must act: something is amiss, or its plan asks. */
bool standing_waits(const struct drop_row *drop, const struct standing *s);

#endif
