/* The states of a job and the moves between them.
 *
 *   WAITING ---> READY ---> RUNNING ---> MADE ---> DONE      the straight road
 *                 ^  |        |  |         `--> READY        the made bytes are gone (a crash, a
 * cleaned disk) |  |        |  `---> HELD ---> READY       not now: no room, the same is being
 * made, the next attempt is due later |  |        `------> READY                 interrupted:
 * nothing was lost, it starts again |  `---> KEPT                              made by an earlier
 * drop and unchanged
 *                 `--- FAILED, SKIPPED, CANCELLED, DONE      a retry; an input that was missing has
 * come
 *
 *   WAITING --> SKIPPED       an input it cannot do without failed
 *   RUNNING --> FAILED        refused, or the attempts are spent
 *   RUNNING --> NEEDS_PERSON  it killed its worker too often
 *   READY --> NEEDS_PERSON    it is a person's work: its bundle goes out
 *   any that has not ended --> CANCELLED
 *   any that is not at work --> DONE   a person gave its file back */
/* SPDX-License-Identifier: ISC */
#ifndef ENGINE_JOB_H
#define ENGINE_JOB_H

#include "store/rows.h"

/* Moves the row, checks the move against the drawing (a wrong one is a bug), logs it in words and
 * stamps started and completed. The caller stores the row. */
void job_move(struct job_row *job, enum job_state to, int64_t now_s);

#endif
