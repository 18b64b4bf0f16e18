/* Small orders for the tests and the bench of the store: rows with the texts a one-product drop
 * has. */
/* SPDX-License-Identifier: ISC */
#ifndef TESTS_STORE_ORDERS_H
#define TESTS_STORE_ORDERS_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "store/store.h"

/* A job whose prompt and params are as long as real ones. Owned texts. */
static inline struct job_row order_job(int seq, enum job_state state, const char *engine)
{
    struct job_row j = {.seq = seq, .state = state, .attempts_max = 3, .seconds = 2, .price = 0.25};
    j.key = mem_printf("job-%d", seq);
    j.title = mem_printf("Variant %d", seq);
    j.op = mem_dup("product");
    j.engine = mem_dup(engine);
    j.model = mem_dup("local-1");
    j.params = mem_dup("{\"width\":1536,\"height\":864,\"variant\":\"hero\",\"seed\":42}");
    j.prompt = mem_printf("%0700d", seq);
    j.negative = mem_dup("blurry, text, watermark");
    j.ins = mem_dup("[{\"name\":\"ref\",\"file\":\"taken/x/input/lamp.jpg\"}]");
    j.outs =
        mem_dup("[{\"role\":\"image\",\"slot\":\"videos/x/hero\",\"path\":\"videos/x/hero.png\"}]");
    j.meta = mem_dup("{\"rank\":1}");
    snprintf(j.hash, sizeof j.hash, "%064d", seq);
    return j;
}

static inline struct drop_row order_drop(int n)
{
    struct drop_row d = {.state = DROP_RUNNING, .created_s = 1773478800 + n};
    d.name = mem_printf("20260314-%06d-products", n);
    d.entry = mem_printf("products-%d.json", n);
    d.kind = mem_dup("products");
    d.title = mem_dup("Desk lamps");
    d.tree = mem_dup("videos/x");
    d.digest = mem_printf("%064d", n);
    d.meta = mem_dup("{\"take\":[]}");
    return d;
}

/* A drop of jobs_n jobs (the last waits for the first two) and a record, added in the caller's
 * step. */
static inline int order_add(struct store *s, int n, int jobs_n, enum job_state state,
                            struct drop_row *ret_drop, struct err *e)
{
    struct drop_row drop = order_drop(n);
    struct job_row *jobs = mem_alloc((size_t)jobs_n * sizeof *jobs);
    for (int i = 0; i < jobs_n; i++)
        jobs[i] = order_job(i, i && i == jobs_n - 1 ? JOB_WAITING : state, "local");
    struct new_edge edges[2] = {{0, jobs_n - 1, false}, {1, jobs_n - 1, true}};
    struct record_row record = {.path = mem_dup("videos/x/assets_manifest.json"),
                                .format = mem_dup("json"),
                                .body = mem_dup("{\"assets\":[]}")};
    int rc =
        store_add_order(s, &drop, jobs, (size_t)jobs_n, edges, jobs_n > 2 ? 2 : 0, &record, 1, e);
    for (int i = 0; i < jobs_n; i++)
        job_row_finish(&jobs[i]);
    free(jobs);
    record_row_finish(&record);
    if (ret_drop)
        *ret_drop = drop;
    else
        drop_row_finish(&drop);
    return rc;
}

#endif
