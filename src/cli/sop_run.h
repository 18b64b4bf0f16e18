/* What the files of `slated sop run` share: one procedure done by hand. */
/* SPDX-License-Identifier: ISC */
#ifndef CLI_SOP_RUN_H
#define CLI_SOP_RUN_H

#include "base/buf.h"
#include "cli/by_hand.h"
#include "cli/cli.h"
#include "sop/sop.h"

#define SOP_GOES_ON (-1) /* in place of an exit code */

struct sop_run {
    const struct cli *cli;
    const struct rules *rules;
    char *root, *site;
    const char *name;  /* of the procedure */
    const cJSON *tree; /* its file. Borrowed from the rules */
    char *dir;         /* where acts put their files */
    cJSON *wishes;     /* what --set said */
    cJSON *state;
    struct by_hand hand;
    struct buf trace;
    cJSON *fetched; /* path by role, in the order they came */
    char *step;     /* the one that is on; NULL before the first */
    cJSON *asked;   /* names of steps that were asked for and shown in this try */
    cJSON *said;    /* what came of each act of theirs when it was told last */
    int tries;
    bool again; /* the step that is on was shown in this try already */
    bool stepping, agreed;
    int slow_ms, shots_n;
};

/* sop_run.c: sop run NAME; returns the exit code */
int cli_sop_run(const struct cli *cli, const struct rules *rules);

/* sop_end.c: a path in the folder that slated was started in; owned */
char *sop_path_here(const char *name);
/* What was fetched goes where it was wanted. The exit code. */
int sop_end_done(struct sop_run *r);
/* Says why, keeps the page, and begins the procedure that stands in: SOP_GOES_ON then, else the
 * exit code. */
int sop_end_failed(struct sop_run *r, const struct sop_turn *turn);

/* sop_wish.c: the wishes of --set, checked against what the procedure takes; owned. NULL after
 * every fault was said. */
cJSON *sop_wishes(const struct sop_run *r);
/* sop_words.c: whether a wish stands in the prompt that this procedure can put together */
bool sop_words_take(const struct sop_run *r, const char *name);
/* Those names on stderr, a line each. */
void sop_words_list(const struct sop_run *r);
/* Puts together what prompts were not given, from what stands in them. False after every fault was
 * said. */
bool sop_words_fill(const struct sop_run *r, const cJSON *given, cJSON *wishes);

/* sop_wish.c: the first wish that a procedure cannot do without and is not there; NULL none.
 * Borrowed. */
const char *sop_wish_missing(const cJSON *tree, const cJSON *wishes);
/* The only site, or that of --site; owned. NULL after having said why. */
char *sop_site_chosen(const struct cli *cli, const struct rules *rules);
/* The procedure's file. NULL after having said which there are. */
const cJSON *sop_procedure_chosen(const struct rules *rules, const char *site, const char *name);

/* sop_talk.c */
void sop_say_begin(const struct sop_run *r);
void sop_say_step(const struct sop_run *r);
/* What came of an act; nothing when its step comes round again and the same came of it. */
void sop_say_act(struct sop_run *r, const cJSON *act, const cJSON *result);
/* Before a step: rests, waits for a key. False: stop. */
bool sop_ask_step(struct sop_run *r);
/* Before an act that costs: asks once, and books it. 0, or the exit code to stop with. */
int sop_ask_paid(struct sop_run *r, const struct sop_turn *turn);
/* A screenshot, under --shots. False: ctrl-C. */
bool sop_take_shot(struct sop_run *r, const char *dir, const char *name);

#endif
