/* Wishes, texts and closings come in and become orders for the thread; its news go out to
 * listeners. Connects nowhere itself; the thread is started by the first socket. */
/* SPDX-License-Identifier: ISC */
#include "carriers/websocket.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/str.h"
#include "carriers/websocket_priv.h"

#define MAX_LEN ((size_t)256 << 20)

struct listener {
    struct listener *next;
    int64_t id;
    websocket_heard *heard;
    void *ctx;
};

struct websockets {
    struct loop *loop;
    struct listener *listeners;
    int64_t last_id;
    bool running;
    pthread_t thread;
    int pipe[2];
    struct mailbox mail;
    struct websockets *secure; /* those with TLS: their numbers are odd, ours even; or NULL */
};

static struct websockets *owner_of(struct websockets *w, int64_t id)
{
    return id & 1 && w->secure ? w->secure : w;
}

void socket_goal_finish(struct socket_goal *g)
{
    free(g->host);
    free(g->address);
    free(g->path);
    for (size_t i = 0; i < g->headers_n; i++) {
        free(g->headers[i].name);
        free(g->headers[i].value);
    }
    free(g->headers);
    memset(g, 0, sizeof(*g));
}

/* --- the mailbox --- */

void mailbox_tell(struct mailbox *m, int64_t id, enum websocket_news kind, bool binary,
                  char *takes_bytes, size_t len)
{
    struct news *n = mem_alloc(sizeof(*n));
    *n = (struct news){.id = id, .kind = kind, .binary = binary, .bytes = takes_bytes, .len = len};
    pthread_mutex_lock(&m->lock);
    *m->news_end = n;
    m->news_end = &n->next;
    pthread_mutex_unlock(&m->lock);
    (void)!write(m->wake_fd, "", 1); /* a full pipe wakes as well */
}

static void mailbox_order(struct mailbox *m, struct order *takes_order)
{
    pthread_mutex_lock(&m->lock);
    *m->orders_end = takes_order;
    m->orders_end = &takes_order->next;
    pthread_mutex_unlock(&m->lock);
    m->lws->lws_cancel_service(m->context);
}

static void on_wake(void *ctx, int fd, short revents)
{
    char drop[256];
    (void)ctx;
    (void)revents;
    while (read(fd, drop, sizeof(drop)) > 0)
        ;
}

struct websockets *websockets_create(struct loop *loop)
{
    struct websockets *w = mem_alloc(sizeof(*w));
    w->loop = loop;
    w->pipe[0] = w->pipe[1] = -1;
    w->mail.orders_end = &w->mail.orders;
    w->mail.news_end = &w->mail.news;
    pthread_mutex_init(&w->mail.lock, NULL);
    return w;
}

/* The thread takes no signal: they are the loop's. */
static int thread_start(struct websockets *w)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int rc = pthread_create(&w->thread, NULL, websocket_thread, &w->mail);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return rc;
}

static int websockets_wake(struct websockets *w, struct err *e)
{
    if (w->running)
        return 0;
    w->mail.lws = liblws_load(e);
    if (!w->mail.lws)
        return e->code;
    if (w->pipe[0] < 0 && pipe(w->pipe))
        return err_set(e, ERR_IO, "no pipe for the websockets' thread");
    for (int i = 0; i < 2; i++) {
        fcntl(w->pipe[i], F_SETFD, FD_CLOEXEC);
        fcntl(w->pipe[i], F_SETFL, O_NONBLOCK);
    }
    w->mail.wake_fd = w->pipe[1];
    w->mail.context = websocket_context(&w->mail);
    if (!w->mail.context)
        return err_set(e, ERR_NET, "libwebsockets cannot be started");
    if (thread_start(w)) {
        w->mail.lws->lws_context_destroy(w->mail.context);
        return err_set(e, ERR_IO, "no thread for the websockets: too many processes");
    }
    loop_set(w->loop, w->pipe[0], POLLIN, on_wake, w);
    w->running = true;
    return 0;
}

void websockets_destroy(struct websockets *w)
{
    if (!w)
        return;
    websockets_destroy(w->secure);
    if (w->running) {
        pthread_mutex_lock(&w->mail.lock);
        w->mail.stop = true;
        pthread_mutex_unlock(&w->mail.lock);
        w->mail.lws->lws_cancel_service(w->mail.context);
        pthread_join(w->thread, NULL);
        loop_remove(w->loop, w->pipe[0]);
    }
    for (int i = 0; i < 2; i++)
        if (w->pipe[i] >= 0)
            close(w->pipe[i]);
    for (struct news *n = w->mail.news, *next; n; n = next) {
        next = n->next;
        free(n->bytes);
        free(n);
    }
    for (struct listener *l = w->listeners, *next; l; l = next) {
        next = l->next;
        free(l);
    }
    pthread_mutex_destroy(&w->mail.lock);
    free(w);
}

/* --- where to --- */

static bool is_here(const char *address)
{
    struct in_addr four;
    struct in6_addr six;
    if (inet_pton(AF_INET, address, &four) == 1)
        return ntohl(four.s_addr) >> 24 == 127;
    return inet_pton(AF_INET6, address, &six) == 1 && IN6_IS_ADDR_LOOPBACK(&six);
}

/* "ws://host:port/path" or "wss://..." apart. */
static int goal_read(const char *url, struct socket_goal *g, struct err *e)
{
    g->tls = str_starts(url, "wss://");
    const char *at = g->tls ? url + 6 : str_starts(url, "ws://") ? url + 5 : NULL;
    if (!at)
        return err_set(e, ERR_INPUT, "the address %s does not begin with ws:// or wss://", url);
    const char *path = strchr(at, '/'), *end = path ? path : at + strlen(at);
    const char *shut = *at == '[' ? strchr(at, ']') : NULL, *colon = shut ? shut + 1 : at;
    while (colon < end && *colon != ':')
        colon++;
    int64_t port = g->tls ? 443 : 80;
    char *digits = colon < end ? mem_dup_n(colon + 1, (size_t)(end - colon - 1)) : NULL;
    int rc = digits ? str_int(digits, 1, 65535, &port) : 0;
    free(digits);
    if (rc || colon == at)
        return err_set(e, ERR_INPUT, "the address %s has no host and port", url);
    g->port = (int)port;
    g->host = mem_dup_n(at, (size_t)(colon - at));
    g->address = shut ? mem_dup_n(at + 1, (size_t)(shut - at - 1))
                      : mem_dup(str_eq_nocase(g->host, "localhost") ? "127.0.0.1" : g->host);
    g->path = mem_dup(path ? path : "/");
    return 0;
}

static int goal_make(const struct websocket_wish *wish, struct socket_goal *g, struct err *e)
{
    if (goal_read(wish->url, g, e))
        return e->code;
    if (!wish->anywhere && !is_here(g->address))
        return err_set(e, ERR_INPUT,
                       "the address %s is not this machine, and others are not allowed", wish->url);
    g->ping_s = wish->ping_s > 0 ? wish->ping_s : 10;
    g->silence_s = wish->silence_s > 0 ? wish->silence_s : 20;
    g->max_len = wish->max_len ? wish->max_len : MAX_LEN;
    g->headers_n = wish->headers_n;
    g->headers = wish->headers_n ? mem_grow(NULL, wish->headers_n, sizeof(*g->headers)) : NULL;
    for (size_t i = 0; i < wish->headers_n; i++)
        g->headers[i] = (struct header){.name = mem_dup(wish->headers[i].name),
                                        .value = mem_dup(wish->headers[i].value)};
    return 0;
}

/* --- the public side --- */

/* Those with TLS have a thread and a context of their own. */
static struct websockets *secure_of(struct websockets *w)
{
    if (!w->secure) {
        w->secure = websockets_create(w->loop);
        w->secure->mail.tls = true;
        w->secure->last_id = 1;
    }
    return w->secure;
}

int64_t websocket_open(struct websockets *w, const struct websocket_wish *wish,
                       websocket_heard *heard, void *ctx, struct err *e)
{
    struct err own = {0};
    struct socket_goal goal = {0};
    e = e ? e : &own;
    int rc = goal_make(wish, &goal, e);
    if (!rc && goal.tls)
        w = secure_of(w);
    if (rc || websockets_wake(w, e)) {
        socket_goal_finish(&goal);
        return e->code;
    }
    struct listener *l = mem_alloc(sizeof(*l));
    *l = (struct listener){.next = w->listeners, .id = w->last_id += 2, .heard = heard, .ctx = ctx};
    w->listeners = l;
    struct order *o = mem_alloc(sizeof(*o));
    o->kind = ORDER_OPEN;
    o->id = l->id;
    o->goal = goal;
    mailbox_order(&w->mail, o);
    return l->id;
}

static struct listener **listener_of(struct websockets *w, int64_t id)
{
    struct listener **at = &w->listeners;
    while (*at && (*at)->id != id)
        at = &(*at)->next;
    return at;
}

static void listener_drop(struct websockets *w, int64_t id)
{
    struct listener **at = listener_of(w, id), *l = *at;
    if (l) {
        *at = l->next;
        free(l);
    }
}

void websocket_send(struct websockets *w, int64_t id, const char *text, size_t len)
{
    w = owner_of(w, id);
    if (!*listener_of(w, id))
        return;
    struct order *o = mem_alloc(sizeof(*o));
    o->kind = ORDER_SEND;
    o->id = id;
    o->len = len;
    o->bytes = mem_grow(NULL, LWS_PRE + len, 1);
    memcpy(o->bytes + LWS_PRE, text, len);
    mailbox_order(&w->mail, o);
}

void websocket_close(struct websockets *w, int64_t id)
{
    w = owner_of(w, id);
    if (!*listener_of(w, id))
        return;
    listener_drop(w, id);
    struct order *o = mem_alloc(sizeof(*o));
    o->kind = ORDER_CLOSE;
    o->id = id;
    mailbox_order(&w->mail, o);
}

static struct news *take_news(struct websockets *w)
{
    pthread_mutex_lock(&w->mail.lock);
    struct news *n = w->mail.news;
    if (n) {
        w->mail.news = n->next;
        if (!w->mail.news)
            w->mail.news_end = &w->mail.news;
    }
    pthread_mutex_unlock(&w->mail.lock);
    return n;
}

int64_t websockets_turn(struct websockets *w, int64_t now_ms)
{
    struct news *n;
    if (w->secure)
        (void)websockets_turn(w->secure, now_ms); /* it waits for nothing either */
    while (w->running && (n = take_news(w))) {
        struct listener *l = *listener_of(w, n->id);
        websocket_heard *heard = l ? l->heard : NULL;
        void *ctx = l ? l->ctx : NULL;
        if (l && n->kind == WEBSOCKET_CLOSED)
            listener_drop(w, n->id);
        if (heard)
            heard(ctx, n->id, n->kind, n->binary, n->bytes, n->len);
        else
            free(n->bytes);
        free(n);
    }
    return INT64_MAX;
}
