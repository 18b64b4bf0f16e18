/* A picture that a person has replaced comes in; what was made from the old one is found, and a
 * card in approve/ offers to make it again, with its price. What a person made themselves is never
 * among it. */
/* SPDX-License-Identifier: ISC */
#include "engine/redo_offer.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "engine/cards.h"
#include "store/manual.h"

#define TITLES_SHOWN 12

void hanging_finish(struct hanging *h)
{
    for (size_t i = 0; i < h->n; i++)
        job_row_finish(&h->jobs[i]);
    free(h->jobs);
    memset(h, 0, sizeof(*h));
}

/* --- finding it --- */

static bool listed(const struct hanging *h, int64_t job_id)
{
    for (size_t i = 0; i < h->n; i++)
        if (h->jobs[i].id == job_id)
            return true;
    return false;
}

static bool by_a_person(struct engine *en, const struct job_row *job)
{
    struct return_row row = {0};
    bool is = store_return_for(en->store, job->id, &row) == 0;
    return_row_finish(&row);
    return is;
}

/* Everything below a job that was made before an instant, all the way down. */
static void add_below(struct engine *en, int64_t job_id, int64_t than_s, struct hanging *h)
{
    struct edge_row *edges = NULL;
    size_t n = 0;
    if (store_edges_from(en->store, job_id, &edges, &n))
        return;
    for (size_t i = 0; i < n; i++) {
        struct job_row to = {0};
        bool made = !listed(h, edges[i].to) && store_job(en->store, edges[i].to, &to) == 0 &&
                    (to.state == JOB_DONE || to.state == JOB_KEPT) && to.completed_s <= than_s;
        if (made && !str_starts(to.key, WORDS_KEY) && !by_a_person(en, &to)) {
            h->jobs = mem_grow(h->jobs, h->n + 1, sizeof(*h->jobs));
            h->jobs[h->n++] = to;
            add_below(en, to.id, than_s, h);
        } else {
            job_row_finish(&to);
        }
    }
    free(edges);
}

static int in_plan_order(const void *a, const void *b)
{
    const struct job_row *x = a, *y = b;
    return x->seq < y->seq ? -1 : x->seq > y->seq;
}

bool hanging_find(struct engine *en, const struct unit *u, struct hanging *ret_hanging)
{
    struct hanging *h = ret_hanging;
    bool returned = false;
    memset(h, 0, sizeof(*h));
    for (size_t i = 0; i < u->jobs_n; i++) {
        struct return_row row = {0};
        if (store_return_for(en->store, u->jobs[i].id, &row) == 0) {
            add_below(en, u->jobs[i].id, row.at_s, h);
            h->since_s = row.at_s > h->since_s ? row.at_s : h->since_s;
            returned = true;
        }
        return_row_finish(&row);
    }
    if (h->n)
        qsort(h->jobs, h->n, sizeof(*h->jobs), in_plan_order);
    for (size_t i = 0; i < h->n; i++) {
        h->own += str_eq(h->jobs[i].unit, u->jobs[0].unit);
        h->price += h->jobs[i].price;
    }
    return returned;
}

char *hanging_others(const struct hanging *h, const char *unit)
{
    struct buf out;
    int shown = 0, more = 0;
    buf_init(&out, 16384);
    for (size_t i = 0; i < h->n; i++) {
        if (str_eq(h->jobs[i].unit, unit))
            continue;
        if (++shown <= TITLES_SHOWN)
            buf_printf(&out, "%s%s", out.len ? ", " : "", h->jobs[i].title);
        else
            more++;
    }
    if (more)
        buf_printf(&out, " and %d more", more);
    return buf_take(&out);
}

char *hanging_words(const struct hanging *h, const char *unit)
{
    char *others = hanging_others(h, unit);
    if (h->own) {
        char *words = mem_printf("%d of %s%s%s", h->own, unit, *others ? ", " : "", others);
        free(others);
        return words;
    }
    return others;
}

/* --- the card --- */

static char *subject_of(const struct unit *u)
{
    return mem_printf("%lld/%s", (long long)u->drop.id, u->jobs[0].unit);
}

/* The first two lines are what NEEDS-YOU.md says too. */
static char *card_text(const struct hanging *h, const struct unit *u)
{
    struct buf out;
    char *words = hanging_words(h, u->jobs[0].unit);
    buf_init(&out, 65536);
    buf_printf(&out, "made from the old picture: %s\n%s was replaced by a file of yours\n\n", words,
               u->jobs[0].unit);
    for (size_t i = 0; i < h->n && i < TITLES_SHOWN; i++)
        buf_printf(&out, "  %s, about %.2f\n", h->jobs[i].title, h->jobs[i].price);
    if (h->n > TITLES_SHOWN)
        buf_printf(&out, "  and %zu more\n", h->n - TITLES_SHOWN);
    buf_printf(&out,
               "\nTogether about %.2f. What lies there now is kept as an older version.\n"
               "Drag this card to go/ to make them again, to no/ to leave them as they are.\n"
               "The same by command: slated redo %s --drop %s\n",
               h->price, u->jobs[0].unit, u->drop.name);
    free(words);
    return buf_take(&out);
}

/* The very card lies there: one of many returns of a shot changes nothing about it. */
static bool is_asked(struct engine *en, const char *subject, const char *file)
{
    struct card_row row = {0};
    bool is = store_card(en->store, "redo", subject, &row) == 0 && str_eq(row.state, "asked") &&
              str_eq(row.file, file);
    card_row_finish(&row);
    return is;
}

static void lay_out(struct engine *en, const struct unit *u, const struct hanging *h,
                    const char *subject)
{
    struct err e = {0};
    const char *unit = u->jobs[0].unit;
    char *file =
        mem_printf("make %zu again for %s - est %.2f - %s.md", h->n, unit, h->price, u->drop.entry);
    if (!is_asked(en, subject, file)) {
        char *text = card_text(h, u);
        card_gone(en, "redo", subject);
        if (card_put(en, "redo", subject, file, text, &e))
            engine_say(en, "error", "no card can be laid out for what hangs on %s: %s", unit,
                       e.text);
        free(text);
    }
    free(file);
}

void redo_offer(struct engine *en, int64_t drop_id, const char *unit)
{
    struct unit u;
    struct hanging h;
    struct err e = {0};
    if (unit_of_drop(en, drop_id, unit, &u, &e)) {
        unit_finish(&u);
        return; /* nothing of it is known any more, so nothing hangs on it */
    }
    char *subject = subject_of(&u);
    (void)hanging_find(en, &u, &h);
    if (h.n)
        lay_out(en, &u, &h, subject);
    else
        card_gone(en, "redo", subject);
    hanging_finish(&h);
    free(subject);
    unit_finish(&u);
}

/* --- its answer --- */

int redo_hanging(struct engine *en, const struct unit *u, const struct hanging *h, struct err *e)
{
    struct drop_row drop = u->drop;
    int rc = 0;
    for (size_t i = 0; i < h->n && !rc; i++)
        rc = redo_again(en, &h->jobs[i], e);
    drop.state = DROP_RUNNING;
    drop.ended_s = 0;
    drop.priority = PRIORITY_RETAKE;
    if (!rc && h->n)
        rc = store_set_drop(en->store, &drop, e);
    desk_touch(en, drop.id);
    return rc;
}

int card_redo(struct engine *en, const struct card_row *card, bool yes, char **ret_said,
              struct err *e)
{
    const char *unit = strchr(card->subject, '/');
    char *number = mem_dup_n(card->subject, strcspn(card->subject, "/"));
    struct unit u = {0};
    struct hanging h = {0};
    int64_t drop_id = 0;
    int rc = 0;
    if (!unit || str_int(number, 1, INT64_MAX, &drop_id))
        rc = err_set(e, ERR_MISSING, "what this card was about is not known any more");
    if (!rc)
        rc = unit_of_drop(en, drop_id, unit + 1, &u, e);
    if (!rc && yes) {
        (void)hanging_find(en, &u, &h);
        rc = redo_hanging(en, &u, &h, e);
    }
    if (!rc) {
        char *words = hanging_words(&h, unit + 1);
        *ret_said = !yes  ? mem_printf("what was made from the old picture of %s stays", unit + 1)
                    : h.n ? mem_printf("made again: %s", words)
                          : mem_printf("nothing hangs on %s any more", unit + 1);
        free(words);
    }
    hanging_finish(&h);
    unit_finish(&u);
    free(number);
    return rc;
}

/* --- what waits for a person --- */

bool redo_is_offer(const char *kind)
{
    return str_eq(kind, "redo") || str_eq(kind, "prompt");
}

static char *needs_cure(const struct card_row *card)
{
    const char *unit = strchr(card->subject, '/');
    char *drag = mem_printf("drag approve/%s to approve/go/ or approve/no/", card->file);
    char *cure = unit ? mem_printf("%s, or: slated redo %s", drag, unit + 1) : mem_dup(drag);
    free(drag);
    return cure;
}

void redo_needs(struct engine *en,
                void (*add)(void *ctx, int64_t since_s, char *what, char *why, char *cure),
                void *ctx)
{
    struct card_row *rows = NULL;
    size_t n = 0;
    if (store_cards_asked(en->store, &rows, &n))
        return;
    for (size_t i = 0; i < n; i++) {
        const char *text = rows[i].body ? rows[i].body : "";
        const char *why = text + strcspn(text, "\n");
        why += *why == '\n';
        if (redo_is_offer(rows[i].kind))
            add(ctx, rows[i].at_s, mem_dup_n(text, strcspn(text, "\n")),
                mem_dup_n(why, strcspn(why, "\n")), needs_cure(&rows[i]));
        card_row_finish(&rows[i]);
    }
    free(rows);
}
