/* Browsers as a carrier: runs of acts (act.h) come in, what came of them goes out. Each browser
 * serves one lease at a time, in a tab of its own that is closed at its end; several browsers are a
 * pool. A running browser is attached to over its debugging port; one that slated starts itself
 * speaks over a pipe and has a profile of its own. Never touches a page that is not its own. */
/* SPDX-License-Identifier: ISC */
#ifndef BROWSER_BROWSER_H
#define BROWSER_BROWSER_H

#include "carriers/carrier.h"
#include "carriers/websocket.h"
#include "loop/loop.h"
#include "rules/rules.h"

struct browser;

struct browser_config {
    const char *const *urls; /* running browsers: "http://127.0.0.1:18800" */
    size_t urls_n;
    int starts;          /* how many slated starts itself, beside those */
    const char *program; /* of those; NULL or "": Brave, Chrome or Chromium, whichever is found */
    bool headless, no_sandbox;
    bool anywhere;   /* urls may lead to other machines */
    const char *dir; /* profiles and notes: .slated/browser of the root */
    int only;        /* the n-th of them alone, from 1; 0: all */
};

/* The policy's "browser" as a config; dir is borrowed, the rest lives in *ret_urls (free) and the
 * rules. */
void browser_config_read(const struct rules *rules, const char *dir, struct browser_config *ret,
                         const char ***ret_urls);

/* The file whose lock says who drives the n-th browser, urls first (lease.h); owned. A request
 * waits while another process holds it. */
char *browser_lease(const char *dir, int n);

/* Copies the config; borrows loop and sockets until browser_destroy, which closes its tabs and ends
 * the browsers it started. Nothing is connected or started before the first request. */
struct browser *browser_create(struct loop *loop, struct websockets *sockets,
                               const struct browser_config *config);
void browser_destroy(struct browser *b);

/* Takes over another configuration (copied): a browser that is at work ends its work first, for the
 * request and the lease it has; what waits goes to those that are there then. */
void browser_configure(struct browser *b, const struct browser_config *config);

/* Starts one; takes request. Its line:
 *
 *   {"run": [acts], "window": {"width": 1440, "height": 900}, "own": "https://...",
 *    "dir": "/where/files/go", "lease": "name", "keep": true}
 *
 * keep leaves the tab for the next request of the same lease, for ten minutes. The answer's body:
 *
 *   {"ok": bool, "results": [one of act.h each, with "took_ms"], "fresh": the tab is a new one,
 *    "dialogs": [answered ones], "browser": "http://127.0.0.1:18800"}
 *
 * Behind the first act that is not ok only those with "anyway": true are done, the others get a
 * result that says so; ok: every act was. UNSENT: no browser could be reached, no act was
 * begun. BROKEN: the browser went away while an act was under way; LATE: over timeout_ms; both have
 * the body so far, and an act that was begun may have been done. */
void browser_ask(struct browser *b, struct request *takes_request, int64_t now_ms);
void browser_cancel(struct browser *b, int64_t id);
/* The conversation whose last request was id is over: the tab that it kept goes. */
void browser_leave(struct browser *b, int64_t id);
int browser_busy(const struct browser *b);

/* Moves what is under way (websockets_turn comes before it) and answers the next deadline
 * (INT64_MAX none); browser_take gives out what has ended, one a call, owned by the caller. */
int64_t browser_turn(struct browser *b, int64_t now_ms);
bool browser_take(struct browser *b, struct response *ret_response);

#endif
