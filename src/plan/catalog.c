/* The texts of a drop come in, the prompts of its catalogs go out, each once, its distilled form
 * before its long one. Reads no file and knows no combo. */
/* SPDX-License-Identifier: ISC */
#include "plan/catalog.h"

#include <ctype.h>
#include <regex.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/str.h"

/* Lives for one catalog_read. */
struct search {
    const struct order *order;
    const cJSON *rules, *catalog; /* plans/combos and its "catalog" */
    const char *folder;           /* "catalog_" */
    struct faults *notes, *faults;
    struct catalog found;
    regex_t id;
};

static void read_text(struct search *s, const char *path, const char *text);
static void check_asked(struct search *s);
static void drop_doubles(struct search *s);

static int by_name(const void *a, const void *b)
{
    const struct catalog_prompt *x = a, *y = b;
    int order = strcmp(x->catalog, y->catalog);
    if (!order)
        order = strcmp(x->id, y->id);
    if (!order)
        order = (int)y->distilled - (int)x->distilled;
    return order ? order : strcmp(x->path, y->path);
}

static void say_none(struct search *s)
{
    char *expected =
        mem_printf("%s<version>/<ID>*.md in the drop, beside it in inbox/, or under the "
                   "policy's prompt_book",
                   s->folder);
    faults_add(s->faults, "CATALOG_NONE", s->order->entry, "no prompt catalog", expected,
               "Put the catalog's folder into the drop and drop it again.");
    free(expected);
}

int catalog_read(const struct order *order, const cJSON *rules, struct faults *notes,
                 struct faults *faults, struct catalog *ret_catalog)
{
    const cJSON *catalog = json_get(rules, "catalog"), *text;
    struct search s = {.order = order, .rules = rules, .catalog = catalog, .notes = notes};
    size_t before = faults->n;

    s.faults = faults;
    s.folder = json_str(catalog, "folder", "catalog_");
    if (regcomp(&s.id, json_str(catalog, "prompt_id", "^$"), REG_EXTENDED) != 0) {
        faults_add(faults, "PATTERN", "rules/plans/combos.json: /catalog/prompt_id", NULL,
                   "an expression that compiles", "Correct it.");
        return ERR_RULES;
    }
    cJSON_ArrayForEach(text, json_get(order->doc, "texts"))
    {
        if (cJSON_IsString(text))
            read_text(&s, text->string, text->valuestring);
    }
    regfree(&s.id);
    if (s.found.n)
        qsort(s.found.list, s.found.n, sizeof *s.found.list, by_name);
    drop_doubles(&s);
    check_asked(&s);
    if (s.found.n == 0 && faults->n == before)
        say_none(&s);
    if (faults->n > before) {
        catalog_finish(&s.found);
        return ERR_INPUT;
    }
    *ret_catalog = s.found;
    return 0;
}

static void prompt_finish(struct catalog_prompt *p)
{
    free(p->catalog);
    free(p->id);
    free(p->short_id);
    free(p->prefix);
    free(p->title);
    free(p->body);
}

void catalog_finish(struct catalog *c)
{
    for (size_t i = 0; i < c->n; i++)
        prompt_finish(&c->list[i]);
    free(c->list);
    *c = (struct catalog){0};
}

/* --- one file --- */

/* "v1.0" of a path that goes through catalog_v1.0/ directly above the file. Owned, or NULL. */
static char *catalog_of(const struct search *s, const char *path)
{
    char *dir = path_dir(path), *version = NULL;
    const char *name = path_base(dir);
    size_t len = strlen(s->folder);
    if (strncasecmp(name, s->folder, len) == 0 && name[len])
        version = mem_dup(name + len);
    free(dir);
    return version;
}

/* Whether the folder that holds the catalog's says "distilled". */
static bool is_distilled(const struct search *s, const char *path)
{
    const char *word = json_str(s->catalog, "distilled", "distilled");
    size_t len = strlen(word);
    for (const char *p = path; (p = strcasestr(p, word)); p += len) {
        if ((p == path || p[-1] == '/') && p[len] == '/')
            return true;
    }
    return false;
}

/* The title line "# ZH01" or "# ZH01: First frost" gives way to the body; *ret_rest is what follows
 * the id, owned. */
static const char *after_title(const struct search *s, const struct catalog_prompt *p,
                               const char *text, char **ret_rest)
{
    size_t len = strcspn(text, "\n"), id_len = strlen(p->short_id);
    const char *words = text + strspn(text, "# \t");

    *ret_rest = NULL;
    if (text[0] != '#' || text[1] == '#' || strncasecmp(words, p->short_id, id_len) != 0) {
        faults_add(s->notes, "CATALOG_TITLE", p->path, NULL,
                   "a first line \"# ID\" with its own id", NULL);
        if (text[0] != '#' || text[1] == '#')
            return text;
    } else {
        words += strcspn(words, " \t:\r\n");
        words += strspn(words, " \t:-");
        if (strncmp(words, "\xe2\x80\x93", 3) == 0 || strncmp(words, "\xe2\x80\x94", 3) == 0)
            words += 3 + strspn(words + 3, " \t"); /* an en or em dash */
        if (words < text + len)
            *ret_rest = mem_dup_n(words, (size_t)(text + len - words));
    }
    text += len;
    return text + strspn(text, "\r\n \t");
}

/* "ZH01_first_frost" says "First frost"; a bare id says itself. */
static char *title_of(const struct catalog_prompt *p, char *takes_rest)
{
    const char *slug = p->id + strlen(p->short_id);
    char *title;
    if (takes_rest && *str_trim(takes_rest)) {
        title = mem_dup(str_trim(takes_rest));
        free(takes_rest);
        return title;
    }
    free(takes_rest);
    slug += strspn(slug, "_- ");
    if (!*slug)
        return mem_dup(p->short_id);
    title = mem_dup(slug);
    title[0] = (char)toupper((unsigned char)title[0]);
    for (char *c = title; *c; c++) {
        if (*c == '_' || *c == '-')
            *c = ' ';
    }
    return title;
}

/* The kind of pose whose words stand first in the text, or NULL. */
static const char *pose_of(const struct search *s, const char *text)
{
    const cJSON *pose, *word;
    const char *first = NULL, *kind = NULL;

    cJSON_ArrayForEach(pose, json_get(s->rules, "poses"))
    {
        cJSON_ArrayForEach(word, json_get(pose, "prompts"))
        {
            const char *at = strcasestr(text, word->valuestring);
            if (!at || (first && at >= first))
                continue;
            first = at;
            kind = json_str(pose, "kind", NULL);
        }
    }
    return kind;
}

static bool is_asked(const struct search *s, const char *catalog)
{
    const cJSON *asked = json_get(s->order->doc, "catalogs"), *name;
    if (cJSON_GetArraySize(asked) == 0)
        return true;
    cJSON_ArrayForEach(name, asked)
    {
        if (cJSON_IsString(name) && catalog_is(catalog, name->valuestring, s->folder))
            return true;
    }
    return false;
}

static void add_prompt(struct search *s, const char *path, const char *text, char *takes_catalog,
                       const regmatch_t *m)
{
    struct catalog_prompt p = {.path = path, .catalog = takes_catalog, .id = path_stem(path)};
    const char *body;
    char *rest;

    p.short_id = mem_dup_n(p.id, (size_t)m[0].rm_eo);
    p.prefix = mem_dup_n(p.id + m[1].rm_so, (size_t)(m[1].rm_eo - m[1].rm_so));
    p.distilled = is_distilled(s, path);
    body = after_title(s, &p, text, &rest);
    p.title = title_of(&p, rest);
    p.pose = pose_of(s, body);
    p.body = catalog_strip(body, json_get(s->catalog, "strip"));
    if (!*p.body)
        faults_add(s->faults, "PROMPT_EMPTY", path, "no text under the title", "a prompt",
                   "Write the prompt, or take the file out.");
    s->found.list = mem_grow(s->found.list, s->found.n + 1, sizeof *s->found.list);
    s->found.list[s->found.n++] = p;
}

static void read_text(struct search *s, const char *path, const char *text)
{
    char *catalog, *stem;
    regmatch_t m[3];

    if (!str_ends_nocase(path, ".md"))
        return;
    catalog = catalog_of(s, path);
    stem = path_stem(path);
    if (!catalog || !is_asked(s, catalog)) {
        free(catalog);
    } else if (regexec(&s->id, stem, 3, m, 0) != 0 || m[1].rm_so < 0) {
        faults_add(s->notes, "CATALOG_FILE", path, stem,
                   "a name that begins with a prompt's id, such as ZH01", NULL);
        free(catalog);
    } else {
        add_prompt(s, path, text, catalog, m);
    }
    free(stem);
}

/* --- the whole --- */

/* One id has one prompt in a catalog: the distilled before the long, else the first by name. */
static void drop_doubles(struct search *s)
{
    struct catalog_prompt *list = s->found.list;
    size_t kept = 0;

    for (size_t i = 0; i < s->found.n; i++) {
        struct catalog_prompt *other = NULL;
        for (size_t k = 0; k < kept && !other; k++) {
            if (str_eq(list[k].catalog, list[i].catalog) &&
                str_eq_nocase(list[k].short_id, list[i].short_id))
                other = &list[k];
        }
        if (!other) {
            list[kept++] = list[i];
            continue;
        }
        if (list[i].distilled && !other->distilled) {
            struct catalog_prompt swap = *other;
            *other = list[i];
            list[i] = swap;
        }
        if (list[i].distilled == other->distilled)
            faults_add(s->notes, "PROMPT_TWICE", list[i].path, other->path,
                       "one file of that id in a catalog; the other is used", NULL);
        prompt_finish(&list[i]);
    }
    s->found.n = kept;
}

static void check_asked(struct search *s)
{
    const cJSON *name;
    cJSON_ArrayForEach(name, json_get(s->order->doc, "catalogs"))
    {
        bool found = false;
        for (size_t i = 0; cJSON_IsString(name) && i < s->found.n; i++)
            found = found || catalog_is(s->found.list[i].catalog, name->valuestring, s->folder);
        if (!found)
            faults_add(s->faults, "CATALOG_MISSING", s->order->entry,
                       cJSON_IsString(name) ? name->valuestring : "not a name",
                       "a catalog of the drop with at least one prompt",
                       "Add its folder, or take it off the list.");
    }
}

/* --- a person's words --- */

bool catalog_is(const char *catalog, const char *word, const char *folder_prefix)
{
    size_t len = strlen(folder_prefix);
    if (strncasecmp(word, folder_prefix, len) == 0)
        word += len;
    return str_eq_nocase(catalog, word);
}

bool catalog_prompt_is(const struct catalog_prompt *p, const char *word, const char *folder_prefix)
{
    char *dir = path_dir(word), *stem = path_stem(word);
    bool same = str_eq_nocase(stem, p->id) || str_eq_nocase(stem, p->short_id);
    if (strchr(word, '/') && !catalog_is(p->catalog, path_base(dir), folder_prefix))
        same = false;
    free(dir);
    free(stem);
    return same;
}
