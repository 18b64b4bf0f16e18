/* What the files of json*.c share: the reader, its place in the document, and how it complains. */
/* SPDX-License-Identifier: ISC */
#ifndef BASE_JSON_PRIV_H
#define BASE_JSON_PRIV_H

#include <stdarg.h>

#include "base/json.h"

#define JSON_DEPTH_MAX 64 /* room of the place stack; every limit for depth is below it */

/* One step of the place: a member's key (borrowed from the tree) or a list's index. */
struct json_step {
    const char *key;
    int index;
};

struct json_reader {
    const char *bytes;
    size_t len, at;
    const struct json_limits *limits;
    int values;
    struct json_step steps[JSON_DEPTH_MAX];
    int depth;
    struct buf text; /* the string read last, unescaped */
    uint32_t *keys;  /* hashes of the keys of all open objects, innermost last */
    size_t keys_n, keys_room;
    struct json_fault *fault;
};

/* Fills the fault at offset; returns ERR_INPUT, or ERR_LIMIT for JSON_SIZE and JSON_DEPTH. */
int json_fail(struct json_reader *r, const char *code, size_t offset, const char *found,
              const char *expected);

/* The same for "the document ends here": marked as cut. */
int json_fail_cut(struct json_reader *r, const char *expected);

/* The same for an unexpected piece at the reader's place: names it (a comment, a single quote,
 * ...). */
int json_fail_here(struct json_reader *r, const char *expected);

/* Skips blanks (and comments where the limits allow them). */
int json_skip(struct json_reader *r);

/* Reads the string at the opening quote into r->text. */
int json_read_string(struct json_reader *r);

/* Reads the number at the reader's place. */
int json_read_number(struct json_reader *r, double *ret_value);

#endif
