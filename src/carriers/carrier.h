/* What is asked of the world and what comes back, as values. A carrier takes a request and, some
 * turns later, hands out one response for it; it knows no vendor, no job and no store. */
/* SPDX-License-Identifier: ISC */
#ifndef CARRIERS_CARRIER_H
#define CARRIERS_CARRIER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cjson/cJSON.h>

#include "base/digest.h"

enum carrier { CARRY_WORKER, CARRY_HTTP, CARRY_BROWSER };

/* One header. In a keyed request the value (and the url) may hold ${NAME}: the secret of that name
 * is put in at the moment of sending and nowhere else, so that no key lies in a request. */
struct header {
    char *name, *value;
};

/* A body is sent as its pieces, one after the other, read while it is sent: a large picture is
 * never in memory whole. Exactly one of text and path. */
struct body_piece {
    char *text;  /* sent as it is */
    char *path;  /* a file's bytes ... */
    bool base64; /* ... in base64, without line breaks */
};

/* Owned by whoever holds it; request_finish frees what is inside. */
struct request {
    int64_t id; /* chosen by the asker, unique while under way */
    enum carrier by;
    int timeout_ms; /* from the start of the work, waiting for a free worker not counted */
    bool paid;   /* the world may charge for it: sent once, on a connection of its own, never again
                    by the carrier */
    bool further;   /* paid: one more of an attempt that has begun, known to be wanted */
    double price;   /* paid: what it costs at most, in dollars; 0: what the job's plan says */
    double settled; /* further: what those of the attempt before it came to, in dollars */
    cJSON *line; /* WORKER: the op request without "id" (ops/ops.h); BROWSER: what to run
                    (browser/browser.h) */

    /* HTTP */
    char *method; /* NULL: GET */
    char *url;
    struct header *headers;
    size_t headers_n;
    struct body_piece *body;
    size_t body_n;
    char *path;      /* the file the answer's body goes to; NULL: into response.text */
    bool digest;     /* that file's digest is wanted, taken while it comes */
    int64_t max_len; /* ceiling of the answer's body */
    int redirects; /* how many are followed; a keyed request's headers never follow to another host
                    */
    bool private_ok; /* addresses of this machine and of private networks are allowed */
    bool keyed; /* ${NAME} in headers and url stands for a secret. Only ever set for a text that
                   comes from a rules file */
};

/* Appends to a request under construction; names, values and paths are copied, takes_text is not. */
void request_add_header(struct request *r, const char *name, const char *value);
void request_add_text(struct request *r, char *takes_text);
void request_add_file(struct request *r, const char *path, bool base64);

enum response_kind {
    RESPONSE_ANSWERED, /* body (WORKER, BROWSER) or status (HTTP) is there */
    RESPONSE_DIED,     /* the worker's process ended while it had this */
    RESPONSE_LATE,     /* over the time allowed: it may have been accepted */
    RESPONSE_UNSENT,   /* never left: no process, no name, no connection, a forbidden address */
    RESPONSE_BROKEN,   /* it left, or may have, and the answer did not come whole */
};

struct response {
    int64_t id;
    enum response_kind kind;
    char *error;            /* a sentence unless ANSWERED; holds no secret */
    cJSON *body;            /* WORKER, BROWSER: the answer's object */
    long status;            /* HTTP */
    char *media;            /* HTTP: the content type, may be NULL */
    char *text;             /* HTTP: the body when the request named no path; NUL-terminated, of a
                               refusal without the keys it was sent with */
    struct header *headers; /* HTTP: of the last answer, names in lower case */
    size_t headers_n;
    int64_t len; /* HTTP: bytes of the body */
    char sha256[DIGEST_LEN]; /* HTTP: of the file, when it was wanted and is whole; else "" */
    int64_t took_ms;
};

/* A header's value by its lower-case name, or NULL. Borrowed. */
const char *response_header(const struct response *r, const char *name);

void request_finish(struct request *r);
void response_finish(struct response *r);

#endif
