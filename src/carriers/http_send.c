/* A request comes in and leaves through libcurl: its URL and headers with the secrets filled in,
 * its body read while it is sent, and again for each redirect that may be followed. Never sends
 * anything but a GET twice, never a header of a keyed request to another host. */
/* SPDX-License-Identifier: ISC */
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/address.h"
#include "base/clock.h"
#include "base/mem.h"
#include "base/str.h"
#include "carriers/http_priv.h"

#define CONNECT_MS    15000L
#define UPLOAD_BUFFER 16384L /* curl's least; a body in pieces needs no more */
#define FILE_BUFFER   16384L /* for an answer into a file ... */
#define WIDE_BUFFER   65536L /* ... while few are under way ... */
#define FEW           64
#define TEXT_BUFFER   4096L /* ... and for a short one */

static const char *method_of(const struct transfer *t)
{
    return t->plain_get || !t->request.method ? "GET" : t->request.method;
}

static bool is_get(const struct transfer *t)
{
    return str_eq(method_of(t), "GET") || str_eq(method_of(t), "HEAD");
}

/* --- what curl calls: each records and returns --- */

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

/* An address in words, as curl tells it of the connection it has. */
static bool words_are_public(const char *ip)
{
    struct sockaddr_in in = {.sin_family = AF_INET};
    struct sockaddr_in6 in6 = {.sin6_family = AF_INET6};
    if (inet_pton(AF_INET, ip, &in.sin_addr) == 1)
        return address_is_public((const struct sockaddr *)&in);
    return inet_pton(AF_INET6, ip, &in6.sin6_addr) == 1 &&
           address_is_public((const struct sockaddr *)&in6);
}

/* The connection stands, a first byte is about to leave. Comes here a second time when curl wants
 * to send again on another connection, and for a connection that another request has opened. */
static int on_before_send(void *ctx, char *ip, char *own_ip, int port, int own_port)
{
    (void)own_ip;
    (void)port;
    (void)own_port;
    struct transfer *t = ctx;
    if (!t->request.private_ok && !words_are_public(ip)) {
        t->forbidden = true;
        return CURL_PREREQFUNC_ABORT;
    }
    if (t->sent && !is_get(t)) {
        t->again = true;
        return CURL_PREREQFUNC_ABORT;
    }
    t->sent = true;
    return CURL_PREREQFUNC_OK;
}

static size_t on_read(char *out, size_t width, size_t count, void *ctx)
{
    struct transfer *t = ctx;
    ssize_t n = http_body_read(&t->body, out, width * count);
    return n < 0 ? CURL_READFUNC_ABORT : (size_t)n;
}

/* --- URL and headers --- */

static int no_secret(struct err *e, char *takes_name)
{
    err_set(e, ERR_MISSING,
            "the key %s is not set: put it into the environment or the credentials file",
            takes_name);
    free(takes_name);
    return ERR_MISSING;
}

static bool has_control(const char *text)
{
    for (; *text; text++)
        if ((unsigned char)*text < 0x20 || *text == 0x7f)
            return true;
    return false;
}

int http_send_init(struct http *h, struct transfer *t, struct err *e)
{
    char *missing = NULL;
    const char *url = t->request.url ? t->request.url : "";
    t->url = t->request.keyed ? http_key_fill(url, h->secret, &missing) : mem_dup(url);
    if (!t->url)
        return no_secret(e, missing);
    if (has_control(t->url))
        return err_set(e, ERR_INPUT, "the address holds a control character");
    return http_body_init(&t->body, t->request.body, t->request.body_n, e);
}

/* Headers that say who asks stay with the host they were meant for. */
static bool stays_home(const struct transfer *t, const char *name)
{
    return t->away && (t->request.keyed || str_eq_nocase(name, "authorization") ||
                       str_eq_nocase(name, "cookie"));
}

static int add_header(struct http *h, struct transfer *t, const struct header *header,
                      struct err *e)
{
    char *missing = NULL, *line;
    char *value = t->request.keyed ? http_key_fill(header->value, h->secret, &missing)
                                   : mem_dup(header->value);
    if (!value)
        return no_secret(e, missing);
    if (has_control(value) || has_control(header->name)) {
        http_key_wipe(value);
        return err_set(e, ERR_INPUT, "the header %s holds a control character",
                       has_control(header->name) ? "" : header->name);
    }
    line = *value ? mem_printf("%s: %s", header->name, value) : mem_printf("%s;", header->name);
    t->list = h->curl->curl_slist_append(t->list, line);
    http_key_wipe(line);
    http_key_wipe(value);
    return 0;
}

static int add_headers(struct http *h, struct transfer *t, struct err *e)
{
    h->curl->curl_slist_free_all(t->list);
    /* Without it a long body waits a second for a "100 Continue" that few servers send. */
    t->list = h->curl->curl_slist_append(NULL, "Expect:");
    bool typed = false;
    for (size_t i = 0; i < t->request.headers_n; i++) {
        const struct header *header = &t->request.headers[i];
        bool of_body = t->plain_get && str_starts(header->name, "Content-");
        int rc = stays_home(t, header->name) || of_body ? 0 : add_header(h, t, header, e);
        if (rc)
            return rc;
        typed = typed || str_eq_nocase(header->name, "content-type");
    }
    if (!typed) /* or curl makes a text one of a form */
        t->list = h->curl->curl_slist_append(t->list, "Content-Type:");
    h->curl->curl_easy_setopt(t->easy, CURLOPT_HTTPHEADER, t->list);
    return 0;
}

/* --- options --- */

/* The body when it is one text, else NULL. */
static const char *whole_body(const struct transfer *t)
{
    const struct body_piece *p = t->request.body;
    return t->request.body_n == 1 && !p->path ? p->text : NULL;
}

/* A text is here already: curl sends it with the headers, and has no buffer for it, which for
 * thousands at once were 16 KB each. Everything else is read while it is sent. */
static void set_body(const struct libcurl *curl, struct transfer *t)
{
    const char *text = whole_body(t);
    if (text) {
        curl->curl_easy_setopt(t->easy, CURLOPT_POSTFIELDS, text);
        curl->curl_easy_setopt(t->easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)t->body.len);
        return;
    }
    curl->curl_easy_setopt(t->easy, CURLOPT_UPLOAD, 1L);
    curl->curl_easy_setopt(t->easy, CURLOPT_INFILESIZE_LARGE, (curl_off_t)t->body.len);
    curl->curl_easy_setopt(t->easy, CURLOPT_READFUNCTION, on_read);
    curl->curl_easy_setopt(t->easy, CURLOPT_READDATA, t);
    curl->curl_easy_setopt(t->easy, CURLOPT_UPLOAD_BUFFERSIZE, UPLOAD_BUFFER);
}

static void set_method(const struct libcurl *curl, struct transfer *t)
{
    const char *method = method_of(t);
    bool wants_body = str_eq(method, "POST") || str_eq(method, "PUT") || str_eq(method, "PATCH");
    if (str_eq(method, "HEAD")) {
        curl->curl_easy_setopt(t->easy, CURLOPT_NOBODY, 1L);
    } else if (!t->plain_get && (wants_body || t->request.body_n)) {
        set_body(curl, t);
        curl->curl_easy_setopt(t->easy, CURLOPT_CUSTOMREQUEST, method);
    } else {
        curl->curl_easy_setopt(t->easy, CURLOPT_HTTPGET, 1L);
        if (!str_eq(method, "GET"))
            curl->curl_easy_setopt(t->easy, CURLOPT_CUSTOMREQUEST, method);
    }
}

/* A connection that was used before may be dead already, and curl then sends a request again on a
 * new one; so what must not be sent twice begins a fresh one. Those that follow may go on with it,
 * but for TLS, where one connection that carries them all is wanted. */
static void set_connection(const struct libcurl *curl, struct transfer *t)
{
    bool shared = is_get(t) && !t->request.paid, tls = str_starts(t->url, "https:");
    curl->curl_easy_setopt(t->easy, CURLOPT_FRESH_CONNECT, shared ? 0L : 1L);
    curl->curl_easy_setopt(t->easy, CURLOPT_FORBID_REUSE, shared || !tls ? 0L : 1L);
    curl->curl_easy_setopt(t->easy, CURLOPT_PIPEWAIT, shared && tls ? 1L : 0L);
    curl->curl_easy_setopt(t->easy, CURLOPT_HTTP_VERSION,
                           shared ? (long)CURL_HTTP_VERSION_2TLS : (long)CURL_HTTP_VERSION_1_1);
    if (!t->request.private_ok)
        curl->curl_easy_setopt(t->easy, CURLOPT_PROXY,
                               ""); /* a proxy would connect where we may not look */
}

static long buffer_of(const struct transfer *t)
{
    if (!t->request.path)
        return TEXT_BUFFER;
    return t->http->transfers.n <= FEW ? WIDE_BUFFER : FILE_BUFFER;
}

static void set_always(const struct libcurl *curl, struct transfer *t)
{
    CURL *c = t->easy;
    const char *ca = getenv("SSL_CERT_FILE"); /* what other programs read, too */
    if (ca && *ca)
        curl->curl_easy_setopt(c, CURLOPT_CAINFO, ca);
    curl->curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "http,https");
    curl->curl_easy_setopt(c, CURLOPT_FOLLOWLOCATION, 0L);
    curl->curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
    curl->curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT_MS, CONNECT_MS);
    curl->curl_easy_setopt(c, CURLOPT_USERAGENT, "slated/" SLATED_VERSION);
    curl->curl_easy_setopt(c, CURLOPT_BUFFERSIZE, buffer_of(t));
    curl->curl_easy_setopt(c, CURLOPT_OPENSOCKETFUNCTION, on_open_socket);
    curl->curl_easy_setopt(c, CURLOPT_OPENSOCKETDATA, t);
    curl->curl_easy_setopt(c, CURLOPT_PREREQFUNCTION, on_before_send);
    curl->curl_easy_setopt(c, CURLOPT_PREREQDATA, t);
    curl->curl_easy_setopt(c, CURLOPT_ERRORBUFFER, t->words);
    curl->curl_easy_setopt(c, CURLOPT_PRIVATE, t);
}

int http_send_hop(struct http *h, struct transfer *t, struct err *e)
{
    const struct libcurl *curl = h->curl;
    int rc = add_headers(h, t, e);
    if (rc)
        return rc;
    int64_t left = t->request.timeout_ms - (clock_mono_ms() - t->started_ms);
    set_always(curl, t);
    set_method(curl, t);
    set_connection(curl, t);
    http_answer_options(h, t);
    curl->curl_easy_setopt(t->easy, CURLOPT_URL, t->url);
    curl->curl_easy_setopt(t->easy, CURLOPT_TIMEOUT_MS, left > 1 ? (long)left : 1L);
    CURLMcode code = curl->curl_multi_add_handle(h->multi, t->easy);
    return code == CURLM_OK ? 0 : err_set(e, ERR_NET, "libcurl does not take the request");
}

/* --- redirects --- */

/* A redirect that keeps the method repeats the request: only what costs nothing and says nothing is
 * repeated. */
static bool may_follow(const struct transfer *t, long status)
{
    bool keeps = status == 307 || status == 308;
    bool turns = status == 301 || status == 302 || status == 303;
    if (t->request.redirects <= 0)
        return false;
    return turns || (keeps && is_get(t) && !t->request.keyed);
}

int http_send_follow(struct http *h, struct transfer *t, struct err *e)
{
    long status = 0;
    char *to = NULL;
    h->curl->curl_easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &status);
    h->curl->curl_easy_getinfo(t->easy, CURLINFO_REDIRECT_URL, &to);
    if (!to || !may_follow(t, status))
        return 0;
    if (t->hops++ >= t->request.redirects)
        return err_set(e, ERR_NET, "the server redirects more than %d times", t->request.redirects);
    if (str_starts(t->url, "https:") && !str_starts(to, "https:"))
        return err_set(e, ERR_NET,
                       "the server redirects from https to an address without encryption, where "
                       "it is not followed");
    char *next = mem_dup(to);
    t->away = t->away || !http_key_same_host(t->url, next);
    t->plain_get = !str_eq(method_of(t), "HEAD");
    http_key_wipe(t->url);
    t->url = next;
    h->curl->curl_multi_remove_handle(h->multi, t->easy);
    h->curl->curl_easy_reset(t->easy);
    http_answer_reset(t);
    int rc = http_send_hop(h, t, e);
    return rc ? rc : 1;
}
