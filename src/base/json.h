/* JSON read strictly and written steadily. The tree is cJSON's; this file closes what cJSON lets
 * through (bytes that are not UTF-8, duplicate keys, depth, size, numbers that would be rounded)
 * and gives every complaint its place: a JSON pointer, a line and a column. */
/* SPDX-License-Identifier: ISC */
#ifndef BASE_JSON_H
#define BASE_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cjson/cJSON.h>

#include "base/buf.h"
#include "base/err.h"

struct json_limits {
    size_t bytes;  /* whole document */
    int depth;     /* nested lists and objects */
    int values;    /* all values */
    int keys;      /* keys of one object */
    size_t string; /* bytes of one string, unescaped */
    bool comments; /* rules only: // and block comments are blanks */
};
extern const struct json_limits
    json_limits_drop; /* 8 MiB, 32 deep, 200,000 values, 1,000 keys, 64 KiB a string */
extern const struct json_limits
    json_limits_rules; /* 4 MiB, 32 deep, 200,000 values, 2,000 keys, 64 KiB, comments */

/* Why a document was not taken. code: JSON_EMPTY JSON_SIZE JSON_SYNTAX JSON_DEPTH
 * JSON_DUPLICATE_KEY JSON_NUMBER JSON_UTF8 JSON_NUL JSON_ENCODING JSON_TRAILING (static text). cut:
 * the document is well formed so far and simply ends too early, so more bytes may complete it. */
struct json_fault {
    const char *code;
    size_t offset;
    int line, column; /* from 1 */
    bool cut;
    char pointer[256]; /* place in the document: "/products/2/name" */
    char found[128];
    char expected[128];
};

/* Reads len bytes into a tree the caller owns (cJSON_Delete). A UTF-8 BOM is skipped.
 * ERR_INPUT or ERR_LIMIT with *ret_fault filled; *ret_tree untouched then. */
int json_parse(const char *bytes, size_t len, const struct json_limits *limits, cJSON **ret_tree,
               struct json_fault *ret_fault);

/* One sentence of a fault: "line 3, column 9 (/products/0): found ..., expected ...". */
void json_fault_text(const struct json_fault *fault, char *out, size_t out_len);

/* Getters on an object (or a JSON pointer below it when the name starts with '/'). Borrowed
 * results. A missing or differently typed member answers the fallback. */
const cJSON *json_get(const cJSON *tree, const char *name); /* NULL when missing or null */
const char *json_str(const cJSON *tree, const char *name, const char *fallback);
double json_num(const cJSON *tree, const char *name, double fallback);
int64_t json_int(const cJSON *tree, const char *name, int64_t fallback);
bool json_bool(const cJSON *tree, const char *name, bool fallback);

/* Setters that replace a member of that name; text NULL sets null. */
void json_set_str(cJSON *object, const char *name, const char *text);
void json_set_num(cJSON *object, const char *name, double value);
void json_set_bool(cJSON *object, const char *name, bool value);
void json_set(cJSON *object, const char *name, cJSON *takes_value);

/* Text of a tree: two-space indent, members in their order, '/' unescaped, UTF-8 kept, a newline at
 * the end (pretty), or one line without (compact). Numbers print shortest. Owned by the caller. */
char *json_pretty(const cJSON *tree);
char *json_compact(const cJSON *tree);

/* Compact text with the members of every object sorted by byte order: equal values, equal text. */
char *json_canonical(const cJSON *tree);

#endif
