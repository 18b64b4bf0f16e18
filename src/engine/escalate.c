/* A shot that needs a hand comes in, by command or by a file in inbox/escalate or inbox/notes; the
 * flag is stored, and a note becomes a redo of that shot alone. The formal status stays. */
/* SPDX-License-Identifier: ISC */
#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/digest.h"
#include "base/file.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/str.h"
#include "base/utf8.h"
#include "engine/learned.h"
#include "engine/manual.h"
#include "manual/evidence.h"
#include "manual/target.h"

#define NOTE_MAX    4096
#define NAMED_DROPS 50 /* drops whose names are looked through, newest first */

static void replace(char **text, const char *by)
{
    if (!by)
        return;
    free(*text);
    *text = mem_dup(by);
}

static int store_escalated(struct engine *en, const struct unit *u, const char *name,
                           const struct escalate_wish *wish, struct err *e)
{
    struct escalation_row row = {0};
    int rc;
    if (store_escalation(en->store, u->drop.id, name, &row) == 0) {
        replace(&row.tag, wish->tag);
        replace(&row.model, wish->model);
        replace(&row.note, wish->note);
        rc = store_set_escalation(en->store, &row, e);
    } else {
        row = (struct escalation_row){.drop_id = u->drop.id,
                                      .at_s = en->now_s,
                                      .unit = mem_dup(name),
                                      .tag = mem_dup(wish->tag),
                                      .model = mem_dup(wish->model),
                                      .note = mem_dup(wish->note),
                                      .by = mem_dup(wish->by)};
        rc = store_add_escalation(en->store, &row, e);
    }
    if (!rc)
        rc = store_add_event(en->store, u->drop.id, 0, en->now_s, "escalated", name, e);
    escalation_row_finish(&row);
    return rc;
}

int escalate_unit(struct engine *en, const struct unit *u, const struct escalate_wish *wish,
                  struct err *e)
{
    const char *name = u->jobs[0].unit;
    int rc = store_begin(en->store, e);
    if (rc)
        return rc;
    rc = store_escalated(en, u, name, wish, e);
    if (!rc)
        rc = store_commit(en->store, e);
    else
        store_rollback(en->store);
    if (!rc)
        engine_say(en, "escalated", "%s needs a hand%s%s", name, wish->tag ? ": " : "",
                   wish->tag ? wish->tag : "");
    en->needs_you_dirty = true;
    desk_touch(en, u->drop.id);
    return rc;
}

int verb_escalate(struct engine *en, const cJSON *command, char **ret_said, struct err *e)
{
    struct unit u;
    const cJSON *target;
    const char *tag = json_str(command, "tag", NULL);
    struct escalate_wish wish = {.model = json_str(command, "model", NULL),
                                 .note = json_str(command, "note", NULL),
                                 .by = "command"};
    int rc = unit_find(en, json_str(command, "unit", ""), json_str(command, "drop", NULL), &u, e);
    if (!rc && tag)
        rc = manual_tag_read(tag, &wish.tag, e);
    if (!rc && wish.model)
        rc = target_find(en->rules, wish.model, "clip", &target, e);
    if (!rc)
        rc = escalate_unit(en, &u, &wish, e);
    if (!rc)
        *ret_said = mem_printf("%s is escalated; `slated bundle %s` makes its bundle",
                               u.jobs[0].unit, u.jobs[0].unit);
    unit_finish(&u);
    return rc;
}

int verb_note(struct engine *en, const cJSON *command, char **ret_said, struct err *e)
{
    struct unit u;
    struct redo_wish wish = {.note = json_str(command, "note", NULL)};
    int n = 0, rc = wish.note && *wish.note ? 0 : err_set(e, ERR_INPUT, "a note needs words");
    memset(&u, 0, sizeof(u));
    if (!rc)
        rc = unit_find(en, json_str(command, "unit", ""), json_str(command, "drop", NULL), &u, e);
    if (!rc)
        rc = redo_unit(en, &u, &wish, &n, e);
    if (!rc && !n)
        rc = err_set(e, ERR_STATE, "%s is being made just now; give the note when it is done",
                     json_str(command, "unit", ""));
    if (!rc) {
        struct fix_row fix = {.drop_id = u.drop.id,
                              .at_s = en->now_s,
                              .unit = mem_dup(u.jobs[0].unit),
                              .fix = mem_dup("prompt_edit"),
                              .note = mem_dup(wish.note)};
        learned_fill(en, &u, &fix);
        rc = store_begin(en->store, e);
        if (!rc)
            rc = store_add_fix(en->store, &fix, e);
        if (!rc)
            rc = store_commit(en->store, e);
        if (rc)
            store_rollback(en->store);
        fix_row_finish(&fix);
        *ret_said = mem_printf("%s is made again with the note (%d job%s)", u.jobs[0].unit, n,
                               n == 1 ? "" : "s");
    }
    unit_finish(&u);
    return rc;
}

/* --- gestures: files in inbox/escalate and inbox/notes --- */

/* Every name that units go by, and the units themselves. */
struct known {
    struct evidence_name *names;
    char **units;
    size_t names_n, units_n;
};

static void add_name(struct known *k, const char *name, size_t unit)
{
    if (!name || !*name)
        return;
    k->names = mem_grow(k->names, k->names_n + 1, sizeof(*k->names));
    k->names[k->names_n++] = (struct evidence_name){mem_dup(name), (int)unit, -1};
}

/* A job's unit, the shot's asset name, and what its files are called. */
static void add_names(struct known *k, const struct job_row *job)
{
    cJSON *meta = cJSON_Parse(job->meta), *outs = cJSON_Parse(job->outs);
    const cJSON *out;
    size_t at = 0;
    while (at < k->units_n && !str_eq(k->units[at], job->unit))
        at++;
    if (at == k->units_n) {
        k->units = mem_grow(k->units, k->units_n + 1, sizeof(*k->units));
        k->units[k->units_n++] = mem_dup(job->unit);
        add_name(k, job->unit, at);
        add_name(k, json_str(meta, "asset_name", NULL), at);
    }
    cJSON_ArrayForEach(out, outs)
    {
        char *stem = path_stem(json_str(out, "path", ""));
        add_name(k, stem, at);
        free(stem);
    }
    cJSON_Delete(meta);
    cJSON_Delete(outs);
}

static void known_of_drop(struct engine *en, int64_t drop_id, struct known *k)
{
    struct job_row *jobs = NULL;
    size_t n = 0;
    if (store_jobs(en->store, drop_id, &jobs, &n))
        return;
    for (size_t i = 0; i < n; i++) {
        if (jobs[i].unit)
            add_names(k, &jobs[i]);
        job_row_finish(&jobs[i]);
    }
    free(jobs);
}

/* The unit a file's name means: in the newest drop where it means exactly one. Owned, or NULL. */
static char *unit_named(struct engine *en, const char *name)
{
    struct drop_row *drops = NULL;
    size_t n = 0;
    char *unit = NULL;
    bool several = false; /* in a newer drop: then an older one decides nothing */
    if (store_drops(en->store, -1, NAMED_DROPS, &drops, &n))
        return NULL;
    for (size_t i = 0; i < n; i++) {
        struct known k = {0};
        if (!unit && !several && drops[i].state != DROP_CANCELLED) {
            known_of_drop(en, drops[i].id, &k);
            struct evidence found = evidence_read(name, k.names, k.names_n);
            several = found.several;
            unit = found.unit >= 0 ? mem_dup(k.units[found.unit]) : NULL;
        }
        for (size_t j = 0; j < k.names_n; j++)
            free((char *)k.names[j].name);
        for (size_t j = 0; j < k.units_n; j++)
            free(k.units[j]);
        free(k.names);
        free(k.units);
        drop_row_finish(&drops[i]);
    }
    free(drops);
    return unit;
}

static void answer_beside(struct engine *en, const char *path, const char *text)
{
    char *receipt = mem_printf("%s.slated.txt", path);
    (void)file_write(receipt, text, strlen(text), false, NULL); /* the log says it too */
    engine_say(en, "left alone", "%s: %s", path + strlen(en->places.root) + 1, text);
    free(receipt);
}

/* A short text, trimmed; "" for an empty file; NULL when it is no text. Owned. */
static char *read_note(const char *path)
{
    char *bytes = NULL, *note = NULL;
    size_t len = 0;
    if (file_read(path, NOTE_MAX, &bytes, &len, NULL) == 0 && strlen(bytes) == len &&
        utf8_bad_at(bytes, len) < 0)
        note = mem_dup(str_trim(bytes));
    free(bytes);
    return note;
}

/* A picture moved out of the tree is put back where it belongs. 0 when it is one of ours. */
static int put_back(struct engine *en, const struct unit *u, const char *path)
{
    struct unit_file *files = NULL;
    size_t n = 0;
    char hex[DIGEST_LEN];
    uint64_t len = 0;
    int rc = digest_file(path, hex, &len, NULL);
    unit_files(en, u, &files, &n);
    int found = ERR_MISSING;
    for (size_t i = 0; i < n && !rc && found; i++) {
        if (!files[i].made || !str_eq(files[i].asset.sha256, hex))
            continue;
        char *home = path_join(en->places.out, files[i].asset.path);
        found = file_exists(home) ? (unlink(path) ? ERR_IO : 0) : file_move(path, home, NULL);
        free(home);
    }
    unit_files_finish(files, n);
    return found;
}

static void gesture(struct engine *en, const char *dir, const char *name, bool notes)
{
    char *path = path_join(dir, name), *unit = unit_named(en, name), *note = read_note(path);
    struct unit u;
    struct err e = {0};
    memset(&u, 0, sizeof(u));
    if (!unit || unit_of_drop(en, 0, unit, &u, &e)) {
        answer_beside(en, path,
                      "no shot is called so. Name the file after the shot, as in "
                      "EP001_SH03.txt; `slated status` lists the drops.\n");
    } else if (notes) {
        cJSON *command = cJSON_CreateObject();
        char *said = NULL;
        json_set_str(command, "unit", unit);
        json_set_str(command, "note", note);
        if (verb_note(en, command, &said, &e))
            answer_beside(en, path, e.text);
        else
            unlink(path);
        free(said);
        cJSON_Delete(command);
    } else {
        struct escalate_wish wish = {.tag = evidence_tag(name, manual_tags),
                                     .note = note && *note ? note : NULL,
                                     .by = "inbox"};
        bool ours = note || put_back(en, &u, path) == 0;
        if (!ours)
            answer_beside(en, path,
                          "this picture is not the shot's own; drop it into return/ "
                          "when it is a fix. The shot is escalated.\n");
        if (escalate_unit(en, &u, &wish, &e))
            answer_beside(en, path, e.text);
        else if (note)
            unlink(path);
    }
    unit_finish(&u);
    free(note);
    free(unit);
    free(path);
}

void gestures_look(struct engine *en, const char *folder)
{
    bool notes = str_eq(folder, "notes");
    const char *path = notes ? en->places.notes : en->places.escalate;
    DIR *dir = opendir(path);
    char **names = NULL;
    size_t n = 0;
    for (const struct dirent *entry; dir && (entry = readdir(dir));)
        if (entry->d_name[0] != '.' && !str_ends(entry->d_name, ".slated.txt") &&
            !junk_name(entry->d_name)) {
            names = mem_grow(names, n + 1, sizeof(*names));
            names[n++] = mem_dup(entry->d_name);
        }
    if (dir)
        closedir(dir);
    for (size_t i = 0; i < n; i++) {
        char *receipt = mem_printf("%s/%s.slated.txt", path, names[i]);
        if (!file_exists(receipt)) /* it was answered already: its name has to change first */
            gesture(en, path, names[i], notes);
        free(receipt);
        free(names[i]);
    }
    free(names);
}
