/* A combo that has its pictures gets its wardrobe and its layout style, from what is written down,
 * from folders, from file names, in this order; and the request says which combos stay. */
/* SPDX-License-Identifier: ISC */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/str.h"
#include "plan/combo_priv.h"

/* --- wardrobe and style --- */

/* The wardrobe a path goes through; "x" of a folder x_combo that no rule knows. Owned, or NULL. */
static char *wardrobe_of_path(const struct combo_search *s, const char *path)
{
    const cJSON *wardrobe, *folder;
    char part[256], *found = NULL;

    while (combo_next_part(&path, part, sizeof part)) {
        cJSON_ArrayForEach(wardrobe, json_get(s->rules, "wardrobes"))
        {
            cJSON_ArrayForEach(folder, json_get(wardrobe, "folders"))
            {
                if (!found && str_eq_nocase(part, folder->valuestring))
                    found = mem_dup(wardrobe->string);
            }
        }
        if (!found && str_ends_nocase(part, "_combo")) {
            found = mem_dup_n(part, strlen(part) - strlen("_combo"));
            str_lower(found);
        }
    }
    return found;
}

static char *wardrobe_of_picture(const struct combo_search *s, const struct combo *c)
{
    const struct combo_picture *p = combo_picture(c, "wardrobe");
    const cJSON *wardrobe, *word;

    cJSON_ArrayForEach(wardrobe, json_get(s->rules, "wardrobes"))
    {
        cJSON_ArrayForEach(word, json_get(wardrobe, "stems"))
        {
            if (p && combo_word_in(path_base(p->file->name), word->valuestring))
                return mem_dup(wardrobe->string);
        }
    }
    return NULL;
}

void combo_settle_wardrobe(struct combo_search *s, struct combo *c)
{
    if (!c->wardrobe)
        c->wardrobe = wardrobe_of_path(s, c->where);
    if (!c->wardrobe)
        c->wardrobe = mem_dup(json_str(s->order->doc, "wardrobe", NULL));
    if (!c->wardrobe)
        c->wardrobe = wardrobe_of_picture(s, c);
    if (c->wardrobe && json_get(json_get(s->rules, "wardrobes"), c->wardrobe))
        return;
    faults_add(
        s->faults, "WARDROBE_UNKNOWN", c->where,
        c->wardrobe ? c->wardrobe : "no wardrobe in folder, combo.json or file name",
        "a wardrobe of rules/plans/combos.json, such as zip-hoodie",
        "Put the combo in a folder such as Hoodie_combo, write \"wardrobe\" in its combo.json, "
        "or add the wardrobe to the rules.");
}

static char *style_by_word(const struct combo_search *s, const char *text)
{
    const cJSON *style, *word;
    char part[256];

    while (combo_next_part(&text, part, sizeof part)) {
        cJSON_ArrayForEach(style, json_get(s->rules, "ui_styles"))
        {
            cJSON_ArrayForEach(word, json_get(style, "words"))
            {
                if (combo_word_in(part, word->valuestring))
                    return mem_dup(style->string);
            }
        }
    }
    return NULL;
}

static char *style_by_id(const struct combo_search *s, const char *id)
{
    const cJSON *style;
    int64_t number;
    size_t at = strlen(id);

    while (at > 0 && isdigit((unsigned char)id[at - 1]))
        at--;
    if (str_int(id + at, 0, 999999, &number) != 0)
        return NULL;
    cJSON_ArrayForEach(style, json_get(s->rules, "ui_styles"))
    {
        const cJSON *ids = json_get(style, "ids");
        if (ids && number >= json_int(ids, "/0", 0) && number <= json_int(ids, "/1", -1))
            return mem_dup(style->string);
    }
    return NULL;
}

void combo_settle_style(struct combo_search *s, struct combo *c)
{
    const struct combo_picture *ui = combo_picture(c, "ui");
    if (!c->ui_style)
        c->ui_style = style_by_word(s, c->where);
    if (!c->ui_style && ui)
        c->ui_style = style_by_word(s, path_base(ui->file->name));
    if (!c->ui_style)
        c->ui_style = mem_dup(json_str(s->order->doc, "ui_style", NULL));
    if (!c->ui_style)
        c->ui_style = style_by_id(s, c->id);
    if (!c->ui_style) {
        c->ui_style = mem_dup(json_str(s->rules, "default_ui_style", "Studio"));
        faults_add(s->notes, "UI_STYLE_GUESSED", c->where,
                   "no layout style, so the usual one is taken",
                   "the style in a folder's name or in combo.json", NULL);
    }
}

/* --- what the request lets through --- */

static bool is_wanted(const struct combo_search *s, const struct combo *c)
{
    const cJSON *doc = s->order->doc;
    const char *wardrobe = json_str(doc, "wardrobe", NULL),
               *style = json_str(doc, "ui_style", NULL);
    if (wardrobe && c->wardrobe && !str_eq_nocase(wardrobe, c->wardrobe))
        return false;
    return !style || str_eq_nocase(style, c->ui_style);
}

void combo_keep_wanted(struct combo_search *s)
{
    size_t kept = 0, all = s->combos.n;
    for (size_t i = 0; i < all; i++) {
        if (is_wanted(s, &s->combos.list[i]))
            s->combos.list[kept++] = s->combos.list[i];
        else
            combo_finish(&s->combos.list[i]);
    }
    s->combos.n = kept;
    if (all && !kept)
        faults_add(s->faults, "COMBO_NONE", s->order->entry,
                   "combos, but none of them is asked for", "one of the asked wardrobe and style",
                   "Check \"wardrobe\" and \"ui_style\".");
}
