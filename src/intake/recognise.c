/* A document or a folder and one rule come in; whether the rule is about it goes out. What no rule
 * knows is refused with the list of what is taken. */
/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/str.h"
#include "intake/intake_priv.h"
#include "rules/schema.h"

/* --- documents --- */

static bool has_all(const cJSON *names, const cJSON *value)
{
    const cJSON *name;
    cJSON_ArrayForEach(name, names)
    {
        if (!cJSON_GetObjectItemCaseSensitive(value, name->valuestring))
            return false;
    }
    return true;
}

static bool has_any(const cJSON *names, const cJSON *value)
{
    const cJSON *name;
    cJSON_ArrayForEach(name, names)
    {
        if (cJSON_GetObjectItemCaseSensitive(value, name->valuestring))
            return true;
    }
    return false;
}

static bool all_start(const cJSON *starts, const cJSON *value)
{
    const cJSON *start;
    cJSON_ArrayForEach(start, starts)
    {
        const cJSON *member = json_get(value, start->string);
        char *text = cJSON_IsNumber(member) ? json_compact(member) : NULL;
        const char *given = text ? text : cJSON_GetStringValue(member);
        bool fits = given && str_starts(given, start->valuestring);
        free(text);
        if (!fits)
            return false;
    }
    return true;
}

struct test_ctx {
    const cJSON *test;
    bool fits;
};

static void visit_test(void *ctx, cJSON *value, const char *pointer)
{
    struct test_ctx *t = ctx;
    const cJSON *any = json_get(t->test, "any");
    (void)pointer;
    t->fits = t->fits || (cJSON_IsObject(value) && has_all(json_get(t->test, "all"), value) &&
                          (!any || !any->child || has_any(any, value)) &&
                          !has_any(json_get(t->test, "none"), value) &&
                          all_start(json_get(t->test, "starts"), value));
}

bool recognise_document(const cJSON *rule, cJSON *tree)
{
    struct test_ctx t = {0};
    cJSON_ArrayForEach(t.test, json_get(rule, "/document/when"))
    {
        pointers_each(tree, json_str(t.test, "at", ""), visit_test, &t);
        if (t.fits)
            return true;
    }
    return false;
}

/* --- folders --- */

/* The expressions of a rule's folder part. */
struct folder_test {
    struct pattern names, files, pictures;
};

/* Is one of the folders on the way to path called so? */
static bool folder_on_way(const struct pattern *names, const char *path)
{
    const char *slash;
    for (; (slash = strchr(path, '/')); path = slash + 1) {
        char *part = mem_dup_n(path, (size_t)(slash - path));
        bool fits = pattern_fits(names, part);
        free(part);
        if (fits)
            return true;
    }
    return false;
}

static bool file_fits(const struct folder_test *t, const struct listed *f)
{
    char *stem;
    bool fits;
    if (folder_on_way(&t->names, f->path) || pattern_fits(&t->files, f->path))
        return true;
    if (!media_is_picture(f->media))
        return false;
    stem = path_stem(f->path);
    fits = pattern_fits(&t->pictures, stem);
    free(stem);
    return fits;
}

bool recognise_folder(const cJSON *rule, const struct listing *l)
{
    const cJSON *folder = json_get(rule, "folder");
    struct folder_test t;
    bool fits;
    if (!folder || !l->files_n)
        return false;
    pattern_init(&t.names, json_str(folder, "names", NULL));
    pattern_init(&t.files, json_str(folder, "files", NULL));
    pattern_init(&t.pictures, json_str(folder, "pictures", NULL));
    fits = pattern_fits(&t.names, l->name);
    for (size_t i = 0; !fits && i < l->files_n; i++)
        fits = file_fits(&t, &l->files[i]);
    pattern_finish(&t.names);
    pattern_finish(&t.files);
    pattern_finish(&t.pictures);
    return fits;
}

bool recognise_beside(const cJSON *rule, const struct listing *l)
{
    struct pattern beside;
    bool fits = false;
    pattern_init(&beside, json_str(rule, "/folder/beside", NULL));
    for (size_t i = 0; l->folder && !fits && i < l->files_n; i++) {
        char *path = path_join(l->name, l->files[i].path);
        fits = pattern_fits(&beside, path);
        free(path);
    }
    pattern_finish(&beside);
    return fits;
}

/* --- refusing --- */

static char *accepts_text(const struct rules *rules)
{
    struct buf out;
    const cJSON *rule;
    buf_init(&out, 2000);
    cJSON_ArrayForEach(rule, rules_kind(rules, "intake"))
        buf_printf(&out, "%s%s", out.len ? "; or " : "", json_str(rule, "accepts", rule->string));
    return buf_take(&out);
}

/* What lies there, in words: the names at the top of a document, the kinds of files of a folder. */
static char *found_text(const struct listing *l, const cJSON *tree)
{
    struct buf out;
    const cJSON *member;
    int n = 0;
    buf_init(&out, 200);
    if (cJSON_IsObject(tree)) {
        buf_text(&out, "a JSON object with ");
        cJSON_ArrayForEach(member, tree)
            buf_printf(&out, "%s\"%s\"", n++ ? ", " : "", member->string);
        buf_text(&out, n ? "" : "nothing in it");
    } else if (tree) {
        buf_printf(&out, "JSON: a list of %d or a single value", cJSON_GetArraySize(tree));
    } else if (l->folder) {
        buf_printf(&out,
                   l->files_n ? "a folder of %zu files, none of which says what is wanted"
                              : "a folder without files",
                   l->files_n);
    } else {
        buf_printf(&out, "a file of the kind \"%s\"",
                   media_word(l->files_n ? l->files[0].media : MEDIA_OTHER));
    }
    return buf_take(&out);
}

/* A name at the top that is a slip of one that decides. */
static char *slip_text(const struct rules *rules, const cJSON *tree)
{
    const cJSON *rule, *test, *member;
    cJSON_ArrayForEach(rule, rules_kind(rules, "intake"))
    {
        cJSON_ArrayForEach(test, json_get(rule, "/document/when"))
        {
            cJSON_ArrayForEach(member, tree)
            {
                const char *near =
                    member->string ? schema_nearest(json_get(test, "all"), member->string) : NULL;
                if (near)
                    return mem_printf("Did you mean \"%s\" where it says \"%s\"?", near,
                                      member->string);
            }
        }
    }
    return mem_dup("Correct it and drop it again.");
}

void recognise_refuse(struct reading *r, cJSON *tree, struct faults *faults)
{
    char *found = found_text(r->list, tree), *accepts = accepts_text(r->rules);
    char *slip = slip_text(r->rules, tree), *name = document_name(r, "");
    faults_add(faults, "UNKNOWN_DROP", name, found, accepts, slip);
    free(name);
    free(found);
    free(accepts);
    free(slip);
}
