/* What the files that make an order of a listing share. */
/* SPDX-License-Identifier: ISC */
#ifndef INTAKE_INTAKE_PRIV_H
#define INTAKE_INTAKE_PRIV_H

#include <regex.h>

#include "intake/intake.h"

/* One reading. Everything borrowed but order, which becomes the answer's at the end. */
struct reading {
    const struct rules *rules;
    const struct intake_place *place;
    struct intake_answer *answer;
    struct order *order;        /* being filled; owns the listing */
    const struct listing *list; /* the order's */
    struct faults pending;      /* what is said should the missing things never come */
};

/* --- pointers (pointers.c) --- */

/* A value at a pattern such as "/shots/ * /camera" (a lone * is any item or member); pointer is
 * where it really is. */
typedef void pointer_visit(void *ctx, cJSON *value, const char *pointer);
void pointers_each(cJSON *tree, const char *pattern, pointer_visit *visit, void *ctx);

/* An expression that a whole text must fit, case ignored. */
struct pattern {
    regex_t compiled;
    bool sound; /* false for no expression: nothing fits */
};
void pattern_init(struct pattern *p, const char *text); /* text may be NULL */
void pattern_finish(struct pattern *p);
bool pattern_fits(const struct pattern *p, const char *text);

/* --- recognising (recognise.c) --- */

/* Does the rule's document part describe this tree? */
bool recognise_document(const cJSON *rule, cJSON *tree);

/* Does the rule's folder part describe this folder? */
bool recognise_folder(const cJSON *rule, const struct listing *l);

/* Is it something that a drop of this rule would look for beside itself (a prompt catalog)? */
bool recognise_beside(const cJSON *rule, const struct listing *l);

/* Says to faults that no rule knows it, and what is taken. tree: its document, or NULL. */
void recognise_refuse(struct reading *r, cJSON *tree, struct faults *faults);

/* --- documents (document.c) --- */

/* Reads and parses a file of the listing. NULL after a fault was added or (cut, still arriving) a
 * missing name. */
cJSON *document_read(struct reading *r, const struct listed *file, struct faults *faults);

/* The name of a listed file for messages and waiting: "drop/products.json". Owned. */
char *document_name(const struct reading *r, const char *path);

/* Brings the document into its one form, checked. Takes *tree and gives it back; faults go to the
 * answer, remarks to the order. */
void document_normalise(struct reading *r, const cJSON *rule, const char *name, cJSON **tree);

/* The absolute path of a listed file. Owned. */
char *document_path(const struct reading *r, const char *path);

/* Adds the line to the place of every fault and warning that speaks of the document called name,
 * which is read from path again. */
void lines_add(struct reading *r, const char *name, const char *path);

/* Fills members that a text file of the folder says ("niche.txt"). */
void document_add_texts(struct reading *r, const cJSON *rule, const char *folder, cJSON *tree);

/* Fills members that a picture of the folder says ("face.png"), or that the policy names one for. */
void document_add_pictures(struct reading *r, const cJSON *rule, const char *folder, cJSON *tree);

/* --- files (references.c, url.c, place.c) --- */

/* Finds every file the document names and adds it to the order; faults and missing names go to the
 * answer. */
void references_find(struct reading *r, const cJSON *rule, const char *name, cJSON *tree);

/* Judges the form of every web address in the document. */
void urls_check(struct reading *r, const cJSON *rule, const char *name, cJSON *tree);

/* NULL when the address may be asked for, else URL_FORM or URL_FORBIDDEN with the reason (static
 * texts). */
const char *url_judge(const char *url, const char **ret_why);

/* A file found outside the drop's own listing: opened beneath base, judged, digested. */
struct found_file {
    struct listed file;  /* path is the absolute path, owned */
    const char *refusal; /* a code why it is not read, or NULL */
};

/* Looks for base/relative, following no link; case and composition of names may differ when only
 * one fits. false when nothing is there. */
bool place_find(const struct rules *rules, const char *base, const char *relative,
                struct found_file *ret);

/* The path inside a base folder that an absolute path means, or NULL when it lies elsewhere.
 * Borrowed from path. */
const char *place_below(const char *base, const char *path);

/* dir + "/" + path without "." and ".." parts; NULL when that leaves the top. Owned. */
char *place_normal(const char *dir, const char *path);

/* The limits of policy.json. */
struct listing_limits place_limits(const struct rules *rules);

/* Do other entries that may belong to the drop lie beside it? Not in a staging folder of our own.
 */
bool place_has_neighbours(const struct intake_place *place);

/* Reads every text below dir whose path (prefix first, may be "") fits the expression into texts,
 * path -> content. Answers how many; 0 also when there are pictures, for then it is no folder of
 * texts. */
size_t gather_texts(const char *dir, const char *prefix, const struct pattern *pattern,
                    cJSON *texts);

/* The text of one file of at most 64 KiB, UTF-8 without NUL; NULL with a code when it is none.
 * Owned. */
char *gather_text(const char *path, const char **ret_code);

/* --- folders that are drops (folder.c) --- */

void folder_read(struct reading *r, const cJSON *rule);

/* A request that names a folder: its pictures and texts become the order's. */
void folder_read_named(struct reading *r, const cJSON *rule, const char *path);

/* --- answering (intake.c) --- */

struct order_file *order_add_file(struct order *o, const char *name, const struct listed *file);
void order_add_sibling(struct order *o, const char *name);
/* Something is not there yet, or not whole; code and found are said when it never comes. */
void answer_add_missing(struct reading *r, const char *name, const char *code, const char *place,
                        const char *found, const char *expected);
void answer_add_fault(struct reading *r, const char *code, const char *place, const char *found,
                      const char *expected, const char *cure);
/* Splits listed.why into its code and its sentence. */
const char *why_code(const struct listed *f, char *out, size_t out_len, const char **ret_sentence);

#endif
