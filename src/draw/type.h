/* Text on pictures: one block in one style, cut to its lines with an ellipsis, safe for any bytes.
 */
/* SPDX-License-Identifier: ISC */
#ifndef DRAW_TYPE_H
#define DRAW_TYPE_H

#include <stdbool.h>
#include <stdint.h>

#include <cairo.h>

struct type_style {
    double size;    /* of the em, in pixels */
    int weight;     /* 300 light, 400 regular, 700 bold */
    double narrow;  /* 1 as the font is, 0.86 condensed */
    double track;   /* extra between letters, in ems */
    double leading; /* line distance in ems; 0: the font's own */
    int lines;      /* most lines; the last one ends in an ellipsis */
    bool upper;     /* in capitals */
    int align;      /* -1 left, 0 middle, 1 right */
    uint32_t colour;
    double alpha;
};

/* Draws text in a block of that width with its top left corner at x, y; answers the height used (0
 * for NULL or empty text). */
double type_draw(cairo_t *c, const char *text, double x, double y, double width,
                 const struct type_style *style);
/* The height that type_draw would answer, and the width of the widest line. */
double type_measure(cairo_t *c, const char *text, double width, const struct type_style *style,
                    double *ret_width);

#endif
