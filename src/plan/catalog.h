/* The prompts of a drop: every catalog_<version>/<ID>*.md among its texts, in the short form that
 * is sent.
 *
 *   book/catalog_v1.0/ZH01_first_frost.md -> "v1.0", "ZH01_first_frost", "ZH01", prefix "ZH" */
/* SPDX-License-Identifier: ISC */
#ifndef PLAN_CATALOG_H
#define PLAN_CATALOG_H

#include "plan/plan.h"

/* Owns its texts but path and pose, which point into the order and the rules. */
struct catalog_prompt {
    const char *path; /* of the file in the drop */
    char *catalog;    /* "v1.0" */
    char *id;         /* "ZH01_first_frost": the file's stem */
    char *short_id;   /* "ZH01" */
    char *prefix;     /* "ZH" */
    char *title;      /* for people: "First frost" */
    char *body; /* without the title line and without blocks the layout picture tells better */
    const char *pose; /* kind of pose it asks for, or NULL */
    bool distilled;
};

struct catalog {
    struct catalog_prompt *list; /* by catalog, then id */
    size_t n;
};

/* Every prompt of the order whose catalog its request lets through. A catalog that is asked for and
 * not there, or none at all, is a fault that says what was looked for; what is left out is a note.
 * 0 or ERR_INPUT. */
int catalog_read(const struct order *order, const cJSON *rules, struct faults *notes,
                 struct faults *faults, struct catalog *ret_catalog);
void catalog_finish(struct catalog *c);

/* Whether a person's word for a catalog ("v1.0", "catalog_v1.0") means this one, or for a prompt
 * ("ZH01", "ZH01_first_frost.md", "catalog_v1.0/ZH01.md"). */
bool catalog_is(const char *catalog, const char *word, const char *folder_prefix);
bool catalog_prompt_is(const struct catalog_prompt *p, const char *word, const char *folder_prefix);

/* text without the blocks under the named headings, each up to the next heading of its rank or
 * above. Owned. */
char *catalog_strip(const char *text, const cJSON *headings);

/* The first plain paragraph of a body, without marks, at most max bytes, cut at a word: what a comp
 * card shows. Owned. */
char *catalog_excerpt(const char *body, size_t max);

#endif
