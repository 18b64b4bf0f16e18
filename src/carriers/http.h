/* Bodies fetched over HTTP(S) into files, through libcurl's multi interface on the loop's
 * descriptors. At most five redirects; addresses of this machine and of private networks are
 * refused at the moment of connecting, whatever name led there, unless a request allows them; no
 * proxy of the environment is asked for those; TLS is always verified. No key ever travels here.
 * libcurl is woken only by the first request, so that an idle daemon stays small. */
/* SPDX-License-Identifier: ISC */
#ifndef CARRIERS_HTTP_H
#define CARRIERS_HTTP_H

#include "carriers/carrier.h"
#include "loop/loop.h"

struct http;

/* Borrows loop until http_destroy, which ends all that is under way. */
struct http *http_create(struct loop *loop);
void http_destroy(struct http *h);

/* Starts one; takes request. A file that is there under its path is replaced. */
void http_ask(struct http *h, struct request *takes_request, int64_t now_ms);
void http_cancel(struct http *h, int64_t id);
int http_busy(const struct http *h);

/* Moves what is under way and answers the next deadline (INT64_MAX none); http_take gives out what
 * has ended, one a call, owned by the caller. */
int64_t http_turn(struct http *h, int64_t now_ms);
bool http_take(struct http *h, struct response *ret_response);

#endif
