/* Keyframes come in, a clip of an exact number of frames goes out: a push over one, a held one, or
 * a slow dissolve through two or three. Chooses no duration and no size; encodes through encode.c.
 */
/* SPDX-License-Identifier: ISC */
#include "ops/ops.h"

#include <math.h>
#include <stdlib.h>

#include "base/json.h"
#include "base/mem.h"
#include "film/encode.h"
#include "film/planes.h"

#define KEYS_MAX   3
#define ZOOM_MAX   8.0
#define FINER_MAX  2.0   /* the source is scaled at most this much above the film's size */
#define DRIFT_ZOOM 1.045 /* of a dissolve: slow enough not to be noticed, enough to be alive */

struct clip {
    struct film_form form;
    int frames;
    struct push push;
    struct planes key[KEYS_MAX];
    int key_n;
    uint8_t *frame, *other; /* one frame each; other is what is dissolved in */
};

static int clip_read(const struct op_request *r, struct clip *c, struct err *e);
static int clip_write(struct clip *c, const char *path, struct err *e);
static void clip_draw(struct clip *c, int at);
static void clip_finish(struct clip *c);

/* ---- the operations ---- */

static int run(const struct op_request *r, struct clip *c, int keys_least, int keys_most,
               cJSON *facts, struct err *e)
{
    int code = ERR_INPUT;
    if (r->in_n < keys_least || r->in_n > keys_most)
        err_set(e, ERR_INPUT, "%s wants %d to %d keyframes and was given %d", r->op, keys_least,
                keys_most, r->in_n);
    else if (!op_out(r, "clip"))
        err_set(e, ERR_INPUT, "%s was given no place for its clip", r->op);
    else if ((code = clip_read(r, c, e)) == 0)
        code = clip_write(c, op_out(r, "clip"), e);
    if (code == 0) {
        json_set_num(facts, "frames", c->frames);
        json_set_num(facts, "fps", c->form.fps);
    }
    clip_finish(c);
    return code;
}

int op_film_push(const struct op_request *request, cJSON *ret_facts, struct err *e)
{
    const cJSON *p = request->params;
    double from = json_num(p, "from", 1.0), to = json_num(p, "to", 1.12);
    if (!(from > 0.1 && from <= ZOOM_MAX && to > 0.1 && to <= ZOOM_MAX))
        return err_set(e, ERR_INPUT, "a push from %g to %g: zoom factors lie between 0.1 and %g",
                       from, to, ZOOM_MAX);
    struct clip c = {.push = motion_push(from, to, (uint64_t)json_int(p, "seed", 0))};
    return run(request, &c, 1, 1, ret_facts, e);
}

int op_film_hold(const struct op_request *request, cJSON *ret_facts, struct err *e)
{
    struct clip c = {.push = {1, 1, 0, 0}};
    return run(request, &c, 1, 1, ret_facts, e);
}

int op_film_dissolve(const struct op_request *request, cJSON *ret_facts, struct err *e)
{
    struct clip c = {
        .push = motion_push(1, DRIFT_ZOOM, (uint64_t)json_int(request->params, "seed", 0))};
    return run(request, &c, 2, KEYS_MAX, ret_facts, e);
}

/* ---- reading ---- */

static int even(double side)
{
    return 2 * (int)lrint(side / 2);
}

/* The keyframe as finely as the deepest zoom needs it. */
static int key_read(struct clip *c, const char *path, struct err *e)
{
    struct pixels whole = {0}, fitted = {0};
    double finer = fmin(fmax(c->push.from, c->push.to), FINER_MAX);
    int code = picture_read(path, &whole, e);
    if (code == 0)
        code = pixels_cover(&whole, even(c->form.width * finer), even(c->form.height * finer),
                            &fitted, e);
    if (code == 0)
        planes_init(&c->key[c->key_n++], &fitted);
    pixels_finish(&fitted);
    pixels_finish(&whole);
    return code;
}

static int clip_read(const struct op_request *r, struct clip *c, struct err *e)
{
    double seconds = json_num(r->params, "seconds", 0);
    int code = film_form_read(r->params, &c->form, e);
    if (code || (code = film_seconds_check(seconds, e)))
        return code;
    c->frames = motion_frames(seconds, c->form.fps);
    for (int i = 0; i < r->in_n && code == 0; i++)
        code = key_read(c, r->in[i].path, e);
    c->frame = mem_alloc(frame_bytes(c->form.width, c->form.height));
    c->other = mem_alloc(frame_bytes(c->form.width, c->form.height));
    return code;
}

static void clip_finish(struct clip *c)
{
    for (int i = 0; i < KEYS_MAX; i++)
        planes_finish(&c->key[i]);
    mem_free(c->frame);
    mem_free(c->other);
}

/* ---- drawing ---- */

/* Frame `at` of the clip, into c->frame. */
static void clip_draw(struct clip *c, int at)
{
    double t = c->frames > 1 ? (double)at / (c->frames - 1) : 0, weight[KEYS_MAX], sum = 0;
    struct window seen = motion_at(&c->push, t);
    motion_weights(c->key_n, t, weight);
    for (int i = 0; i < c->key_n; i++) {
        if (weight[i] <= 0)
            continue;
        sum += weight[i];
        planes_sample(&c->key[i], &seen, c->form.width, c->form.height,
                      sum > weight[i] ? c->other : c->frame);
        if (sum > weight[i])
            frame_mix(c->frame, c->other, frame_bytes(c->form.width, c->form.height),
                      weight[i] / sum);
    }
}

static int clip_write(struct clip *c, const char *path, struct err *e)
{
    struct encoder enc = {0};
    bool still = c->key_n == 1 && c->push.from == c->push.to;
    int code = encoder_open(&enc, &c->form, path, e);
    for (int i = 0; i < c->frames && code == 0; i++) {
        if (i == 0 || !still)
            clip_draw(c, i);
        code = encoder_frame(&enc, c->frame, e);
    }
    if (code == 0)
        code = encoder_close(&enc, e);
    encoder_drop(&enc);
    return code;
}
