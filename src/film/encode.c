/* Frames come in one by one, an mp4 goes out through ffmpeg and x264. Decides every setting that
 * touches the bytes of the file; reads no picture and knows no clip. */
/* SPDX-License-Identifier: ISC */
#include "film/encode.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/json.h"
#include "base/mem.h"
#include "film/planes.h"

int film_form_read(const cJSON *params, struct film_form *ret_form, struct err *e)
{
    double width = json_num(params, "width", 0), height = json_num(params, "height", 0),
           fps = json_num(params, "fps", 24);
    if (!(width >= 16 && width <= 8192 && height >= 16 && height <= 8192))
        return err_set(e, ERR_INPUT, "film size %g x %g: each side must be 16 to 8192 pixels",
                       width, height);
    if (fmod(width, 2) != 0 || fmod(height, 2) != 0)
        return err_set(e, ERR_INPUT,
                       "film size %g x %g: H.264 wants even sides; use the next even number", width,
                       height);
    if (!(fps >= 1 && fps <= 120))
        return err_set(e, ERR_INPUT, "%g frames a second: 1 to 120 are possible", fps);
    *ret_form = (struct film_form){(int)width, (int)height, fps};
    return 0;
}

int film_seconds_check(double seconds, struct err *e)
{
    if (seconds > 0 && seconds <= FILM_SECONDS_MAX)
        return 0;
    return err_set(e, ERR_INPUT, "a clip of %g s: above 0 and at most %g s are possible", seconds,
                   FILM_SECONDS_MAX);
}

/* Two threads, always: x264's bytes depend on their number, not on the machine. */
int encoder_open(struct encoder *enc, const struct film_form *form, const char *path, struct err *e)
{
    char size[32], fps[32], gop[16];
    snprintf(size, sizeof size, "%dx%d", form->width, form->height);
    snprintf(fps, sizeof fps, "%.6g", form->fps);
    snprintf(gop, sizeof gop, "%d",
             (int)ceil(form->fps * 2)); /* a place to jump to every two seconds */
    char *target = mem_printf("file:%s", path);
    /* clang-format off */
    const char *args[] = {
        "-hide_banner", "-nostdin", "-loglevel", "error", "-y",
        "-f", "rawvideo", "-pix_fmt", "yuv420p", "-video_size", size, "-framerate", fps, "-i", "pipe:0",
        "-an", "-map_metadata", "-1", "-fflags", "+bitexact", "-flags:v", "+bitexact",
        "-c:v", "libx264", "-preset", "veryfast", "-crf", "20", "-pix_fmt", "yuv420p", "-g", gop, "-threads", "2",
        "-color_range", "tv", "-colorspace", "bt709", "-color_primaries", "bt709", "-color_trc", "bt709",
        "-movflags", "+faststart", "-f", "mp4", target, NULL,
    };
    /* clang-format on */
    enc->form = *form;
    int code = ffmpeg_start(args, true, false, &enc->run, e);
    free(target);
    return code;
}

int encoder_frame(struct encoder *enc, const uint8_t *frame, struct err *e)
{
    return ffmpeg_write(&enc->run, frame, frame_bytes(enc->form.width, enc->form.height), e);
}

int encoder_close(struct encoder *enc, struct err *e)
{
    return ffmpeg_finish(&enc->run, e);
}

void encoder_drop(struct encoder *enc)
{
    ffmpeg_kill(&enc->run);
}
