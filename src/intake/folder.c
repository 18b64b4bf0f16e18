/* A folder that is a drop itself (combos) comes in; its pictures become the order's files, its
 * texts and those found beside it the order's document. */
/* SPDX-License-Identifier: ISC */
#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/str.h"
#include "intake/intake_priv.h"

/* The folder that is read: the drop itself, or one that a request names. */
struct source {
    struct reading *reading;
    const cJSON *rule; /* its "folder" part */
    const struct listing *list;
    const char *dir;    /* absolute; the listing's entry lies in it */
    const char *prefix; /* before names: "" for the drop itself, else the folder's name */
    const char *frozen; /* before frozen paths: "input/<entry>" or "refs" */
    bool copy;
    cJSON *texts;
    struct pattern text, needs, beside; /* the rule's expressions */
};

/* --- files --- */

static void add_text(struct source *s, const struct listed *f, const char *name, const char *now)
{
    const char *code = NULL;
    char *place = document_name(s->reading, name), *text;
    if (f->media == MEDIA_EMPTY || f->len == 0) {
        json_set_str(s->texts, name, "");
    } else if ((text = gather_text(now, &code))) {
        json_set_str(s->texts, name, text);
        free(text);
    } else {
        answer_add_fault(s->reading, code, place, *f->why ? f->why : media_word(f->media),
                         "a UTF-8 text of at most 64 KiB", "Save it as UTF-8, or take it out.");
    }
    free(place);
}

/* A picture that is not whole, or not acceptable; true when the picture can be used. */
static bool picture_is_sound(struct source *s, const struct listed *f, const char *name)
{
    struct reading *r = s->reading;
    char *place, code[32];
    const char *sentence;
    if (!*f->why)
        return true;
    why_code(f, code, sizeof code, &sentence);
    place = document_name(r, name);
    if (f->complete && str_eq(code, "IMAGE_TAIL"))
        faults_add(&r->order->warnings, code, place, sentence, "nothing after it",
                   "Nothing: it is not copied on.");
    else if (f->complete)
        answer_add_fault(r, code, place, sentence, "a whole picture", "Replace the picture.");
    else
        answer_add_missing(r, name, code, place, sentence, "a whole picture");
    free(place);
    return f->complete && str_eq(code, "IMAGE_TAIL");
}

static void add_picture(struct source *s, const struct listed *f, const char *name, const char *now)
{
    struct order_file *file;
    s->reading->answer->wanted_n++;
    if (!picture_is_sound(s, f, name))
        return;
    s->reading->answer->arrived_n++;
    file = order_add_file(s->reading->order, name, f);
    file->now = mem_dup(now);
    file->frozen = path_join(s->frozen, s->copy ? name : f->path);
    file->copy = s->copy;
}

static void add_files(struct source *s)
{
    char *entry = path_join(s->dir, s->list->name);
    for (size_t i = 0; i < s->list->files_n; i++) {
        const struct listed *f = &s->list->files[i];
        char *now = path_join(entry, f->path), *name = path_join(s->prefix, f->path);
        if (pattern_fits(&s->text, f->path))
            add_text(s, f, name, now);
        else if (media_is_picture(f->media) || path_is_picture(f->path))
            add_picture(s, f, name, now);
        free(name);
        free(now);
    }
    free(entry);
}

/* --- beside --- */

static bool has_needed(const struct source *s)
{
    const cJSON *text;
    cJSON_ArrayForEach(text, s->texts)
    {
        if (pattern_fits(&s->needs, text->string))
            return true;
    }
    return false;
}

/* Texts of every other entry of a folder; those of the inbox come along. */
static void add_beside(struct source *s, const char *dir, bool inbox)
{
    struct dirent **entries = NULL;
    int n = scandir(dir, &entries, NULL, alphasort);
    for (int i = 0; i < n; i++) {
        const char *name = entries[i]->d_name;
        if (name[0] != '.' && !junk_name(name) && !str_eq(name, s->list->name) &&
            !str_eq(name, s->reading->list->name)) {
            char *path = path_join(dir, name);
            if (gather_texts(path, name, &s->beside, s->texts) && inbox)
                order_add_sibling(s->reading->order, name);
            free(path);
        }
        free(entries[i]);
    }
    free(entries);
}

static void add_needed(struct source *s)
{
    struct reading *r = s->reading;
    const char *book = rules_policy_str(r->rules, "/intake/prompt_book");
    const char *says = json_str(s->rule, "needs_says", "");
    char *place;
    if (!has_needed(s) && place_has_neighbours(r->place))
        add_beside(s, r->place->dir, true);
    if (!has_needed(s) && !str_eq(s->dir, r->place->dir))
        add_beside(s, s->dir, false);
    if (!has_needed(s) && *book)
        (void)gather_texts(book, "", &s->beside, s->texts);
    if (has_needed(s))
        return;
    place = document_name(r, "");
    answer_add_missing(r, says, "TEXT_MISSING", place, "none", says);
    free(place);
}

static void read_source(struct source *s)
{
    s->texts = cJSON_CreateObject();
    pattern_init(&s->text, json_str(s->rule, "texts", NULL));
    pattern_init(&s->needs, json_str(s->rule, "needs", NULL));
    pattern_init(&s->beside, json_str(s->rule, "beside", NULL));
    add_files(s);
    add_needed(s);
    pattern_finish(&s->text);
    pattern_finish(&s->needs);
    pattern_finish(&s->beside);
    json_set(s->reading->order->doc, "texts", s->texts);
}

void folder_read(struct reading *r, const cJSON *rule)
{
    char *frozen = path_join("input", r->list->name);
    struct source s = {.reading = r,
                       .rule = json_get(rule, "folder"),
                       .list = r->list,
                       .dir = r->place->dir,
                       .prefix = "",
                       .frozen = frozen};
    r->order->doc = cJSON_CreateObject();
    read_source(&s);
    free(frozen);
}

/* --- a folder that a request names --- */

/* base/path when that is a folder, found without a link on the way; else NULL. Owned. */
static char *folder_at(const char *base, const char *path)
{
    char *full = path_join(base, path);
    char *copy = mem_dup(full);
    struct stat st;
    bool good = true;
    for (char *c = copy + strlen(base) + 1; good && c; c = strchr(c + 1, '/')) {
        char *slash = strchr(c + 1, '/');
        if (slash)
            *slash = '\0';
        good = lstat(copy, &st) == 0 && S_ISDIR(st.st_mode);
        if (slash)
            *slash = '/';
    }
    free(copy);
    if (good)
        return full;
    free(full);
    return NULL;
}

/* The input of a taken drop: its only folder that the rule knows how to read. Takes dir. */
static char *folder_of_drop(const cJSON *rule, const struct listing_limits *limits, char *dir)
{
    struct dirent **entries = NULL;
    int n = scandir(dir, &entries, NULL, alphasort);
    char *found = NULL;
    for (int i = 0; i < n; i++) {
        struct listing *l = NULL;
        if (!found && entries[i]->d_name[0] != '.' &&
            listing_make(dir, entries[i]->d_name, limits, &l, NULL) == 0 && l->folder &&
            recognise_folder(rule, l))
            found = path_join(dir, entries[i]->d_name);
        listing_free(l);
        free(entries[i]);
    }
    free(entries);
    free(dir);
    return found;
}

/* Beside the request, below the root, or the id of a taken drop. plain has no ".." in it. Owned;
 * NULL when there is none. */
static char *find_named(const struct reading *r, const cJSON *rule, const char *plain)
{
    struct listing_limits limits = place_limits(r->rules);
    char *found = NULL, *input;
    if (place_has_neighbours(r->place))
        found = folder_at(r->place->dir, plain);
    if (!found)
        found = folder_at(r->place->root, plain);
    if (found)
        return found;
    input = mem_printf("taken/%s/input", plain);
    found = folder_at(r->place->root, input);
    free(input);
    return found ? folder_of_drop(rule, &limits, found) : NULL;
}

static void read_named(struct reading *r, const cJSON *rule, const char *found)
{
    struct listing_limits limits = place_limits(r->rules);
    char *dir = path_dir(found), *frozen = NULL;
    const char *base = path_base(found);
    struct listing *l = NULL;
    struct err e = {0};
    bool inbox = str_eq(dir, r->place->dir);
    struct source s = {.reading = r, .rule = json_get(rule, "folder"), .dir = dir, .prefix = base};
    if (listing_make(dir, base, &limits, &l, &e) != 0) {
        answer_add_fault(r, "FOLDER_UNREADABLE", r->list->name, e.text, "a folder of combos", NULL);
        free(dir);
        return;
    }
    if (inbox)
        order_add_sibling(r->order, base);
    frozen = inbox ? path_join("input", base) : mem_dup("refs");
    s.list = l;
    s.frozen = frozen;
    s.copy = !inbox;
    read_source(&s);
    listing_free(l);
    free(frozen);
    free(dir);
}

void folder_read_named(struct reading *r, const cJSON *rule, const char *path)
{
    static const char wanted[] = "a folder below the root, or the id of a taken drop";
    char *plain = *path == '/' ? NULL : place_normal("", path), *found = NULL;
    char *place = document_name(r, r->order->doc_path);
    if (plain && path_is_safe(plain))
        found = find_named(r, rule, plain);
    if (found)
        read_named(r, rule, found);
    else if (plain && path_is_safe(plain))
        answer_add_missing(r, path, "FOLDER_MISSING", place, path, wanted);
    else
        answer_add_fault(r, "PATH_OUTSIDE", place, path, wanted, "Name it from the root on.");
    free(plain);
    free(place);
    free(found);
}
