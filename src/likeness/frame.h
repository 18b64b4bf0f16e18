/* Whatever a person gives back as one picture in memory: a still, or the first frame of a clip. */
/* SPDX-License-Identifier: ISC */
#ifndef LIKENESS_FRAME_H
#define LIKENESS_FRAME_H

#include "picture/pixels.h"

struct frame {
    struct pixels pixels;
    const char *media;   /* png jpeg webp gif bmp tiff avif mp4 mov webm; static */
    bool clip;           /* it moves: pixels are its first frame */
    const char *demuxer; /* ffmpeg's name of the form, NULL when slated reads it itself; static */
};

/* Reads by content, never by name. Forms that slated does not write are read by ffmpeg, told which
 * form it is, so that a playlist in disguise is never opened. beside: a path that may be used for a
 * passing file. ERR_INPUT says what it is instead; ERR_LIMIT, ERR_CHILD. */
int frame_read(const char *path, const char *beside, struct frame *ret_frame, struct err *e);

#endif
