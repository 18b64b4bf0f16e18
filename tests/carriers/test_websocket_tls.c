/* A websocket over TLS: spoken to when the other end shows who it is, by the name it was asked by;
 * else it never opens. One without TLS beside it is not disturbed. */
/* SPDX-License-Identifier: ISC */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "carriers/certificate.h"
#include "carriers/http_server.h"
#include "carriers/websocket.h"

static int make_pair(void **state)
{
    (void)state;
    return certificate_make("DNS:localhost"); /* and for no other name */
}

static int set_up_tls(void **state)
{
    setenv("SSL_CERT_FILE", certificate_path, 1);
    return fixture_open(state, certificate_path);
}

struct heard {
    char *texts[4], *ended;
    int n, opened;
    int64_t id;
};

static void on_news(void *ctx, int64_t id, enum websocket_news news, bool binary, char *takes_bytes,
                    size_t len)
{
    struct heard *h = ctx;
    (void)binary;
    (void)len;
    assert_int_equal(id, h->id);
    if (news == WEBSOCKET_OPENED)
        h->opened++;
    else if (news == WEBSOCKET_MESSAGE)
        h->texts[h->n++] = takes_bytes;
    else
        h->ended = takes_bytes;
}

static void turn(struct fixture *f, struct websockets *w)
{
    int64_t now = clock_mono_ms();
    loop_wait(f->loop, now, now + 20);
    (void)websockets_turn(w, now);
}

static int64_t begin(struct websockets *w, const char *host, int port, struct heard *h)
{
    char *url = mem_printf("%s:%d/ws", host, port);
    struct err e = {0};
    struct websocket_wish wish = {.url = url, .anywhere = true};
    h->id = websocket_open(w, &wish, on_news, h, &e);
    free(url);
    return h->id;
}

static void talk(struct fixture *f, struct websockets *w, struct heard *h)
{
    int64_t until = clock_mono_ms() + 20000;
    while (h->n < 1 && !h->ended && clock_mono_ms() < until)
        turn(f, w);
    websocket_send(w, h->id, "and back", 8);
    while (h->n < 2 && !h->ended && clock_mono_ms() < until)
        turn(f, w);
}

static void heard_finish(struct heard *h)
{
    for (int i = 0; i < h->n; i++)
        free(h->texts[i]);
    free(h->ended);
}

static void test_one_that_shows_who_it_is_is_spoken_to(void **state)
{
    struct fixture *f = *state;
    struct websockets *w = websockets_create(f->loop);
    struct heard h = {0};
    assert_true(begin(w, "wss://localhost", f->port, &h) > 0);
    talk(f, w, &h);
    assert_int_equal(h.opened, 1);
    assert_int_equal(h.n, 2);
    assert_string_equal(h.texts[0], "hello");
    assert_string_equal(h.texts[1], "and back");
    websocket_close(w, h.id);
    websockets_destroy(w);
    heard_finish(&h);
}

static void never_opens(struct fixture *f, const char *host)
{
    struct websockets *w = websockets_create(f->loop);
    struct heard h = {0};
    assert_true(begin(w, host, f->port, &h) > 0);
    talk(f, w, &h);
    assert_int_equal(h.opened, 0);
    assert_int_equal(h.n, 0);
    assert_non_null(h.ended);
    websockets_destroy(w);
    heard_finish(&h);
}

static void test_an_unknown_certificate_never_opens(void **state)
{
    unsetenv("SSL_CERT_FILE");
    never_opens(*state, "wss://localhost");
}

static void test_the_certificate_of_another_name_never_opens(void **state)
{
    never_opens(*state, "wss://127.0.0.1");
}

static void test_one_without_tls_beside_it_is_another_number(void **state)
{
    struct fixture *f = *state, *plain = NULL;
    assert_int_equal(fixture_open((void **)&plain, NULL), 0);
    struct websockets *w = websockets_create(f->loop);
    struct heard secure = {0}, open = {0};
    assert_true(begin(w, "wss://localhost", f->port, &secure) > 0);
    assert_true(begin(w, "ws://127.0.0.1", plain->port, &open) > 0);
    assert_int_not_equal(secure.id, open.id);
    talk(f, w, &open);
    talk(f, w, &secure);
    assert_int_equal(open.n, 2);
    assert_int_equal(secure.n, 2);
    websocket_close(w, open.id);
    websocket_close(w, secure.id);
    websockets_destroy(w);
    heard_finish(&open);
    heard_finish(&secure);
    tear_down((void **)&plain);
}

#define TLS(f) cmocka_unit_test_setup_teardown(f, set_up_tls, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TLS(test_one_that_shows_who_it_is_is_spoken_to),
        TLS(test_an_unknown_certificate_never_opens),
        TLS(test_the_certificate_of_another_name_never_opens),
        TLS(test_one_without_tls_beside_it_is_another_number),
    };
    return cmocka_run_group_tests(tests, make_pair, certificate_drop);
}
