/* Events of a tab come in; its console, the dialogs that were answered, its file chooser, its
 * download and its end are kept for whoever asks. Answers alert() and its kin by itself, because
 * they block everything; sends nothing else. */
/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/utf8.h"
#include "browser/page_priv.h"

#define ANSWER_MS   15000
#define CONSOLE_MAX 200 /* lines kept between two takes */
#define DIALOGS_MAX 50  /* the same; a page may open one after the other */
#define LINE_MAX_   400

/* --- what was heard --- */

static cJSON *page_take(cJSON **list)
{
    cJSON *taken = *list;
    *list = cJSON_CreateArray();
    return taken;
}

cJSON *page_take_console(struct page *p)
{
    return page_take(&p->console);
}

cJSON *page_take_dialogs(struct page *p)
{
    return page_take(&p->dialogs);
}

cJSON *page_take_chooser(struct page *p)
{
    cJSON *taken = p->chooser;
    p->chooser = NULL;
    return taken;
}

const cJSON *page_download(const struct page *p)
{
    return p->download;
}

void page_forget_download(struct page *p)
{
    cJSON_Delete(p->download);
    p->download = NULL;
}

/* --- what it says --- */

/* At most LINE_MAX_ bytes of a text, whole characters of it. Owned. */
static char *line_of(const char *text)
{
    char *cut = mem_dup_n(text, utf8_cut(text, LINE_MAX_)), *line = utf8_label(cut);
    free(cut);
    return line;
}

static void hear_dialog(struct page *p, const cJSON *params, int64_t now_ms)
{
    const char *type = json_str(params, "type", "alert");
    bool accept = str_eq(type, "alert") || str_eq(type, "beforeunload");
    cJSON *entry = cJSON_CreateObject(), *answer = cJSON_CreateObject();
    char *text = line_of(json_str(params, "message", ""));
    json_set_str(entry, "type", type);
    json_set_str(entry, "text", text);
    json_set_str(entry, "answer", accept ? "accepted" : "dismissed");
    if (cJSON_GetArraySize(p->dialogs) >= DIALOGS_MAX)
        cJSON_DeleteItemFromArray(p->dialogs, 0);
    cJSON_AddItemToArray(p->dialogs, entry);
    json_set_bool(answer, "accept", accept);
    page_send(p, "Page.handleJavaScriptDialog", answer, ANSWER_MS, now_ms, NULL, NULL);
    free(text);
}

static void console_add(struct page *p, const char *kind, const char *text)
{
    char *short_text = line_of(text), *line = mem_printf("%s: %s", kind, short_text);
    if (cJSON_GetArraySize(p->console) >= CONSOLE_MAX)
        cJSON_DeleteItemFromArray(p->console, 0);
    cJSON_AddItemToArray(p->console, cJSON_CreateString(line));
    free(short_text);
    free(line);
}

static void add_value(struct buf *out, const cJSON *arg)
{
    const cJSON *value = json_get(arg, "value");
    char *text = cJSON_IsString(value) ? mem_dup(value->valuestring)
                 : value               ? json_compact(value)
                                       : mem_dup(json_str(arg, "description", ""));
    buf_printf(out, "%s%s", out->len ? " " : "", text);
    free(text);
}

static void hear_console(struct page *p, const cJSON *params)
{
    const cJSON *arg;
    struct buf line;
    buf_init(&line, 65536); /* of what is longer the beginning */
    cJSON_ArrayForEach(arg, json_get(params, "args")) add_value(&line, arg);
    console_add(p, json_str(params, "type", "log"), line.data ? line.data : "");
    buf_finish(&line);
}

/* What the browser itself says of the page: a file that did not come, a rule that was broken. What
 * an address asks for behind its "?" may be a person's token, and is not said. */
static void hear_log(struct page *p, const cJSON *params)
{
    const char *url = json_str(params, "/entry/url", "");
    char *text = mem_printf("%s%s%.*s%s", json_str(params, "/entry/text", ""), *url ? " (" : "",
                            (int)strcspn(url, "?#"), url, *url ? ")" : "");
    console_add(p, json_str(params, "/entry/level", "log"), text);
    free(text);
}

static void hear_navigation(struct page *p, const cJSON *params)
{
    if (json_get(params, "/frame/parentId"))
        return;
    const char *id = json_str(params, "/frame/id", p->frame ? p->frame : "");
    if (!str_eq(id, p->frame)) {
        free(p->frame);
        p->frame = mem_dup(id);
    }
    p->world = 0;
    p->navigations++;
}

/* A download that this page began, and how far it is; those of other pages are not ours. */
static void hear_download(struct page *p, const char *method, const cJSON *params)
{
    const char *guid = json_str(params, "guid", "");
    bool told = str_eq(json_str(p->download, "guid", ""), guid);
    bool begins = str_eq(method, "Page.downloadWillBegin") || /* of any frame of this page */
                  (str_eq(method, "Browser.downloadWillBegin") &&
                   str_eq(json_str(params, "frameId", ""), p->frame));
    if (begins && !told && *guid) {
        page_forget_download(p);
        p->download = cJSON_Duplicate(params, true);
    } else if (str_eq(method, "Browser.downloadProgress") && p->download && told) {
        json_set_str(p->download, "state", json_str(params, "state", ""));
        json_set_str(p->download, "filePath", json_str(params, "filePath", NULL));
        json_set_num(p->download, "receivedBytes", json_num(params, "receivedBytes", 0));
    }
}

static void hear_own(struct page *p, const char *method, const cJSON *params, int64_t now_ms)
{
    if (str_eq(method, "Page.javascriptDialogOpening"))
        hear_dialog(p, params, now_ms);
    else if (str_eq(method, "Runtime.consoleAPICalled"))
        hear_console(p, params);
    else if (str_eq(method, "Log.entryAdded"))
        hear_log(p, params);
    else if (str_eq(method, "Runtime.exceptionThrown"))
        console_add(p, "thrown",
                    json_str(params, "/exceptionDetails/exception/description", "an error"));
    else if (str_eq(method, "Page.frameNavigated"))
        hear_navigation(p, params);
    else if (str_eq(method, "Runtime.executionContextsCleared"))
        p->world = 0;
    else if (str_eq(method, "Page.fileChooserOpened")) {
        cJSON_Delete(p->chooser);
        p->chooser = cJSON_Duplicate(params, true);
    } else if (str_starts(method, "Browser.download") || str_eq(method, "Page.downloadWillBegin"))
        hear_download(p, method, params);
    else if (str_eq(method, "Inspector.targetCrashed"))
        page_gone(p, "the page crashed");
    else if (str_eq(method, "Inspector.detached"))
        page_gone(p, "the page was closed");
}

void page_hear(struct page *p, const char *session, const char *method, const cJSON *params,
               int64_t now_ms)
{
    if (p->session && str_eq(session, p->session))
        hear_own(p, method, params, now_ms);
    else if (p->session && str_eq(method, "Target.detachedFromTarget") &&
             str_eq(json_str(params, "sessionId", ""), p->session))
        page_gone(p, "the page was closed");
    else if (p->target && str_eq(method, "Target.targetDestroyed") &&
             str_eq(json_str(params, "targetId", ""), p->target))
        page_gone(p, "the page was closed");
}
