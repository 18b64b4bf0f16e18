/* Where a person takes a shot for handwork (rules/models/targets.json). */
/* SPDX-License-Identifier: ISC */
#ifndef MANUAL_TARGET_H
#define MANUAL_TARGET_H

#include "base/buf.h"
#include "base/err.h"
#include "rules/rules.h"

/* The failure types a fix can have, NULL-terminated: composition artifacts motion safety_filter
 * character. */
extern const char *const manual_tags[];

/* The one of them a person meant (case, - and blanks aside), or ERR_INPUT naming all five. */
int manual_tag_read(const char *text, const char **ret_tag, struct err *e);

/* A target by its key ("kling-v3"), slug ("kling_3.0") or label; name NULL: the default of a kind
 * ("clip", "still", "new_still", "text"). ERR_MISSING names the nearest. Borrowed from the rules; its name is
 * its
 * ->string. */
int target_find(const struct rules *rules, const char *name, const char *kind,
                const cJSON **ret_target, struct err *e);

/* What a prompt is made of, in a person's words; NULL where there is nothing. Borrowed. */
struct wording {
    const char *environment, *characters, *action, *camera, *light;
    const char *whole; /* the prompt as it was written */
    bool edited;       /* a person rewrote it: it is kept as it is, but for words with a synonym */
};

/* The prompt in the target's order and length. ret_warnings (an array, owned): words that the
 * target may refuse and that have no synonym, and a length outside what it wants. Owned. */
char *target_prompt(const cJSON *target, const struct wording *w, cJSON **ret_warnings);

/* How many words a text has. */
int words_count(const char *text);

/* What the steps of a target are filled with. Borrowed. */
struct target_facts {
    const char *unit, *ratio, *size, *note, *tag; /* note, tag: NULL none */
    const char *start, *end;                      /* names of the frames, NULL none */
    const cJSON *warnings;                        /* what there is to say about the prompt */
    double seconds;
    bool refs, negative, schema;
};

/* The numbered plain lines of instructions.txt, at most 72 columns. */
void target_steps(const cJSON *target, const struct target_facts *facts, struct buf *out);

#endif
