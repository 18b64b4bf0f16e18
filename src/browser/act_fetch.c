/* Addresses come in, the file of the one that is whole goes out, fetched with the page's own
 * session; of several the first, the longest, or the one with the calmest backdrop. What a picture
 * looks like is told by the page that shows it: no picture is decoded here. */
/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"
#include "browser/act_priv.h"

#define FETCH_MAX  ((int64_t)90 << 20)
#define READ_PIECE 4194304
#define CALM_MAX   ((int64_t)16 << 20) /* of a picture that is looked at */

enum { FETCH_ASK, FETCH_HEAD, FETCH_READ, FETCH_BYTES, FETCH_CALM };

static const char *ending_of(const char *media)
{
    static const char *const words[][2] = {{"image/png", ".png"},   {"image/jpeg", ".jpg"},
                                           {"image/webp", ".webp"}, {"image/gif", ".gif"},
                                           {"video/mp4", ".mp4"},   {"video/webm", ".webm"}};
    for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
        if (str_starts(media, words[i][0]))
            return words[i][1];
    return "";
}

/* The candidate under way: of a list, or the one there is. */
static const char *fetch_from(const struct act *a)
{
    const cJSON *from = json_get(a->what, "from");
    const cJSON *one = cJSON_IsArray(from) ? cJSON_GetArrayItem(from, a->i) : from;
    return cJSON_IsString(one) ? one->valuestring : NULL;
}

/* "pick": all are fetched, and the longest file stays, or the calmest. */
static bool fetch_picks(const struct act *a)
{
    return json_str(a->what, "pick", NULL) != NULL;
}

static bool picks_calm(const struct act *a)
{
    return str_eq(json_str(a->what, "pick", ""), "calmest");
}

static void fetch_picked(struct act *a)
{
    act_done(a, a->best);
    a->best = NULL;
}

/* On to the next; after the last one all of them again, unless one is here. */
static void fetch_next(struct act *a, const char *why, int64_t now_ms)
{
    int n = cJSON_IsArray(json_get(a->what, "from")) ? cJSON_GetArraySize(json_get(a->what, "from"))
                                                     : 1;
    bool round = ++a->i >= n;
    if (round)
        a->i = 0;
    if (round && a->best)
        fetch_picked(a);
    else
        act_again(a, FETCH_ASK, round ? (int)json_num(a->what, "again_after_ms", 1000) : 0, why,
                  now_ms);
}

static void fetch_ask(struct act *a, int64_t now_ms)
{
    const char *from = fetch_from(a);
    if (!from) {
        act_fail(a, "transient", "fetch: there is nothing to fetch");
        return;
    }
    if (str_starts(from, "blob:") || str_starts(from, "data:")) {
        cJSON *url = cJSON_CreateString(from);
        act_call(a, "bytes", url, NULL, now_ms);
        cJSON_Delete(url);
        a->phase = FETCH_BYTES;
        return;
    }
    cJSON *params = cJSON_CreateObject(), *options = cJSON_CreateObject();
    json_set_str(params, "frameId", page_frame(a->page));
    json_set_str(params, "url", from);
    json_set_bool(options, "disableCache", false);
    json_set_bool(options, "includeCredentials", true);
    json_set(params, "options", options);
    act_send(a, "Network.loadNetworkResource", params, now_ms);
    a->phase = FETCH_HEAD;
}

static void set_media(struct act *a, const cJSON *headers)
{
    const cJSON *header;
    free(a->media);
    a->media = NULL;
    cJSON_ArrayForEach(header, headers)
    {
        if (str_eq_nocase(header->string, "content-type") && cJSON_IsString(header) && !a->media)
            a->media = mem_dup(header->valuestring);
    }
}

static void fetch_piece(struct act *a, int64_t now_ms)
{
    cJSON *params = cJSON_CreateObject();
    json_set_str(params, "handle", a->handle);
    json_set_num(params, "size", READ_PIECE);
    act_send(a, "IO.read", params, now_ms);
    a->phase = FETCH_READ;
}

static void fetch_head(struct act *a, int64_t now_ms)
{
    const cJSON *resource = json_get(a->answer, "resource");
    int status = (int)json_int(resource, "httpStatusCode", 0);
    if (a->fault || !json_bool(resource, "success", false) || !json_get(resource, "stream")) {
        char *why = a->fault ? mem_dup(a->fault)
                             : mem_printf("%s with status %d",
                                          json_str(resource, "netErrorName", "no picture"), status);
        fetch_next(a, why, now_ms);
        free(why);
        return;
    }
    set_media(a, json_get(resource, "headers"));
    free(a->handle);
    a->handle = mem_dup(json_str(resource, "stream", ""));
    if (act_file_open(a, json_str(a->what, "to", "file"), ending_of(a->media ? a->media : "")))
        fetch_piece(a, now_ms);
}

static void fetch_close(struct act *a, int64_t now_ms)
{
    cJSON *params = cJSON_CreateObject();
    json_set_str(params, "handle", a->handle);
    page_send(a->page, "IO.close", params, 5000, now_ms, NULL, NULL);
    mem_free(a->handle);
}

/* The best so far; what was it before goes, where it has another name. */
static void fetch_keep(struct act *a, cJSON *takes_value)
{
    const char *old = json_str(a->best, "path", NULL);
    if (old && !str_eq(old, a->path))
        unlink(old);
    cJSON_Delete(a->best);
    a->best = takes_value;
}

/* It is taken, or is the best so far, with what it was judged by. */
static void fetch_take(struct act *a, double worth, int64_t now_ms)
{
    cJSON *value = act_file_close(a);
    if (!value) {
        act_fail(a, "transient", "fetch: %s cannot be written", a->path);
        return;
    }
    char place[16]; /* in the list, from 1 */
    (void)str_format(place, sizeof place, "%d", a->i + 1);
    json_set_str(value, "from", fetch_from(a));
    json_set_str(value, "n", place);
    json_set_num(value, "worth", worth);
    fetch_keep(a, value);
    if (fetch_picks(a))
        fetch_next(a, NULL, now_ms);
    else
        fetch_picked(a);
}

/* Kept when it is worth more than the best so far. */
static void fetch_judge(struct act *a, double worth, int64_t now_ms)
{
    if (!a->best || worth > json_num(a->best, "worth", 0)) {
        fetch_take(a, worth, now_ms);
        return;
    }
    act_file_drop(a);
    fetch_next(a, NULL, now_ms);
}

/* The page is asked how calm it is; what cannot be looked at is the last choice. */
static void calm_ask(struct act *a, int64_t now_ms)
{
    char *text = act_file_base64(a, CALM_MAX);
    cJSON *picture = text ? cJSON_CreateString(text) : NULL;
    if (picture) {
        act_call(a, "calm", picture, NULL, now_ms);
        a->phase = FETCH_CALM;
    } else {
        fetch_judge(a, -1, now_ms);
    }
    cJSON_Delete(picture);
    free(text);
}

static void calm_told(struct act *a, int64_t now_ms)
{
    if (act_lost_world(a))
        page_lose_world(a->page);
    fetch_judge(a, json_num(act_value(a), "value", -1), now_ms);
}

/* All of it is here: kept when it is as long as it must be. */
static void fetch_end(struct act *a, int64_t now_ms)
{
    int64_t least = (int64_t)json_num(a->what, "at_least", 1);
    if (a->bytes < least && !a->best) {
        char *why =
            mem_printf("only %lld bytes of at least %lld", (long long)a->bytes, (long long)least);
        act_file_drop(a);
        fetch_next(a, why, now_ms);
        free(why);
    } else if (a->bytes < least) {
        act_file_drop(a);
        fetch_next(a, NULL, now_ms);
    } else if (picks_calm(a)) {
        calm_ask(a, now_ms);
    } else {
        fetch_judge(a, (double)a->bytes, now_ms);
    }
}

static void fetch_read(struct act *a, int64_t now_ms)
{
    const char *data = json_str(a->answer, "data", "");
    bool fine = !a->fault;
    if (fine && json_bool(a->answer, "base64Encoded", false))
        fine = act_file_add(a, data);
    else if (fine) {
        fine = fwrite(data, 1, strlen(data), a->file) == strlen(data);
        a->bytes += (int64_t)strlen(data);
    }
    if (!fine || a->bytes > FETCH_MAX) {
        act_file_drop(a);
        fetch_close(a, now_ms);
        fetch_next(a, !fine ? "the bytes broke off" : "it is longer than 90 MiB", now_ms);
    } else if (json_bool(a->answer, "eof", false)) {
        fetch_close(a, now_ms);
        fetch_end(a, now_ms);
    } else
        fetch_piece(a, now_ms);
}

static void fetch_bytes(struct act *a, int64_t now_ms)
{
    const cJSON *value = act_value(a);
    if (!value) {
        if (act_lost_world(a))
            page_lose_world(a->page);
        fetch_next(a, a->fault ? a->fault : "the page gave nothing", now_ms);
        return;
    }
    free(a->media);
    a->media = mem_dup(json_str(value, "media", ""));
    if (!act_file_open(a, json_str(a->what, "to", "file"), ending_of(a->media)))
        return;
    if (act_file_add(a, json_str(value, "data", "")))
        fetch_end(a, now_ms);
    else
        act_fail(a, "transient", "fetch: %s cannot be written", a->path);
}

void move_fetch(struct act *a, int64_t now_ms)
{
    switch (a->phase) {
    case FETCH_ASK:
        if (a->best && now_ms >= a->deadline_ms)
            fetch_picked(a);
        else if (a->why && now_ms >= a->deadline_ms)
            act_fail(a, "transient", "fetch: not within %d ms: %s",
                     (int)json_num(a->what, "within_ms", 10000), a->why);
        else
            fetch_ask(a, now_ms);
        return;
    case FETCH_HEAD:
        fetch_head(a, now_ms);
        return;
    case FETCH_READ:
        fetch_read(a, now_ms);
        return;
    case FETCH_BYTES:
        fetch_bytes(a, now_ms);
        return;
    default:
        calm_told(a, now_ms);
    }
}
