/* A product photographed before a plain background comes in, the product alone goes out: feathered,
 * its own pixels kept, the background's colour taken out of its edges. Soft shadows belong to the
 * background. */
/* SPDX-License-Identifier: ISC */
#ifndef DRAW_CUTOUT_H
#define DRAW_CUTOUT_H

#include <stdbool.h>

#include "base/err.h"
#include "picture/pixels.h"

/* how, word */
#define CUTOUT_LIST(X)                                                                             \
    X(CUTOUT_PLAIN, "plain") /* cut from a plain background */                                     \
    X(CUTOUT_ALPHA, "alpha") /* the picture came with its own transparency */                      \
    X(CUTOUT_CARD, "card")   /* the background is not plain: the whole photo is kept as a card */
enum cutout_how {
#define X(how, word) how,
    CUTOUT_LIST(X)
#undef X
};
const char *cutout_word(enum cutout_how how);

enum cutout_side { SIDE_TOP, SIDE_RIGHT, SIDE_BOTTOM, SIDE_LEFT };

struct cutout {
    struct pixels product; /* owned; cropped to what can be seen of it */
    enum cutout_how how;
    double share;    /* of the photo's area that is product, 0 to 1 */
    double noise;    /* of the background, in 8-bit levels */
    bool touches[4]; /* by enum cutout_side: the photo's frame cuts the product there */
    char why[96];    /* why it is a card; empty otherwise */
};

/* Always answers a usable cut-out of a readable photo (at worst a card). ERR_LIMIT on sizes
 * pixels.h refuses. */
int cutout_make(const struct pixels *photo, struct cutout *ret_cutout, struct err *e);
void cutout_finish(struct cutout *c); /* safe on zeroed memory */

#endif
