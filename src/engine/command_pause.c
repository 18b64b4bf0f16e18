/* A drop, an engine or everything is held, and goes on: a person's word, which outlives a restart.
 */
/* SPDX-License-Identifier: ISC */
#include "engine/command.h"
#include "engine/flight.h"
#include "engine/pods.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/path.h"

static int pause_all(struct engine *en, bool paused, struct err *e)
{
    int rc = store_begin(en->store, e);
    if (!rc)
        rc = command_end(en, store_set_fact(en->store, "paused", paused ? "1" : NULL, e), e);
    if (!rc)
        en->paused = paused;
    return rc;
}

static int pause_drop(struct engine *en, const cJSON *command, bool paused, struct err *e)
{
    struct drop_row drop;
    int rc = command_find_drop(en, command, &drop, e);
    if (!rc && !(rc = store_begin(en->store, e))) {
        drop.paused = paused;
        rc = command_end(en, store_set_drop(en->store, &drop, e), e);
        if (!rc && !paused)
            command_plan_answered(en, drop.id);
        desk_touch(en, drop.id);
    }
    drop_row_finish(&drop);
    return rc;
}

int verb_pause(struct engine *en, const cJSON *command, char **ret_said, struct err *e)
{
    const char *drop = json_str(command, "drop", NULL);
    int rc = drop ? pause_drop(en, command, true, e) : pause_all(en, true, e);
    if (!rc)
        *ret_said = drop ? mem_printf("%s is paused; what is under way is finished", drop)
                         : mem_dup("paused: drops are still taken and planned, nothing new is "
                                   "made; `slated resume` goes on");
    return rc;
}

/* A person has looked: this root and this store belong together from now on. */
static int release_fuse(struct engine *en, struct err *e)
{
    char *path = path_join(en->places.inbox, ".slated-root");
    int rc = file_write(path, en->root_id, strlen(en->root_id), true, e);
    free(path);
    if (rc)
        return rc;
    en->fuse = false;
    mem_free(en->fuse_why);
    watch_rescan(en->watch);
    return 0;
}

/* An engine that was stopped gets work again. */
static int resume_engine(struct engine *en, const char *engine, char **ret_said, struct err *e)
{
    int rc = store_begin(en->store, e);
    if (!rc) {
        rc = store_lift_stop(en->store, engine, e);
        rc = command_end(en, rc ? rc : limits_forgive(en, 0, engine, e), e);
    }
    if (!rc)
        *ret_said = mem_printf("%s gets work again", engine);
    return rc;
}

/* Every stopped engine: a person who says that work goes on has seen to keys and accounts. */
static int resume_engines(struct engine *en, struct err *e)
{
    const cJSON *engine;
    int rc = store_begin(en->store, e);
    if (rc)
        return rc;
    cJSON_ArrayForEach(engine, rules_kind(en->rules, "providers"))
    {
        if (!rc)
            rc = store_lift_stop(en->store, engine->string, e);
        if (!rc)
            rc = limits_forgive(en, 0, engine->string, e);
    }
    return command_end(en, rc, e);
}

/* The machine by the hour of an engine, and the engine with it: else its next job begins another.
 */
int verb_pod_stop(struct engine *en, const cJSON *command, char **ret_said, struct err *e)
{
    const char *engine = json_str(command, "engine", "");
    int n = pods_end(en, engine, "a person stopped it");
    if (!pod_rule(en->rules, engine))
        return err_set(e, ERR_MISSING, "%s has no pod; `slated providers` shows which have",
                       *engine ? engine : "(nothing)");
    stop_engine(en, engine, CLASS_OK, "a person stopped its pod", "It waits for you.");
    *ret_said = mem_printf("%s; %s gets no work until `slated resume %s`",
                           n ? "its pod is stopped" : "no pod of it runs", engine, engine);
    return 0;
}

int verb_resume(struct engine *en, const cJSON *command, char **ret_said, struct err *e)
{
    const char *drop = json_str(command, "drop", NULL);
    if (drop && json_get(rules_kind(en->rules, "providers"), drop))
        return resume_engine(en, drop, ret_said, e);
    bool fuse = en->fuse && !drop;
    int rc = drop ? pause_drop(en, command, false, e) : pause_all(en, false, e);
    if (!rc && fuse)
        rc = release_fuse(en, e);
    if (!rc && !drop)
        rc = resume_engines(en, e);
    if (!rc)
        *ret_said = drop ? mem_printf("%s goes on", drop)
                         : mem_dup(fuse ? "this root is confirmed as the right one; work goes on"
                                        : "work goes on");
    return rc;
}
