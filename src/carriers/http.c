/* Requests come in, responses go out, through libcurl on the loop's descriptors. Never retries,
 * never keeps a body in memory that has a file; what one request is made of and what its end means
 * is in http_send.c and http_answer.c. */
/* SPDX-License-Identifier: ISC */
#include "carriers/http.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"
#include "carriers/http_priv.h"

#define STREAMS_MAX  1000L /* on one connection, unless the server allows fewer */
#define FILES_WANTED 16384 /* a socket and a file for each request, thousands at once */

struct http *http_create(struct loop *loop, http_secret *secret)
{
    struct http *h = mem_alloc(sizeof(*h));
    h->loop = loop;
    h->secret = secret;
    h->timer_ms = h->quiet_ms = INT64_MAX;
    return h;
}

/* Making one costs more than emptying it. */
static CURL *easy_take(struct http *h)
{
    return h->spare_n ? h->spare[--h->spare_n] : h->curl->curl_easy_init();
}

static void easy_give(struct http *h, CURL *easy)
{
    h->curl->curl_multi_remove_handle(h->multi, easy);
    if (h->spare_n == SPARE_MOST) {
        h->curl->curl_easy_cleanup(easy);
    } else {
        h->curl->curl_easy_reset(easy);
        h->spare[h->spare_n++] = easy;
    }
}

static void transfer_free(struct http *h, struct transfer *t)
{
    map_remove(&h->transfers, t->key);
    if (t->easy) {
        easy_give(h, t->easy);
        http_keep_end(h);
    }
    if (t->list)
        h->curl->curl_slist_free_all(t->list);
    http_answer_finish(t);
    http_body_finish(&t->body);
    http_key_wipe(t->url);
    request_finish(&t->request);
    free(t);
}

void http_destroy(struct http *h)
{
    if (!h)
        return;
    struct transfer *t;
    for (size_t at = 0; (t = map_next(&h->transfers, &at));)
        transfer_free(h, t);
    map_finish(&h->transfers);
    if (h->multi)
        http_keep_none(h);
    if (h->curl)
        h->curl->curl_global_cleanup();
    for (struct response r; http_take(h, &r);)
        response_finish(&r);
    free(h->done);
    free(h);
}

int http_busy(const struct http *h)
{
    return (int)h->transfers.n;
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
        crowd_remove(h->crowd, fd);
    else
        crowd_set(
            h->crowd, fd,
            (short)((what & CURL_POLL_IN ? POLLIN : 0) | (what & CURL_POLL_OUT ? POLLOUT : 0)));
    return 0;
}

static int on_timer(CURLM *multi, long timeout_ms, void *ctx)
{
    (void)multi;
    struct http *h = ctx;
    h->timer_ms = timeout_ms < 0 ? INT64_MAX : clock_mono_ms() + timeout_ms;
    return 0;
}

/* --- one transfer --- */

static struct response *done_push(struct http *h)
{
    if (h->done_n == h->done_room) {
        if (h->done_at > h->done_room / 2) { /* the front half was taken */
            h->done_n -= h->done_at;
            memmove(h->done, h->done + h->done_at, h->done_n * sizeof(*h->done));
            h->done_at = 0;
        } else {
            h->done_room = h->done_room ? h->done_room * 2 : 16;
            h->done = mem_grow(h->done, h->done_room, sizeof(*h->done));
        }
    }
    struct response *r = &h->done[h->done_n++];
    memset(r, 0, sizeof(*r));
    return r;
}

static void transfer_respond(struct http *h, struct transfer *t, enum response_kind kind,
                             char *takes_error)
{
    struct response *r = done_push(h);
    r->id = t->request.id;
    r->kind = kind;
    r->error = takes_error;
    r->len = t->len;
    r->took_ms = clock_mono_ms() - t->started_ms;
    if (kind == RESPONSE_ANSWERED) {
        h->curl->curl_easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &r->status);
        r->headers = t->headers;
        r->headers_n = t->headers_n;
        t->headers = NULL;
        t->headers_n = 0;
        r->media = mem_dup(response_header(r, "content-type"));
        if (t->fd < 0)
            r->text = buf_take(&t->text);
        if (t->digest)
            digest_end(t->digest, r->sha256);
        t->digest = NULL;
        if (r->text && r->status >= 400) /* its words are said to people, and some repeat the key */
            http_answer_mask(t, r->text);
    }
    transfer_free(h, t);
}

static void transfer_end(struct http *h, struct transfer *t, CURLcode code)
{
    struct err e = {0};
    char *error = NULL;
    int followed = code == CURLE_OK ? http_send_follow(h, t, &e) : 0;
    if (followed > 0)
        return;
    if (followed < 0) {
        transfer_respond(h, t, RESPONSE_BROKEN, mem_dup(e.text));
        return;
    }
    enum response_kind kind = http_answer_judge(h, t, code, &error);
    transfer_respond(h, t, kind, error);
}

/* Thousands of requests at once need as many descriptors; the usual soft limit is 1,024. */
static void files_allow(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) || limit.rlim_cur >= FILES_WANTED)
        return;
    limit.rlim_cur = limit.rlim_max < FILES_WANTED ? limit.rlim_max : FILES_WANTED;
    (void)setrlimit(RLIMIT_NOFILE, &limit); /* else fewer at once, each refusal with its sentence */
}

static int http_load(struct http *h, struct err *e)
{
    const struct libcurl *curl = libcurl_load(e);
    if (!curl)
        return e->code;
    if (curl->curl_global_init(CURL_GLOBAL_DEFAULT))
        return err_set(e, ERR_NET, "libcurl cannot be started");
    h->curl = curl;
    files_allow();
    return 0;
}

static int http_wake(struct http *h, struct err *e)
{
    if (h->multi)
        return 0;
    int rc = h->curl ? 0 : http_load(h, e);
    if (!rc && !h->crowd)
        rc = crowd_create(h->loop, http_ready, h, &h->crowd, e);
    if (rc)
        return rc;
    h->multi = h->curl->curl_multi_init();
    if (!h->multi)
        return err_set(e, ERR_NET, "libcurl has no memory left");
    h->curl->curl_multi_setopt(h->multi, CURLMOPT_SOCKETFUNCTION, on_socket);
    h->curl->curl_multi_setopt(h->multi, CURLMOPT_SOCKETDATA, h);
    h->curl->curl_multi_setopt(h->multi, CURLMOPT_TIMERFUNCTION, on_timer);
    h->curl->curl_multi_setopt(h->multi, CURLMOPT_TIMERDATA, h);
    h->curl->curl_multi_setopt(h->multi, CURLMOPT_MAX_CONCURRENT_STREAMS, STREAMS_MAX);
    return 0;
}

static int transfer_start(struct http *h, struct transfer *t, struct err *e)
{
    int rc = http_wake(h, e);
    if (!rc && !(t->easy = easy_take(h)))
        rc = err_set(e, ERR_NET, "libcurl has no memory left");
    if (!rc)
        http_keep_begin(h);
    if (!rc)
        rc = http_send_init(h, t, e);
    if (!rc)
        rc = http_answer_open(t, e);
    return rc ? rc : http_send_hop(h, t, e);
}

void http_ask(struct http *h, struct request *takes_request, int64_t now_ms)
{
    struct transfer *t = mem_alloc(sizeof(*t));
    struct err e = {0};
    t->http = h;
    t->fd = -1;
    t->request = *takes_request;
    memset(takes_request, 0, sizeof(*takes_request));
    t->started_ms = now_ms;
    str_format(t->key, sizeof t->key, "%lld", (long long)t->request.id);
    if (map_get(&h->transfers, t->key))
        bug("http_ask: the request %s is under way already", t->key);
    map_put(&h->transfers, t->key, t);
    if (transfer_start(h, t, &e))
        transfer_respond(h, t, RESPONSE_UNSENT, mem_dup(e.text));
}

void http_cancel(struct http *h, int64_t id)
{
    char key[24];
    str_format(key, sizeof key, "%lld", (long long)id);
    struct transfer *t = map_get(&h->transfers, key);
    if (t)
        transfer_free(h, t);
}

int64_t http_turn(struct http *h, int64_t now_ms)
{
    bool waits = h->done_at < h->done_n;
    if (!h->multi)
        return waits ? now_ms : INT64_MAX;
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
    if (h->quiet_ms <= now_ms)
        http_keep_none(h);
    int64_t next = h->timer_ms < h->quiet_ms ? h->timer_ms : h->quiet_ms;
    return h->done_at < h->done_n ? now_ms : next;
}

bool http_take(struct http *h, struct response *ret_response)
{
    if (h->done_at == h->done_n)
        return false;
    *ret_response = h->done[h->done_at++];
    if (h->done_at == h->done_n)
        h->done_at = h->done_n = 0;
    return true;
}
