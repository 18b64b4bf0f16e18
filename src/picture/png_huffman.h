/* Huffman codes as deflate wants them. Private to src/picture. */
/* SPDX-License-Identifier: ISC */
#ifndef PICTURE_PNG_HUFFMAN_H
#define PICTURE_PNG_HUFFMAN_H

#include <stdint.h>

#define HUFFMAN_MAX_SYMBOLS 286

/* One symbol's code: its bits in the order they are written, and how many. */
struct huffman_code {
    uint16_t bits;
    uint16_t len; /* 0: the symbol does not occur */
};

/* The best prefix code for n symbols that occur count[i] times, no code longer than max_len (<= 15)
 * bits. At least two symbols occur. */
void huffman_make(const uint32_t *count, int n, int max_len, struct huffman_code *ret_codes);

#endif
