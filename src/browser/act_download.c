/* A press that makes the browser download something: the file it brings lies under its own name
 * instead of where downloads lie. In a browser that a person uses too, downloads lie where that
 * person has them, and the one of our own page is taken from there; where they lie is set only in
 * one that slated started, for as long as the act takes. Fetches nothing by an address; that is
 * fetch's. */
/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/str.h"
#include "browser/act_priv.h"

enum { DOWN_ON, DOWN_CLICK, DOWN_AWAIT, DOWN_OFF };

#define LOOK_MS   50
#define BYTES_MAX ((int64_t)90 << 20)

cJSON *act_downloads_to(const char *dir, bool told)
{
    cJSON *params = cJSON_CreateObject();
    json_set_str(params, "behavior", dir ? "allowAndName" : "default");
    if (dir)
        json_set_str(params, "downloadPath", dir);
    json_set_bool(params, "eventsEnabled", told);
    return params;
}

static void down_on(struct act *a, int64_t now_ms)
{
    page_forget_download(a->page);
    if (!a->place->dir || !path_is_safe(json_str(a->what, "to", ""))) {
        act_fail(a, "bad_request", "download: \"%s\" is not a name for a file",
                 json_str(a->what, "to", ""));
        return;
    }
    a->downloading = true;
    a->asked_s = clock_wall_s();
    act_send(a, "Browser.setDownloadBehavior",
             act_downloads_to(a->place->ours ? a->place->dir : NULL, true), now_ms);
    a->phase = DOWN_CLICK;
}

/* What the file is called, by the name the page gave it. */
static const char *ending_of(const char *name)
{
    static const char *const known[] = {"png", "jpg", "jpeg", "webp", "gif", "mp4", "webm"};
    const char *ext = path_ext(name);
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (str_eq_nocase(ext, known[i]))
            return known[i];
    return "";
}

/* Where its file lies: under its id, where the act wanted it, or where the browser says. Owned;
 * NULL when it does not say. */
static char *lies_at(const struct act *a, const cJSON *download)
{
    const char *path = json_str(download, "filePath", NULL);
    if (a->place->ours)
        return path_join(a->place->dir, json_str(download, "guid", ""));
    return path && *path == '/' ? mem_dup(path) : NULL;
}

/* What lies there is what was downloaded now: the browser may be on another machine, and a file of
 * that name on this one a person's. */
static bool is_it(const struct act *a, const cJSON *download, const char *from, struct stat *st)
{
    return lstat(from, st) == 0 && S_ISREG(st->st_mode) && st->st_ctime >= a->asked_s - 1 &&
           (double)st->st_size == json_num(download, "receivedBytes", -1);
}

static cJSON *value_of(const struct act *a, const cJSON *download, int64_t bytes)
{
    cJSON *value = cJSON_CreateObject();
    json_set_str(value, "path", a->path);
    json_set_num(value, "bytes", (double)bytes);
    json_set_str(value, "from", json_str(download, "url", ""));
    json_set_str(value, "n", "1");
    return value;
}

static void down_take(struct act *a, const cJSON *download)
{
    const char *to = json_str(a->what, "to", "file"),
               *ext = ending_of(json_str(download, "suggestedFilename", ""));
    char *from = lies_at(a, download);
    int64_t least = (int64_t)json_num(a->what, "at_least", 1);
    struct stat st;
    struct err e = {0};
    a->path = mem_printf("%s/%s%s%s", a->place->dir, to, *path_ext(to) || !*ext ? "" : ".",
                         *path_ext(to) ? "" : ext);
    unlink(a->path); /* of an earlier try */
    if (!from)
        act_fail(a, "transient",
                 "download: the browser does not say where the file lies; a newer one does");
    else if (!is_it(a, download, from, &st))
        act_fail(a, "transient", "download: the file is not on this machine");
    else if (st.st_size < least)
        act_fail(a, "transient", "download: only %lld bytes of at least %lld",
                 (long long)st.st_size, (long long)least);
    else if (file_move(from, a->path, &e))
        act_fail(a, "transient", "download: %s", e.text);
    else
        a->best = value_of(a, download, st.st_size);
    if (from && !a->best && is_it(a, download, from, &st))
        unlink(from);
    free(from);
}

/* So much of it is here that it is no picture or clip of ours. */
static bool too_long(struct act *a, const cJSON *download, int64_t now_ms)
{
    if (json_num(download, "receivedBytes", 0) <= (double)BYTES_MAX)
        return false;
    cJSON *params = cJSON_CreateObject();
    json_set_str(params, "guid", json_str(download, "guid", ""));
    page_send(a->page, "Browser.cancelDownload", params, LOOK_MS * 100, now_ms, NULL, NULL);
    act_fail(a, "transient", "download: it is longer than 90 MiB");
    return true;
}

static void down_await(struct act *a, int64_t now_ms)
{
    const cJSON *download = page_download(a->page);
    const char *state = json_str(download, "state", ""), *guid = json_str(download, "guid", "");
    if (too_long(a, download, now_ms))
        return;
    if (download && (!path_is_safe(guid) || strchr(guid, '/')))
        act_fail(a, "transient", "download: the browser gave it no name");
    else if (str_eq(state, "completed"))
        down_take(a, download);
    else if (str_eq(state, "canceled"))
        act_fail(a, "transient", "download: it was broken off");
    else
        act_again(a, DOWN_AWAIT, LOOK_MS,
                  download ? "the download is not through" : "the click downloaded nothing",
                  now_ms);
    if (a->best) {
        act_send(a, "Browser.setDownloadBehavior", act_downloads_to(NULL, false), now_ms);
        a->phase = DOWN_OFF;
    }
}

void move_download(struct act *a, int64_t now_ms)
{
    switch (a->phase) {
    case DOWN_ON:
        down_on(a, now_ms);
        return;
    case DOWN_CLICK:
        if (a->fault && a->navigations == 0)
            act_fail(a, "transient", "download: %s", a->fault);
        else if (act_clicked(a, now_ms))
            a->phase = DOWN_AWAIT;
        return;
    case DOWN_AWAIT:
        down_await(a, now_ms);
        return;
    default:
        a->downloading = a->fault != NULL;
        act_done(a, a->best);
        a->best = NULL;
    }
}
