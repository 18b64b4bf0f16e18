/* Gate 2 at work: what a look at a picture said, and what follows.
 *
 *   passed ---> the verdict is the look's file, what hangs on the picture goes on
 *   failed ---> the picture is made again, the look waits for it; after so many the picture's next
 *               engine, after the last one a person
 *   nobody could look --> as the rule says */
/* SPDX-License-Identifier: ISC */
#ifndef ENGINE_VISION_H
#define ENGINE_VISION_H

#include "engine/flight.h"
#include "engine/unit.h"

/* The verdict of an answer as the document that is kept. A "no" without a reason is ERR_INPUT. */
int vision_document(struct engine *en, const struct job_row *job, const cJSON *answer,
                    cJSON **ret_document, struct err *e);

/* Stores what was said about the picture. True when it was sent back: then the flight is a look
 * whose job goes on with vision_send_back. */
bool vision_told(struct engine *en, struct flight *f, const cJSON *document);

/* The look has failed its picture: charges the look, opens the picture again or hands both to a
 * person. Ends the flight's job for now; the caller removes the flight. */
void vision_send_back(struct engine *en, struct flight *f, const struct outcome *o);

/* No model gave a verdict: true when the rule lets the picture go on, and the look's job has ended.
 */
bool vision_blind(struct engine *en, struct flight *f, const char *why);

/* A look whose picture came from an engine that is not judged ends at once: true then. */
bool vision_needless(struct engine *en, struct flight *f);
/* Whether a look's picture was made new, so that no verdict of before is about it. */
bool vision_is_fresh(struct engine *en, const struct job_row *look);

/* A picture is made again: its look, if it has one, waits for it. In the caller's transaction. */
int vision_look_again(struct engine *en, const struct job_row *picture, struct err *e);

/* A person has decided: a look that waits or failed lets the picture go on. In the caller's
 * transaction; *ret_any is set when there was one. */
int vision_let_pass(struct engine *en, int64_t drop_id, const char *picture_key, bool *ret_any,
                    struct err *e);
/* The same for all pictures of a unit, in a transaction of its own, and its drop goes on. */
int vision_let_unit_pass(struct engine *en, const struct unit *u, struct err *e);

#endif
