/* Commands become numbered messages, messages become answers and events. Keeps what is under way
 * and nothing else; a message that is not JSON ends the conversation. */
/* SPDX-License-Identifier: ISC */
#include "browser/cdp.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"

#define MESSAGE_MAX ((size_t)256 << 20)
#define READ_PIECE  262144
#define KEEP_ROOM   ((size_t)4 << 20) /* of a buffer that a large message has made large */

struct command {
    struct command *next;
    int64_t id, deadline_ms;
    int timeout_ms;
    char *method;
    cdp_answered *answered;
    void *ctx;
};

struct cdp {
    struct websockets *sockets; /* NULL: the pipe */
    int64_t socket;
    struct loop *loop;
    int in, out; /* -1 with a socket */
    struct buf reading, writing;
    size_t written; /* of writing */
    struct cdp_ears ears;
    struct command *list;
    int64_t last_id;
    char *why; /* it is over; told by the next turn */
    bool told;
};

static void cdp_end(struct cdp *c, const char *why)
{
    if (!c->why)
        c->why = mem_dup(why);
}

/* --- what comes --- */

static struct command *take_command(struct cdp *c, int64_t id)
{
    for (struct command **at = &c->list; *at; at = &(*at)->next)
        if ((*at)->id == id) {
            struct command *found = *at;
            *at = found->next;
            return found;
        }
    return NULL;
}

static void command_answer(struct command *takes_command, const cJSON *result, const char *error)
{
    if (takes_command->answered)
        takes_command->answered(takes_command->ctx, result, error);
    free(takes_command->method);
    free(takes_command);
}

static void hear_answer(struct cdp *c, const cJSON *message)
{
    struct command *command = take_command(c, json_int(message, "id", 0));
    const cJSON *error = json_get(message, "error");
    char *words = NULL;
    if (!command)
        return;
    if (error)
        words = mem_printf("%s: %s%s%s", command->method, json_str(error, "message", "refused"),
                           json_get(error, "data") ? ": " : "", json_str(error, "data", ""));
    command_answer(command, error ? NULL : json_get(message, "result"), words);
    free(words);
}

static void cdp_hear(struct cdp *c, const char *bytes, size_t len)
{
    cJSON *message = cJSON_ParseWithLength(bytes, len);
    if (!message)
        cdp_end(c, "the browser said something that is not JSON");
    else if (json_get(message, "id"))
        hear_answer(c, message);
    else
        c->ears.event(c->ears.ctx, json_str(message, "sessionId", ""),
                      json_str(message, "method", ""), json_get(message, "params"));
    cJSON_Delete(message);
}

static void on_socket(void *ctx, int64_t id, enum websocket_news news, bool binary,
                      char *takes_bytes, size_t len)
{
    struct cdp *c = ctx;
    (void)id;
    (void)binary;
    if (news == WEBSOCKET_OPENED)
        c->ears.opened(c->ears.ctx);
    else if (news == WEBSOCKET_MESSAGE)
        cdp_hear(c, takes_bytes, len);
    else {
        c->socket = 0;
        cdp_end(c, takes_bytes);
    }
    free(takes_bytes);
}

/* --- the pipe --- */

/* A large message does not stay in memory as an empty buffer. */
static void buf_relax(struct buf *b)
{
    size_t cap = b->cap;
    if (b->len || b->room <= KEEP_ROOM)
        return;
    buf_finish(b);
    buf_init(b, cap);
}

static void pipe_too_long(struct cdp *c)
{
    char *why =
        mem_printf("the browser sent a message of more than the %zu bytes allowed", c->reading.cap);
    cdp_end(c, why);
    free(why);
}

/* Messages end with a NUL; one that has not ended waits for its rest. */
static void pipe_hear(struct cdp *c, const char *piece, size_t len)
{
    while (len && !c->why) {
        const char *nul = memchr(piece, 0, len);
        size_t part = nul ? (size_t)(nul - piece) : len;
        buf_add(&c->reading, piece, part);
        if (c->reading.full)
            pipe_too_long(c);
        if (!nul || c->why)
            return;
        cdp_hear(c, c->reading.data, c->reading.len);
        buf_reset(&c->reading);
        buf_relax(&c->reading);
        piece = nul + 1;
        len -= part + 1;
    }
}

static void pipe_read(struct cdp *c)
{
    static char piece[READ_PIECE];
    ssize_t n = 1;
    while (!c->why && (n = read(c->in, piece, sizeof(piece))) > 0)
        pipe_hear(c, piece, (size_t)n);
    if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
        cdp_end(c, "the browser has ended");
}

static void on_pipe(void *ctx, int fd, short revents);

static void pipe_write(struct cdp *c)
{
    while (c->written < c->writing.len) {
        ssize_t n = write(c->out, c->writing.data + c->written, c->writing.len - c->written);
        if (n < 0 && (errno == EAGAIN || errno == EINTR))
            break;
        if (n < 0) {
            cdp_end(c, "the browser has ended");
            break;
        }
        c->written += (size_t)n;
    }
    if (c->written < c->writing.len && !c->why) {
        loop_set(c->loop, c->out, POLLOUT, on_pipe, c);
        return;
    }
    loop_remove(c->loop, c->out);
    buf_reset(&c->writing);
    buf_relax(&c->writing);
    c->written = 0;
}

static void on_pipe(void *ctx, int fd, short revents)
{
    struct cdp *c = ctx;
    (void)revents;
    if (fd == c->out)
        pipe_write(c);
    else
        pipe_read(c);
    if (c->why)
        loop_remove(c->loop, fd);
}

/* --- beginning and end --- */

static struct cdp *cdp_new(const struct cdp_ears *ears)
{
    struct cdp *c = mem_alloc(sizeof(*c));
    c->ears = *ears;
    c->in = c->out = -1;
    return c;
}

struct cdp *cdp_connect(struct websockets *sockets, const struct websocket_wish *wish,
                        const struct cdp_ears *ears, struct err *e)
{
    struct cdp *c = cdp_new(ears);
    c->sockets = sockets;
    c->socket = websocket_open(sockets, wish, on_socket, c, e);
    if (c->socket < 0) {
        free(c);
        return NULL;
    }
    return c;
}

struct cdp *cdp_pipe(struct loop *loop, int takes_read_fd, int takes_write_fd,
                     const struct cdp_ears *ears)
{
    struct cdp *c = cdp_new(ears);
    c->loop = loop;
    c->in = takes_read_fd;
    c->out = takes_write_fd;
    buf_init(&c->reading, ears->max_len ? ears->max_len : MESSAGE_MAX);
    buf_init(&c->writing, MESSAGE_MAX);
    fcntl(c->in, F_SETFL, O_NONBLOCK);
    fcntl(c->out, F_SETFL, O_NONBLOCK);
    loop_set(loop, c->in, POLLIN, on_pipe, c);
    return c;
}

void cdp_destroy(struct cdp *c)
{
    if (!c)
        return;
    if (c->sockets && c->socket)
        websocket_close(c->sockets, c->socket);
    if (!c->sockets) {
        loop_remove(c->loop, c->in);
        loop_remove(c->loop, c->out);
        close(c->in);
        close(c->out);
    }
    while (c->list) {
        struct command *command = c->list;
        c->list = command->next;
        free(command->method);
        free(command);
    }
    buf_finish(&c->reading);
    buf_finish(&c->writing);
    free(c->why);
    free(c);
}

/* --- commands --- */

void cdp_send(struct cdp *c, const char *session, const char *method, cJSON *takes_params,
              int timeout_ms, int64_t now_ms, cdp_answered *answered, void *ctx)
{
    struct command *command = mem_alloc(sizeof(*command));
    *command = (struct command){.next = c->list,
                                .id = ++c->last_id,
                                .deadline_ms = now_ms + timeout_ms,
                                .timeout_ms = timeout_ms,
                                .method = mem_dup(method),
                                .answered = answered,
                                .ctx = ctx};
    c->list = command;
    cJSON *message = cJSON_CreateObject();
    json_set_num(message, "id", (double)command->id);
    json_set_str(message, "method", method);
    if (takes_params)
        json_set(message, "params", takes_params);
    if (session && *session)
        json_set_str(message, "sessionId", session);
    char *text = json_compact(message);
    cJSON_Delete(message);
    if (c->sockets)
        websocket_send(c->sockets, c->socket, text, strlen(text));
    else {
        buf_add(&c->writing, text, strlen(text) + 1);
        pipe_write(c);
    }
    free(text);
}

void cdp_forget(struct cdp *c, const void *ctx)
{
    for (struct command *command = c ? c->list : NULL; command; command = command->next)
        if (command->ctx == ctx)
            command->answered = NULL;
}

void cdp_hand_over(struct cdp *c, const void *ctx, cdp_answered *answered, void *new_ctx)
{
    for (struct command *command = c->list; command; command = command->next)
        if (command->ctx == ctx) {
            command->answered = answered;
            command->ctx = new_ctx;
        }
}

bool cdp_rests(const struct cdp *c)
{
    return c->list == NULL;
}

static struct command *late_command(struct cdp *c, int64_t now_ms)
{
    for (struct command *command = c->list; command; command = command->next)
        if (command->deadline_ms <= now_ms)
            return take_command(c, command->id);
    return NULL;
}

int64_t cdp_turn(struct cdp *c, int64_t now_ms)
{
    struct command *command;
    while ((command = late_command(c, now_ms))) {
        char *words =
            mem_printf("%s: no answer within %d ms", command->method, command->timeout_ms);
        command_answer(command, NULL, words);
        free(words);
    }
    if (c->why && !c->told) {
        c->told = true;
        while (c->list)
            command_answer(take_command(c, c->list->id), NULL, c->why);
        c->ears.ended(c->ears.ctx, c->why);
        return INT64_MAX;
    }
    int64_t next = INT64_MAX;
    for (command = c->list; command; command = command->next)
        if (command->deadline_ms < next)
            next = command->deadline_ms;
    return next;
}
