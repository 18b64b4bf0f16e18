/* What the files of the HTTP carrier share. */
/* SPDX-License-Identifier: ISC */
#ifndef CARRIERS_HTTP_PRIV_H
#define CARRIERS_HTTP_PRIV_H

#include "base/buf.h"
#include "base/map.h"
#include "carriers/crowd.h"
#include "carriers/http.h"
#include "carriers/libcurl.h"

/* http_body.c: a request's body while it is read. Zeroed memory is an empty one. */
struct http_body {
    const struct body_piece *pieces; /* borrowed from the request */
    size_t pieces_n, at;             /* at: the piece that is being read */
    int64_t *lens;                   /* bytes of each piece before base64; owned */
    int64_t len;                     /* of the whole body as it is sent */
    int64_t done;                    /* bytes read of the piece at, before base64 */
    int fd;                          /* of the piece at, -1 when it is text or not open */
    char *stage;                     /* base64 that waits for room; owned */
    size_t stage_at, stage_n;
};

/* Measures every piece; pieces are borrowed until http_body_finish. ERR_MISSING, ERR_KIND, ERR_IO.
 */
int http_body_init(struct http_body *b, const struct body_piece *pieces, size_t n, struct err *e);
void http_body_finish(struct http_body *b);

/* Reads at most room bytes on; 0 at the end, -1 when a file is gone or has another length than it
 * was measured with. */
ssize_t http_body_read(struct http_body *b, char *out, size_t room);

/* http_key.c: ${NAME} and hosts */

/* text with every ${NAME} replaced; owned by the caller, who wipes it. NULL when a secret is not
 * there; its name, owned, is in *ret_missing then. */
char *http_key_fill(const char *text, http_secret *secret, char **ret_missing);
void http_key_wipe(char *takes_text);

/* Puts *** in place of every secret that text names with ${NAME} wherever its value stands in
 * sentence. */
void http_key_mask(char *sentence, const char *text, http_secret *secret);

/* Whether both absolute URLs lead to the same scheme, host and port. In doubt they do not. */
bool http_key_same_host(const char *a, const char *b);

/* The URL as people may see it: as the rules wrote it, without user and query. Owned. */
char *http_key_show(const char *url);

struct transfer {
    struct http *http;
    struct request request;
    char key[24]; /* its id as the map's key */
    CURL *easy;
    struct curl_slist *list; /* header lines */
    char *url;               /* of this hop, secrets filled in */
    struct http_body body;
    int fd;                /* of the file the answer goes to, -1: into text */
    struct digest *digest; /* of what was written to it, or NULL */
    struct buf text;
    struct header *headers; /* of the answer that is coming in */
    size_t headers_n, headers_len;
    int64_t started_ms, len;
    int hops;
    bool away;      /* led to another host: no header of a keyed request goes there */
    bool plain_get; /* a redirect made a GET of it */
    bool sent;      /* the request may have reached a server */
    bool flowing;   /* the answer has begun */
    bool again, too_long, too_many, forbidden;
    int errnum; /* of a write to the file */
    char words[CURL_ERROR_SIZE];
};

#define SPARE_MOST 32 /* handles of curl that wait for the next request */

struct http {
    struct loop *loop;
    struct crowd *crowd; /* curl's sockets */
    http_secret *secret;
    const struct libcurl *curl; /* NULL until the first request */
    CURLM *multi;
    CURL *spare[SPARE_MOST];
    int spare_n;
    struct map transfers;  /* key -> struct transfer */
    int64_t timer_ms;      /* when curl wants to be called, mono */
    size_t crest;          /* http_keep.c: how many were under way at once, lately */
    int64_t quiet_ms;      /* when it sleeps unless something is asked */
    struct response *done; /* a queue: done_at is the next to be taken */
    size_t done_at, done_n, done_room;
};

/* http_send.c */
int http_send_init(struct http *h, struct transfer *t, struct err *e); /* before the first hop */
int http_send_hop(struct http *h, struct transfer *t,
                  struct err *e); /* options of one hop, and off it goes */
/* Follows the redirect that ended the hop: 1 it is under way again, 0 the answer stands, or a code.
 */
int http_send_follow(struct http *h, struct transfer *t, struct err *e);

/* http_answer.c */
int http_answer_open(struct transfer *t, struct err *e);
void http_answer_options(struct http *h, struct transfer *t);
void http_answer_reset(struct transfer *t); /* what a redirect said is forgotten */
void http_answer_finish(struct transfer *t);
/* Puts *** in place of the keys that the request was sent with, wherever they stand in text. */
void http_answer_mask(const struct transfer *t, char *text);
/* What the end of the hop means; *ret_error is owned, NULL with ANSWERED. */
enum response_kind http_answer_judge(struct http *h, struct transfer *t, CURLcode code,
                                     char **ret_error);

/* http_keep.c: a transfer is about to begin; one has ended and is off the list; nothing is kept any
 * more. */
void http_keep_begin(struct http *h);
void http_keep_end(struct http *h);
void http_keep_none(struct http *h);

#endif
