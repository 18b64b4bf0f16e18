/* Clips come in with the time each shall last, one film goes out. Each clip is decoded by an ffmpeg
 * of its own, frame by frame, into one running encoder: a hundred clips cost the memory of one, and
 * the number of frames is counted here and nowhere else. A clip that is shorter than its time rests
 * on its last frame; a longer one is cut. */
/* SPDX-License-Identifier: ISC */
#include "ops/ops.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"
#include "film/encode.h"
#include "film/planes.h"

struct join {
    struct film_form form;
    struct encoder enc;
    uint8_t *frame;
    int frames; /* written so far */
};

/* Starts the decoder of one clip: fitted inside the film's size on black, at the film's rate. */
static int decoder_open(const struct film_form *form, const char *path, int frames,
                        struct ffmpeg *ret_run, struct err *e)
{
    char fit[256], most[16];
    snprintf(fit, sizeof fit,
             "fps=%.6g,scale=%d:%d:force_original_aspect_ratio=decrease:force_divisible_by=2"
             ":flags=bicubic+accurate_rnd+bitexact,pad=%d:%d:-1:-1:black,setsar=1,format=yuv420p",
             form->fps, form->width, form->height, form->width, form->height);
    snprintf(most, sizeof most, "%d", frames);
    char *source = mem_printf("file:%s", path);
    /* clang-format off */
    const char *args[] = {
        "-hide_banner", "-nostdin", "-loglevel", "error", "-threads", "2", "-i", source, "-map", "0:v:0", "-an",
        "-vf", fit, "-frames:v", most, "-flags:v", "+bitexact", "-f", "rawvideo", "-pix_fmt", "yuv420p", "pipe:1", NULL,
    };
    /* clang-format on */
    int code = ffmpeg_start(args, false, true, ret_run, e);
    free(source);
    return code;
}

/* Copies what the decoder gives, then repeats its last frame up to the wanted number. */
static int copy_frames(struct join *j, struct ffmpeg *decoder, int wanted, struct err *e)
{
    size_t len = frame_bytes(j->form.width, j->form.height), got = len;
    int written = 0, code = 0;
    for (; written < wanted && code == 0; written++) {
        code = ffmpeg_read(decoder, j->frame, len, &got, e);
        if (code || got < len)
            break;
        code = encoder_frame(&j->enc, j->frame, e);
    }
    if (code == 0)
        code = ffmpeg_finish(decoder, e);
    if (code == 0 && written == 0)
        code = err_set(e, ERR_INPUT, "it holds no frame");
    for (; written < wanted && code == 0; written++)
        code = encoder_frame(&j->enc, j->frame, e);
    j->frames += code == 0 ? written : 0;
    return code;
}

static int join_clip(struct join *j, const struct op_file *clip, double seconds, struct err *e)
{
    struct ffmpeg decoder = {0};
    int code = film_seconds_check(seconds, e);
    int wanted = code == 0 ? motion_frames(seconds, j->form.fps) : 0;
    if (code == 0)
        code = decoder_open(&j->form, clip->path, wanted, &decoder, e);
    if (code == 0)
        code = copy_frames(j, &decoder, wanted, e);
    ffmpeg_kill(&decoder);
    return code ? err_prefix(e, "cannot join clip %s (%s)", clip->name, clip->path) : 0;
}

/* The time of input i: by its name where `names` tells whose each time is, because clips that were
 * wanted and could not be made are not among the inputs; else by its place. 0 when nothing is said.
 */
static double seconds_of(const struct op_request *r, int i)
{
    const cJSON *names = json_get(r->params, "names"), *seconds = json_get(r->params, "seconds");
    const cJSON *name, *time;
    int at = names ? 0 : i;
    cJSON_ArrayForEach(name, names)
    {
        if (cJSON_IsString(name) && str_eq(name->valuestring, r->in[i].name))
            break;
        at++;
    }
    time = cJSON_GetArrayItem(seconds, at);
    return cJSON_IsNumber(time) ? time->valuedouble : 0;
}

static int join_all(struct join *j, const struct op_request *r, struct err *e)
{
    int code = encoder_open(&j->enc, &j->form, op_out(r, "clip"), e);
    for (int i = 0; i < r->in_n && code == 0; i++)
        code = join_clip(j, &r->in[i], seconds_of(r, i), e);
    return code ? code : encoder_close(&j->enc, e);
}

int op_film_join(const struct op_request *request, cJSON *ret_facts, struct err *e)
{
    const cJSON *seconds = json_get(request->params, "seconds");
    const cJSON *names = json_get(request->params, "names");
    int wanted = names ? cJSON_GetArraySize(names) : request->in_n;
    struct join j = {0};
    int code = film_form_read(request->params, &j.form, e);
    if (code)
        return code;
    if (request->in_n < 1 || !op_out(request, "clip"))
        return err_set(e, ERR_INPUT, "a film is joined from at least one clip into one place");
    if (!cJSON_IsArray(seconds) || cJSON_GetArraySize(seconds) != wanted)
        return err_set(e, ERR_INPUT, "%d clips need %d durations in `seconds`, found %d", wanted,
                       wanted, seconds ? cJSON_GetArraySize(seconds) : 0);
    j.frame = mem_alloc(frame_bytes(j.form.width, j.form.height));
    code = join_all(&j, request, e);
    if (code == 0) {
        json_set_num(ret_facts, "frames", j.frames);
        json_set_num(ret_facts, "fps", j.form.fps);
    }
    encoder_drop(&j.enc);
    free(j.frame);
    return code;
}
