/* An order comes in, a sealed plan goes out: the order's kind fills it through plan_add_*, then
 * names, edges and hashes are settled here. Reads no file, knows no kind by name. */
/* SPDX-License-Identifier: ISC */
#include "plan/plan.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "plan/looks.h"
#include "plan/naming.h"
#include "plan/plan_priv.h"

/* --- building --- */

static void take_notes(struct plan *p, const struct faults *warnings)
{
    for (size_t i = 0; i < warnings->n; i++) {
        const struct fault *f = &warnings->list[i];
        faults_add(&p->notes, f->code, f->place, f->found, f->expected, f->cure);
    }
    p->notes.more += warnings->more;
}

static int seal(struct plan *p, const struct rules *rules, struct faults *faults)
{
    size_t *order = NULL;
    long *from = NULL;
    int rc = graph_resolve(p, &order, &from, faults);
    int names = naming_check_plan(p, faults);
    if (!rc && !names) {
        seal_plan(p, order, from);
        price_pods(p, rules);
    }
    free(order);
    free(from);
    return rc ? rc : names;
}

const cJSON *plan_file(const struct order *order, const struct plan_context *ctx)
{
    const char *name = order->plan ? order->plan : order->kind;
    return cJSON_GetObjectItemCaseSensitive(rules_kind(ctx->rules, "plans"), name);
}

static void make_label(char **text)
{
    char *label = utf8_label(*text);
    free(*text);
    *text = label;
}

/* Titles are made of what a document says, and stand in lines on terminals and in receipts. */
static void make_labels(struct plan *p)
{
    make_label(&p->title);
    for (size_t i = 0; i < p->jobs_n; i++) {
        char *group = utf8_label(json_str(p->jobs[i].meta, "group", NULL));
        make_label(&p->jobs[i].title);
        if (group)
            json_set_str(p->jobs[i].meta, "group", group);
        free(group);
    }
}

int plan_build(const struct order *order, const struct plan_context *ctx, struct plan **ret_plan,
               struct faults *faults)
{
    const struct plan_kind *kind = plan_kind_find(order->kind);
    if (!kind) {
        faults_add(faults, "PLAN_KIND", order->entry, order->kind, "a kind slated can plan",
                   "Look into rules/intake: the rule that recognised this entry names the kind.");
        return ERR_INPUT;
    }
    size_t faults_n = faults->n;
    struct plan *p = mem_alloc(sizeof *p);
    p->kind = mem_dup(order->kind);
    memcpy(p->rules_digest, rules_digest(ctx->rules), sizeof p->rules_digest);
    take_notes(p, &order->warnings);
    int rc = kind->fill(order, ctx, p, faults);
    if (!rc && faults->n == faults_n) {
        make_labels(p);
        looks_add(p, ctx);
        rc = seal(p, ctx->rules, faults);
    }
    if (!rc && faults->n > faults_n)
        rc = ERR_INPUT;
    if (rc) {
        plan_free(p);
        return rc;
    }
    *ret_plan = p;
    return 0;
}

/* --- for the kinds --- */

/* Room for one more in a list that doubles: its size is told by its count alone. */
static void *grow(void *list, size_t n, size_t width)
{
    if (n & (n - 1))
        return list;
    list = mem_grow(list, n ? n * 2 : 1, width);
    return list;
}

struct plan_job *plan_add_job(struct plan *p, const char *key, const char *title, const char *op)
{
    p->jobs = grow(p->jobs, p->jobs_n, sizeof *p->jobs);
    struct plan_job *j = &p->jobs[p->jobs_n++];
    memset(j, 0, sizeof *j);
    j->key = mem_dup(key);
    j->title = mem_dup(title);
    j->op = mem_dup(op);
    return j;
}

static struct plan_input *add_input(struct plan_job *j, const char *name, bool soft)
{
    j->ins = grow(j->ins, j->ins_n, sizeof *j->ins);
    struct plan_input *in = &j->ins[j->ins_n++];
    memset(in, 0, sizeof *in);
    in->name = mem_dup(name);
    in->soft = soft;
    return in;
}

void plan_add_input_job(struct plan_job *j, const char *name, const char *from_key,
                        const char *role, bool soft)
{
    struct plan_input *in = add_input(j, name, soft);
    in->job = mem_dup(from_key);
    in->role = mem_dup(role);
}

void plan_add_input_file(struct plan_job *j, const char *name, const struct order_file *file,
                         bool soft)
{
    struct plan_input *in = add_input(j, name, soft);
    in->file = mem_dup(file->frozen);
    memcpy(in->sha256, file->sha256, sizeof in->sha256);
}

void plan_add_output(struct plan_job *j, const char *role, const char *path, const char *slot)
{
    j->outs = grow(j->outs, j->outs_n, sizeof *j->outs);
    struct plan_output *out = &j->outs[j->outs_n++];
    out->role = mem_dup(role);
    out->path = mem_dup(path);
    out->slot = mem_dup(slot ? slot : path);
}

void plan_add_record(struct plan *p, const char *path, const char *format, bool at_end,
                     cJSON *takes_body)
{
    p->records = grow(p->records, p->records_n, sizeof *p->records);
    struct plan_record *r = &p->records[p->records_n++];
    r->path = mem_dup(path);
    r->format = mem_dup(format);
    r->at_end = at_end;
    r->body = takes_body;
}

/* --- releasing --- */

void plan_job_finish(struct plan_job *j)
{
    for (size_t i = 0; i < j->ins_n; i++) {
        free(j->ins[i].name);
        free(j->ins[i].job);
        free(j->ins[i].role);
        free(j->ins[i].file);
    }
    for (size_t i = 0; i < j->outs_n; i++) {
        free(j->outs[i].role);
        free(j->outs[i].slot);
        free(j->outs[i].path);
    }
    free(j->ins);
    free(j->outs);
    free(j->key);
    free(j->title);
    free(j->op);
    free(j->engine);
    free(j->model);
    free(j->why_engine);
    cJSON_Delete(j->choices);
    free(j->prompt);
    free(j->negative);
    free(j->prompt_path);
    cJSON_Delete(j->params);
    cJSON_Delete(j->meta);
}

void plan_free(struct plan *p)
{
    if (!p)
        return;
    for (size_t i = 0; i < p->jobs_n; i++)
        plan_job_finish(&p->jobs[i]);
    for (size_t i = 0; i < p->records_n; i++) {
        free(p->records[i].path);
        free(p->records[i].format);
        cJSON_Delete(p->records[i].body);
    }
    free(p->jobs);
    free(p->records);
    free(p->kind);
    free(p->title);
    free(p->subject);
    free(p->tree);
    faults_finish(&p->notes);
    free(p);
}
