/* Colours and shapes come in, a plate of linear light goes out, and at last a picture. No per-pixel
 * libm at full size: levels come from a table over the square root. */
/* SPDX-License-Identifier: ISC */
#include "draw/plate.h"

#include <cairo.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#define LEVELS 2048 /* entries of the table from sqrt(linear) to 8.8 fixed levels */
#define TOP    4.0f /* the brightest linear value the table knows */
#define TILE   128  /* side of the repeating dither tile */

static float to_linear(float v)
{
    return v <= 0.04045f ? v / 12.92f : powf((v + 0.055f) / 1.055f, 2.4f);
}

/* Film shoulder: highlights above 0.75 bend instead of clipping. */
static float shoulder(float v)
{
    return v < 0.75f ? v : 0.75f + 0.25f * (1 - expf(-(v - 0.75f) / 0.25f));
}

static float to_level(float v)
{
    v = shoulder(v);
    return 255 * (v <= 0.0031308f ? 12.92f * v : 1.055f * powf(v, 1 / 2.4f) - 0.055f);
}

struct light light_of(uint32_t hex)
{
    return (struct light){to_linear((hex >> 16 & 255) / 255.0f),
                          to_linear((hex >> 8 & 255) / 255.0f), to_linear((hex & 255) / 255.0f)};
}

struct light light_mix(struct light a, struct light b, float t)
{
    return (struct light){a.r + (b.r - a.r) * t, a.g + (b.g - a.g) * t, a.b + (b.b - a.b) * t};
}

struct light light_times(struct light a, float k)
{
    return (struct light){a.r * k, a.g * k, a.b * k};
}

uint8_t light_level(float v)
{
    return (uint8_t)(to_level(v < 0 ? 0 : v) + 0.5f);
}

void plate_init(struct plate *p, int w, int h)
{
    p->w = w < 1 ? 1 : w;
    p->h = h < 1 ? 1 : h;
    p->rgb = mem_alloc((size_t)p->w * p->h * 3 * sizeof(float));
}

void plate_finish(struct plate *p)
{
    mem_free(p->rgb);
}

void plate_gradient(struct plate *p, struct light top, struct light bottom)
{
    for (int y = 0; y < p->h; y++) {
        struct light l = light_mix(top, bottom, p->h > 1 ? (float)y / (float)(p->h - 1) : 0);
        float *row = p->rgb + (size_t)y * p->w * 3;
        for (int x = 0; x < p->w; x++, row += 3) {
            row[0] = l.r;
            row[1] = l.g;
            row[2] = l.b;
        }
    }
}

static void linear_table(float table[256])
{
    for (int i = 0; i < 256; i++)
        table[i] = to_linear((float)i / 255);
}

void plate_lay_surface(struct plate *p, cairo_surface_t *surface)
{
    float table[256];
    cairo_surface_flush(surface);
    const uint8_t *data = cairo_image_surface_get_data(surface);
    int sw = cairo_image_surface_get_width(surface), sh = cairo_image_surface_get_height(surface);
    int stride = cairo_image_surface_get_stride(surface);
    linear_table(table);
    for (int y = 0; y < p->h; y++) {
        const uint32_t *from =
            (const uint32_t *)(const void *)(data + (size_t)(y * sh / p->h) * (size_t)stride);
        float *row = p->rgb + (size_t)y * p->w * 3;
        for (int x = 0; x < p->w; x++, row += 3) {
            uint32_t v = from[x * sw / p->w], a = v >> 24;
            if (!a)
                continue;
            float k = (float)a / 255;
            for (int c = 0; c < 3; c++) {
                uint32_t straight = ((v >> (16 - 8 * c) & 255) * 255 + a / 2) / a;
                row[c] += (table[straight > 255 ? 255 : straight] - row[c]) * k;
            }
        }
    }
}

void plate_stretch(const struct plate *from, struct plate *to, int rows)
{
    float sx = (float)from->w / (float)to->w, sy = (float)from->h / (float)to->h;
    for (int y = 0; y < rows && y < to->h; y++) {
        float fy = fmaxf(((float)y + 0.5f) * sy - 0.5f, 0);
        int y0 = (int)fy, y1 = y0 + 1 < from->h ? y0 + 1 : y0;
        fy -= (float)y0;
        const float *a = from->rgb + (size_t)y0 * from->w * 3,
                    *b = from->rgb + (size_t)y1 * from->w * 3;
        float *row = to->rgb + (size_t)y * to->w * 3;
        for (int x = 0; x < to->w; x++, row += 3) {
            float fx = fmaxf(((float)x + 0.5f) * sx - 0.5f, 0);
            int x0 = (int)fx, x1 = x0 + 1 < from->w ? x0 + 1 : x0;
            fx -= (float)x0;
            for (int c = 0; c < 3; c++) {
                float top = a[3 * x0 + c] + (a[3 * x1 + c] - a[3 * x0 + c]) * fx;
                float low = b[3 * x0 + c] + (b[3 * x1 + c] - b[3 * x0 + c]) * fx;
                row[c] = top + (low - top) * fy;
            }
        }
    }
}

/* One running mean along a line of n pixels of `channels` floats; the ends repeat. */
static void box_line(const float *from, float *to, int n, int channels, int r)
{
    float k = 1 / (float)(2 * r + 1);
    for (int c = 0; c < channels; c++) {
        const float *f = from + c;
        float sum = f[0] * (float)(r + 1);
        for (int i = 1; i <= r; i++)
            sum += f[(i < n ? i : n - 1) * channels];
        for (int i = 0; i < n; i++) {
            to[i * channels + c] = sum * k;
            int in = i + r + 1 < n ? i + r + 1 : n - 1, out = i - r > 0 ? i - r : 0;
            sum += f[in * channels] - f[out * channels];
        }
    }
}

/* Down the columns, a whole row of floats at a time: kind to the cache. */
static void box_down(const float *from, float *to, size_t row, int h, int r, float *sum)
{
    float k = 1 / (float)(2 * r + 1);
    for (size_t x = 0; x < row; x++)
        sum[x] = from[x] * (float)(r + 1);
    for (int i = 1; i <= r; i++)
        for (size_t x = 0; x < row; x++)
            sum[x] += from[(size_t)(i < h ? i : h - 1) * row + x];
    for (int y = 0; y < h; y++) {
        const float *in = from + (size_t)(y + r + 1 < h ? y + r + 1 : h - 1) * row;
        const float *out = from + (size_t)(y - r > 0 ? y - r : 0) * row;
        float *t = to + (size_t)y * row;
        for (size_t x = 0; x < row; x++) {
            t[x] = sum[x] * k;
            sum[x] += in[x] - out[x];
        }
    }
}

void field_blur(float *field, int w, int h, int channels, int radius)
{
    size_t row = (size_t)w * (size_t)channels;
    if (radius < 1)
        return;
    float *spare = mem_alloc(row * (size_t)h * sizeof *spare), *sum = mem_alloc(row * sizeof *sum);
    int r = radius * 4 / 7 + 1; /* three boxes of this reach have about the Gaussian's width */
    for (int pass = 0; pass < 3; pass++) {
        for (int y = 0; y < h; y++)
            box_line(field + row * (size_t)y, spare + row * (size_t)y, w, channels, r);
        box_down(spare, field, row, h, r, sum);
    }
    free(spare);
    free(sum);
}

void plate_blur(struct plate *p, int radius)
{
    field_blur(p->rgb, p->w, p->h, 3, radius);
}

/* (1 - d)^2 (1 + 2 d) for d = squared distance up to 1: a bell without exp. */
static float bell(float d)
{
    return d >= 1 ? 0 : (1 - d) * (1 - d);
}

void plate_glow(struct plate *p, float x, float y, float rx, float ry, struct light colour)
{
    float kx = 1 / (rx * (float)p->w), ky = 1 / (ry * (float)p->h);
    for (int j = 0; j < p->h; j++) {
        float dy = ((float)j - y * (float)p->h) * ky;
        float *row = p->rgb + (size_t)j * p->w * 3;
        for (int i = 0; i < p->w && dy * dy < 1; i++) {
            float dx = ((float)i - x * (float)p->w) * kx, k = bell(dx * dx + dy * dy);
            row[3 * i] += colour.r * k;
            row[3 * i + 1] += colour.g * k;
            row[3 * i + 2] += colour.b * k;
        }
    }
}

void plate_pool(struct plate *p, float x, float y, float rx, float ry, float edge)
{
    float kx = 1 / (rx * (float)p->w), ky = 1 / (ry * (float)p->h);
    for (int j = 0; j < p->h; j++) {
        float dy = ((float)j - y * (float)p->h) * ky;
        float *row = p->rgb + (size_t)j * p->w * 3;
        for (int i = 0; i < p->w; i++, row += 3) {
            float dx = ((float)i - x * (float)p->w) * kx, d = dx * dx + dy * dy;
            float k = edge + (1 - edge) / (1 + d * d);
            row[0] *= k;
            row[1] *= k;
            row[2] *= k;
        }
    }
}

void plate_vignette(struct plate *p, float amount)
{
    plate_pool(p, 0.5f, 0.48f, 0.72f, 0.78f, 1 - amount);
}

static uint32_t scramble(uint32_t v)
{
    v ^= v >> 16;
    v *= 0x7feb352du;
    v ^= v >> 15;
    v *= 0x846ca68bu;
    return v ^ v >> 16;
}

/* 8.8 fixed levels: half a level to round, a triangular dither of one level, and the grain. */
static void tile_fill(int16_t *tile, uint32_t seed, float grain)
{
    for (int i = 0; i < TILE * TILE; i++) {
        uint32_t v = scramble(seed * 2654435761u + (uint32_t)i);
        float tri = (float)(v & 1023) / 1024 + (float)(v >> 10 & 1023) / 1024 - 1;
        tile[i] = (int16_t)(128 + tri * 128 * (1 + 2 * grain));
    }
}

/* The plate as 8.8 levels. */
static int32_t *levels_make(const struct plate *p)
{
    size_t n = (size_t)p->w * p->h * 3;
    int32_t *levels = mem_alloc(n * sizeof *levels);
    uint16_t table[LEVELS + 1];
    for (int i = 0; i <= LEVELS; i++) {
        float root = (float)i / LEVELS * sqrtf(TOP);
        table[i] = (uint16_t)(to_level(root * root) * 256);
    }
    for (size_t i = 0; i < n; i++) {
        float v = p->rgb[i] < 0 ? 0 : p->rgb[i] > TOP ? TOP : p->rgb[i];
        levels[i] = table[(int)(sqrtf(v) * (LEVELS / 2.0f) + 0.5f)];
    }
    return levels;
}

/* Where an output pixel lies between two plate pixels. */
struct step {
    int at;   /* offset of the first, in values */
    int next; /* distance to the second, in values */
    int f;    /* 0..256 towards the second */
};

static struct step *steps_make(int from, int to, int stride)
{
    struct step *s = mem_alloc((size_t)to * sizeof *s);
    for (int i = 0; i < to; i++) {
        float at = ((float)i + 0.5f) * (float)from / (float)to - 0.5f;
        at = at < 0 ? 0 : at > (float)(from - 1) ? (float)(from - 1) : at;
        int low = (int)at;
        s[i] = (struct step){low * stride, low + 1 < from ? stride : 0,
                             (int)((at - (float)low) * 256)};
    }
    return s;
}

static void row_develop(const int32_t *line, const struct step *sx, const int16_t *noise, int width,
                        uint8_t *out)
{
    for (int x = 0; x < width; x++, out += 4) {
        const int32_t *a = line + sx[x].at, *b = a + sx[x].next;
        int n = noise[x & (TILE - 1)], f = sx[x].f;
        for (int c = 0; c < 3; c++) {
            int v = (a[c] + ((b[c] - a[c]) * f >> 8) + n) >> 8;
            out[c] = (uint8_t)(v < 0 ? 0 : v > 255 ? 255 : v);
        }
        out[3] = 255;
    }
}

int plate_develop(const struct plate *p, int width, int height, uint32_t seed, float grain,
                  struct pixels *ret_pixels, struct err *e)
{
    struct pixels to = {0};
    int r = pixels_init(&to, width, height, e);
    if (r)
        return r;
    int16_t *tile = mem_alloc(TILE * TILE * sizeof *tile);
    int32_t *levels = levels_make(p), *line = mem_alloc((size_t)p->w * 3 * sizeof *line);
    struct step *sx = steps_make(p->w, width, 3), *sy = steps_make(p->h, height, p->w * 3);
    tile_fill(tile, seed, grain);
    for (int y = 0; y < height; y++) {
        const int32_t *a = levels + sy[y].at, *b = a + sy[y].next;
        for (int i = 0; i < p->w * 3; i++)
            line[i] = a[i] + ((b[i] - a[i]) * sy[y].f >> 8);
        row_develop(line, sx, tile + (y & (TILE - 1)) * TILE, width,
                    to.data + (size_t)y * width * 4);
    }
    to.opaque = true;
    free(tile);
    free(levels);
    free(line);
    free(sx);
    free(sy);
    *ret_pixels = to;
    return 0;
}

static void mask_line(const uint8_t *from, uint8_t *to, int n, int step, int r)
{
    int sum = 0, scale = 65536 / (2 * r + 1);
    for (int i = 0; i <= r && i < n; i++)
        sum += from[(size_t)i * step];
    for (int i = 0; i < n; i++) {
        to[(size_t)i * step] = (uint8_t)((sum * scale + 32768) >> 16);
        sum += (i + r + 1 < n ? from[(size_t)(i + r + 1) * step] : 0) -
               (i - r >= 0 ? from[(size_t)(i - r) * step] : 0);
    }
}

void mask_blur(uint8_t *mask, int w, int h, int radius_x, int radius_y)
{
    uint8_t *spare = mem_alloc((size_t)w * h);
    int rx = radius_x * 4 / 7, ry = radius_y * 4 / 7;
    for (int pass = 0; pass < 3; pass++) {
        for (int y = 0; y < h && rx > 0; y++) {
            mask_line(mask + (size_t)y * w, spare, w, 1, rx);
            memcpy(mask + (size_t)y * w, spare, (size_t)w);
        }
        for (int x = 0; x < w && ry > 0; x++)
            mask_line(mask + x, spare + x, h, w, ry);
        if (ry > 0)
            memcpy(mask, spare, (size_t)w * h);
    }
    free(spare);
}

static float lattice(int x, int y, uint32_t seed)
{
    return (float)(scramble((uint32_t)x * 374761393u ^ (uint32_t)y * 668265263u ^ seed) & 0xffff) /
           65535.0f;
}

float noise_at(float x, float y, uint32_t seed)
{
    float fx = floorf(x), fy = floorf(y), u = x - fx, v = y - fy;
    int ix = (int)fx, iy = (int)fy;
    u = u * u * (3 - 2 * u);
    v = v * v * (3 - 2 * v);
    float a = lattice(ix, iy, seed), b = lattice(ix + 1, iy, seed);
    float c = lattice(ix, iy + 1, seed), d = lattice(ix + 1, iy + 1, seed);
    return a + (b - a) * u + (c - a) * v + (a - b - c + d) * u * v;
}

float noise_fbm(float x, float y, int octaves, uint32_t seed)
{
    float sum = 0, k = 0.5f;
    for (int i = 0; i < octaves; i++, k *= 0.5f) {
        sum += k * noise_at(x, y, seed + (uint32_t)i * 101);
        x = x * 2.03f + 17;
        y = y * 2.03f + 31;
    }
    return sum / (1 - k * 2 + 1e-6f);
}
