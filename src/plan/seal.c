/* A plan whose edges are sound comes in; each job gets its request hash and the plan its prices.
 * Changes nothing else.
 *
 * A request hash covers what decides how the result looks: engine, model, op, params (members
 * sorted), prompt, negative, and each input by its file's digest or by its maker's hash and role.
 * So a change runs through to everything made from it and to nothing else. Titles, names, attempts
 * and prices are left out. */
/* SPDX-License-Identifier: ISC */
#include "plan/plan_priv.h"

#include <math.h>
#include <stdlib.h>

#include "base/json.h"
#include "base/mem.h"

/* The form of the hash; a new form gets a new word, so that old and new hashes never meet. */
static const char request_form[] = "slated request 1";

static void add_input(struct digest *d, const struct plan *p, const struct plan_input *in,
                      long maker)
{
    digest_text(d, in->name);
    digest_text(d, maker < 0 ? "file" : "job");
    digest_text(d, maker < 0 ? in->sha256 : p->jobs[maker].hash);
    digest_text(d, in->role);
}

static void hash_as(const struct plan *p, const struct plan_job *j, const char *engine,
                    const char *model, const long *makers, char ret_hex[DIGEST_LEN])
{
    char *params = j->params ? json_canonical(j->params) : NULL;
    struct digest *d = digest_begin();
    digest_text(d, request_form);
    digest_text(d, engine);
    digest_text(d, model);
    digest_text(d, j->op);
    digest_text(d, params);
    digest_text(d, j->prompt);
    digest_text(d, j->negative);
    for (size_t i = 0; i < j->ins_n; i++)
        if (!j->ins[i].wait)
            add_input(d, p, &j->ins[i], makers[i]);
    for (size_t i = 0; i < j->outs_n; i++)
        digest_text(d, j->outs[i].role);
    digest_end(d, ret_hex);
    free(params);
}

static void hash_job(const struct plan *p, struct plan_job *j, const long *makers)
{
    char hex[DIGEST_LEN];
    hash_as(p, j, j->engine, j->model, makers, j->hash);
    for (cJSON *c = j->choices ? j->choices->child : NULL; c; c = c->next) {
        hash_as(p, j, json_str(c, "engine", ""), json_str(c, "model", ""), makers, hex);
        json_set_str(c, "hash", hex);
    }
}

void plan_hash_alone(struct plan_job *j)
{
    long *makers = mem_alloc((j->ins_n + 1) * sizeof *makers);
    for (size_t i = 0; i < j->ins_n; i++)
        makers[i] = -1;
    hash_job(NULL, j, makers);
    free(makers);
}

void seal_plan(struct plan *p, const size_t *order, const long *from)
{
    size_t *first = mem_alloc((p->jobs_n + 1) * sizeof *first);
    size_t total = 0;
    for (size_t i = 0; i < p->jobs_n; i++) {
        first[i] = total;
        total += p->jobs[i].ins_n;
    }
    for (size_t i = 0; i < p->jobs_n; i++)
        hash_job(p, &p->jobs[order[i]], from + first[order[i]]);
    free(first);
    p->price = p->price_worst = 0;
    for (size_t i = 0; i < p->jobs_n; i++) {
        p->price += p->jobs[i].price;
        p->price_worst += p->jobs[i].price * p->jobs[i].attempts;
    }
    p->price = round(p->price * 1e6) / 1e6; /* a sum's noise lies far below a millionth */
    p->price_worst = round(p->price_worst * 1e6) / 1e6;
}
