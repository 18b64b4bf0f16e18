/* The folders and the store come in; the list of what waits for a person goes out, oldest first.
 * Reads only. */
/* SPDX-License-Identifier: ISC */
#include "engine/needs.h"
#include "engine/engine_priv.h"
#include "engine/manual.h"
#include "engine/pods.h"
#include "engine/redo_offer.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/str.h"
#include "report/report.h"
#include "store/money.h"

#define SHOWN_MAX 500

struct needs {
    struct need *list;
    size_t n, more; /* more: not in the list, which is full */
};

static void needs_add(struct needs *list, int64_t since_s, char *takes_what, char *takes_why,
                      char *takes_cure)
{
    if (list->n == SHOWN_MAX) {
        list->more++;
        free(takes_what);
        free(takes_why);
        free(takes_cure);
        return;
    }
    list->list = mem_grow(list->list, list->n + 1, sizeof(*list->list));
    list->list[list->n++] = (struct need){since_s, takes_what, takes_why, takes_cure};
}

static void needs_finish(struct needs *list)
{
    for (size_t i = 0; i < list->n; i++) {
        free(list->list[i].what);
        free(list->list[i].why);
        free(list->list[i].cure);
    }
    free(list->list);
}

static void add_refused(struct engine *en, struct needs *list)
{
    DIR *dir = opendir(en->places.refused);
    for (struct dirent *entry; dir && (entry = readdir(dir));) {
        char *path = path_join(en->places.refused, entry->d_name);
        struct stat st;
        if (entry->d_name[0] != '.' && lstat(path, &st) == 0 && S_ISDIR(st.st_mode))
            needs_add(list, (int64_t)st.st_mtime, mem_printf("refused: %s", entry->d_name),
                      mem_printf("see refused/%s/WHY.txt", entry->d_name),
                      mem_dup("mend it and drop it again, or delete the folder"));
        free(path);
    }
    if (dir)
        closedir(dir);
}

static void add_manual(void *ctx, int64_t since_s, char *what, char *why, char *cure)
{
    needs_add(ctx, since_s, what, why, cure);
}

static void add_jobs_in(struct engine *en, struct needs *list, enum job_state state)
{
    struct job_row *jobs = NULL;
    size_t n = 0;
    if (store_jobs_in(en->store, state, &jobs, &n))
        return;
    for (size_t i = 0; i < n; i++) {
        struct drop_row drop = {0};
        bool by_hand = state == JOB_NEEDS_PERSON, person = str_eq(jobs[i].engine, "manual");
        if (store_drop(en->store, jobs[i].drop_id, &drop) == 0 && drop.state != DROP_CANCELLED &&
            !(state == JOB_HELD && jobs[i].next_at_s))
            needs_add(list, jobs[i].completed_s ? jobs[i].completed_s : drop.created_s,
                      mem_printf("%s: %s (%s)",
                                 by_hand             ? "by hand"
                                 : state == JOB_HELD ? "asks you"
                                                     : "failed",
                                 jobs[i].title, drop.entry),
                      mem_dup(jobs[i].error),
                      person ? mem_dup("put the result into the bundle's return/, or into return/")
                             : mem_printf("slated retry %s --job %s%s", drop.name, jobs[i].key,
                                          by_hand ? ", or put a file of yours into return/" : ""));
        drop_row_finish(&drop);
        job_row_finish(&jobs[i]);
    }
    free(jobs);
}

static void add_stops(struct engine *en, struct needs *list)
{
    struct stop_row *rows = NULL;
    size_t n = 0;
    if (store_stops(en->store, &rows, &n))
        return;
    for (size_t i = 0; i < n; i++) {
        const char *cure = rows[i].cure ? rows[i].cure : "Its own page says more.";
        char at[CLOCK_TEXT_LEN];
        clock_local(rows[i].until_s, "%Y-%m-%d %H:%M", at);
        needs_add(list, rows[i].at_s, mem_printf("stopped: the engine %s", rows[i].engine),
                  mem_dup(rows[i].why),
                  rows[i].until_s
                      ? mem_printf("%s It is tried again at %s, or at once after: slated resume %s",
                                   cure, at, rows[i].engine)
                      : mem_printf("%s Then: slated resume %s", cure, rows[i].engine));
        stop_row_finish(&rows[i]);
    }
    free(rows);
}

/* Doubts are said with their jobs, what could be made again with its shot. */
static void add_plans(struct engine *en, struct needs *list)
{
    struct card_row *rows = NULL;
    size_t n = 0;
    if (store_cards_asked(en->store, &rows, &n))
        return;
    for (size_t i = 0; i < n; i++) {
        if (!redo_is_offer(rows[i].kind))
            needs_add(list, rows[i].at_s, mem_printf("your go: %s", rows[i].file),
                      mem_printf("a card lies in approve/ (%s)", rows[i].kind),
                      mem_dup("drag it to approve/go/ or approve/no/"));
        card_row_finish(&rows[i]);
    }
    free(rows);
}

static int oldest_first(const void *a, const void *b)
{
    const struct need *x = a, *y = b;
    return x->since_s != y->since_s ? (x->since_s < y->since_s ? -1 : 1) : strcmp(x->what, y->what);
}

static void gather(struct engine *en, struct needs *list)
{
    if (en->fuse)
        needs_add(list, 0, mem_dup("STOP: this may be the wrong folder"), mem_dup(en->fuse_why),
                  mem_dup("look into inbox/ and out/; when all is as it should be: slated resume"));
    if (en->low_disk)
        needs_add(list, 0, mem_dup("the disk is nearly full"), mem_dup("no new work is started"),
                  mem_dup("make room; it goes on by itself"));
    add_stops(en, list); /* what holds others up first: the list has an end */
    pods_needs(en, add_manual, list);
    add_plans(en, list);
    add_jobs_in(en, list, JOB_HELD);
    add_jobs_in(en, list, JOB_FAILED);
    add_jobs_in(en, list, JOB_NEEDS_PERSON);
    manual_needs(en, add_manual, list);
    bundles_needs(en, add_manual, list);
    add_refused(en, list);
    if (list->n)
        qsort(list->list, list->n, sizeof(*list->list), oldest_first);
}

void needs_collect(struct engine *en, struct buf *out)
{
    struct needs list = {0};
    gather(en, &list);
    if (list.n)
        needs_you(list.list, list.n, list.more, en->now_s, out);
    needs_finish(&list);
}

int needs_count(struct engine *en)
{
    struct needs list = {0};
    gather(en, &list);
    int n = (int)(list.n + list.more);
    needs_finish(&list);
    return n;
}

void needs_each(struct engine *en, void (*visit)(void *ctx, const struct need *need), void *ctx)
{
    struct needs list = {0};
    gather(en, &list);
    for (size_t i = 0; i < list.n; i++)
        visit(ctx, &list.list[i]);
    needs_finish(&list);
}
