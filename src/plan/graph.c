/* A plan's jobs come in; the maker behind every input and an order of making go out. Edges live in
 * the jobs themselves; nothing is changed here.
 *
 * A job is WHITE until it is looked at, GREY while what it takes is looked at (it lies on the
 * stack), BLACK when it has its place in the order. An edge to a GREY job closes a ring, and the
 * stack from there on is its path. */
/* SPDX-License-Identifier: ISC */
#include "plan/plan_priv.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"

enum color { WHITE, GREY, BLACK };

struct named {
    const char *key;
    size_t job;
};

struct walk {
    const struct plan *plan;
    const long *from;
    const size_t *first; /* index of each job's first input in from */
    unsigned char *color;
    size_t *stack, *next; /* next: how many of the stacked job's inputs were followed */
    size_t depth;
    size_t *order;
    size_t order_n;
};

/* --- keys --- */

static int by_key(const void *a, const void *b)
{
    const struct named *x = a, *y = b;
    int c = strcmp(x->key, y->key);
    return c ? c : (x->job > y->job) - (x->job < y->job);
}

static struct named *index_keys(const struct plan *p, struct faults *faults)
{
    struct named *keys = mem_alloc((p->jobs_n + 1) * sizeof *keys);
    for (size_t i = 0; i < p->jobs_n; i++)
        keys[i] = (struct named){p->jobs[i].key, i};
    qsort(keys, p->jobs_n, sizeof *keys, by_key);
    for (size_t i = 1; i < p->jobs_n; i++)
        if (strcmp(keys[i].key, keys[i - 1].key) == 0)
            faults_add(faults, "PLAN_KEY_TWICE", p->jobs[keys[i].job].title, keys[i].key,
                       "a name that no other job of this drop has",
                       "Give the two entries different ids and drop the file again.");
    return keys;
}

static long find_key(const struct named *keys, size_t n, const char *key)
{
    size_t low = 0, high = n;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        int c = strcmp(keys[mid].key, key);
        if (c == 0)
            return (long)keys[mid].job;
        if (c < 0)
            low = mid + 1;
        else
            high = mid;
    }
    return -1;
}

/* --- edges --- */

static bool makes_role(const struct plan_job *j, const char *role)
{
    for (size_t i = 0; i < j->outs_n; i++)
        if (str_eq(j->outs[i].role, role))
            return true;
    return false;
}

static long resolve_input(const struct plan *p, const struct named *keys, const struct plan_job *j,
                          const struct plan_input *in, struct faults *faults)
{
    if (!in->job)
        return -1;
    long maker = find_key(keys, p->jobs_n, in->job);
    if (maker < 0)
        faults_add(faults, "PLAN_UNKNOWN_JOB", j->key, in->job,
                   "the key of another job of this plan",
                   "Correct the reference and drop the file again.");
    else if (!makes_role(&p->jobs[maker], in->role))
        faults_add(faults, "PLAN_UNKNOWN_ROLE", j->key, in->role,
                   "something the job it takes from makes",
                   "Correct the plan rule of this kind under rules/plans.");
    return maker;
}

static long *resolve_edges(const struct plan *p, const struct named *keys, size_t *first,
                           struct faults *faults)
{
    size_t total = 0;
    for (size_t i = 0; i < p->jobs_n; i++) {
        first[i] = total;
        total += p->jobs[i].ins_n;
    }
    long *from = mem_alloc((total + 1) * sizeof *from);
    for (size_t i = 0; i < p->jobs_n; i++)
        for (size_t k = 0; k < p->jobs[i].ins_n; k++)
            from[first[i] + k] = resolve_input(p, keys, &p->jobs[i], &p->jobs[i].ins[k], faults);
    return from;
}

/* --- rings and order --- */

static void tell_ring(const struct walk *w, size_t again, struct faults *faults)
{
    struct buf path;
    buf_init(&path, 4096);
    size_t i = w->depth;
    while (i > 0 && w->stack[i - 1] != again)
        i--;
    for (size_t k = i ? i - 1 : 0; k < w->depth; k++)
        buf_printf(&path, "%s <- ", w->plan->jobs[w->stack[k]].key);
    buf_text(&path, w->plan->jobs[again].key);
    faults_add(faults, "PLAN_RING", "the jobs of this plan", path.data,
               "an order in which each job can be made",
               "Take one of these references out; each waits for the one after the arrow.");
    buf_finish(&path);
}

static void push(struct walk *w, size_t job)
{
    w->color[job] = GREY;
    w->stack[w->depth] = job;
    w->next[w->depth++] = 0;
}

/* One step of the walk: follows the top job's next input or gives the job its place. False on a
 * ring. */
static bool step(struct walk *w, struct faults *faults)
{
    size_t job = w->stack[w->depth - 1];
    if (w->next[w->depth - 1] == w->plan->jobs[job].ins_n) {
        w->color[job] = BLACK;
        w->order[w->order_n++] = job;
        w->depth--;
        return true;
    }
    long maker = w->from[w->first[job] + w->next[w->depth - 1]++];
    if (maker < 0 || w->color[maker] == BLACK)
        return true;
    if (w->color[maker] == GREY) {
        tell_ring(w, (size_t)maker, faults);
        return false;
    }
    push(w, (size_t)maker);
    return true;
}

static size_t *order_jobs(const struct plan *p, const long *from, const size_t *first,
                          struct faults *faults)
{
    size_t n = p->jobs_n + 1;
    struct walk w = {.plan = p, .from = from, .first = first};
    w.color = mem_alloc(n);
    w.stack = mem_alloc(n * sizeof *w.stack);
    w.next = mem_alloc(n * sizeof *w.next);
    w.order = mem_alloc(n * sizeof *w.order);
    bool sound = true;
    for (size_t i = 0; sound && i < p->jobs_n; i++) {
        if (w.color[i] == WHITE)
            push(&w, i);
        while (sound && w.depth > 0)
            sound = step(&w, faults);
    }
    free(w.color);
    free(w.stack);
    free(w.next);
    return w.order;
}

int graph_resolve(const struct plan *p, size_t **ret_order, long **ret_from, struct faults *faults)
{
    size_t before = faults->n + faults->more;
    size_t *first = mem_alloc((p->jobs_n + 1) * sizeof *first);
    struct named *keys = index_keys(p, faults);
    long *from = resolve_edges(p, keys, first, faults);
    size_t *order = order_jobs(p, from, first, faults);
    free(keys);
    free(first);
    if (faults->n + faults->more > before) {
        free(order);
        free(from);
        return ERR_INPUT;
    }
    *ret_order = order;
    *ret_from = from;
    return 0;
}
