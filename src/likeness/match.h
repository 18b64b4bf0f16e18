/* Which of several originals a returned picture was made from: one, or a question. */
/* SPDX-License-Identifier: ISC */
#ifndef LIKENESS_MATCH_H
#define LIKENESS_MATCH_H

#include "likeness/blocks.h"

/* Thresholds; rules/gates/likeness.json explains each. */
struct match_rules {
    double share_least; /* of the blocks with a pattern, so many are the same */
    int blocks_least;   /* and at least so many */
    int votes_least;    /* blocks that tell the best from another, for the best */
    double votes_lead;  /* for the best, per one for the other */
    double share_lead;  /* ahead of another of a different shape */
};
extern const struct match_rules match_rules_default;

struct match_score {
    int index;    /* of the candidate */
    double share; /* of pattern blocks that are the same, 0..1 */
    int same;     /* how many */
    int phash;    /* bits that differ, 0..64; the better of plain and mirrored */
    bool whole;   /* over the whole picture; false: cut or widened */
    bool mirrored;
};

#define MATCH_NEAREST 3
struct match {
    bool one;                                  /* nearest[0] and no other */
    char why[200];                             /* a sentence: why it is asked */
    struct match_score nearest[MATCH_NEAREST]; /* best first */
    int nearest_n;
};

/* The originals: n prints, and which of them belong to one shot (equal numbers; NULL: none do). */
struct match_pool {
    const struct print *const *prints;
    const int *shots;
    int n;
};

/* Pure. Another picture of the same shot is a weaker rival: the shot is right either way. */
void match_picture(const struct print *back, const struct match_pool *pool,
                   const struct match_rules *rules, struct match *ret_match);

#endif
