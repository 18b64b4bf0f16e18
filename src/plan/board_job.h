/* The parts that every job of a board is put together from (board_jobs.c), and its films
 * (board_film.c). */
/* SPDX-License-Identifier: ISC */
#ifndef PLAN_BOARD_JOB_H
#define PLAN_BOARD_JOB_H

#include "plan/board.h"

/* The pattern that the naming gives a kind of file. Borrowed. */
const char *board_file(const struct board *b, const char *file);

/* Adds a shot's job with its meta; role is the word in key and title. Lives until the next job. */
struct plan_job *board_shot_job(struct board *b, const struct shot *shot, const char *role,
                                const char *op);

/* A job over one output of every shot in their order; a shot that fails is only missing in it.
 * Inputs are called after their shots, and params name them in their order, so that a label or a
 * length finds its own. */
struct plan_job *board_episode_job(struct board *b, const char *key, const char *title,
                                   const char *op, const char *role, const char *out_role);

/* Width and height of the aspect's size of that name, into the params. */
void board_set_size(const struct board *b, struct plan_job *j, const char *size);

/* Where the rules put a file of the shot: the job's output under out_role. */
void board_add_output(const struct board *b, struct plan_job *j, const struct shot *shot,
                      const char *file, const char *role, const char *out_role);

/* Fills the frame's template with the shot's text; the prompt is saved beside the job's first
 * output. */
int board_set_prompt(const struct board *b, struct plan_job *j, const char *frame, const char *text,
                     const char *source, struct err *e);

/* The shot's own negative text goes to its film; stills have that of the rules. */
void board_set_negative(const struct board *b, struct plan_job *j, const struct shot *shot,
                        const char *frame);

/* The clip of a shot, in segments where its engine makes film between two frames (board_film.c). */
int board_add_clip(struct board *b, const struct shot *shot, struct err *e);

/* The episode as one film. */
void board_add_animatic(struct board *b);

#endif
