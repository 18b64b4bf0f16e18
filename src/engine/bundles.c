/* Wishes for bundles come in; folders (and zips) under manual_export/ go out, whole, by rename. The
 * pictures are stamped by a worker, their pixels untouched; what went out is remembered, so that it
 * is known when it comes back.
 *
 *   plan -> commit the wish -> worker stamps the pictures beside -> texts -> commit the digests ->
 *   rename -> (zip) -> commit the bundle's record in place of the wish -> STATUS.md
 *
 * A wish is a row whose body is {"wish": {"zip": bool, "job": key or null}}. */
/* SPDX-License-Identifier: ISC */
#include "engine/bundles.h"
#include "engine/outgoing.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/str.h"
#include "engine/errand.h"

#define VERSIONS_MAX 999

/* --- ending --- */

/* Beside where the folder would be: whoever asked may be far from the log. */
static char *why_path(const struct engine *en, const struct outgoing *o)
{
    return mem_printf("%s/%s.WHY.txt", en->places.bundles, o->name);
}

static void give_up(struct engine *en, struct outgoing *o, const char *why)
{
    char *path = why_path(en, o);
    char *text = mem_printf("%s cannot be made: %s.\n\nMend that, then: slated bundle %s\n",
                            o->name, why, o->plan.unit);
    (void)file_write(path, text, strlen(text), false, NULL); /* the log says it too */
    free(text);
    free(path);
    engine_say(en, "error", "the bundle %s cannot be made: %s", o->name, why);
    (void)outgoing_row(en, o->id, o->before, NULL); /* if not, the next start tries once more */
    bundles_status(en);
    en->needs_you_dirty = true;
    outgoing_free(o);
}

static void carried_out(struct engine *en, struct outgoing *o)
{
    struct err e = {0};
    if (outgoing_row(en, o->id, o->record, &e))
        engine_say(en, "error", "the bundle %s lies there and cannot be stored: %s", o->name,
                   e.text);
    else
        engine_say(en, "bundle", "manual_export/%s%s", o->name, o->zip ? " and its zip" : "");
    char *why = why_path(en, o);
    unlink(why); /* of an earlier try */
    free(why);
    bundles_status(en);
    desk_touch(en, o->drop_id);
    en->needs_you_dirty = true;
    outgoing_free(o);
}

static void zip_done(struct engine *en, void *ctx, const struct response *response)
{
    struct outgoing *o = ctx;
    const char *error;
    char *from = mem_printf("%s/%s.zip", en->places.staging, o->name);
    char *to = mem_printf("%s/%s.zip", en->places.bundles, o->name);
    if (!errand_ok(response, &error))
        engine_say(en, "error", "%s.zip cannot be made: %s", o->name, error);
    else if (rename(from, to) || file_sync_dir(en->places.bundles, NULL))
        engine_say(en, "error", "%s.zip cannot be put into manual_export/", o->name);
    free(from);
    free(to);
    carried_out(en, o);
}

static void zip_begin(struct engine *en, struct outgoing *o)
{
    cJSON *line = errand_line("bundle"), *doc = cJSON_Parse(o->record);
    cJSON *params = cJSON_GetObjectItemCaseSensitive(line, "params"),
          *folders = cJSON_CreateArray();
    const cJSON *file;
    char *out = mem_printf("%s/%s.zip", en->places.staging, o->name);
    char *folder = path_join(en->places.bundles, o->name);
    char *record = path_join(folder, "bundle.json");
    json_set_str(params, "top", o->name);
    cJSON_AddItemToArray(folders, cJSON_CreateString("return"));
    json_set(params, "folders", folders);
    cJSON_ArrayForEach(file, json_get(doc, "files"))
    {
        char *path = path_join(folder, json_str(file, "path", ""));
        errand_in(line, json_str(file, "path", ""), path);
        free(path);
    }
    errand_in(line, "bundle.json", record);
    errand_out(line, "bundle", out);
    errand_ask(en, line, zip_done, o);
    cJSON_Delete(doc);
    free(record);
    free(folder);
    free(out);
}

/* The folder lies under its name. */
static void folder_done(struct engine *en, struct outgoing *o)
{
    if (o->zip)
        zip_begin(en, o);
    else
        carried_out(en, o);
}

/* --- writing --- */

static int write_text(const char *dir, const char *name, const char *text, cJSON *files,
                      struct err *e)
{
    char *path = path_join(dir, name), hex[DIGEST_LEN];
    int rc = file_write(path, text, strlen(text), true, e);
    cJSON *one = cJSON_CreateObject();
    digest_bytes(text, strlen(text), hex);
    json_set_str(one, "path", name);
    json_set_str(one, "sha256", hex);
    cJSON_AddItemToArray(files, one);
    free(path);
    return rc;
}

static int write_line(const char *dir, const char *name, const char *text, cJSON *files,
                      struct err *e)
{
    char *line = mem_printf("%s\n", text);
    int rc = write_text(dir, name, line, files, e);
    free(line);
    return rc;
}

/* The texts beside the pictures; files: all of the bundle with their digests. */
static int write_texts(const struct outgoing *o, const cJSON *made, cJSON *files, struct err *e)
{
    const struct bundle_plan *b = &o->plan;
    const cJSON *one;
    char *returns = path_join(o->staged, "return");
    int rc = write_line(o->staged, "prompt.txt", b->prompt, files, e);
    if (!rc && b->negative)
        rc = write_line(o->staged, "negative.txt", b->negative, files, e);
    if (!rc && b->schema)
        rc = write_text(o->staged, "schema.json", b->schema, files, e);
    if (!rc)
        rc = write_text(o->staged, "instructions.txt", b->instructions, files, e);
    if (!rc)
        rc = file_make_dirs(returns, e);
    cJSON_ArrayForEach(one, made)
    {
        cJSON *file = cJSON_CreateObject();
        json_set_str(file, "path", json_str(one, "role", ""));
        json_set_str(file, "sha256", json_str(one, "sha256", ""));
        cJSON_AddItemToArray(files, file);
    }
    free(returns);
    return rc;
}

static int write_record(struct outgoing *o, cJSON *takes_files, struct err *e)
{
    cJSON *doc = bundle_record(&o->plan, o->name, takes_files);
    char *path = path_join(o->staged, "bundle.json");
    o->record = json_pretty(doc);
    int rc = file_write(path, o->record, strlen(o->record), true, e);
    cJSON_Delete(doc);
    free(path);
    return rc;
}

static void pictures_done(struct engine *en, void *ctx, const struct response *response)
{
    struct outgoing *o = ctx;
    const char *error = NULL;
    struct err e = {0};
    cJSON *files = cJSON_CreateArray();
    const cJSON *made = json_get(response->body, "out");
    char *to = path_join(en->places.bundles, o->name);
    int rc = errand_ok(response, &error) ? 0 : err_set(&e, ERR_CHILD, "%s", error);
    if (!rc)
        rc = write_texts(o, made, files, &e);
    if (!rc)
        rc = write_record(o, files, &e);
    else
        cJSON_Delete(files);
    if (!rc)
        rc = outgoing_exported(en, o, &e);
    if (!rc)
        rc = file_move(o->staged, to, &e);
    free(to);
    if (rc)
        give_up(en, o, e.text);
    else
        folder_done(en, o);
}

static bool has_refs(const struct bundle_plan *b)
{
    for (size_t i = 0; i < b->pictures_n; i++)
        if (str_starts(b->pictures[i].name, "refs/"))
            return true;
    return false;
}

static void send(struct engine *en, struct outgoing *o)
{
    cJSON *line = errand_line("stamp");
    o->staged = mem_printf("%s/bundle-%s", en->places.staging, o->plan.token);
    char *folder = has_refs(&o->plan) ? path_join(o->staged, "refs") : mem_dup(o->staged);
    (void)file_remove_tree(o->staged, NULL);
    (void)file_make_dirs(folder, NULL); /* the worker says what cannot be written */
    json_set_str(cJSON_GetObjectItemCaseSensitive(line, "params"), "token", o->plan.token);
    for (size_t i = 0; i < o->plan.pictures_n; i++) {
        char *out = path_join(o->staged, o->plan.pictures[i].name);
        errand_in(line, o->plan.pictures[i].name, o->plan.pictures[i].path);
        errand_out(line, o->plan.pictures[i].name, out);
        free(out);
    }
    errand_ask(en, line, pictures_done, o);
    free(folder);
}

/* --- beginning --- */

static char *free_name(struct engine *en, const struct bundle_plan *plan)
{
    for (int version = 1; version < VERSIONS_MAX; version++) {
        struct bundle_row known = {0};
        char *name = bundle_name(plan, version), *folder = path_join(en->places.bundles, name);
        bool taken = file_exists(folder) || store_bundle_named(en->store, name, &known) == 0;
        bundle_row_finish(&known);
        free(folder);
        if (!taken)
            return name;
        free(name);
    }
    return NULL;
}

/* The same content went out before: its row, name and folder are used. *ret_busy: it is just being
 * written. */
static void find_same(struct engine *en, struct outgoing *o, bool *ret_busy)
{
    struct bundle_row known = {0};
    cJSON *doc = NULL;
    if (store_bundle_marked(en->store, o->plan.token, &known) == 0) {
        o->id = known.id;
        o->name = mem_dup(known.name);
        o->record = outgoing_record(en, known.name, known.token);
        *ret_busy = outgoing_wish_of(&known, &doc) != NULL;
        o->before = mem_dup(known.body);
        cJSON_Delete(doc);
        bundle_row_finish(&known);
    }
}

static int outgoing_make(struct engine *en, const struct unit *u, const struct job_row *job,
                         const char *model, struct outgoing *o, bool *ret_busy, struct err *e)
{
    int rc = bundle_plan_make(en, u, job, model, &o->plan, e);
    if (rc)
        return rc;
    find_same(en, o, ret_busy);
    if (!o->name)
        o->name = free_name(en, &o->plan);
    if (!o->name)
        return err_set(e, ERR_LIMIT, "%s has gone out too often", o->plan.unit);
    return 0;
}

static void say_begun(const struct outgoing *o, const char *state, cJSON *said)
{
    cJSON *one = cJSON_CreateObject();
    json_set_str(one, "bundle", o->name);
    json_set_str(one, "unit", o->plan.unit);
    json_set_str(one, "model", o->plan.target->string);
    json_set_bool(one, "zip", o->zip);
    json_set_str(one, "state", state);
    cJSON *notes = cJSON_Duplicate(o->plan.warnings, true);
    if (o->plan.remark)
        cJSON_AddItemToArray(notes, cJSON_CreateString(o->plan.remark));
    json_set(one, "notes", notes);
    cJSON_AddItemToArray(said, one);
}

int bundles_begin(struct engine *en, const struct unit *u, const struct job_row *job,
                  const char *model, bool zip, cJSON *said, struct err *e)
{
    struct outgoing *o = mem_alloc(sizeof(*o));
    bool busy = false;
    o->zip = zip;
    o->drop_id = u->drop.id;
    int rc = outgoing_make(en, u, job, model, o, &busy, e);
    if (!rc)
        say_begun(o, busy ? "on its way" : o->record ? "out already, unchanged" : "new", said);
    bool nothing_to_do = busy || (o->record && !zip);
    if (!rc && !nothing_to_do)
        rc = outgoing_wish(en, o, job, e);
    if (rc || nothing_to_do)
        outgoing_free(o);
    else if (o->record)
        folder_done(en, o);
    else
        send(en, o);
    return rc;
}
