/* Turning and mirroring pixels into the position a camera's note asks for. Pixels come in, the same
 * pixels go out in their places; nothing is resampled. */
/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "picture/picture_priv.h"

/* Where target pixel x, y lies in the source, for the eight EXIF positions:
 *   1 upright   2 mirrored   3 half turn   4 mirrored half turn
 *   5 transposed   6 lies on its left side   7 transposed the other way   8 lies on its right side
 */
static size_t source_place(int orientation, const struct pixels *from, int x, int y)
{
    int w = from->width, h = from->height, sx = x, sy = y;
    switch (orientation) {
    case 2:
        sx = w - 1 - x;
        break;
    case 3:
        sx = w - 1 - x, sy = h - 1 - y;
        break;
    case 4:
        sy = h - 1 - y;
        break;
    case 5:
        sx = y, sy = x;
        break;
    case 6:
        sx = y, sy = h - 1 - x;
        break;
    case 7:
        sx = w - 1 - y, sy = h - 1 - x;
        break;
    case 8:
        sx = w - 1 - y, sy = x;
        break;
    }
    return (size_t)sy * (size_t)w + (size_t)sx;
}

void pixels_orient(struct pixels *p, int orientation)
{
    if (orientation < 2 || orientation > 8)
        return;
    struct pixels to = {.width = p->width, .height = p->height, .opaque = p->opaque};
    if (orientation >= 5)
        to.width = p->height, to.height = p->width;
    to.data = mem_grow(NULL, (size_t)to.width * (size_t)to.height, 4);
    for (int y = 0; y < to.height; y++)
        for (int x = 0; x < to.width; x++)
            memcpy(to.data + ((size_t)y * (size_t)to.width + (size_t)x) * 4,
                   p->data + source_place(orientation, p, x, y) * 4, 4);
    free(p->data);
    *p = to;
}
