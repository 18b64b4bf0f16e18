/* The log: one event a line on stderr, `level event key=value ...`. Values are escaped, so that a
 * hostile file name cannot forge a line or move a terminal's cursor. */
/* SPDX-License-Identifier: ISC */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include <stdbool.h>

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ERROR };

/* Lines below the level are dropped (default LOG_INFO). With systemd (JOURNAL_STREAM set) each line
 * starts with "<N>" in place of a time; else with an ISO time. */
void log_open(enum log_level least);

/* From now on every line, and every value before it is cut, goes through mask (NULL: none), which
 * blanks secrets in place and never makes a text longer. */
void log_mask_with(void (*mask)(char *text));

/* event: a word with underscores. fmt makes "key=value" pairs; a value with blanks must be given
 * through log_quote. */
void log_line(enum log_level level, const char *event, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* Whether lines of the level are written at all. */
bool log_wants(enum log_level level);

/* A line for those who look for a fault; unless it is wanted, its values are not even made. */
#define log_debug(...) (log_wants(LOG_DEBUG) ? log_line(LOG_DEBUG, __VA_ARGS__) : (void)0)

/* text in double quotes with control bytes, quotes and bytes that are not UTF-8 escaped, cut at 300
 * bytes. The result lives until the eighth later call (a ring of static buffers; one thread only).
 */
const char *log_quote(const char *text);

#endif
