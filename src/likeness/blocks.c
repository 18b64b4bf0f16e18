/* The comparing itself: 8 x 8 blocks of the thumbnails, by zero-mean normalised correlation, so
 * that brightness, contrast and tint do not matter. Decides nothing. */
/* SPDX-License-Identifier: ISC */
#include "likeness/blocks.h"

#include <math.h>
#include <string.h>

#define PATTERN 3.0  /* a block with less spread than this shows nothing */
#define ALIKE   0.70 /* correlation from which two patterns are one */
#define APART   0.45 /* below which two patterns are two */
#define TONE    14.0 /* plain blocks further apart than this are different */
#define EDGE    0.75 /* so much of a block has to be there */

/* Sums of one block of two pictures. */
struct pair {
    int n;
    double a, b, aa, bb, ab;
};

static void pair_add(struct pair *p, double a, double b)
{
    p->n++;
    p->a += a;
    p->b += b;
    p->aa += a * a;
    p->bb += b * b;
    p->ab += a * b;
}

static double spread(double sum, double squares, int n)
{
    double mean = sum / n;
    return sqrt(fmax(0, squares / n - mean * mean));
}

static double correlation(const struct pair *p)
{
    double sa = spread(p->a, p->aa, p->n), sb = spread(p->b, p->bb, p->n);
    if (sa < 0.5 || sb < 0.5)
        return 0;
    return (p->ab / p->n - p->a / p->n * (p->b / p->n)) / (sa * sb);
}

static int16_t sample(const struct print *p, double x, double y)
{
    if (x < -0.5 || y < -0.5 || x > p->w - 0.5 || y > p->h - 0.5)
        return -1;
    x = fmin(fmax(x, 0), p->w - 1);
    y = fmin(fmax(y, 0), p->h - 1);
    int x0 = (int)x, y0 = (int)y, x1 = x0 + 1 < p->w ? x0 + 1 : x0,
        y1 = y0 + 1 < p->h ? y0 + 1 : y0;
    double fx = x - x0, fy = y - y0;
    double top = p->grey[y0 * p->w + x0] * (1 - fx) + p->grey[y0 * p->w + x1] * fx;
    double low = p->grey[y1 * p->w + x0] * (1 - fx) + p->grey[y1 * p->w + x1] * fx;
    return (int16_t)lrint(top * (1 - fy) + low * fy);
}

void blocks_lay(const struct print *original, const struct print *back, const struct lay *lay,
                struct laid *ret_laid)
{
    ret_laid->w = original->w;
    ret_laid->h = original->h;
    for (int y = 0; y < original->h; y++)
        for (int x = 0; x < original->w; x++) {
            double bx = (x + 0.5 - lay->left) / lay->scale - 0.5;
            double by = (y + 0.5 - lay->top) / lay->scale - 0.5;
            if (lay->mirrored)
                bx = back->w - 1 - bx;
            ret_laid->grey[y * original->w + x] = sample(back, bx, by);
        }
}

void blocks_expect(const struct print *original, const struct print *back, const struct lay *lay,
                   struct laid *ret_laid)
{
    ret_laid->w = back->w;
    ret_laid->h = back->h;
    for (int y = 0; y < back->h; y++)
        for (int x = 0; x < back->w; x++) {
            double bx = lay->mirrored ? back->w - 1 - x : x;
            ret_laid->grey[y * back->w + x] =
                sample(original, lay->left + (bx + 0.5) * lay->scale - 0.5,
                       lay->top + (y + 0.5) * lay->scale - 0.5);
        }
}

static struct pair gather(const struct print *p, const struct laid *laid, int bx, int by)
{
    struct pair sums = {0};
    for (int y = by * BLOCK; y < (by + 1) * BLOCK && y < p->h; y++)
        for (int x = bx * BLOCK; x < (bx + 1) * BLOCK && x < p->w; x++)
            if (laid->grey[y * p->w + x] >= 0)
                pair_add(&sums, p->grey[y * p->w + x], laid->grey[y * p->w + x]);
    return sums;
}

static enum block_word word_of(const struct pair *p)
{
    if (p->n < BLOCK * BLOCK * EDGE)
        return BLOCK_OUTSIDE;
    double sa = spread(p->a, p->aa, p->n), sb = spread(p->b, p->bb, p->n);
    if (sa < PATTERN && sb < PATTERN)
        return fabs(p->a - p->b) / p->n < TONE ? BLOCK_PLAIN : BLOCK_OTHER;
    return correlation(p) >= ALIKE ? BLOCK_SAME : BLOCK_OTHER;
}

void blocks_compare(const struct print *original, const struct laid *laid,
                    struct blocks *ret_blocks)
{
    ret_blocks->columns = original->w / BLOCK;
    ret_blocks->rows = original->h / BLOCK;
    for (int y = 0; y < ret_blocks->rows; y++)
        for (int x = 0; x < ret_blocks->columns; x++) {
            struct pair p = gather(original, laid, x, y);
            ret_blocks->word[y * ret_blocks->columns + x] = word_of(&p);
        }
}

/* Mean difference of two blocks after taking out what a change of brightness would explain. */
static double block_error(const struct pair *p)
{
    double a = p->a / p->n, b = p->b / p->n;
    double var = (p->aa / p->n - a * a) + (p->bb / p->n - b * b) - 2 * (p->ab / p->n - a * b);
    return sqrt(fmax(0, var)) + 0.35 * fabs(a - b);
}

static struct pair gather_laid(const struct laid *a, const struct laid *b, int bx, int by)
{
    struct pair sums = {0};
    for (int y = by * BLOCK; y < (by + 1) * BLOCK && y < a->h; y++)
        for (int x = bx * BLOCK; x < (bx + 1) * BLOCK && x < a->w; x++)
            if (a->grey[y * a->w + x] >= 0 && b->grey[y * a->w + x] >= 0)
                pair_add(&sums, a->grey[y * a->w + x], b->grey[y * a->w + x]);
    return sums;
}

struct votes blocks_vote(const struct print *back, const struct laid *first,
                         const struct laid *other)
{
    struct votes votes = {0};
    for (int y = 0; y < back->h / BLOCK; y++)
        for (int x = 0; x < back->w / BLOCK; x++) {
            struct pair apart = gather_laid(first, other, x, y), ours = gather(back, first, x, y),
                        theirs = gather(back, other, x, y);
            if (ours.n < BLOCK * BLOCK * EDGE)
                continue; /* added around the first */
            if (theirs.n < BLOCK * BLOCK * EDGE || apart.n < BLOCK * BLOCK * EDGE) {
                votes.first += word_of(&ours) == BLOCK_SAME; /* nothing of the other is here */
                continue;
            }
            double gap = block_error(&apart);
            if (gap < PATTERN * 1.5)
                continue; /* the two say the same here */
            double to_first = block_error(&ours), to_other = block_error(&theirs);
            /* like the one, unlike the other, and near it as their difference goes: a patch that is
             * like neither says nothing */
            votes.first += to_first < 0.6 * to_other && to_first < 0.5 * gap;
            votes.other += to_other < 0.6 * to_first && to_other < 0.5 * gap;
        }
    return votes;
}
