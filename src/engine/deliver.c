/* Made files come in under .slated/work/; they go out under their names in out/, whole, synced,
 * older versions kept. Every step can be repeated after a crash: what was done already is
 * recognised by its digest.
 *
 *   commit MADE (rows of the files, not current) -> prompt -> old file linked to .versions/ ->
 * rename over -> sync folder -> commit DONE
 *
 * Both commits are shared by the jobs of a turn (land.c). */
/* SPDX-License-Identifier: ISC */
#include "engine/flight.h"
#include "engine/gate.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "assets/place.h"
#include "base/file.h"
#include "base/json.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/str.h"

char *deliver_work_path(const struct engine *en, int64_t job_id, const char *role, const char *path)
{
    return mem_printf("%s/%lld/%s.%s", en->places.work, (long long)job_id, role, path_ext(path));
}

static const cJSON *out_named(const cJSON *outs, const char *role)
{
    const cJSON *out;
    cJSON_ArrayForEach(out, outs)
    {
        if (str_eq(json_str(out, "role", ""), role))
            return out;
    }
    return NULL;
}

static int add_made(struct engine *en, const struct job_row *job, const struct made *made,
                    const cJSON *outs, const char *hash, struct err *e)
{
    const cJSON *out = out_named(outs, made->role);
    if (!out)
        return 0;
    struct asset_row row = {.job_id = job->id,
                            .drop_id = job->drop_id,
                            .role = made->role,
                            .slot = (char *)json_str(out, "slot", ""),
                            .path = (char *)json_str(out, "path", ""),
                            .media = made->media,
                            .bytes = made->bytes,
                            .width = made->width,
                            .height = made->height,
                            .at_s = en->now_s};
    memcpy(row.sha256, made->sha256, sizeof(row.sha256));
    memcpy(row.hash, hash, sizeof(row.hash));
    return store_add_asset(en->store, &row, e);
}

int deliver_made(struct engine *en, struct job_row *job, const struct outcome *outcome,
                 const char *hash, const struct paid_end *paid, struct err *e)
{
    cJSON *outs = cJSON_Parse(job->outs);
    int rc = store_begin(en->store, e);
    if (!rc)
        rc = store_forget_unplaced(en->store, job->id, e);
    for (size_t i = 0; i < outcome->made_n && !rc; i++)
        rc = add_made(en, job, &outcome->made[i], outs, hash, e);
    if (!rc)
        rc = gate_store(en, job, paid->attempt_id, outcome, e);
    if (!rc && paid->attempt_id)
        rc = result_keep(en, hash, outcome, e);
    if (!rc && paid->attempt_id)
        rc = store_settle_attempt(en->store, paid->attempt_id, paid->charged_u, "made", en->now_s,
                                  e);
    if (!rc) {
        job_move(job, JOB_MADE, en->now_s);
        rc = store_set_job(en->store, job, e);
    }
    if (!rc)
        rc = store_commit_later(en->store, e);
    else
        store_rollback(en->store);
    cJSON_Delete(outs);
    return rc;
}

/* --- placing --- */

/* The version that is current under the path now, if the store knows one. */
static int known_at(struct engine *en, const char *path, struct asset_row *ret_row)
{
    memset(ret_row, 0, sizeof(*ret_row));
    return store_asset_at(en->store, path, ret_row);
}

/* Puts one file in its place. A newer drop's file under the same name stays: ours becomes a version
 * beside it. */
static int place_one(struct engine *en, struct asset_row *row, bool *ret_current, char **ret_moved,
                     int64_t *ret_old_id, struct err *e)
{
    struct asset_row old;
    char *work = deliver_work_path(en, row->job_id, row->role, row->path);
    bool known = known_at(en, row->path, &old) == 0 && old.id != row->id;
    struct place_wish wish = {
        .root = en->places.out, .path = row->path, .from = work, .sha256 = row->sha256};
    wish.later = land_dirs(en);
    wish.old_version = known ? old.version : 0;
    wish.beside = known && old.drop_id > row->drop_id;
    wish.version = row->version;
    *ret_old_id = known && !wish.beside ? old.id : 0;
    *ret_current = !wish.beside;
    int rc = place_file(&wish, ret_moved, e);
    asset_row_finish(&old);
    free(work);
    return rc;
}

static int place_prompt(struct engine *en, const struct job_row *job, struct err *e)
{
    if (!job->prompt_path || !job->prompt)
        return 0;
    char *text = mem_printf("%s\n%s%s%s", job->prompt, job->negative ? "\nNegative:\n" : "",
                            job->negative ? job->negative : "", job->negative ? "\n" : "");
    int rc = place_text(en->places.out, job->prompt_path, text, land_dirs(en), e);
    free(text);
    return rc;
}

/* What is said of it: the newest version of the first output, as the rows are now; NULL nothing. */
static char *done_text(const struct job_row *job, const struct asset_row *rows, size_t n)
{
    while (n-- > 0)
        if (rows[n].current)
            return mem_printf("%s -> out/%s", job->title, rows[n].path);
    return NULL;
}

/* Leaves the step open that its rows are changed in. */
static int place_all(struct engine *en, struct job_row *job, char **ret_text, struct err *e)
{
    struct asset_row *rows = NULL;
    size_t n = 0;
    int rc = store_assets_unplaced(en->store, job->id, &rows, &n);
    if (!rc)
        rc = place_prompt(en, job, e);
    if (!rc)
        rc = store_begin(en->store, e);
    for (size_t i = 0; i < n && !rc; i++) {
        bool current = false;
        char *moved = NULL;
        int64_t old_id = 0;
        rc = place_one(en, &rows[i], &current, &moved, &old_id, e);
        if (!rc && moved && (old_id || !current))
            rc = store_set_asset_path(en->store, current ? old_id : rows[i].id, moved, e);
        if (!rc && current)
            rc = store_set_asset_current(en->store, rows[i].id, e);
        rows[i].current = rows[i].current || current;
        free(moved);
    }
    if (!rc)
        *ret_text = done_text(job, rows, n);
    for (size_t i = 0; i < n; i++)
        asset_row_finish(&rows[i]);
    free(rows);
    return rc;
}

static void place_failed(struct engine *en, struct job_row *job, const struct err *why)
{
    struct err e = {0};
    store_rollback(en->store);
    free(job->error);
    job->error = mem_dup(why->text);
    job_move(job, JOB_READY, en->now_s);
    job->next_at_s = en->now_s + 5;
    engine_say(en, "error", "%s is made and cannot be filed yet: %s; made again in 5 s", job->title,
               why->text);
    if (store_begin(en->store, &e) || store_set_job(en->store, job, &e) ||
        store_commit(en->store, &e)) {
        store_rollback(en->store);
        en->stopping = true;
    }
}

void deliver_place(struct engine *en, struct job_row *job)
{
    struct err e = {0};
    enum job_state state;
    char *text = NULL;
    if (store_job_state(en->store, job->id, &state) || state != JOB_MADE)
        return; /* cancelled meanwhile: what was paid for is kept */
    int rc = place_all(en, job, &text, &e);
    if (!rc) {
        job_move(job, JOB_DONE, en->now_s);
        rc = ends_job(en, job, &e);
    }
    if (!rc)
        rc = store_commit_later(en->store, &e);
    if (rc) {
        if (job->state == JOB_DONE)
            job->state = JOB_MADE; /* nothing of it was stored */
        free(text);
        place_failed(en, job, &e);
        return;
    }
    work_clear(en, job->id);
    desk_touch(en, job->drop_id);
    land_done(en, job->drop_id, text);
}

/* --- made before --- */

static bool still_there(struct engine *en, const struct asset_row *row)
{
    char *path = path_join(en->places.out, row->path), hex[DIGEST_LEN] = "";
    uint64_t len = 0;
    bool same = digest_file(path, hex, &len, NULL) == 0 && str_eq(hex, row->sha256);
    free(path);
    return same;
}

bool deliver_may_keep(struct engine *en, const struct job_row *job, const char *hash)
{
    cJSON *outs = cJSON_Parse(job->outs);
    struct asset_row row = {0};
    const char *slot = json_str(cJSON_GetArrayItem(outs, 0), "slot", "");
    bool may = store_asset_current(en->store, slot, &row) == 0 && str_eq(row.hash, hash);
    asset_row_finish(&row);
    cJSON_Delete(outs);
    return may;
}

bool deliver_kept(struct engine *en, const struct job_row *job, const char *hash)
{
    cJSON *outs = cJSON_Parse(job->outs);
    const cJSON *out;
    bool all = cJSON_GetArraySize(outs) > 0;
    cJSON_ArrayForEach(out, outs)
    {
        struct asset_row row = {0};
        all = all && store_asset_current(en->store, json_str(out, "slot", ""), &row) == 0 &&
              str_eq(row.hash, hash) && still_there(en, &row) &&
              (row.job_id == job->id || store_link_asset(en->store, job->id, row.id, NULL) == 0);
        asset_row_finish(&row);
        if (!all)
            break;
    }
    cJSON_Delete(outs);
    return all;
}
