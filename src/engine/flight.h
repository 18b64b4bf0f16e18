/* What the files about jobs at work share.
 *
 *   start -> launch -> send --answer--> outcome: done, next (send again, at once or later), retry,
 *     hold, refused, doubt -> look up -> go on, send again, or ask a person */
/* SPDX-License-Identifier: ISC */
#ifndef ENGINE_FLIGHT_H
#define ENGINE_FLIGHT_H

#include "engine/engine_priv.h"
#include "store/money.h"

#define LOOKUP_AFTER_MS                                                                            \
    1000                 /* a request that was cut off may still be on its way to be accepted      \
                          */
#define RATED_MOST  3    /* its engine, account and model */
#define CHARGE_OPEN (-1) /* nothing is known about the cost yet */

/* A job at work: what was sent for it, until its outcome is stored. */
struct flight {
    struct job_row job;
    struct job_files files;
    cJSON *shown;          /* where engines show inputs still that they made, by name; or NULL */
    char hash[DIGEST_LEN]; /* request hash, told apart when a wanted input is missing */
    char *work;            /* its folder under .slated/work */
    int64_t started_ms;

    int64_t request_id; /* 0: nothing is under way */
    char request_name[24];
    int64_t tab_of; /* its last request to a browser, whose tab goes with it; 0: none */
    enum carrier by;
    size_t at;               /* its place in en->flights */
    int64_t due_ms;          /* while it waits for its next request */
    size_t wait_at;          /* its place in the heap, from 1; 0: it does not wait */
    char *rated[RATED_MOST]; /* the keys whose limits count it: of the engine first */
    size_t rated_n;
    bool rated_model; /* the last one is of its model */
    int64_t seen;     /* rate_seen of the one that its engine's word is for, when it started */
    bool again;       /* made anew even when the same was made before */
    bool unstored;    /* that it runs is not stored yet, and will be within this turn */
    bool told;        /* they know how it ended */
    bool looking;     /* the request under way asks whether the paid one was accepted */
    bool send_again;  /* it is known that it was not */
    int lookups;      /* in vain so far */
    enum withdrawal { /* nobody wants it any more (withdraw.c) */
                      BACK_NOT,
                      BACK_ASK, /* its engine is to take it back, if it may */
                      BACK_END, /* it is followed to its end */
    } back;
    char *given_up;  /* why its job gives up what its engine has accepted, or NULL (take_back.c) */
    bool taken_back; /* its engine has heard that, or never will */
    bool cancelling; /* the request under way asks for that */
    int cancels;     /* in vain so far */
    int64_t frames;  /* the number of its wish for frames; 0: it waits for none */
    bool queued;     /* in en->queue, for a worker */
    bool checks;     /* its request under way is one of en->checks_n */
    struct attempt_row attempt; /* id 0: nothing was paid for */
    char *fresh;                /* the handle of the attempt that may begin, or NULL */
    bool gated;                 /* what it brought did not pass a gate */
    struct listener *listener;  /* where its engine tells how far it is, or NULL (listen.c) */
    int server;     /* of several the engine has, from 1; 0: one alone, or as it began */
    char *remote;   /* the engine's own name for the work, or NULL */
    char *said;     /* how far it is, as the engine says, or NULL */
    bool rerouted;  /* another engine makes it: stored with the next step */
    char *rejected; /* of a look at a picture: why the picture was sent back */
    int (*also)(struct engine *en, struct flight *f, void *ctx,
                struct err *e); /* stored in the same step, before the job itself; NULL none */
    void *also_ctx;
    int64_t charged_u; /* CHARGE_OPEN, or what the attempt ends with */
};

/* flight.c */
/* False when nothing more of its engine can start now. */
bool flight_start(struct engine *en, struct job_row *takes_job);
void flight_add(struct engine *en, struct flight *f);
void flight_remove(struct engine *en, struct flight *f); /* and frees it */
void flight_free(struct flight *f);
void flight_wait(struct engine *en, struct flight *f, int wait_ms);
void flight_let_go(struct engine *en, struct flight *f); /* what is under way or waited for */
void flight_queue(struct engine *en, struct flight *f);  /* until a worker is free for a look */
bool flight_may_check(const struct engine *en);

/* flight_files.c */
int flight_files_in(struct engine *en, const struct drop_row *drop, struct flight *f,
                    struct err *e);
int flight_files_out(struct engine *en, struct flight *f, struct err *e);

/* flight_send.c: builds what the memo asks for and hands it to its carrier; the flight is gone when
 * that cannot be */
void flight_send(struct engine *en, struct flight *f);
void flight_look_up(struct engine *en, struct flight *f); /* or asks a person */
void flight_recall(struct engine *en, struct flight *f);  /* its request is dropped */
void flight_hand_out(struct engine *en, struct flight *f, struct request *r); /* gives it its id */
struct ask flight_ask(const struct engine *en, const struct flight *f);

/* flight_end.c */
void flight_outcome(struct engine *en, struct flight *f, const struct response *response);
void flight_done(struct engine *en, struct flight *f, const struct outcome *o);
/* Stores the job and what its attempt came to, in one step. */
void flight_step(struct engine *en, struct flight *f, bool ended);
/* The same for a job that goes on; durable before anything of this turn leaves. */
void flight_step_later(struct engine *en, struct flight *f);
void flight_fail(struct engine *en, struct flight *f, const char *why);
void flight_hold(struct engine *en, struct flight *f, int wait_s, const char *why);
/* To the next engine that could make it; parked when there is none. */
void flight_pass_on(struct engine *en, struct flight *f, const char *why);
void flight_park(struct engine *en, struct flight *f, const char *why); /* until a person acts */

/* flight_choice.c: the next engine that could make it; false when there is none. Takes effect with
 * the next flight_step. */
bool flight_next_choice(struct flight *f, const char *why);
/* Passes over the choices that are models of the same engine. */
void flight_leave_engine(struct flight *f);

/* paid.c: 0 when the intent is stored and the request may leave; else nothing was stored. A further
 * one of the same attempt settles what those before it came to in the same step. */
int paid_intent(struct engine *en, struct flight *f, const struct request *r, struct err *e);
int paid_further(struct engine *en, struct flight *f, const struct request *r, struct err *e);
/* Whether an amount for a job, of its engine and drop, fits under every cap. */
int paid_judge(struct engine *en, const struct job_row *job, int64_t amount_u, struct err *e);
int64_t paid_charge(const struct flight *f, const struct outcome *o);
void stop_engine(struct engine *en, const char *engine, enum outcome_class class, const char *why,
                 const char *cure);                     /* until a person lifts it */
bool stop_holds(struct engine *en, const char *engine); /* it gets no work now */
void paid_stop_engine(struct engine *en, const struct flight *f, const struct outcome *o);
void paid_doubt(struct engine *en, struct flight *f, const char *why); /* parks it, with a card */
void paid_recover_doubts(struct engine *en); /* cards that a crash kept from being laid out */

/* paid_result.c: what was paid for is kept by its hash; true when the work folder holds all of it
 */
bool result_serve(struct engine *en, struct flight *f, struct outcome *ret_outcome);
int result_keep(struct engine *en, const char *hash, const struct outcome *o, struct err *e);

/* limit.c: how many of an engine, an account and a model at once and in a time. When there is no
 * room, *ret_at_ms is the next instant worth asking again (INT64_MAX: when one of them ends). */
enum limit_room {
    LIMIT_ROOM,
    LIMIT_ENGINE_FULL, /* none of its models may start, or it is left alone */
    LIMIT_MODEL_FULL,  /* another model of the engine may */
};
enum limit_room limit_room(struct engine *en, const struct job_row *job, int64_t *ret_at_ms);
/* The keys that count it; each owned. */
void limit_keys(struct engine *en, const char *engine, const char *model,
                char *ret_rated[RATED_MOST], size_t *ret_n, bool *ret_model);
bool limit_counts(const struct engine *en, const char *engine); /* it is asked over a network */
void limit_started(struct engine *en, struct flight *f);
void limit_ended(struct engine *en, struct flight *f);
void limit_told(struct engine *en, struct flight *f, const struct outcome *o);

/* rest.c: who is left alone after faults */
void rest_told(struct engine *en, const struct flight *f, const struct outcome *o);
void rest_unsaid(struct engine *en, const struct flight *f); /* it ended and says nothing */
/* The machine that an engine of its own ran on has ended, and that drop was worked for: what failed
 * there says nothing of the next one. */
void rest_host_ended(struct engine *en, const char *engine, int64_t drop_id);
void rests_recover(struct engine *en);
bool limit_same(struct engine *en, const struct job_row *job); /* equal errors stopped the drop */

/* resume.c: what engines had accepted before a restart keeps its place there until it is taken up
 */
bool resume_holds(const struct engine *en, int64_t job_id);
bool resume_take(struct engine *en, struct flight *f); /* its place is the flight's from now on */
/* Before anything new; true when there is more to take up at once. */
bool resume_start(struct engine *en, const struct store_skip *stopped, size_t stopped_n);

/* withdraw.c: paid work of a cancelled drop. What is wanted back stays a flight when its drop is
 * cancelled, and its attempt open; once that is stored withdraw_drop takes hold of it. */
bool withdraw_wants(const struct engine *en, const struct flight *f);
bool withdraw_later(const struct engine *en, const struct job_row *job,
                    const struct attempt_row *attempt);   /* its attempt stays open */
void withdraw_go_on(struct engine *en, struct flight *f); /* its time has come */
void withdraw_outcome(struct engine *en, struct flight *f, const struct response *response);
void withdraw_cannot(struct engine *en, struct flight *f, const char *why); /* be asked for */

/* take_back.c: whether the engine may be asked to take accepted work back, by what it last said of
 * it (NULL: it was not asked); asking; and the answer to that: true when it needs no further try,
 * and the work is looked at a moment later. */
bool take_back_fits(struct engine *en, const struct flight *f, const struct response *response);
bool take_back_send(struct engine *en, struct flight *f); /* false: it cannot be said */
bool take_back_answered(struct engine *en, struct flight *f, const struct response *response);
/* An engine has brought nothing in all its time: true while it is asked to take the work back, and
 * nobody else is asked yet. What came of it is in the sentence of the outcome that ends it. */
bool take_back_begin(struct engine *en, struct flight *f, const struct response *response,
                     const struct outcome *o);
void take_back_judge(struct flight *f, struct outcome *o);

/* listen.c: how far the engine says it is, while it is at work there; and which server it goes to.
 */
void listen_on(struct engine *en, struct flight *f);
void listen_off(struct engine *en, struct flight *f);
void listen_pick_server(struct engine *en, struct flight *f);

#endif
