/* The five row filters of PNG, both ways, for 8-bit samples of 1, 3 or 4 bytes a pixel. Rows carry
 * at least PNG_ROW_SLACK bytes behind their end that may be read and written. Private to
 * src/picture. */
/* SPDX-License-Identifier: ISC */
#ifndef PICTURE_PNG_FILTER_H
#define PICTURE_PNG_FILTER_H

#include <stddef.h>
#include <stdint.h>

#define PNG_ROW_SLACK 64

enum png_filter { PNG_NONE, PNG_SUB, PNG_UP, PNG_AVERAGE, PNG_PAETH, PNG_FILTERS };

/* Undoes a filter in place. above: the finished row above (zeros for the first). Answers -1 for an
 * unknown filter. Bytes behind `row` + len are kept. */
int png_unfilter_row(int filter, uint8_t *row, const uint8_t *above, size_t len,
                     int bytes_per_pixel);

/* Writes the filtered form of `row` that is likely to compress best (least sum of absolute
 * differences) to out. row and above have PNG_ROW_SLACK zeros before their start and readable bytes
 * behind their end; scratch has room for PNG_FILTERS rows with their slack. 3 or 4 bytes a pixel.
 * Returns the filter chosen. */
enum png_filter png_filter_row(const uint8_t *row, const uint8_t *above, size_t len,
                               int bytes_per_pixel, uint8_t *scratch, uint8_t *out);

#endif
