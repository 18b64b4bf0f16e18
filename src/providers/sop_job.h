/* What the files of the provider sop share: a job whose procedure is under way. The memo is drawn
 * in sop.c. */
/* SPDX-License-Identifier: ISC */
#ifndef PROVIDERS_SOP_JOB_H
#define PROVIDERS_SOP_JOB_H

#include "providers/provider.h"
#include "sop/sop.h"

/* --- sop_memo.c --- */

/* The memo as stored, or that of a conversation that begins. Owned. */
int sop_job_memo(const struct ask *ask, cJSON **ret_memo, struct err *e);

/* The state at a procedure's beginning, as sop_begin, for an account that may be shared. */
int sop_job_begin(const struct ask *ask, const char *name, cJSON *takes_wishes, cJSON **ret_state,
                  struct err *e);

/* Moves a state with the result of its last act; the memo with the act that is next. Owned. */
cJSON *sop_job_move(const struct ask *ask, cJSON *takes_state, const cJSON *result,
                    struct sop_turn *turn);

/* The wishes for the procedure that stands in: the job's own, but for what was meant for this one.
 * Owned. */
cJSON *sop_job_wishes_instead(const struct ask *ask);

/* What the memo's act costs and what it settles, into the request. */
void sop_job_price(const struct ask *ask, const cJSON *memo, struct request *r);

/* The outcome is to go on from the memo in wait_ms. */
void sop_job_next(struct outcome *o, const cJSON *memo, int wait_ms, const struct sop_turn *turn);

/* How an attempt ends: what of it is not settled, and how it was made. */
void sop_job_end(const struct ask *ask, const cJSON *state, struct outcome *o);

/* --- sop_request.c: as struct provider says --- */

int sop_job_build(const struct ask *ask, struct request *ret_request, struct err *e);
int sop_job_lookup(const struct ask *ask, struct request *ret_request, struct err *e);

/* --- sop_outcome.c --- */

/* After an act's result (NULL: none, it is asked again): the next act, or how it ended. */
void sop_job_go_on(const struct ask *ask, cJSON *takes_state, const cJSON *result,
                   struct outcome *o);

/* The procedure failed, as told ({"class", "step", "error", "cure"}). A procedure that has tried
 * again already is not begun a third time. */
void sop_job_failed(const struct ask *ask, const cJSON *state, const cJSON *told,
                    struct outcome *o);

/* A result lies on a page that shows it to nobody now. What is known of it stays until a person has
 * signed in; then it is looked for. */
void sop_job_signed_out(struct outcome *o, cJSON *takes_state, const char *why, const char *cure);

/* --- sop_lost.c --- */

/* The browser did not answer, or the tab is another one. once: the act was a click that costs. */
void sop_job_lost(const struct ask *ask, cJSON *takes_state, bool once, const char *why,
                  struct outcome *o);

/* No browser was there. */
void sop_job_unsent(const struct ask *ask, cJSON *memo, const struct response *r,
                    struct outcome *o);

/* The answer to the n-th look for a result, and to a look for a click. */
void sop_job_read_trace(const struct ask *ask, cJSON *takes_state, int n, const struct response *r,
                        struct outcome *o);
void sop_job_read_lookup(const struct ask *ask, const struct response *response,
                         struct outcome *ret_outcome);

#endif
