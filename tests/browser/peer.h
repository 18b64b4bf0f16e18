/* What the tests of the browser room share: the other end of a conversation, played by the test in
 * the same process. Commands are read as they were written, answers and events are written by hand.
 */
/* SPDX-License-Identifier: ISC */
#ifndef TESTS_PEER_H
#define TESTS_PEER_H

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"
#include "browser/cdp.h"

struct peer {
    struct loop *loop;
    struct cdp *cdp;
    int in, out; /* of the peer: commands come, answers go */
    struct buf heard;
    cJSON *commands; /* not taken yet */
    /* what the conversation told its owner */
    cJSON *events;
    char *ended;
    struct page *page; /* hears the events, when there is one */
};

static inline void peer_opened(void *ctx)
{
    (void)ctx;
}

static inline void peer_event_noted(struct peer *p, const char *method, const cJSON *params)
{
    cJSON *event = cJSON_CreateObject();
    json_set_str(event, "method", method);
    json_set(event, "params", cJSON_Duplicate(params, true));
    cJSON_AddItemToArray(p->events, event);
}

static inline void peer_ended(void *ctx, const char *why)
{
    struct peer *p = ctx;
    free(p->ended);
    p->ended = mem_dup(why);
}

static inline void peer_open(struct peer *p, cdp_event *event, size_t max_len)
{
    int commands[2], answers[2];
    struct cdp_ears ears = {peer_opened, event, peer_ended, p, max_len};
    memset(p, 0, sizeof(*p));
    assert_int_equal(pipe(commands), 0);
    assert_int_equal(pipe(answers), 0);
    p->loop = loop_create();
    p->in = commands[0];
    p->out = answers[1];
    p->commands = cJSON_CreateArray();
    p->events = cJSON_CreateArray();
    buf_init(&p->heard, (size_t)1 << 20);
    (void)fcntl(p->in, F_SETFL, O_NONBLOCK);
    p->cdp = cdp_pipe(p->loop, answers[0], commands[1], &ears);
}

static inline void peer_hang_up(struct peer *p)
{
    if (p->out >= 0)
        close(p->out);
    p->out = -1;
}

static inline void peer_close(struct peer *p)
{
    cdp_destroy(p->cdp);
    loop_destroy(p->loop);
    peer_hang_up(p);
    close(p->in);
    buf_finish(&p->heard);
    cJSON_Delete(p->commands);
    cJSON_Delete(p->events);
    free(p->ended);
}

/* What was written to us becomes commands. */
static inline void peer_hear(struct peer *p)
{
    char piece[4096];
    ssize_t n;
    while ((n = read(p->in, piece, sizeof(piece))) > 0)
        buf_add(&p->heard, piece, (size_t)n);
    size_t begin = 0, len;
    while (begin < p->heard.len &&
           (len = strnlen(p->heard.data + begin, p->heard.len - begin)) < p->heard.len - begin) {
        cJSON_AddItemToArray(p->commands, cJSON_Parse(p->heard.data + begin));
        begin += len + 1;
    }
    if (begin)
        memmove(p->heard.data, p->heard.data + begin, p->heard.len - begin);
    p->heard.len -= begin;
}

/* Lets the conversation move at an instant. */
static inline void peer_turn(struct peer *p, int64_t now_ms)
{
    int64_t real = clock_mono_ms();
    loop_wait(p->loop, real, real + 1);
    (void)cdp_turn(p->cdp, now_ms);
    peer_hear(p);
}

/* The next command that was not taken, owned; NULL: none. */
static inline cJSON *peer_take(struct peer *p)
{
    peer_hear(p);
    return cJSON_DetachItemFromArray(p->commands, 0);
}

static inline void peer_say_text(struct peer *p, const char *text)
{
    assert_int_equal(write(p->out, text, strlen(text) + 1), (ssize_t)strlen(text) + 1);
}

static inline void peer_answer(struct peer *p, int64_t id, const char *result)
{
    char *text = mem_printf("{\"id\": %lld, \"result\": %s}", (long long)id, result);
    peer_say_text(p, text);
    free(text);
}

static inline void peer_refuse(struct peer *p, int64_t id, const char *message)
{
    char *text = mem_printf("{\"id\": %lld, \"error\": {\"code\": -32000, \"message\": \"%s\"}}",
                            (long long)id, message);
    peer_say_text(p, text);
    free(text);
}

static inline void peer_tell(struct peer *p, const char *session, const char *method,
                             const char *params)
{
    char *text = mem_printf("{\"method\": \"%s\", \"sessionId\": \"%s\", \"params\": %s}", method,
                            session, params);
    peer_say_text(p, text);
    free(text);
}

#endif
