/* What can be told of a picture without knowing what it should show: bright or dark, plain or busy,
 * torn or whole, and a small likeness by which it is told from others. Judges nothing; the gates
 * do. */
/* SPDX-License-Identifier: ISC */
#ifndef LIKENESS_LOOK_H
#define LIKENESS_LOOK_H

#include <cjson/cJSON.h>

#include "likeness/print.h"

struct look {
    int width, height;
    double mean;   /* luma, 0..255; transparent parts count as mid grey */
    double spread; /* its standard deviation */
    double plain;  /* share of pixels within 4 of the median luma, 0..1 */
    double colour; /* the largest standard deviation among red, green and blue */
    double tail;   /* share of the height, from the bottom, that is one and the same colour */
    double edge;   /* share of the pixels just above the tail that are of another colour */
    double busy;   /* standard deviation of luma along that row */
    double head;   /* share of the height, from the top, of the tail's colour: a frame has both */
    double repeat; /* share of the height, from the bottom, whose rows repeat the one above */
    uint64_t hash;
    uint8_t square[PRINT_SQUARE * PRINT_SQUARE]; /* luma, squeezed to a square */
};

/* ERR_LIMIT as the scaler. */
int look_at(const struct pixels *p, struct look *ret_look, struct err *e);

/* The members above by their names, "phash" as 16 hex digits, "grey" as two for each of the square.
 * Owned by the caller. */
cJSON *look_json(const struct look *look);

/* Mean difference of the two squares' luma. */
double look_difference(const struct look *a, const struct look *b);

#endif
