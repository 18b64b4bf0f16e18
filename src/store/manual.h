/* The manual loop's rows: what was escalated, what went out, what came back, what was decided. Each
 * write belongs to the caller's transaction, as in store.h. */
/* SPDX-License-Identifier: ISC */
#ifndef STORE_MANUAL_H
#define STORE_MANUAL_H

#include "store/store.h"

/* A shot that needs a hand. */
struct escalation_row {
    int64_t id, drop_id, at_s, resolved_s; /* resolved_s 0: open */
    char *unit, *tag, *model, *note, *by;
};
int store_add_escalation(struct store *s, struct escalation_row *row, struct err *e); /* sets id */
/* tag, model, note, resolved_s. */
int store_set_escalation(struct store *s, const struct escalation_row *row, struct err *e);
/* The newest open one of a unit, or ERR_MISSING. drop_id 0: of whichever drop. */
int store_escalation(struct store *s, int64_t drop_id_or_0, const char *unit, struct escalation_row *ret_row);
/* All, oldest first; open_only leaves out the resolved. */
int store_escalations(struct store *s, bool open_only, struct escalation_row **ret_rows, size_t *ret_n);
void escalation_row_finish(struct escalation_row *r);

/* A bundle that went out. body: compact JSON, the text of its bundle.json. */
struct bundle_row {
    int64_t id, drop_id, at_s, back_s; /* back_s 0: still out */
    char *name, *unit, *target, *token, *body;
};
int store_add_bundle(struct store *s, struct bundle_row *row, struct err *e); /* sets id */
int store_set_bundle_body(struct store *s, int64_t id, const char *body, struct err *e);
int store_drop_bundle(struct store *s, int64_t id, struct err *e); /* with its exported files */
int store_set_bundle_back(struct store *s, int64_t id, int64_t back_s, struct err *e);
int store_bundle_named(struct store *s, const char *name, struct bundle_row *ret_row);
int store_bundle_marked(struct store *s, const char *token, struct bundle_row *ret_row);
int store_bundles(struct store *s, bool out_only, struct bundle_row **ret_rows, size_t *ret_n); /* oldest first */
void bundle_row_finish(struct bundle_row *r);

/* The digest of a file (or of a picture's pixels) that went out in a bundle. */
int store_add_exported(struct store *s, const char *sha256, int64_t bundle_id, const char *name, struct err *e);
int store_exported(struct store *s, const char *sha256, struct bundle_row *ret_bundle); /* newest, or ERR_MISSING */

/* A file that a person gave back. */
struct return_row {
    int64_t id, bytes, drop_id, job_id, asset_id, at_s;
    char *name; /* where it was dropped, below the root */
    char sha256[DIGEST_LEN];
    char *state; /* placing clearing placed unchanged again asked refused noted */
    char *unit, *role, *how, *tag, *why, *body;
};
int store_add_return(struct store *s, struct return_row *row, struct err *e); /* sets id */
int store_set_return(struct store *s, const struct return_row *row, struct err *e);
int store_return(struct store *s, int64_t id, struct return_row *ret_row);
/* The newest of that digest in a state ("placed", "asked", ...), or ERR_MISSING. */
int store_return_of(struct store *s, const char *sha256, const char *state, struct return_row *ret_row);
/* The newest that took a job's place (placed, or about to be), or ERR_MISSING. */
int store_return_for(struct store *s, int64_t job_id, struct return_row *ret_row);
/* The jobs of a drop whose file, as it lies there now, a person brought, those kept included; owned. */
int store_jobs_by_hand(struct store *s, int64_t drop_id, int64_t **ret_job_ids, size_t *ret_n);
int store_returns_in(struct store *s, const char *state, struct return_row **ret_rows, size_t *ret_n);
/* The newest ones, newest first; limit 0 all. */
int store_returns(struct store *s, int limit, struct return_row **ret_rows, size_t *ret_n);
void return_row_finish(struct return_row *r);

/* What was fixed, and how. */
struct fix_row {
    int64_t id, return_id, drop_id, at_s;
    char *unit, *tag, *fix, *model, *note, *shot_type;
    bool enriched, auto_tagged;
    int prompt_words, minutes;
};
int store_add_fix(struct store *s, struct fix_row *row, struct err *e); /* sets id */
int store_set_fix_tag(struct store *s, int64_t id, const char *tag, bool auto_tagged, struct err *e);
/* Of a unit (NULL: all), oldest first. drop_id 0: of all drops. */
int store_fixes(struct store *s, int64_t drop_id_or_0, const char *unit, struct fix_row **ret_rows, size_t *ret_n);
void fix_row_finish(struct fix_row *r);

/* What a person decided about a shot: needs_review approved retake manual. */
struct verdict_row {
    int64_t drop_id, at_s;
    char *unit, *verdict, *by;
    char *shown; /* the folder its entry was last put into: elsewhere, a person has moved it */
};
int store_set_verdict(struct store *s, const struct verdict_row *row, struct err *e); /* replaces */
int store_verdict(struct store *s, int64_t drop_id, const char *unit, struct verdict_row *ret_row);
void verdict_row_finish(struct verdict_row *r);

#endif
