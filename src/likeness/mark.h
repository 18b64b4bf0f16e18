/* The mark that a bundle leaves in what goes out: "slb1-" and 26 letters or digits, in whatever
 * metadata a format has. Other programs carry such texts along in many ways; the mark is looked for
 * as bytes. */
/* SPDX-License-Identifier: ISC */
#ifndef LIKENESS_MARK_H
#define LIKENESS_MARK_H

#include "base/err.h"

#define MARK_LEN 31

/* The first mark in the file, or "". ERR_IO. */
int mark_find(const char *path, char ret_mark[MARK_LEN + 1], struct err *e);

#endif
