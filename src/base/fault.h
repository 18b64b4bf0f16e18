/* All the reasons something was not accepted, gathered in one pass: each names the place, what was
 * found, what was expected and what to do. */
/* SPDX-License-Identifier: ISC */
#ifndef BASE_FAULT_H
#define BASE_FAULT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

struct fault {
    char *code;     /* e.g. "JSON_DUPLICATE_KEY", "FIELD_TYPE", "REF_MISSING" */
    char *place;    /* file and place in it: "products.json: /products/2/rank (line 14)" */
    char *found;    /* shown escaped and cut; may be NULL */
    char *expected; /* may be NULL */
    char *cure;     /* what the person does next; may be NULL */
};

/* A list that owns its faults. Zeroed memory is an empty list. Beyond 50 it only counts. */
struct faults {
    struct fault *list;
    size_t n;
    size_t more; /* not kept */
};

/* Adds one; the texts are copied (found through utf8_show, cut at 200 bytes). */
void faults_add(struct faults *f, const char *code, const char *place, const char *found,
                const char *expected, const char *cure);
void faults_finish(struct faults *f);

/* "PLACE: found X, expected Y. CURE [CODE]", each part only where there is one; no line end. */
void fault_sentence(const struct fault *f, struct buf *out);

/* Numbered sentences, a blank line between: "1. PLACE: found X, expected Y. CURE [CODE]". */
void faults_text(const struct faults *f, struct buf *out);

#endif
