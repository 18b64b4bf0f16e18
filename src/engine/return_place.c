/* A returned file whose place is decided comes in; it becomes a new version there, the old one is
 * kept, and what was open about the shot is closed. Every step can be repeated after a crash.
 *
 *   made beside (converted, or the very bytes) -> commit "placing" -> filed under its name ->
 * commit "clearing" -> taken out of return/ -> commit "placed" */
/* SPDX-License-Identifier: ISC */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "assets/place.h"
#include "base/file.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/str.h"
#include "engine/errand.h"
#include "engine/redo_offer.h"
#include "engine/returns.h"
#include "engine/vision.h"
#include "manual/target.h"

/* What is known of the staged file. */
struct staged {
    char sha256[DIGEST_LEN];
    const char *media;
    int64_t bytes;
    int width, height;
};

static void place(struct engine *en, struct back *b, const struct staged *s);

/* --- making it beside --- */

static bool same_form(const char *media, const char *path)
{
    const char *ext = path_ext(path);
    if (str_eq(ext, "jpg"))
        ext = "jpeg";
    return str_eq(media, ext) || (str_eq(ext, "mp4") && str_eq(media, "mov"));
}

/* The bytes that were looked at, and no others: what a person saves over the file meanwhile is
 * another file. */
static int stage_bytes(const struct back *b, struct err *e)
{
    char hex[DIGEST_LEN] = "";
    uint64_t len = 0;
    unlink(b->staged);
    int rc = file_copy(b->path, b->staged, e);
    if (!rc)
        rc = digest_file(b->staged, hex, &len, e);
    if (!rc && !str_eq(hex, json_str(b->facts, "sha256", "")))
        rc = err_set(e, ERR_BUSY, "it has changed while it was looked at");
    if (rc)
        unlink(b->staged);
    return rc;
}

static void converted(struct engine *en, void *ctx, const struct response *response)
{
    struct back *b = ctx;
    const char *error;
    if (!errand_ok(response, &error)) {
        back_refuse(en, b, error);
        return;
    }
    const cJSON *out = cJSON_GetArrayItem(json_get(response->body, "out"), 0);
    struct staged s = {.media = json_str(out, "media", ""),
                       .bytes = json_int(out, "bytes", 0),
                       .width = (int)json_int(out, "width", 0),
                       .height = (int)json_int(out, "height", 0)};
    (void)str_format(s.sha256, sizeof(s.sha256), "%s", json_str(out, "sha256", ""));
    place(en, b, &s);
}

static void convert_clip(struct engine *en, struct back *b)
{
    cJSON *line = errand_line("film.copy");
    json_set_str(cJSON_GetObjectItemCaseSensitive(line, "params"), "media",
                 json_str(b->facts, "media", ""));
    errand_in(line, "clip", b->path);
    errand_out(line, "clip", b->staged);
    errand_ask(en, line, converted, b);
}

static void convert_still(struct engine *en, struct back *b)
{
    cJSON *line = errand_line("picture.copies"), *tag = cJSON_CreateObject();
    json_set_str(tag, "Software", "slated");
    json_set_str(tag, "slated-request", b->file->job->hash);
    json_set(line, "tag", tag);
    errand_in(line, "picture", b->path);
    errand_out(line, "picture", b->staged);
    errand_ask(en, line, converted, b);
}

void back_place(struct engine *en, struct back *b)
{
    const char *media = json_str(b->facts, "media", "");
    struct err e = {0};
    b->staged = mem_printf("%s/return-%lld.%s", en->places.work,
                           (long long)++en->manual->next_staged, path_ext(b->file->path));
    if (b->file->clip && !same_form(media, b->file->path)) {
        convert_clip(en, b);
    } else if (!b->file->clip && !same_form(media, b->file->path)) {
        convert_still(en, b);
    } else if (stage_bytes(b, &e)) {
        engine_say(en, "error", "%s stays where it is: %s", b->shown, e.text);
        back_settled(en, b);
    } else {
        struct staged s = {.media = media,
                           .bytes = json_int(b->facts, "bytes", 0),
                           .width = (int)json_int(b->facts, "width", 0),
                           .height = (int)json_int(b->facts, "height", 0)};
        (void)str_format(s.sha256, sizeof(s.sha256), "%s", json_str(b->facts, "sha256", ""));
        place(en, b, &s);
    }
}

/* What is kept of an answer, not the bytes it came in. */
void back_place_text(struct engine *en, struct back *b, const cJSON *document)
{
    struct staged s = {.media = "json"};
    struct err e = {0};
    char *text = json_pretty(document);
    b->staged =
        mem_printf("%s/return-%lld.json", en->places.work, (long long)++en->manual->next_staged);
    digest_bytes(text, strlen(text), s.sha256);
    s.bytes = (int64_t)strlen(text);
    if (file_write(b->staged, text, strlen(text), true, &e)) {
        engine_say(en, "error", "%s stays where it is: %s", b->shown, e.text);
        back_settled(en, b);
    } else {
        place(en, b, &s);
    }
    free(text);
}

/* --- committing --- */

static int add_version(struct engine *en, const struct return_row *row, const cJSON *body,
                       int64_t *ret_id, struct err *e)
{
    struct asset_row asset = {.job_id = row->job_id,
                              .drop_id = row->drop_id,
                              .role = row->role,
                              .slot = (char *)json_str(body, "slot", ""),
                              .path = (char *)json_str(body, "path", ""),
                              .media = (char *)json_str(body, "media", ""),
                              .bytes = json_int(body, "bytes", 0),
                              .width = (int)json_int(body, "width", 0),
                              .height = (int)json_int(body, "height", 0),
                              .at_s = en->now_s};
    (void)str_format(asset.sha256, sizeof(asset.sha256), "%s", json_str(body, "sha256", ""));
    (void)str_format(asset.hash, sizeof(asset.hash), "%s", json_str(body, "hash", ""));
    int rc = store_add_asset(en->store, &asset, e);
    *ret_id = asset.id;
    return rc;
}

/* The tag that was said: by the folder, by the name, at the escalation; NULL when by nobody. */
static const char *said_tag(const struct back *b, const struct escalation_row *flag)
{
    const char *in_name = evidence_tag(b->shown, manual_tags);
    return b->tag ? b->tag : in_name ? in_name : flag->tag;
}

static cJSON *body_of(const struct back *b, const struct staged *s)
{
    cJSON *body = cJSON_CreateObject();
    json_set_str(body, "from", b->path);
    json_set_str(body, "staged", b->staged);
    json_set_str(body, "slot", b->file->slot);
    json_set_str(body, "path", b->file->path);
    json_set_str(body, "hash", b->file->job->hash);
    json_set_str(body, "sha256", s->sha256);
    json_set_str(body, "media", s->media);
    json_set_num(body, "bytes", (double)s->bytes);
    json_set_num(body, "width", s->width);
    json_set_num(body, "height", s->height);
    if (b->bundle)
        json_set_str(body, "bundle", b->bundle);
    json_set_str(body, "mark", json_str(b->facts, "mark", ""));
    return body;
}

static int commit(struct engine *en, int rc, struct err *e)
{
    if (!rc)
        return store_commit(en->store, e);
    store_rollback(en->store);
    return rc;
}

static int store_placing(struct engine *en, struct return_row *row, const cJSON *body,
                         struct err *e)
{
    int rc = store_begin(en->store, e);
    if (rc)
        return rc;
    rc = add_version(en, row, body, &row->asset_id, e);
    if (!rc)
        rc = store_add_return(en->store, row, e);
    return commit(en, rc, e);
}

/* --- filing --- */

static int file_it(struct engine *en, const struct return_row *row, const cJSON *body,
                   char **ret_moved, int64_t *ret_old_id, struct err *e)
{
    struct asset_row old = {0};
    const char *path = json_str(body, "path", "");
    bool known = store_asset_at(en->store, path, &old) == 0 && old.id != row->asset_id;
    struct place_wish wish = {.root = en->places.out,
                              .path = path,
                              .from = json_str(body, "staged", ""),
                              .sha256 = json_str(body, "sha256", ""),
                              .old_version = known ? old.version : 0};
    *ret_old_id = known ? old.id : 0;
    asset_row_finish(&old);
    return place_file(&wish, ret_moved, e);
}

/* What waited for the job can be made now: its drop goes on. */
static int reopen_drop(struct engine *en, int64_t drop_id, struct err *e)
{
    struct drop_row drop = {0};
    int rc = store_drop(en->store, drop_id, &drop);
    if (!rc && drop.state == DROP_ENDED) {
        drop.state = DROP_RUNNING;
        drop.ended_s = 0;
        drop.priority = PRIORITY_RETAKE;
        rc = store_set_drop(en->store, &drop, e);
    }
    drop_row_finish(&drop);
    return rc;
}

/* A job that nobody could make is made now; one at work goes on and adds a version. */
static int finish_job(struct engine *en, const struct return_row *row, struct err *e)
{
    struct job_row job = {0};
    int rc = store_job(en->store, row->job_id, &job);
    bool open = !rc && job.state != JOB_DONE && job.state != JOB_KEPT && job.state != JOB_RUNNING &&
                job.state != JOB_MADE;
    bool looked = false; /* what a person made needs no look by a model */
    if (!rc)
        rc = vision_let_pass(en, row->drop_id, job.key, &looked, e);
    if (open && !rc) {
        mem_free(job.error);
        job_move(&job, JOB_DONE, en->now_s);
        work_remove(en, job.id);
        rc = ends_job(en, &job, e);
    }
    if ((open || looked) && !rc)
        rc = reopen_drop(en, row->drop_id, e);
    job_row_finish(&job);
    return rc;
}

static int store_placed(struct engine *en, struct return_row *row, const cJSON *body,
                        const char *moved, int64_t old_id, struct err *e)
{
    int rc = store_begin(en->store, e);
    if (rc)
        return rc;
    if (moved && old_id)
        rc = store_set_asset_path(en->store, old_id, moved, e);
    if (!rc)
        rc = store_set_asset_current(en->store, row->asset_id, e);
    if (!rc)
        rc = finish_job(en, row, e);
    if (!rc)
        rc = return_close(en, row, body, e);
    free(row->state);
    row->state = mem_dup("clearing");
    if (!rc)
        rc = store_set_return(en->store, row, e);
    if (!rc)
        rc = store_add_event(en->store, row->drop_id, row->job_id, en->now_s, "returned", row->name,
                             e);
    return commit(en, rc, e);
}

/* Out of return/: only the very file that was placed. */
static int clear(struct engine *en, struct return_row *row, const cJSON *body, struct err *e)
{
    const char *from = json_str(body, "from", "");
    char hex[DIGEST_LEN] = "";
    uint64_t len = 0;
    if (digest_file(from, hex, &len, NULL) == 0 && str_eq(hex, row->sha256))
        (void)unlink(from); /* it cannot: it is seen again, and known again */
    free(row->state);
    row->state = mem_dup("placed");
    int rc = store_begin(en->store, e);
    if (!rc)
        rc = commit(en, store_set_return(en->store, row, e), e);
    return rc;
}

/* From "placing" on; the same after a crash. */
static int finish(struct engine *en, struct return_row *row, struct err *e)
{
    cJSON *body = cJSON_Parse(row->body);
    char *moved = NULL;
    int64_t old_id = 0;
    int rc = 0;
    if (str_eq(row->state, "placing")) {
        rc = file_it(en, row, body, &moved, &old_id, e);
        if (!rc)
            rc = store_placed(en, row, body, moved, old_id, e);
    }
    if (!rc && return_is_text(body))
        redo_offer_prompt(en, row->job_id);
    else if (!rc)
        redo_offer(en, row->drop_id, row->unit);
    if (!rc)
        rc = clear(en, row, body, e);
    if (!rc)
        engine_say(en, "returned", "%s -> %s, out/%s (by %s%s%s)", row->name, row->unit,
                   json_str(body, "path", ""), row->how, row->tag ? ", " : "",
                   row->tag ? row->tag : "");
    free(moved);
    cJSON_Delete(body);
    desk_touch(en, row->drop_id);
    ends_drop(en, row->drop_id); /* when nothing hung on it */
    bundles_status(en);
    en->needs_you_dirty = en->start_more = true;
    return rc;
}

static void place(struct engine *en, struct back *b, const struct staged *s)
{
    struct escalation_row flag = {0};
    struct err e = {0};
    cJSON *body = body_of(b, s);
    (void)store_escalation(en->store, b->unit.drop.id, b->unit.jobs[0].unit, &flag); /* or none */
    struct return_row row = {.bytes = json_int(b->facts, "bytes", 0),
                             .drop_id = b->unit.drop.id,
                             .job_id = b->file->job->id,
                             .at_s = en->now_s,
                             .name = mem_dup(b->shown),
                             .state = mem_dup("placing"),
                             .unit = mem_dup(b->unit.jobs[0].unit),
                             .role = mem_dup(b->file->role),
                             .how = mem_dup(b->how),
                             .tag = return_is_text(body) ? NULL : mem_dup(said_tag(b, &flag)),
                             .body = json_compact(body)};
    (void)str_format(row.sha256, sizeof(row.sha256), "%s", json_str(b->facts, "sha256", ""));
    int rc = store_placing(en, &row, body, &e);
    if (!rc)
        rc = finish(en, &row, &e);
    if (rc)
        engine_say(en, "error", "%s stays in return/: %s", b->shown, e.text);
    else if (!row.tag && !return_is_text(body))
        receipt_ask_tag(en, &row);
    cJSON_Delete(body);
    escalation_row_finish(&flag);
    return_row_finish(&row);
    back_settled(en, b);
}

/* --- after a crash --- */

/* The staged bytes are gone and the place has not got them: it never happened. */
static void forget(struct engine *en, struct return_row *row)
{
    struct err e = {0};
    int64_t asset = row->asset_id;
    free(row->state);
    row->state = mem_dup("refused");
    free(row->why);
    row->why = mem_dup("interrupted before it was placed; it is looked at again");
    row->asset_id = 0;
    if (store_begin(en->store, &e))
        return;
    int rc = store_forget_asset(en->store, asset, &e);
    if (!rc)
        rc = store_set_return(en->store, row, &e);
    if (commit(en, rc, &e))
        engine_say(en, "error", "an interrupted return of %s: %s", row->name, e.text);
}

void manual_recover(struct engine *en)
{
    static const char *const states[] = {"placing", "clearing"};
    for (size_t s = 0; s < 2; s++) {
        struct return_row *rows = NULL;
        size_t n = 0;
        if (store_returns_in(en->store, states[s], &rows, &n))
            continue;
        for (size_t i = 0; i < n; i++) {
            struct err e = {0};
            int rc = finish(en, &rows[i], &e);
            if (rc == ERR_MISSING)
                forget(en, &rows[i]);
            else if (rc)
                engine_say(en, "error", "%s cannot be placed yet: %s", rows[i].name, e.text);
            return_row_finish(&rows[i]);
        }
        free(rows);
    }
}
