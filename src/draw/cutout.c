/* A photo comes in, a cut-out goes out: by its own alpha, from its plain background, or whole as a
 * card. The order of the steps stands here; the work is done in cut_model.c, cut_flood.c and
 * cut_edge.c. */
/* SPDX-License-Identifier: ISC */
#include "draw/cutout.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "draw/cutout_priv.h"

#define PLAIN_LEAST 0.70  /* of the border must follow one smooth surface */
#define NOISE_MOST  7.0   /* levels after smoothing: more is a texture */
#define SHARE_LEAST 0.004 /* a product smaller than this is dust */
#define SHARE_MOST  0.93  /* one larger leaves no background to have learnt from */
#define FULL_SIDE   2600  /* a larger photo is made smaller first: no canvas shows more */

const char *cutout_word(enum cutout_how how)
{
    static const char *const words[] = {
#define X(how, word) word,
        CUTOUT_LIST(X)
#undef X
    };
    return words[how];
}

void cutout_finish(struct cutout *c)
{
    pixels_finish(&c->product);
    *c = (struct cutout){0};
}

/* The rectangle of what is more than a breath of alpha. */
struct box {
    int x0, y0, x1, y1; /* x1, y1 excluded */
    size_t n;
};

static struct box box_of(const struct pixels *p)
{
    struct box b = {p->width, p->height, 0, 0, 0};
    for (int y = 0; y < p->height; y++) {
        const uint8_t *row = p->data + (size_t)y * p->width * 4;
        for (int x = 0; x < p->width; x++) {
            if (row[4 * x + 3] < 24)
                continue;
            b.x0 = x < b.x0 ? x : b.x0;
            b.x1 = x >= b.x1 ? x + 1 : b.x1;
            b.y0 = y < b.y0 ? y : b.y0;
            b.y1 = y + 1;
            b.n++;
        }
    }
    return b;
}

/* Crops to the product and notes which sides of the photo cut it. */
static int product_crop(struct pixels *full, struct cutout *c, struct err *e)
{
    struct box b = box_of(full);
    struct pixels crop = {0};
    c->share = (double)b.n / ((double)full->width * full->height);
    if (b.x1 <= b.x0)
        return err_set(e, ERR_INPUT, "the picture is transparent everywhere");
    int margin = 1;
    int x0 = b.x0 > margin ? b.x0 - margin : 0, y0 = b.y0 > margin ? b.y0 - margin : 0;
    int x1 = b.x1 + margin < full->width ? b.x1 + margin : full->width;
    int y1 = b.y1 + margin < full->height ? b.y1 + margin : full->height;
    c->touches[SIDE_TOP] = b.y0 <= 1;
    c->touches[SIDE_LEFT] = b.x0 <= 1;
    c->touches[SIDE_RIGHT] = b.x1 >= full->width - 1;
    c->touches[SIDE_BOTTOM] = b.y1 >= full->height - 1;
    int r = pixels_crop(full, x0, y0, x1 - x0, y1 - y0, &crop, e);
    if (r)
        return r;
    crop.opaque = false;
    pixels_finish(&c->product);
    c->product = crop;
    return 0;
}

static bool has_alpha(const struct pixels *p)
{
    size_t n = (size_t)p->width * p->height, clear = 0;
    if (p->opaque)
        return false;
    for (size_t i = 0; i < n; i++)
        clear += p->data[4 * i + 3] < 8;
    return clear > n / 50;
}

/* Lays the photo on white where it is a little transparent, so that all later steps see colours
 * only. */
static void flatten(struct pixels *p)
{
    size_t n = (size_t)p->width * p->height;
    for (size_t i = 0; i < n && !p->opaque; i++) {
        uint8_t *px = p->data + 4 * i;
        for (int c = 0; c < 3; c++)
            px[c] = (uint8_t)((px[c] * px[3] + 255 * (255 - px[3]) + 127) / 255);
        px[3] = 255;
    }
    p->opaque = true;
}

/* Marks the background at working size; answers whether that can be believed, and the reason when
 * not. */
static bool mark(struct cut *k, char why[96])
{
    cut_model_border(k);
    if (k->plain < PLAIN_LEAST || k->sigma > NOISE_MOST) {
        snprintf(why, 96, "the border is not plain (%.0f %% follow one surface, noise %.1f)",
                 100 * k->plain, k->sigma);
        return false;
    }
    cut_flood(k);
    cut_model_refine(k);
    cut_flood(k);
    cut_clean(k);
    size_t in = 0, n = (size_t)k->w * k->h;
    for (size_t i = 0; i < n; i++)
        in += !k->out[i];
    double share = (double)in / (double)n;
    if (share >= SHARE_LEAST && share <= SHARE_MOST)
        return true;
    snprintf(why, 96, "no product stands out from the background (%.1f %% of the photo)",
             100 * share);
    return false;
}

/* Rounded corners, a few pixels of them: the photo as a printed card. */
static void card_round(struct pixels *p)
{
    float r = 0.025f * (float)(p->width < p->height ? p->width : p->height) + 1;
    for (int y = 0; y < p->height; y++)
        for (int x = 0; x < p->width; x++) {
            float dx = fmaxf(r - ((float)x + 0.5f), (float)x + 0.5f - ((float)p->width - r));
            float dy = fmaxf(r - ((float)y + 0.5f), (float)y + 0.5f - ((float)p->height - r));
            if (dx <= 0 || dy <= 0)
                continue;
            float a = r + 0.5f - sqrtf(dx * dx + dy * dy);
            a = a < 0 ? 0 : a > 1 ? 1 : a;
            p->data[4 * ((size_t)y * p->width + x) + 3] = (uint8_t)(255 * a + 0.5f);
        }
    p->opaque = false;
}

static int cut_plain(struct pixels *full, struct cutout *c, struct err *e)
{
    struct pixels small = {0};
    struct cut k = {0};
    int r = pixels_inside(full, CUT_SIDE, CUT_SIDE, &small, e);
    if (r)
        return r;
    cut_open(&k, &small);
    pixels_finish(&small);
    bool plain = mark(&k, c->why);
    c->noise = k.sigma;
    c->how = plain ? CUTOUT_PLAIN : CUTOUT_CARD;
    if (plain)
        cut_edge(&k, full);
    else
        card_round(full);
    cut_close(&k);
    return product_crop(full, c, e);
}

int cutout_make(const struct pixels *photo, struct cutout *ret_cutout, struct err *e)
{
    struct cutout c = {0};
    struct pixels full = {0};
    int longest = photo->width > photo->height ? photo->width : photo->height;
    int r = longest > FULL_SIDE ? pixels_inside(photo, FULL_SIDE, FULL_SIDE, &full, e)
                                : pixels_crop(photo, 0, 0, photo->width, photo->height, &full, e);
    if (r)
        return r;
    if (has_alpha(&full)) {
        c.how = CUTOUT_ALPHA;
        r = product_crop(&full, &c, e);
    } else {
        flatten(&full);
        r = cut_plain(&full, &c, e);
    }
    pixels_finish(&full);
    if (r) {
        cutout_finish(&c);
        return r;
    }
    if (c.how == CUTOUT_CARD)
        memset(c.touches, 0, sizeof c.touches);
    *ret_cutout = c;
    return 0;
}
