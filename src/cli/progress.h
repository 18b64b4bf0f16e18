/* What the engine does, shown while it does it: a small block of lines that is drawn again on a
 * terminal, plain lines in a pipe. */
/* SPDX-License-Identifier: ISC */
#ifndef CLI_PROGRESS_H
#define CLI_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

struct engine;
struct progress;

/* live: bars that are redrawn; else plain lines. quiet: only what a person must know. */
struct progress *progress_create(bool live, bool quiet);
void progress_destroy(struct progress *p);

void progress_start(struct progress *p, const char *root);
void progress_end(struct progress *p,
                  struct engine *engine); /* leaves the last state on the screen */

/* For struct engine_told; ctx is the struct progress. */
void progress_line(void *ctx, const char *word, const char *sentence);
int64_t progress_turn(void *ctx, struct engine *engine, int64_t now_ms);

#endif
