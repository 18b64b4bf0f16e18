/* What a returned file's name says about where it belongs. A name that could mean two things says
 * nothing. */
/* SPDX-License-Identifier: ISC */
#ifndef MANUAL_EVIDENCE_H
#define MANUAL_EVIDENCE_H

#include <stdbool.h>
#include <stddef.h>

/* One thing that can be meant: a unit, and a name it goes by ("EP001_SH03", "SH03",
 * "BWT_EP001_S03_T01_NELL", "BWT_EP001_S03_T01_NELL_first"). Borrowed. */
struct evidence_name {
    const char *name;
    int unit; /* equal numbers are one unit */
    int job; /* index of the job and output the name means in particular, -1: the unit as a whole */
};

struct evidence {
    int unit;     /* -1: the name says nothing */
    int job;      /* -1: the unit as a whole */
    bool several; /* it names more than one unit */
};

/* Looks through a name below return/ ("motion/EP001-SH03 copy 2.png"), folders included. Case,
 * blanks, points, dashes and underscores count as the same. A name without a digit in it
 * ("background") counts only when it is the whole file name but for what programs add to it. */
struct evidence evidence_read(const char *path, const struct evidence_name *names, size_t n);

/* Whether a file's name holds what looks like the id of some shot ("EP009_SH77 fixed.png"), known
 * or not. */
bool evidence_is_shot(const char *name);

/* The mark "slb1-..." in a name, or "". */
void evidence_mark(const char *path, char ret_mark[32]);

/* A failure type in a file name or folder ("EP001_SH03_motion.png"), one of words
 * (NULL-terminated), or NULL. Borrowed from words. */
const char *evidence_tag(const char *path, const char *const words[]);

/* The first number that begins a file's name ("02_end.png": 2), 0 none. */
int evidence_order(const char *path);

#endif
