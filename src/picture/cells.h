/* Many pictures brought to the size of a cell at once: contact sheets. */
/* SPDX-License-Identifier: ISC */
#ifndef PICTURE_CELLS_H
#define PICTURE_CELLS_H

#include "picture/pixels.h"

/* Reads the n pictures and scales each to lie inside width x height (pixels_inside), on as many
 * threads as there are processors, at most CELLS_MAX_THREADS. ret_cells has room for n; the caller
 * finishes each. When one cannot be read none is returned, and the error is that of the first in
 * order. */
int picture_read_cells(const char *const *paths, int n, int width, int height,
                       struct pixels *ret_cells, struct err *e);

/* More only take processors from the daemon's other workers. */
#define CELLS_MAX_THREADS 4

#endif
