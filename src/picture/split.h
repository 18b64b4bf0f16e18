/* A strip of panels side by side taken apart. */
/* SPDX-License-Identifier: ISC */
#ifndef PICTURE_SPLIT_H
#define PICTURE_SPLIT_H

#include "picture/pixels.h"

#define SPLIT_MAX_PANELS 8

/* Cuts the strip into `panels` parts of one width and takes trim_x pixels off the left and right
 * and trim_y off the top and bottom of each: 1536 x 912 in three with 12 and 10 gives three of 488
 * x 892. ret_panels has room for `panels`; the caller finishes each. ERR_INPUT when nothing would
 * be left. */
int picture_split(const struct pixels *strip, int panels, int trim_x, int trim_y,
                  struct pixels *ret_panels, struct err *e);

#endif
