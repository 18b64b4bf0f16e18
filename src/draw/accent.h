/* The colours of a category where a picture needs a few only: thumbnails, backgrounds, portraits.
 */
/* SPDX-License-Identifier: ISC */
#ifndef DRAW_ACCENT_H
#define DRAW_ACCENT_H

#include <stdint.h>

#include <cairo.h>

struct accent {
    const char *category;
    uint32_t deep;     /* nearly black, tinted */
    uint32_t bright;   /* the colour itself */
    uint32_t paper;    /* light enough for type on deep */
    const char *hints; /* words of a niche that mean this category, each between blanks */
};

/* By category; when that is missing, by the words of the niche; at last the default. Static, never
 * NULL. */
const struct accent *accent_find(const char *category, const char *niche);
/* The category's own name that accent_find came to. Static. */
const char *accent_category(const char *category, const char *niche);

/* A plain bar. */
void set_bar(cairo_t *c, double x, double y, double w, double h, uint32_t colour);

#endif
