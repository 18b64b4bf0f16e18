/* What a file is, told by its bytes: kind, size of the picture, whether its own end is there. Reads
 * heads, chunk lengths and ends; never decodes. */
/* SPDX-License-Identifier: ISC */
#ifndef INTAKE_SNIFF_H
#define INTAKE_SNIFF_H

#include "intake/listing.h"

/* Where the bytes are: a descriptor read by position, or memory. Borrowed. */
struct sniff_from {
    int fd;                     /* -1: bytes */
    const unsigned char *bytes; /* len of them */
    uint64_t len;
};

/* why begins with a code ("IMAGE_SIZE ..."). complete and a why together: whole, but not
 * acceptable, or (IMAGE_TAIL) acceptable with a remark. */
struct sniffed {
    enum media media;
    int width, height;
    bool complete;
    int percent; /* -1 unknown */
    char why[160];
};

/* name (for .json without a brace in it) may be NULL. JSON is only recognised here; listing.c reads
 * it. */
void sniff(const struct sniff_from *from, const char *name, struct sniffed *ret);

/* A picture larger than this is not decoded by anybody (16,384 a side, 64 million in all). */
#define SNIFF_SIDE_MAX   16384
#define SNIFF_PIXELS_MAX 67108864

/* --- for the formats --- */

/* Up to n bytes from position at; how many there were. */
size_t sniff_read(const struct sniff_from *from, uint64_t at, void *out, size_t n);

/* Sets why once; the first reason stays. */
void sniff_say(struct sniffed *s, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Refuses a size that no worker would take. */
void sniff_size(struct sniffed *s, uint64_t width, uint64_t height);

/* Sets complete false, percent of the wanted length, and the reason. */
void sniff_short(struct sniffed *s, uint64_t len, uint64_t wanted, const char *what);

uint32_t sniff_be32(const unsigned char *b); /* four bytes, highest first */
uint32_t sniff_le32(const unsigned char *b); /* four bytes, lowest first */

/* One format each: size, completeness and why of a file whose kind is known. */
void sniff_png(const struct sniff_from *from, struct sniffed *s);  /* chunks to IEND */
void sniff_jpeg(const struct sniff_from *from, struct sniffed *s); /* segments to the scan, EOI */
void sniff_webp(const struct sniff_from *from, struct sniffed *s); /* RIFF length */
void sniff_gif(const struct sniff_from *from, struct sniffed *s);  /* trailer */
void sniff_mp4(const struct sniff_from *from, struct sniffed *s);  /* boxes with moov */
void sniff_zip(const struct sniff_from *from, struct sniffed *s);  /* directory at the end */

#endif
