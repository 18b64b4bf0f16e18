/* Cards: files in approve/ that ask a person for a yes. Dragged to approve/go/ or approve/no/ they
 * are answered, as by `slated approve CARD` and `slated refuse CARD`; the file goes once the answer
 * is stored. A card that was deleted lies there again after the next start.
 *
 * The kinds, and what an answer does, are the table in cards.c. */
/* SPDX-License-Identifier: ISC */
#ifndef ENGINE_CARDS_H
#define ENGINE_CARDS_H

#include "engine/engine_priv.h"
#include "store/money.h"

/* Stores a card and lays its file out in the next turn. kind: a row of the table; subject: what it
 * is about, in the kind's own words; file: its name, ends in .md; text: what is in it. In a step of
 * its own; card_add: in the caller's. */
int card_put(struct engine *en, const char *kind, const char *subject, const char *file,
             const char *text, struct err *e);
int card_add(struct engine *en, const char *kind, const char *subject, const char *file,
             const char *text, struct err *e);

/* What it asked is settled in another way: its file goes. In a step of its own; card_over: in the
 * caller's. */
void card_gone(struct engine *en, const char *kind, const char *subject);
bool card_asks(struct engine *en, const char *kind, const char *subject); /* it still does */
int card_over(struct engine *en, const char *kind, const char *subject, struct err *e);

/* Every card that asks lies there from the next turn on; looks when told, answers the next
 * deadline. */
void cards_open(struct engine *en);
int64_t cards_turn(struct engine *en);
void cards_flush(struct engine *en); /* lays out what is not there yet, before the process ends */
void cards_close(struct engine *en); /* forgets nothing: the store has them */

/* An answer by command: the card of that file name, with or without .md. ERR_MISSING when none. */
int cards_answer(struct engine *en, const char *file, bool yes, char **ret_said, struct err *e);
int verb_card(struct engine *en, const cJSON *command, char **ret_said, struct err *e);

/* --- what kinds do: in the caller's step; *ret_said is a sentence, owned --- */
typedef int card_act(struct engine *en, const struct card_row *card, bool yes, char **ret_said,
                     struct err *e);
card_act card_plan, card_doubt;  /* card_acts.c */
card_act card_redo, card_prompt; /* redo_offer.c, redo_prompt.c */

/* A plan above the amount that needs a yes; in the step that stores the drop. */
int card_ask_plan(struct engine *en, struct drop_row *drop, int jobs_n, double price, double worst,
                  struct err *e);

#endif
