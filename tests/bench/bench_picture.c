/* What pictures cost: inputs are made here, the work goes through src/picture as the worker's does.
 *
 *   bench_picture make DIR                   strip.png (1536 x 912), panel.png (488 x 892),
 * tiles/00..99.png (512 x 896) bench_picture panels IN OUTPREFIX        three panels as
 * OUTPREFIX1.png .. bench_picture upscale IN OUT [W H]       Lanczos, 768 x 1344 bench_picture
 * sheet OUT FILE...          ten columns of 256 x 448 bench_picture time DIR                   the
 * same in process, medians in ms, and sizes beside libpng's: "NAME VALUE" lines */
/* SPDX-License-Identifier: ISC */
#include <math.h>
#include <png.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"
#include "picture/pixels.h"
#include "picture/split.h"

#define RUNS       11
#define TILES      100
#define COLUMNS    10
#define CELL_W     256
#define CELL_H     448
#define PATH_BYTES 4096

static void check(int rc, const struct err *e)
{
    if (rc == 0)
        return;
    fprintf(stderr, "bench_picture: %s\n", e->text);
    exit(1);
}

static const char *in_dir(const char *dir, const char *name)
{
    static char path[PATH_BYTES];
    if (!str_format(path, sizeof path, "%s/%s", dir, name))
        exit(1);
    return path;
}

/* ---- inputs: soft shapes of several sizes with film grain upon them, the same on every machine */

static double grid_value(uint32_t x, uint32_t y, uint32_t seed)
{
    uint32_t h = x * 374761393u + y * 668265263u + seed * 2246822519u;
    h = (h ^ h >> 13) * 1274126177u;
    return (double)((h ^ h >> 16) & 0xffff) / 65535.0;
}

static double smooth_value(double x, double y, uint32_t seed)
{
    double fx = x - floor(x), fy = y - floor(y);
    uint32_t ix = (uint32_t)floor(x), iy = (uint32_t)floor(y);
    fx = fx * fx * (3 - 2 * fx), fy = fy * fy * (3 - 2 * fy);
    double top = grid_value(ix, iy, seed) * (1 - fx) + grid_value(ix + 1, iy, seed) * fx;
    double low = grid_value(ix, iy + 1, seed) * (1 - fx) + grid_value(ix + 1, iy + 1, seed) * fx;
    return top * (1 - fy) + low * fy;
}

static double grain(uint32_t *state)
{
    double sum = 0;
    for (int i = 0; i < 4; i++) {
        *state = *state * 1664525u + 1013904223u;
        sum += (double)(*state >> 8) / (1 << 24);
    }
    return (sum - 2) * 1.7; /* about Gauss's bell, one unit wide */
}

static struct pixels photo(int width, int height, uint32_t seed)
{
    struct pixels p = {.width = width, .height = height, .opaque = true};
    uint32_t state = seed;
    p.data = mem_alloc((size_t)width * (size_t)height * 4);
    for (int y = 0; y < height; y++)
        for (int x = 0; x < width; x++) {
            uint8_t *to = p.data + ((size_t)y * (size_t)width + (size_t)x) * 4;
            for (uint32_t c = 0; c < 3; c++) {
                double v = 0;
                for (uint32_t o = 0; o < 5; o++)
                    v += smooth_value((double)x * (1 << o) / 400, (double)y * (1 << o) / 400,
                                      seed + c * 9 + o) /
                         (2 << o);
                v = v * 255 + 1.7 * grain(&state);
                to[c] = (uint8_t)(v < 0 ? 0 : v > 255 ? 255 : v);
            }
            to[3] = 255;
        }
    return p;
}

static void make_one(const char *path, int width, int height, uint32_t seed)
{
    struct err e = {0};
    struct pixels p = photo(width, height, seed);
    check(picture_write(path, "png", &p, NULL, &e), &e);
    pixels_finish(&p);
}

static void make_inputs(const char *dir)
{
    make_one(in_dir(dir, "strip.png"), 1536, 912, 7);
    make_one(in_dir(dir, "panel.png"), 488, 892, 9);
    (void)mkdir(in_dir(dir, "tiles"), 0755); /* the first tile says when it is not there */
    for (uint32_t i = 0; i < TILES; i++) {
        char name[32];
        snprintf(name, sizeof name, "tiles/%02u.png", i);
        make_one(in_dir(dir, name), 512, 896, 100 + i);
    }
}

/* ---- the three jobs */

static void panels(const char *in, const char *prefix)
{
    struct err e = {0};
    struct pixels strip = {0}, parts[3] = {{0}};
    check(picture_read(in, &strip, &e), &e);
    check(picture_split(&strip, 3, 0, 0, parts, &e), &e);
    for (int i = 0; i < 3; i++) {
        char path[PATH_BYTES];
        if (!str_format(path, sizeof path, "%s%d.png", prefix, i + 1))
            exit(1);
        check(picture_write(path, "png", &parts[i], NULL, &e), &e);
        pixels_finish(&parts[i]);
    }
    pixels_finish(&strip);
}

static void upscale(const char *in, const char *out, int width, int height)
{
    struct err e = {0};
    struct pixels from = {0}, to = {0};
    check(picture_read(in, &from, &e), &e);
    check(pixels_scale(&from, width, height, &to, &e), &e);
    check(picture_write(out, "png", &to, NULL, &e), &e);
    pixels_finish(&to);
    pixels_finish(&from);
}

/* The worker's own operation, without words on it. */
static void sheet(const char *out, const char *const *files, int n)
{
    struct err e = {0};
    struct op_file page = {(char *)(uintptr_t) "picture", (char *)(uintptr_t)out};
    struct op_file *in = mem_alloc((size_t)n * sizeof *in);
    cJSON *params = cJSON_CreateObject(), *facts = cJSON_CreateObject();
    for (int i = 0; i < n; i++)
        in[i] = (struct op_file){(char *)(uintptr_t) "picture", (char *)(uintptr_t)files[i]};
    json_set_num(params, "columns", COLUMNS);
    json_set_num(params, "cell_width", CELL_W);
    json_set_num(params, "cell_height", CELL_H);
    struct op_request r = {
        .op = "sheet", .params = params, .in = in, .in_n = n, .out = &page, .out_n = 1};
    check(op_sheet(&r, facts, &e), &e);
    cJSON_Delete(facts);
    cJSON_Delete(params);
    free(in);
}

/* ---- timing in process */

static double now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

enum job { JOB_PANELS, JOB_UPSCALE, JOB_SHEET };

static void run(enum job job, const char *dir, const char *const *tiles)
{
    char in[PATH_BYTES], out[PATH_BYTES];
    snprintf(in, sizeof in, "%s", in_dir(dir, job == JOB_PANELS ? "strip.png" : "panel.png"));
    snprintf(out, sizeof out, "%s", in_dir(dir, job == JOB_PANELS ? "out" : "out.png"));
    switch (job) {
    case JOB_PANELS:
        panels(in, out);
        break;
    case JOB_UPSCALE:
        upscale(in, out, 768, 1344);
        break;
    case JOB_SHEET:
        sheet(out, tiles, TILES);
        break;
    }
}

static double median_ms(enum job job, int runs, const char *dir, const char *const *tiles)
{
    double took[RUNS];
    for (int i = 0; i < runs; i++) {
        double began = now_ms();
        run(job, dir, tiles);
        took[i] = now_ms() - began;
    }
    qsort(took, (size_t)runs, sizeof *took, compare);
    return took[runs / 2];
}

/* The bytes of one picture as libpng writes it at level 6 with the filters it chooses itself. */
static long libpng_bytes(const char *in, const char *out)
{
    struct err e = {0};
    struct pixels p = {0};
    struct stat st = {0};
    check(picture_read(in, &p, &e), &e);
    FILE *f = fopen(out, "wb");
    png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, NULL, NULL);
    png_infop info = png ? png_create_info_struct(png) : NULL;
    if (!f || !info || setjmp(png_jmpbuf(png)))
        exit(1);
    png_init_io(png, f);
    png_set_compression_level(png, 6);
    png_set_IHDR(png, info, (png_uint_32)p.width, (png_uint_32)p.height, 8, PNG_COLOR_TYPE_RGB, 0,
                 0, 0);
    png_write_info(png, info);
    png_set_filler(png, 0, PNG_FILLER_AFTER);
    for (int y = 0; y < p.height; y++)
        png_write_row(png, p.data + (size_t)y * (size_t)p.width * 4);
    png_write_end(png, NULL);
    png_destroy_write_struct(&png, &info);
    fclose(f);
    pixels_finish(&p);
    if (stat(out, &st) < 0)
        exit(1);
    return (long)st.st_size;
}

static void compare_sizes(const char *dir)
{
    char out[PATH_BYTES];
    long ours = 0, theirs = 0;
    snprintf(out, sizeof out, "%s", in_dir(dir, "theirs.png"));
    for (int i = 1; i <= 3; i++) {
        char name[16];
        struct stat st = {0};
        snprintf(name, sizeof name, "out%d.png", i);
        theirs += libpng_bytes(in_dir(dir, name), out);
        if (stat(in_dir(dir, name), &st) < 0)
            exit(1);
        ours += (long)st.st_size;
    }
    printf("panels_bytes %ld\npanels_bytes_libpng6 %ld\n", ours, theirs);
}

static void measure(const char *dir)
{
    const char *tiles[TILES];
    for (int i = 0; i < TILES; i++) {
        char name[32];
        snprintf(name, sizeof name, "tiles/%02d.png", i);
        tiles[i] = mem_dup(in_dir(dir, name));
    }
    printf("panels_ms %.1f\n", median_ms(JOB_PANELS, RUNS, dir, tiles));
    printf("upscale_ms %.1f\n", median_ms(JOB_UPSCALE, RUNS, dir, tiles));
    printf("sheet_ms %.1f\n", median_ms(JOB_SHEET, 3, dir, tiles));
    compare_sizes(dir);
    for (int i = 0; i < TILES; i++)
        free((char *)(uintptr_t)tiles[i]);
}

static int side(const char *text)
{
    int64_t v = 0;
    struct err e = {0};
    check(str_int(text, 1, PICTURE_MAX_SIDE, &v) ? err_set(&e, ERR_INPUT, "%s is no size", text)
                                                 : 0,
          &e);
    return (int)v;
}

int main(int argc, char **argv)
{
    if (argc == 3 && str_eq(argv[1], "make"))
        make_inputs(argv[2]);
    else if (argc == 4 && str_eq(argv[1], "panels"))
        panels(argv[2], argv[3]);
    else if ((argc == 4 || argc == 6) && str_eq(argv[1], "upscale"))
        upscale(argv[2], argv[3], argc == 6 ? side(argv[4]) : 768,
                argc == 6 ? side(argv[5]) : 1344);
    else if (argc >= 4 && str_eq(argv[1], "sheet"))
        sheet(argv[2], (const char *const *)argv + 3, argc - 3);
    else if (argc == 3 && str_eq(argv[1], "time"))
        measure(argv[2]);
    else
        return fprintf(stderr, "usage: bench_picture make DIR | panels IN OUTPREFIX | upscale IN "
                               "OUT [W H] | sheet OUT FILE... | time DIR\n"),
               2;
    return 0;
}
