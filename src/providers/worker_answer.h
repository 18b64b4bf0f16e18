/* The worker's language (ops/ops.h), spoken by every provider that has work for it. */
/* SPDX-License-Identifier: ISC */
#ifndef PROVIDERS_WORKER_ANSWER_H
#define PROVIDERS_WORKER_ANSWER_H

#include "providers/provider.h"

/* The request line of an op over the job's files; takes params. Owned by the caller. */
cJSON *worker_line(const char *op, cJSON *takes_params, const struct job_files *files);

/* How long an op of so many expected seconds may take: ten times that, at least two minutes. */
int worker_timeout_ms(int expected_s);

/* Params that ask the worker to look at what it reads, where gate 1 wants to know; else empty.
 * Owned by the caller. */
cJSON *worker_look_params(const struct ask *ask);

/* What an answer means: outputs that were asked for become made[], an error class becomes RETRY,
 * HOLD or REFUSED. */
void worker_answer_read(const struct job_files *files, const struct response *response,
                        struct outcome *ret_outcome);

#endif
