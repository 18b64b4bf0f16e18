/* A clip in another form comes in, the same clip as MP4 goes out: every frame and the sound, in
 * even sides, without the metadata. Reads no playlist and nothing but the file. */
/* SPDX-License-Identifier: ISC */
#include "ops/ops.h"

#include <stdlib.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"
#include "film/ffmpeg.h"

/* ffmpeg's name of a form, told so that a file is read as nothing else. */
static const char *demuxer_of(const char *media)
{
    if (str_eq(media, "webm"))
        return "matroska";
    return str_eq(media, "mp4") || str_eq(media, "mov") ? "mov" : NULL;
}

static int copy(const char *from, const char *demuxer, const char *to, struct err *e)
{
    struct ffmpeg run;
    char *source = mem_printf("file:%s", from), *target = mem_printf("file:%s", to);
    /* clang-format off */
    const char *args[] = {
        "-hide_banner", "-nostdin", "-loglevel", "error", "-y",
        "-protocol_whitelist", "file", "-f", demuxer, "-i", source,
        "-map", "0:v:0", "-map", "0:a:0?", "-map_metadata", "-1", "-map_chapters", "-1",
        "-vf", "crop=trunc(iw/2)*2:trunc(ih/2)*2:0:0",
        "-c:v", "libx264", "-preset", "medium", "-crf", "14", "-pix_fmt", "yuv420p", "-threads", "2",
        "-c:a", "aac", "-b:a", "256k", "-fflags", "+bitexact", "-flags:v", "+bitexact", "-flags:a", "+bitexact",
        "-movflags", "+faststart", "-f", "mp4", target, NULL,
    };
    /* clang-format on */
    int rc = ffmpeg_start(args, false, false, &run, e);
    if (!rc)
        rc = ffmpeg_finish(&run, e);
    free(source);
    free(target);
    return rc;
}

int op_film_copy(const struct op_request *r, cJSON *ret_facts, struct err *e)
{
    const char *from = op_in(r, "clip"), *to = op_out(r, "clip");
    const char *media = json_str(r->params, "media", ""), *demuxer = demuxer_of(media);
    (void)ret_facts;
    if (!from || !to)
        return err_set(e, ERR_INPUT,
                       "film.copy needs an input named \"clip\" and an output of that name");
    if (!demuxer)
        return err_set(e, ERR_INPUT, "film.copy reads mp4, mov and webm, not \"%s\"", media);
    return copy(from, demuxer, to, e);
}
