/* The keys of engines, by name: from the environment, from systemd's credentials, or from the
 * credentials file, in this order. One table a process, in memory that is neither dumped nor given
 * to a child.
 *
 * The caller: 1. secrets_open once the root is known (before it only the environment and systemd
 * are asked) 2. secrets_get at the moment of sending and nowhere else; secrets_has to plan
 * 3. secrets_reload on SIGHUP 4. secrets_close. */
/* SPDX-License-Identifier: ISC */
#ifndef SECRETS_SECRETS_H
#define SECRETS_SECRETS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

#define SECRETS_VALUE_MAX 4096 /* bytes of one value; longer ones are not taken */

/* Reads $SLATED_CREDENTIALS, or .slated/credentials below root (borrowed for the call): lines
 * NAME=value, blank lines and lines that start with #; one pair of quotes around a value is cut
 * off. A missing file is fine. One that is a link, belongs to somebody else, can be read by group
 * or others, or has a bad line is refused whole, with its cure in the sentence; environment and
 * systemd still serve then. ERR_INPUT, ERR_KIND, ERR_LIMIT, ERR_IO. Also keeps every log line from
 * showing a value. */
int secrets_open(const char *root, struct err *e);

/* Reads the file of secrets_open again; when it is refused, what was known stays in force. */
int secrets_reload(struct err *e);

/* Wipes and forgets everything. */
void secrets_close(void);

/* The value of a name, or NULL when there is none or it is empty. Borrowed until secrets_reload or
 * secrets_close. Never printed, stored, or put into a request. */
const char *secrets_get(const char *name);
bool secrets_has(const char *name);

/* Where a name's value comes from, for people: "environment", "systemd credential", "credentials
 * file"; NULL when there is none. Static. */
const char *secrets_where(const char *name);

/* The at-th name of the credentials file and of what was asked for and found, or NULL at the end.
 * Borrowed until secrets_reload. */
const char *secrets_name(size_t at);

/* Puts *** in place of every known value of at least 6 bytes in text, also of its percent-encoded
 * and base64 forms, and of a value that the end of text cuts off. text never grows. */
void secrets_mask(char *text);

/* Whether a variable of the environment is kept from child processes: a known secret, or a name
 * that sounds like one (..._KEY, ..._TOKEN, ..._SECRET, ..._PASSWORD). For child_hide. */
bool secrets_hides(const char *name);

#endif
