/* What is left of a paid job when nothing is kept: the same five requests through libcurl, submit
 * on a fresh connection, the picture streamed into a file, digested on the way, synced, renamed. No
 * store, no plan, no document. Prints what it took as JSON, like peer_aiohttp.py.
 * Usage: bench_floor URL JOBS AT_ONCE FOLDER */
/* SPDX-License-Identifier: ISC */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/digest.h"
#include "base/err.h"
#include "base/file.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"
#include "carriers/libcurl.h"

#define EVENTS_MAX  256
#define BUFFER_LEN  16384L
#define IDLE_MOST   4096L
#define FILES_MOST  16384
#define ANSWER_MOST 65536

enum step { SUBMIT, POLL, RESULT, PICTURE };

struct job {
    int n;
    enum step step;
    CURL *easy;
    struct buf answer;
    char url[256], body[128], id[64], part[512], path[512];
    int fd;
    struct digest *digest;
};

struct floor {
    const struct libcurl *curl;
    CURLM *multi;
    struct curl_slist *json;
    const char *url, *folder;
    int jobs, begun, ended, epoll;
    int64_t timer_ms;
};

/* --- what curl calls --- */

static size_t on_body(char *bytes, size_t width, size_t count, void *ctx)
{
    struct job *j = ctx;
    size_t len = width * count;
    if (j->step != PICTURE) {
        buf_add(&j->answer, bytes, len);
        return len;
    }
    digest_add(j->digest, bytes, len);
    return file_put(j->fd, bytes, len) ? len : 0;
}

static int on_socket(CURL *easy, curl_socket_t fd, int what, void *ctx, void *known)
{
    struct floor *f = ctx;
    struct epoll_event event = {.data.fd = fd};
    (void)easy;
    if (what == CURL_POLL_REMOVE) {
        (void)epoll_ctl(f->epoll, EPOLL_CTL_DEL, fd, NULL); /* a closed one has left by itself */
        return 0;
    }
    event.events = (what & CURL_POLL_IN ? EPOLLIN : 0) | (what & CURL_POLL_OUT ? EPOLLOUT : 0);
    if (epoll_ctl(f->epoll, known ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, fd, &event))
        bug("a socket cannot be waited for");
    f->curl->curl_multi_assign(f->multi, fd, f);
    return 0;
}

static int on_timer(CURLM *multi, long timeout_ms, void *ctx)
{
    struct floor *f = ctx;
    (void)multi;
    f->timer_ms = timeout_ms < 0 ? INT64_MAX : clock_mono_ms() + timeout_ms;
    return 0;
}

/* --- one job --- */

static void ask(struct floor *f, struct job *j, enum step step)
{
    const struct libcurl *curl = f->curl;
    bool submit = step == SUBMIT;
    j->step = step;
    buf_reset(&j->answer);
    curl->curl_easy_setopt(j->easy, CURLOPT_URL, j->url);
    curl->curl_easy_setopt(j->easy, CURLOPT_FRESH_CONNECT, submit ? 1L : 0L);
    if (submit) {
        curl->curl_easy_setopt(j->easy, CURLOPT_HTTPHEADER, f->json);
        curl->curl_easy_setopt(j->easy, CURLOPT_POSTFIELDS, j->body);
    } else {
        curl->curl_easy_setopt(j->easy, CURLOPT_HTTPHEADER, NULL);
        curl->curl_easy_setopt(j->easy, CURLOPT_HTTPGET, 1L);
    }
    if (curl->curl_multi_add_handle(f->multi, j->easy) != CURLM_OK)
        bug("libcurl does not take a request");
}

static void begin(struct floor *f, struct job *j)
{
    j->n = f->begun++;
    str_format(j->url, sizeof j->url, "%s/submit", f->url);
    str_format(j->body, sizeof j->body, "{\"prompt\":\"a harbour at dawn, number %d\",\"seed\":%d}",
               j->n, j->n);
    ask(f, j, SUBMIT);
}

static void open_picture(struct floor *f, struct job *j)
{
    str_format(j->part, sizeof j->part, "%s/.%d.part", f->folder, j->n);
    str_format(j->path, sizeof j->path, "%s/%d.png", f->folder, j->n);
    j->fd = open(j->part, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (j->fd < 0)
        bug("%s cannot be written", j->part);
    j->digest = digest_begin();
}

static void close_picture(struct job *j)
{
    char hex[DIGEST_LEN];
    digest_end(j->digest, hex);
    if (fsync(j->fd) || close(j->fd) || rename(j->part, j->path))
        bug("%s cannot be kept", j->path);
}

/* The answer is there: what is asked next. */
static void go_on(struct floor *f, struct job *j)
{
    cJSON *said = j->step == PICTURE ? NULL : cJSON_Parse(j->answer.data);
    if (j->step == PICTURE) {
        close_picture(j);
        f->ended++;
        if (f->begun < f->jobs)
            begin(f, j);
        return;
    }
    if (j->step == SUBMIT)
        str_format(j->id, sizeof j->id, "%s", json_str(said, "id", ""));
    if (j->step == SUBMIT || (j->step == POLL && !json_bool(said, "done", false))) {
        str_format(j->url, sizeof j->url, "%s/status/%s", f->url, j->id);
        ask(f, j, POLL);
    } else if (j->step == POLL) {
        str_format(j->url, sizeof j->url, "%s/result/%s", f->url, j->id);
        ask(f, j, RESULT);
    } else {
        str_format(j->url, sizeof j->url, "%s", json_str(said, "url", ""));
        open_picture(f, j);
        ask(f, j, PICTURE);
    }
    cJSON_Delete(said);
}

static void job_open(struct floor *f, struct job *j)
{
    const struct libcurl *curl = f->curl;
    buf_init(&j->answer, ANSWER_MOST);
    j->easy = curl->curl_easy_init();
    curl->curl_easy_setopt(j->easy, CURLOPT_NOSIGNAL, 1L);
    curl->curl_easy_setopt(j->easy, CURLOPT_BUFFERSIZE, BUFFER_LEN);
    curl->curl_easy_setopt(j->easy, CURLOPT_WRITEFUNCTION, on_body);
    curl->curl_easy_setopt(j->easy, CURLOPT_WRITEDATA, j);
    curl->curl_easy_setopt(j->easy, CURLOPT_PRIVATE, j);
}

/* --- turning --- */

static void answers(struct floor *f)
{
    CURLMsg *message;
    int left;
    while ((message = f->curl->curl_multi_info_read(f->multi, &left))) {
        struct job *j = NULL;
        CURL *easy = message->easy_handle;
        if (message->data.result != CURLE_OK)
            bug("a request failed: %s", f->curl->curl_easy_strerror(message->data.result));
        f->curl->curl_easy_getinfo(easy, CURLINFO_PRIVATE, &j);
        f->curl->curl_multi_remove_handle(f->multi, easy);
        go_on(f, j);
    }
}

static void turn(struct floor *f)
{
    struct epoll_event events[EVENTS_MAX];
    int64_t left = f->timer_ms - clock_mono_ms();
    int wait_ms = f->timer_ms == INT64_MAX ? -1 : left < 0 ? 0 : (int)left;
    int running, n = epoll_wait(f->epoll, events, EVENTS_MAX, wait_ms);
    if (f->timer_ms <= clock_mono_ms()) {
        f->timer_ms = INT64_MAX;
        f->curl->curl_multi_socket_action(f->multi, CURL_SOCKET_TIMEOUT, 0, &running);
    }
    for (int i = 0; i < n; i++) {
        int bits = (events[i].events & EPOLLIN ? CURL_CSELECT_IN : 0) |
                   (events[i].events & EPOLLOUT ? CURL_CSELECT_OUT : 0) |
                   (events[i].events & (EPOLLERR | EPOLLHUP) ? CURL_CSELECT_ERR : 0);
        f->curl->curl_multi_socket_action(f->multi, events[i].data.fd, bits, &running);
    }
    answers(f);
}

static void floor_open(struct floor *f)
{
    struct err e = {0};
    struct rlimit files = {FILES_MOST, FILES_MOST};
    (void)setrlimit(RLIMIT_NOFILE, &files); /* else fewer at once, which shows */
    f->curl = libcurl_load(&e);
    if (!f->curl || f->curl->curl_global_init(CURL_GLOBAL_DEFAULT))
        bug("libcurl cannot be started: %s", e.text);
    f->multi = f->curl->curl_multi_init();
    f->epoll = epoll_create1(EPOLL_CLOEXEC);
    f->json = f->curl->curl_slist_append(NULL, "Content-Type: application/json");
    f->curl->curl_multi_setopt(f->multi, CURLMOPT_SOCKETFUNCTION, on_socket);
    f->curl->curl_multi_setopt(f->multi, CURLMOPT_SOCKETDATA, f);
    f->curl->curl_multi_setopt(f->multi, CURLMOPT_TIMERFUNCTION, on_timer);
    f->curl->curl_multi_setopt(f->multi, CURLMOPT_TIMERDATA, f);
    f->curl->curl_multi_setopt(f->multi, CURLMOPT_MAXCONNECTS, IDLE_MOST);
}

static double seconds_of(struct timeval t)
{
    return (double)t.tv_sec + (double)t.tv_usec / 1e6;
}

static void run(struct floor *f, int at_once)
{
    struct job *jobs = mem_alloc((size_t)at_once * sizeof *jobs);
    for (int i = 0; i < at_once; i++) {
        job_open(f, &jobs[i]);
        begin(f, &jobs[i]);
    }
    while (f->ended < f->jobs)
        turn(f);
    for (int i = 0; i < at_once; i++) {
        f->curl->curl_easy_cleanup(jobs[i].easy);
        buf_finish(&jobs[i].answer);
    }
    free(jobs);
}

static void say(int64_t took_ms)
{
    struct rusage used;
    getrusage(RUSAGE_SELF, &used);
    double own = seconds_of(used.ru_utime), system = seconds_of(used.ru_stime);
    printf("{\"seconds\": %.3f, \"cpu\": %.4f, \"own\": %.4f, \"system\": %.4f, "
           "\"peak_mb\": %.1f}\n",
           (double)took_ms / 1000, own + system, own, system, (double)used.ru_maxrss / 1024);
}

int main(int argc, char **argv)
{
    if (argc != 5) {
        fprintf(stderr, "usage: bench_floor URL JOBS AT_ONCE FOLDER\n");
        return 2;
    }
    int jobs = (int)strtol(argv[2], NULL, 10), at_once = (int)strtol(argv[3], NULL, 10);
    struct floor f = {.url = argv[1], .folder = argv[4], .jobs = jobs, .timer_ms = INT64_MAX};
    int64_t began_ms = clock_mono_ms();
    floor_open(&f);
    run(&f, at_once < jobs ? at_once : jobs);
    say(clock_mono_ms() - began_ms);
    f.curl->curl_multi_cleanup(f.multi);
    f.curl->curl_slist_free_all(f.json);
    close(f.epoll);
    return 0;
}
