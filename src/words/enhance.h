/* A shot's prompt rewritten for a target by a model: what is asked (rules/prompts/enhance.json),
 * and whether the answer keeps to the target's rules. */
/* SPDX-License-Identifier: ISC */
#ifndef WORDS_ENHANCE_H
#define WORDS_ENHANCE_H

#include <cjson/cJSON.h>

#include "base/digest.h"
#include "base/err.h"
#include "manual/target.h"
#include "rules/rules.h"

/* What is known of a shot; borrowed, NULL where there is nothing. */
struct enhance_shot {
    const char *unit;
    const struct wording *wording;
    const char *ratio, *note, *tag;
    double seconds; /* 0 not known */
};

/* One question. Owned. */
struct enhance_question {
    cJSON *params; /* system, schema, max_tokens, tokens_in: of a text job */
    char *prompt;
    int asks;   /* how often one model is asked at most */
    bool frame; /* the shot's first frame goes along */
};
void enhance_question_finish(struct enhance_question *q);

/* ERR_INPUT when there are no rules for the target (a still's, a text's). */
int enhance_ask(const struct rules *rules, const cJSON *target, const struct enhance_shot *shot,
                struct enhance_question *ret_question, struct err *e);

/* The document of a good answer: {"shot_id", "target_model", "prompt", "negative" or null, "words",
 * "model", "from"}, its prompt softened and its negative completed by the target's own. ERR_INPUT
 * with every fault in one sentence, for the model to mend. Owned. */
int enhance_judge(const struct rules *rules, const cJSON *target, const cJSON *answer,
                  cJSON **ret_document, struct err *e);

/* What the words of a shot are known by: a rewritten prompt belongs to these words alone. */
void enhance_source(const struct wording *w, char ret_hex[DIGEST_LEN]);

#endif
