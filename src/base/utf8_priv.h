/* The tables and steps that the files of utf8*.c share. A code point is a uint32_t. */
/* SPDX-License-Identifier: ISC */
#ifndef BASE_UTF8_PRIV_H
#define BASE_UTF8_PRIV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What utf8_next answers for a byte that belongs to no character: UTF8_BAD | byte. */
#define UTF8_BAD 0x80000000u

#define UTF8_BYTES_MAX 4

/* The character at *p of a NUL-terminated text; *p moves on. 0 at the end. */
uint32_t utf8_next(const char **p);

/* Writes c (or the byte of a bad one) and answers how many bytes. */
size_t utf8_put(uint32_t c, char out[UTF8_BYTES_MAX]);

/* The code points of text, composed (NFC), bad bytes kept as UTF8_BAD; fold true folds the case
 * too. Owned by the caller; *ret_n counts them. */
uint32_t *utf8_composed(const char *text, bool fold, size_t *ret_n);

/* The two parts of a composed letter (second 0 for a mere other spelling); false when it has none.
 */
bool utf8_table_split(uint32_t c, uint32_t *ret_first, uint32_t *ret_second);

/* The letter that first and second make, or 0. */
uint32_t utf8_table_join(uint32_t first, uint32_t second);

/* The small letter of a capital; any other c as it is. */
uint32_t utf8_table_fold(uint32_t c);

/* The canonical combining class of a mark in U+0300..U+036F or U+0483..U+0487; 0 for anything else.
 */
int utf8_mark_class(uint32_t c);

#endif
