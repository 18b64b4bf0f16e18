/* What engines made meets gate 1 here. */
/* SPDX-License-Identifier: ISC */
#ifndef ENGINE_GATE_H
#define ENGINE_GATE_H

#include "engine/flight.h"

/* Judges what a DONE outcome made. Passed: each made file carries its verdict. Failed: the file is
 * kept beside its place as refused, the verdict is stored, and the outcome becomes RETRY of class
 * refused_output with the sentence; flight->gated says so. */
void gate_outcome(struct engine *en, struct flight *f, struct outcome *o);

/* The verdicts of what is delivered, in the caller's transaction; attempt_id 0: it was free. */
int gate_store(struct engine *en, const struct job_row *job, int64_t attempt_id,
               const struct outcome *o, struct err *e);

/* No engine makes it so that it passes: its bundle goes out and a person decides. */
void gate_hand_over(struct engine *en, struct flight *f, const char *why);

/* What gates said about a drop: {"jobs": {key: said}, "units": {unit: said}}, where said is
 * {"gate1", "gate2", "routing", "refused": [...]}; a unit's gates are those of the job that fared
 * worst. Owned. */
cJSON *gates_of_drop(struct engine *en, int64_t drop_id, const struct job_row *jobs, size_t jobs_n);

#endif
