/* An engine in two pure functions: a job becomes a request, a response becomes an outcome. What an
 * outcome leads to is decided by src/engine; how a request travels, by src/carriers. */
/* SPDX-License-Identifier: ISC */
#ifndef PROVIDERS_PROVIDER_H
#define PROVIDERS_PROVIDER_H

#include "base/err.h"
#include "carriers/carrier.h"
#include "limits/left.h"
#include "rules/rules.h"
#include "store/rows.h"

/* A job's files as they lie on the disk now; absolute, owned. Inputs that were only wanted and are
 * not there are left out. */
struct job_files {
    struct job_file {
        char *name; /* input name or output role */
        char *path;
    } * in, *out;
    size_t in_n, out_n;
};
void job_files_finish(struct job_files *f);

enum outcome_kind {
    OUTCOME_DONE,  /* made[] lies at the output paths, synced */
    OUTCOME_NEXT,  /* one more request belongs to this attempt, after wait_ms: build again with the
                      new memo */
    OUTCOME_RETRY, /* the world stumbled: the next attempt after wait_s, while attempts are left */
    OUTCOME_HOLD,  /* not the job's fault and no attempt: again after wait_s */
    OUTCOME_REFUSED, /* asking again would answer the same */
    OUTCOME_DOUBT,   /* a paid request left and nobody knows whether it was accepted; of class auth:
                        nobody can look before a person has signed in, from memo (NULL: the same) */
    OUTCOME_UNSEEN,  /* only from read_lookup: it was never accepted; sending it is safe */
};

/* Why an outcome is not DONE or NEXT, as every engine says it in its own way. What follows from a
 * class is the engine room's and the policy's. */
#define OUTCOME_CLASS_LIST(X)                                                                      \
    X(CLASS_OK, "ok")                                                                              \
    X(CLASS_PENDING, "pending")                                                                    \
    X(CLASS_RATE_LIMITED, "rate_limited")     /* wait, then the same engine */                     \
    X(CLASS_QUOTA, "quota_exhausted")         /* stop the engine until a person or a date acts */  \
    X(CLASS_AUTH, "auth")                     /* stop the engine, the key is not accepted */       \
    X(CLASS_REFUSED_INPUT, "refused_input")   /* never again unchanged */                          \
    X(CLASS_REFUSED_OUTPUT, "refused_output") /* another seed may pass */                          \
    X(CLASS_BAD_REQUEST, "bad_request")       /* a parameter, or the model is gone */              \
    X(CLASS_TRANSIENT, "transient")           /* a fault of the server or the net */               \
    X(CLASS_UNKNOWN_SUBMIT, "unknown_submit") /* the answer to a paid request was lost */
enum outcome_class {
#define X(class, word) class,
    OUTCOME_CLASS_LIST(X)
#undef X
        OUTCOME_CLASSES_N
};
const char *outcome_class_word(enum outcome_class c);
/* The class of a word, or OUTCOME_CLASSES_N. */
enum outcome_class outcome_class_of_word(const char *word);

struct made {
    char *role, *path;
    char sha256[DIGEST_LEN];
    char *media;
    int64_t bytes;
    int width, height;
    cJSON *look;    /* what a worker saw of it (likeness/look.h), or NULL: nobody looked */
    cJSON *verdict; /* of gate 1 (gates/gates.h), or NULL: not judged */
};

struct outcome {
    enum outcome_kind kind;
    enum outcome_class class;
    int wait_s;
    int wait_ms; /* NEXT: before the next request; 0 at once */
    bool over;   /* NEXT: it has failed already, and nothing was accepted by this answer; one more
                    look   at what it left, then it says so */
    bool repeats; /* NEXT: what went before would be answered the same, for nothing: the memo need
                     not be stored */
    bool struck; /* the process died over it: counts towards the limit that keeps a poisonous job
                    from harming others */
    bool elsewhere; /* REFUSED: and not by this engine, whatever the model: what it was paid for
                       does not come */
    char *error;    /* a sentence unless DONE or NEXT */
    char *cure;     /* what a person can do about it, or NULL */
    char
        *memo; /* NEXT: what build has to know, compact JSON. Stored before anything else happens */
    char *remote;   /* the engine's own name for the work, once it has one; stored with the memo */
    char *progress; /* NEXT: a word for the live display ("queued, 3rd", "40 %"), or NULL */
    struct made *made;
    size_t made_n;
    double cost;                   /* what the engine says it charged for this attempt */
    bool cost_known;               /* false: the price of the table is what is charged */
    int64_t tokens_in, tokens_out; /* of a text, as the engine counts them; 0 not told */
    struct left_told left;         /* what its answer says is left of its limits; reset_ms 0: it
                                      says nothing */
    cJSON *facts;                  /* DONE: seed, model, ... for the documents; may be NULL */
};
void outcome_finish(struct outcome *o);

/* What an engine is asked with; all borrowed for the call. */
struct ask {
    const struct rules *rules;
    const struct job_row *job; /* its memo says where the conversation stands, NULL at its start */
    const struct job_files *files;
    const char *work;   /* the job's own folder for what passes through; exists */
    const char *handle; /* this attempt's own random name, 32 hex digits: given to engines that take
                           one, so that a lost answer can be looked up */
    const char *fresh;  /* the same for the attempt that a paid request begins; NULL: none begins */
    int64_t now_s;      /* wall */
    const cJSON *shown; /* where an engine shows an input still that it made, by the input's name,
                           as that job's facts said ("shown"); NULL: none. Borrowed */
    int server;         /* which of the engine's servers, from 1; 0: as the job's hash falls */
    const char *base;   /* where it answers now, of an engine on a pod; NULL: as its file says */
};

/* A conversation: build gives the request that the memo asks for, read what its answer means. A
 * request with paid set is sent only after the intent and its worst cost are stored. When the
 * answer to a paid request is lost, lookup asks whether it was accepted and read_lookup says so:
 * NEXT with the memo to go on from, UNSEEN, or DOUBT. An engine that cannot be asked has no lookup.
 */
struct provider {
    const char *name;
    /* Fills request but its id. A job that cannot be asked for is a code with its sentence. */
    int (*build)(const struct ask *ask, struct request *ret_request, struct err *e);
    void (*read)(const struct ask *ask, const struct response *response,
                 struct outcome *ret_outcome);
    int (*lookup)(const struct ask *ask, struct request *ret_request, struct err *e);
    void (*read_lookup)(const struct ask *ask, const struct response *response,
                        struct outcome *ret_outcome);
    /* Fills the request that takes accepted work back, as far as the engine allows: its answer
     * changes nothing. NULL, or a code, when there is nothing to ask. */
    int (*cancel)(const struct ask *ask, struct request *ret_request, struct err *e);
    /* Whether that may be sent now, by what the engine last said of the work (NULL: it was not
     * asked). False for NULL: it has to be asked first, because what has begun would be lost. */
    bool (*cancel_fits)(const struct ask *ask, const struct response *response_or_null);
};

/* The provider of a job's engine and op, or NULL when there is none of that name: the embedded
 * ones, and every engine that has a file under rules/providers. */
const struct provider *provider_find(const struct rules *rules, const char *engine, const char *op);

/* References, classes and aliases of the files of providers and notify that mean nothing: a fault
 * each, with file and place. Returns how many. */
size_t providers_check(const struct rules *rules, struct faults *faults);

/* A sentence about a model that an engine does not know, or that was retired by now (and what takes
 * its place), or NULL. Owned. */
char *provider_model_note(const struct rules *rules, const char *engine, const char *model,
                          int64_t now_s);

/* A sentence about the date of the price that a model has for an op: it is to come, or long past;
 * or NULL. Owned. */
char *provider_price_note(const struct rules *rules, const char *engine, const char *model,
                          const char *op, int64_t now_s);

/* Adds such sentences about the models of a plan to its notes, each once, and which of them have no
 * price. */
struct plan;
void provider_note_plan(const struct rules *rules, struct plan *plan, int64_t now_s);

/* The limits that a model has besides its engine's, or NULL; ret_id: what its maker calls it, the
 * same for all names of one model. Both borrowed from the rules and from model. */
const cJSON *provider_model_limits(const struct rules *rules, const char *engine, const char *model,
                                   int64_t now_s, const char **ret_id);

/* Where the engine of an accepted job tells how far it is ("ws://...", "wss://..."), or NULL; owned.
 * private: whether it may lie on this machine or network. */
char *provider_listen_url(const struct ask *ask, bool *ret_private);

/* What a message from there means: the engine's own name of a job (owned) and how far it is. False
 * when it says nothing of the kind. */
bool provider_heard(const struct rules *rules, const char *engine, const char *text, char **ret_id,
                    int *ret_percent);

/* The free call that a provider's file names, for trying whether key and address are good; the
 * outcome is DONE, or says what is wrong. */
int provider_probe_build(const struct ask *ask, struct request *ret_request, struct err *e);
void provider_probe_read(const struct ask *ask, const struct response *response,
                         struct outcome *ret_outcome);

/* local and fetch are embedded; http reads rules/providers/<engine>.json, http_blind is the same
 * for an engine that cannot be asked whether it accepted something. */
extern const struct provider provider_sop; /* engines whose files lie in rules/sops */
extern const struct provider provider_local, provider_fetch, provider_http, provider_http_blind;

#endif
