/* What a procedure of a web site left when it failed: a folder .slated/mishaps/<when>-<what>/ with
 * the page as it looked, its HTML, its console, every act and what came of it, and WHY.txt with the
 * cure. Nothing that opens a door is in it: queries of addresses, known keys and what was typed
 * into secret fields are masked; cookies and storage are never read.
 *
 * The caller: 1. mishap_trace for every act 2. when the procedure failed, sop_page_acts in its own
 * tab
 * 3. mishap_keep with what came, which also removes the oldest folders. */
/* SPDX-License-Identifier: ISC */
#ifndef ENGINE_MISHAP_H
#define ENGINE_MISHAP_H

#include <stdint.h>

#include <cjson/cJSON.h>

#include "base/buf.h"
#include "base/err.h"

struct mishap {                      /* all borrowed */
    const char *state;               /* .slated */
    const char *name;                /* of the folder, behind the time */
    const char *title;               /* what was being made */
    const char *step, *error, *cure; /* any may be NULL */
    const char
        *pages; /* where sop_page_acts put their files; they are taken. NULL: the tab was gone */
    const char *console; /* its lines; NULL or "": nothing was said */
    const char *trace;   /* lines of mishap_trace */
    int keep;            /* so many folders are left; 0: none is written */
    int64_t now_s;
};

/* The console's lines as text, from the results of sop_page_acts, which are the last ones. Owned. */
char *mishap_console(const cJSON *results);

/* Appends one line: when, step, act, what came of it, how long it took. act and result may be NULL.
 */
void mishap_trace(struct buf *out, int64_t now_s, const char *step, const cJSON *act,
                  const cJSON *result);

/* Writes the folder; *ret_folder (owned) is its path from the root, NULL when none is kept. */
int mishap_keep(const struct mishap *m, char **ret_folder, struct err *e);

/* A copy without queries of addresses, names in them and known keys. Owned. */
char *mishap_mask(const char *text);

struct engine;
struct flight;
struct response;
struct outcome;

/* A browser's answer to a job comes, before it is read: its act goes into the job's trace. */
void mishap_note(struct engine *en, const struct flight *f, const struct response *response);

/* And after: when the job's procedure failed, its folder is written and the outcome's sentence
 * names it. memo is the one the answer was read with, or NULL. */
void mishap_tell(struct engine *en, const struct flight *f, const char *memo,
                 const struct response *response, struct outcome *o);

/* Nobody knows whether a browser's click was taken, and a person is asked: the same folder, with the
 * page as the last look for its trace found it. */
void mishap_doubt(struct engine *en, const struct flight *f, const struct response *response,
                  struct outcome *o);

#endif
