/* A strip comes in, its panels go out, trimmed of the seams between them. Copies pixels, changes
 * none. */
/* SPDX-License-Identifier: ISC */
#include "picture/split.h"

int picture_split(const struct pixels *strip, int panels, int trim_x, int trim_y,
                  struct pixels *ret_panels, struct err *e)
{
    if (panels < 1 || panels > SPLIT_MAX_PANELS || trim_x < 0 || trim_y < 0)
        return err_set(e, ERR_INPUT,
                       "a strip cannot be split into %d panels trimmed by %d and %d; 1 to %d "
                       "panels can be made",
                       panels, trim_x, trim_y, SPLIT_MAX_PANELS);
    int width = strip->width / panels;
    if (trim_x >= (width + 1) / 2 || trim_y >= (strip->height + 1) / 2)
        return err_set(
            e, ERR_INPUT,
            "nothing is left of a strip of %d x %d split into %d panels trimmed by %d and %d",
            strip->width, strip->height, panels, trim_x, trim_y);
    for (int i = 0; i < panels; i++) {
        int left = (int)((int64_t)strip->width * i / panels);
        int rc = pixels_crop(strip, left + trim_x, trim_y, width - 2 * trim_x,
                             strip->height - 2 * trim_y, &ret_panels[i], e);
        if (rc) {
            while (i-- > 0)
                pixels_finish(&ret_panels[i]);
            return rc;
        }
    }
    return 0;
}
