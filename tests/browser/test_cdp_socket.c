/* The same conversation over a websocket: large and fragmented messages, one that is too long, a
 * connection that breaks. The server is a thread of the test. */
/* SPDX-License-Identifier: ISC */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/mem.h"
#include "browser/cdp.h"
#include "browser/memory.h"

#define NOW   ((int64_t)1000000)
#define LARGE ((size_t)90 << 20)
#define HEAD  "{\"id\":1,\"result\":{\"value\":\""
#define TAIL  "\"}}"

/* Of libcrypto, whose headers have a name in common with ours. */
unsigned char *SHA1(const unsigned char *bytes, size_t len, unsigned char *ret_sum);
int EVP_EncodeBlock(unsigned char *ret_base64, const unsigned char *bytes, int len);

/* What the server answers the first command with. */
enum manner { ONE_FRAME, FRAGMENTS, CUT_OFF };

struct server {
    int fd, port;
    enum manner manner;
    size_t len;         /* of the value */
    char request[4096]; /* the handshake */
    pthread_t thread;
};

static bool put(int fd, const void *bytes, size_t len)
{
    for (size_t done = 0; done < len;) {
        ssize_t n = write(fd, (const char *)bytes + done, len - done);
        if (n <= 0)
            return false;
        done += (size_t)n;
    }
    return true;
}

/* first: the byte with FIN and the opcode. */
static bool frame_head(int fd, unsigned char first, size_t len)
{
    unsigned char head[10] = {first, 127};
    for (int i = 0; i < 8; i++)
        head[2 + i] = (unsigned char)(len >> (56 - 8 * i));
    return put(fd, head, sizeof(head));
}

static bool put_value(int fd, size_t len)
{
    char piece[65536];
    bool fine = true;
    memset(piece, 'x', sizeof(piece));
    for (; fine && len; len -= len < sizeof(piece) ? len : sizeof(piece))
        fine = put(fd, piece, len < sizeof(piece) ? len : sizeof(piece));
    return fine;
}

static void shake_hands(struct server *s, int fd)
{
    unsigned char sum[20], accept[64];
    char key[128] = "", line[256];
    size_t len = 0;
    while (len < sizeof(s->request) - 1 && !strstr(s->request, "\r\n\r\n") &&
           read(fd, s->request + len, 1) == 1)
        len++;
    const char *at = strcasestr(s->request, "sec-websocket-key:");
    if (at)
        sscanf(at + 18, " %60s", key);
    strcat(key, "258EAFA5-E914-47DA-95CA-C5AB0DC85B11");
    SHA1((const unsigned char *)key, strlen(key), sum);
    EVP_EncodeBlock(accept, sum, sizeof(sum));
    int n = snprintf(line, sizeof(line),
                     "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: "
                     "Upgrade\r\nSec-WebSocket-Accept: %s\r\n\r\n",
                     accept);
    (void)put(fd, line, (size_t)n);
}

/* One short command of the client; what it says does not matter. */
static bool read_command(int fd)
{
    unsigned char head[2], rest[256];
    return read(fd, head, 2) == 2 && read(fd, rest, 4U + (head[1] & 0x7F)) > 0;
}

static void answer(struct server *s, int fd)
{
    size_t head = strlen(HEAD), tail = strlen(TAIL);
    if (s->manner == ONE_FRAME) {
        (void)(frame_head(fd, 0x81, head + s->len + tail) && put(fd, HEAD, head) &&
               put_value(fd, s->len) && put(fd, TAIL, tail));
        return;
    }
    (void)(frame_head(fd, 0x01, head) && put(fd, HEAD, head));
    for (int i = 0; i < 100; i++) {
        (void)(frame_head(fd, 0x00, s->len / 100) && put_value(fd, s->len / 100));
        if (i % 10 == 0)
            (void)put(fd, "\x89\x00", 2); /* a ping in between */
    }
    if (s->manner == FRAGMENTS)
        (void)(frame_head(fd, 0x80, tail) && put(fd, TAIL, tail));
}

static void *serve(void *ctx)
{
    struct server *s = ctx;
    int fd = accept(s->fd, NULL, NULL);
    char byte;
    shake_hands(s, fd);
    if (read_command(fd))
        answer(s, fd);
    if (s->manner == CUT_OFF)
        shutdown(fd, SHUT_RDWR);
    while (read(fd, &byte, 1) == 1)
        ;
    close(fd);
    return NULL;
}

static void server_start(struct server *s)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof(at);
    s->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(s->fd, (struct sockaddr *)&at, sizeof(at)), 0);
    assert_int_equal(listen(s->fd, 1), 0);
    assert_int_equal(getsockname(s->fd, (struct sockaddr *)&at, &len), 0);
    s->port = ntohs(at.sin_port);
    assert_int_equal(pthread_create(&s->thread, NULL, serve, s), 0);
}

/* --- the client --- */

struct client {
    struct loop *loop;
    struct websockets *sockets;
    struct cdp *cdp;
    bool open;
    char *ended, *error;
    int times;
    size_t len;
};

static void on_opened(void *ctx)
{
    ((struct client *)ctx)->open = true;
}

static void on_event(void *ctx, const char *session, const char *method, const cJSON *params)
{
    (void)ctx;
    (void)session;
    (void)method;
    (void)params;
}

static void on_ended(void *ctx, const char *why)
{
    ((struct client *)ctx)->ended = mem_dup(why);
}

static void on_answer(void *ctx, const cJSON *result, const char *error)
{
    struct client *c = ctx;
    c->times++;
    c->len = strlen(json_str(result, "value", ""));
    c->error = mem_dup(error);
}

static void turn(struct client *c)
{
    int64_t real = clock_mono_ms();
    loop_wait(c->loop, real, real + 20);
    (void)websockets_turn(c->sockets, real);
    (void)cdp_turn(c->cdp, NOW);
}

/* One command and its answer; everything is ended but what came. */
static struct client talk(struct server *s, size_t max_len)
{
    struct client c = {.loop = loop_create()};
    struct cdp_ears ears = {on_opened, on_event, on_ended, &c, 0};
    struct err e = {0};
    server_start(s);
    char *url = mem_printf("ws://127.0.0.1:%d/devtools/browser/x", s->port);
    struct websocket_wish wish = {.url = url, .max_len = max_len};
    c.sockets = websockets_create(c.loop);
    c.cdp = cdp_connect(c.sockets, &wish, &ears, &e);
    assert_non_null(c.cdp);
    int64_t until = clock_mono_ms() + 60000;
    while (!c.open && !c.ended && clock_mono_ms() < until)
        turn(&c);
    cdp_send(c.cdp, NULL, "Page.captureScreenshot", NULL, 60000, NOW, on_answer, &c);
    while (!c.times && clock_mono_ms() < until)
        turn(&c);
    cdp_destroy(c.cdp);
    websockets_destroy(c.sockets);
    loop_destroy(c.loop);
    pthread_join(s->thread, NULL);
    close(s->fd);
    free(url);
    return c;
}

static void client_finish(struct client *c)
{
    free(c->ended);
    free(c->error);
}

static void test_no_origin_is_named(void **state)
{
    (void)state;
    struct server s = {.manner = ONE_FRAME, .len = 10};
    struct client c = talk(&s, 0);
    assert_int_equal(c.len, 10);
    assert_non_null(strcasestr(s.request, "upgrade: websocket"));
    assert_null(strcasestr(s.request, "origin:"));
    client_finish(&c);
}

static void test_90_mib_in_one_frame_come_whole_and_leave_the_memory_flat(void **state)
{
    (void)state;
    struct server warm = {.manner = ONE_FRAME, .len = 1000},
                  s = {.manner = ONE_FRAME, .len = LARGE};
    struct client first = talk(&warm, 0);
    long before = memory_kib();
    struct client c = talk(&s, 0);
    long after = memory_kib();
    assert_null(c.error);
    assert_int_equal(c.len, LARGE);
    print_message("90 MiB over a socket: %ld KiB resident before, %ld after\n", before, after);
    assert_true(after - before < 8192);
    client_finish(&first);
    client_finish(&c);
}

static void test_fragments_become_one_message(void **state)
{
    (void)state;
    struct server s = {.manner = FRAGMENTS, .len = 5000000};
    struct client c = talk(&s, 0);
    assert_null(c.error);
    assert_int_equal(c.len, 5000000);
    client_finish(&c);
}

static void test_a_message_above_the_ceiling_is_refused_with_its_size(void **state)
{
    (void)state;
    struct server s = {.manner = ONE_FRAME, .len = 5000000};
    struct client c = talk(&s, 1000000);
    assert_int_equal(c.times, 1);
    assert_string_equal(c.error, "a message of 5000030 bytes is longer than the 1000000 allowed");
    client_finish(&c);
}

static void test_a_connection_that_breaks_in_a_message_answers_the_command(void **state)
{
    (void)state;
    struct server s = {.manner = CUT_OFF, .len = 5000000};
    struct client c = talk(&s, 0);
    assert_int_equal(c.times, 1);
    assert_non_null(strstr(c.error, "without a closing word"));
    assert_string_equal(c.error, c.ended);
    client_finish(&c);
}

int main(void)
{
    signal(SIGPIPE, SIG_IGN);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_no_origin_is_named),
        cmocka_unit_test(test_90_mib_in_one_frame_come_whole_and_leave_the_memory_flat),
        cmocka_unit_test(test_fragments_become_one_message),
        cmocka_unit_test(test_a_message_above_the_ceiling_is_refused_with_its_size),
        cmocka_unit_test(test_a_connection_that_breaks_in_a_message_answers_the_command),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
