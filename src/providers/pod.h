/* A machine by the hour that an engine needs while it has work, in pure functions: the "pod" of the
 * engine's file and the file of the host that it names become requests, their answers become what
 * they mean. The host's words are those of rules/providers: its steps are list, look, create and
 * remove, start and stop. */
/* SPDX-License-Identifier: ISC */
#ifndef PROVIDERS_POD_H
#define PROVIDERS_POD_H

#include "providers/provider.h"

/* The "pod" of an engine's file, or NULL: it needs none. Borrowed from the rules. */
const cJSON *pod_rule(const struct rules *rules, const char *engine);

enum pod_act {
    POD_LIST,  /* which pods the account has */
    POD_LOOK,  /* how one is */
    POD_BEGIN, /* create, or start one that is there */
    POD_END,   /* remove what was created, stop what was started */
};

/* What is asked with; all borrowed for the call. */
struct pod_wish {
    const struct rules *rules;
    const char *engine;
    const char *name; /* our own for it */
    const char *id;   /* the host's, or NULL: not known */
    int64_t now_s;
};

/* Fills request but its id. ERR_RULES or ERR_STATE when it cannot be said. */
int pod_build(const struct pod_wish *wish, enum pod_act act, struct request *ret_request,
              struct err *e);

struct pod_seen { /* one of a list; owned */
    char *name, *id;
};
struct pod_answer {
    /* OK: it is so (LOOK: it runs). PENDING: not yet. REFUSED_OUTPUT: there is none, or it rests.
     * UNKNOWN_SUBMIT: of BEGIN alone, nobody knows. Others as everywhere. */
    enum outcome_class class;
    int wait_s;
    char *say, *cure;
    char *id;              /* the host's, or NULL */
    char *service;         /* LOOK: where what it serves answers, or NULL */
    double usd_hour;       /* as the host says; 0 not told */
    struct pod_seen *seen; /* LIST */
    size_t seen_n;
};
void pod_read(const struct pod_wish *wish, enum pod_act act, const struct response *response,
              struct pod_answer *ret_answer);
void pod_answer_finish(struct pod_answer *a);

#endif
