/* What was made from a picture before a person's own took its place: found, offered on a card, made
 * again when the person says so. */
/* SPDX-License-Identifier: ISC */
#ifndef ENGINE_REDO_OFFER_H
#define ENGINE_REDO_OFFER_H

#include "engine/manual.h"

/* Jobs that hang on a unit's replaced pictures and are older than them, in plan order. */
struct hanging {
    struct job_row *jobs; /* owned */
    size_t n;
    int own;         /* of the unit itself; the others are an episode's sheet, an animatic, ... */
    double price;    /* of all of them once more */
    int64_t since_s; /* of the newest return */
};
void hanging_finish(struct hanging *h);

/* False when no picture of the unit was replaced by a person. *ret_hanging is filled either way. */
bool hanging_find(struct engine *en, const struct unit *u, struct hanging *ret_hanging);

/* "1 of EP001_SH03, Contact sheet, Animatic"; "" when nothing. Owned. */
char *hanging_words(const struct hanging *h, const char *unit);
/* The same without the unit's own. Owned. */
char *hanging_others(const struct hanging *h, const char *unit);

/* Lays the unit's card out, renews it, or takes it away when nothing hangs on it any more. In steps
 * of its own. */
void redo_offer(struct engine *en, int64_t drop_id, const char *unit);

/* The same for a text step whose answer a person brought: its shot with the new prompt. */
void redo_offer_prompt(struct engine *en, int64_t job_id);

/* Whether a card is one of these offers. */
bool redo_is_offer(const char *kind);

/* Opens them again, and their drop. In the caller's step. */
int redo_hanging(struct engine *en, const struct unit *u, const struct hanging *h, struct err *e);

/* The cards that wait, for NEEDS-YOU.md. */
void redo_needs(struct engine *en,
                void (*add)(void *ctx, int64_t since_s, char *what, char *why, char *cure),
                void *ctx);

#endif
