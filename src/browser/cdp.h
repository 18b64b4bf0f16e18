/* A conversation with a browser in the DevTools protocol, over one websocket or over the pipe of a
 * browser that slated started. Commands go out, each with its own time; answers, events and the end
 * come back through callbacks. Knows no page. */
/* SPDX-License-Identifier: ISC */
#ifndef BROWSER_CDP_H
#define BROWSER_CDP_H

#include <stdint.h>

#include <cjson/cJSON.h>

#include "carriers/websocket.h"
#include "loop/loop.h"

struct cdp;

/* An answer: result (borrowed, NULL with error) or error (borrowed, a sentence). */
typedef void cdp_answered(void *ctx, const cJSON *result, const char *error);
/* An event of the session (NULL or "": of the browser itself); params borrowed. */
typedef void cdp_event(void *ctx, const char *session, const char *method, const cJSON *params);
/* The conversation is over; every command was answered with an error before. */
typedef void cdp_ended(void *ctx, const char *why);

struct cdp_ears {
    void (*opened)(void *ctx);
    cdp_event *event;
    cdp_ended *ended;
    void *ctx;
    size_t max_len; /* of one message over the pipe; a longer one ends it; 0: 256 MiB. Over a socket
                       the wish says it */
};

/* Begins one over a websocket: borrows sockets until cdp_destroy. NULL with the reason. */
struct cdp *cdp_connect(struct websockets *sockets, const struct websocket_wish *wish,
                        const struct cdp_ears *ears, struct err *e);

/* Begins one over two descriptors, which it owns from now on: messages end with a NUL. Open at
 * once. */
struct cdp *cdp_pipe(struct loop *loop, int takes_read_fd, int takes_write_fd,
                     const struct cdp_ears *ears);

/* Ends it without a word to anybody; safe inside a callback of another cdp only. NULL is fine. */
void cdp_destroy(struct cdp *c);

/* Sends a command; session NULL speaks with the browser itself. answered (may be NULL) is called
 * exactly once: with the answer, after timeout_ms, or when the conversation ends; never inside
 * cdp_send. takes_params may be NULL. */
void cdp_send(struct cdp *c, const char *session, const char *method, cJSON *takes_params,
              int timeout_ms, int64_t now_ms, cdp_answered *answered, void *ctx);

/* No command of ctx is answered any more; or another hears the answers to them. */
void cdp_forget(struct cdp *c, const void *ctx);
void cdp_hand_over(struct cdp *c, const void *ctx, cdp_answered *answered, void *new_ctx);

/* Nothing is under way: every command was answered or given up. */
bool cdp_rests(const struct cdp *c);

/* Gives up on commands whose time is over; tells of an end. Answers the next deadline (INT64_MAX
 * none). After ended was called only cdp_destroy is left. */
int64_t cdp_turn(struct cdp *c, int64_t now_ms);

#endif
