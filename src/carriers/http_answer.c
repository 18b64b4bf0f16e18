/* What a server answers comes in through libcurl; headers, and a body in a file or in memory, go
 * out, with what the end of the conversation means. Writes a body only below its ceiling. */
/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/str.h"
#include "carriers/http_priv.h"

#define HEADERS_MAX     200
#define HEADERS_STEP    8 /* as many as most answers have */
#define HEADERS_LEN_MAX (64 * 1024)
#define SLOWEST_BYTES   64L /* a second; below it for the stall time the server is left */
#define STALL_MAX_S     30L

static const char certificate_cure[] =
    ". Nothing was sent. Look at the address, this machine's clock and its list of authorities; "
    "for "
    "a server of your own name its authority's file in SSL_CERT_FILE";

int http_answer_open(struct transfer *t, struct err *e)
{
    buf_init(&t->text, t->request.max_len > 0 ? (size_t)t->request.max_len : 0);
    if (!t->request.path)
        return 0;
    t->digest = t->request.digest ? digest_begin() : NULL;
    t->fd = open(t->request.path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    return t->fd >= 0 ? 0 : err_sys(e, ERR_IO, errno, "cannot write %s", t->request.path);
}

static void headers_drop(struct transfer *t)
{
    for (size_t i = 0; i < t->headers_n; i++) {
        free(t->headers[i].name);
        free(t->headers[i].value);
    }
    mem_free(t->headers);
    t->headers_n = t->headers_len = 0;
}

static void digest_drop(struct transfer *t)
{
    char unread[DIGEST_LEN];
    if (t->digest)
        digest_end(t->digest, unread);
    t->digest = NULL;
}

void http_answer_reset(struct transfer *t)
{
    headers_drop(t);
    buf_reset(&t->text);
    t->len = 0;
    t->flowing = false;
    t->words[0] = '\0';
    if (t->digest) {
        digest_drop(t);
        t->digest = digest_begin();
    }
    if (t->fd >= 0 && (ftruncate(t->fd, 0) || lseek(t->fd, 0, SEEK_SET)))
        t->errnum = errno;
}

void http_answer_finish(struct transfer *t)
{
    headers_drop(t);
    buf_finish(&t->text);
    digest_drop(t);
    if (t->fd >= 0)
        close(t->fd);
}

/* --- what curl calls: each records and returns --- */

/* The answer has begun: from here on it must keep coming. Before, an engine may think as long as
 * the request allows; one that is paid may do so even now (some send a blank now and then), because
 * leaving it would lose what it makes. */
static void start_flowing(struct transfer *t)
{
    const struct libcurl *curl = t->http->curl;
    if (t->flowing || t->request.paid)
        return;
    long stall_s = t->request.timeout_ms / 4000;
    stall_s = stall_s < 1 ? 1 : stall_s > STALL_MAX_S ? STALL_MAX_S : stall_s;
    t->flowing = true;
    curl->curl_easy_setopt(t->easy, CURLOPT_LOW_SPEED_LIMIT, SLOWEST_BYTES);
    curl->curl_easy_setopt(t->easy, CURLOPT_LOW_SPEED_TIME, stall_s);
}

static void look_whether_flowing(struct transfer *t)
{
    long status = 0;
    t->http->curl->curl_easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &status);
    if (status >= 200)
        start_flowing(t);
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static void header_keep(struct transfer *t, const char *line, size_t len)
{
    const char *colon = memchr(line, ':', len);
    if (!colon)
        return;
    const char *from = colon + 1, *end = line + len;
    while (from < end && is_blank(*from))
        from++;
    while (end > from && is_blank(end[-1]))
        end--;
    struct header header = {mem_dup_n(line, (size_t)(colon - line)),
                            mem_dup_n(from, (size_t)(end - from))};
    str_lower(header.name);
    if (t->headers_n % HEADERS_STEP == 0)
        t->headers = mem_grow(t->headers, t->headers_n + HEADERS_STEP, sizeof(*t->headers));
    t->headers[t->headers_n++] = header;
}

static size_t on_header(char *bytes, size_t width, size_t count, void *ctx)
{
    struct transfer *t = ctx;
    size_t len = width * count;
    if (len >= 5 && memcmp(bytes, "HTTP/", 5) == 0)
        headers_drop(t);
    if (!t->flowing)
        look_whether_flowing(t);
    t->headers_len += len;
    if (t->headers_n >= HEADERS_MAX || t->headers_len > HEADERS_LEN_MAX) {
        t->too_many = true;
        return 0;
    }
    header_keep(t, bytes, len);
    return len;
}

static size_t on_body(char *bytes, size_t width, size_t count, void *ctx)
{
    struct transfer *t = ctx;
    size_t len = width * count;
    if (t->len + (int64_t)len > t->request.max_len) {
        t->too_long = true;
        return 0;
    }
    if (t->fd < 0) {
        buf_add(&t->text, bytes, len);
    } else if (!file_put(t->fd, bytes, len)) {
        t->errnum = errno ? errno : EIO;
        return 0;
    }
    if (t->digest)
        digest_add(t->digest, bytes, len);
    t->len += (int64_t)len;
    return len;
}

void http_answer_options(struct http *h, struct transfer *t)
{
    h->curl->curl_easy_setopt(t->easy, CURLOPT_HEADERFUNCTION, on_header);
    h->curl->curl_easy_setopt(t->easy, CURLOPT_HEADERDATA, t);
    h->curl->curl_easy_setopt(t->easy, CURLOPT_WRITEFUNCTION, on_body);
    h->curl->curl_easy_setopt(t->easy, CURLOPT_WRITEDATA, t);
}

/* --- what the end means --- */

/* Our own reasons to end a conversation, or NULL. Owned. */
static char *own_reason(struct transfer *t)
{
    if (t->forbidden)
        return mem_dup("forbidden: the address leads to this machine or a private network");
    if (t->again)
        return mem_dup("the connection broke and the request is not sent a second time");
    if (t->too_long)
        return mem_printf("the body is longer than the %lld bytes allowed",
                          (long long)t->request.max_len);
    if (t->too_many)
        return mem_dup("the answer has too many or too long headers");
    if (t->fd >= 0 && !t->errnum && fsync(t->fd))
        t->errnum = errno;
    if (t->errnum)
        return mem_printf("the body cannot be written: %s", strerror(t->errnum));
    return NULL;
}

void http_answer_mask(const struct transfer *t, char *text)
{
    if (!t->request.keyed)
        return;
    http_key_mask(text, t->request.url, t->http->secret);
    for (size_t i = 0; i < t->request.headers_n; i++)
        http_key_mask(text, t->request.headers[i].value, t->http->secret);
}

static char *curl_reason(struct http *h, struct transfer *t, CURLcode code)
{
    char *shown = http_key_show(t->request.url ? t->request.url : "");
    bool stranger = code == CURLE_PEER_FAILED_VERIFICATION;
    char *text = code == CURLE_OPERATION_TIMEDOUT
                     ? mem_printf("%s took too long", shown)
                     : mem_printf("no whole answer from %s: %s%s", shown,
                                  t->words[0] ? t->words : h->curl->curl_easy_strerror(code),
                                  stranger ? certificate_cure : "");
    free(shown);
    http_answer_mask(t, text);
    return text;
}

enum response_kind http_answer_judge(struct http *h, struct transfer *t, CURLcode code,
                                     char **ret_error)
{
    char *own = own_reason(t);
    bool get = !t->request.method || str_eq(t->request.method, "GET");
    *ret_error = own ? own : code == CURLE_OK ? NULL : curl_reason(h, t, code);
    if (!*ret_error)
        return RESPONSE_ANSWERED;
    /* Where a redirect of a fetch led may be forbidden after a first host was asked. */
    if (t->forbidden && get && !t->request.paid)
        return RESPONSE_UNSENT;
    if (!t->sent)
        return RESPONSE_UNSENT;
    return !own && code == CURLE_OPERATION_TIMEDOUT ? RESPONSE_LATE : RESPONSE_BROKEN;
}
