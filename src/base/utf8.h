/* Unicode where names meet disks: validity, one spelling for comparing (NFC, folded case), and
 * names that are safe to create. Keeps bytes as given everywhere else. */
/* SPDX-License-Identifier: ISC */
#ifndef BASE_UTF8_H
#define BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Offset of the first byte that is not well-formed UTF-8 (no overlongs, no surrogates), or -1. */
long utf8_bad_at(const char *bytes, size_t len);

/* The length of the longest part of text, from its beginning, that has at most max_bytes bytes and
 * ends between two characters. */
size_t utf8_cut(const char *text, size_t max_bytes);

/* The key under which two spellings of one visible name are equal: composed (NFC for Latin, Greek,
 * Cyrillic, Hangul and the combining marks that make them) and case-folded (simple folding of the
 * same scripts). Invalid bytes are kept. Owned by the caller. */
char *utf8_fold_key(const char *name);

/* A name for one file or folder: letters, digits, '.', '-', '_' kept (Unicode letters too), every
 * other run becomes one '_', no leading dot or dash, no trailing dot or blank, Windows device names
 * get a '_', at most max_bytes bytes cut at a character. Empty becomes fallback. Owned by the
 * caller. */
char *utf8_safe_name(const char *text, size_t max_bytes, const char *fallback);

/* Like utf8_safe_name, ASCII lower case and only [a-z0-9-_]; for ids: "Desk Lamps!" -> "desk-lamps"
 * when sep is '-'. Letters with accents lose them (é -> e); others are dropped. */
char *utf8_slug(const char *text, char sep, size_t max_bytes, const char *fallback);

/* The text as a person can be shown it: control bytes, bidi controls and invalid bytes as visible
 * escapes
 * (\n, \u{202e}, \xff). Owned by the caller. */
char *utf8_show(const char *text);

/* The text as one line that no terminal obeys: a blank for each control character, line separator
 * and bidi control, '?' for each invalid byte. For titles and what others have said. Owned by the
 * caller; NULL stays NULL. */
char *utf8_label(const char *text);

#endif
