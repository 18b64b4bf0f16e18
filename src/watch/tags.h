/* Tags that a person gave a file in a file manager. */
/* SPDX-License-Identifier: ISC */
#ifndef WATCH_TAGS_H
#define WATCH_TAGS_H

/* The words, with commas between, or NULL when it has none. Owned. */
char *tags_read(const char *path);

#endif
