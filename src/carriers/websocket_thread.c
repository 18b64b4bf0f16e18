/* The thread of the websockets: orders come in, news go out, libwebsockets in between. Reads and
 * writes nothing else that the loop's thread touches. */
/* SPDX-License-Identifier: ISC */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "carriers/websocket_priv.h"

#define PIECE      65536 /* how much libwebsockets hands over at once */
#define CONNECT_S  10
#define GOODBYE_MS 500 /* for the closing words */

struct message {
    struct message *next;
    unsigned char *bytes; /* LWS_PRE bytes of room, then len */
    size_t len;
};

struct wire {
    struct wire *next;
    struct mailbox *mail;
    int64_t id;
    struct lws *wsi;
    struct socket_goal goal;
    lws_retry_bo_t policy;
    struct message *out, **out_end;
    struct buf in;
    char *why;
    bool opened, closing, ended;
};

/* Of the thread alone; a process has one thread of websockets at a time per mailbox. */
struct wires {
    struct mailbox *mail;
    struct wire *list;
};

static void wire_free(struct wires *all, struct wire *w)
{
    for (struct wire **at = &all->list; *at; at = &(*at)->next)
        if (*at == w) {
            *at = w->next;
            break;
        }
    while (w->out) {
        struct message *m = w->out;
        w->out = m->next;
        free(m->bytes);
        free(m);
    }
    socket_goal_finish(&w->goal);
    buf_finish(&w->in);
    free(w->why);
    free(w);
}

/* Its last word; the wire itself goes when libwebsockets lets go of it. */
static void wire_end(struct wire *w, const char *why)
{
    if (w->ended)
        return;
    w->ended = true;
    if (!w->closing)
        mailbox_tell(w->mail, w->id, WEBSOCKET_CLOSED, false, mem_dup(w->why ? w->why : why),
                     strlen(w->why ? w->why : why));
}

/* --- what libwebsockets calls --- */

/* Pieces of a message are put together; answers non-zero to close. */
static int wire_receive(struct wire *w, const char *bytes, size_t len)
{
    const struct liblws *lws = w->mail->lws;
    if (w->ended || w->closing)
        return 0;
    size_t coming = w->in.len + len + lws->lws_remaining_packet_payload(w->wsi);
    if (coming <= w->goal.max_len)
        buf_add(&w->in, bytes, len);
    if (coming > w->goal.max_len || w->in.full) {
        w->why = mem_printf("a message of %zu bytes is longer than the %zu allowed", coming,
                            w->goal.max_len);
        return -1;
    }
    if (lws->lws_is_final_fragment(w->wsi) && !lws->lws_remaining_packet_payload(w->wsi)) {
        size_t whole = w->in.len;
        mailbox_tell(w->mail, w->id, WEBSOCKET_MESSAGE, lws->lws_frame_is_binary(w->wsi),
                     buf_take(&w->in), whole);
        buf_init(&w->in, w->goal.max_len);
    }
    return 0;
}

static int wire_write(struct wire *w)
{
    const struct liblws *lws = w->mail->lws;
    struct message *m = w->out;
    if (w->closing && !m) {
        lws->lws_close_reason(w->wsi, LWS_CLOSE_STATUS_NORMAL, NULL, 0);
        return -1;
    }
    if (!m)
        return 0;
    int sent = lws->lws_write(w->wsi, m->bytes + LWS_PRE, m->len, LWS_WRITE_TEXT);
    w->out = m->next;
    if (!w->out)
        w->out_end = &w->out;
    free(m->bytes);
    free(m);
    if (sent < 0) {
        w->why = w->why ? w->why : mem_dup("the connection broke while a message was sent");
        return -1;
    }
    if (w->out || w->closing)
        lws->lws_callback_on_writable(w->wsi);
    return 0;
}

static int wire_headers(struct wire *w, unsigned char **at, size_t len)
{
    unsigned char *end = *at + len;
    for (size_t i = 0; i < w->goal.headers_n; i++) {
        const struct header *h = &w->goal.headers[i];
        char *name = mem_printf("%s:", h->name);
        int rc = w->mail->lws->lws_add_http_header_by_name(w->wsi, (unsigned char *)name,
                                                           (unsigned char *)h->value,
                                                           (int)strlen(h->value), at, end);
        free(name);
        if (rc)
            return -1;
    }
    return 0;
}

static void wire_peer_close(struct wire *w, const unsigned char *bytes, size_t len)
{
    if (len >= 2 && !w->why)
        w->why =
            mem_printf("the other end closed it with code %d%s%.*s", (bytes[0] << 8) | bytes[1],
                       len > 2 ? ": " : "", (int)(len - 2), (const char *)bytes + 2);
}

static int on_event(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
                    size_t len)
{
    struct wire *w = user;
    (void)wsi;
    switch ((int)reason) {
    case LWS_CALLBACK_CLIENT_APPEND_HANDSHAKE_HEADER:
        w->wsi = wsi;
        return wire_headers(w, in, len);
    case LWS_CALLBACK_CLIENT_ESTABLISHED:
        w->wsi = wsi;
        w->opened = true;
        if (!w->closing)
            mailbox_tell(w->mail, w->id, WEBSOCKET_OPENED, false, NULL, 0);
        if (w->out || w->closing)
            w->mail->lws->lws_callback_on_writable(wsi);
        return 0;
    case LWS_CALLBACK_CLIENT_RECEIVE:
        return wire_receive(w, in, len);
    case LWS_CALLBACK_CLIENT_WRITEABLE:
        return wire_write(w);
    case LWS_CALLBACK_WS_PEER_INITIATED_CLOSE:
        wire_peer_close(w, in, len);
        return 0;
    case LWS_CALLBACK_CLIENT_CONNECTION_ERROR:
        if (w && in && !w->why)
            w->why = mem_printf("no connection to port %d of %s: %.*s", w->goal.port, w->goal.host,
                                (int)len, (const char *)in);
        if (w)
            wire_end(w, "no connection");
        return 0;
    case LWS_CALLBACK_CLIENT_CLOSED:
        wire_end(w, "the connection ended without a closing word: the other end has stopped, or "
                    "was silent for too long");
        return 0;
    default:
        return 0;
    }
}

/* --- orders --- */

static void wire_connect(struct wire *w)
{
    struct lws_client_connect_info info = {0};
    char host[300];
    w->policy = (lws_retry_bo_t){.secs_since_valid_ping = (uint16_t)w->goal.ping_s,
                                 .secs_since_valid_hangup = (uint16_t)w->goal.silence_s};
    snprintf(host, sizeof(host), "%s:%d", w->goal.host, w->goal.port);
    info.context = w->mail->context;
    info.address = w->goal.address;
    info.port = w->goal.port;
    info.path = w->goal.path;
    info.host = host;
    info.userdata = w;
    info.local_protocol_name = "slated";
    info.retry_and_idle_policy = &w->policy;
    info.pwsi = &w->wsi;
    info.ssl_connection = w->goal.tls ? LCCSCF_USE_SSL : 0; /* and verifies, by the host's name */
    if (!w->mail->lws->lws_client_connect_via_info(&info)) {
        w->wsi = NULL;
        wire_end(w, "the connection cannot be begun: nothing listens there");
    }
}

static void order_open(struct wires *all, struct order *o)
{
    struct wire *w = mem_alloc(sizeof(*w));
    w->mail = all->mail;
    w->id = o->id;
    w->goal = o->goal;
    memset(&o->goal, 0, sizeof(o->goal));
    w->out_end = &w->out;
    buf_init(&w->in, w->goal.max_len);
    w->next = all->list;
    all->list = w;
    wire_connect(w);
}

static void order_send(struct wire *w, struct order *o)
{
    struct message *m = mem_alloc(sizeof(*m));
    m->bytes = o->bytes;
    m->len = o->len;
    o->bytes = NULL;
    *w->out_end = m;
    w->out_end = &m->next;
    if (w->opened)
        w->mail->lws->lws_callback_on_writable(w->wsi);
}

static void order_close(struct wire *w)
{
    const struct liblws *lws = w->mail->lws;
    w->closing = true;
    if (!w->wsi)
        return;
    lws->lws_set_timeout(w->wsi, PENDING_TIMEOUT_USER_OK, 1 + GOODBYE_MS / 1000);
    if (w->opened)
        lws->lws_callback_on_writable(w->wsi);
}

static void order_free(struct order *o)
{
    socket_goal_finish(&o->goal);
    free(o->bytes);
    free(o);
}

static void take_orders(struct wires *all)
{
    pthread_mutex_lock(&all->mail->lock);
    struct order *o = all->mail->orders;
    all->mail->orders = NULL;
    all->mail->orders_end = &all->mail->orders;
    pthread_mutex_unlock(&all->mail->lock);
    while (o) {
        struct order *next = o->next;
        struct wire *w = all->list;
        while (w && w->id != o->id)
            w = w->next;
        if (o->kind == ORDER_OPEN)
            order_open(all, o);
        else if (w && !w->ended && !w->closing && o->kind == ORDER_SEND)
            order_send(w, o);
        else if (w && !w->ended && o->kind == ORDER_CLOSE)
            order_close(w);
        order_free(o);
        o = next;
    }
}

static bool stopping(struct mailbox *m)
{
    pthread_mutex_lock(&m->lock);
    bool stop = m->stop;
    pthread_mutex_unlock(&m->lock);
    return stop;
}

static void sweep(struct wires *all)
{
    for (struct wire *w = all->list, *next; w; w = next) {
        next = w->next;
        if (w->ended)
            wire_free(all, w);
    }
}

static bool talking(const struct wires *all)
{
    for (const struct wire *w = all->list; w; w = w->next)
        if (w->opened && !w->ended)
            return true;
    return false;
}

/* What was said before the end still goes out, and each other end hears the closing word. */
static void goodbye(struct wires *all)
{
    int64_t until = clock_mono_ms() + GOODBYE_MS;
    for (struct wire *w = all->list; w; w = w->next)
        if (!w->ended)
            order_close(w);
    while (talking(all) && clock_mono_ms() < until)
        all->mail->lws->lws_service(all->mail->context, 0);
}

void *websocket_thread(void *mailbox)
{
    struct wires all = {.mail = mailbox};
    while (!stopping(all.mail)) {
        take_orders(&all);
        sweep(&all);
        all.mail->lws->lws_service(all.mail->context, 0);
    }
    take_orders(&all);
    goodbye(&all);
    all.mail->lws->lws_context_destroy(all.mail->context);
    while (all.list)
        wire_free(&all, all.list);
    return NULL;
}

struct lws_context *websocket_context(struct mailbox *m)
{
    static const struct lws_protocols protocols[] = {
        {.name = "slated", .callback = on_event, .rx_buffer_size = PIECE}, {0}};
    struct lws_context_creation_info info = {0};
    info.port = CONTEXT_PORT_NO_LISTEN;
    info.protocols = protocols;
    info.pt_serv_buf_size = PIECE;
    info.fd_limit_per_thread = 128;
    info.timeout_secs = CONNECT_S;
    info.options = m->tls ? LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT : 0;
    m->lws->lws_set_log_level(0, NULL);
    return m->lws->lws_create_context(&info);
}
