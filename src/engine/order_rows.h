/* An order and its plan as rows for the store. */
/* SPDX-License-Identifier: ISC */
#ifndef ENGINE_ORDER_ROWS_H
#define ENGINE_ORDER_ROWS_H

#include "plan/plan.h"
#include "store/store.h"

/* Owns its rows. */
struct order_rows {
    struct drop_row drop;
    struct job_row *jobs;
    size_t jobs_n;
    struct new_edge *edges;
    size_t edges_n;
    struct record_row *records;
    size_t records_n;
};

struct order_rows_from {
    const struct order *order;
    const struct plan *plan;
    const char *drop_id, *entry;
    const char *staged; /* below the root: the folder an archive was unpacked into, or NULL */
    int64_t created_s;
};

/* The rows of an accepted plan, as the store takes them; owned by ret_rows. */
void order_rows_make(struct order_rows *ret_rows, const struct order_rows_from *from);
/* One job as a row, without its drop, state and countdown. */
void order_rows_job(struct job_row *row, const struct plan_job *job, int seq);
void order_rows_finish(struct order_rows *r);

#endif
