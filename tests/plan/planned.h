/* An order is planned, or refused with its faults as text. Include after cmocka.h. */
/* SPDX-License-Identifier: ISC */
#ifndef TESTS_PLAN_PLANNED_H
#define TESTS_PLAN_PLANNED_H

#include <stdio.h>

#include "base/buf.h"
#include "plan/plan.h"

static struct plan *planned_with(struct order *o, const struct plan_context *ctx)
{
    struct faults faults = {0};
    struct plan *p = NULL;
    struct buf text;

    buf_init(&text, 65536);
    if (plan_build(o, ctx, &p, &faults) != 0) {
        faults_text(&faults, &text);
        fprintf(stderr, "%s\n", text.data);
    }
    buf_finish(&text);
    faults_finish(&faults);
    assert_non_null(p);
    return p;
}

/* Of an order that must be refused; the order is freed, the text owned. */
static char *refused_with(struct order *o, const struct plan_context *ctx)
{
    struct faults faults = {0};
    struct plan *p = NULL;
    struct buf text;

    buf_init(&text, 65536);
    assert_int_not_equal(plan_build(o, ctx, &p, &faults), 0);
    assert_null(p);
    faults_text(&faults, &text);
    faults_finish(&faults);
    order_free(o);
    return buf_take(&text);
}

#endif
