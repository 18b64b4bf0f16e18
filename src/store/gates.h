/* What gates said of what engines made, whichever gate it was: one row for each file that was
 * judged, kept with its numbers. Each write belongs to the caller's transaction, as in store.h. */
/* SPDX-License-Identifier: ISC */
#ifndef STORE_GATES_H
#define STORE_GATES_H

#include "store/store.h"

struct gate_row {
    int64_t id, drop_id, job_id;
    char *role;              /* output of the job */
    int gate;                /* 1 on this machine, 2 a look by a model */
    char *verdict;           /* pass fail review */
    char *fault;             /* the check that failed, or NULL */
    char *why;               /* a sentence, NULL when it passed */
    char *engine, *model;    /* that made it */
    char sha256[DIGEST_LEN]; /* of the file that was judged */
    int64_t take;            /* the paid attempt that brought it; of free work which try it was */
    char *kept;              /* path below out/ of what was refused, or NULL */
    char *wish;              /* digest of the prompt it was made from, or NULL */
    char *phash, *grey;      /* of its likeness, NULL of a clip; grey is only written */
    char *body;              /* compact JSON: every check with what was measured */
    int64_t at_s;
    char *title, *unit; /* of the job; only read */
};
void gate_row_finish(struct gate_row *r);

/* One of the same job, role, gate, digest and take is replaced. */
int store_add_gate(struct store *s, const struct gate_row *row, struct err *e);
/* What passed for one job serves another: its newest verdict of gate 1 is written once more, for
 * the job, role, take and instant of row. Nothing when there is none. */
int store_repeat_gate(struct store *s, const struct gate_row *row, struct err *e);
/* Of a drop, in plan order, then as they were judged; job_id 0: of all its jobs. */
int store_gates(struct store *s, int64_t drop_id, int64_t job_id_or_0, struct gate_row **ret_rows,
                size_t *ret_n);
/* Those of gate 1 that passed in row's drop, for another job and from another prompt than row's
 * wish, and are the same bytes or differ by at most so many bits of their likeness. */
int store_gates_alike(struct store *s, const struct gate_row *row, int most,
                      struct gate_row **ret_rows, size_t *ret_n);
char *store_gate_grey(struct store *s, int64_t id); /* owned; NULL when there is none */

#endif
