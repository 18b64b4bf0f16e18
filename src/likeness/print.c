/* Decoded pixels come in, a print goes out; prints are kept in small files. Judges nothing. */
/* SPDX-License-Identifier: ISC */
#include "likeness/print.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"

#define MAGIC "slated print 1\n"

int print_distance(uint64_t a, uint64_t b)
{
    return __builtin_popcountll(a ^ b);
}

/* BT.709 luma over mid grey. */
static uint8_t luma(const uint8_t *px)
{
    int y = (px[0] * 54 + px[1] * 183 + px[2] * 19) >> 8;
    return (uint8_t)((y * px[3] + 128 * (255 - px[3])) / 255);
}

static int grey_of(const struct pixels *p, int w, int h, uint8_t *out, struct err *e)
{
    struct pixels small = {0};
    int rc = pixels_scale(p, w, h, &small, e);
    for (int i = 0; i < w * h && !rc; i++)
        out[i] = luma(small.data + (size_t)i * 4);
    pixels_finish(&small);
    return rc;
}

int print_square(const struct pixels *p, uint8_t ret_grey[PRINT_SQUARE * PRINT_SQUARE],
                 struct err *e)
{
    return grey_of(p, PRINT_SQUARE, PRINT_SQUARE, ret_grey, e);
}

/* --- perceptual hash --- */

#define DCT_SIDE PRINT_SQUARE
#define DCT_KEPT 8

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

/* The lowest frequencies of the grey square, each a bit: above their median or not. */
uint64_t print_hash(const uint8_t *grey)
{
    double rows[DCT_SIDE][DCT_KEPT], low[DCT_KEPT * DCT_KEPT], sorted[DCT_KEPT * DCT_KEPT];
    double wave[DCT_KEPT][DCT_SIDE];
    uint64_t bits = 0;
    for (int k = 0; k < DCT_KEPT; k++)
        for (int x = 0; x < DCT_SIDE; x++)
            wave[k][x] = cos(M_PI * k * (2 * x + 1) / (2.0 * DCT_SIDE));
    for (int y = 0; y < DCT_SIDE; y++)
        for (int k = 0; k < DCT_KEPT; k++) {
            rows[y][k] = 0;
            for (int x = 0; x < DCT_SIDE; x++)
                rows[y][k] += grey[y * DCT_SIDE + x] * wave[k][x];
        }
    for (int j = 0; j < DCT_KEPT; j++)
        for (int k = 0; k < DCT_KEPT; k++) {
            double sum = 0;
            for (int y = 0; y < DCT_SIDE; y++)
                sum += rows[y][k] * wave[j][y];
            low[j * DCT_KEPT + k] = sum;
        }
    low[0] = 0; /* mere brightness */
    memcpy(sorted, low, sizeof(low));
    qsort(sorted, DCT_KEPT * DCT_KEPT, sizeof(*sorted), by_value);
    double median = (sorted[31] + sorted[32]) / 2;
    for (int i = 0; i < DCT_KEPT * DCT_KEPT; i++)
        bits |= (uint64_t)(low[i] > median) << i;
    return bits;
}

static void mirror(uint8_t *grey, int side)
{
    for (int y = 0; y < side; y++)
        for (int x = 0; x < side / 2; x++) {
            uint8_t keep = grey[y * side + x];
            grey[y * side + x] = grey[y * side + side - 1 - x];
            grey[y * side + side - 1 - x] = keep;
        }
}

/* --- figures of the whole --- */

static void figures(struct print *p)
{
    int n = p->w * p->h, counts[256] = {0}, seen = 0, median = 0, near = 0;
    double sum = 0, squares = 0;
    for (int i = 0; i < n; i++) {
        sum += p->grey[i];
        squares += (double)p->grey[i] * p->grey[i];
        counts[p->grey[i]]++;
    }
    p->mean = sum / n;
    p->spread = sqrt(fmax(0, squares / n - p->mean * p->mean));
    while ((seen += counts[median]) * 2 < n)
        median++;
    for (int i = 0; i < n; i++)
        near += abs(p->grey[i] - median) <= 4;
    p->plain = (double)near / n;
}

static void pixels_digest(const struct pixels *p, char ret_hex[DIGEST_LEN])
{
    struct digest *d = digest_begin();
    int32_t size[2] = {p->width, p->height};
    digest_add(d, size, sizeof(size));
    digest_add(d, p->data, (size_t)p->width * (size_t)p->height * 4);
    digest_end(d, ret_hex);
}

int print_make(const struct pixels *p, struct print *ret_print, struct err *e)
{
    struct print out = {.width = p->width, .height = p->height};
    uint8_t square[DCT_SIDE * DCT_SIDE];
    double longer = p->width > p->height ? p->width : p->height;
    out.w = (int)fmax(1, round(p->width * PRINT_SIDE / longer));
    out.h = (int)fmax(1, round(p->height * PRINT_SIDE / longer));
    int rc = grey_of(p, out.w, out.h, out.grey, e);
    if (!rc)
        rc = print_square(p, square, e);
    if (rc)
        return rc;
    out.phash = print_hash(square);
    mirror(square, DCT_SIDE);
    out.mirrored = print_hash(square);
    figures(&out);
    pixels_digest(p, out.pixels);
    *ret_print = out;
    return 0;
}

/* --- files --- */

struct stored {
    char magic[16];
    int32_t width, height, w, h;
    uint64_t phash, mirrored;
    double spread, plain, mean;
    char pixels[DIGEST_LEN + 7];
};

int print_save(const struct print *p, const char *path, struct err *e)
{
    struct stored head = {.width = p->width,
                          .height = p->height,
                          .w = p->w,
                          .h = p->h,
                          .phash = p->phash,
                          .mirrored = p->mirrored,
                          .spread = p->spread,
                          .plain = p->plain,
                          .mean = p->mean};
    size_t len = sizeof(head) + (size_t)p->w * (size_t)p->h;
    char *bytes = mem_alloc(len);
    memcpy(head.magic, MAGIC, sizeof(head.magic));
    memcpy(head.pixels, p->pixels, sizeof(p->pixels));
    memcpy(bytes, &head, sizeof(head));
    memcpy(bytes + sizeof(head), p->grey, len - sizeof(head));
    int rc = file_write(path, bytes, len, false, e);
    free(bytes);
    return rc;
}

int print_load(const char *path, struct print *ret_print, struct err *e)
{
    struct stored head;
    char *bytes = NULL;
    size_t len = 0;
    int rc = file_read(path, sizeof(head) + sizeof(ret_print->grey), &bytes, &len, e);
    if (rc)
        return rc;
    memcpy(&head, bytes, len < sizeof(head) ? len : sizeof(head));
    if (len < sizeof(head) || memcmp(head.magic, MAGIC, sizeof(head.magic)) != 0 || head.w < 1 ||
        head.h < 1 || head.w > PRINT_SIDE || head.h > PRINT_SIDE ||
        len != sizeof(head) + (size_t)head.w * (size_t)head.h) {
        free(bytes);
        return err_set(e, ERR_INPUT, "%s is no print of a picture; remove it and it is made again",
                       path);
    }
    *ret_print = (struct print){.width = head.width,
                                .height = head.height,
                                .w = head.w,
                                .h = head.h,
                                .phash = head.phash,
                                .mirrored = head.mirrored,
                                .spread = head.spread,
                                .plain = head.plain,
                                .mean = head.mean};
    head.pixels[DIGEST_LEN - 1] = 0;
    memcpy(ret_print->pixels, head.pixels, sizeof(ret_print->pixels));
    memcpy(ret_print->grey, bytes + sizeof(head), len - sizeof(head));
    free(bytes);
    return 0;
}
