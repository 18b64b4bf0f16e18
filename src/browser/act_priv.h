/* What the files of the acts share. An act is a run of phases: its function is called with phase 0,
 * sends commands, and is called again when all of them were answered and its pause is over. */
/* SPDX-License-Identifier: ISC */
#ifndef BROWSER_ACT_PRIV_H
#define BROWSER_ACT_PRIV_H

#include <stdio.h>

#include "browser/act.h"

struct act {
    struct page *page;
    const struct act_place *place;
    cJSON *what;
    void (*move)(struct act *a, int64_t now_ms);
    int phase, tries, i;
    int outstanding; /* commands without an answer */
    bool silent;     /* the last one had none in its time */
    bool overtime;   /* it has moved after its time already */
    int64_t deadline_ms, wake_ms;
    cJSON *answer;        /* of the last command, NULL after a fault */
    char *fault;          /* the last command's error */
    char *why;            /* what kept it from going on, for the sentence when time is over */
    bool intercepting;    /* file choosers are kept from the screen */
    bool downloading;     /* the browser tells of downloads, and may put them where the act wants */
    int64_t asked_s;      /* a download: wall; its file is younger */
    double x, y;          /* the point of a click */
    bool pressed;         /* it may have been taken, and nobody has seen that it was not */
    int navigations;      /* of the page, when it began to load; the phase of a click inside */
    int documents;        /* the same, when it was pressed */
    char *handle, *media; /* of a fetch */
    char *path;
    FILE *file;
    int64_t bytes;
    cJSON *best; /* of a fetch that picks: the value of the one kept so far, with its worth */
    cJSON *result;
};

void act_done(struct act *a, cJSON *takes_value); /* NULL: no value */
/* class: a word of providers/provider.h. */
void act_fail(struct act *a, const char *class, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* From phase after ms, remembering why (NULL keeps the older words). */
void act_again(struct act *a, int phase, int ms, const char *why, int64_t now_ms);
int act_left_ms(const struct act *a, int64_t now_ms); /* until its deadline, at least 1 */

/* A command of the protocol; the next phase sees answer or fault. */
void act_send(struct act *a, const char *method, cJSON *takes_params, int64_t now_ms);
void act_send_browser(struct act *a, const char *method, int64_t now_ms);
/* slated.<function>(first, second) in the page; either may be NULL. */
void act_call(struct act *a, const char *function, const cJSON *first, const cJSON *second,
              int64_t now_ms);
/* The object that act_call's function returned, NULL with a fault. Borrowed. */
const cJSON *act_value(const struct act *a);
/* The fault is the page's change under the act: the world is made again and the phase repeated. */
bool act_lost_world(const struct act *a);

/* A click as a part of another act: called until it answers true, which is when it was taken. It
 * ends the act when the click fails. */
bool act_clicked(struct act *a, int64_t now_ms);
/* The parameters that make downloads lie in dir, NULL where they usually do, and be told of; owned.
 */
cJSON *act_downloads_to(const char *dir, bool told);

/* A file below the place; true when it can be written (a->file is open). */
bool act_file_open(struct act *a, const char *to, const char *ending);
/* Appends what base64 text holds; false when it is not base64 or the disk refused. */
bool act_file_add(struct act *a, const char *base64);
/* What was written so far, in base64; owned, NULL when it is longer or cannot be read. */
char *act_file_base64(struct act *a, int64_t max);
/* Closes it whole; its value. NULL when the disk refused. */
cJSON *act_file_close(struct act *a);
/* What was written of it goes; nothing when none is open. */
void act_file_drop(struct act *a);

/* One turn of an act of that kind: sends what is next, or ends it with its result. */
void move_go(struct act *a, int64_t now_ms);
void move_reload(struct act *a, int64_t now_ms);
void move_click(struct act *a, int64_t now_ms);
void move_choose_file(struct act *a, int64_t now_ms);
void move_type(struct act *a, int64_t now_ms);
void move_key(struct act *a, int64_t now_ms);
void move_wait(struct act *a, int64_t now_ms);
void move_ask(struct act *a, int64_t now_ms);
void move_evaluate(struct act *a, int64_t now_ms);
void move_console(struct act *a, int64_t now_ms);
void move_survey(struct act *a, int64_t now_ms);
void move_fetch(struct act *a, int64_t now_ms);
void move_download(struct act *a, int64_t now_ms);
void move_screenshot(struct act *a, int64_t now_ms);
void move_html(struct act *a, int64_t now_ms);

#endif
