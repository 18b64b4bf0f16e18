/* An order and the rules come in; jobs, edges, asset names, documents and a price go out. Pure:
 * reads no file, knows no store, makes nothing. The same order under the same rules and time gives
 * the same plan.
 *
 * The caller: 1. plan_build 2. reads or stores it 3. plan_free. A kind is one file, plan/<kind>.c,
 * which fills a struct plan through plan_add_*; plan_build seals it: edges checked (graph.c),
 * request hashes computed, prices summed. */
/* SPDX-License-Identifier: ISC */
#ifndef PLAN_PLAN_H
#define PLAN_PLAN_H

#include "intake/intake.h"

/* One input of a job: another job's output, or a file of the order. */
struct plan_input {
    char *name;              /* what the op calls it: "ref", "first", "picture" */
    char *job;               /* key of the job it comes from, or NULL */
    char *role;              /* that job's output */
    char *file;              /* path below taken/<drop-id>/, or NULL */
    char sha256[DIGEST_LEN]; /* of file */
    bool
        wait; /* only waited for: no file of it goes along, and it is no part of the request hash */
    bool soft; /* wanted, not needed: the job runs without it when its maker fails */
};

/* One file a job makes. */
struct plan_output {
    char *role; /* what the op calls it: "picture", "hero_raw", "clip" */
    char *slot; /* identity below out/ for versions and for "made already": path without what
                   changes from run to run */
    char *path; /* name below out/ */
};

struct plan_job {
    char *key;   /* unique in the drop: "01_hero", "SH03.first" */
    char *title; /* a few words for people: "Lumo Arc 3, hero" */
    char *op; /* what is asked of the engine: "product.scene" (see ops/ops.h for the local ones) */
    char *engine;     /* provider name in rules/providers: "local" */
    char *model;      /* as the routing table names it */
    char *why_engine; /* one sentence: why this engine and not the first choice; may be NULL */
    cJSON *choices; /* what else could make it, best first: list of {engine, model, price, seconds,
                       hash, preview}; NULL none */
    cJSON *params;  /* everything the op needs besides inputs; part of the request hash */
    char *prompt,
        *negative;     /* as sent; NULL for picture work without one; part of the request hash */
    char *prompt_path; /* below out/: where the prompt is saved beside the picture; NULL none */
    struct plan_input *ins;
    size_t ins_n;
    struct plan_output *outs;
    size_t outs_n;
    cJSON *meta;   /* values for documents and pages: rank, variant, product_name, ...; not part of
                      the hash */
    double price;  /* of one attempt, in the policy's currency; 0 for local */
    bool unpriced; /* what it costs is not known: it is not bought before somebody says it */
    int attempts;  /* at most so many */
    int seconds;   /* expected, for the estimate */
    bool preview;  /* a stand-in that a real engine would replace */
    char hash[DIGEST_LEN]; /* request hash, by plan_seal: engine, model, op, params, prompt, inputs
                              (theirs or the file's) */
};

/* A document kept beside the assets and written again after every change of a job: see
 * assets/record.h for the body. */
struct plan_record {
    char *path;   /* below out/ */
    char *format; /* "json", "page" (HTML), "text" */
    bool at_end;  /* written only when the drop has ended */
    cJSON *body;
};

struct plan {
    char *kind;
    char *title;   /* "5 products: desk lamps" */
    char *subject; /* what a new version of this drop would share: "videos/2026-03-14-desk-lamps" */
    char *tree;    /* the folder below out/ that everything lies in */
    struct plan_job *jobs;
    size_t jobs_n;
    struct plan_record *records;
    size_t records_n;
    struct faults notes; /* said in plan and report, refuse nothing */
    double price, price_worst;
    char rules_digest[DIGEST_LEN];
};

struct plan_context {
    const struct rules *rules;
    const char *drop_id;
    int64_t now_s; /* wall clock of the planning; the only time a name may contain */
};

/* The file of rules/plans that an order is planned with, or NULL when it is not there. Borrowed. */
const cJSON *plan_file(const struct order *order, const struct plan_context *ctx);

/* ERR_INPUT with faults when the order cannot be planned (a cycle, a name that is unsafe or
 * clashes, a missing prompt). */
int plan_build(const struct order *order, const struct plan_context *ctx, struct plan **ret_plan,
               struct faults *faults);
void plan_free(struct plan *p);

/* A single job beside any plan: its request hash, and those of its choices. All of its inputs are
 * files. */
void plan_hash_alone(struct plan_job *j);
void plan_job_finish(struct plan_job *j);

cJSON *plan_to_json(const struct plan *p); /* for plan --json and taken/<id>/plan.json; owned */
void plan_to_text(const struct plan *p, struct buf *out); /* a page a person can read */

/* --- for the kinds (plan/<kind>.c) --- */

struct plan_kind {
    const char *kind;
    int (*fill)(const struct order *order, const struct plan_context *ctx, struct plan *plan,
                struct faults *faults);
};
extern const struct plan_kind plan_products, plan_storyboard, plan_combos;

/* Adds a job; key, title, op are copied; the rest is set by the caller on the result. Valid until
 * the next add. */
struct plan_job *plan_add_job(struct plan *p, const char *key, const char *title, const char *op);
void plan_add_input_job(struct plan_job *j, const char *name, const char *from_key,
                        const char *role, bool soft);
void plan_add_input_file(struct plan_job *j, const char *name, const struct order_file *file,
                         bool soft);
/* slot NULL: the same as path. */
void plan_add_output(struct plan_job *j, const char *role, const char *path, const char *slot);
void plan_add_record(struct plan *p, const char *path, const char *format, bool at_end,
                     cJSON *takes_body);

#endif
