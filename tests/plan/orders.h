/* A document's text comes in, an order as intake would hand it over goes out; no file is read. The
 * rules are the repository's. */
/* SPDX-License-Identifier: ISC */
#ifndef TESTS_PLAN_ORDERS_H
#define TESTS_PLAN_ORDERS_H

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "plan/plan.h"

#define ORDERS_NOW_S 1773482400 /* 2026-03-14, 10:00 UTC */

__attribute__((unused)) static struct rules *orders_rules(void)
{
    static struct rules *rules;
    struct faults faults = {0};
    if (!rules && rules_load("rules", &rules, &faults) != 0) {
        struct buf text;
        buf_init(&text, 100000);
        faults_text(&faults, &text);
        fail_msg("rules/ does not load: %s", text.data);
    }
    faults_finish(&faults);
    return rules;
}

__attribute__((unused)) static struct order *orders_products(const char *json)
{
    struct order *o = mem_alloc(sizeof *o);
    o->kind = mem_dup("products");
    o->entry = mem_dup("products.json");
    o->doc = cJSON_Parse(json);
    o->doc_path = mem_dup("");
    assert_non_null(o->doc);
    return o;
}

/* A picture the order holds under that name. */
__attribute__((unused)) static void orders_add_file(struct order *o, const char *name,
                                                    const char *frozen, char digit)
{
    o->files = mem_grow(o->files, o->files_n + 1, sizeof *o->files);
    struct order_file *f = &o->files[o->files_n++];
    memset(f, 0, sizeof *f);
    f->name = mem_dup(name);
    f->frozen = mem_dup(frozen);
    f->media = MEDIA_PNG;
    memset(f->sha256, digit, DIGEST_LEN - 1);
}

__attribute__((unused)) static void orders_free(struct order *o)
{
    for (size_t i = 0; i < o->files_n; i++) {
        free(o->files[i].name);
        free(o->files[i].frozen);
    }
    free(o->files);
    free(o->kind);
    free(o->entry);
    free(o->doc_path);
    cJSON_Delete(o->doc);
    faults_finish(&o->warnings);
    free(o);
}

/* The plan of an order, or NULL with its faults. */
__attribute__((unused)) static struct plan *orders_plan(const struct order *o,
                                                        struct faults *faults)
{
    struct plan_context ctx = {orders_rules(), "20260314-100000-products", ORDERS_NOW_S};
    struct plan *p = NULL;
    int rc = plan_build(o, &ctx, &p, faults);
    assert_true((rc == 0) == (p != NULL));
    return p;
}

/* The job of that key, or NULL. */
__attribute__((unused)) static const struct plan_job *orders_job(const struct plan *p,
                                                                 const char *key)
{
    for (size_t i = 0; i < p->jobs_n; i++)
        if (strcmp(p->jobs[i].key, key) == 0)
            return &p->jobs[i];
    return NULL;
}

#endif
