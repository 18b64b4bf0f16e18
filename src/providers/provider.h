/* An engine in two pure functions: a job becomes a request, a response becomes an outcome. What an
 * outcome leads to is decided by src/engine; how a request travels, by src/carriers. */
/* SPDX-License-Identifier: ISC */
#ifndef PROVIDERS_PROVIDER_H
#define PROVIDERS_PROVIDER_H

#include "base/err.h"
#include "carriers/carrier.h"
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
    OUTCOME_NEXT,  /* one more request belongs to this attempt: build again with the new memo */
    OUTCOME_RETRY, /* the world stumbled: the next attempt after wait_s, while attempts are left */
    OUTCOME_HOLD,  /* not the job's fault and no attempt: again after wait_s */
    OUTCOME_REFUSED, /* asking again would answer the same */
};

struct made {
    char *role, *path;
    char sha256[DIGEST_LEN];
    char *media;
    int64_t bytes;
    int width, height;
};

struct outcome {
    enum outcome_kind kind;
    int wait_s;
    bool struck; /* the process died over it: counts towards the limit that keeps a poisonous job
                    from harming others */
    char *error; /* a sentence unless DONE or NEXT */
    char *memo;  /* NEXT: what build has to know, compact JSON */
    struct made *made;
    size_t made_n;
    double cost;
};
void outcome_finish(struct outcome *o);

struct provider {
    const char *name;
    /* Fills request but its id. A job that cannot be asked for is a code with its sentence. */
    int (*build)(const struct job_row *job, const struct job_files *files,
                 struct request *ret_request, struct err *e);
    void (*read)(const struct job_row *job, const struct job_files *files,
                 const struct response *response, struct outcome *ret_outcome);
};

/* The provider of a job's engine and op, or NULL when this program has none of that name. */
const struct provider *provider_find(const char *engine, const char *op);

extern const struct provider provider_local, provider_fetch;

#endif
