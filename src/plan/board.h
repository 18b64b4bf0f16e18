/* What the files of the storyboard kind share while one board is planned. */
/* SPDX-License-Identifier: ISC */
#ifndef PLAN_BOARD_H
#define PLAN_BOARD_H

#include "plan/plan.h"
#include "plan/shot.h"

/* Lives for one plan_storyboard.fill; everything but shots and tree is borrowed. */
struct board {
    const struct order *order;
    const struct plan_context *ctx;
    struct plan *plan;
    struct faults *faults;
    struct board_rules rules;
    const cJSON *aspect;     /* sizes of the board's aspect ratio */
    const char *aspect_name; /* "9:16" */
    const char *project;     /* folder name */
    char episode[8];         /* "001" */
    char *tree;              /* the board's folder below out/ */
    struct shot *shots;
    size_t shots_n;
};

/* The path below out/ that naming member kind/name gives for a shot (or NULL) and role (or NULL).
 * Owned. */
char *board_path(const struct board *b, const char *pattern, const struct shot *shot,
                 const char *role);

/* The key of a shot's job ("SH03.first"). Owned. */
char *board_key(const struct shot *shot, const char *role);

/* What people call a shot across episodes: "EP001_SH03". Owned (board_hand.c). */
char *board_unit(const struct board *b, const struct shot *shot);

/* Adds unit, shot_type, cast and refs of the shot to a job's meta (board_hand.c). */
void board_tell_hand(const struct board *b, const struct shot *shot, cJSON *meta);

/* A size of the aspect: [width, height]. */
void board_size(const struct board *b, const char *name, int *ret_width, int *ret_height);

/* The key of the jobs that concern the whole episode. */
#define BOARD_SHEET_KEY    "episode.contact_sheet"
#define BOARD_ANIMATIC_KEY "episode.animatic"

/* Jobs of every shot and of the episode (board_jobs.c). */
int board_add_jobs(struct board *b, struct err *e);

/* Documents of the episode (board_docs.c) and its page (board_page.c). */
void board_add_documents(struct board *b);
void board_add_page(struct board *b);

/* Adds one record under every name that the rules give the document. */
void board_add_record(struct board *b, const char *document, const char *format, cJSON *takes_body);

#endif
