/* Wishes for bundles come in; folders (and zips) under manual_export/ go out, whole, by rename. The
 * pictures are written by a worker with nothing of their old metadata; what went out is remembered,
 * so that it is known when it comes back.
 *
 *   plan -> worker writes the pictures beside -> texts -> commit -> rename -> (zip) -> STATUS.md */
/* SPDX-License-Identifier: ISC */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/str.h"
#include "engine/bundle_plan.h"
#include "engine/errand.h"

#define VERSIONS_MAX 999

/* One bundle on its way out. */
struct outgoing {
    struct bundle_plan plan;
    char *name, *staged; /* folder below .slated/staging */
    int64_t drop_id;
    bool zip;
};

static void outgoing_free(struct outgoing *o)
{
    bundle_plan_finish(&o->plan);
    if (o->staged)
        (void)file_remove_tree(o->staged, NULL); /* swept at the next start */
    free(o->name);
    free(o->staged);
    free(o);
}

/* --- STATUS.md --- */

static void status_lines(struct engine *en, struct buf *page, bool out)
{
    struct bundle_row *rows = NULL;
    size_t n = 0;
    char at[CLOCK_TEXT_LEN];
    double days = rules_policy_num(en->rules, "/manual/overdue_days");
    if (store_bundles(en->store, false, &rows, &n))
        return;
    for (size_t i = 0; i < n; i++) {
        bool late = out && (double)(en->now_s - rows[i].at_s) > days * 86400;
        clock_iso(rows[i].back_s ? rows[i].back_s : rows[i].at_s, at);
        if (out == (rows[i].back_s == 0))
            buf_printf(page, "- %s%s, %s %s\n", rows[i].name, late ? " (overdue)" : "",
                       out ? "out since" : "back", at);
        bundle_row_finish(&rows[i]);
    }
    free(rows);
}

void bundles_status(struct engine *en)
{
    struct buf page;
    char *path = path_join(en->places.bundles, "STATUS.md");
    buf_init(&page, 4 * 1024 * 1024);
    buf_text(&page, "# Bundles for handwork\n\n## Out\n\n");
    status_lines(en, &page, true);
    buf_text(&page, "\n## Back\n\n");
    status_lines(en, &page, false);
    (void)file_write(path, page.data, page.len, false,
                     NULL); /* written again with the next change */
    buf_finish(&page);
    free(path);
}

/* --- finishing --- */

static void zip_done(struct engine *en, void *ctx, const struct response *response)
{
    struct outgoing *o = ctx;
    const char *error;
    struct err e = {0};
    char *from = mem_printf("%s/%s.zip", en->places.staging, o->name);
    char *to = mem_printf("%s/%s.zip", en->places.bundles, o->name);
    if (!errand_ok(response, &error))
        engine_say(en, "error", "%s.zip cannot be made: %s", o->name, error);
    else if (rename(from, to) || file_sync_dir(en->places.bundles, &e))
        engine_say(en, "error", "%s.zip cannot be put into manual_export/", o->name);
    else
        engine_say(en, "bundle", "manual_export/%s.zip", o->name);
    free(from);
    free(to);
    outgoing_free(o);
}

static void zip_begin(struct engine *en, struct outgoing *o, const cJSON *files)
{
    cJSON *line = errand_line("bundle");
    const cJSON *file;
    char *out = mem_printf("%s/%s.zip", en->places.staging, o->name);
    char *folder = path_join(en->places.bundles, o->name);
    json_set_str(cJSON_GetObjectItemCaseSensitive(line, "params"), "top", o->name);
    cJSON_ArrayForEach(file, files)
    {
        char *path = path_join(folder, json_str(file, "path", ""));
        errand_in(line, json_str(file, "path", ""), path);
        free(path);
    }
    char *record = path_join(folder, "bundle.json");
    errand_in(line, "bundle.json", record);
    errand_out(line, "bundle", out);
    errand_ask(en, line, zip_done, o);
    free(record);
    free(folder);
    free(out);
}

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

/* The texts beside the pictures; answers the list of all files with their digests. */
static int write_texts(struct outgoing *o, const cJSON *made, cJSON **ret_files, struct err *e)
{
    cJSON *files = cJSON_CreateArray();
    const cJSON *one;
    char *line = mem_printf("%s\n", o->plan.prompt);
    int rc = write_text(o->staged, "prompt.txt", line, files, e);
    free(line);
    if (!rc && o->plan.negative) {
        line = mem_printf("%s\n", o->plan.negative);
        rc = write_text(o->staged, "negative.txt", line, files, e);
        free(line);
    }
    if (!rc)
        rc = write_text(o->staged, "instructions.txt", o->plan.instructions, files, e);
    cJSON_ArrayForEach(one, made)
    {
        cJSON *file = cJSON_CreateObject();
        json_set_str(file, "path", json_str(one, "role", ""));
        json_set_str(file, "sha256", json_str(one, "sha256", ""));
        cJSON_AddItemToArray(files, file);
    }
    if (!rc) {
        char *returns = path_join(o->staged, "return");
        rc = file_make_dirs(returns, e);
        free(returns);
    }
    *ret_files = files;
    return rc;
}

static int write_record(struct engine *en, struct outgoing *o, cJSON *files, char **ret_text,
                        struct err *e)
{
    cJSON *doc = bundle_record(&o->plan, o->name, cJSON_Duplicate(files, true));
    char *path = path_join(o->staged, "bundle.json");
    (void)en;
    *ret_text = json_pretty(doc);
    int rc = file_write(path, *ret_text, strlen(*ret_text), true, e);
    cJSON_Delete(doc);
    free(path);
    return rc;
}

static int remember(struct engine *en, const struct outgoing *o, const cJSON *files, char *text,
                    struct err *e)
{
    struct bundle_row row = {.drop_id = o->drop_id,
                             .at_s = en->now_s,
                             .name = o->name,
                             .unit = o->plan.unit,
                             .target = (char *)o->plan.target->string,
                             .token = (char *)o->plan.token,
                             .body = text};
    struct bundle_row known = {0};
    const cJSON *file;
    if (store_bundle_marked(en->store, o->plan.token, &known) == 0) {
        bundle_row_finish(&known); /* its folder had gone; the same one again */
        return 0;
    }
    int rc = store_begin(en->store, e);
    if (rc)
        return rc;
    rc = store_add_bundle(en->store, &row, e);
    cJSON_ArrayForEach(file, files)
    {
        const char *name = json_str(file, "path", "");
        if (!rc && str_eq(path_ext(name), "png"))
            rc = store_add_exported(en->store, json_str(file, "sha256", ""), row.id, name, e);
    }
    for (size_t i = 0; i < o->plan.pictures_n && !rc; i++) /* the original itself, too */
        if (!str_starts(o->plan.pictures[i].name, "refs/"))
            rc = store_add_exported(en->store, o->plan.pictures[i].sha256, row.id,
                                    o->plan.pictures[i].name, e);
    if (!rc)
        return store_commit(en->store, e);
    store_rollback(en->store);
    return rc;
}

static void pictures_done(struct engine *en, void *ctx, const struct response *response)
{
    struct outgoing *o = ctx;
    const char *error = NULL;
    struct err e = {0};
    cJSON *files = NULL;
    char *text = NULL, *to = path_join(en->places.bundles, o->name);
    int rc = errand_ok(response, &error) ? 0 : err_set(&e, ERR_CHILD, "%s", error);
    if (!rc)
        rc = write_texts(o, json_get(response->body, "out"), &files, &e);
    if (!rc)
        rc = write_record(en, o, files, &text, &e);
    if (!rc)
        rc = remember(en, o, files, text, &e);
    if (!rc)
        rc = file_move(o->staged, to, &e);
    if (rc)
        engine_say(en, "error", "the bundle %s cannot be made: %s", o->name, e.text);
    else
        engine_say(en, "bundle", "manual_export/%s", o->name);
    if (!rc)
        bundles_status(en);
    en->needs_you_dirty = true;
    if (!rc && o->zip)
        zip_begin(en, o, files);
    else
        outgoing_free(o);
    cJSON_Delete(files);
    free(text);
    free(to);
}

/* --- beginning --- */

/* A free name, or the folder that already is this very bundle (*ret_there). */
static char *choose_name(struct engine *en, const struct bundle_plan *plan, bool *ret_there)
{
    struct bundle_row known = {0};
    *ret_there = false;
    if (store_bundle_marked(en->store, plan->token, &known) == 0) {
        char *name = mem_dup(known.name), *folder = path_join(en->places.bundles, name);
        *ret_there = file_exists(folder);
        bundle_row_finish(&known);
        free(folder);
        return name;
    }
    for (int version = 1; version < VERSIONS_MAX; version++) {
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

static void send(struct engine *en, struct outgoing *o)
{
    cJSON *line = errand_line("picture.copies"), *tag = cJSON_CreateObject();
    char *refs = path_join(o->staged, "refs");
    (void)file_remove_tree(o->staged, NULL);
    (void)file_make_dirs(refs, NULL); /* the worker says what cannot be written */
    json_set_str(tag, "slated-bundle", o->plan.token);
    json_set(line, "tag", tag);
    for (size_t i = 0; i < o->plan.pictures_n; i++) {
        char *out = path_join(o->staged, o->plan.pictures[i].name);
        errand_in(line, o->plan.pictures[i].name, o->plan.pictures[i].path);
        errand_out(line, o->plan.pictures[i].name, out);
        free(out);
    }
    errand_ask(en, line, pictures_done, o);
    free(refs);
}

/* Files of a bundle that is there, for its zip. */
static void zip_again(struct engine *en, struct outgoing *o)
{
    struct bundle_row row = {0};
    if (store_bundle_named(en->store, o->name, &row) == 0) {
        cJSON *doc = cJSON_Parse(row.body);
        zip_begin(en, o, json_get(doc, "files"));
        cJSON_Delete(doc);
    } else {
        outgoing_free(o);
    }
    bundle_row_finish(&row);
}

static int begin(struct engine *en, const struct unit *u, const char *model, bool zip,
                 struct buf *said, struct err *e)
{
    struct outgoing *o = mem_alloc(sizeof(*o));
    bool there = false;
    int rc = bundle_plan_make(en, u, model, &o->plan, e);
    if (!rc)
        o->name = choose_name(en, &o->plan, &there);
    if (!rc && !o->name)
        rc = err_set(e, ERR_LIMIT, "%s has gone out too often", u->jobs[0].unit);
    if (rc) {
        outgoing_free(o);
        return rc;
    }
    o->drop_id = u->drop.id;
    o->zip = zip;
    o->staged = mem_printf("%s/bundle-%s", en->places.staging, o->plan.token);
    const cJSON *warning;
    buf_printf(said, "manual_export/%s%s\n", o->name, there ? " (out already, unchanged)" : "");
    cJSON_ArrayForEach(warning, o->plan.warnings)
        buf_printf(said, "  note: %s\n", warning->valuestring);
    if (!there)
        send(en, o);
    else if (zip)
        zip_again(en, o);
    else
        outgoing_free(o);
    return 0;
}

void bundles_offer(struct engine *en, const struct job_row *job)
{
    struct unit u;
    struct buf said;
    struct err e = {0};
    buf_init(&said, 65536);
    if (unit_of_drop(en, job->drop_id, job->unit, &u, &e) || begin(en, &u, NULL, false, &said, &e))
        engine_say(en, "error", "no bundle can be made for %s: %s", job->title, e.text);
    buf_finish(&said);
    unit_finish(&u);
}

/* --- the command --- */

/* Units that a word means: one, an episode's, or a drop's. Names are owned. */
struct chosen {
    char **names;
    int64_t *drops;
    size_t n;
};

static void choose(struct chosen *c, const char *unit, int64_t drop_id)
{
    for (size_t i = 0; i < c->n; i++)
        if (c->drops[i] == drop_id && str_eq(c->names[i], unit))
            return;
    c->names = mem_grow(c->names, c->n + 1, sizeof(*c->names));
    c->drops = mem_grow(c->drops, c->n + 1, sizeof(*c->drops));
    c->names[c->n] = mem_dup(unit);
    c->drops[c->n++] = drop_id;
}

/* Whether a job is anybody's handwork: sheets and animatics of a whole episode are not. */
static bool is_handwork(const struct job_row *job)
{
    return job->unit && (job->prompt || strchr(job->unit, '_'));
}

static void choose_of_drop(struct engine *en, struct chosen *c, int64_t drop_id, const char *prefix)
{
    struct job_row *jobs = NULL;
    size_t n = 0;
    if (store_jobs(en->store, drop_id, &jobs, &n))
        return;
    for (size_t i = 0; i < n; i++) {
        if (is_handwork(&jobs[i]) && (!prefix || str_starts(jobs[i].unit, prefix)))
            choose(c, jobs[i].unit, drop_id);
        job_row_finish(&jobs[i]);
    }
    free(jobs);
}

static void choose_outstanding(struct engine *en, struct chosen *c)
{
    struct escalation_row *rows = NULL;
    size_t n = 0;
    if (store_escalations(en->store, true, &rows, &n))
        return;
    for (size_t i = 0; i < n; i++) {
        choose(c, rows[i].unit, rows[i].drop_id);
        escalation_row_finish(&rows[i]);
    }
    free(rows);
}

/* "EP001": the episode's shots in the newest drop that has them. */
static bool choose_episode(struct engine *en, struct chosen *c, const char *word)
{
    struct drop_row *drops = NULL;
    size_t n = 0, before = c->n;
    char *prefix = mem_printf("%s_", word);
    if (store_drops(en->store, -1, 200, &drops, &n))
        n = 0;
    for (size_t i = 0; i < n; i++) {
        if (c->n == before && drops[i].state != DROP_CANCELLED)
            choose_of_drop(en, c, drops[i].id, prefix);
        drop_row_finish(&drops[i]);
    }
    free(drops);
    free(prefix);
    return c->n > before;
}

static int choose_word(struct engine *en, struct chosen *c, const char *word, const char *drop,
                       struct err *e)
{
    struct unit u;
    struct drop_row row = {0};
    int rc = unit_find(en, word, drop, &u, e);
    if (!rc) {
        choose(c, u.jobs[0].unit, u.drop.id);
    } else if (choose_episode(en, c, word)) {
        rc = 0;
    } else if (store_drop_named(en->store, word, &row) == 0) {
        choose_of_drop(en, c, row.id, NULL);
        rc = 0;
    }
    drop_row_finish(&row);
    unit_finish(&u);
    return rc;
}

int verb_bundle(struct engine *en, const cJSON *command, char **ret_said, struct err *e)
{
    struct chosen c = {0};
    struct buf said;
    const cJSON *word;
    int rc = 0;
    buf_init(&said, 1 << 20);
    cJSON_ArrayForEach(word, json_get(command, "what"))
    {
        if (!rc)
            rc = choose_word(en, &c, word->valuestring, json_str(command, "drop", NULL), e);
    }
    if (json_bool(command, "outstanding", false))
        choose_outstanding(en, &c);
    if (!rc && !c.n)
        rc = err_set(e, ERR_MISSING,
                     "nothing to bundle: name a shot, an episode or a drop, or escalate one first");
    for (size_t i = 0; i < c.n && !rc; i++) {
        struct unit u;
        rc = unit_of_drop(en, c.drops[i], c.names[i], &u, e);
        if (!rc)
            rc = begin(en, &u, json_str(command, "model", NULL), json_bool(command, "zip", false),
                       &said, e);
        unit_finish(&u);
    }
    for (size_t i = 0; i < c.n; i++)
        free(c.names[i]);
    free(c.names);
    free(c.drops);
    if (!rc)
        *ret_said = mem_dup(str_trim(said.data));
    buf_finish(&said);
    return rc;
}
