/* Returns as people make them, by the thousand: a hundred originals (frames of shots with their siblings, near duplicates of other
 * shots, photograph-like ones) and every kind of work on them. A seed gives the same returns again. For tests and benches. */
/* SPDX-License-Identifier: ISC */
#ifndef TESTS_LIKENESS_GENERATOR_H
#define TESTS_LIKENESS_GENERATOR_H

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jpeglib.h>

#include "base/json.h"
#include "base/mem.h"
#include "likeness/match.h"
#include "picture/pixels.h"

#define GEN_W       512
#define GEN_H       288
#define GEN_POOL    100
#define GEN_SHOTS   30 /* two frames each in the pool, a third that is not */
#define GEN_PHOTOS  24
#define GEN_TWINS   16 /* pairs: 8 originals with a near duplicate in another shot */

#define KIND_LIST(X)                                                                               \
    X(RECOMPRESS, "recompress")                                                                    \
    X(RESCALE, "rescale")                                                                          \
    X(CROP, "crop 5-20 %")                                                                         \
    X(INPAINT, "inpaint 5-20 %")                                                                   \
    X(PASTE, "pasted from a sibling")                                                              \
    X(OUTPAINT, "outpaint")                                                                        \
    X(RECOLOUR, "recolour")                                                                        \
    X(FLIP, "flip")                                                                                \
    X(SIBLING, "frame that is not out")                                                            \
    X(TWIN, "near duplicate")                                                                      \
    X(UNRELATED, "unrelated")
enum kind {
#define X(kind, word) KIND_##kind,
    KIND_LIST(X)
#undef X
    KINDS_N
};
static const char *const kind_words[] = {
#define X(kind, word) word,
    KIND_LIST(X)
#undef X
};

struct gen {
    uint64_t state;
    struct pixels pool[GEN_POOL];
    int shot[GEN_POOL]; /* pictures of one number are frames of one shot */
    struct print prints[GEN_POOL];
    const struct print *list[GEN_POOL];
    struct pixels spare[GEN_SHOTS]; /* a further frame of each shot */
};

static uint64_t gen_next(struct gen *g)
{
    uint64_t z = (g->state += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

static double gen_real(struct gen *g, double from, double to)
{
    return from + (to - from) * (double)(gen_next(g) >> 11) / 9007199254740992.0;
}

static int gen_int(struct gen *g, int n)
{
    return (int)(gen_next(g) % (uint64_t)n);
}

static void gen_must(int rc, const struct err *e)
{
    if (!rc)
        return;
    fprintf(stderr, "the generator of returns: %s\n", e->text);
    exit(1);
}

/* --- originals --- */

/* A frame as the embedded engine draws it. */
static void gen_draw(const char *shot, const char *moment, int seed, struct pixels *ret_pixels)
{
    struct err e = {0};
    char path[] = "/tmp/slated-gen-XXXXXX.png";
    int fd = mkstemps(path, 4);
    cJSON *params = cJSON_CreateObject(), *facts = cJSON_CreateObject();
    struct op_file out = {(char *)"picture", path};
    json_set_num(params, "width", GEN_W);
    json_set_num(params, "height", GEN_H);
    json_set_num(params, "seed", seed);
    json_set_str(params, "moment", moment);
    json_set_bool(params, "caption", false);
    json_set(params, "shot", cJSON_Parse(shot));
    struct op_request r = {.op = "board.frame", .params = params, .out = &out, .out_n = 1};
    gen_must(op_board_frame(&r, facts, &e), &e);
    gen_must(picture_read(path, ret_pixels, &e), &e);
    close(fd);
    unlink(path);
    cJSON_Delete(params);
    cJSON_Delete(facts);
}

static const char *const gen_sizes[] = {"wide", "two_shot", "close_up", "medium", "over_shoulder", "insert"};
static const char *const gen_places[] = {
    "small stone harbour at sunset, fishing boats, lighthouse", "narrow kitchen with a window, morning",
    "city street in the rain at night", "forest path in fog", "corridor of a space ship", "office with desks and a window"};

static void gen_shots(struct gen *g)
{
    for (int i = 0; i < GEN_SHOTS; i++) {
        const char *people[] = {"", "\"ANNA\"", "\"ANNA\", \"BO\""};
        char *shot = mem_printf("{\"shot_type\": \"%s\", \"camera\": {\"placement\": \"eye level\", \"movement\": \"static\"}, "
                                "\"lens\": {\"mm\": %d}, \"lighting\": {\"key\": \"warm lamp from the right\"}, \"environment\": \"%s\", "
                                "\"characters_in_shot\": [%s], \"action\": \"she turns\"}",
                                gen_sizes[i % 6], 24 + 7 * (i % 9), gen_places[(i / 2) % 6], people[i % 3]);
        gen_draw(shot, "first", 1000 + i, &g->pool[2 * i]);
        gen_draw(shot, "last", 1000 + i, &g->pool[2 * i + 1]);
        gen_draw(shot, "hero", 1000 + i, &g->spare[i]);
        g->shot[2 * i] = g->shot[2 * i + 1] = i;
        free(shot);
    }
}

/* Soft patches over one another, with edges: the statistics of a photograph. */
static void gen_photo(struct gen *g, struct pixels *ret_pixels)
{
    struct err e = {0};
    gen_must(pixels_init(ret_pixels, GEN_W, GEN_H, &e), &e);
    double base[3] = {gen_real(g, 40, 200), gen_real(g, 40, 200), gen_real(g, 40, 200)};
    for (int i = 0; i < GEN_W * GEN_H; i++)
        for (int c = 0; c < 4; c++)
            ret_pixels->data[i * 4 + c] = c == 3 ? 255 : (uint8_t)base[c];
    for (int n = 0; n < 60; n++) {
        double cx = gen_real(g, 0, GEN_W), cy = gen_real(g, 0, GEN_H), r = GEN_W / 2.0 / (1 + n / 4.0) + 6, turn = gen_real(g, 0, 3.14),
               flat = gen_real(g, 0.3, 1), soft = gen_real(g, 0.02, 0.5), colour[3];
        for (int c = 0; c < 3; c++)
            colour[c] = gen_real(g, 0, 255);
        for (int y = 0; y < GEN_H; y++)
            for (int x = 0; x < GEN_W; x++) {
                double dx = (x - cx) * cos(turn) + (y - cy) * sin(turn), dy = ((y - cy) * cos(turn) - (x - cx) * sin(turn)) / flat;
                double d = (1 - sqrt(dx * dx + dy * dy) / r) / soft;
                double a = d <= 0 ? 0 : d >= 1 ? 1 : d;
                uint8_t *px = ret_pixels->data + ((size_t)y * GEN_W + (size_t)x) * 4;
                for (int c = 0; c < 3 && a > 0; c++)
                    px[c] = (uint8_t)(px[c] * (1 - a) + colour[c] * a);
            }
    }
    ret_pixels->opaque = true;
}

static void gen_copy(const struct pixels *from, struct pixels *ret_to)
{
    struct err e = {0};
    gen_must(pixels_crop(from, 0, 0, from->width, from->height, ret_to, &e), &e);
}

/* A patch of one picture laid into another at the same place, or noise, or one colour. */
static void gen_patch(struct gen *g, struct pixels *into, const struct pixels *from, double share)
{
    double w = into->width * sqrt(share) * gen_real(g, 0.7, 1.4), h = share * into->width * into->height / w;
    w = fmin(w, into->width);
    h = fmin(h, into->height);
    int left = (int)gen_real(g, 0, into->width - w), top = (int)gen_real(g, 0, into->height - h), way = gen_int(g, 2);
    uint8_t tone[3] = {(uint8_t)gen_int(g, 256), (uint8_t)gen_int(g, 256), (uint8_t)gen_int(g, 256)};
    for (int y = top; y < top + (int)h; y++)
        for (int x = left; x < left + (int)w; x++) {
            size_t at = ((size_t)y * (size_t)into->width + (size_t)x) * 4;
            for (int c = 0; c < 3; c++)
                into->data[at + c] = from ? from->data[at + c] : (uint8_t)(way ? tone[c] : (tone[c] / 2 + gen_int(g, 128)));
        }
}

static void gen_init(struct gen *g, uint64_t seed)
{
    struct err e = {0};
    memset(g, 0, sizeof(*g));
    g->state = seed;
    gen_shots(g);
    int n = 2 * GEN_SHOTS, shot = GEN_SHOTS;
    for (int i = 0; i < GEN_PHOTOS; i++, n++) {
        gen_photo(g, &g->pool[n]);
        g->shot[n] = shot++;
    }
    for (int i = 0; i < GEN_TWINS / 2; i++, n += 2) { /* the same picture in two shots, but for one thing in it */
        gen_photo(g, &g->pool[n]);
        gen_copy(&g->pool[n], &g->pool[n + 1]);
        gen_patch(g, &g->pool[n + 1], NULL, 0.02 + 0.01 * i);
        g->shot[n] = shot++;
        g->shot[n + 1] = shot++;
    }
    for (int i = 0; i < GEN_POOL; i++) {
        gen_must(print_make(&g->pool[i], &g->prints[i], &e), &e);
        g->list[i] = &g->prints[i];
    }
}

static void gen_finish(struct gen *g)
{
    for (int i = 0; i < GEN_POOL; i++)
        pixels_finish(&g->pool[i]);
    for (int i = 0; i < GEN_SHOTS; i++)
        pixels_finish(&g->spare[i]);
}

/* --- work on them --- */

static void gen_jpeg(struct pixels *p, int quality)
{
    struct jpeg_compress_struct c;
    struct jpeg_decompress_struct d;
    struct jpeg_error_mgr fault;
    unsigned char *bytes = NULL, *row = mem_alloc((size_t)p->width * 3);
    unsigned long len = 0;
    c.err = d.err = jpeg_std_error(&fault);
    jpeg_create_compress(&c);
    jpeg_mem_dest(&c, &bytes, &len);
    c.image_width = (unsigned)p->width;
    c.image_height = (unsigned)p->height;
    c.input_components = 3;
    c.in_color_space = JCS_RGB;
    jpeg_set_defaults(&c);
    jpeg_set_quality(&c, quality, TRUE);
    jpeg_start_compress(&c, TRUE);
    while (c.next_scanline < c.image_height) {
        const uint8_t *px = p->data + (size_t)c.next_scanline * (size_t)p->width * 4;
        for (int x = 0; x < p->width; x++)
            memcpy(row + x * 3, px + x * 4, 3);
        jpeg_write_scanlines(&c, &row, 1);
    }
    jpeg_finish_compress(&c);
    jpeg_destroy_compress(&c);
    jpeg_create_decompress(&d);
    jpeg_mem_src(&d, bytes, len);
    jpeg_read_header(&d, TRUE);
    d.out_color_space = JCS_RGB;
    jpeg_start_decompress(&d);
    while (d.output_scanline < d.output_height) {
        uint8_t *px = p->data + (size_t)d.output_scanline * (size_t)p->width * 4;
        jpeg_read_scanlines(&d, &row, 1);
        for (int x = 0; x < p->width; x++)
            memcpy(px + x * 4, row + x * 3, 3);
    }
    jpeg_finish_decompress(&d);
    jpeg_destroy_decompress(&d);
    free(bytes);
    free(row);
}

static void gen_rescale(struct pixels *p, double by)
{
    struct pixels out = {0};
    struct err e = {0};
    gen_must(pixels_scale(p, (int)fmax(64, p->width * by), (int)fmax(36, p->height * by), &out, &e), &e);
    pixels_finish(p);
    *p = out;
}

static void gen_crop(struct gen *g, struct pixels *p)
{
    struct pixels out = {0};
    struct err e = {0};
    double keep = 1 - gen_real(g, 0.05, 0.20);
    int w = (int)(p->width * keep), h = (int)(p->height * keep);
    gen_must(pixels_crop(p, gen_int(g, p->width - w + 1), gen_int(g, p->height - h + 1), w, h, &out, &e), &e);
    pixels_finish(p);
    *p = out;
}

static void gen_outpaint(struct gen *g, struct pixels *p)
{
    struct pixels out = {0};
    struct err e = {0};
    double by = gen_real(g, 1.08, 1.35);
    gen_photo(g, &out);
    struct pixels wide = {0};
    gen_must(pixels_scale(&out, (int)(p->width * by), (int)(p->height * by), &wide, &e), &e);
    pixels_lay(&wide, p, gen_int(g, wide.width - p->width + 1), gen_int(g, wide.height - p->height + 1));
    pixels_finish(&out);
    pixels_finish(p);
    *p = wide;
}

static void gen_recolour(struct gen *g, struct pixels *p)
{
    double gain[3], lift[3], power = gen_real(g, 0.75, 1.35);
    for (int c = 0; c < 3; c++) {
        gain[c] = gen_real(g, 0.7, 1.3);
        lift[c] = gen_real(g, -25, 25);
    }
    for (int i = 0; i < p->width * p->height; i++)
        for (int c = 0; c < 3; c++) {
            double v = 255 * pow(p->data[i * 4 + c] / 255.0, power) * gain[c] + lift[c];
            p->data[i * 4 + c] = (uint8_t)fmax(0, fmin(255, v));
        }
}

static void gen_flip(struct pixels *p)
{
    uint32_t *px = (uint32_t *)(void *)p->data;
    for (int y = 0; y < p->height; y++)
        for (int x = 0; x < p->width / 2; x++) {
            uint32_t keep = px[y * p->width + x];
            px[y * p->width + x] = px[y * p->width + p->width - 1 - x];
            px[y * p->width + p->width - 1 - x] = keep;
        }
}

/* One return of a kind: the picture, and the shot it belongs to (-1: none). */
static int gen_return(struct gen *g, enum kind kind, struct pixels *ret_back)
{
    int at = gen_int(g, GEN_POOL), shot;
    if (kind == KIND_TWIN)
        at = GEN_POOL - GEN_TWINS + gen_int(g, GEN_TWINS);
    if (kind == KIND_PASTE)
        at = gen_int(g, 2 * GEN_SHOTS);
    shot = g->shot[at];
    if (kind == KIND_UNRELATED) {
        gen_photo(g, ret_back);
        shot = -1;
    } else if (kind == KIND_SIBLING) {
        shot = gen_int(g, GEN_SHOTS);
        gen_copy(&g->spare[shot], ret_back);
    } else {
        gen_copy(&g->pool[at], ret_back);
    }
    if (kind == KIND_CROP)
        gen_crop(g, ret_back);
    if (kind == KIND_INPAINT)
        gen_patch(g, ret_back, NULL, gen_real(g, 0.05, 0.20));
    if (kind == KIND_PASTE)
        gen_patch(g, ret_back, gen_int(g, 2) ? &g->pool[at ^ 1] : &g->pool[gen_int(g, GEN_POOL)], gen_real(g, 0.05, 0.30));
    if (kind == KIND_OUTPAINT)
        gen_outpaint(g, ret_back);
    if (kind == KIND_RECOLOUR)
        gen_recolour(g, ret_back);
    if (kind == KIND_FLIP)
        gen_flip(ret_back);
    if (kind == KIND_RESCALE || gen_int(g, 4) == 0)
        gen_rescale(ret_back, gen_real(g, 0.25, 2));
    if (kind == KIND_RECOMPRESS || gen_int(g, 2) == 0)
        gen_jpeg(ret_back, 30 + gen_int(g, 60));
    return shot;
}

struct gen_counts {
    int n, placed, asked, wrong;
};

/* Judges n returns, kinds in turn. */
__attribute__((unused)) static void gen_judge(struct gen *g, int n, struct gen_counts counts[KINDS_N])
{
    for (int i = 0; i < n; i++) {
        enum kind kind = (enum kind)(i % KINDS_N);
        struct pixels back = {0};
        struct print print;
        struct match match;
        struct err e = {0};
        int shot = gen_return(g, kind, &back);
        gen_must(print_make(&back, &print, &e), &e);
        struct match_pool pool = {g->list, g->shot, GEN_POOL};
        match_picture(&print, &pool, &match_rules_default, &match);
        counts[kind].n++;
        if (!match.one)
            counts[kind].asked++;
        else if (shot >= 0 && g->shot[match.nearest[0].index] == shot)
            counts[kind].placed++;
        else
            counts[kind].wrong++;
        pixels_finish(&back);
    }
}

#endif
