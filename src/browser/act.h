/* One act on a page, as a person would do it: {"act": "click", "on": {"css": "button", "text":
 * "Generate"}, "within_ms": 5000} comes in, {"ok": true, "value": ...} or {"ok": false, "error":
 * sentence, "class": word} goes out, some turns later; with "silent": true when the page is gone or
 * answered nothing, so that nothing is known of it. Acts:
 *
 *   go {to}, reload, address                     click, double_click {on | at, hidden}
 *   type {text, select_all, max, key_ms}         key {key: "Enter", "Control+A"}
 *   choose_file {on, file}                       wait, look {for: condition}
 *   list {of, attribute, order, not_in}          read {of, number}, count {of}, evaluate {script}
 *   fetch {from, to, at_least, again_after_ms, pick: "largest" | "calmest"}
 *   download {on | at, to, at_least}             what a click makes the browser download
 *   screenshot, html {to}, console, survey
 *
 * Of a list of addresses to go to, each browser of a pool takes its own; the condition "address"
 * holds at any of them. Targets and conditions are those of look.js. look answers at once whether
 * its condition holds; wait waits for it. Durations are milliseconds, points CSS pixels. */
/* SPDX-License-Identifier: ISC */
#ifndef BROWSER_ACT_H
#define BROWSER_ACT_H

#include <stdbool.h>
#include <stdint.h>

#include <cjson/cJSON.h>

#include "browser/page.h"

struct act;

/* Where files of acts go, and which pages it may go to. Borrowed by act_begin's act. */
struct act_place {
    const char *dir; /* NULL: acts that write files fail */
    const char *own; /* how every address of "go" begins; NULL: any http(s) page */
    int nth;         /* of a list of addresses the one to go to, from 0, round and round */
    bool ours; /* nobody else works in the browser: all its downloads may lie in dir for a while */
};

/* Begins what (copied) on a page that is ready. Both are borrowed until act_end. An act that cannot
 * be meant ends with class "bad_request". */
struct act *act_begin(struct page *page, const struct act_place *place, const cJSON *what,
                      int64_t now_ms);

/* Moves it; answers its next deadline, or -1 when it has ended. */
int64_t act_turn(struct act *a, int64_t now_ms);

/* Its result, owned by the caller, once it has ended. A file that was written is in value: {"path",
 * "bytes", "media"}. */
cJSON *act_result(struct act *a);

/* Frees it, wherever it stands. page_alive: the conversation still stands. NULL is fine. */
void act_end(struct act *a, bool page_alive);

#endif
