/* One running ffmpeg: started with an argument list (never a shell), fed or read through pipes,
 * reaped. Its complaints are kept to be said when it fails. It dies with this process.
 *
 * The caller: 1. ffmpeg_start  2. ffmpeg_write or ffmpeg_read, any number  3. ffmpeg_finish, or
 * ffmpeg_kill at any point. */
/* SPDX-License-Identifier: ISC */
#ifndef FILM_FFMPEG_H
#define FILM_FFMPEG_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/err.h"

#define FFMPEG_ARGS_MAX 64
#define FFMPEG_QUIET_MS 180000 /* neither taking nor giving a byte for this long: it hangs */

struct ffmpeg {
    const char *name; /* of the program, for sentences; borrowed for as long as it runs */
    pid_t pid;        /* 0 when nothing runs */
    int in;           /* to its stdin, non-blocking; -1 when it is not fed */
    int out;          /* from its stdout; -1 when it is not read */
    int err;          /* from its stderr; -1 after its end */
    char said[512];   /* the end of what it complained about, NUL-terminated */
    size_t said_len;
    struct sigaction pipe_before; /* SIGPIPE is ignored while one runs */
};

/* args: the arguments after the program's name, ended by NULL; borrowed for the call. feed: stdin
 * is ours to write; read: stdout is ours to read. SLATED_FFMPEG names the program, else PATH is
 * searched; ERR_CHILD with the cure when there is none. */
int ffmpeg_start(const char *const args[], bool feed, bool read, struct ffmpeg *ret_run,
                 struct err *e);

/* The same for another program that is run like it: name for sentences, program its path. */
int program_start(const char *name, const char *program, const char *const args[], bool feed,
                  bool read, struct ffmpeg *ret_run, struct err *e);

/* Looks along PATH; out is its path. */
bool program_find(const char *name, char *out, size_t out_len);

/* Writes all bytes, draining complaints meanwhile. ERR_CHILD when it ended early, ERR_TIME when it
 * hangs. */
int ffmpeg_write(struct ffmpeg *run, const void *bytes, size_t len, struct err *e);

/* Reads until len bytes are there or the output ends; *ret_len tells how many came. */
int ffmpeg_read(struct ffmpeg *run, void *bytes, size_t len, size_t *ret_len, struct err *e);

/* Closes its stdin, waits for its end. Anything but exit status 0 is ERR_CHILD with the last line
 * it said. */
int ffmpeg_finish(struct ffmpeg *run, struct err *e);

/* Ends it at once and reaps it; fine when nothing runs. */
void ffmpeg_kill(struct ffmpeg *run);

/* In a child before exec: makes the kernel end it when its parent, which had the id given, dies
 * (film/tether_*.c). */
void tether_child(pid_t parent);

#endif
