/* The name of a shot's files, {PRJ}_EP{NNN}_S{NN}_T{NN}_{CHAR}[_{suffix}][.{ext}], taken apart.
 *
 *   HRB_EP001_S04_T01_MARA-JON_first.png -> "HRB", 1, "04", "01", "MARA-JON", "first", "png"
 *
 * What S and T count differs from studio to studio, so they stay texts and nothing is built on
 * them. */
/* SPDX-License-Identifier: ISC */
#ifndef PLAN_ASSET_NAME_H
#define PLAN_ASSET_NAME_H

#include "base/err.h"

#define ASSET_NAME_LEN 96 /* of a whole name; the longest that is worth reading in a file list */

/* The parts as plain texts; suffix and ext are empty when the name has none. */
struct asset_name {
    char project[16];
    int episode;
    char scene[8], take[8];
    char characters[64];
    char suffix[32];
    char ext[8];
};

/* Takes text apart with the POSIX extended expression pattern, whose ten groups stand in the order
 * of rules/naming/storyboard.json. ERR_INPUT with a sentence when text is no such name, ERR_RULES
 * when the pattern itself is of no use; ret_name untouched then. */
int asset_name_parse(const char *pattern, const char *text, struct asset_name *ret_name,
                     struct err *e);

/* The same for a name that a storyboard gives: without suffix and extension. */
int asset_name_check_stem(const char *pattern, const char *text, struct asset_name *ret_name,
                          struct err *e);

#endif
