/* The conductor: owns the loop, the store and the folders of one root; calls the rooms in the order
 * data flows and is the only one that writes the store. Commits before it acts; a start is a
 * recovery.
 *
 * The caller: 1. engine_open (takes the root's lock) 2. engine_run, or engine_command 3.
 * engine_close. */
/* SPDX-License-Identifier: ISC */
#ifndef ENGINE_ENGINE_H
#define ENGINE_ENGINE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/fault.h"
#include "store/rows.h"

struct engine;

/* What is told while it works, for a terminal or a log. Called between turns; must not block. */
struct engine_told {
    void (*line)(void *ctx, const char *word,
                 const char *sentence); /* one event for a person: "taken", "done", "failed",
                                           "refused", ... */
    int64_t (*turn)(void *ctx, struct engine *engine,
                    int64_t now_ms); /* after each turn; answers when it wants the next one
                                        (INT64_MAX: never) */
    void *ctx;
};

struct engine_config {
    const char *root; /* created when missing */
    const char *rules_dir;
    const char *worker;     /* path of slated-worker */
    const char *watch_mode; /* "events", "scan", or NULL for the policy's */
    bool once;              /* end when nothing is left to do */
    struct engine_told told;
};

/* Opens a root: folders, lock, marker, store, rules, recovery. ERR_BUSY with the holder's pid and
 * host when another daemon has it. Faults of the rules come through faults. */
int engine_open(const struct engine_config *config, struct engine **ret_engine,
                struct faults *faults, struct err *e);
void engine_close(struct engine *en);

/* Turns until told to stop (SIGTERM, SIGINT) or, with once, until all is done. Returns 0, or a code
 * when the daemon cannot go on. */
int engine_run(struct engine *en, struct err *e);

/* Once only, after engine_run: something was refused, failed, is held or waits for a person. */
bool engine_needs_person(const struct engine *en);

/* A command by value ({"verb": "retry", "drop": ..., "job": ..., "failed": true}; see command.h),
 * carried out at once. The answer ({"ok", "said"}) is owned by the caller. */
cJSON *engine_command(struct engine *en, const cJSON *command);

/* Turns until what a command set going beside the jobs (bundles, prints) is done. */
void engine_settle(struct engine *en);

/* What goes on right now, for a live display. Borrowed until the next turn. */
struct engine_now {
    const struct job_row *const *running; /* jobs at work */
    const char *const *said;              /* of each how far it is, as its engine says, or NULL */
    int running_n;
    int entries, moving; /* in the inbox; of them still arriving */
    const char *mode;    /* "events" or "scan" */
    bool paused, missing;
};
void engine_now(struct engine *en, struct engine_now *ret_now);
struct store;
struct store *engine_store(struct engine *en); /* for reading; borrowed */

#endif
