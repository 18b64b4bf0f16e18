/* What the files of the schema checker share: a place in a document, and the walk over schema and
 * document side by side. */
/* SPDX-License-Identifier: ISC */
#ifndef RULES_SCHEMA_PRIV_H
#define RULES_SCHEMA_PRIV_H

#include <regex.h>
#include <stdbool.h>

#include "rules/schema.h"

/* A place as a chain of steps towards the root; lives on the stack of the walk. */
struct schema_at {
    const struct schema_at *up; /* NULL at the root */
    const char *key;            /* a member, or NULL for an item */
    int index;                  /* an item */
    const char *label;          /* what the value is called for a person, or NULL */
};

/* One visit: the schema, the value it is for (never NULL), and where that is. */
typedef void schema_visit(void *ctx, const cJSON *schema, const cJSON *value,
                          const struct schema_at *at);

/* Calls visit for value, which lies at that place (NULL: the top), and everything below it that the
 * schema describes, parents first. */
void schema_walk(const cJSON *schema, const cJSON *value, const struct schema_at *at,
                 schema_visit *visit, void *ctx);

/* The member a field's schema means: by its own name, else by one of its other names. NULL when
 * missing or null. */
const cJSON *schema_member(const cJSON *object, const char *name, const cJSON *field);

/* "file: /products/2/rank (Lumo Arc)"; owned by the caller. */
char *schema_place(const char *file, const struct schema_at *at);

/* What a value is, in words: `the text "abc"`, `a list of 3`; owned by the caller. */
char *schema_describe(const cJSON *value);

/* What a type (a word or a list of words) is, in words; owned by the caller. */
char *schema_type_text(const cJSON *type);

/* Does the value have one of the schema's types? No type means any. */
bool schema_has_type(const cJSON *schema, const cJSON *value);

/* Expressions compiled during one check, known by the address of their text. */
#define SCHEMA_PATTERNS 16
struct schema_pattern {
    const char *text;
    regex_t compiled;
    bool sound; /* it compiles; one that does not was a fault of its rules file */
};

/* Where a checker gathers. */
struct schema_report {
    const char *file;
    struct faults *faults;
    size_t added;
    const cJSON *root; /* the whole document, for "among" */
    cJSON *self;       /* the schema of schemas, once one was met */
    struct schema_pattern patterns[SCHEMA_PATTERNS];
    size_t patterns_n; /* of them in use; the next takes the place of an old one, round and round */
};
void schema_fault(struct schema_report *r, const struct schema_at *at, const char *code,
                  const char *found, const char *expected, const char *cure);

/* Ranges, words, patterns, counts of one value that has the right type. */
void schema_check_value(struct schema_report *r, const cJSON *schema, const cJSON *value,
                        const struct schema_at *at);

/* Frees what one check gathered for itself; its faults stay. */
void schema_report_finish(struct schema_report *r);

/* A text that must be an expression of its own. */
void schema_check_expression(struct schema_report *r, const cJSON *value,
                             const struct schema_at *at);

#endif
