/* Engines that tell how far they are, over a websocket: one socket a server, open while something
 * is at work there. Best effort beside the asking: what is lost is not missed. */
/* SPDX-License-Identifier: ISC */
#include "engine/flight.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"
#include "carriers/websocket.h"

#define AGAIN_MS    5000 /* after a socket was closed */
#define MESSAGE_MAX (64 << 20)

struct listener {
    char *engine, *url;
    bool anywhere;
    int64_t socket; /* 0: closed */
    int64_t not_before_ms;
    int users; /* flights at work there */
};

/* --- hearing --- */

static void told(struct engine *en, const char *engine, const char *text)
{
    char *id = NULL;
    int percent = 0;
    if (!provider_heard(en->rules, engine, text, &id, &percent))
        return;
    for (size_t i = 0; i < en->flights_n; i++) {
        struct flight *f = en->flights[i];
        if (f->listener && str_eq(f->remote, id)) {
            free(f->said);
            f->said = mem_printf("%d %%", percent);
        }
    }
    free(id);
}

static void heard(void *ctx, int64_t id, enum websocket_news news, bool binary, char *takes_bytes,
                  size_t len)
{
    struct engine *en = ctx;
    (void)len;
    for (size_t i = 0; i < en->listeners_n; i++) {
        struct listener *l = en->listeners[i];
        if (l->socket != id)
            continue;
        if (news == WEBSOCKET_MESSAGE && !binary)
            told(en, l->engine, takes_bytes);
        if (news == WEBSOCKET_CLOSED) {
            log_line(LOG_DEBUG, "listen", "engine=%s why=%s", l->engine,
                     log_quote(takes_bytes ? takes_bytes : ""));
            l->socket = 0;
            l->not_before_ms = en->now_ms + AGAIN_MS;
        }
    }
    free(takes_bytes);
}

/* --- sockets --- */

static void open_socket(struct engine *en, struct listener *l)
{
    struct err e = {0};
    struct websocket_wish wish = {
        .url = l->url, .anywhere = l->anywhere, .max_len = MESSAGE_MAX, .silence_s = 60};
    int64_t id = websocket_open(en->sockets, &wish, heard, en, &e);
    l->socket = id > 0 ? id : 0;
    if (id <= 0) {
        log_line(LOG_DEBUG, "listen", "engine=%s why=%s", l->engine, log_quote(e.text));
        l->not_before_ms = en->now_ms + AGAIN_MS;
    }
}

static struct listener *find(struct engine *en, const char *engine, char *takes_url, bool anywhere)
{
    for (size_t i = 0; i < en->listeners_n; i++)
        if (str_eq(en->listeners[i]->url, takes_url)) {
            free(takes_url);
            return en->listeners[i];
        }
    struct listener *l = mem_alloc(sizeof(*l));
    l->engine = mem_dup(engine);
    l->url = takes_url;
    l->anywhere = anywhere;
    en->listeners = mem_grow(en->listeners, en->listeners_n + 1, sizeof(*en->listeners));
    return en->listeners[en->listeners_n++] = l;
}

void listen_on(struct engine *en, struct flight *f)
{
    struct ask ask = flight_ask(en, f);
    bool anywhere = false;
    if (!f->listener) {
        char *url = provider_listen_url(&ask, &anywhere);
        if (!url)
            return;
        f->listener = find(en, f->job.engine, url, anywhere);
        f->listener->users++;
    }
    if (!f->listener->socket && en->now_ms >= f->listener->not_before_ms)
        open_socket(en, f->listener);
}

static void listener_free(struct listener *l)
{
    free(l->engine);
    free(l->url);
    free(l);
}

void listen_off(struct engine *en, struct flight *f)
{
    struct listener *l = f->listener;
    f->listener = NULL;
    if (!l || --l->users > 0)
        return;
    if (l->socket)
        websocket_close(en->sockets, l->socket);
    for (size_t i = 0; i < en->listeners_n; i++)
        if (en->listeners[i] == l)
            en->listeners[i] = en->listeners[--en->listeners_n];
    listener_free(l);
}

void listen_finish(struct engine *en)
{
    for (size_t i = 0; i < en->listeners_n; i++)
        listener_free(en->listeners[i]);
    free(en->listeners);
}

/* --- which server --- */

/* Which of the engine's servers a job has, from 0; -1 when it has one alone. */
static int server_of(const struct flight *f)
{
    cJSON *memo = f->job.memo ? cJSON_Parse(f->job.memo) : NULL;
    int at = (int)json_int(memo, "base", f->server - 1);
    cJSON_Delete(memo);
    return at;
}

void listen_pick_server(struct engine *en, struct flight *f)
{
    const cJSON *file = json_get(rules_kind(en->rules, "providers"), f->job.engine);
    const cJSON *bases = json_get(file, "base");
    int n = cJSON_IsArray(bases) ? cJSON_GetArraySize(bases) : 0, best = 0;
    if (n < 2 || f->job.memo)
        return; /* it goes on where it began */
    int *busy = mem_alloc((size_t)n * sizeof(*busy));
    for (size_t i = 0; i < en->flights_n; i++) {
        int at = en->flights[i] != f && str_eq(en->flights[i]->job.engine, f->job.engine)
                     ? server_of(en->flights[i])
                     : -1;
        if (at >= 0 && at < n)
            busy[at]++;
    }
    int first = (int)(en->server_turn++ % (unsigned)n); /* in turn, when all are as busy */
    best = first;
    for (int i = 1; i < n; i++)
        if (busy[(first + i) % n] < busy[best])
            best = (first + i) % n;
    f->server = best + 1;
    free(busy);
}
