/* Two prints come in, the placing under which they agree best goes out: template matching by
 * zero-mean normalised correlation, coarse first. Judges nothing. */
/* SPDX-License-Identifier: ISC */
#include "likeness/align.h"

#include <math.h>
#include <string.h>

#define SHRINK 4
#define SMALL  (PRINT_SIDE / SHRINK)
#define SCALES 9 /* from the whole down to the least */
#define LEAST  0.7
#define SHAPE  0.03 /* difference of two ratios that counts as none */

struct small {
    int w, h;
    float grey[SMALL * SMALL];
};

/* Box averages; mirrored when asked. */
static void shrink(const struct print *p, bool mirrored, struct small *ret_small)
{
    ret_small->w = p->w / SHRINK ? p->w / SHRINK : 1;
    ret_small->h = p->h / SHRINK ? p->h / SHRINK : 1;
    for (int y = 0; y < ret_small->h; y++)
        for (int x = 0; x < ret_small->w; x++) {
            float sum = 0;
            int n = 0;
            for (int j = y * SHRINK; j < (y + 1) * SHRINK && j < p->h; j++)
                for (int i = x * SHRINK; i < (x + 1) * SHRINK && i < p->w; i++, n++)
                    sum += p->grey[j * p->w + (mirrored ? p->w - 1 - i : i)];
            ret_small->grey[y * ret_small->w + x] = sum / (float)n;
        }
}

/* The template at another size, by averages over its pixels (it only shrinks or stays). */
static void scaled(const struct small *from, int w, int h, struct small *ret_to)
{
    ret_to->w = w;
    ret_to->h = h;
    for (int y = 0; y < h; y++)
        for (int x = 0; x < w; x++) {
            float fx = ((float)x + 0.5f) * (float)from->w / (float)w - 0.5f;
            float fy = ((float)y + 0.5f) * (float)from->h / (float)h - 0.5f;
            fx = fx < 0 ? 0 : fx > (float)(from->w - 1) ? (float)(from->w - 1) : fx;
            fy = fy < 0 ? 0 : fy > (float)(from->h - 1) ? (float)(from->h - 1) : fy;
            int x0 = (int)fx, y0 = (int)fy;
            int x1 = x0 + 1 < from->w ? x0 + 1 : x0, y1 = y0 + 1 < from->h ? y0 + 1 : y0;
            float ax = fx - (float)x0, ay = fy - (float)y0;
            float top =
                from->grey[y0 * from->w + x0] * (1 - ax) + from->grey[y0 * from->w + x1] * ax;
            float low =
                from->grey[y1 * from->w + x0] * (1 - ax) + from->grey[y1 * from->w + x1] * ax;
            ret_to->grey[y * w + x] = top * (1 - ay) + low * ay;
        }
}

static float agree(const struct small *image, const struct small *t, int left, int top)
{
    float a = 0, b = 0, aa = 0, bb = 0, ab = 0, n = (float)(t->w * t->h);
    for (int y = 0; y < t->h; y++) {
        const float *p = image->grey + (top + y) * image->w + left, *q = t->grey + y * t->w;
        for (int x = 0; x < t->w; x++) {
            a += p[x];
            b += q[x];
            aa += p[x] * p[x];
            bb += q[x] * q[x];
            ab += p[x] * q[x];
        }
    }
    float va = aa / n - a / n * (a / n), vb = bb / n - b / n * (b / n);
    return va < 4 || vb < 4 ? 0 : (ab / n - a / n * (b / n)) / sqrtf(va * vb);
}

struct found {
    double score, scale; /* template pixels become scale image pixels */
    double left, top;    /* in full thumbnail pixels of the image */
};

/* The template inside the image, at sizes from filling it down to half of it. */
static struct found search(const struct small *image, const struct small *t)
{
    struct found best = {.score = -1};
    float fit = fminf((float)image->w / (float)t->w, (float)image->h / (float)t->h);
    for (int s = 0; s < SCALES; s++) {
        float scale = fit * (1 - (float)s * (1 - (float)LEAST) / (SCALES - 1));
        int w = (int)lrintf((float)t->w * scale), h = (int)lrintf((float)t->h * scale);
        struct small piece;
        if (w < 4 || h < 4 || w > image->w || h > image->h)
            continue;
        scaled(t, w, h, &piece);
        for (int y = 0; y + h <= image->h; y++)
            for (int x = 0; x + w <= image->w; x++) {
                float score = agree(image, &piece, x, y);
                if (score > best.score)
                    best = (struct found){score, (double)w / t->w, x * SHRINK, y * SHRINK};
            }
    }
    return best;
}

bool align_whole(const struct print *original, const struct print *back, bool mirrored,
                 struct lay *ret_lay)
{
    double a = (double)original->width / original->height, b = (double)back->width / back->height;
    *ret_lay = (struct lay){.scale = (double)original->w / back->w, .mirrored = mirrored};
    return fabs(a - b) <= SHAPE * a;
}

double align_search(const struct print *original, const struct print *back, struct lay *ret_lay)
{
    struct small image, ours;
    double best = -1;
    shrink(original, false, &image);
    for (int mirrored = 0; mirrored < 2; mirrored++) {
        shrink(back, mirrored, &ours);
        struct found cut = search(&image, &ours), wide = search(&ours, &image);
        if (cut.score > best) {
            best = cut.score;
            *ret_lay = (struct lay){cut.scale, cut.left, cut.top, mirrored};
        }
        if (wide.score > best) {
            best = wide.score;
            *ret_lay = (struct lay){1 / wide.scale, -wide.left / wide.scale, -wide.top / wide.scale,
                                    mirrored};
        }
    }
    return best;
}

/* Correlation of every other pixel where both are. */
static double agree_laid(const struct print *original, const struct print *back,
                         const struct lay *lay)
{
    struct laid laid;
    double a = 0, b = 0, aa = 0, bb = 0, ab = 0;
    int n = 0;
    blocks_lay(original, back, lay, &laid);
    for (int y = 0; y < laid.h; y += 2)
        for (int x = 0; x < laid.w; x += 2) {
            int at = y * laid.w + x;
            if (laid.grey[at] < 0)
                continue;
            double p = original->grey[at], q = laid.grey[at];
            n++;
            a += p, b += q, aa += p * p, bb += q * q, ab += p * q;
        }
    if (n < 64)
        return -1;
    double va = aa / n - a / n * (a / n), vb = bb / n - b / n * (b / n);
    return va < 4 || vb < 4 ? 0 : (ab / n - a / n * (b / n)) / sqrt(va * vb);
}

double align_refine(const struct print *original, const struct print *back, struct lay *lay)
{
    double best = agree_laid(original, back, lay);
    double step = 3, grow = 0.04;
    while (step > 0.3) {
        bool moved = false;
        const struct lay steps[] = {{0, step, 0, false}, {0, -step, 0, false},
                                    {0, 0, step, false}, {0, 0, -step, false},
                                    {grow, 0, 0, false}, {-grow, 0, 0, false}};
        for (size_t i = 0; i < sizeof(steps) / sizeof(*steps); i++) {
            struct lay next = *lay;
            double cx = original->w / 2.0, cy = original->h / 2.0, by = 1 + steps[i].scale;
            next.scale *= by; /* about the middle, so that size and place stay apart */
            next.left = cx + (next.left - cx) * by + steps[i].left;
            next.top = cy + (next.top - cy) * by + steps[i].top;
            double score = agree_laid(original, back, &next);
            if (score > best) {
                best = score;
                *lay = next;
                moved = true;
            }
        }
        if (!moved) {
            step /= 2;
            grow /= 2;
        }
    }
    return best;
}
