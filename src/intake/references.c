/* A checked document comes in; the pictures it names are found, judged and added to the order. A
 * reference is read from the drop, from other entries of the inbox, from under the root, or from
 * the folders of policy.json, and from nowhere else. */
/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/str.h"
#include "base/utf8.h"
#include "intake/intake_priv.h"

#define REFERENCES_MAX 100

struct search {
    struct reading *reading;
    const char *name; /* of the document, for messages */
    char *folder;     /* the document's folder in the drop, "" for its top */
    bool optional;
    const char *place; /* of the reference at hand */
    const char *text;  /* as the document has it */
    const char *pointer;
    size_t found_n;
};

/* --- telling --- */

static void tell(struct search *s, const char *code, const char *found, const char *expected,
                 const char *cure)
{
    if (s->optional)
        faults_add(&s->reading->order->warnings, code, s->place, found, expected,
                   "Nothing: it is made without this picture.");
    else
        answer_add_fault(s->reading, code, s->place, found, expected, cure);
}

static void tell_outside(struct search *s)
{
    tell(s, "PATH_OUTSIDE", s->text,
         "a path inside the drop, the inbox, the root, or a folder of intake.reference_folders",
         "Put the picture beside the file and name it by its relative path.");
}

static void tell_missing(struct search *s)
{
    if (s->optional)
        tell(s, "REF_MISSING", s->text, "a picture that is there", NULL);
    else
        answer_add_missing(s->reading, s->text, "REF_MISSING", s->place, s->text,
                           "a picture that is there");
}

/* --- judging what was found --- */

/* A name that says another kind than the bytes do. */
static void remark_on_name(struct search *s, const struct listed *f)
{
    const char *ext = path_ext(f->path);
    bool fits =
        str_eq_nocase(ext, media_word(f->media)) ||
        (f->media == MEDIA_JPEG && (str_eq_nocase(ext, "jpg") || str_eq_nocase(ext, "jpe")));
    if (!fits)
        faults_add(&s->reading->order->warnings, "NAME_TYPE", s->place, s->text,
                   media_word(f->media), "Nothing: it is read as what it is.");
}

/* Is it a picture that can be used? Tells when it is not. */
static bool is_usable(struct search *s, const struct listed *f)
{
    const char *sentence;
    char code[32], *found;
    if (!media_is_picture(f->media) && f->media != MEDIA_EMPTY) {
        found = mem_printf("%s, a file of the kind \"%s\"", s->text, media_word(f->media));
        tell(s, "REF_NOT_IMAGE", found, "a PNG, JPEG or WebP picture", "Name a picture.");
        free(found);
        return false;
    }
    if (!*f->why)
        return true;
    why_code(f, code, sizeof code, &sentence);
    if (f->complete && str_eq(code, "IMAGE_TAIL")) {
        faults_add(&s->reading->order->warnings, code, s->place, sentence, "nothing after it",
                   "Nothing: it is not copied on.");
        return true;
    }
    found = mem_printf("%s: %s", s->text, sentence);
    if (f->complete || s->optional)
        tell(s, code, found, "a whole picture", "Replace the picture.");
    else
        answer_add_missing(s->reading, s->text, code, s->place, found, "a whole picture");
    if (!f->complete && f->percent >= 0)
        s->reading->answer->percent = f->percent;
    free(found);
    return false;
}

/* --- adding --- */

static struct order_file *add(struct search *s, const struct listed *f)
{
    struct order_file *file;
    if (!is_usable(s, f))
        return NULL;
    remark_on_name(s, f);
    file = order_add_file(s->reading->order, s->pointer, f);
    s->found_n++;
    return file;
}

static void add_inside(struct search *s, const struct listed *f)
{
    const struct reading *r = s->reading;
    struct order_file *file = add(s, f);
    char *below;
    if (!file)
        return;
    below = path_join(r->list->name, f->path);
    file->now = path_join(r->place->dir, below);
    file->frozen = path_join("input", below);
    free(below);
}

/* A picture that was copied for an earlier reference is not copied twice. */
static const char *frozen_before(const struct order *o, const char *now)
{
    for (size_t i = 0; i < o->files_n; i++) {
        if (o->files[i].frozen && str_eq(o->files[i].now, now))
            return o->files[i].frozen;
    }
    return NULL;
}

static void add_copied(struct search *s, const struct found_file *found)
{
    struct order_file *file = add(s, &found->file);
    const char *before;
    char *safe;
    if (!file)
        return;
    before = frozen_before(s->reading->order, found->file.path);
    safe = utf8_safe_name(path_base(found->file.path), 100, "picture");
    file->now = mem_dup(found->file.path);
    file->frozen =
        before ? mem_dup(before) : mem_printf("refs/%02zu_%s", s->reading->order->files_n, safe);
    file->copy = true;
    free(safe);
}

static void add_sibling(struct search *s, const struct found_file *found)
{
    struct reading *r = s->reading;
    const char *below = place_below(r->place->dir, found->file.path);
    struct order_file *file = add(s, &found->file);
    char *entry;
    if (!file)
        return;
    entry = mem_dup_n(below, strcspn(below, "/"));
    order_add_sibling(r->order, entry);
    file->now = mem_dup(found->file.path);
    file->frozen = path_join("input", below);
    free(entry);
}

/* --- searching --- */

/* Inside the drop; true when that settled it. */
static bool search_inside(struct search *s, const char *path)
{
    const struct listing *l = s->reading->list;
    bool clash = false;
    const struct listed *f = l->folder ? listing_find(l, path, &clash) : NULL;
    if (clash)
        tell(s, "NAME_CLASH", path, "one file of that name; several differ only in case or accents",
             "Rename or remove all but one.");
    if (f && !clash)
        add_inside(s, f);
    for (size_t i = 0; !f && !clash && i < l->left_n; i++) {
        if (str_eq(l->left[i].path, path)) {
            tell(s, l->left[i].code, path, "a regular file of its own", "Put a copy in its place.");
            return true;
        }
    }
    return f || clash;
}

/* Below a base that may be read; true when something is there. */
static bool search_below(struct search *s, const char *base, const char *path, bool inbox)
{
    struct found_file found;
    if (!place_find(s->reading->rules, base, path, &found))
        return false;
    if (found.refusal)
        tell(s, found.refusal, s->text, "a regular file of its own", "Put a copy in its place.");
    else if (inbox)
        add_sibling(s, &found);
    else
        add_copied(s, &found);
    free(found.file.path);
    return true;
}

static bool search_folders(struct search *s, const char *path)
{
    const cJSON *folder;
    cJSON_ArrayForEach(folder, rules_policy(s->reading->rules, "/intake/reference_folders"))
    {
        if (search_below(s, folder->valuestring, path, false))
            return true;
    }
    return false;
}

static void search_relative(struct search *s, const char *text)
{
    const struct reading *r = s->reading;
    char *path = place_normal(s->folder, text), *top = place_normal("", text);
    if (!path)
        tell_outside(s);
    else if (!search_inside(s, path) && !(top && search_inside(s, top)) &&
             !(top && place_has_neighbours(r->place) &&
               search_below(s, r->place->dir, top, true)) &&
             !(top && search_below(s, r->place->root, top, false)) &&
             !(top && search_folders(s, top)))
        tell_missing(s);
    free(top);
    free(path);
}

/* An absolute path must lead below one of the places; there it is searched like a relative one. */
static void search_absolute(struct search *s, const char *text)
{
    const struct reading *r = s->reading;
    char *entry = path_join(r->place->dir, r->list->name);
    const cJSON *folder;
    const char *below;
    char *plain = place_normal("", text), *full = plain ? path_join("/", plain) : NULL;
    bool settled = false, allowed = false;
    if (full && (below = place_below(entry, full))) {
        allowed = true;
        settled = search_inside(s, below);
    }
    if (full && !settled && place_has_neighbours(r->place) &&
        (below = place_below(r->place->dir, full))) {
        allowed = true;
        settled = search_below(s, r->place->dir, below, true);
    }
    if (full && !settled && (below = place_below(r->place->root, full))) {
        allowed = true;
        settled = search_below(s, r->place->root, below, false);
    }
    cJSON_ArrayForEach(folder, rules_policy(r->rules, "/intake/reference_folders"))
    {
        if (full && !settled && (below = place_below(folder->valuestring, full))) {
            allowed = true;
            settled = search_below(s, folder->valuestring, below, false);
        }
    }
    if (!allowed)
        tell_outside(s);
    else if (!settled)
        tell_missing(s);
    free(full);
    free(plain);
    free(entry);
}

/* "file:///x", "C:\x", "~/x" mean a place by their form, and never one that is allowed. */
static bool has_scheme(const char *text)
{
    size_t len = strcspn(text, ":/");
    return text[0] == '~' || (len > 0 && text[len] == ':');
}

static void visit_reference(void *ctx, cJSON *value, const char *pointer)
{
    struct search *s = ctx;
    const char *text = cJSON_GetStringValue(value);
    char *place, *path;
    if (!text || !*text)
        return;
    place = mem_printf("%s: %s", s->name, pointer);
    path = mem_dup(text);
    for (char *c = path; !strchr(text, '/') && *c; c++)
        *c = *c == '\\' ? '/' : *c;
    s->place = place;
    s->text = text;
    s->pointer = pointer;
    s->reading->answer->wanted_n++;
    if (s->reading->answer->wanted_n > REFERENCES_MAX)
        tell(s, "REF_COUNT", text, "at most 100 pictures in one drop", "Split the drop.");
    else if (has_scheme(text))
        tell_outside(s);
    else if (*path == '/')
        search_absolute(s, path);
    else
        search_relative(s, path);
    free(path);
    free(place);
}

void references_find(struct reading *r, const cJSON *rule, const char *name, cJSON *tree)
{
    char *folder = path_dir(r->order->doc_path);
    struct search s = {.reading = r, .name = name};
    const cJSON *one;
    s.folder = str_eq(folder, ".") ? mem_dup("") : mem_dup(folder);
    cJSON_ArrayForEach(one, json_get(rule, "/document/references"))
    {
        s.optional = json_bool(one, "optional", false);
        pointers_each(tree, json_str(one, "at", "/"), visit_reference, &s);
    }
    r->answer->arrived_n = (int)s.found_n;
    free(s.folder);
    free(folder);
}
