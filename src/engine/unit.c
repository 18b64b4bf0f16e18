/* A name comes in, its jobs and files go out, as the store knows them now. Changes nothing. */
/* SPDX-License-Identifier: ISC */
#include "engine/unit.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/str.h"
#include "engine/engine_priv.h"

#define DROPS_LOOKED 50 /* the newest, for "did you mean" */

void unit_finish(struct unit *u)
{
    drop_row_finish(&u->drop);
    for (size_t i = 0; i < u->jobs_n; i++)
        job_row_finish(&u->jobs[i]);
    free(u->jobs);
    memset(u, 0, sizeof(*u));
}

/* The known unit that is written most like the name. Owned, or NULL. */
static char *nearest(struct engine *en, const char *name)
{
    struct drop_row *drops = NULL;
    size_t n = 0;
    char *near = NULL;
    int least = 4;
    if (store_drops(en->store, -1, DROPS_LOOKED, &drops, &n))
        return NULL;
    for (size_t i = 0; i < n; i++) {
        struct job_row *jobs = NULL;
        size_t jobs_n = 0;
        if (store_jobs(en->store, drops[i].id, &jobs, &jobs_n) == 0)
            for (size_t k = 0; k < jobs_n; k++) {
                if (jobs[k].unit && str_distance(jobs[k].unit, name) < least) {
                    least = str_distance(jobs[k].unit, name);
                    free(near);
                    near = mem_dup(jobs[k].unit);
                }
                job_row_finish(&jobs[k]);
            }
        free(jobs);
        drop_row_finish(&drops[i]);
    }
    free(drops);
    return near;
}

static int missing(struct engine *en, const char *name, struct err *e)
{
    char *near = nearest(en, name);
    int rc = err_set(e, ERR_MISSING,
                     "no shot or picture is called %s%s%s; `slated status` lists the drops", name,
                     near ? "; did you mean " : "", near ? near : "");
    free(near);
    return rc;
}

int unit_of_drop(struct engine *en, int64_t drop_id, const char *name, struct unit *ret_unit,
                 struct err *e)
{
    memset(ret_unit, 0, sizeof(*ret_unit));
    if (!name || !*name ||
        store_jobs_of_unit(en->store, drop_id, name, &ret_unit->jobs, &ret_unit->jobs_n))
        return missing(en, name && *name ? name : "(nothing)", e);
    if (store_drop(en->store, ret_unit->jobs[0].drop_id, &ret_unit->drop))
        bug("job %lld belongs to no drop", (long long)ret_unit->jobs[0].id);
    return 0;
}

int unit_find(struct engine *en, const char *name, const char *drop_or_null, struct unit *ret_unit,
              struct err *e)
{
    struct drop_row drop = {0};
    int64_t id = 0;
    memset(ret_unit, 0, sizeof(*ret_unit));
    if (drop_or_null && store_drop_named(en->store, drop_or_null, &drop))
        return err_set(e, ERR_MISSING, "no drop is called %s; `slated status` lists them",
                       drop_or_null);
    id = drop.id;
    drop_row_finish(&drop);
    return unit_of_drop(en, id, name, ret_unit, e);
}

bool unit_on_the_way(const cJSON *meta)
{
    const char *role = json_str(meta, "role", "");
    return str_eq(role, "previz") || str_eq(role, "split") || str_eq(role, "strip") ||
           json_get(meta, "part_of") || str_eq(json_str(meta, "asset_type", ""), "reference");
}

static void add_files(struct engine *en, const struct job_row *job, struct unit_file **files,
                      size_t *n)
{
    cJSON *outs = cJSON_Parse(job->outs), *meta = cJSON_Parse(job->meta);
    const cJSON *out;
    cJSON_ArrayForEach(out, outs)
    {
        *files = mem_grow(*files, *n + 1, sizeof(**files));
        struct unit_file *f = &(*files)[(*n)++];
        *f = (struct unit_file){.job = job,
                                .role = mem_dup(json_str(out, "role", "")),
                                .slot = mem_dup(json_str(out, "slot", "")),
                                .path = mem_dup(json_str(out, "path", ""))};
        f->clip = str_eq(path_ext(f->path), "mp4");
        f->preview = unit_on_the_way(meta);
        f->made = store_asset_current(en->store, f->slot, &f->asset) == 0;
    }
    cJSON_Delete(meta);
    cJSON_Delete(outs);
}

void unit_files(struct engine *en, const struct unit *u, struct unit_file **ret_files,
                size_t *ret_n)
{
    *ret_files = NULL;
    *ret_n = 0;
    for (size_t i = 0; i < u->jobs_n; i++)
        add_files(en, &u->jobs[i], ret_files, ret_n);
}

void unit_files_finish(struct unit_file *files, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        free(files[i].role);
        free(files[i].slot);
        free(files[i].path);
        asset_row_finish(&files[i].asset);
    }
    free(files);
}

const struct unit_file *unit_main(const struct unit_file *files, size_t n, bool clip)
{
    const struct unit_file *best = NULL;
    for (size_t i = 0; i < n; i++)
        if (files[i].clip == clip && (!best || (best->preview && !files[i].preview)))
            best = &files[i];
    return best;
}
