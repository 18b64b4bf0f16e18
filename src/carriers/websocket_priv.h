/* The mailbox between the loop and the thread of websockets. Orders go in, news come out; both
 * lists are only touched under the lock. */
/* SPDX-License-Identifier: ISC */
#ifndef CARRIERS_WEBSOCKET_PRIV_H
#define CARRIERS_WEBSOCKET_PRIV_H

#include <pthread.h>

#include "base/buf.h"
#include "carriers/liblws.h"
#include "carriers/websocket.h"

enum order_kind { ORDER_OPEN, ORDER_SEND, ORDER_CLOSE };

/* Where a socket goes, copied from the wish. */
struct socket_goal {
    char *host, *address, *path; /* host as said; address that is connected to */
    int port;
    bool tls;
    struct header *headers;
    size_t headers_n;
    int ping_s, silence_s;
    size_t max_len;
};
void socket_goal_finish(struct socket_goal *g);

struct order {
    struct order *next;
    enum order_kind kind;
    int64_t id;
    struct socket_goal goal; /* OPEN */
    unsigned char *bytes;    /* SEND: LWS_PRE bytes of room, then the text */
    size_t len;
};

struct news {
    struct news *next;
    int64_t id;
    enum websocket_news kind;
    bool binary;
    char *bytes;
    size_t len;
};

struct mailbox {
    pthread_mutex_t lock;
    struct order *orders, **orders_end;
    struct news *news, **news_end;
    bool stop;
    bool tls;                    /* its sockets speak TLS, all of them */
    int wake_fd;                 /* a byte in it wakes the loop */
    const struct liblws *lws;    /* set before the thread is started */
    struct lws_context *context; /* made and destroyed by the loop's thread, served by the other */
};

/* The thread: serves the context until mailbox.stop. */
void *websocket_thread(void *mailbox);

/* The context with its one protocol, or NULL. */
struct lws_context *websocket_context(struct mailbox *m);

/* From the thread to the loop; bytes are taken over. */
void mailbox_tell(struct mailbox *m, int64_t id, enum websocket_news kind, bool binary,
                  char *takes_bytes, size_t len);

#endif
