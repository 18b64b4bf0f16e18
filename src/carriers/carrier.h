/* What is asked of the world and what comes back, as values. A carrier takes a request and, some
 * turns later, hands out one response for it; it knows no vendor, no job and no store. */
/* SPDX-License-Identifier: ISC */
#ifndef CARRIERS_CARRIER_H
#define CARRIERS_CARRIER_H

#include <stdbool.h>
#include <stdint.h>

#include <cjson/cJSON.h>

enum carrier { CARRY_WORKER, CARRY_HTTP };

/* Owned by whoever holds it; request_finish frees what is inside. */
struct request {
    int64_t id; /* chosen by the asker, unique while under way */
    enum carrier by;
    int timeout_ms;  /* from the start of the work, waiting for a free worker not counted */
    cJSON *line;     /* WORKER: the op request without "id" (ops/ops.h) */
    char *url;       /* HTTP: what to fetch */
    char *path;      /* HTTP: the file the body goes to */
    int64_t max_len; /* HTTP: ceiling of the body */
    bool private_ok; /* HTTP: addresses of private networks are allowed */
};

enum response_kind {
    RESPONSE_ANSWERED, /* body (WORKER) or status (HTTP) is there */
    RESPONSE_DIED,     /* the worker's process ended while it had this */
    RESPONSE_LATE,     /* over the time allowed */
    RESPONSE_UNSENT,   /* never left: no process, no name, no connection, a forbidden address */
    RESPONSE_BROKEN,   /* it left, and the answer did not come whole */
};

struct response {
    int64_t id;
    enum response_kind kind;
    char *error; /* a sentence unless ANSWERED */
    cJSON *body; /* WORKER: the answer's object */
    long status; /* HTTP */
    char *media; /* HTTP: the content type, may be NULL */
    int64_t len; /* HTTP: bytes in the file */
    int64_t took_ms;
};

void request_finish(struct request *r);
void response_finish(struct response *r);

#endif
