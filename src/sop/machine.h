/* The machine that moves a procedure, while one sop_next runs. A function that answers a bool says
 * whether the turn is decided: true, it goes out; false, the machine moves on. */
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

/* The word for how far the step on top is (sop_step.c draws them). */
const char *machine_phase(const struct machine *m);
void machine_set_phase(struct machine *m, const char *to);

/* A number of the step, resolved. */
int machine_int(const struct machine *m, const char *name, int otherwise);

/* sop_ask.c: an act goes out, a look at the page, a rest; then is the phase that follows. */
bool machine_give(struct machine *m, cJSON *takes_act, const char *then);
bool machine_look(struct machine *m, const cJSON *condition, const char *then);
bool machine_rest(struct machine *m, int ms, const char *then);
bool machine_act(struct machine *m); /* the step's own */

/* What was answered: to a look, to the step's act, to its expectation, to what may lie over it. */
bool machine_yes(struct machine *m);
bool machine_act_told(struct machine *m);
bool machine_expect_told(struct machine *m);
bool machine_cover_told(struct machine *m);

/* sop_list.c: the list under a member of the step is put on top; the steps that hold one; a list
 * that is through. */
bool machine_push(struct machine *m, const char *member, const char *kind, const char *then);
bool machine_call(struct machine *m);
bool machine_loop(struct machine *m);
bool machine_loop_told(struct machine *m);
bool machine_poll(struct machine *m);
bool machine_poll_told(struct machine *m);
bool machine_list_end(struct machine *m);

/* The step on top failed. False when the procedure goes on: an else, a step that may fail, another
 * try. True when the turn says SOP_FAILED. */
bool machine_fail(struct machine *m, const char *error, const char *class);

#endif
