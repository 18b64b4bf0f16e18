/* The store comes in as an earlier run left it, whether it ended well or was killed; every row that
 * was under way is set to what is true now. A clean start is the same with nothing to mend. */
/* SPDX-License-Identifier: ISC */
#include "engine/bundles.h"
#include "engine/engine_priv.h"
#include "store/money.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/str.h"

static int has_attempt(struct engine *en, int64_t job_id, bool *ret_has, struct err *e)
{
    struct attempt_row row = {0};
    int rc = store_attempt_open(en->store, job_id, &row);
    if (rc)
        err_set(e, rc, "what was paid for job %lld cannot be read", (long long)job_id);
    *ret_has = row.id != 0;
    attempt_row_finish(&row);
    return rc;
}

static int recover_drops(struct engine *en, struct err *e)
{
    struct drop_row *drops = NULL;
    size_t n = 0;
    int rc = store_drops(en->store, DROP_TAKING, 0, &drops, &n);
    for (size_t i = 0; i < n; i++) {
        if (!rc)
            rc = take_recover(en, &drops[i], e);
        drop_row_finish(&drops[i]);
    }
    free(drops);
    return rc;
}

/* Free work is repeatable: what was running starts again, and no attempt is counted. What may have
 * been paid for keeps its memo and goes on from it. */
static int recover_running(struct engine *en, struct err *e)
{
    struct job_row *jobs = NULL;
    size_t n = 0;
    int rc = store_jobs_in(en->store, JOB_RUNNING, &jobs, &n);
    if (!rc && n)
        rc = store_begin(en->store, e);
    for (size_t i = 0; i < n; i++) {
        bool open = false;
        if (!rc)
            rc = has_attempt(en, jobs[i].id, &open, e);
        if (!rc) {
            if (!open)
                mem_free(jobs[i].memo);
            job_move(&jobs[i], JOB_READY, en->now_s);
            rc = store_set_job(en->store, &jobs[i], e);
        }
        job_row_finish(&jobs[i]);
    }
    free(jobs);
    if (!rc && n)
        rc = store_commit(en->store, e);
    return rc;
}

static void recover_made(struct engine *en)
{
    struct job_row *jobs = NULL;
    size_t n = 0;
    if (store_jobs_in(en->store, JOB_MADE, &jobs, &n))
        return;
    for (size_t i = 0; i < n; i++) {
        land_made(en, &jobs[i], jobs[i].hash);
        job_row_finish(&jobs[i]);
    }
    free(jobs);
    land_place(en);
    (void)land_turn(en);
}

/* Working folders of jobs that are not MADE hold only what an interrupted worker left. What cannot
 * be read stays. */
static bool work_needed(struct engine *en, const char *name)
{
    struct job_row job = {0};
    struct err e = {0};
    bool needed = false, open = false;
    int64_t id;
    if (str_int(name, 1, INT64_MAX, &id))
        return false;
    int rc = store_job(en->store, id, &job);
    if (!rc && job.state == JOB_MADE)
        needed = true;
    else if (!rc)
        needed = has_attempt(en, id, &open, &e) || open;
    job_row_finish(&job);
    return needed || (rc && rc != ERR_MISSING);
}

static void sweep(struct engine *en, const char *dir, bool ask)
{
    DIR *d = opendir(dir);
    for (struct dirent *entry; d && (entry = readdir(d));) {
        if (str_eq(entry->d_name, ".") || str_eq(entry->d_name, "..") ||
            (ask && work_needed(en, entry->d_name)))
            continue;
        char *path = path_join(dir, entry->d_name);
        struct err e = {0};
        if (file_remove_tree(path, &e))
            log_line(LOG_WARN, "sweep", "path=%s why=%s", log_quote(path), log_quote(e.text));
        free(path);
    }
    if (d)
        closedir(d);
}

/* Temporary files of documents that were being written when the process ended: ".<name>.slated-tmp"
 * beside them. */
static void sweep_temporary(const char *dir, int depth)
{
    DIR *d = depth > 12 ? NULL : opendir(dir);
    for (struct dirent *entry; d && (entry = readdir(d));) {
        if (str_eq(entry->d_name, ".") || str_eq(entry->d_name, ".."))
            continue;
        char *path = path_join(dir, entry->d_name);
        if (entry->d_name[0] == '.' && str_ends(entry->d_name, ".slated-tmp"))
            (void)file_remove_tree(path, NULL); /* looked for again at the next start */
        else if (entry->d_type == DT_DIR)
            sweep_temporary(path, depth + 1);
        free(path);
    }
    if (d)
        closedir(d);
}

/* Only trees of drops that had not ended can hold temporary files. */
static void recover_trees(struct engine *en)
{
    struct drop_row *drops = NULL;
    size_t n = 0;
    if (store_drops(en->store, DROP_RUNNING, 0, &drops, &n))
        return;
    for (size_t i = 0; i < n; i++) {
        char *tree = path_join(en->places.out, drops[i].tree),
             *taken = path_join(en->places.taken, drops[i].name);
        sweep_temporary(tree, 0);
        sweep_temporary(taken, 0);
        desk_touch(en, drops[i].id);
        ends_drop(en, drops[i].id);
        free(tree);
        free(taken);
        drop_row_finish(&drops[i]);
    }
    free(drops);
    sweep_temporary(en->places.inbox, 12);
    sweep_temporary(en->places.root, 12);
}

int recover_all(struct engine *en, struct err *e)
{
    int rc = recover_drops(en, e);
    if (!rc)
        rc = recover_running(en, e);
    if (rc)
        return err_prefix(e, "the store cannot be brought up to date");
    sweep(en, en->places.work, true);
    sweep(en, en->places.spare, false);
    recover_made(en);
    sweep(en, en->places.staging, false);
    recover_trees(en);
    bundles_recover(en);
    stops_reconsider(en);
    limits_recover(en);
    resume_recover(en);
    withdraw_recover(en);
    en->start_more = en->any_stop = true;
    en->needs_you_dirty = true;
    return 0;
}
