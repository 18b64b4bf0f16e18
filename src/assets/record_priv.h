/* What the files of the template language share. */
/* SPDX-License-Identifier: ISC */
#ifndef ASSETS_RECORD_PRIV_H
#define ASSETS_RECORD_PRIV_H

#include "assets/record.h"

/* A text of a job's row and what it holds: a list asks the same job for many of its members. */
struct record_tree {
    const char *text; /* borrowed from the row; NULL: nothing was read yet */
    cJSON *tree;      /* owned */
};

/* What was found last, for what is asked next. */
struct record_seen {
    size_t job; /* where a job was found: the next one is mostly near */
    struct record_tree meta, facts;
};

/* One rendering: where it is in the template. */
struct record_walk {
    const struct record_source *source;
    const struct job_row *job; /* inside a list's item */
    struct record_seen *seen;
    const char *base;          /* folder below out/ that paths are told relative to */
    struct err *e;
};

/* The finished value of a template; the caller owns it. */
int record_fill(struct record_walk *w, const cJSON *template, cJSON **ret_value);

const struct job_row *record_job(const struct record_walk *w,
                                 const char *key); /* key NULL: the one of the list's item */
const struct asset_row *record_asset(const struct record_walk *w, const struct job_row *job,
                                     const char *role);

/* References to one job or file, and to the drop (record_ref.c). */
int ref_of_job(struct record_walk *w, const cJSON *ref, cJSON **ret_value);
int ref_of_drop(struct record_walk *w, const cJSON *ref, cJSON **ret_value);

/* A number of the job's facts, 0 when there is none of that name. */
double record_fact_number(struct record_walk *w, const struct job_row *job, const char *name);

/* path below out/ as seen from base, with ".." where needed. Owned by the caller. */
char *record_relative(const char *base, const char *path);

#endif
