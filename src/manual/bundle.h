/* What goes out for handwork: a folder of texts and pictures for one shot and one target. Pure: the
 * texts are composed here, the pictures only named. */
/* SPDX-License-Identifier: ISC */
#ifndef MANUAL_BUNDLE_H
#define MANUAL_BUNDLE_H

#include "base/digest.h"
#include "manual/target.h"

#define BUNDLE_TOKEN_LEN 32 /* "slb1-", 26 letters and digits, a NUL */

/* A picture that goes along; path on the disk, name within the bundle. */
struct bundle_picture {
    char *name, *path;
    char sha256[DIGEST_LEN];
};

/* One bundle under construction; everything owned. */
struct bundle_plan {
    char *unit, *drop, *asset_name;
    char *job, *role;       /* what comes back: a job's key and its output */
    const cJSON *target;    /* borrowed from the rules */
    struct wording wording; /* its texts are borrowed from doc */
    cJSON *doc;             /* what wording points into */
    char *negative, *ratio, *size, *note, *tag;
    char *enhanced; /* the model that rewrote the prompt for this target, NULL none did */
    char *remark;   /* what there is to say about a rewritten prompt, NULL nothing */
    char *schema;   /* what a text shall look like, NULL none */
    double seconds;
    struct bundle_picture *pictures;
    size_t pictures_n;
    bool prompt_edited, model_changed;

    /* by bundle_compose */
    char *prompt, *instructions;
    cJSON *warnings;
    char token[BUNDLE_TOKEN_LEN];
};
void bundle_plan_finish(struct bundle_plan *b);
void bundle_add_picture(struct bundle_plan *b, const char *name, const char *path,
                        const char *sha256);

/* Writes the texts, and the token: equal contents, equal token, so that the same bundle made twice
 * is the same bytes. */
void bundle_compose(struct bundle_plan *b);

/* bundle.json; files: [{path, sha256}] as they lie in the folder. at_s: when it went out. Owned. */
cJSON *bundle_record(const struct bundle_plan *b, const char *name, cJSON *takes_files);

/* "EP001_SH03_kling_3.0", safe as a folder's name; version 1 has no suffix. Owned. */
char *bundle_name(const struct bundle_plan *b, int version);

#endif
