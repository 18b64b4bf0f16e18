/* Decoded pixels come in, what can be told of them goes out. One pass over all pixels for the
 * figures, one from the bottom up for tears; judges nothing. */
/* SPDX-License-Identifier: ISC */
#include "likeness/look.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/str.h"

#define NEAR        4   /* of the median: as plain as the noise of a camera or a codec leaves it */
#define SAME        4   /* channels this close are the same colour */
#define OTHER       24  /* one this far is another colour */
#define EDGE_ROWS   8   /* above a tail, where a codec's blocks have smeared the tear */
#define GRAIN_SHARE 0.3 /* of a row's pixels differ from the one before */
#define BUSY_LEAST  4   /* a row that repeats shows something: its own spread is more */

/* --- figures of the whole --- */

struct sums {
    double n, sum[3], squares[3], luma, luma_squares;
    int64_t counts[256];
};

/* Whole numbers for a row at a time: the widest one stays far below 2^32. */
static void add_row(struct sums *s, const uint8_t *row, int width)
{
    uint32_t sum[3] = {0}, squares[3] = {0};
    for (int x = 0; x < width; x++) {
        const uint8_t *px = row + (size_t)x * 4;
        uint32_t a = px[3], c[3] = {px[0], px[1], px[2]};
        for (int i = 0; a != 255 && i < 3; i++)
            c[i] = (c[i] * a + 128 * (255 - a)) / 255;
        for (int i = 0; i < 3; i++) {
            sum[i] += c[i];
            squares[i] += c[i] * c[i];
        }
        s->counts[(c[0] * 54 + c[1] * 183 + c[2] * 19) >> 8]++;
    }
    for (int i = 0; i < 3; i++) {
        s->sum[i] += sum[i];
        s->squares[i] += squares[i];
    }
}

static double deviation(double sum, double squares, double n)
{
    return sqrt(fmax(0, squares / n - sum / n * (sum / n)));
}

static void figures(const struct pixels *p, struct look *l)
{
    struct sums s = {.n = (double)p->width * p->height};
    int64_t seen = 0, near = 0;
    int median = 0;
    for (int y = 0; y < p->height; y++)
        add_row(&s, p->data + (size_t)y * (size_t)p->width * 4, p->width);
    for (int y = 0; y < 256; y++) {
        s.luma += (double)s.counts[y] * y;
        s.luma_squares += (double)s.counts[y] * y * y;
    }
    while ((double)(seen += s.counts[median]) * 2 < s.n)
        median++;
    for (int y = median > NEAR ? median - NEAR : 0; y < 256 && y <= median + NEAR; y++)
        near += s.counts[y];
    l->mean = s.luma / s.n;
    l->spread = deviation(s.luma, s.luma_squares, s.n);
    l->plain = (double)near / s.n;
    for (int i = 0; i < 3; i++)
        l->colour = fmax(l->colour, deviation(s.sum[i], s.squares[i], s.n));
}

/* --- tears --- */

static const uint8_t *row_of(const struct pixels *p, int y)
{
    return p->data + (size_t)y * (size_t)p->width * 4;
}

static bool within(const uint8_t *a, const uint8_t *b, int most)
{
    return abs(a[0] - b[0]) <= most && abs(a[1] - b[1]) <= most && abs(a[2] - b[2]) <= most &&
           abs(a[3] - b[3]) <= most;
}

static bool row_is(const struct pixels *p, int y, const uint8_t *colour)
{
    const uint8_t *row = row_of(p, y);
    for (int x = 0; x < p->width; x++)
        if (!within(row + x * 4, colour, SAME))
            return false;
    return true;
}

static bool row_repeats(const struct pixels *p, int y)
{
    const uint8_t *row = row_of(p, y), *above = row_of(p, y - 1);
    for (int x = 0; x < p->width; x++)
        if (!within(row + x * 4, above + x * 4, 1))
            return false;
    return true;
}

static double row_spread(const struct pixels *p, int y)
{
    const uint8_t *row = row_of(p, y);
    double sum = 0, squares = 0;
    for (int x = 0; x < p->width; x++) {
        const uint8_t *px = row + x * 4;
        double luma = (px[0] * 54 + px[1] * 183 + px[2] * 19) / 256.0;
        luma = (luma * px[3] + 128.0 * (255 - px[3])) / 255; /* what nobody sees counts as grey */
        sum += luma;
        squares += luma * luma;
    }
    return deviation(sum, squares, p->width);
}

/* Whether it changes all along the row, as a photograph does and a drawing's upright lines do not.
 */
static bool row_is_grained(const struct pixels *p, int y)
{
    const uint8_t *row = row_of(p, y);
    int changes = 0;
    for (int x = 1; x < p->width; x++)
        changes += !within(row + x * 4, row + (x - 1) * 4, 0);
    return changes >= p->width * GRAIN_SHARE;
}

static double row_other(const struct pixels *p, int y, const uint8_t *colour)
{
    const uint8_t *row = row_of(p, y);
    int other = 0;
    for (int x = 0; x < p->width; x++)
        other += !within(row + x * 4, colour, OTHER);
    return (double)other / p->width;
}

static void tears(const struct pixels *p, struct look *l)
{
    const uint8_t *last = row_of(p, p->height - 1);
    int tail = 0, head = 0, repeat = 0;
    while (tail < p->height && row_is(p, p->height - 1 - tail, last))
        tail++;
    while (tail && head < p->height && row_is(p, head, last))
        head++;
    if (tail && tail < p->height) {
        int above = p->height - 1 - tail - EDGE_ROWS;
        l->edge = row_other(p, above > 0 ? above : 0, last);
        l->busy = row_spread(p, above > 0 ? above : 0);
    }
    if (row_spread(p, p->height - 1) >= BUSY_LEAST && row_is_grained(p, p->height - 1))
        while (repeat < p->height - 1 && row_repeats(p, p->height - 1 - repeat))
            repeat++;
    l->tail = (double)tail / p->height;
    l->head = (double)head / p->height;
    l->repeat = (double)repeat / p->height;
}

/* --- the whole --- */

int look_at(const struct pixels *p, struct look *ret_look, struct err *e)
{
    struct look look = {.width = p->width, .height = p->height};
    int rc = print_square(p, look.square, e);
    if (rc)
        return rc;
    look.hash = print_hash(look.square);
    figures(p, &look);
    tears(p, &look);
    *ret_look = look;
    return 0;
}

static double rounded(double value, double parts)
{
    return round(value * parts) / parts;
}

cJSON *look_json(const struct look *look)
{
    char hash[17], grey[sizeof(look->square) * 2 + 1];
    cJSON *out = cJSON_CreateObject();
    str_format(hash, sizeof hash, "%016llx", (unsigned long long)look->hash);
    for (size_t i = 0; i < sizeof(look->square); i++)
        str_format(grey + i * 2, 3, "%02x", look->square[i]);
    json_set_num(out, "width", look->width);
    json_set_num(out, "height", look->height);
    json_set_num(out, "mean", rounded(look->mean, 100));
    json_set_num(out, "spread", rounded(look->spread, 100));
    json_set_num(out, "plain", rounded(look->plain, 10000));
    json_set_num(out, "colour", rounded(look->colour, 100));
    json_set_num(out, "tail", rounded(look->tail, 10000));
    json_set_num(out, "edge", rounded(look->edge, 10000));
    json_set_num(out, "busy", rounded(look->busy, 100));
    json_set_num(out, "head", rounded(look->head, 10000));
    json_set_num(out, "repeat", rounded(look->repeat, 10000));
    json_set_str(out, "phash", hash);
    json_set_str(out, "grey", grey);
    return out;
}

double look_difference(const struct look *a, const struct look *b)
{
    int sum = 0, n = (int)sizeof(a->square);
    for (int i = 0; i < n; i++)
        sum += abs(a->square[i] - b->square[i]);
    return (double)sum / n;
}
