/* Small text work: strict numbers, bounded formatting, prefix and suffix tests. No locale. */
/* SPDX-License-Identifier: ISC */
#ifndef BASE_STR_H
#define BASE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

bool str_starts(const char *text, const char *prefix);
bool str_ends(const char *text, const char *suffix);
bool str_ends_nocase(const char *text, const char *suffix); /* ASCII only */
bool str_eq(const char *a, const char *b);                  /* NULL equals only NULL */
bool str_eq_nocase(const char *a, const char *b);           /* ASCII only */

/* Whole text is a decimal integer in [min, max]: 0, else ERR_INPUT and ret_value untouched. */
int str_int(const char *text, int64_t min, int64_t max, int64_t *ret_value);

/* snprintf that answers false when the text did not fit (what fits is there, terminated). */
bool str_format(char *out, size_t out_len, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

void str_lower(char *text); /* ASCII, in place */
char *str_trim(char *text); /* cuts blanks at both ends in place; returns the new start */

/* Levenshtein distance, capped at 99, for "did you mean". */
int str_distance(const char *a, const char *b);

#endif
