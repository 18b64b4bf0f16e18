/* The manual loop, as the files of the engine see it: gestures and commands come in; bundles go
 * out, returns find their shots, verdicts are kept. */
/* SPDX-License-Identifier: ISC */
#ifndef ENGINE_MANUAL_H
#define ENGINE_MANUAL_H

#include "engine/engine_priv.h"
#include "engine/unit.h"
#include "store/manual.h"

/* A command by its verb: as in command.c. */
typedef int verb(struct engine *en, const cJSON *command, char **ret_said, struct err *e);
verb verb_escalate, verb_note, verb_redo; /* escalate.c, redo.c */
verb verb_bundle;                         /* bundles.c */
verb verb_enhance;                        /* enhance.c */
verb verb_tag;                            /* tag.c */
verb verb_verdict;                        /* verdicts.c */

/* escalate.c */
struct escalate_wish {
    const char *tag, *model, *note, *by; /* NULL: not said */
};
int escalate_unit(struct engine *en, const struct unit *u, const struct escalate_wish *wish,
                  struct err *e); /* stored at once; a second time only adds what is new */
int tag_unit(struct engine *en, const struct unit *u, const char *tag, struct err *e); /* tag.c */
void gestures_look(struct engine *en, const char *folder); /* inbox/escalate or inbox/notes */

/* redo.c: the unit's own work again, with a wish of words or another seed. Stored at once; *ret_n:
 * jobs that are made again. */
struct redo_wish {
    const char *note;              /* added to the prompt; NULL none */
    const char *prompt, *negative; /* in place of the clip's, or of the pictures' where there is no
                                      clip that is asked for in words; NULL: as they are */
    bool still;                    /* prompt is a picture's, also where there is a clip */
    bool new_seed;
    bool hanging; /* only what hangs on the unit's pictures, not they themselves */
};
int redo_unit(struct engine *en, const struct unit *u, const struct redo_wish *wish, int *ret_n,
              struct err *e);
int redo_open(struct engine *en, const struct unit *u, const struct redo_wish *wish, int *ret_n,
              struct err *e); /* the same in the caller's step */
/* How many of its jobs a rewritten prompt would make again; adds what they would cost. */
int redo_prompted(const struct unit *u, bool still, double *ret_price);
/* One job again because what it is made from has changed. In the caller's transaction. */
int redo_again(struct engine *en, struct job_row *job, struct err *e);

/* bundles.c */
void bundles_offer(struct engine *en, const struct job_row *job); /* a job that no engine makes */

void bundles_status(struct engine *en);   /* manual_export/STATUS.md */
void bundles_grow_old(struct engine *en); /* now and then: what is late by now is said */
void bundles_needs(struct engine *en,     /* bundles that are out for too long */
                   void (*add)(void *ctx, int64_t since_s, char *what, char *why, char *cure),
                   void *ctx);

/* returns.c */
int manual_open(struct engine *en, struct err *e);
int manual_watch(struct engine *en, struct err *e); /* again, with the rules in force */
void manual_close(struct engine *en);
int64_t manual_turn(struct engine *en);
bool manual_pending(const struct engine *en); /* something is still being looked at or moving */
bool manual_busy(const struct engine *en);    /* errands, and returns that are looked at */
void manual_recover(struct engine *en);
void manual_needs(struct engine *en,
                  void (*add)(void *ctx, int64_t since_s, char *what, char *why, char *cure),
                  void *ctx);

/* verdicts.c: the folders dailies/{needs_review,approved,retake,manual} */
void verdicts_show(struct engine *en, int64_t drop_id); /* entries as the store has them */
void verdicts_open(struct engine *en);
bool verdicts_pending(const struct engine *en); /* somebody moved an entry just now */
int64_t verdicts_turn(struct engine *en);
void verdicts_close(struct engine *en);

#endif
