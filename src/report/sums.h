/* The few numbers that say how a drop stands. */
/* SPDX-License-Identifier: ISC */
#ifndef REPORT_SUMS_H
#define REPORT_SUMS_H

#include "assets/record.h"

struct sums {
    int total, made, kept, running, bad, skipped, cancelled, previews;
    double cost, price, seconds; /* spent; estimated; of work */
};

/* Adds up the jobs of a drop. */
void sums_make(const struct record_source *source, struct sums *ret_sums);

/* "planned", "running 12/45", "done", "done, 2 failed", "cancelled", "paused at 12/45". */
void sums_state(const struct drop_row *drop, const struct sums *sums, bool as_ended, char *out,
                size_t out_len);

#endif
