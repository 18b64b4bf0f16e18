/* Finding meaning in what a person wrote: words at a word's start, numbers in text. */
/* SPDX-License-Identifier: ISC */
#ifndef DRAW_WORDS_H
#define DRAW_WORDS_H

#include <stdbool.h>
#include <stddef.h>

/* Copies text for looking up: ASCII lower case, the end of a sentence a lone dot, every other byte
 * than a letter or digit one blank, cut at out_len - 1 bytes and padded with a blank at both ends.
 * Bytes above 127 count as letters. NULL is empty. */
void words_normal(const char *text, char *out, size_t out_len);

/* Whether one of list's alternatives ("push in|dolly in|zoom") begins at a word's start in normal
 * text; a '$' at an alternative's end demands the word's end as well. */
bool words_have(const char *normal, const char *list);

/* Offset of the first alternative found, or -1. */
long words_at(const char *normal, const char *list);

#endif
