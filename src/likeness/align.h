/* Finding how a return lies over an original when it was cut, widened or mirrored. */
/* SPDX-License-Identifier: ISC */
#ifndef LIKENESS_ALIGN_H
#define LIKENESS_ALIGN_H

#include "likeness/blocks.h"

/* Both of one shape (within three parts in a hundred): the whole over the whole. */
bool align_whole(const struct print *original, const struct print *back, bool mirrored,
                 struct lay *ret_lay);

/* A quick look over all cuts and widenings at a quarter of the size: the best correlation, -1..1,
 * and where it lies. */
double align_search(const struct print *original, const struct print *back, struct lay *ret_lay);

/* Moves a lay by small steps, at full size, to where the pictures agree best; answers how well. */
double align_refine(const struct print *original, const struct print *back, struct lay *lay);

#endif
