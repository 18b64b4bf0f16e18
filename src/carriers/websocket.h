/* Websockets as a client (RFC 6455, ws:// and wss://), through libwebsockets on a thread of its own
 * that is started by the first socket and joined at the end; one more for those with TLS, whose
 * library nobody else pays for. The other end's certificate is always verified. Values cross by a
 * mailbox; callbacks come only out of websockets_turn, on the loop's thread. No Origin header is
 * ever sent. Knows no vendor. */
/* SPDX-License-Identifier: ISC */
#ifndef CARRIERS_WEBSOCKET_H
#define CARRIERS_WEBSOCKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "carriers/carrier.h"
#include "loop/loop.h"

struct websockets;

/* Borrows loop until websockets_destroy, which closes every socket without a further word to its
 * listener and joins the thread. */
struct websockets *websockets_create(struct loop *loop);
void websockets_destroy(struct websockets *w);

enum websocket_news {
    WEBSOCKET_OPENED,  /* bytes NULL */
    WEBSOCKET_MESSAGE, /* whole, put together from its fragments; NUL-terminated behind len */
    WEBSOCKET_CLOSED,  /* bytes: a sentence why; the last word of this socket, also when it never
                          opened */
};

/* bytes are the listener's (free). Inside it every function here may be called but
 * websockets_destroy. */
typedef void websocket_heard(void *ctx, int64_t id, enum websocket_news news, bool binary,
                             char *takes_bytes, size_t len);

struct websocket_wish {
    const char *url; /* ws://host:port/path, or wss://; copied */
    const struct header *headers;
    size_t headers_n; /* further headers; copied */
    bool anywhere;    /* false: only addresses of this machine (127.0.0.0/8, ::1, localhost) */
    int ping_s;       /* a ping after so long a silence; 0: 10 */
    int silence_s;    /* closed after so long a silence; 0: 20 */
    size_t max_len;   /* of one message; a longer one closes the socket; 0: 256 MiB */
};

/* Begins to connect; returns the socket's number (> 0), or an error: ERR_INPUT for an address that
 * is not allowed, ERR_MISSING without the library. ctx is borrowed until CLOSED was heard or
 * websocket_close. */
int64_t websocket_open(struct websockets *w, const struct websocket_wish *wish,
                       websocket_heard *heard, void *ctx, struct err *e);

/* Queues one text message of any length (copied). A number that is closed already is fine. */
void websocket_send(struct websockets *w, int64_t id, const char *text, size_t len);

/* Closes it; its listener hears nothing more. */
void websocket_close(struct websockets *w, int64_t id);

/* Tells the listeners what came; answers the next deadline (INT64_MAX none). */
int64_t websockets_turn(struct websockets *w, int64_t now_ms);

#endif
