/* Work for the workers that is no job: prints of pictures, bundles, conversions of what came back.
 */
/* SPDX-License-Identifier: ISC */
#ifndef ENGINE_ERRAND_H
#define ENGINE_ERRAND_H

#include "carriers/carrier.h"

struct engine;

/* Called once, with the answer (worker_ok tells a good one); ctx is the caller's. */
typedef void errand_done(struct engine *en, void *ctx, const struct response *response);

/* Queues a request line (taken over); it is sent when a worker is free. */
void errand_ask(struct engine *en, cJSON *takes_line, errand_done *done, void *ctx);

/* A line's beginning: {"op": op, "params": {}, "in": [], "out": []}; files are appended. Owned. */
cJSON *errand_line(const char *op);
void errand_in(cJSON *line, const char *name, const char *path);
void errand_out(cJSON *line, const char *role, const char *path);

/* Whether the worker made what was asked; else *ret_error is its sentence (borrowed). */
bool errand_ok(const struct response *response, const char **ret_error);

void errands_start(struct engine *en);                                   /* as many as fit */
bool errands_answer(struct engine *en, const struct response *response); /* true: one of ours */
int errands_busy(const struct engine *en);                               /* at work now */
bool errands_pending(const struct engine *en);                           /* queued or at work */
void errands_finish(struct engine *en);

#endif
