/* A folder's pictures and descriptors come in, combos go out, each with its wardrobe, style and
 * roles. Reads no file. */
/* SPDX-License-Identifier: ISC */
#include <ctype.h>
#include <regex.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/str.h"
#include "plan/combo_priv.h"

static void find_by_folder(struct combo_search *s);
/* "pictures for ui, wardrobe". Owned. */
static char *roles_found(const struct combo *c)
{
    struct buf text;
    buf_init(&text, 256);
    for (size_t i = 0; i < c->pictures_n; i++)
        buf_printf(&text, "%s%s", i ? ", " : "pictures for ", c->pictures[i].role);
    return buf_take(&text);
}

static void check_roles(struct combo_search *s, const struct combo *c);
static void check_twins(struct combo_search *s);

/* By wardrobe, then id: the numbers run through the style folders of a wardrobe. */
static int by_name(const void *a, const void *b)
{
    const struct combo *x = a, *y = b;
    int order = strcmp(x->wardrobe ? x->wardrobe : "", y->wardrobe ? y->wardrobe : "");
    if (!order)
        order = strcmp(x->id, y->id);
    return order ? order : strcmp(x->where, y->where);
}

int combos_find(const struct order *order, const cJSON *rules, struct faults *notes,
                struct faults *faults, struct combos *ret_combos)
{
    struct combo_search s = {order, rules, notes, faults, {NULL, 0}};
    size_t before = faults->n;

    combos_find_told(&s);
    find_by_folder(&s);
    if (s.combos.n == 0 && faults->n == before)
        faults_add(faults, "COMBO_NONE", order->entry, "no combo",
                   "a folder such as C-U-001 with pictures named ui, pose, bottom, wardrobe",
                   "Put the pictures of a combo in a folder of its own.");
    for (size_t i = 0; i < s.combos.n; i++) {
        combo_settle_wardrobe(&s, &s.combos.list[i]);
        combo_settle_style(&s, &s.combos.list[i]);
    }
    if (s.combos.n)
        qsort(s.combos.list, s.combos.n, sizeof *s.combos.list, by_name);
    combo_keep_wanted(&s);
    for (size_t i = 0; i < s.combos.n; i++)
        check_roles(&s, &s.combos.list[i]);
    check_twins(&s);
    if (faults->n > before) {
        combos_finish(&s.combos);
        return ERR_INPUT;
    }
    *ret_combos = s.combos;
    return 0;
}

void combo_finish(struct combo *c)
{
    free(c->id);
    free(c->where);
    free(c->wardrobe);
    free(c->ui_style);
    free(c->description);
    free(c->quality);
    cJSON_Delete(c->catalogs);
    free(c->pictures);
}

void combos_finish(struct combos *c)
{
    for (size_t i = 0; i < c->n; i++)
        combo_finish(&c->list[i]);
    free(c->list);
    *c = (struct combos){0};
}

/* --- words and paths --- */

bool combo_word_in(const char *text, const char *word)
{
    size_t len = strlen(word);
    if (!text)
        return false;
    for (const char *p = text; *p; p++) {
        if (p != text && isalpha((unsigned char)p[-1]))
            continue;
        if (strncasecmp(p, word, len) == 0 && (len >= 4 || !isalpha((unsigned char)p[len])))
            return true;
    }
    return false;
}

char *combo_place(const struct order *order, const char *path)
{
    return *path ? mem_printf("%s/%s", order->entry, path) : mem_dup(order->entry);
}

bool combo_next_part(const char **path, char *part, size_t part_len)
{
    size_t len = strcspn(*path, "/");
    if (!**path)
        return false;
    (void)str_format(part, part_len, "%.*s", (int)len, *path);
    *path += len + ((*path)[len] == '/');
    return true;
}

bool combo_is_left_out(const struct combo_search *s, const char *path)
{
    char part[256];
    const cJSON *name;
    while (combo_next_part(&path, part, sizeof part)) {
        cJSON_ArrayForEach(name, json_get(s->rules, "left_out"))
        {
            if (str_eq_nocase(part, name->valuestring))
                return true;
        }
    }
    return false;
}

static bool is_combo_id(const struct combo_search *s, const char *name)
{
    regex_t expr;
    bool fits;
    if (regcomp(&expr, json_str(s->rules, "combo_id", "^$"), REG_EXTENDED | REG_NOSUB) != 0)
        return false;
    fits = regexec(&expr, name, 0, NULL, 0) == 0;
    regfree(&expr);
    return fits;
}

/* The folder that a picture's combo is: the deepest one on its way that has a combo's name, else
 * the one it lies in. Owned. */
static char *combo_folder(const struct combo_search *s, const char *path)
{
    char *place = combo_place(s->order, path), *own, *dir;
    dir = path_dir(place);
    free(place);
    own = mem_dup(dir);
    while (strchr(dir, '/') && !is_combo_id(s, path_base(dir)))
        *strrchr(dir, '/') = '\0';
    if (is_combo_id(s, path_base(dir))) {
        free(own);
        return dir;
    }
    free(dir);
    return own;
}

/* --- building --- */

struct combo *combo_add(struct combo_search *s, const char *id, const char *where)
{
    struct combo *c;
    s->combos.list = mem_grow(s->combos.list, s->combos.n + 1, sizeof *s->combos.list);
    c = &s->combos.list[s->combos.n++];
    *c = (struct combo){.id = mem_dup(id), .where = mem_dup(where)};
    return c;
}

const char *combo_role_of(const struct combo_search *s, const char *path)
{
    const cJSON *role, *word;
    char *stem = path_stem(path);
    const char *found = NULL;

    cJSON_ArrayForEach(role, json_get(s->rules, "roles"))
    {
        cJSON_ArrayForEach(word, json_get(role, "words"))
        {
            if (!found && combo_word_in(stem, word->valuestring))
                found = json_str(role, "role", NULL);
        }
    }
    free(stem);
    return found;
}

static const char *pose_kind_of(const struct combo_search *s, const char *path)
{
    const cJSON *pose, *word;
    char *stem = path_stem(path);
    const char *kind = "";

    cJSON_ArrayForEach(pose, json_get(s->rules, "poses"))
    {
        cJSON_ArrayForEach(word, json_get(pose, "files"))
        {
            if (!*kind && combo_word_in(stem, word->valuestring))
                kind = json_str(pose, "kind", "");
        }
    }
    free(stem);
    return kind;
}

void combo_give(struct combo_search *s, struct combo *c, const char *role,
                const struct order_file *file)
{
    const char *kind = str_eq(role, "pose") ? pose_kind_of(s, file->name) : "";
    struct combo_picture *p;

    for (size_t i = 0; i < c->pictures_n; i++) {
        char *expected;
        if (!str_eq(c->pictures[i].role, role) || !str_eq(c->pictures[i].kind, kind))
            continue;
        expected = mem_printf("one picture for %s; %s is another", role, c->pictures[i].file->name);
        faults_add(s->faults, "COMBO_ROLE_TWICE", c->where, file->name, expected,
                   "Take one of them out, or name the one you mean in combo.json.");
        free(expected);
        return;
    }
    c->pictures = mem_grow(c->pictures, c->pictures_n + 1, sizeof *c->pictures);
    p = &c->pictures[c->pictures_n++];
    *p = (struct combo_picture){role, kind, file};
}

/* --- folders --- */

static struct combo *combo_at(struct combo_search *s, const char *where)
{
    for (size_t i = 0; i < s->combos.n; i++) {
        if (str_eq(s->combos.list[i].where, where))
            return &s->combos.list[i];
    }
    return NULL;
}

/* A descriptor has spoken for the folder when it lies there, or uses a picture from there. */
static bool folder_is_told(const struct combo_search *s, const char *where)
{
    for (size_t i = 0; i < s->combos.n; i++) {
        const struct combo *c = &s->combos.list[i];
        if (c->told && str_eq(c->where, where))
            return true;
        for (size_t k = 0; c->told && k < c->pictures_n; k++) {
            char *folder = combo_folder(s, c->pictures[k].file->name);
            bool same = str_eq(folder, where);
            free(folder);
            if (same)
                return true;
        }
    }
    return false;
}

static void find_by_folder(struct combo_search *s)
{
    const struct order *o = s->order;
    int left_out = 0;

    for (size_t i = 0; i < o->files_n; i++) {
        const struct order_file *file = &o->files[i];
        const char *role = combo_role_of(s, file->name);
        char *where = combo_folder(s, file->name);
        if (combo_is_left_out(s, file->name)) {
            left_out++;
        } else if (!folder_is_told(s, where)) {
            struct combo *c = combo_at(s, where);
            if (role && !c)
                c = combo_add(s, path_base(where), where);
            if (role)
                combo_give(s, c, role, file);
            else
                faults_add(s->notes, "PICTURE_UNUSED", where, file->name,
                           "a name with ui, pose, bottom or wardrobe in it", NULL);
        }
        free(where);
    }
    if (left_out) {
        char *found = mem_printf("%d picture%s", left_out, left_out == 1 ? "" : "s");
        faults_add(s->notes, "RETIRED", o->entry, found, "none to use: retired combos are left out",
                   NULL);
        free(found);
    }
}

/* --- checking --- */

static void check_roles(struct combo_search *s, const struct combo *c)
{
    const cJSON *own = json_get(json_get(s->rules, "wardrobes"), c->wardrobe ? c->wardrobe : "");
    const cJSON *required = json_get(own, "required"), *role;

    if (!required)
        required = json_get(s->rules, "required");
    cJSON_ArrayForEach(role, required)
    {
        char *expected, *found;
        if (combo_picture(c, role->valuestring))
            continue;
        expected = mem_printf("a picture for %s", role->valuestring);
        found = roles_found(c);
        if (c->roles_told)
            faults_add(s->notes, "COMBO_ROLE_MISSING", c->where, found, expected, NULL);
        else
            faults_add(s->faults, "COMBO_ROLE_MISSING", c->where, found, expected,
                       "Add the picture, put the word in its name, or write a combo.json.");
        free(expected);
        free(found);
    }
}

static void check_twins(struct combo_search *s)
{
    for (size_t i = 1; i < s->combos.n; i++) {
        const struct combo *a = &s->combos.list[i];
        for (size_t k = 0; k < i; k++) {
            const struct combo *b = &s->combos.list[k];
            if (str_eq_nocase(a->id, b->id) && str_eq(a->wardrobe, b->wardrobe) &&
                str_eq(a->ui_style, b->ui_style))
                faults_add(s->faults, "COMBO_TWICE", a->where, b->where,
                           "one combo of that id, wardrobe and style",
                           "Rename or remove one of the two.");
        }
    }
}

/* --- answering --- */

const struct combo_picture *combo_picture(const struct combo *c, const char *role)
{
    for (size_t i = 0; i < c->pictures_n; i++) {
        if (str_eq(c->pictures[i].role, role))
            return &c->pictures[i];
    }
    return NULL;
}

static const struct combo_picture *pose_of_kind(const struct combo *c, const char *kind)
{
    for (size_t i = 0; kind && i < c->pictures_n; i++) {
        if (str_eq(c->pictures[i].role, "pose") && str_eq(c->pictures[i].kind, kind))
            return &c->pictures[i];
    }
    return NULL;
}

const struct combo_picture *combo_pose(const struct combo *c, const char *kind,
                                       const char *fallback, bool *ret_other)
{
    const struct combo_picture *asked = pose_of_kind(c, kind), *p = asked;
    if (!p)
        p = pose_of_kind(c, fallback);
    if (!p)
        p = combo_picture(c, "pose");
    *ret_other = kind && p && !asked;
    return p;
}
