/* What the files of the interpreter share: one exchange with an engine while it is built or read.
 * Nothing of it outlives the call. */
/* SPDX-License-Identifier: ISC */
#ifndef PROVIDERS_HTTP_PRIV_H
#define PROVIDERS_HTTP_PRIV_H

#include "providers/provider.h"

/* A file whose bytes stand in a body where the marker of its index is. */
struct piece {
    const char *path; /* borrowed from the ask */
};

/* One exchange. memo, params and meta are owned; the rest is borrowed from ask and rules.
 * Where a conversation stands lies in memo:
 *   step    "submit" (also when there is no memo), "poll", "result", "download", "look"
 *   stage   which request of the upload is next; tries, polls: counted since the last move
 *   up      input -> address it was uploaded to;  reply: name -> text the engine answered
 *   items   results: addresses, small objects, or {"file": path} once the bytes lie in the work
 * folder item    the next one to download;  base: which of several servers;  sent_s: when it was
 * accepted facts, cost: what the engine told of seed and price;  sums: digests of fetched files by
 * the number of their item */
struct talk {
    const struct ask *ask;
    const cJSON *file;    /* the provider's rules file */
    const cJSON *model;   /* its row of models, or NULL */
    const char *model_id; /* what the engine calls the model */
    const char *handle;   /* the attempt's own name, or NULL */
    cJSON *memo;
    struct talk_wish *wish;           /* params and meta of the job, read when they are asked for */
    const cJSON *item;                /* of the list being mapped or downloaded, or NULL */
    const struct job_file *item_file; /* the input being mapped or uploaded, or NULL */
    const struct job_file *unsent;    /* the first input that has to be uploaded before the body */
    struct piece *pieces;
    size_t pieces_n;
    const char *wanting; /* a required reference that is not there, or NULL */
};

/* --- http_talk.c: the exchange as a whole --- */
void talk_open(struct talk *t, const struct ask *ask);
void talk_close(struct talk *t);
const cJSON *talk_params(const struct talk *t);
const cJSON *talk_meta(const struct talk *t);
/* Instead of the job's; both are taken over. */
void talk_set_wish(struct talk *t, cJSON *takes_params, cJSON *takes_meta);
const cJSON *talk_step(const struct talk *t, const char *name); /* of "steps", or NULL */
const char *talk_base(const struct talk *t, const char *name);  /* NULL name: the engine's own */
bool talk_is_free(const struct talk *t);
int64_t talk_seed(const struct talk *t);
void talk_tell_cost(const struct talk *t, struct outcome *o); /* and the tokens, as far as known */

/* --- http_model.c: rows of models --- */
/* The row of a model (of what it is called now, once it has been retired), "*" when it has none of
 * its own, or NULL; ret_id borrows the id to send. */
const cJSON *model_row(const cJSON *file, const char *model, int64_t now_s, const char **ret_id);

/* --- http_pointer.c: places in an answer --- */
/* Calls visit for each value that the pointer means; a step "*" stands for every member. Returns
 * how many there were, and stops at the first for which visit answers true. */
size_t pointer_each(const cJSON *tree, const char *pointer,
                    bool (*visit)(void *ctx, const cJSON *value), void *ctx);
const cJSON *pointer_first(const cJSON *tree, const char *pointer); /* or NULL */
/* The first that is there of one pointer or a list of them. */
const cJSON *pointer_any(const cJSON *tree, const cJSON *pointers);
char *value_text(const cJSON *value); /* a text, number or bool as text; NULL for others. Owned */

/* --- http_reference.c: what a name stands for --- */
/* The value of a reference, or NULL when it is absent. Owned. A file is a text only through as. */
cJSON *reference_value(struct talk *t, const char *name, const char *as);
bool reference_there(struct talk *t, const char *name);
bool reference_known(const cJSON *file, const char *name);
const struct job_file *reference_file(const struct talk *t, const char *name);
const char *media_of_file(const char *path); /* "image/png"; static */

/* --- http_template.c: bodies --- */
/* The template with its references replaced, NULL when everything in it is absent. Owned. */
cJSON *template_fill(struct talk *t, const cJSON *template);
#define PIECE_MARK '\1' /* never in a text that comes from outside */

/* --- http_text.c: addresses and headers --- */
/* A text with {references} replaced, each percent-encoded (/ and : stay). ERR_STATE when one is
 * absent. Owned. */
int text_fill(struct talk *t, const char *template, char **ret_text, struct err *e);
bool text_same_origin(const char *a, const char *b);
bool text_is_safe_url(const char *url);
char *text_join_origin(const char *base, const char *path); /* scheme and host of base, then path */

/* --- http_compose.c --- */
int compose_step(struct talk *t, const cJSON *step, struct request *ret_request, struct err *e);

/* --- http_answers.c: what an answer means --- */
struct verdict {
    enum outcome_class class;
    int wait_s;
    char *say, *cure; /* owned; say is NULL for ok and pending */
    bool over, free;  /* accepted work has ended with it; nothing is charged */
    bool told;        /* by a row of the step itself */
};
void answers_judge(const struct talk *t, const char *step_name, const struct response *response,
                   const cJSON *body, struct verdict *ret_verdict);
/* Whether a row of answers, or what else names a place as they do, fits this answer. */
bool answers_row_fits(const struct talk *t, const cJSON *row, const char *step_name,
                      const struct response *response, const cJSON *body);
void verdict_finish(struct verdict *v);
enum outcome_kind outcome_kind_of(enum outcome_class class); /* of what is not the work's end */
cJSON *answer_body(const struct response *response);         /* its JSON, or NULL. Owned */

/* --- http_wait.c --- */
/* Seconds; wait is a row's, or NULL. */
int wait_judge(const struct talk *t, const cJSON *wait, const struct response *response,
               const cJSON *body);
/* What the answer to a step says is left of its limits ("told" of the file's limits), of several
 * the scarcest; reset_ms 0: nothing. */
void wait_left(const struct talk *t, const char *step_name, const struct response *response,
               struct left_told *ret_left);

/* --- http_harvest.c: results of an answer --- */
/* Puts what the step's "results" mean into memo.items; base64 becomes files in the work folder.
 * Returns how many there are. */
size_t harvest_results(struct talk *t, const cJSON *step, const cJSON *body);
/* The first item from i on, of as many as the job has outputs, that is still to be downloaded; that
 * many when none is. */
size_t harvest_missing(const struct talk *t, size_t i);
void harvest_cost(struct talk *t, const cJSON *step, const struct response *response,
                  const cJSON *body); /* and the tokens */
/* How many units of its price it says were billed: what it costs. */
void harvest_units(struct talk *t, const struct response *response, const cJSON *body);
void harvest_replies(struct talk *t, const cJSON *step, const struct response *response,
                     const cJSON *body);

/* --- http_beside.c: as struct provider says --- */
int beside_cancel(const struct ask *ask, struct request *ret_request, struct err *e);
bool beside_cancel_fits(const struct ask *ask, const struct response *response_or_null);

/* --- http_finish.c: files become outputs --- */
/* The digest of the file of item i as it was fetched, so that it need not be read again. */
void finish_keep_sum(struct talk *t, size_t i, const char *sha256);
int finish_build(struct talk *t, struct request *ret_request, struct err *e);
void finish_read(struct talk *t, const struct response *response, struct outcome *o);

#endif
