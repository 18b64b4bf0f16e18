/* The machine that moves a procedure, while one sop_next runs. */
/* SPDX-License-Identifier: ISC */
#ifndef SOP_MACHINE_H
#define SOP_MACHINE_H

#include "sop/sop_priv.h"

struct machine {
    const struct rules *rules;
    cJSON *state, *frame;
    const cJSON *step;
    const cJSON *result; /* of the last act, until it is used */
    bool silent;         /* that act was not answered: what its step says of a failure is not so */
    bool judged;         /* a step has said of what class the failure is */
    int64_t now_ms;
    struct sop_turn *turn;
};

/* The step a frame stands at, NULL behind the last; its list's names from the outermost in
 * ("generate / press Generate", owned); and the move to the one after it. */
const cJSON *machine_step(const struct machine *m, const cJSON *frame);
char *machine_step_names(const struct machine *m);
void machine_next_step(cJSON *frame);

/* The step on top failed. False when the procedure goes on: an else, a step that may fail, another
 * try. True when the turn says SOP_FAILED. */
bool machine_fail(struct machine *m, const char *error, const char *class);

#endif
