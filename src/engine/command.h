/* What the files about a person's commands share. A verb's function takes the command as JSON,
 * changes the store in steps of its own, and answers with a sentence (owned) or with why not. */
/* SPDX-License-Identifier: ISC */
#ifndef ENGINE_COMMAND_H
#define ENGINE_COMMAND_H

#include "engine/engine_priv.h"

typedef int command_verb(struct engine *en, const cJSON *command, char **ret_said, struct err *e);
command_verb verb_retry;                             /* command_retry.c */
command_verb verb_cancel;                            /* command_cancel.c */
command_verb verb_pause, verb_resume, verb_pod_stop; /* command_pause.c */

/* The drop that a command names; ERR_MISSING says what it named. ret_drop is finished by the caller
 * either way. */
int command_find_drop(struct engine *en, const cJSON *command, struct drop_row *ret_drop,
                      struct err *e);
/* Ends a step whose changes came to rc: commits them all, or takes them back. */
int command_end(struct engine *en, int rc, struct err *e);
/* The card of a drop's plan is answered in another way. */
void command_plan_answered(struct engine *en, int64_t drop_id);

#endif
