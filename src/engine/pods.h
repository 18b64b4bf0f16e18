/* Machines by the hour that engines need while they have work: one is begun when the first job
 * waits for it, looked at until its service answers, and stopped when nobody needs it. What is on
 * record is done to its end after any crash: a pod that may have been begun is looked for by its
 * name, and one that nobody needs never stays.
 *
 *   no pod --job waits, money set aside--> STARTING --it is there--> RUNNING --service answers-->
 *   jobs go --idle, dear, not affordable, asked for--> STOPPING --it rests--> GONE, paid for
 */
/* SPDX-License-Identifier: ISC */
#ifndef ENGINE_PODS_H
#define ENGINE_PODS_H

#include "engine/engine_priv.h"
#include "providers/pod.h"
#include "store/pods.h"

/* --- for the rest of the engine --- */
void pods_open(struct engine *en); /* what an earlier run left is taken up again */
void pods_close(struct engine *en);
int64_t pods_turn(struct engine *en);                                 /* the next deadline */
bool pods_answer(struct engine *en, const struct response *response); /* true when it was ours */

enum pods_word {
    PODS_GO,   /* its engine needs none, or its pod serves */
    PODS_WAIT, /* the pod is on its way: the engine's jobs stay ready */
    PODS_NO,   /* it cannot be had: e says why */
};
/* Whether a job of an engine may be sent now; begins the engine's pod when there is none. */
enum pods_word pods_let(struct engine *en, const struct job_row *job, struct err *e);
const char *pods_service(const struct engine *en, const char *engine); /* or NULL; borrowed */
void pods_used(struct engine *en, const char *engine); /* work there has just ended */

/* Jobs may not wait for a pod any more: those that do say so again in this turn. */
void pods_reconsider(struct engine *en);

/* engine NULL: all. Returns how many there were. */
int pods_end(struct engine *en, const char *engine, const char *why);
bool pods_awaited(const struct engine *en); /* jobs will start when one is there, or is gone */
int pods_open_n(const struct engine *en);   /* that may cost something */
void pods_needs(struct engine *en,
                void (*add)(void *ctx, int64_t since_s, char *takes_what, char *takes_why,
                            char *takes_cure),
                void *ctx); /* those that cannot be stopped */

/* --- between their files --- */
struct pod {
    struct pod_row row;
    int64_t request_id; /* 0: none is under way */
    enum pod_act act;   /* of the request */
    bool probing;       /* the request asks its service */
    bool ready;         /* its service answers */
    bool wanted;        /* jobs wait until it does */
    bool unsure;        /* nobody knows whether its host began it */
    bool ending;        /* once it is known to be there it is stopped */
    bool asked;         /* to stop: looked at until it rests */
    int tries;          /* of the same, in vain */
    int64_t due_ms;     /* when it is asked next */
    int64_t used_ms;    /* when it had work last */
    int64_t up_by_s;    /* its service answers by then, or it is stopped */
    char *service;      /* where that is, or NULL */
};

/* An engine whose pod could not be had is left alone for a while. */
struct pod_rest {
    char *engine;
    int failures;
    int64_t until_ms;
};

struct pods {
    struct pod **list;
    size_t n;
    struct pod_rest *rests;
    size_t rests_n;
    int64_t
        sweep_ms; /* when the hosts are asked for pods that nobody here knows; INT64_MAX never */
    int sweeps;   /* left */
    int64_t sweep_id; /* request under way, 0 none */
    char *sweep_engine;
};

/* A number of the engine's pod, or otherwise when its file has none. */
double pod_number(const struct engine *en, const char *engine, const char *name, double otherwise);
/* What its host is asked with; borrows from the pod and the rules. */
struct pod_wish pod_wish_of(const struct engine *en, const struct pod *p);

/* pods_money.c: each in a transaction of its own; e says what could not be stored or paid */
int pod_buy(struct engine *en, const struct job_row *job, struct pod *p,
            struct err *e); /* the intent, and the first stretch */
int pod_extend(struct engine *en, struct pod *p, struct err *e); /* the next stretch */
void pod_store(struct engine *en,
               struct pod *p); /* its row as it stands; slated stops on a fault */
void pod_pay(struct engine *en, struct pod *p, bool was_there,
             const char *why); /* it is gone: what it cost, nothing when it never was */
int pod_readopt(struct engine *en, struct pod *p, struct err *e); /* one that is there after all */

/* pods_share.c: what a stretch came to is added to the jobs that bear it, in the caller's
 * transaction; once that is stored (or was not) pod_shared tells those at work, and frees. */
struct pod_share {
    int64_t job_id, amount_u;
};
struct pod_shares {
    int64_t drop_id;
    struct pod_share *list;
    size_t n;
};
int pod_share(struct engine *en, const struct pod_row *row, int64_t end_s, int64_t amount_u,
              struct pod_shares *ret_shares, struct err *e);
void pod_shared(struct engine *en, struct pod_shares *shares, bool stored);

/* pods_ask.c */
void pod_ask(struct engine *en, struct pod *p); /* the next question of its state */
void pod_told(struct engine *en, struct pod *p, const struct response *response);
void pods_sweep(struct engine *en);
bool pods_swept(struct engine *en, const struct response *response);

/* pods.c: a state changes, with its word in the log; the row is the caller's to store */
void pod_move(struct engine *en, struct pod *p, enum pod_state state);
void pod_gone(struct engine *en, struct pod *p, bool was_there, const char *why);
void pod_stop(struct engine *en, struct pod *p, const char *why);
void pods_rest(struct engine *en, const char *engine, const struct pod_answer *a);
struct pod *pods_add(struct engine *en, struct pod_row *takes_row);

#endif
