/* A returned text comes in: the answer to a text step whose bundle is out. It is judged against the
 * step's shape; a good one is placed as the step's document, another is refused with the place that
 * is wrong. Where it belongs is told by folder, token and name, never by likeness. */
/* SPDX-License-Identifier: ISC */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/str.h"
#include "engine/bundles.h"
#include "engine/returns.h"
#include "engine/words.h"
#include "store/words.h"

#define TEXT_MAX (1024 * 1024)
#define HEAD_LEN 512

/* --- what it is --- */

bool text_is(const char *path)
{
    static const char *const exts[] = {"txt", "md", "markdown", "json"};
    char head[HEAD_LEN];
    bool named = false;
    for (size_t i = 0; i < sizeof exts / sizeof *exts; i++)
        named = named || str_eq_nocase(path_ext(path), exts[i]);
    int fd = named ? open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC) : -1;
    ssize_t len = fd >= 0 ? pread(fd, head, sizeof head, 0) : -1;
    if (fd >= 0)
        close(fd);
    bool wide = len >= 2 && (!memcmp(head, "\xff\xfe", 2) || !memcmp(head, "\xfe\xff", 2));
    return len >= 0 && (wide || !memchr(head, 0, (size_t)len)); /* a picture by a wrong name: no */
}

/* What slated itself lays beside returned files. */
static bool is_own_page(const char *path)
{
    const char *name = path_base(path);
    return str_eq(name, "WHY.txt") || str_eq(name, "CHOOSE.txt");
}

/* --- where it belongs --- */

static bool is_text_bundle(struct engine *en, const struct bundle_row *row)
{
    const cJSON *targets = json_get(rules_get(en->rules, "models/targets"), "targets");
    return str_eq(json_str(json_get(targets, row->target), "kind", ""), "text");
}

/* Of the text bundles, newest first, the one that a name means; an answered one only when none of
 * its unit waits. -1 none, -2 several. */
static int meant(const struct bundle_row *rows, size_t n, const char *shown)
{
    struct evidence_name *names = mem_grow(NULL, 2 * n + 1, sizeof(*names));
    size_t names_n = 0;
    int found = -1;
    for (size_t i = 0; i < n; i++) {
        names[names_n++] = (struct evidence_name){rows[i].name, (int)i, -1};
        bool other = false; /* a unit's own name means its only step */
        for (size_t k = 0; k < n; k++)
            other = other || (k != i && str_eq(rows[k].unit, rows[i].unit) && !rows[k].back_s &&
                              (rows[i].back_s || rows[k].drop_id != rows[i].drop_id));
        if (!other)
            names[names_n++] = (struct evidence_name){rows[i].unit, (int)i, -1};
    }
    struct evidence said = evidence_read(shown, names, names_n);
    found = said.several ? -2 : said.unit;
    free(names);
    return found;
}

static int find_named(struct engine *en, const char *shown, struct bundle_row *ret_row,
                      struct err *e)
{
    struct bundle_row *all = NULL;
    size_t n = 0, texts = 0;
    if (store_bundles(en->store, false, &all, &n))
        n = 0;
    for (size_t i = 0; i < n; i++) {
        if (is_text_bundle(en, &all[i]))
            all[texts++] = all[i];
        else
            bundle_row_finish(&all[i]);
    }
    int at = meant(all, texts, shown);
    for (size_t i = 0; i < texts; i++) {
        if ((int)i == at)
            *ret_row = all[i];
        else
            bundle_row_finish(&all[i]);
    }
    free(all);
    return at >= 0 ? 0
           : at == -2
               ? err_set(e, ERR_INPUT,
                         "its name could mean more than one text; put it into the return/ of the "
                         "bundle it answers, in manual_export/")
               : err_set(e, ERR_MISSING,
                         "it is a text, and nothing says which text was asked for; put it into the "
                         "return/ of its bundle in manual_export/. A note about a shot goes into "
                         "inbox/notes/, named after the shot");
}

/* The bundle that it answers: by folder, token, name. ERR_MISSING: it answers none. */
static int find_bundle(struct engine *en, struct back *b, const char *text,
                       struct bundle_row *ret_row, struct err *e)
{
    char mark[32], inside[32];
    evidence_mark(b->shown, mark);
    evidence_mark(text, inside);
    b->how = "folder";
    if (b->bundle && store_bundle_named(en->store, b->bundle, ret_row) == 0) {
        if (is_text_bundle(en, ret_row))
            return 0;
        int rc = err_set(e, ERR_MISSING,
                         "it is a text, and %s wants a picture or a clip back. A note about a shot "
                         "goes into inbox/notes/, named after the shot",
                         ret_row->name);
        bundle_row_finish(ret_row);
        return rc;
    }
    b->how = "token";
    if ((*mark && store_bundle_marked(en->store, mark, ret_row) == 0) ||
        (*inside && store_bundle_marked(en->store, inside, ret_row) == 0)) {
        if (is_text_bundle(en, ret_row))
            return 0;
        bundle_row_finish(ret_row);
    }
    b->how = "name";
    return find_named(en, b->shown, ret_row, e);
}

/* --- judging it --- */

static int find_step(struct engine *en, struct back *b, const struct bundle_row *bundle,
                     struct err *e)
{
    cJSON *doc = cJSON_Parse(bundle->body);
    const char *key = json_str(doc, "job", "");
    int rc = unit_of_job(en, bundle->drop_id, bundle->unit, key, &b->unit, e);
    if (!rc && (b->unit.jobs_n != 1 || !words_is(&b->unit.jobs[0])))
        rc = err_set(e, ERR_MISSING, "the text that %s asked for is not known any more",
                     bundle->name);
    if (!rc) {
        unit_files(en, &b->unit, &b->files, &b->files_n);
        b->file = b->files_n ? &b->files[0] : NULL;
    }
    cJSON_Delete(doc);
    return rc ? rc : b->file ? 0 : err_set(e, ERR_MISSING, "%s keeps no file", bundle->name);
}

static int read_text(const char *path, char **ret_text, struct err *e)
{
    size_t len = 0;
    int rc = file_read(path, TEXT_MAX, ret_text, &len, e);
    if (!rc && (strlen(*ret_text) != len)) {
        free(*ret_text);
        *ret_text = NULL;
        rc = err_set(e, ERR_INPUT, "it is no plain text in UTF-8; save it as UTF-8");
    }
    return rc;
}

/* What is known of it, as a worker would say it of a picture. */
static void fill_facts(struct back *b, const char *text)
{
    char hex[DIGEST_LEN];
    digest_bytes(text, strlen(text), hex);
    b->facts = cJSON_CreateObject();
    json_set_str(b->facts, "sha256", hex);
    json_set_str(b->facts, "media", "text");
    json_set_num(b->facts, "bytes", (double)strlen(text));
}

/* True when it replaces nothing: it is what we wrote, or was given back before. Then it is settled.
 */
static bool known_already(struct engine *en, struct back *b)
{
    const char *sha256 = json_str(b->facts, "sha256", "");
    struct bundle_row bundle = {0};
    struct return_row row = {0};
    char *why = NULL;
    const char *state = "unchanged";
    if (is_own_page(b->path)) {
        why = mem_dup("slated wrote it");
    } else if (store_exported(en->store, sha256, &bundle) == 0) {
        why = mem_printf("it is what went out in %s, unchanged", bundle.name);
    } else if (store_return_of(en->store, sha256, "placed", &row) == 0) {
        state = "again";
        why = mem_printf("it was given back before, as %s", row.name);
    }
    if (why)
        back_known(en, b, state, why);
    free(why);
    return_row_finish(&row);
    bundle_row_finish(&bundle);
    return why != NULL;
}

/* It came with other files, in an archive or in a folder of a person's own. */
static bool came_along(const struct back *b)
{
    const char *top = b->bundle ? "manual_export/" : "return/", *at = b->shown;
    at += str_starts(at, top) ? strlen(top) : 0;
    at += b->bundle && str_starts(at, b->bundle) ? strlen(b->bundle) + strlen("/return/") : 0;
    at += b->tag && str_starts(at, b->tag) ? strlen(b->tag) + 1 : 0;
    return strchr(at, '/') != NULL;
}

static void judge(struct engine *en, struct back *b, const char *text)
{
    struct bundle_row bundle = {0};
    struct err e = {0};
    cJSON *document = NULL;
    int rc = find_bundle(en, b, text, &bundle, &e);
    if (rc == ERR_MISSING && came_along(b)) {
        back_known(en, b, RETURN_NOTED, "a text that was not asked for; it lies in return/_notes/");
        return;
    }
    if (!rc)
        rc = find_step(en, b, &bundle, &e);
    if (!rc && words_read(en, b->file->job, text, &document, &e))
        rc = err_set(&e, ERR_INPUT,
                     "it does not fit what was asked for: %s; %s/schema.json in "
                     "manual_export/ says what does",
                     e.text, bundle.name);
    if (rc) {
        back_refuse(en, b, e.text);
    } else {
        free(b->bundle);
        b->bundle = mem_dup(bundle.name);
        back_place_text(en, b, document);
    }
    cJSON_Delete(document);
    bundle_row_finish(&bundle);
}

void text_begin(struct engine *en, struct back *b)
{
    struct err e = {0};
    char *text = NULL;
    if (read_text(b->path, &text, &e)) {
        back_refuse(en, b, e.text);
        return;
    }
    fill_facts(b, text);
    if (!known_already(en, b))
        judge(en, b, text);
    free(text);
}
