/* One shot of a storyboard, checked: which prompts it has, how it is to be made, what of it can be
 * seen. Borrows the order's document. */
/* SPDX-License-Identifier: ISC */
#ifndef PLAN_SHOT_H
#define PLAN_SHOT_H

#include "plan/plan.h"

struct shot {
    const cJSON *doc;       /* the shot as given */
    const cJSON *scene;     /* its scene, or NULL */
    const cJSON *way;       /* what rules/plans/storyboard.json says about its approach */
    const char *id;         /* unique in the board */
    const char *asset_name; /* unique in the board, of the pattern */
    const char *approach;   /* a name of the rules, aliases resolved */
    double seconds;         /* above 0 */
    int64_t seed;           /* given, or derived from project and asset name */
};

/* The three rules files of this kind; borrowed. */
struct board_rules {
    const cJSON *plan, *prompts, *naming;
};

/* Reads every shot of the order; each thing that is missing or wrong becomes a fault with its shot
 * and field, each doubt a note. 0 with *ret_shots (owned, free()) and *ret_n when nothing was
 * wrong, else ERR_INPUT. */
int shots_read(const struct order *order, const struct board_rules *rules, struct faults *notes,
               struct faults *faults, struct shot **ret_shots, size_t *ret_n);

/* The text of a prompt field, given as a string or as {"prompt": ...}; NULL when there is none.
 * Borrowed. */
const char *shot_prompt(const struct shot *shot, const char *field);

/* The first of the named fields (a list of names) that has a text; *ret_field (may be NULL) is its
 * name. NULL when none has. */
const char *shot_first_prompt(const struct shot *shot, const cJSON *fields, const char **ret_field);

/* What a drawing engine needs to know about the shot: the members that the rules call visible, with
 * those of the caption when asked. Owned. */
cJSON *shot_visible(const struct shot *shot, const cJSON *plan_rules, bool caption);

/* One line about lens, length and words: "35 mm", "MARA: Not tonight." Empty when the shot says
 * nothing. Owned. */
char *shot_lens_text(const struct shot *shot);
char *shot_spoken_text(const struct shot *shot);

#endif
