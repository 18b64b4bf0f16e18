/* People are told: what has happened since they were told last is read from the store, becomes rows
 * of an outbox, one a notifier, and leaves from there. Never holds or fails a job.
 *
 *   drops, stops, cards, what waits --marks--> outbox --throttle--> http or a program --> sent
 */
/* SPDX-License-Identifier: ISC */
#ifndef ENGINE_TELL_H
#define ENGINE_TELL_H

#include <sys/types.h>

#include "engine/engine_priv.h"
#include "store/news.h"

/* --- for the rest of the engine --- */
void tell_open(
    struct engine *en); /* the store is there; ended drops of the last hour are looked at */
void tell_load(struct engine *en);                   /* after the rules or the keys */
void tell_touch(struct engine *en, int64_t drop_id); /* something about it has changed */
void tell_waiting(struct engine *en);                /* something else that waits has changed */
void tell_limited(struct engine *en, const char *engine, int wait_s); /* it asked for a pause */
int64_t tell_turn(struct engine *en);
int64_t tell_programs_turn(struct engine *en); /* only looks at those at work */
bool tell_answer(struct engine *en, const struct response *response); /* true when it was ours */
bool tell_busy(const struct engine *en);                              /* a message is under way */
bool tell_pending(const struct engine *en); /* there is something to say now */
void tell_close(struct engine *en);

/* Whether a notifier of the rules can be used: NULL, or why it is silent; owned. */
char *tell_silent_why(const struct rules *rules, const char *notifier);
/* Its program with its arguments filled in; NULL when it has none. Owned: one block. */
struct news_text;
const char **tell_argv(const struct rules *rules, const char *notifier,
                       const struct news_text *text);
/* Starts it with a JSON document on its stdin (NULL: nothing there). */
int tell_start(const char *const argv[], const char *work_dir, const cJSON *document,
               pid_t *ret_pid, struct err *e);
/* Whether it has ended, and with 0; it stays to be collected by child_kill. */
bool tell_program_ended(pid_t pid, bool *ret_good);

/* --- between the files of telling --- */
struct teller {
    char *name;
    bool off;  /* its key is not accepted: until the rules or keys change */
    bool said; /* that it fails, once */
    int64_t request_id;
    pid_t pid;
    bool making;           /* a picture for its message */
    bool plain;            /* this message goes without one */
    char *picture;         /* made for it, or NULL */
    int64_t ends_ms;       /* the program's time */
    struct news_row *rows; /* under way */
    size_t rows_n;
    int64_t last_at_s;
    char *last_key;
    int64_t not_before_s; /* the service asked for a pause */
};

struct tell {
    struct teller *list; /* those that are ready */
    size_t n;
    int64_t *touched;
    size_t touched_n;
    bool waiting;
    int64_t look_at_ms;
    bool more;        /* the outbox may hold something due */
    int64_t due_at_s; /* when the next waiting one is due; 0 none */
};

/* A row for each notifier that wants it, in the caller's step, which tell_end_step ends: committed
 * when rc is 0, else taken back and logged. */
int tell_put(struct engine *en, const char *event, int64_t drop_id, const char *key,
             const cJSON *values, struct err *e);
void tell_end_step(struct engine *en, const char *event, int rc, struct err *e);
/* The same in a step of its own, with the mark (NULL: none). */
void tell_add(struct engine *en, const char *event, int64_t drop_id, const char *key,
              const cJSON *values, const char *mark, int64_t n);
void tell_look_waiting(struct engine *en); /* a message for what waits and was not told */
int64_t tell_send_turn(struct engine *en); /* the next deadline */
void teller_leave(struct engine *en, struct teller *t); /* its rows go */
/* tell_picture.c: true when one is made first; teller_leave is called when it is there. text_len:
 * bytes of what stands beside it. */
bool tell_make_picture(struct engine *en, struct teller *t, size_t text_len);
void tell_drop_picture(struct teller *t); /* and its file */
void teller_drop_rows(struct teller *t);
const cJSON *tell_events(const struct engine *en);

#endif
