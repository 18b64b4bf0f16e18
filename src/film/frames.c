/* A clip comes in, so many of its frames as pictures go out, from its first to its last at even
 * distances. Decodes all of it once to count; a fault anywhere is the clip's. */
/* SPDX-License-Identifier: ISC */
#include "ops/ops.h"

#include <stdint.h>
#include <stdlib.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"
#include "film/ffmpeg.h"

#define FRAMES_MAX 16
#define SIDE_LEAST 64
#define SIDE_MOST  4096
#define COUNTED    64 /* bytes of a frame while it is counted: 8 by 8, grey */

static const char *demuxer_of(const char *media)
{
    if (str_eq(media, "webm"))
        return "matroska";
    return str_eq(media, "mp4") || str_eq(media, "mov") ? "mov" : NULL;
}

static int count(const char *source, const char *demuxer, int *ret_n, struct err *e)
{
    /* clang-format off */
    const char *args[] = {
        "-hide_banner", "-nostdin", "-loglevel", "error", "-xerror", "-err_detect", "explode",
        "-protocol_whitelist", "file", "-threads", "2", "-f", demuxer, "-i", source, "-map", "0:v:0", "-an", "-sn",
        "-vf", "scale=8:8:flags=fast_bilinear,format=gray", "-vsync", "passthrough",
        "-f", "rawvideo", "-pix_fmt", "gray", "pipe:1", NULL,
    };
    /* clang-format on */
    struct ffmpeg run = {0};
    uint8_t frame[COUNTED];
    size_t got = COUNTED;
    int rc = ffmpeg_start(args, false, true, &run, e);
    *ret_n = 0;
    if (rc) /* no fault of the clip */
        return rc;
    while (!rc && got == COUNTED) {
        rc = ffmpeg_read(&run, frame, COUNTED, &got, e);
        *ret_n += !rc && got == COUNTED;
    }
    if (!rc)
        rc = ffmpeg_finish(&run, e);
    ffmpeg_kill(&run);
    if (rc == ERR_CHILD)
        rc = err_set(e, ERR_INPUT, "it is a damaged clip: after %d frames it cannot be decoded",
                     *ret_n);
    return !rc && *ret_n == 0 ? err_set(e, ERR_INPUT, "it is a clip without a frame") : rc;
}

static int write_frame(const char *source, const char *demuxer, int at, int side, const char *path,
                       struct err *e)
{
    char *target = mem_printf("file:%s", path);
    char *filter = mem_printf("select=eq(n\\,%d),scale=%d:%d:force_original_aspect_ratio=decrease:"
                              "flags=area",
                              at, side, side);
    /* clang-format off */
    const char *args[] = {
        "-hide_banner", "-nostdin", "-loglevel", "error", "-y",
        "-protocol_whitelist", "file", "-threads", "2", "-f", demuxer, "-i", source, "-map", "0:v:0", "-an", "-sn",
        "-vf", filter, "-vsync", "passthrough", "-frames:v", "1", "-c:v", "mjpeg", "-pix_fmt", "yuvj420p", "-q:v", "3",
        "-f", "image2", "-update", "1", target, NULL,
    };
    /* clang-format on */
    struct ffmpeg run;
    int rc = ffmpeg_start(args, false, false, &run, e);
    if (!rc)
        rc = ffmpeg_finish(&run, e);
    free(target);
    free(filter);
    return rc;
}

int op_film_frames(const struct op_request *r, cJSON *ret_facts, struct err *e)
{
    const char *from = op_in(r, "clip"), *media = json_str(r->params, "media", "");
    const char *demuxer = demuxer_of(media);
    int64_t side = json_int(r->params, "side", 1024);
    int n = 0, rc = 0;
    if (!from || r->out_n < 1 || r->out_n > FRAMES_MAX)
        return err_set(e, ERR_INPUT,
                       "film.frames needs an input named \"clip\" and 1 to %d outputs", FRAMES_MAX);
    if (!demuxer)
        return err_set(e, ERR_INPUT, "film.frames reads mp4, mov and webm, not \"%s\"", media);
    if (side < SIDE_LEAST || side > SIDE_MOST)
        return err_set(e, ERR_INPUT, "film.frames needs a side from %d to %d", SIDE_LEAST,
                       SIDE_MOST);
    char *source = mem_printf("file:%s", from);
    rc = count(source, demuxer, &n, e);
    for (int i = 0; i < r->out_n && !rc; i++) {
        int at = r->out_n == 1 ? n / 2 : (int)((int64_t)i * (n - 1) / (r->out_n - 1));
        rc = write_frame(source, demuxer, at, (int)side, r->out[i].path, e);
    }
    free(source);
    if (!rc)
        json_set_num(ret_facts, "frames", n);
    return rc;
}
