/* Lines come in on a descriptor, each is one request; its answer goes back on the same descriptor.
 * Keeps nothing from one request to the next and never writes to stdout. */
/* SPDX-License-Identifier: ISC */
#include "worker/worker.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "worker/measure.h"
#include "worker/protocol.h"
#include "worker/table.h"

/* A runaway decoder ends here even when nobody is watching; the soft limit counts from what was
 * used before. */
static void limit_cpu(int seconds)
{
    struct rusage used;
    struct rlimit limit;
    if (getrusage(RUSAGE_SELF, &used) != 0 || getrlimit(RLIMIT_CPU, &limit) != 0)
        return;
    rlim_t sum = (rlim_t)(used.ru_utime.tv_sec + used.ru_stime.tv_sec + 1 + seconds);
    limit.rlim_cur = limit.rlim_max == RLIM_INFINITY || sum < limit.rlim_max ? sum : limit.rlim_max;
    (void)setrlimit(RLIMIT_CPU, &limit);
}

static int measure_all(const struct op_request *request, struct made *made, struct err *e)
{
    for (int i = 0; i < request->out_n; i++) {
        made[i].role = request->out[i].name;
        made[i].path = request->out[i].path;
        int r = measure_file(made[i].path, &made[i], e);
        if (r)
            return r;
    }
    return 0;
}

static int run(const struct op_request *request, struct made *made, cJSON *facts, struct err *e)
{
    op_function *function = table_find(request->op);
    int r = function
                ? function(request, facts, e)
                : err_set(e, ERR_UNSUPPORTED, "there is no operation named \"%.60s\"", request->op);
    if (r == 0)
        r = measure_all(request, made, e);
    for (int i = 0; r && i < request->out_n; i++)
        (void)unlink(request->out[i].path); /* may never have been made */
    return r;
}

char *worker_answer(const char *line, size_t len)
{
    struct asked asked = {.id = -1};
    struct made made[PROTOCOL_OUT_MAX] = {0};
    struct err e = {0};
    cJSON *facts = cJSON_CreateObject();
    int r = protocol_parse(line, len, &asked, &e);
    if (r == 0) {
        limit_cpu(asked.cpu_s);
        r = run(&asked.request, made, facts, &e);
    }
    char *answer = r ? protocol_failed(asked.id, &e)
                     : protocol_done(asked.id, made, asked.request.out_n, facts);
    cJSON_Delete(facts);
    asked_finish(&asked);
    return answer;
}

static bool answer_line(int fd, const char *line, size_t len)
{
    char *answer = worker_answer(line, len);
    bool sent = file_put(fd, answer, strlen(answer));
    free(answer);
    return sent;
}

/* Bytes of an unfinished line. One longer than the ceiling is answered as refused and its rest is
 * skipped. */
struct line {
    char *bytes;
    size_t len, room;
    bool skipping;
};

static void line_add(struct line *l, const char *bytes, size_t len)
{
    if (l->len + len > PROTOCOL_LINE_MAX) {
        l->skipping = true;
        l->len = 0;
    }
    if (l->skipping)
        return;
    if (l->len + len > l->room) {
        l->room = 2 * (l->len + len);
        l->bytes = mem_grow(l->bytes, l->room, 1);
    }
    memcpy(l->bytes + l->len, bytes, len);
    l->len += len;
}

static bool line_end(int fd, struct line *l)
{
    bool sent = true;
    if (l->skipping) {
        struct err e = {0};
        err_set(&e, ERR_LIMIT, "the request is longer than %d bytes", PROTOCOL_LINE_MAX);
        char *answer = protocol_failed(-1, &e);
        sent = file_put(fd, answer, strlen(answer));
        free(answer);
    } else if (l->len) {
        sent = answer_line(fd, l->bytes, l->len);
    }
    l->len = 0;
    l->skipping = false;
    return sent;
}

/* Every whole line of what was just read; the rest is kept for the next read. */
static bool take(int fd, struct line *l, const char *bytes, size_t len)
{
    const char *end;
    while ((end = memchr(bytes, '\n', len))) {
        line_add(l, bytes, (size_t)(end - bytes));
        if (!line_end(fd, l))
            return false;
        len -= (size_t)(end + 1 - bytes);
        bytes = end + 1;
    }
    line_add(l, bytes, len);
    return true;
}

int worker_serve(int fd)
{
    char *bytes = mem_alloc(65536);
    struct line line = {0};
    ssize_t n;
    bool ok = true;
    do {
        n = read(fd, bytes, 65536);
        if (n > 0)
            ok = take(fd, &line, bytes, (size_t)n);
    } while (ok && (n > 0 || (n < 0 && errno == EINTR)));
    free(line.bytes);
    free(bytes);
    return ok && n == 0 ? 0 : 1;
}
