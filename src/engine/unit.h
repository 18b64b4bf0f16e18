/* What people call by one name: a shot with its frames and clip, or one product picture. */
/* SPDX-License-Identifier: ISC */
#ifndef ENGINE_UNIT_H
#define ENGINE_UNIT_H

#include <cjson/cJSON.h>

#include "store/store.h"

struct engine;

struct unit {
    struct drop_row drop;
    struct job_row *jobs; /* in plan order */
    size_t jobs_n;
};
void unit_finish(struct unit *u);

/* By its name ("EP001_SH03", "01_hero"), in the newest drop that has it or in the one named.
 * ERR_MISSING says what is near. */
int unit_find(struct engine *en, const char *name, const char *drop_or_null, struct unit *ret_unit,
              struct err *e);
int unit_of_drop(struct engine *en, int64_t drop_id, const char *name, struct unit *ret_unit,
                 struct err *e);

/* Whether a job's files only lead to the unit's own: a previz frame, a strip and what was cut from
 * it, a part of a clip, a photo that was fetched. */
bool unit_on_the_way(const cJSON *meta);

/* One file of a unit: the output of a job, made or not. */
struct unit_file {
    const struct job_row *job; /* borrowed from the unit */
    char *role, *slot, *path;  /* as the job's outs say */
    bool clip, preview;        /* preview: on the way to a deliverable */
    bool made;
    struct asset_row asset; /* its current version, when made */
};
void unit_files(struct engine *en, const struct unit *u, struct unit_file **ret_files,
                size_t *ret_n);
void unit_files_finish(struct unit_file *files, size_t n);

/* The picture (or the clip) that stands for the unit: the first frame before the hero frame, a
 * deliverable before a preview. NULL when it has none of the kind. Borrowed. */
const struct unit_file *unit_main(const struct unit_file *files, size_t n, bool clip);

#endif
