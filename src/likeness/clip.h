/* What can be told of a clip: decoded from its first frame to its last, looked at three times. */
/* SPDX-License-Identifier: ISC */
#ifndef LIKENESS_CLIP_H
#define LIKENESS_CLIP_H

#include "likeness/look.h"

enum { CLIP_FIRST, CLIP_MIDDLE, CLIP_LAST, CLIP_FRAMES_N };

struct clip_seen {
    int width, height;                 /* of the clip as it is shown */
    const char *media;                 /* mp4 mov webm; static */
    double seconds;                    /* of what could be decoded, to a twelfth */
    struct look frames[CLIP_FRAMES_N]; /* the first whole, the others small: their own width and
                                          height are not the clip's */
};

/* Decodes all of it; a fault anywhere in the stream is ERR_INPUT. beside: a path that may be used
 * for a passing file. ERR_CHILD when there is no ffmpeg. */
int clip_look(const char *path, const char *beside, struct clip_seen *ret_clip, struct err *e);

#endif
