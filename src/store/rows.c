/* The words of states, and the end of rows. Knows nothing of how rows are kept. */
/* SPDX-License-Identifier: ISC */
#include "store/rows.h"

#include <stdlib.h>

#include "base/err.h"

const char *drop_state_word(enum drop_state s)
{
    static const char *const words[] = {
#define X(state, word) [state] = word,
        DROP_STATE_LIST(X)
#undef X
    };
    if ((size_t)s >= sizeof words / sizeof words[0])
        bug("a drop has the state %d", (int)s);
    return words[s];
}

const char *job_state_word(enum job_state s)
{
    static const char *const words[] = {
#define X(state, word) [state] = word,
        JOB_STATE_LIST(X)
#undef X
    };
    if ((size_t)s >= sizeof words / sizeof words[0])
        bug("a job has the state %d", (int)s);
    return words[s];
}

bool job_state_ended(enum job_state s)
{
    return s == JOB_DONE || s == JOB_KEPT || s == JOB_FAILED || s == JOB_SKIPPED ||
           s == JOB_CANCELLED;
}

static void free_all(char **texts[], size_t n)
{
    for (size_t i = 0; i < n; i++) {
        free(*texts[i]);
        *texts[i] = NULL;
    }
}

#define FREE_ALL(...)                                                                              \
    do {                                                                                           \
        char **texts[] = {__VA_ARGS__};                                                            \
        free_all(texts, sizeof texts / sizeof texts[0]);                                           \
    } while (0)

void drop_row_finish(struct drop_row *r)
{
    FREE_ALL(&r->name, &r->entry, &r->kind, &r->title, &r->subject, &r->tree, &r->digest,
             &r->rules_digest, &r->meta);
}

void job_row_finish(struct job_row *r)
{
    FREE_ALL(&r->key, &r->title, &r->op, &r->engine, &r->model, &r->why_engine, &r->params,
             &r->prompt, &r->negative, &r->prompt_path, &r->ins, &r->outs, &r->meta, &r->unit,
             &r->choices, &r->facts, &r->error, &r->memo);
}

void asset_row_finish(struct asset_row *r)
{
    FREE_ALL(&r->role, &r->slot, &r->path, &r->media);
}

void record_row_finish(struct record_row *r)
{
    FREE_ALL(&r->path, &r->format, &r->body);
}

void event_row_finish(struct event_row *r)
{
    FREE_ALL(&r->what, &r->text);
}
