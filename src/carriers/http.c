/* URLs come in, files go out, through libcurl. Writes a body only below its ceiling; connects only
 * to addresses that are allowed; never retries, never keeps a body in memory. */
/* SPDX-License-Identifier: ISC */
#include "carriers/http.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/address.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/mem.h"
#include "carriers/libcurl.h"

#define REDIRECTS_MAX 5L
#define CONNECT_MS    15000L

struct transfer {
    struct transfer *next;
    struct request request;
    CURL *easy;
    FILE *file;
    int64_t started_ms, len;
    bool too_long, forbidden;
    char words[CURL_ERROR_SIZE];
};

struct http {
    struct loop *loop;
    const struct libcurl *curl; /* NULL until the first request */
    CURLM *multi;
    struct transfer *list;
    int64_t timer_ms; /* when curl wants to be called, mono */
    struct response *done;
    size_t done_n;
};

struct http *http_create(struct loop *loop)
{
    struct http *h = mem_alloc(sizeof(*h));
    h->loop = loop;
    h->timer_ms = INT64_MAX;
    return h;
}

static void transfer_free(struct http *h, struct transfer *t)
{
    for (struct transfer **at = &h->list; *at; at = &(*at)->next) {
        if (*at != t)
            continue;
        *at = t->next;
        break;
    }
    if (t->easy) {
        h->curl->curl_multi_remove_handle(h->multi, t->easy);
        h->curl->curl_easy_cleanup(t->easy);
    }
    if (t->file)
        fclose(t->file);
    request_finish(&t->request);
    free(t);
}

void http_destroy(struct http *h)
{
    if (!h)
        return;
    while (h->list)
        transfer_free(h, h->list);
    if (h->multi) {
        h->curl->curl_multi_cleanup(h->multi);
        h->curl->curl_global_cleanup();
    }
    for (size_t i = 0; i < h->done_n; i++)
        response_finish(&h->done[i]);
    free(h->done);
    free(h);
}

int http_busy(const struct http *h)
{
    int n = 0;
    for (const struct transfer *t = h->list; t; t = t->next)
        n++;
    return n;
}

/* --- what curl calls: each records and returns --- */

static void http_ready(void *ctx, int fd, short revents)
{
    struct http *h = ctx;
    int bits = (revents & POLLIN ? CURL_CSELECT_IN : 0) |
               (revents & POLLOUT ? CURL_CSELECT_OUT : 0) |
               (revents & (POLLERR | POLLHUP | POLLNVAL) ? CURL_CSELECT_ERR : 0);
    int running;
    h->curl->curl_multi_socket_action(h->multi, fd, bits, &running);
}

static int on_socket(CURL *easy, curl_socket_t fd, int what, void *ctx, void *unused)
{
    (void)easy;
    (void)unused;
    struct http *h = ctx;
    if (what == CURL_POLL_REMOVE)
        loop_remove(h->loop, fd);
    else
        loop_set(h->loop, fd,
                 (short)((what & CURL_POLL_IN ? POLLIN : 0) | (what & CURL_POLL_OUT ? POLLOUT : 0)),
                 http_ready, h);
    return 0;
}

static int on_timer(CURLM *multi, long timeout_ms, void *ctx)
{
    (void)multi;
    struct http *h = ctx;
    h->timer_ms = timeout_ms < 0 ? INT64_MAX : clock_mono_ms() + timeout_ms;
    return 0;
}

static size_t on_body(char *bytes, size_t width, size_t count, void *ctx)
{
    struct transfer *t = ctx;
    size_t len = width * count;
    if (t->len + (int64_t)len > t->request.max_len) {
        t->too_long = true;
        return 0;
    }
    if (fwrite(bytes, 1, len, t->file) != len)
        return 0;
    t->len += (int64_t)len;
    return len;
}

static curl_socket_t on_open_socket(void *ctx, curlsocktype purpose, struct curl_sockaddr *address)
{
    struct transfer *t = ctx;
    if (purpose != CURLSOCKTYPE_IPCXN ||
        (!t->request.private_ok && !address_is_public(&address->addr))) {
        t->forbidden = true;
        return CURL_SOCKET_BAD;
    }
    int fd = socket(address->family, address->socktype, address->protocol);
    if (fd >= 0)
        fcntl(fd, F_SETFD, FD_CLOEXEC);
    return fd;
}

/* --- one transfer --- */

static void transfer_respond(struct http *h, struct transfer *t, enum response_kind kind,
                             char *takes_error)
{
    h->done = mem_grow(h->done, h->done_n + 1, sizeof(*h->done));
    struct response *r = &h->done[h->done_n++];
    memset(r, 0, sizeof(*r));
    r->id = t->request.id;
    r->kind = kind;
    r->error = takes_error;
    r->len = t->len;
    r->took_ms = clock_mono_ms() - t->started_ms;
    if (kind == RESPONSE_ANSWERED) {
        const char *media = NULL;
        h->curl->curl_easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &r->status);
        h->curl->curl_easy_getinfo(t->easy, CURLINFO_CONTENT_TYPE, &media);
        r->media = mem_dup(media);
    }
    transfer_free(h, t);
}

static void transfer_end(struct http *h, struct transfer *t, CURLcode code)
{
    bool file_bad = t->file && (fflush(t->file) || fsync(fileno(t->file)));
    const char *words = t->words[0] ? t->words : h->curl->curl_easy_strerror(code);
    bool unsent = code == CURLE_COULDNT_RESOLVE_HOST || code == CURLE_COULDNT_CONNECT ||
                  code == CURLE_URL_MALFORMAT || code == CURLE_UNSUPPORTED_PROTOCOL;
    if (t->forbidden)
        transfer_respond(
            h, t, RESPONSE_UNSENT,
            mem_dup("forbidden: the address leads to this machine or a private network"));
    else if (t->too_long)
        transfer_respond(h, t, RESPONSE_BROKEN,
                         mem_printf("the body is longer than the %lld bytes allowed",
                                    (long long)t->request.max_len));
    else if (code == CURLE_OPERATION_TIMEDOUT)
        transfer_respond(h, t, RESPONSE_LATE, mem_dup("the server took too long"));
    else if (code != CURLE_OK || file_bad)
        transfer_respond(h, t, unsent ? RESPONSE_UNSENT : RESPONSE_BROKEN,
                         file_bad ? mem_printf("the body cannot be written: %s", strerror(errno))
                                  : mem_dup(words));
    else
        transfer_respond(h, t, RESPONSE_ANSWERED, NULL);
}

static void transfer_options(struct http *h, struct transfer *t)
{
    const struct libcurl *curl = h->curl;
    CURL *c = t->easy;
    curl->curl_easy_setopt(c, CURLOPT_URL, t->request.url);
    curl->curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "http,https");
    curl->curl_easy_setopt(c, CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
    curl->curl_easy_setopt(c, CURLOPT_FOLLOWLOCATION, 1L);
    curl->curl_easy_setopt(c, CURLOPT_MAXREDIRS, REDIRECTS_MAX);
    curl->curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
    curl->curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT_MS, CONNECT_MS);
    curl->curl_easy_setopt(c, CURLOPT_TIMEOUT_MS, (long)t->request.timeout_ms);
    curl->curl_easy_setopt(c, CURLOPT_USERAGENT, "slated/" SLATED_VERSION);
    curl->curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, on_body);
    curl->curl_easy_setopt(c, CURLOPT_WRITEDATA, t);
    curl->curl_easy_setopt(c, CURLOPT_OPENSOCKETFUNCTION, on_open_socket);
    curl->curl_easy_setopt(c, CURLOPT_OPENSOCKETDATA, t);
    curl->curl_easy_setopt(c, CURLOPT_ERRORBUFFER, t->words);
    curl->curl_easy_setopt(c, CURLOPT_PRIVATE, t);
    if (!t->request.private_ok)
        curl->curl_easy_setopt(c, CURLOPT_PROXY,
                               ""); /* a proxy would connect where we may not look */
    curl->curl_multi_add_handle(h->multi, c);
}

static int http_wake(struct http *h, struct err *e)
{
    if (h->multi)
        return 0;
    h->curl = libcurl_load(e);
    if (!h->curl)
        return e->code;
    if (h->curl->curl_global_init(CURL_GLOBAL_DEFAULT) || !(h->multi = h->curl->curl_multi_init()))
        return err_set(e, ERR_NET, "libcurl cannot be started");
    h->curl->curl_multi_setopt(h->multi, CURLMOPT_SOCKETFUNCTION, on_socket);
    h->curl->curl_multi_setopt(h->multi, CURLMOPT_SOCKETDATA, h);
    h->curl->curl_multi_setopt(h->multi, CURLMOPT_TIMERFUNCTION, on_timer);
    h->curl->curl_multi_setopt(h->multi, CURLMOPT_TIMERDATA, h);
    return 0;
}

void http_ask(struct http *h, struct request *takes_request, int64_t now_ms)
{
    struct transfer *t = mem_alloc(sizeof(*t));
    t->request = *takes_request;
    memset(takes_request, 0, sizeof(*takes_request));
    t->started_ms = now_ms;
    t->next = h->list;
    h->list = t;
    struct err e = {0};
    if (http_wake(h, &e) || !(t->easy = h->curl->curl_easy_init())) {
        transfer_respond(h, t, RESPONSE_UNSENT,
                         mem_dup(e.code ? e.text : "libcurl has no memory left"));
        return;
    }
    t->file = fopen(t->request.path, "wbe");
    if (!t->file) {
        transfer_respond(h, t, RESPONSE_UNSENT,
                         mem_printf("cannot write %s: %s", t->request.path, strerror(errno)));
        return;
    }
    transfer_options(h, t);
}

void http_cancel(struct http *h, int64_t id)
{
    for (struct transfer *t = h->list; t; t = t->next)
        if (t->request.id == id) {
            transfer_free(h, t);
            return;
        }
}

int64_t http_turn(struct http *h, int64_t now_ms)
{
    if (!h->multi)
        return h->done_n ? now_ms : INT64_MAX;
    int running;
    if (h->timer_ms <= now_ms) {
        h->timer_ms = INT64_MAX;
        h->curl->curl_multi_socket_action(h->multi, CURL_SOCKET_TIMEOUT, 0, &running);
    }
    CURLMsg *message;
    while ((message = h->curl->curl_multi_info_read(h->multi, &running))) {
        struct transfer *t = NULL;
        if (message->msg != CURLMSG_DONE)
            continue;
        CURLcode code = message->data.result;
        h->curl->curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &t);
        transfer_end(h, t, code);
    }
    return h->done_n ? now_ms : h->timer_ms;
}

bool http_take(struct http *h, struct response *ret_response)
{
    if (h->done_n == 0)
        return false;
    *ret_response = h->done[0];
    memmove(h->done, h->done + 1, --h->done_n * sizeof(*h->done));
    return true;
}
