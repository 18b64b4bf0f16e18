/* Conversations over HTTP(S) through libcurl's multi interface on the loop's descriptors: requests
 * of every method with bodies read while they are sent, answers into files or memory below a
 * ceiling. Redirects are followed one by one, by our own hand; addresses of this machine and of
 * private networks are refused at the moment of connecting, whatever name led there, unless a
 * request allows them, and no proxy of the environment is asked for those; TLS is always verified;
 * nothing is ever sent a second time. Secrets are put in while sending and taken out of every
 * sentence. libcurl is woken only by the first request, so that an idle daemon stays small. */
/* SPDX-License-Identifier: ISC */
#ifndef CARRIERS_HTTP_H
#define CARRIERS_HTTP_H

#include "carriers/carrier.h"
#include "loop/loop.h"

struct http;

/* The value of ${NAME} in a keyed request (borrowed for the call) or NULL. */
typedef const char *http_secret(const char *name);

/* Borrows loop until http_destroy, which ends all that is under way. secret may be NULL: then a
 * keyed request that names one is UNSENT. */
struct http *http_create(struct loop *loop, http_secret *secret);
void http_destroy(struct http *h);

/* Starts one; takes request. A file that is there under its path is replaced. */
void http_ask(struct http *h, struct request *takes_request, int64_t now_ms);
void http_cancel(struct http *h, int64_t id);
int http_busy(const struct http *h);
bool http_sleeps(const struct http *h); /* nothing was asked for a minute: no connection is kept */

/* Moves what is under way and answers the next deadline (INT64_MAX none); http_take gives out what
 * has ended, one a call, owned by the caller. */
int64_t http_turn(struct http *h, int64_t now_ms);
bool http_take(struct http *h, struct response *ret_response);

#endif
