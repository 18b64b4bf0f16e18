/* The table of providers, and what their values own. */
/* SPDX-License-Identifier: ISC */
#include "providers/provider.h"

#include <stdlib.h>
#include <string.h>

#include "base/str.h"

const struct provider *provider_find(const char *engine, const char *op)
{
    if (str_eq(op, "http.fetch"))
        return &provider_fetch;
    if (str_eq(engine, "local"))
        return &provider_local;
    return NULL;
}

static void files_free(struct job_file *list, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        free(list[i].name);
        free(list[i].path);
    }
    free(list);
}

void job_files_finish(struct job_files *f)
{
    files_free(f->in, f->in_n);
    files_free(f->out, f->out_n);
    memset(f, 0, sizeof(*f));
}

void outcome_finish(struct outcome *o)
{
    for (size_t i = 0; i < o->made_n; i++) {
        free(o->made[i].role);
        free(o->made[i].path);
        free(o->made[i].media);
    }
    free(o->made);
    free(o->error);
    free(o->memo);
    memset(o, 0, sizeof(*o));
}
