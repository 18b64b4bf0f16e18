/* One page of our own in a browser: a tab that is made, held at a size, listened to and closed.
 * Never touches another page. */
/* SPDX-License-Identifier: ISC */
#ifndef BROWSER_PAGE_H
#define BROWSER_PAGE_H

#include <stdbool.h>

#include "browser/cdp.h"

struct page;

enum page_state {
    PAGE_COMING, /* being made */
    PAGE_READY,
    PAGE_GONE, /* crashed, closed, could not be made: page_why says it */
};

/* Begins to make a tab of width x height CSS pixels. Borrows c until page_destroy. */
struct page *page_create(struct cdp *c, int width, int height, int64_t now_ms);

/* Closes the tab when alive is true (the conversation still stands), and frees. */
void page_destroy(struct page *p, bool alive, int64_t now_ms);

enum page_state page_state(const struct page *p);
const char *page_why(const struct page *p); /* GONE: a sentence. Borrowed */

/* An event that the conversation heard; those of other sessions are ignored. */
void page_hear(struct page *p, const char *session, const char *method, const cJSON *params,
               int64_t now_ms);

/* A command to the page (cdp_send). */
void page_send(struct page *p, const char *method, cJSON *takes_params, int timeout_ms,
               int64_t now_ms, cdp_answered *answered, void *ctx);

/* A command to the browser itself, beside the page. */
void page_send_browser(struct page *p, const char *method, int timeout_ms, int64_t now_ms,
                       cdp_answered *answered, void *ctx);

/* Evaluates "slated.<call>" in a world of our own that holds look.js, and waits for its promise;
 * answered gets what it returned by value. */
void page_call(struct page *p, const char *call, int timeout_ms, int64_t now_ms,
               cdp_answered *answered, void *ctx);

/* An act was answered by the page, or by nobody in its time. A page that is silent twice in a row
 * is given up: GONE. */
void page_answered(struct page *p, bool in_time);

void page_forget(struct page *p, const void *ctx); /* cdp_forget, of page_call too */
void page_lose_world(struct page *p);              /* the next page_call makes the world again */

const char *page_frame(const struct page *p);  /* its main frame's id. Borrowed */
const char *page_target(const struct page *p); /* its tab's id. Borrowed */
int page_navigations(const struct page *p);    /* counts changes of the main frame's document */
cJSON *page_take_console(struct page *p);      /* lines since the last take, a list; owned */
cJSON *page_take_dialogs(struct page *p);      /* {"type", "text", "answer"}; a list; owned */
cJSON *page_take_chooser(struct page *p);      /* params of the last file chooser, or NULL; owned */

/* The last download this page began, while the browser tells of downloads: {"guid", "url",
 * "suggestedFilename", "state": "inProgress" | "completed" | "canceled", "receivedBytes",
 * "filePath": where it lies, once it is completed}; NULL none. Borrowed until the next event, or
 * until it is forgotten. */
const cJSON *page_download(const struct page *p);
void page_forget_download(struct page *p);

#endif
