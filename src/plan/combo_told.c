/* Combos that somebody wrote down: combo.json in a combo's folder, or C-U-009.env beside others.
 * Their texts come from the order; a file they name and the drop has not got is a fault, never a
 * guess. */
/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/str.h"
#include "plan/combo_priv.h"

static void read_json(struct combo_search *s, const char *path, const char *text);
static void read_env(struct combo_search *s, const char *path, const char *text);

void combos_find_told(struct combo_search *s)
{
    const cJSON *text;
    cJSON_ArrayForEach(text, json_get(s->order->doc, "texts"))
    {
        if (!cJSON_IsString(text) || combo_is_left_out(s, text->string))
            continue;
        if (str_eq_nocase(path_base(text->string), "combo.json"))
            read_json(s, text->string, text->valuestring);
        else if (str_ends_nocase(text->string, ".env"))
            read_env(s, text->string, text->valuestring);
    }
}

/* --- finding what is named --- */

/* The order's file for a name in a descriptor that lies in dir: beside it, from the drop's top, or
 * from a folder above that is not part of the drop ("studio_a/poses/x.png" for poses/x.png). */
static const struct order_file *named_file(const struct order *o, const char *dir, const char *name)
{
    char *beside = str_eq(dir, ".") ? mem_dup(name) : path_join(dir, name);
    const struct order_file *file = order_file(o, beside);
    free(beside);
    while (!file && name) {
        file = order_file(o, name);
        name = strchr(name, '/');
        name = name ? name + 1 : NULL;
    }
    return file;
}

static const char *role_of_key(const struct combo_search *s, const char *key)
{
    const cJSON *role, *word;
    cJSON_ArrayForEach(role, json_get(s->rules, "roles"))
    {
        const char *name = json_str(role, "role", "");
        if (str_eq_nocase(name, key))
            return name;
        cJSON_ArrayForEach(word, json_get(role, "words"))
        {
            if (str_eq_nocase(word->valuestring, key))
                return name;
        }
    }
    return NULL;
}

/* Gives the combo the file that the descriptor at path names under key. */
static void give_named(struct combo_search *s, struct combo *c, const char *path, const char *key,
                       const char *name)
{
    const char *role = role_of_key(s, key);
    char *dir = path_dir(path), *place = combo_place(s->order, path);
    const struct order_file *file = role ? named_file(s->order, dir, name) : NULL;

    if (!role)
        faults_add(s->notes, "COMBO_KEY", place, key, "ui, pose, bottom, wardrobe or product",
                   NULL);
    else if (!file)
        faults_add(s->faults, "REF_MISSING", place, name, "a picture of the drop",
                   "Add the picture, or correct its path.");
    else
        combo_give(s, c, role, file);
    free(dir);
    free(place);
}

/* --- combo.json --- */

static cJSON *parse(struct combo_search *s, const char *path, const char *text)
{
    struct json_fault fault;
    cJSON *tree = NULL;
    char why[512], *place;

    if (json_parse(text, strlen(text), &json_limits_drop, &tree, &fault) == 0) {
        if (cJSON_IsObject(tree))
            return tree;
        cJSON_Delete(tree);
        (void)str_format(why, sizeof why, "not an object");
        fault.code = "FIELD_TYPE";
    } else {
        json_fault_text(&fault, why, sizeof why);
    }
    place = combo_place(s->order, path);
    faults_add(s->faults, fault.code, place, why, "one JSON object", "Correct the file.");
    free(place);
    return NULL;
}

/* What a combo.json says of its pose goes to the pose picture. */
static void set_pose_kind(struct combo_search *s, struct combo *c, const char *kind)
{
    const cJSON *pose;
    for (size_t i = 0; kind && i < c->pictures_n; i++) {
        if (!str_eq(c->pictures[i].role, "pose"))
            continue;
        cJSON_ArrayForEach(pose, json_get(s->rules, "poses"))
        {
            if (str_eq_nocase(json_str(pose, "kind", ""), kind))
                c->pictures[i].kind = json_str(pose, "kind", "");
        }
    }
}

/* Without "assets" the pictures of the folder keep telling their roles by their names. */
static void give_by_name(struct combo_search *s, struct combo *c, const char *dir)
{
    for (size_t i = 0; i < s->order->files_n; i++) {
        const struct order_file *file = &s->order->files[i];
        const char *role = combo_role_of(s, file->name);
        char *own = path_dir(file->name);
        if (role && str_eq(own, dir))
            combo_give(s, c, role, file);
        free(own);
    }
}

static void take_json(struct combo_search *s, const char *path, const cJSON *doc)
{
    char *dir = path_dir(path),
         *where = str_eq(dir, ".") ? mem_dup(s->order->entry) : combo_place(s->order, dir);
    struct combo *c = combo_add(s, json_str(doc, "combo_id", path_base(where)), where);
    const cJSON *assets = json_get(doc, "assets"), *asset;

    c->told = true;
    c->roles_told = assets != NULL;
    c->wardrobe = mem_dup(json_str(doc, "wardrobe", NULL));
    c->ui_style = mem_dup(json_str(doc, "ui_style", NULL));
    c->description = mem_dup(json_str(doc, "wardrobe_description", NULL));
    c->quality = mem_dup(json_str(doc, "quality", NULL));
    if (json_get(doc, "catalogs"))
        c->catalogs = cJSON_Duplicate(json_get(doc, "catalogs"), true);
    if (!assets)
        give_by_name(s, c, dir);
    cJSON_ArrayForEach(asset, assets)
        give_named(s, c, path, asset->string, cJSON_IsString(asset) ? asset->valuestring : "");
    set_pose_kind(s, c, json_str(doc, "pose_kind", NULL));
    free(dir);
    free(where);
}

static void read_json(struct combo_search *s, const char *path, const char *text)
{
    cJSON *doc = parse(s, path, text);
    if (doc)
        take_json(s, path, doc);
    cJSON_Delete(doc);
}

/* --- .env --- */

/* The value without the quotes around it; cuts in place. */
static char *unquoted(char *value)
{
    size_t len = strlen(value);
    if (len >= 2 && (value[0] == '"' || value[0] == '\'') && value[len - 1] == value[0]) {
        value[len - 1] = '\0';
        return value + 1;
    }
    return value;
}

/* Gives the combo every KEY=path of the text; answers how many there were. */
static int take_lines(struct combo_search *s, struct combo *c, const char *path, char *text)
{
    char *rest = text, *line, *value;
    int n = 0;

    while ((line = strsep(&rest, "\n"))) {
        line = str_trim(line);
        value = strchr(line, '=');
        if (*line == '#' || !value)
            continue;
        *value++ = '\0';
        give_named(s, c, path, str_trim(line), unquoted(str_trim(value)));
        n++;
    }
    return n;
}

/* "C-U-009.env" names its combo; ".env" and "combo.env" take the folder's name. */
static void read_env(struct combo_search *s, const char *path, const char *text)
{
    char *place = combo_place(s->order, path), *dir = path_dir(place), *copy = mem_dup(text);
    char *id = mem_dup_n(path_base(path), strlen(path_base(path)) - strlen(".env"));
    bool own = *id && !str_eq_nocase(id, "combo");
    struct combo *c = combo_add(s, own ? id : path_base(dir), own ? place : dir);

    c->told = c->roles_told = true;
    if (take_lines(s, c, path, copy) == 0)
        faults_add(s->faults, "COMBO_EMPTY", place, "no KEY=path line",
                   "at least one of WARDROBE, BOTTOM, POSE, UI", "Name the combo's pictures.");
    free(place);
    free(dir);
    free(id);
    free(copy);
}
