/* Pixels and a window come in, a yuv420p frame goes out. The move is only shift and zoom, so rows
 * and columns are filtered one after the other, with positions finer than a pixel. All arithmetic
 * is in integers once the weights are known: same input, same bytes. */
/* SPDX-License-Identifier: ISC */
#include "film/planes.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#define TAPS        4
#define WEIGHT_BITS 12

/* For one output position: the first of four source positions and their weights, which sum to 1 <<
 * WEIGHT_BITS. */
struct tap {
    int from;
    int16_t weight[TAPS];
};

static int16_t to_sample(double value)
{
    return (int16_t)lrint(value * (1 << PLANE_BITS));
}

static void plane_init(struct plane *p, int width, int height)
{
    p->width = width, p->height = height;
    p->at = mem_alloc((size_t)width * (size_t)height * sizeof *p->at);
}

/* Adds one pixel to a sum of red, green and blue. */
static void add_pixel(const uint8_t *pixel, double sum[3])
{
    for (int c = 0; c < 3; c++)
        sum[c] += pixel[c] * (pixel[3] / 255.0);
}

static double luma_of(const double rgb[3])
{
    return 0.2126 * rgb[0] + 0.7152 * rgb[1] + 0.0722 * rgb[2];
}

static void fill_luma(struct plane *y, const struct pixels *from)
{
    size_t n = (size_t)from->width * (size_t)from->height;
    for (size_t i = 0; i < n; i++) {
        double rgb[3] = {0};
        add_pixel(from->data + 4 * i, rgb);
        y->at[i] = to_sample(16 + luma_of(rgb) * 219 / 255);
    }
}

static void fill_chroma(struct plane *u, struct plane *v, const struct pixels *from)
{
    for (int y = 0; y < u->height; y++)
        for (int x = 0; x < u->width; x++) {
            const uint8_t *at = from->data + 4 * ((size_t)2 * y * from->width + 2 * x);
            double sum[3] = {0};
            add_pixel(at, sum);
            add_pixel(at + 4, sum);
            add_pixel(at + 4 * (size_t)from->width, sum);
            add_pixel(at + 4 * (size_t)from->width + 4, sum);
            double luma = luma_of(sum);
            size_t i = (size_t)y * u->width + x;
            u->at[i] = to_sample(128 + (sum[2] - luma) / 1.8556 / 4 * 224 / 255);
            v->at[i] = to_sample(128 + (sum[0] - luma) / 1.5748 / 4 * 224 / 255);
        }
}

void planes_init(struct planes *p, const struct pixels *from)
{
    plane_init(&p->y, from->width, from->height);
    plane_init(&p->u, from->width / 2, from->height / 2);
    plane_init(&p->v, from->width / 2, from->height / 2);
    fill_luma(&p->y, from);
    fill_chroma(&p->u, &p->v, from);
}

void planes_finish(struct planes *p)
{
    mem_free(p->y.at);
    mem_free(p->u.at);
    mem_free(p->v.at);
}

size_t frame_bytes(int width, int height)
{
    return (size_t)width * (size_t)height * 3 / 2;
}

/* Catmull-Rom at distance d (0..2). */
static double cubic(double d)
{
    d = fabs(d);
    if (d < 1)
        return 1 + d * d * (1.5 * d - 2.5);
    return d < 2 ? 2 + d * (-4 + d * (2.5 - 0.5 * d)) : 0;
}

/* Output positions 0..out_n over the source span [start, start + span). */
static struct tap *make_taps(double start, double span, int out_n)
{
    struct tap *taps = mem_alloc((size_t)out_n * sizeof *taps);
    for (int i = 0; i < out_n; i++) {
        double at = start + span * (i + 0.5) / out_n - 0.5;
        int base = (int)floor(at), left = 1 << WEIGHT_BITS;
        taps[i].from = base - 1;
        for (int k = 0; k < TAPS; k++)
            if (k != 1)
                left -= taps[i].weight[k] =
                    (int16_t)lrint(cubic(at - (base - 1 + k)) * (1 << WEIGHT_BITS));
        taps[i].weight[1] = (int16_t)left;
    }
    return taps;
}

static int clamp(int value, int most)
{
    return value < 0 ? 0 : value > most ? most : value;
}

static void filter_row(const struct plane *p, int row, const struct tap *taps, int out_n,
                       int16_t *out)
{
    const int16_t *from = p->at + (size_t)clamp(row, p->height - 1) * p->width;
    for (int x = 0; x < out_n; x++) {
        const struct tap *t = &taps[x];
        int sum = 1 << (WEIGHT_BITS - 1);
        if (t->from >= 0 && t->from + TAPS <= p->width)
            for (int k = 0; k < TAPS; k++)
                sum += from[t->from + k] * t->weight[k];
        else
            for (int k = 0; k < TAPS; k++)
                sum += from[clamp(t->from + k, p->width - 1)] * t->weight[k];
        out[x] = (int16_t)(sum >> WEIGHT_BITS);
    }
}

static void blend_rows(int16_t *const rows[TAPS], const int16_t weight[TAPS], int n, uint8_t *out)
{
    for (int x = 0; x < n; x++) {
        int sum = 1 << (WEIGHT_BITS + PLANE_BITS - 1);
        for (int k = 0; k < TAPS; k++)
            sum += rows[k][x] * weight[k];
        out[x] = (uint8_t)clamp(sum >> (WEIGHT_BITS + PLANE_BITS), 255);
    }
}

static void sample_plane(const struct plane *p, const struct window *seen, int width, int height,
                         uint8_t *out)
{
    double span_x = p->width / seen->zoom, span_y = p->height / seen->zoom;
    struct tap *across = make_taps(seen->x * p->width - span_x / 2, span_x, width);
    struct tap *down = make_taps(seen->y * p->height - span_y / 2, span_y, height);
    int16_t *room = mem_alloc((size_t)TAPS * (size_t)width * sizeof *room);
    int held[TAPS]; /* which source row lies in each slot of the ring */
    for (int k = 0; k < TAPS; k++)
        held[k] = -1000;
    for (int y = 0; y < height; y++) {
        int16_t *rows[TAPS];
        for (int k = 0; k < TAPS; k++) {
            int row = down[y].from + k, slot = ((row % TAPS) + TAPS) % TAPS;
            rows[k] = room + (size_t)slot * width;
            if (held[slot] != row)
                filter_row(p, row, across, width, rows[k]);
            held[slot] = row;
        }
        blend_rows(rows, down[y].weight, width, out + (size_t)y * width);
    }
    free(room);
    free(down);
    free(across);
}

void planes_sample(const struct planes *p, const struct window *seen, int width, int height,
                   uint8_t *frame)
{
    size_t luma = (size_t)width * (size_t)height;
    sample_plane(&p->y, seen, width, height, frame);
    sample_plane(&p->u, seen, width / 2, height / 2, frame + luma);
    sample_plane(&p->v, seen, width / 2, height / 2, frame + luma + luma / 4);
}

void frame_mix(uint8_t *base, const uint8_t *over, size_t len, double weight)
{
    int w = (int)lrint(weight * 256);
    for (size_t i = 0; i < len; i++)
        base[i] = (uint8_t)((base[i] * (256 - w) + over[i] * w + 128) >> 8);
}
