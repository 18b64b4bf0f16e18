/* Requests for the worker program come in, its answers go out; between them lie processes on socket
 * pairs, one request each at a time. Never looks into a picture, never retries.
 *
 *   (none) --ask--> BUSY --answer line--> IDLE --ask--> BUSY
 *                    |  `--late, dead, nonsense--> (none), with a response that says so
 *                    `--cancel--> (none)   IDLE --idle for a while, speaks unasked--> (none) */
/* SPDX-License-Identifier: ISC */
#include "carriers/workers.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/mem.h"
#include "loop/child.h"

#define IDLE_MS    10000              /* a process without work is ended after so long */
#define ANSWER_CAP (16 * 1024 * 1024) /* the listing of a folder of 5,000 files is about 2 MiB */
#define NICE_BY    5 /* picture work yields to the daemon, so that a drop is taken at once */

struct slot {
    pid_t pid; /* 0: no process */
    int fd;
    bool busy;
    int64_t id, started_ms, deadline_ms, idle_since_ms;
    struct buf out; /* not written yet */
    size_t out_at;
    struct buf in; /* read so far of the answer line */
};

struct workers {
    struct loop *loop;
    char *program;
    struct slot *slots;
    int count;
    struct response *done; /* finished, not taken yet */
    size_t done_n;
};

static void slot_ready(void *ctx, int fd, short revents);

struct workers *workers_create(struct loop *loop, const char *program, int count)
{
    struct workers *w = mem_alloc(sizeof(*w));
    w->loop = loop;
    w->program = mem_dup(program);
    w->count = count;
    w->slots = mem_alloc((size_t)count * sizeof(*w->slots));
    return w;
}

static void slot_end(struct workers *w, struct slot *s)
{
    if (!s->pid)
        return;
    loop_remove(w->loop, s->fd);
    close(s->fd);
    child_kill(s->pid);
    buf_finish(&s->out);
    buf_finish(&s->in);
    memset(s, 0, sizeof(*s));
}

void workers_destroy(struct workers *w)
{
    if (!w)
        return;
    for (int i = 0; i < w->count; i++)
        slot_end(w, &w->slots[i]);
    for (size_t i = 0; i < w->done_n; i++)
        response_finish(&w->done[i]);
    free(w->done);
    free(w->slots);
    free(w->program);
    free(w);
}

int workers_busy(const struct workers *w)
{
    int n = 0;
    for (int i = 0; i < w->count; i++)
        n += w->slots[i].busy;
    return n;
}

int workers_free(const struct workers *w)
{
    return w->count - workers_busy(w);
}

/* --- responses --- */

static struct response *response_add(struct workers *w, int64_t id, enum response_kind kind)
{
    w->done = mem_grow(w->done, w->done_n + 1, sizeof(*w->done));
    struct response *r = &w->done[w->done_n++];
    memset(r, 0, sizeof(*r));
    r->id = id;
    r->kind = kind;
    return r;
}

static void slot_fail(struct workers *w, struct slot *s, enum response_kind kind, char *takes_error)
{
    struct response *r = response_add(w, s->id, kind);
    r->error = takes_error;
    r->took_ms = clock_mono_ms() - s->started_ms;
    slot_end(w, s);
}

static void slot_answer(struct workers *w, struct slot *s)
{
    cJSON *body = cJSON_ParseWithLength(s->in.data, s->in.len);
    if (!cJSON_IsObject(body) || json_int(body, "id", -1) != s->id) {
        cJSON_Delete(body);
        slot_fail(w, s, RESPONSE_BROKEN,
                  mem_dup("the worker answered with something that is no answer"));
        return;
    }
    struct response *r = response_add(w, s->id, RESPONSE_ANSWERED);
    r->body = body;
    r->took_ms = clock_mono_ms() - s->started_ms;
    s->busy = false;
    s->idle_since_ms = clock_mono_ms();
    buf_reset(&s->in);
}

bool workers_take(struct workers *w, struct response *ret_response)
{
    if (w->done_n == 0)
        return false;
    *ret_response = w->done[0];
    memmove(w->done, w->done + 1, --w->done_n * sizeof(*w->done));
    return true;
}

/* --- the wire --- */

static void slot_died(struct workers *w, struct slot *s)
{
    if (s->busy)
        slot_fail(w, s, RESPONSE_DIED, mem_dup("the worker's process died over it"));
    else
        slot_end(w, s);
}

static void slot_write(struct workers *w, struct slot *s)
{
    while (s->out_at < s->out.len) {
        ssize_t n = send(s->fd, s->out.data + s->out_at, s->out.len - s->out_at, MSG_NOSIGNAL);
        if (n < 0 && (errno == EAGAIN || errno == EINTR))
            break;
        if (n < 0) {
            slot_died(w, s);
            return;
        }
        s->out_at += (size_t)n;
    }
    bool all = s->out_at == s->out.len;
    loop_set(w->loop, s->fd, (short)(POLLIN | (all ? 0 : POLLOUT)), slot_ready, w);
}

static void slot_read(struct workers *w, struct slot *s)
{
    char piece[65536];
    ssize_t n = recv(s->fd, piece, sizeof(piece), 0);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (n <= 0) {
        slot_died(w, s);
        return;
    }
    if (!s->busy) { /* nobody asked it: what it says is of no request, and it is not trusted */
        slot_end(w, s);
        return;
    }
    buf_add(&s->in, piece, (size_t)n);
    if (s->in.full)
        slot_fail(w, s, RESPONSE_BROKEN, mem_dup("the worker's answer is longer than allowed"));
    else if (s->in.data[s->in.len - 1] == '\n')
        slot_answer(w, s);
}

static void slot_ready(void *ctx, int fd, short revents)
{
    struct workers *w = ctx;
    for (int i = 0; i < w->count; i++) {
        struct slot *s = &w->slots[i];
        if (!s->pid || s->fd != fd)
            continue;
        if (revents & POLLOUT)
            slot_write(w, s);
        if (s->pid && revents & (POLLIN | POLLHUP | POLLERR))
            slot_read(w, s);
        return;
    }
}

static int slot_start(struct workers *w, struct slot *s, struct err *e)
{
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) < 0)
        return err_sys(e, ERR_CHILD, errno, "cannot make a socket for a worker");
    for (int i = 0; i < 2; i++)
        fcntl(pair[i], F_SETFD, FD_CLOEXEC);
    fcntl(pair[0], F_SETFL, O_NONBLOCK);
    const char *argv[] = {w->program, NULL};
    int rc = child_start(argv, pair[1], NICE_BY, &s->pid, e);
    close(pair[1]);
    if (rc) {
        close(pair[0]);
        s->pid = 0;
        return rc;
    }
    s->fd = pair[0];
    buf_init(&s->out, ANSWER_CAP);
    buf_init(&s->in, ANSWER_CAP);
    return 0;
}

/* A process that idles, else an empty slot. */
static struct slot *slot_choose(struct workers *w)
{
    struct slot *empty = NULL;
    for (int i = 0; i < w->count; i++) {
        struct slot *s = &w->slots[i];
        if (s->pid && !s->busy)
            return s;
        if (!s->pid && !empty)
            empty = s;
    }
    return empty;
}

void workers_ask(struct workers *w, struct request *takes_request, int64_t now_ms)
{
    struct slot *s = slot_choose(w);
    if (!s)
        bug("workers_ask: every worker is busy");
    struct err e = {0};
    s->id = takes_request->id;
    s->started_ms = now_ms;
    if (!s->pid && slot_start(w, s, &e)) {
        struct response *r = response_add(w, takes_request->id, RESPONSE_UNSENT);
        r->error = mem_dup(e.text);
        request_finish(takes_request);
        return;
    }
    s->busy = true;
    s->deadline_ms = now_ms + takes_request->timeout_ms;
    cJSON_AddNumberToObject(takes_request->line, "id", (double)takes_request->id);
    char *text = json_compact(takes_request->line);
    buf_reset(&s->out);
    s->out_at = 0;
    buf_text(&s->out, text);
    buf_add(&s->out, "\n", 1);
    free(text);
    request_finish(takes_request);
    if (s->out.full)
        slot_fail(w, s, RESPONSE_UNSENT, mem_dup("it is more than a worker can be asked at once"));
    else
        slot_write(w, s);
}

void workers_cancel(struct workers *w, int64_t id)
{
    for (int i = 0; i < w->count; i++)
        if (w->slots[i].busy && w->slots[i].id == id)
            slot_end(w, &w->slots[i]);
}

static int64_t slot_turn(struct workers *w, struct slot *s, int64_t now_ms)
{
    if (!s->pid)
        return INT64_MAX;
    int64_t due = s->busy ? s->deadline_ms : s->idle_since_ms + IDLE_MS;
    if (due > now_ms)
        return due;
    if (s->busy)
        slot_fail(w, s, RESPONSE_LATE,
                  mem_printf("it took longer than the %lld s allowed and was stopped",
                             (long long)(s->deadline_ms - s->started_ms) / 1000));
    else
        slot_end(w, s);
    return INT64_MAX;
}

int64_t workers_turn(struct workers *w, int64_t now_ms)
{
    int64_t next = INT64_MAX;
    for (int i = 0; i < w->count; i++) {
        int64_t due = slot_turn(w, &w->slots[i], now_ms);
        if (due < next)
            next = due;
    }
    return w->done_n ? now_ms : next;
}
