/* A press that makes the browser download something: the file it brings lies under its own name
 * instead of where downloads lie. Where they lie is set for as long as the act takes, and is the
 * browser's own again after it. Fetches nothing by an address; that is fetch's. */
/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/str.h"
#include "browser/act_priv.h"

enum { DOWN_ON, DOWN_CLICK, DOWN_AWAIT, DOWN_OFF };

#define LOOK_MS   50
#define BYTES_MAX ((int64_t)90 << 20)

cJSON *act_downloads_to(const char *dir)
{
    cJSON *params = cJSON_CreateObject();
    json_set_str(params, "behavior", dir ? "allowAndName" : "default");
    if (dir)
        json_set_str(params, "downloadPath", dir);
    json_set_bool(params, "eventsEnabled", dir != NULL);
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
    act_send(a, "Browser.setDownloadBehavior", act_downloads_to(a->place->dir), now_ms);
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

/* The browser names the file by the download's id; it may be on another machine. */
static void down_take(struct act *a, const cJSON *download, const char *guid)
{
    const char *to = json_str(a->what, "to", "file"),
               *ext = ending_of(json_str(download, "suggestedFilename", ""));
    char *from = path_join(a->place->dir, guid);
    int64_t least = (int64_t)json_num(a->what, "at_least", 1);
    struct stat st;
    a->path = mem_printf("%s/%s%s%s", a->place->dir, to, *path_ext(to) || !*ext ? "" : ".",
                         *path_ext(to) ? "" : ext);
    if (lstat(from, &st) || !S_ISREG(st.st_mode))
        act_fail(a, "transient", "download: the file is not on this machine");
    else if (st.st_size < least)
        act_fail(a, "transient", "download: only %lld bytes of at least %lld",
                 (long long)st.st_size, (long long)least);
    else if (rename(from, a->path))
        act_fail(a, "transient", "download: %s cannot be written", a->path);
    else {
        cJSON *value = cJSON_CreateObject();
        json_set_str(value, "path", a->path);
        json_set_num(value, "bytes", (double)st.st_size);
        json_set_str(value, "from", json_str(download, "url", ""));
        json_set_str(value, "n", "1");
        a->best = value;
    }
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
        down_take(a, download, guid);
    else if (str_eq(state, "canceled"))
        act_fail(a, "transient", "download: it was broken off");
    else
        act_again(a, DOWN_AWAIT, LOOK_MS,
                  download ? "the download is not through" : "the click downloaded nothing",
                  now_ms);
    if (a->best) {
        act_send(a, "Browser.setDownloadBehavior", act_downloads_to(NULL), now_ms);
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
