/* A returned file that nobody can place comes in; it lies in return/_which-shot with a folder for
 * each shot it may belong to, a thumbnail in each. */
/* SPDX-License-Identifier: ISC */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/json.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/str.h"
#include "base/utf8.h"
#include "engine/errand.h"
#include "engine/returns.h"

#define QUESTIONS_MAX 10000 /* of one name */

static void thumb_done(struct engine *en, void *ctx, const struct response *response)
{
    const char *error;
    (void)ctx; /* a candidate without its thumbnail can still be chosen */
    if (!errand_ok(response, &error))
        log_line(LOG_WARN, "thumbnail", "why=%s", log_quote(error));
    (void)en;
}

static void want_thumb(struct engine *en, const char *picture, const char *folder)
{
    cJSON *line = errand_line("picture.fit");
    cJSON *params = cJSON_GetObjectItemCaseSensitive(line, "params");
    char *out = path_join(folder, RETURN_THUMB);
    json_set_num(params, "width", 480);
    json_set_num(params, "height", 480);
    errand_in(line, "picture", picture);
    errand_out(line, "picture", out);
    errand_ask(en, line, thumb_done, NULL);
    free(out);
}

/* The pool's item of a match's entry ("p12"), or NULL. */
static const struct pool_item *item_of(const struct pool *p, const cJSON *near)
{
    const char *name = json_str(near, "name", "");
    int64_t at = -1;
    if (name[0] != 'p' || str_int(name + 1, 0, (int64_t)p->items_n - 1, &at))
        return NULL;
    return &p->items[at];
}

static void add_candidate(struct engine *en, const char *folder, const struct pool_unit *u,
                          const char *picture, int percent, cJSON *list, struct buf *page)
{
    const cJSON *one;
    bool twice = false, namesake = false;
    cJSON_ArrayForEach(one, list)
    {
        bool same = str_eq(json_str(one, "unit", ""), u->name);
        twice = twice || (same && json_int(one, "drop", 0) == u->drop_id);
        namesake = namesake || same;
    }
    char *full = namesake ? mem_printf("%s in %s", u->name, u->tree) : mem_dup(u->name);
    char *safe = utf8_safe_name(full, 100, "shot"), *dir = path_join(folder, safe);
    if (!twice && file_make_dirs(dir, NULL) == 0) {
        cJSON *entry = cJSON_CreateObject();
        json_set_str(entry, "unit", u->name);
        json_set_num(entry, "drop", (double)u->drop_id);
        json_set_str(entry, "folder", safe);
        cJSON_AddItemToArray(list, entry);
        if (percent >= 0)
            buf_printf(page, "  %s/   (%d %% of what can be compared is the same)\n", safe,
                       percent);
        else
            buf_printf(page, "  %s/\n", safe);
        if (picture)
            want_thumb(en, picture, dir);
    }
    free(dir);
    free(safe);
    free(full);
}

static const char *picture_of(const struct pool *p, int unit)
{
    for (size_t i = 0; i < p->items_n; i++)
        if (p->items[i].unit == unit)
            return p->items[i].path;
    return NULL;
}

/* The three nearest by likeness, what the name could mean, what is out. */
static cJSON *add_candidates(struct engine *en, const struct back *b, const char *folder,
                             struct buf *page)
{
    const struct pool *p = en->manual->pool;
    cJSON *list = cJSON_CreateArray();
    const cJSON *near;
    cJSON_ArrayForEach(near, json_get(b->match, "nearest"))
    {
        const struct pool_item *item = item_of(p, near);
        if (item)
            add_candidate(en, folder, &p->units[item->unit], item->path,
                          (int)(100 * json_num(near, "share", 0)), list, page);
    }
    for (size_t k = 0; k < 2 * p->units_n && cJSON_GetArraySize(list) < 6; k++) {
        size_t i = k % p->units_n;
        if (k < p->units_n ? back_names(b, p, (int)i) : p->units[i].open)
            add_candidate(en, folder, &p->units[i], picture_of(p, (int)i), -1, list, page);
    }
    return list;
}

void back_ask(struct engine *en, struct back *b, const char *why)
{
    struct buf page;
    struct err e = {0};
    char *name = utf8_safe_name(path_base(b->path), 150, "file");
    char *folder = mem_printf("%s/_which-shot/%s", en->places.returns, name);
    for (int i = 2; file_exists(folder) && i < QUESTIONS_MAX; i++) {
        free(folder);
        folder = mem_printf("%s/_which-shot/%s (%d)", en->places.returns, name, i);
    }
    int rc = file_make_dirs(folder, &e);
    cJSON *body = cJSON_CreateObject();
    buf_init(&page, 65536);
    buf_printf(&page, "%s: %s.\n\nMove it into one of these folders, and it is placed there:\n\n",
               path_base(b->path), why);
    json_set_str(body, "folder", path_base(folder));
    json_set(body, "candidates", rc ? cJSON_CreateArray() : add_candidates(en, b, folder, &page));
    buf_text(&page,
             "\nOr name it after its shot (EP001_SH03.png) and drop it into return/ again.\n");
    char *choose = path_join(folder, "CHOOSE.txt");
    if (!rc)
        rc = file_write(choose, page.data, page.len, false, &e);
    char *to = rc ? NULL : back_move(en, b->path, folder, path_base(b->path), &e);
    if (to) {
        back_remember(en, b, "asked", why, body);
        engine_say(en, "which shot", "%s: %s", b->shown, why);
    } else {
        engine_say(en, "error", "%s: %s", b->shown, e.text);
    }
    free(to);
    free(choose);
    cJSON_Delete(body);
    buf_finish(&page);
    free(folder);
    free(name);
    back_settled(en, b);
}
