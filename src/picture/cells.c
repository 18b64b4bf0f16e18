/* Paths of pictures come in, small pictures go out in the same order. Each thread takes the next
 * picture that nobody took; which thread makes it changes nothing in it. */
/* SPDX-License-Identifier: ISC */
#include "picture/cells.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"

struct cells {
    const char *const *paths;
    int n, width, height;
    struct pixels *made; /* one each */
    struct err *errs;    /* one each; code 0 while fine */
    atomic_int next;
    atomic_bool stop; /* one failed: the rest is not begun */
};

static int make_cell(struct cells *c, int i)
{
    struct pixels whole = {0};
    int rc = picture_read(c->paths[i], &whole, &c->errs[i]);
    if (!rc)
        rc = pixels_inside(&whole, c->width, c->height, &c->made[i], &c->errs[i]);
    pixels_finish(&whole);
    return rc;
}

static void *work(void *arg)
{
    struct cells *c = arg;
    int i;
    while (!atomic_load(&c->stop) && (i = atomic_fetch_add(&c->next, 1)) < c->n)
        if (make_cell(c, i))
            atomic_store(&c->stop, true);
    return NULL;
}

static int threads_wanted(int n)
{
    long online = sysconf(_SC_NPROCESSORS_ONLN);
    int most = online < 1 ? 1 : online > CELLS_MAX_THREADS ? CELLS_MAX_THREADS : (int)online;
    return most < n ? most : n;
}

/* This thread works too, so one that cannot be started is only slower. */
static void work_together(struct cells *c)
{
    pthread_t others[CELLS_MAX_THREADS];
    int started = 0, wanted = threads_wanted(c->n) - 1;
    while (started < wanted && pthread_create(&others[started], NULL, work, c) == 0)
        started++;
    work(c);
    while (started > 0)
        pthread_join(others[--started], NULL);
}

/* The first picture in order that failed. Pictures are taken in order, so every one before it was
 * tried. */
static const struct err *first_failure(const struct cells *c)
{
    for (int i = 0; i < c->n; i++)
        if (c->errs[i].code)
            return &c->errs[i];
    return NULL;
}

int picture_read_cells(const char *const *paths, int n, int width, int height,
                       struct pixels *ret_cells, struct err *e)
{
    struct cells c = {.paths = paths, .n = n, .width = width, .height = height};
    int rc = 0;
    if (n < 1)
        return 0;
    c.made = mem_alloc((size_t)n * sizeof *c.made);
    c.errs = mem_alloc((size_t)n * sizeof *c.errs);
    work_together(&c);
    const struct err *failure = first_failure(&c);
    if (failure) {
        rc = err_set(e, failure->code, "%s", failure->text);
        for (int i = 0; i < n; i++)
            pixels_finish(&c.made[i]);
    } else {
        memcpy(ret_cells, c.made, (size_t)n * sizeof *ret_cells);
    }
    free(c.errs);
    free(c.made);
    return rc;
}
