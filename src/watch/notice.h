/* Hints that something in one of a few folders has changed: a name came or went, or a tag was set.
 * Only hints: whoever is told looks for itself. */
/* SPDX-License-Identifier: ISC */
#ifndef WATCH_NOTICE_H
#define WATCH_NOTICE_H

#include <stdbool.h>

struct notice;

struct notice *notice_open(void); /* NULL when the system has no room for one more */
void notice_close(struct notice *n);
void notice_add(struct notice *n, const char *dir); /* a folder that is there; twice is once */
int notice_fd(const struct notice *n);              /* polls readable when there are hints */
bool notice_drain(struct notice *n);                /* reads them; whether there were any */

#endif
