/* A kind's name comes in, its row goes out. A new kind of plan is one file and one line here. */
/* SPDX-License-Identifier: ISC */
#include "plan/plan_priv.h"

#include "base/str.h"

static const struct plan_kind *const kinds[] = {
    &plan_products,
    &plan_storyboard,
    &plan_combos,
};

const struct plan_kind *plan_kind_find(const char *kind)
{
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (str_eq(kinds[i]->kind, kind))
            return kinds[i];
    return NULL;
}
