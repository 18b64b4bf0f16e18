/* What a step may say: members of its act, targets and conditions of the page, measures. */
/* SPDX-License-Identifier: ISC */
#ifndef SOP_SHAPE_H
#define SOP_SHAPE_H

#include "sop/sop_priv.h"

/* Hears of one member that means nothing or not what was meant; all borrowed for the call. */
typedef void sop_shape_heard(void *ctx, const char *found, const char *expected);

/* Whether there is such an act, of the machine or of the browser (browser/act.h). */
bool sop_shape_act(const char *act);

/* Looks at one step, not at the lists of steps in it. Values of the site are looked at where they
 * are used; what is only known while it runs ("$name") may be anything. */
void sop_shape_step(const struct rules *rules, const char *site, const cJSON *step,
                    sop_shape_heard *heard, void *ctx);

/* A condition of the page that stands outside of steps. */
void sop_shape_condition(const struct rules *rules, const char *site, const cJSON *condition,
                         sop_shape_heard *heard, void *ctx);

#endif
