/* The combos of a drop: which folders or descriptors are one, which picture plays which role, which
 * wardrobe and layout style each belongs to.
 *
 *   Hoodie_combo/Orange_UI_Combos/C-U-011/ui.png, pose_mcu.png, ... -> C-U-011, zip-hoodie, Orange
 */
/* SPDX-License-Identifier: ISC */
#ifndef PLAN_COMBO_H
#define PLAN_COMBO_H

#include "plan/plan.h"

struct combo_picture {
    const char *role; /* "wardrobe" "bottom" "pose" "ui", of the rules */
    const char *kind; /* pose: "full" "straight" "mcu", or "" when the name does not say */
    const struct order_file *file; /* of the order */
};

/* Owns its texts and the list; pictures point into the order and the rules. */
struct combo {
    char *id;          /* "C-U-011" */
    char *where;       /* its folder or descriptor, for messages */
    char *wardrobe;    /* "zip-hoodie" */
    char *ui_style;    /* "Orange" */
    char *description; /* of the garment, or NULL */
    char *quality;     /* asked for by the combo itself, or NULL */
    cJSON *catalogs;   /* the only catalogs it wants, or NULL */
    bool told;         /* has a descriptor: nobody looks for another combo in its folder */
    bool roles_told;   /* the descriptor names the pictures, so that none has to be there */
    struct combo_picture *pictures;
    size_t pictures_n;
};

/* A growing list; zeroed memory is an empty one. */
struct combos {
    struct combo *list;
    size_t n;
};

/* Every combo of the order that its request (wardrobe, ui_style) lets through, by wardrobe and id.
 * What is missing or unclear becomes a fault, what is left out a note. 0, or ERR_INPUT when there
 * was a fault or no combo. */
int combos_find(const struct order *order, const cJSON *rules, struct faults *notes,
                struct faults *faults, struct combos *ret_combos);
void combos_finish(struct combos *c);

/* The first picture of that role, or NULL. */
const struct combo_picture *combo_picture(const struct combo *c, const char *role);

/* The picture for the pose that a prompt asks for (kind, or NULL): that pose, else the fallback
 * kind, else any. *ret_other tells that it is not the one asked for. NULL when the combo has no
 * pose. */
const struct combo_picture *combo_pose(const struct combo *c, const char *kind,
                                       const char *fallback, bool *ret_other);

/* Whether word begins a word of text; letters at the word's start are told from what stands before
 * them. ASCII case is ignored. A word under four letters must end there too. */
bool combo_word_in(const char *text, const char *word);

#endif
