/* A job's row comes in; where its inputs and outputs lie on the disk now goes out. */
/* SPDX-License-Identifier: ISC */
#include "engine/flight.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/str.h"

static void add_file(struct job_file **list, size_t *n, const char *name, char *takes_path)
{
    *list = mem_grow(*list, *n + 1, sizeof(**list));
    (*list)[(*n)++] = (struct job_file){mem_dup(name), takes_path};
}

/* Where the engine that made a file shows it, while the file is the one that it made. Owned. */
static cJSON *shown_by(struct engine *en, const struct asset_row *made)
{
    struct job_row job = {0};
    cJSON *facts = NULL;
    if (store_job(en->store, made->job_id, &job) == 0 && job.facts)
        facts = cJSON_Parse(job.facts);
    const cJSON *shown = json_get(facts, "shown");
    bool same = str_eq(json_str(shown, "sha256", ""), made->sha256);
    cJSON *found = same ? cJSON_Duplicate(shown, true) : NULL;
    cJSON_Delete(facts);
    job_row_finish(&job);
    return found;
}

/* Where the output of an upstream job lies, or NULL when it made none. Owned. */
static char *made_by(struct engine *en, int64_t drop_id, const char *key, const char *role,
                     cJSON **ret_shown)
{
    struct asset_row row = {0};
    char *path = NULL;
    if (store_asset_made(en->store, drop_id, key, role, &row) == 0) {
        path = path_join(en->places.out, row.path);
        *ret_shown = shown_by(en, &row);
    }
    asset_row_finish(&row);
    return path;
}

static void keep_shown(struct flight *f, const char *name, cJSON *takes_shown)
{
    if (!takes_shown)
        return;
    if (!f->shown)
        f->shown = cJSON_CreateObject();
    json_set(f->shown, name, takes_shown);
}

static char *drop_file(struct engine *en, const struct drop_row *drop, const char *file)
{
    return mem_printf("%s/%s/%s", en->places.taken, drop->name, file);
}

/* Inputs that are wanted and missing change the request: told apart by their names in the hash. */
int flight_files_in(struct engine *en, const struct drop_row *drop, struct flight *f, struct err *e)
{
    cJSON *ins = cJSON_Parse(f->job.ins);
    struct digest *without = digest_begin();
    int rc = 0, left_out = 0;
    const cJSON *in;
    digest_text(without, f->job.hash);
    cJSON_ArrayForEach(in, ins)
    {
        const char *name = json_str(in, "name", ""), *job = json_str(in, "job", NULL);
        if (json_bool(in, "wait", false))
            continue;
        cJSON *shown = NULL;
        char *path = job ? made_by(en, drop->id, job, json_str(in, "role", ""), &shown)
                         : drop_file(en, drop, json_str(in, "file", ""));
        if (path && file_exists(path)) {
            add_file(&f->files.in, &f->files.in_n, name, path);
            keep_shown(f, name, shown);
            continue;
        }
        if (!json_bool(in, "soft", false) && !rc)
            rc = err_set(e, ERR_MISSING,
                         "its input %s is not there any more (%s); put it back and retry", name,
                         path ? path + strlen(en->places.root) + 1 : job);
        digest_text(without, name);
        digest_text(without, job);
        left_out++;
        free(path);
        cJSON_Delete(shown);
    }
    digest_end(without, f->hash);
    if (!left_out)
        memcpy(f->hash, f->job.hash, sizeof(f->hash));
    cJSON_Delete(ins);
    return rc;
}

int flight_files_out(struct engine *en, struct flight *f, struct err *e)
{
    cJSON *outs = cJSON_Parse(f->job.outs);
    const cJSON *out;
    char *dir = work_folder(en, f->job.id);
    int rc = work_make(en, dir);
    if (rc) { /* accepted work goes on from what it has brought */
        rc = f->attempt.id ? 0 : file_remove_tree(dir, e);
        if (!rc)
            rc = file_make_dirs(dir, e);
    }
    cJSON_ArrayForEach(out, outs)
    {
        const char *role = json_str(out, "role", "");
        add_file(&f->files.out, &f->files.out_n, role,
                 deliver_work_path(en, f->job.id, role, json_str(out, "path", "")));
    }
    f->work = dir;
    cJSON_Delete(outs);
    return rc;
}
