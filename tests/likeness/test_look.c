/* What a worker tells of a picture that has come: of generated pictures at both sides of what the
 * gates allow, of copies that were compressed and scaled, and of clips. */
/* SPDX-License-Identifier: ISC */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <unistd.h>

#include "base/file.h"
#include "base/path.h"
#include "base/str.h"
#include "film/ffmpeg.h"
#include "likeness/clip.h"
#include "likeness/generator.h"
#include "ops/ops.h"

static struct gen g;
static char dir[64];

static int begin(void **state)
{
    (void)state;
    (void)str_format(dir, sizeof dir, "%s", "/tmp/slated-look-XXXXXX");
    gen_init(&g, 11);
    return mkdtemp(dir) ? 0 : -1;
}

static int end(void **state)
{
    (void)state;
    gen_finish(&g);
    return file_remove_tree(dir, NULL);
}

static struct pixels plain(int width, int height, uint8_t red, uint8_t green, uint8_t blue)
{
    struct pixels p = {0};
    assert_int_equal(pixels_init(&p, width, height, NULL), 0);
    p.opaque = true;
    for (int i = 0; i < width * height; i++)
        memcpy(p.data + i * 4, (uint8_t[]){red, green, blue, 255}, 4);
    return p;
}

static uint32_t random_next(uint32_t *seed)
{
    *seed = *seed * 1664525u + 1013904223u;
    return *seed >> 8;
}

/* Noise of so many levels to each side. */
static void grain(struct pixels *p, int levels)
{
    uint32_t seed = 3;
    for (int i = 0; i < p->width * p->height; i++) {
        int add = (int)(random_next(&seed) % (uint32_t)(2 * levels + 1)) - levels;
        for (int c = 0; c < 3; c++) {
            int v = p->data[i * 4 + c] + add;
            p->data[i * 4 + c] = (uint8_t)(v < 0 ? 0 : v > 255 ? 255 : v);
        }
    }
}

static void test_nothing_to_see_is_told_by_spread_and_colour(void **state)
{
    (void)state;
    struct look l;
    struct pixels p = plain(320, 180, 0, 0, 0);
    assert_int_equal(look_at(&p, &l, NULL), 0);
    assert_true(l.mean == 0 && l.spread == 0 && l.plain == 1 && l.colour == 0);
    grain(&p, 3); /* near black, as a codec leaves it */
    assert_int_equal(look_at(&p, &l, NULL), 0);
    assert_true(l.mean < 2 && l.spread < 2 && l.plain > 0.99);
    pixels_finish(&p);
    p = plain(320, 180, 128, 128, 128);
    grain(&p, 12); /* a wall, photographed */
    assert_int_equal(look_at(&p, &l, NULL), 0);
    assert_true(l.spread > 5 && l.plain < 0.5);
    pixels_finish(&p);
    p = plain(320, 180, 200, 0, 0); /* red on green of one brightness */
    for (int i = 0; i < 320 * 90; i++)
        memcpy(p.data + i * 4, (uint8_t[]){0, 59, 0, 255}, 4);
    assert_int_equal(look_at(&p, &l, NULL), 0);
    assert_true(l.spread < 2 && l.colour > 50);
    pixels_finish(&p);
}

static void fill_rows(struct pixels *p, int from, int to, const uint8_t colour[4])
{
    for (int i = from * p->width; i < to * p->width; i++)
        memcpy(p->data + (size_t)i * 4, colour, 4);
}

static void test_a_torn_picture_has_a_tail_with_a_busy_edge(void **state)
{
    (void)state;
    struct look l;
    struct pixels *photo = &g.pool[GEN_POOL - 1], p = {0};
    assert_int_equal(pixels_crop(photo, 0, 0, photo->width, photo->height, &p, NULL), 0);
    grain(&p, 12);
    assert_int_equal(look_at(&p, &l, NULL), 0);
    assert_true(l.tail == 0 && l.repeat == 0);
    fill_rows(&p, p.height * 3 / 4, p.height, (uint8_t[]){128, 255, 0, 255});
    assert_int_equal(look_at(&p, &l, NULL), 0);
    assert_true(l.tail > 0.24 && l.tail < 0.26 && l.head == 0);
    assert_true(l.edge > 0.9 && l.busy > 6);
    fill_rows(&p, 0, p.height / 4, (uint8_t[]){128, 255, 0, 255}); /* a letter-box */
    assert_int_equal(look_at(&p, &l, NULL), 0);
    assert_true(l.head > 0.24);
    pixels_finish(&p);
}

static void test_a_flat_ground_has_no_busy_edge(void **state)
{
    (void)state;
    struct look l;
    struct pixels p = plain(320, 180, 90, 160, 240);
    fill_rows(&p, 100, 180, (uint8_t[]){60, 140, 60, 255});
    assert_int_equal(look_at(&p, &l, NULL), 0);
    assert_true(l.tail > 0.4 && l.edge == 1 && l.busy < 1);
    pixels_finish(&p);
}

static void test_rows_that_repeat_are_counted(void **state)
{
    (void)state;
    struct look l;
    struct pixels *photo = &g.pool[GEN_POOL - 1], p = {0};
    assert_int_equal(pixels_crop(photo, 0, 0, photo->width, photo->height, &p, NULL), 0);
    grain(&p, 12);
    for (int y = p.height / 2; y < p.height; y++)
        memcpy(p.data + (size_t)y * p.width * 4, p.data + (size_t)(p.height / 2 - 1) * p.width * 4,
               (size_t)p.width * 4);
    assert_int_equal(look_at(&p, &l, NULL), 0);
    assert_true(l.repeat > 0.49 && l.repeat < 0.51 && l.tail == 0);
    pixels_finish(&p);
    p = plain(320, 180, 240, 240, 240); /* a drawing with an upright line */
    for (int y = 0; y < p.height; y++)
        memset(p.data + (y * p.width + 100) * 4, 0, 30 * 4);
    assert_int_equal(look_at(&p, &l, NULL), 0);
    assert_true(l.repeat == 0);
    pixels_finish(&p);
}

/* --- likeness --- */

static void looks_of_pool(struct look *looks)
{
    for (int i = 0; i < GEN_POOL; i++)
        assert_int_equal(look_at(&g.pool[i], &looks[i], NULL), 0);
}

/* As rules/gates/local.json has it. */
static bool alike(const struct look *a, const struct look *b)
{
    return print_distance(a->hash, b->hash) <= 6 && look_difference(a, b) < 2;
}

static void test_a_copy_is_told_and_another_picture_is_not(void **state)
{
    (void)state;
    static struct look looks[GEN_POOL];
    int found = 0, wrong = 0, pairs = 0;
    double worst = 0;
    looks_of_pool(looks);
    for (int i = 0; i < GEN_POOL; i++) {
        struct pixels copy = {0};
        struct look l;
        gen_copy(&g.pool[i], &copy);
        gen_jpeg(&copy, 50);
        gen_rescale(&copy, 0.6);
        assert_int_equal(look_at(&copy, &l, NULL), 0);
        found += alike(&l, &looks[i]);
        worst = fmax(worst, look_difference(&l, &looks[i]));
        pixels_finish(&copy);
    }
    for (int i = 0; i < GEN_POOL; i++)
        for (int k = 0; k < i; k++) {
            if (g.shot[i] == g.shot[k])
                continue;
            pairs++;
            wrong += alike(&looks[i], &looks[k]);
        }
    print_message("%d of %d copies told (worst difference %.2f); %d of %d other pairs alike\n",
                  found, GEN_POOL, worst, wrong, pairs);
    assert_true(found >= GEN_POOL * 95 / 100);
    assert_true(wrong <= GEN_TWINS / 2); /* near duplicates are drawn on purpose */
}

/* --- as the worker is asked --- */

struct asked {
    struct op_file in[2];
    cJSON *params, *facts;
    struct op_request r;
};

static void ask(struct asked *a, const char *op, const char *name, const char *path)
{
    *a = (struct asked){.params = cJSON_Parse("{\"look\": true}"), .facts = cJSON_CreateObject()};
    a->in[0] = (struct op_file){(char *)(uintptr_t)name, (char *)(uintptr_t)path};
    a->r = (struct op_request){.op = op, .params = a->params, .in = a->in, .in_n = 1};
}

static void asked_finish(struct asked *a)
{
    cJSON_Delete(a->params);
    cJSON_Delete(a->facts);
}

static void test_a_check_tells_how_near_it_is_to_what_it_was_made_from(void **state)
{
    (void)state;
    struct asked a;
    char from[128], made[128];
    (void)str_format(from, sizeof from, "%s/from.png", dir);
    (void)str_format(made, sizeof made, "%s/made.png", dir);
    assert_int_equal(picture_write(from, "png", &g.pool[0], NULL, NULL), 0);
    assert_int_equal(picture_write(made, "png", &g.pool[70], NULL, NULL), 0);
    ask(&a, "check", "picture", made);
    a.in[1] = (struct op_file){(char *)(uintptr_t) "first", from};
    a.r.in_n = 2;
    assert_int_equal(op_check(&a.r, a.facts, NULL), 0);
    const cJSON *look = json_get(a.facts, "look"), *like = json_get(look, "likes");
    assert_int_equal(cJSON_GetArraySize(like), 1);
    assert_string_equal(json_str(like->child, "name", ""), "first");
    assert_true(json_num(like->child, "distance", 0) > 6);
    assert_int_equal(strlen(json_str(look, "grey", "")), 2 * PRINT_SQUARE * PRINT_SQUARE);
    assert_int_equal(strlen(json_str(look, "phash", "")), 16);
    asked_finish(&a);
    ask(&a, "check", "picture", made);
    a.in[1] = (struct op_file){(char *)(uintptr_t) "first", made};
    a.r.in_n = 2;
    assert_int_equal(op_check(&a.r, a.facts, NULL), 0);
    like = json_get(json_get(a.facts, "look"), "likes");
    assert_true(json_num(like->child, "distance", 9) == 0);
    assert_true(json_num(like->child, "difference", 9) == 0);
    asked_finish(&a);
}

/* A clip of so many seconds whose second half is black. */
static void make_clip(const char *path, const char *seconds)
{
    char source[128], *fade = mem_printf("drawbox=c=black:t=fill:enable='gt(t,%s/2)'", seconds);
    (void)str_format(source, sizeof source, "testsrc=size=192x336:rate=24:duration=%s", seconds);
    const char *args[] = {"-v",        "error",      "-f",   "lavfi",   "-i",       source,
                          "-vf",       fade,         "-c:v", "libx264", "-pix_fmt", "yuv420p",
                          "-movflags", "+faststart", "-y",   path,      NULL};
    struct ffmpeg run;
    assert_int_equal(ffmpeg_start(args, false, false, &run, NULL), 0);
    assert_int_equal(ffmpeg_finish(&run, NULL), 0);
    free(fade);
}

static void test_a_clip_is_looked_at_three_times_and_measured(void **state)
{
    (void)state;
    struct asked a;
    char path[128];
    (void)str_format(path, sizeof path, "%s/clip.mp4", dir);
    make_clip(path, "7");
    ask(&a, "clip.look", "clip", path);
    assert_int_equal(op_clip_look(&a.r, a.facts, NULL), 0);
    const cJSON *look = json_get(a.facts, "look"), *frames = json_get(look, "frames");
    assert_true(fabs(json_num(look, "seconds", 0) - 7) < 0.1);
    assert_true(json_num(look, "width", 0) == 192 && json_num(look, "height", 0) == 336);
    assert_int_equal(cJSON_GetArraySize(frames), CLIP_FRAMES_N);
    assert_true(json_num(cJSON_GetArrayItem(frames, CLIP_FIRST), "spread", 0) > 20);
    assert_true(json_num(cJSON_GetArrayItem(frames, CLIP_LAST), "mean", 99) < 17);
    assert_string_equal(json_str(a.facts, "media", ""), "mp4");
    asked_finish(&a);
}

static void test_a_clip_that_was_cut_or_changed_is_damaged(void **state)
{
    (void)state;
    char path[128], *bytes = NULL;
    size_t len = 0;
    struct err e = {0};
    struct asked a;
    (void)str_format(path, sizeof path, "%s/whole.mp4", dir);
    make_clip(path, "3");
    assert_int_equal(file_read(path, 1 << 24, &bytes, &len, NULL), 0);
    for (int part = 1; part <= 3; part++) {
        assert_int_equal(file_write(path, bytes, len * (size_t)part / 4, false, NULL), 0);
        ask(&a, "clip.look", "clip", path);
        assert_int_equal(op_clip_look(&a.r, a.facts, &e), ERR_INPUT);
        assert_non_null(strstr(e.text, "damaged"));
        asked_finish(&a);
    }
    free(bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nothing_to_see_is_told_by_spread_and_colour),
        cmocka_unit_test(test_a_torn_picture_has_a_tail_with_a_busy_edge),
        cmocka_unit_test(test_a_flat_ground_has_no_busy_edge),
        cmocka_unit_test(test_rows_that_repeat_are_counted),
        cmocka_unit_test(test_a_copy_is_told_and_another_picture_is_not),
        cmocka_unit_test(test_a_check_tells_how_near_it_is_to_what_it_was_made_from),
        cmocka_unit_test(test_a_clip_is_looked_at_three_times_and_measured),
        cmocka_unit_test(test_a_clip_that_was_cut_or_changed_is_damaged),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
