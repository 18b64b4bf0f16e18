/* An H.264 file that grows by frames: yuv420p in, one mp4 out, byte-identical for identical frames.
 */
/* SPDX-License-Identifier: ISC */
#ifndef FILM_ENCODE_H
#define FILM_ENCODE_H

#include <stdint.h>

#include <cjson/cJSON.h>

#include "film/ffmpeg.h"

/* What every film operation is asked for. */
struct film_form {
    int width, height; /* even, 16..8192 */
    double fps;        /* 1..120, 24 unless told */
};

#define FILM_SECONDS_MAX 3600.0 /* of one clip */

/* Reads width, height and fps; ERR_INPUT names what is wrong. */
int film_form_read(const cJSON *params, struct film_form *ret_form, struct err *e);

/* Checks one duration: above 0, at most FILM_SECONDS_MAX. */
int film_seconds_check(double seconds, struct err *e);

struct encoder {
    struct film_form form;
    struct ffmpeg run;
};

int encoder_open(struct encoder *enc, const struct film_form *form, const char *path,
                 struct err *e);
int encoder_frame(struct encoder *enc, const uint8_t *frame,
                  struct err *e);                      /* frame_bytes(width, height) */
int encoder_close(struct encoder *enc, struct err *e); /* the file is whole after 0 */
void encoder_drop(struct encoder *enc);                /* safe on zeroed memory */

#endif
