/* Pods' rows: machines by the hour that an engine needs while it has work. Each run of one is a
 * row, kept after its end. Each write belongs to the caller's transaction, as in store.h.
 *
 *   starting --host says it is there--> running --nobody needs it--> stopping --host says it
 * rests--+
 *       `--host never heard of it----------------------------------------------------------> gone
 * <-'
 */
/* SPDX-License-Identifier: ISC */
#ifndef STORE_PODS_H
#define STORE_PODS_H

#include "store/store.h"

#define POD_STATE_LIST(X)                                                                          \
    X(POD_STARTING, "starting") /* the wish is on record, the host may have heard it */            \
    X(POD_RUNNING, "running")                                                                      \
    X(POD_STOPPING, "stopping")                                                                    \
    X(POD_GONE, "gone")
enum pod_state {
#define X(state, word) state,
    POD_STATE_LIST(X)
#undef X
};
const char *pod_state_word(enum pod_state s);

struct pod_row {
    char *name;   /* our own, unique: tells it from others at its host */
    char *engine; /* whose jobs it is there for */
    char *remote; /* the host's name for it, or NULL */
    enum pod_state state;
    int64_t attempt_id;       /* what is set aside for the stretch that runs; 0 none */
    int64_t job_id, drop_id;  /* for whom that stretch was begun */
    int64_t hour_u;           /* price of an hour */
    int64_t since_s;          /* when it was asked for */
    int64_t began_s, until_s; /* the stretch that is set aside */
    int64_t charged_u;        /* of the stretches before it, and of all once it is gone */
    int64_t ended_s;          /* 0 not yet */
    char *why;                /* how it ended, or what stands in the way; NULL nothing */
};
void pod_row_finish(struct pod_row *r);

int store_add_pod(struct store *s, const struct pod_row *row, struct err *e);
int store_set_pod(struct store *s, const struct pod_row *row, struct err *e); /* by its name */
/* Oldest first; open: those that are not gone. */
int store_pods(struct store *s, bool open, struct pod_row **ret_rows, size_t *ret_n);
int store_pod(struct store *s, const char *name, struct pod_row *ret_row); /* or ERR_MISSING */

#endif
