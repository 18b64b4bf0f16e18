/* What the files that read combos share. */
/* SPDX-License-Identifier: ISC */
#ifndef PLAN_COMBO_PRIV_H
#define PLAN_COMBO_PRIV_H

#include "plan/combo.h"

/* Lives for one combos_find; everything borrowed but combos. */
struct combo_search {
    const struct order *order;
    const cJSON *rules;
    struct faults *notes, *faults;
    struct combos combos;
};

/* The place of a path of the drop, entry first: "Hoodie_combo/C-U-009". Owned. */
char *combo_place(const struct order *order, const char *path);

/* Whether a component of path is one of the folders that are left out. */
bool combo_is_left_out(const struct combo_search *s, const char *path);

/* The next component of *path, copied into part; false at the end. */
bool combo_next_part(const char **path, char *part, size_t part_len);

/* Frees what c holds. */
void combo_finish(struct combo *c);

/* Adds a combo of that id and folder; both are copied. Valid until the next. */
struct combo *combo_add(struct combo_search *s, const char *id, const char *where);

/* Gives the picture to the combo, with its pose kind; a second one for a role that can have one
 * only is a fault. */
void combo_give(struct combo_search *s, struct combo *c, const char *role,
                const struct order_file *file);

/* The role that a file's name tells, or NULL. Borrowed from the rules. */
const char *combo_role_of(const struct combo_search *s, const char *path);

/* Wardrobe and layout style of a combo whose pictures are known (combo_kind.c). */
void combo_settle_wardrobe(struct combo_search *s, struct combo *c);
void combo_settle_style(struct combo_search *s, struct combo *c);

/* Lets go of the combos that the request does not ask for; a fault when one it names is not there
 * or none is left. */
void combo_keep_wanted(struct combo_search *s);

/* Combos that a combo.json or a .env file describes (combo_told.c). */
void combos_find_told(struct combo_search *s);

#endif
