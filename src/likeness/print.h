/* The print of a picture: small enough to keep for every picture that is out, rich enough to know
 * it again after a person worked on it. */
/* SPDX-License-Identifier: ISC */
#ifndef LIKENESS_PRINT_H
#define LIKENESS_PRINT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/digest.h"
#include "picture/pixels.h"

#define PRINT_SQUARE 32
#define PRINT_SIDE   128 /* the longer side of the grey thumbnail */

struct print {
    int width, height;                     /* of the picture */
    int w, h;                              /* of the thumbnail */
    uint8_t grey[PRINT_SIDE * PRINT_SIDE]; /* w * h luma, rows top to bottom */
    uint64_t phash, mirrored; /* DCT of 32 x 32, its lowest 8 x 8 against their median */
    char pixels[DIGEST_LEN];  /* SHA-256 over size and decoded pixels: two files of the same picture
                                 agree in it whatever their format without loss */
    double spread;            /* standard deviation of luma, 0..255 */
    double plain;             /* share of pixels within 4 of the median luma, 0..1 */
    double mean;              /* mean luma */
};

/* The print of decoded pixels; alpha is laid on mid grey. ERR_LIMIT as the scaler. */
int print_make(const struct pixels *p, struct print *ret_print, struct err *e);

/* A file of its own form (versioned, a few kilobytes). ERR_IO; ERR_INPUT when it is no print. */
int print_save(const struct print *p, const char *path, struct err *e);
int print_load(const char *path, struct print *ret_print, struct err *e);

/* Luma squeezed to a square of PRINT_SQUARE pixels a side, and the hash of such a square. */
int print_square(const struct pixels *p, uint8_t ret_grey[PRINT_SQUARE * PRINT_SQUARE],
                 struct err *e);
uint64_t print_hash(const uint8_t *square);

int print_distance(uint64_t a, uint64_t b); /* bits that differ, 0..64 */

#endif
