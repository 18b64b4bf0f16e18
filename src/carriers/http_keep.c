/* How many conversations are under way comes in; how many connections are kept for the next ones
 * goes to libcurl. A request that must not be sent twice begins a connection of its own and leaves
 * it behind: without a bound of ours each of them would hold a descriptor until the server lets go.
 */
/* SPDX-License-Identifier: ISC */
#include "base/clock.h"
#include "carriers/http_priv.h"

#define SPARE     8
#define EBB       32    /* ends of requests for which one connection less is kept */
#define NOBODY_MS 60000 /* without a request: then none is kept, and libcurl sleeps */

/* In units of 1/EBB: it follows the number under way up at once, and down slowly, so that the
 * requests of many jobs, which come in waves, find the connections of the wave before. */
static void crest_set(struct http *h, size_t crest)
{
    size_t before = h->crest / EBB;
    h->crest = crest;
    if (crest / EBB != before || !before)
        h->curl->curl_multi_setopt(h->multi, CURLMOPT_MAXCONNECTS, (long)(crest / EBB + SPARE));
}

void http_keep_begin(struct http *h)
{
    size_t under_way = h->transfers.n * EBB;
    h->quiet_ms = INT64_MAX;
    crest_set(h, under_way > h->crest ? under_way : h->crest);
}

void http_keep_end(struct http *h)
{
    size_t under_way = h->transfers.n * EBB;
    if (h->crest > under_way)
        crest_set(h, h->crest - 1);
    if (!h->transfers.n)
        h->quiet_ms = clock_mono_ms() + NOBODY_MS;
}

bool http_sleeps(const struct http *h)
{
    return !h->multi;
}

void http_keep_none(struct http *h)
{
    while (h->spare_n)
        h->curl->curl_easy_cleanup(h->spare[--h->spare_n]);
    h->curl->curl_multi_cleanup(h->multi);
    crowd_destroy(h->crowd);
    h->multi = NULL;
    h->crowd = NULL;
    h->crest = 0;
    h->timer_ms = h->quiet_ms = INT64_MAX;
}
