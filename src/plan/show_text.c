/* A plan comes in; a page for people goes out: what will be made, under which names, with what and
 * why, for how much, and what else should be known. Jobs stand under their meta's "group", else
 * under the folder they go to.
 *
 *   title, tree, sums           print_head
 *   groups of jobs              print_jobs: a line an output, with name, title, engine, marks
 *   reasons, documents, notes   print_reasons, print_documents, print_notes */
/* SPDX-License-Identifier: ISC */
#include "plan/plan.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/str.h"

#define NAME_WIDTH_MAX  64
#define TITLE_WIDTH_MAX 48
#define REASONS_MAX     40

struct page {
    const struct plan *plan;
    struct buf *out;
    size_t name_width, title_width, engine_width;
    const char *reasons[REASONS_MAX];
    size_t reasons_n;
};

/* --- columns --- */

static size_t width_of(const char *text)
{
    size_t n = 0;
    for (; text && *text; text++)
        n += ((unsigned char)*text & 0xC0) != 0x80;
    return n;
}

static void put(struct buf *out, const char *text, size_t width)
{
    size_t n = width_of(text);
    buf_text(out, text);
    for (; n < width; n++)
        buf_text(out, " ");
}

static void widen(size_t *width, const char *text, size_t most)
{
    size_t n = width_of(text);
    n = n > most ? most : n;
    if (n > *width)
        *width = n;
}

/* The path without the plan's tree in front. Borrowed. */
static const char *below_tree(const struct plan *p, const char *path)
{
    size_t len = p->tree ? strlen(p->tree) : 0;
    return len && str_starts(path, p->tree) && path[len] == '/' ? path + len + 1 : path;
}

static void measure(struct page *g)
{
    for (size_t i = 0; i < g->plan->jobs_n; i++) {
        const struct plan_job *j = &g->plan->jobs[i];
        for (size_t k = 0; k < j->outs_n; k++)
            widen(&g->name_width, below_tree(g->plan, j->outs[k].path), NAME_WIDTH_MAX);
        widen(&g->title_width, j->title, TITLE_WIDTH_MAX);
        widen(&g->engine_width, j->engine, 24);
    }
}

/* --- head --- */

static void put_count(struct buf *out, size_t n, const char *what, bool *first)
{
    if (n == 0)
        return;
    buf_printf(out, "%s%zu %s%s", *first ? "" : ", ", n, what, n == 1 ? "" : "s");
    *first = false;
}

static void put_counts(struct page *g)
{
    size_t pictures = 0, films = 0, others = 0;
    bool first = true;
    for (size_t i = 0; i < g->plan->jobs_n; i++)
        for (size_t k = 0; k < g->plan->jobs[i].outs_n; k++) {
            const char *path = g->plan->jobs[i].outs[k].path;
            if (path_is_picture(path))
                pictures++;
            else if (str_ends_nocase(path, ".mp4"))
                films++;
            else
                others++;
        }
    put_count(g->out, pictures, "picture", &first);
    put_count(g->out, films, "film", &first);
    put_count(g->out, others, "other file", &first);
    put_count(g->out, g->plan->records_n, "document", &first);
    buf_text(g->out, first ? "nothing" : NULL);
}

static void put_time(struct buf *out, int seconds)
{
    if (seconds < 120)
        buf_printf(out, "%d s", seconds);
    else if (seconds < 7200)
        buf_printf(out, "%d min", (seconds + 30) / 60);
    else
        buf_printf(out, "%d h %d min", seconds / 3600, seconds % 3600 / 60);
}

static void put_price(struct page *g)
{
    const struct plan *p = g->plan;
    int unpriced = 0;
    for (size_t i = 0; i < p->jobs_n; i++)
        unpriced += p->jobs[i].unpriced;
    if (p->price_worst > 0)
        buf_printf(g->out, "%.2f USD, and %.2f if every attempt is needed%s", p->price,
                   p->price_worst, unpriced ? "; " : "");
    else if (!unpriced)
        buf_text(g->out, "nothing");
    if (unpriced)
        buf_printf(g->out, "not known of %d job%s, not bought before it is", unpriced,
                   unpriced == 1 ? "" : "s");
}

static void print_head(struct page *g)
{
    const struct plan *p = g->plan;
    int seconds = 0;
    for (size_t i = 0; i < p->jobs_n; i++)
        seconds += p->jobs[i].seconds;
    buf_printf(g->out, "%s\n\n  makes   ", p->title);
    put_counts(g);
    buf_printf(g->out, "\n  under   out/%s\n  price   ", p->tree);
    put_price(g);
    buf_text(g->out, "\n  time    at most ");
    put_time(g->out, seconds);
    buf_text(g->out, " of work\n");
}

/* --- jobs --- */

/* Whose heading a job stands under: owned. */
static char *group_of(const struct plan *p, const struct plan_job *j)
{
    const char *group = json_str(j->meta, "group", NULL);
    if (group)
        return mem_dup(group);
    return j->outs_n ? path_dir(below_tree(p, j->outs[0].path)) : mem_dup("");
}

/* The reason's number from 1, 0 for none (or when there are too many to list). */
static size_t reason_number(struct page *g, const char *why)
{
    if (!why)
        return 0;
    for (size_t i = 0; i < g->reasons_n; i++)
        if (str_eq(g->reasons[i], why))
            return i + 1;
    if (g->reasons_n == REASONS_MAX)
        return 0;
    g->reasons[g->reasons_n++] = why;
    return g->reasons_n;
}

static void print_job(struct page *g, const struct plan_job *j)
{
    size_t reason = reason_number(g, j->why_engine);
    for (size_t k = 0; k < j->outs_n; k++) {
        const char *name = below_tree(g->plan, j->outs[k].path);
        size_t n = width_of(name);
        buf_text(g->out, "  ");
        put(g->out, name, (n > g->name_width ? n : g->name_width) + 2);
        put(g->out, k ? j->outs[k].role : j->title, g->title_width + 2);
        put(g->out, j->engine, g->engine_width);
        if (j->price > 0)
            buf_printf(g->out, "  %.3f", j->price);
        if (j->unpriced)
            buf_text(g->out, "  ?");
        if (reason)
            buf_printf(g->out, "  [%zu]", reason);
        buf_text(g->out, j->preview ? "  stand-in\n" : "\n");
    }
}

static void print_jobs(struct page *g)
{
    char *before = NULL;
    for (size_t i = 0; i < g->plan->jobs_n; i++) {
        char *group = group_of(g->plan, &g->plan->jobs[i]);
        if (!str_eq(group, before))
            buf_printf(g->out, "\n%s\n", group);
        free(before);
        before = group;
        print_job(g, &g->plan->jobs[i]);
    }
    free(before);
}

/* --- the rest --- */

static void print_reasons(struct page *g)
{
    if (g->reasons_n)
        buf_text(g->out, "\nWhy this engine\n");
    for (size_t i = 0; i < g->reasons_n; i++)
        buf_printf(g->out, "  [%zu] %s.\n", i + 1, g->reasons[i]);
}

static void print_documents(struct page *g)
{
    if (g->plan->records_n)
        buf_text(g->out, "\nDocuments\n");
    for (size_t i = 0; i < g->plan->records_n; i++)
        buf_printf(g->out, "  %s\n", below_tree(g->plan, g->plan->records[i].path));
}

static void print_notes(struct page *g)
{
    if (g->plan->notes.n == 0)
        return;
    buf_text(g->out, "\nGood to know\n");
    faults_text(&g->plan->notes, g->out);
}

void plan_to_text(const struct plan *p, struct buf *out)
{
    struct page g = {.plan = p, .out = out};
    measure(&g);
    print_head(&g);
    print_jobs(&g);
    print_reasons(&g);
    print_documents(&g);
    print_notes(&g);
}
