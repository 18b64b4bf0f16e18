/* An order and its plan come in, rows go out. Pure. */
/* SPDX-License-Identifier: ISC */
#include "engine/order_rows.h"

#include <stdlib.h>
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"

static void add_move(cJSON *list, char *takes_from, char *takes_to)
{
    cJSON *move = cJSON_CreateObject();
    json_set_str(move, "from", takes_from);
    json_set_str(move, "to", takes_to);
    cJSON_AddItemToArray(list, move);
    free(takes_from);
    free(takes_to);
}

static void add_notes(cJSON *list, const struct faults *faults)
{
    for (size_t i = 0; i < faults->n; i++) {
        struct buf text;
        buf_init(&text, 64 * 1024);
        fault_sentence(&faults->list[i], &text);
        cJSON_AddItemToArray(list, cJSON_CreateString(text.data));
        buf_finish(&text);
    }
}

/* What the taking moves and copies, in the order of doing. */
static char *drop_meta(const struct order_rows_from *from)
{
    cJSON *meta = cJSON_CreateObject(), *take = cJSON_CreateArray(), *copy = cJSON_CreateArray();
    cJSON *notes = cJSON_CreateArray();
    const struct order *o = from->order;
    for (size_t i = 0; i < o->files_n; i++)
        if (o->files[i].copy)
            add_move(copy, mem_dup(o->files[i].now),
                     mem_printf("taken/%s/%s", from->drop_id, o->files[i].frozen));
    if (from->staged)
        add_move(take, mem_printf("%s/%s", from->staged, o->entry),
                 mem_printf("taken/%s/input/%s", from->drop_id, o->entry));
    add_move(take, mem_printf("inbox/%s", from->entry),
             mem_printf("taken/%s/input/%s%s", from->drop_id, from->staged ? "archive/" : "",
                        from->entry));
    for (size_t i = 0; i < o->siblings_n; i++)
        add_move(take, mem_printf("inbox/%s", o->siblings[i]),
                 mem_printf("taken/%s/input/%s", from->drop_id, o->siblings[i]));
    add_notes(notes, &from->plan->notes);
    json_set(meta, "take", take);
    json_set(meta, "copy", copy);
    json_set(meta, "notes", notes);
    char *text = json_compact(meta);
    cJSON_Delete(meta);
    return text;
}

static char *ins_text(const struct plan_job *job)
{
    cJSON *list = cJSON_CreateArray();
    for (size_t i = 0; i < job->ins_n; i++) {
        const struct plan_input *in = &job->ins[i];
        cJSON *item = cJSON_CreateObject();
        json_set_str(item, "name", in->name);
        if (in->job) {
            json_set_str(item, "job", in->job);
            json_set_str(item, "role", in->role);
        } else {
            json_set_str(item, "file", in->file);
            json_set_str(item, "sha256", in->sha256);
        }
        if (in->soft)
            json_set_bool(item, "soft", true);
        if (in->wait)
            json_set_bool(item, "wait", true);
        cJSON_AddItemToArray(list, item);
    }
    char *text = json_compact(list);
    cJSON_Delete(list);
    return text;
}

static char *outs_text(const struct plan_job *job)
{
    cJSON *list = cJSON_CreateArray();
    for (size_t i = 0; i < job->outs_n; i++) {
        cJSON *item = cJSON_CreateObject();
        json_set_str(item, "role", job->outs[i].role);
        json_set_str(item, "slot", job->outs[i].slot);
        json_set_str(item, "path", job->outs[i].path);
        cJSON_AddItemToArray(list, item);
    }
    char *text = json_compact(list);
    cJSON_Delete(list);
    return text;
}

void order_rows_job(struct job_row *row, const struct plan_job *job, int seq)
{
    row->seq = seq;
    row->key = mem_dup(job->key);
    row->title = mem_dup(job->title);
    row->op = mem_dup(job->op);
    row->engine = mem_dup(job->engine);
    row->model = mem_dup(job->model);
    row->why_engine = mem_dup(job->why_engine);
    row->choices = job->choices ? json_compact(job->choices) : NULL;
    row->params = job->params ? json_compact(job->params) : mem_dup("{}");
    row->prompt = mem_dup(job->prompt);
    row->negative = mem_dup(job->negative);
    row->prompt_path = mem_dup(job->prompt_path);
    row->ins = ins_text(job);
    row->outs = outs_text(job);
    row->unit = mem_dup(json_str(job->meta, "unit", job->key));
    row->meta = job->meta ? json_compact(job->meta) : mem_dup("{}");
    snprintf(row->hash, sizeof(row->hash), "%s", job->hash);
    row->attempts_max = job->attempts > 0 ? job->attempts : 1;
    row->price = job->price;
    row->seconds = job->seconds;
    row->preview = job->preview;
}

static int index_of(const struct plan *plan, const char *key)
{
    for (size_t i = 0; i < plan->jobs_n; i++)
        if (str_eq(plan->jobs[i].key, key))
            return (int)i;
    bug("the sealed plan names a job it does not have: %s", key);
}

/* One edge between two jobs however many files travel; soft only when all of them are. */
static void add_edge(struct order_rows *r, int from, int to, bool soft, size_t first_of_job)
{
    for (size_t i = first_of_job; i < r->edges_n; i++) {
        if (r->edges[i].from != from)
            continue;
        r->edges[i].soft = r->edges[i].soft && soft;
        return;
    }
    r->edges = mem_grow(r->edges, r->edges_n + 1, sizeof(*r->edges));
    r->edges[r->edges_n++] = (struct new_edge){from, to, soft};
}

static void job_edges(struct order_rows *r, const struct plan *plan, int to)
{
    size_t first = r->edges_n;
    const struct plan_job *job = &plan->jobs[to];
    for (size_t i = 0; i < job->ins_n; i++)
        if (job->ins[i].job)
            add_edge(r, index_of(plan, job->ins[i].job), to, job->ins[i].soft, first);
    r->jobs[to].missing_n = (int)(r->edges_n - first);
    r->jobs[to].state = r->jobs[to].missing_n ? JOB_WAITING : JOB_READY;
}

static void records_fill(struct order_rows *r, const struct plan *plan)
{
    r->records = mem_alloc((plan->records_n + 1) * sizeof(*r->records));
    r->records_n = plan->records_n;
    for (size_t i = 0; i < plan->records_n; i++) {
        r->records[i].path = mem_dup(plan->records[i].path);
        r->records[i].format = mem_dup(plan->records[i].format);
        r->records[i].body = json_compact(plan->records[i].body);
        r->records[i].at_end = plan->records[i].at_end;
    }
}

void order_rows_make(struct order_rows *ret_rows, const struct order_rows_from *from)
{
    const struct plan *plan = from->plan;
    memset(ret_rows, 0, sizeof(*ret_rows));
    ret_rows->drop = (struct drop_row){.name = mem_dup(from->drop_id),
                                       .entry = mem_dup(from->entry),
                                       .kind = mem_dup(plan->kind),
                                       .title = mem_dup(plan->title),
                                       .subject = mem_dup(plan->subject),
                                       .tree = mem_dup(plan->tree),
                                       .rules_digest = mem_dup(plan->rules_digest),
                                       .digest = mem_dup(from->order->digest),
                                       .meta = drop_meta(from),
                                       .state = DROP_TAKING,
                                       .created_s = from->created_s};
    ret_rows->jobs = mem_alloc((plan->jobs_n + 1) * sizeof(*ret_rows->jobs));
    ret_rows->jobs_n = plan->jobs_n;
    for (size_t i = 0; i < plan->jobs_n; i++) {
        order_rows_job(&ret_rows->jobs[i], &plan->jobs[i], (int)i);
        job_edges(ret_rows, plan, (int)i);
    }
    records_fill(ret_rows, plan);
}

void order_rows_finish(struct order_rows *r)
{
    drop_row_finish(&r->drop);
    for (size_t i = 0; i < r->jobs_n; i++)
        job_row_finish(&r->jobs[i]);
    for (size_t i = 0; i < r->records_n; i++)
        record_row_finish(&r->records[i]);
    free(r->jobs);
    free(r->edges);
    free(r->records);
    memset(r, 0, sizeof(*r));
}
