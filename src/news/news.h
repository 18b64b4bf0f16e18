/* News for people, as values: an event and its numbers become a text of the length and in the
 * escapes of where it goes, and a throttle says when. The words, the waits and the limits are rules
 * (rules/notify); nothing is sent, stored or asked here. */
/* SPDX-License-Identifier: ISC */
#ifndef NEWS_NEWS_H
#define NEWS_NEWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cjson/cJSON.h>

#define NEWS_EVENTS "events" /* rules/notify/events.json is no notifier */

/* --- words --- */

/* A message in the notifier's escapes, none longer than its limit; owned. Absent values leave their
 * line out. */
struct news_text {
    char *title; /* the first line, plain */
    char *body;  /* the others */
    char *text;  /* all of it */
};
void news_text_finish(struct news_text *t);

/* events: the tree of rules/notify/events.json; notifier: that of one file. values: names -> text
 * or number, and "details", a list of texts of which three are shown. */
void news_write(const cJSON *events, const cJSON *notifier, const char *event, const cJSON *values,
                struct news_text *ret_text);

/* Many at once, one line each, in one message: what does not fit is counted. events_of[i] with
 * values[i]. */
void news_write_many(const cJSON *events, const cJSON *notifier, const char *const *events_of,
                     const cJSON *const *values, size_t n, struct news_text *ret_text);

/* Whether the notifier wants to hear of that event; without a list of its own, of all. */
bool news_wanted(const cJSON *notifier, const char *event);

/* --- when --- */

/* What a notifier said last, of any event; last_at_s 0: nothing yet. */
struct news_past {
    int64_t last_at_s;
    const char *last_key; /* or NULL */
};

enum news_when { NEWS_NOW, NEWS_LATER, NEWS_NEVER };

/* An event has to keep its distance ("least_s") to the last message of any kind, and any message
 * the notifier's own ("gap_s"). One that comes too early waits, or is left out when its rule says
 * so; the same key twice in a row is left out. LATER sets *ret_at_s (wall).
 * Example: progress with least_s 30, 12 s after a start: LATER, in 18 s. */
enum news_when news_when(const cJSON *events, const cJSON *notifier, const char *event,
                         const char *key, const struct news_past *past, int64_t now_s,
                         int64_t *ret_at_s);

/* How long after the try-th failure (from 1) it is tried again; -1: not any more. */
int news_wait_s(const cJSON *events, int try);

#endif
