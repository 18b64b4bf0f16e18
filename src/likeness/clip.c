/* A clip comes in, three of its frames and its length go out. Every frame is decoded, small, at a
 * steady rate, so that counting them tells how long it is and a fault anywhere is met; two of them
 * are kept while they pass. Reads by content, writes a passing file only. */
/* SPDX-License-Identifier: ISC */
#include "likeness/clip.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "film/ffmpeg.h"
#include "likeness/frame.h"

#define SIDE        128 /* of the small frames: squeezed, which no figure of theirs minds */
#define RATE        12
#define KEPT_MAX    64   /* small frames in memory: when full every other one goes */
#define SECONDS_MAX 3600 /* nothing an engine makes is longer */

#define FRAME_LEN ((size_t)SIDE * SIDE * 4)

/* Small frames that are evenly spread over what has passed, so that the middle one is among them
 * without knowing the length before. */
struct kept {
    uint8_t *frames;
    int n, every; /* every so many are kept */
    uint8_t *last;
    int seen;
};

static void keep(struct kept *k, const uint8_t *frame)
{
    if (k->seen % k->every == 0) {
        memcpy(k->frames + (size_t)k->n++ * FRAME_LEN, frame, FRAME_LEN);
        if (k->n == KEPT_MAX) {
            for (int i = 0; i < KEPT_MAX / 2; i++)
                memmove(k->frames + (size_t)i * FRAME_LEN, k->frames + (size_t)i * 2 * FRAME_LEN,
                        FRAME_LEN);
            k->n = KEPT_MAX / 2;
            k->every *= 2;
        }
    }
    memcpy(k->last, frame, FRAME_LEN);
    k->seen++;
}

static int decoder_open(const char *path, const char *demuxer, struct ffmpeg *ret_run,
                        struct err *e)
{
    /* clang-format off */
    const char *args[] = {
        "-hide_banner", "-nostdin", "-loglevel", "error", "-xerror", "-err_detect", "explode",
        "-protocol_whitelist", "file", "-threads", "2", "-f", demuxer, "-i", path, "-map", "0:v:0", "-an", "-sn",
        "-vf", "fps=12,scale=128:128:flags=area,format=rgba", "-f", "rawvideo", "-pix_fmt", "rgba", "pipe:1", NULL,
    };
    /* clang-format on */
    return ffmpeg_start(args, false, true, ret_run, e);
}

static int read_all(struct ffmpeg *run, struct kept *k, struct err *e)
{
    uint8_t *frame = mem_alloc(FRAME_LEN);
    size_t got = FRAME_LEN;
    int rc = 0;
    while (!rc && got == FRAME_LEN) {
        rc = ffmpeg_read(run, frame, FRAME_LEN, &got, e);
        if (!rc && got == FRAME_LEN)
            keep(k, frame);
        if (!rc && k->seen > SECONDS_MAX * RATE)
            rc = err_set(e, ERR_LIMIT, "it is longer than an hour");
    }
    free(frame);
    if (!rc)
        rc = ffmpeg_finish(run, e);
    if (rc == ERR_CHILD)
        rc =
            err_set(e, ERR_INPUT, "it is a damaged clip: after %.1f s it cannot be decoded further",
                    (double)k->seen / RATE);
    else if (!rc && !k->seen)
        rc = err_set(e, ERR_INPUT, "it is a clip without a frame");
    return rc;
}

static int look_small(uint8_t *frame, struct look *ret_look, struct err *e)
{
    struct pixels p = {.width = SIDE, .height = SIDE, .data = frame, .opaque = true};
    return look_at(&p, ret_look, e);
}

static int look_through(const char *path, const char *demuxer, struct clip_seen *clip,
                        struct err *e)
{
    struct kept k = {
        .frames = mem_grow(NULL, KEPT_MAX, FRAME_LEN), .last = mem_alloc(FRAME_LEN), .every = 1};
    struct ffmpeg run = {0};
    int rc = decoder_open(path, demuxer, &run, e);
    if (!rc)
        rc = read_all(&run, &k, e);
    ffmpeg_kill(&run);
    if (!rc) {
        int middle = k.seen / 2 / k.every;
        clip->seconds = (double)k.seen / RATE;
        rc = look_small(k.frames + (size_t)(middle < k.n ? middle : k.n - 1) * FRAME_LEN,
                        &clip->frames[CLIP_MIDDLE], e);
    }
    if (!rc)
        rc = look_small(k.last, &clip->frames[CLIP_LAST], e);
    free(k.frames);
    free(k.last);
    return rc;
}

int clip_look(const char *path, const char *beside, struct clip_seen *ret_clip, struct err *e)
{
    struct frame first = {0};
    struct clip_seen clip = {0};
    int rc = frame_read(path, beside, &first, e);
    if (!rc && !first.clip)
        rc = err_set(e, ERR_INPUT, "it is a %s picture and no clip", first.media);
    if (!rc) {
        clip.media = first.media;
        clip.width = first.pixels.width;
        clip.height = first.pixels.height;
        rc = look_at(&first.pixels, &clip.frames[CLIP_FIRST], e);
    }
    pixels_finish(&first.pixels);
    if (!rc)
        rc = look_through(path, first.demuxer, &clip, e);
    if (!rc)
        *ret_clip = clip;
    return rc;
}
