/* What the film tests share: a folder of their own, pictures to film, and ffprobe and ffmpeg to
 * look at what came out. */
/* SPDX-License-Identifier: ISC */
#ifndef TESTS_FILM_CLIPS_H
#define TESTS_FILM_CLIPS_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/json.h"
#include "base/mem.h"
#include "ops/ops.h"
#include "picture/pixels.h"

static char clips_dir[64];

static int clips_setup(void **state)
{
    (void)state;
    strcpy(clips_dir, "/tmp/film-test-XXXXXX");
    return mkdtemp(clips_dir) ? 0 : -1;
}

static int clips_teardown(void **state)
{
    (void)state;
    return file_remove_tree(clips_dir, NULL);
}

/* The path of a file in the folder; lives until the sixteenth later call. */
static inline const char *in_dir(const char *name)
{
    static char ring[16][160];
    static int at;
    at = (at + 1) % 16;
    snprintf(ring[at], sizeof ring[at], "%s/%s", clips_dir, name);
    return ring[at];
}

/* A PNG of one tone, with a lighter square in its middle. */
static inline const char *make_key(const char *name, int width, int height, int grey)
{
    struct pixels p = {0};
    assert_int_equal(pixels_init(&p, width, height, NULL), 0);
    for (int y = 0; y < height; y++)
        for (int x = 0; x < width; x++) {
            uint8_t *at = p.data + 4 * ((size_t)y * width + x);
            bool mid = abs(2 * x - width) < width / 3 && abs(2 * y - height) < height / 3;
            memset(at, mid ? 230 : grey, 3);
            at[3] = 255;
        }
    p.opaque = true;
    assert_int_equal(picture_write(in_dir(name), "png", &p, NULL, NULL), 0);
    pixels_finish(&p);
    return in_dir(name);
}

/* Runs an operation on inputs (paths) with JSON parameters, into `out` in the folder. */
static inline int run_op(op_function *op, const char *word, const char *json,
                         const char *const in[], int in_n, const char *out, struct err *e)
{
    struct op_file *files = mem_alloc(((size_t)in_n + 1) * sizeof *files);
    for (int i = 0; i < in_n; i++)
        files[i] = (struct op_file){mem_printf("key%d", i), mem_dup(in[i])};
    struct op_file clip = {(char *)"clip", (char *)in_dir(out)};
    cJSON *params = cJSON_Parse(json), *facts = cJSON_CreateObject();
    struct op_request r = {word, params, files, in_n, &clip, 1, NULL};
    int code = op(&r, facts, e);
    cJSON_Delete(params);
    cJSON_Delete(facts);
    for (int i = 0; i < in_n; i++) {
        free(files[i].name);
        free(files[i].path);
    }
    free(files);
    return code;
}

/* First line of a command's output. */
static inline void ask(const char *command, char *out, size_t out_len)
{
    FILE *f = popen(command, "r");
    assert_non_null(f);
    if (!fgets(out, (int)out_len, f))
        out[0] = 0;
    out[strcspn(out, "\r\n")] = 0;
    assert_int_equal(pclose(f), 0);
}

/* "width,height,rate,frames" of a clip's video stream. */
static inline void probe(const char *clip, char *out, size_t out_len)
{
    char command[512];
    snprintf(command, sizeof command,
             "ffprobe -v error -count_frames -select_streams v:0 -show_entries "
             "stream=width,height,r_frame_rate,nb_read_frames "
             "-of csv=p=0 %s",
             in_dir(clip));
    ask(command, out, out_len);
}

static inline double duration_of(const char *clip)
{
    char command[512], text[64];
    snprintf(command, sizeof command,
             "ffprobe -v error -show_entries format=duration -of csv=p=0 %s", in_dir(clip));
    ask(command, text, sizeof text);
    return atof(text);
}

/* Mean luma of frame n of a clip, in a corner (where 'c') or in its middle (where 'm'), 0..255. */
static inline int luma_at(const char *clip, int frame, char where)
{
    char command[640];
    snprintf(command, sizeof command,
             "ffmpeg -v error -i %s -vf "
             "\"select=eq(n\\,%d),crop=16:16:%s,scale=1:1:flags=area,format=gray\" -frames:v 1 -f "
             "rawvideo pipe:1 | od -An -tu1",
             in_dir(clip), frame, where == 'c' ? "0:0" : "(iw-16)/2:(ih-16)/2");
    char text[64];
    ask(command, text, sizeof text);
    return atoi(text);
}

static inline bool same_bytes(const char *one, const char *other)
{
    char *a = NULL, *b = NULL;
    size_t a_len = 0, b_len = 0;
    assert_int_equal(file_read(in_dir(one), 1 << 28, &a, &a_len, NULL), 0);
    assert_int_equal(file_read(in_dir(other), 1 << 28, &b, &b_len, NULL), 0);
    bool same = a_len == b_len && memcmp(a, b, a_len) == 0;
    free(a);
    free(b);
    return same;
}

#endif
