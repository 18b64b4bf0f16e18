/* The worker's line protocol as values: one line of JSON becomes a request, an answer becomes one
 * line. Runs nothing and opens nothing. */
/* SPDX-License-Identifier: ISC */
#ifndef WORKER_PROTOCOL_H
#define WORKER_PROTOCOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cjson/cJSON.h>

#include "base/digest.h"
#include "base/err.h"
#include "ops/ops.h"

#define PROTOCOL_LINE_MAX                                                                          \
    (4 * 1024 * 1024)           /* bytes: 5,000 inputs with long paths fit four times              \
                                 */
#define PROTOCOL_IN_MAX    8192 /* files a contact sheet or a film may be made of */
#define PROTOCOL_OUT_MAX   16
#define PROTOCOL_CPU_S     300 /* seconds of processor time when the request does not say */
#define PROTOCOL_CPU_S_MAX 86400

/* A request that was read; everything in `request` borrows from `tree` and the two lists. */
struct asked {
    int64_t id; /* -1 while unknown: the answer then carries null */
    int cpu_s;  /* optional member "cpu_s": processor seconds this request may use */
    struct op_request request;
    struct op_file *in, *out; /* owned */
    cJSON *tree;              /* owned */
};

/* One file that was made, as measured from the disk. */
struct made {
    const char *role, *path; /* borrowed from the request */
    uint64_t bytes;
    char sha256[DIGEST_LEN];
    const char *media; /* static word: png jpeg webp mp4 other */
    int width, height; /* 0 when the format has none */
};

/* Reads one line strictly: no unknown member, absolute paths, members of their own type. On failure
 * ret_asked holds at most the id (when it could be read) and nothing to release; ERR_INPUT,
 * ERR_LIMIT. */
int protocol_parse(const char *line, size_t len, struct asked *ret_asked, struct err *e);
void asked_finish(struct asked *a); /* safe on zeroed memory */

/* The answer to a request that was done: one line with its newline, owned by the caller. facts is
 * borrowed. */
char *protocol_done(int64_t id, const struct made *made, int made_n, const cJSON *facts);
/* The answer to one that failed; the class is the error's word. Owned by the caller. */
char *protocol_failed(int64_t id, const struct err *e);

#endif
