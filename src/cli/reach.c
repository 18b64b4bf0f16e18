/* A request comes in, its response goes out; the command waits for it, and nothing else goes on. */
/* SPDX-License-Identifier: ISC */
#include "cli/reach.h"

#include "base/clock.h"
#include "carriers/http.h"
#include "loop/loop.h"
#include "secrets/secrets.h"

bool reach_service(struct request *takes_request, int within_ms, struct response *ret_response)
{
    struct loop *loop = loop_create();
    struct http *http = http_create(loop, secrets_get);
    int64_t now = clock_mono_ms(), end = now + within_ms;
    bool came = false;
    takes_request->id = 1;
    http_ask(http, takes_request, now);
    for (; !came && now < end; now = clock_mono_ms()) {
        int64_t next = http_turn(http, now);
        came = http_take(http, ret_response);
        if (!came)
            loop_wait(loop, now, next < end ? next : end);
    }
    http_destroy(http);
    loop_destroy(loop);
    return came;
}
