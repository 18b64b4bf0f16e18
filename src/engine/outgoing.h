/* What the files about bundles on their way out share: one such bundle, and its rows. */
/* SPDX-License-Identifier: ISC */
#ifndef ENGINE_OUTGOING_H
#define ENGINE_OUTGOING_H

#include "engine/bundle_plan.h"

/* One bundle on its way out. */
struct outgoing {
    struct bundle_plan plan;
    int64_t id, drop_id; /* its row; the unit's drop */
    char *name, *staged; /* folder below .slated/staging */
    char *record;        /* the text of its bundle.json */
    char *before;        /* what its row said when it went out last, NULL: never */
    bool zip;
};

void outgoing_free(struct outgoing *o);

/* The wish of a row, or NULL when it was carried out. Owned: *ret_doc. */
const cJSON *outgoing_wish_of(const struct bundle_row *row, cJSON **ret_doc);

/* Each in a step of its own: the wish; what went out, every file of the record and the record, and
 * each frame as it lay in the tree; a row's text, or the row taken back when body is NULL. */
int outgoing_wish(struct engine *en, struct outgoing *o, const struct job_row *job, struct err *e);
int outgoing_exported(struct engine *en, const struct outgoing *o, struct err *e);
int outgoing_row(struct engine *en, int64_t id, const char *body, struct err *e);

/* The record of a folder that is this very bundle, or NULL. Owned. */
char *outgoing_record(const struct engine *en, const char *name, const char *token);

#endif
