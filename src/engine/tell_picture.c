/* A message about a drop comes in; a small JPEG of its contact sheet, or of its first picture, is
 * made for where a picture can be shown. What cannot be made or is not taken goes as text. */
/* SPDX-License-Identifier: ISC */
#include "engine/tell.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/str.h"
#include "engine/errand.h"

#define SIDE       1280
#define TEXT_MOST  1000
#define RATIO_MOST 20 /* longer ones are refused where pictures are shown */

/* The notifier's rule of pictures, when it is about that event. */
static const cJSON *rule_for(const struct engine *en, const struct teller *t)
{
    const cJSON *file = json_get(rules_kind(en->rules, "notify"), t->name);
    const cJSON *rule = json_get(file, "picture"), *event;
    cJSON_ArrayForEach(event, json_get(rule, "events"))
    {
        if (t->rows_n == 1 && str_eq(event->valuestring, t->rows[0].event))
            return rule;
    }
    return NULL;
}

static bool can_be_shown(const struct asset_row *a)
{
    bool picture = str_eq(a->media, "png") || str_eq(a->media, "jpeg") || str_eq(a->media, "webp");
    int longer = a->width > a->height ? a->width : a->height;
    int shorter = a->width > a->height ? a->height : a->width;
    return picture && shorter > 0 && longer / shorter < RATIO_MOST;
}

static bool is_sheet(struct engine *en, const struct asset_row *a)
{
    struct job_row job = {0};
    bool sheet = store_job(en->store, a->job_id, &job) == 0 && str_eq(job.op, "sheet");
    job_row_finish(&job);
    return sheet;
}

/* A contact sheet, else the first picture; false when the drop has none. */
static bool find_picture(struct engine *en, int64_t drop_id, struct asset_row *ret_asset)
{
    struct asset_row *list = NULL;
    size_t n = 0, best = SIZE_MAX;
    if (store_assets_of_drop(en->store, drop_id, &list, &n))
        return false;
    for (size_t i = 0; i < n; i++) {
        if (!can_be_shown(&list[i]))
            continue;
        bool sheet = is_sheet(en, &list[i]);
        best = best == SIZE_MAX || sheet ? i : best;
        if (sheet)
            break;
    }
    for (size_t i = 0; i < n; i++) {
        if (i == best)
            *ret_asset = list[i];
        else
            asset_row_finish(&list[i]);
    }
    free(list);
    return best != SIZE_MAX;
}

void tell_drop_picture(struct teller *t)
{
    if (t->picture)
        (void)unlink(t->picture); /* written over by the next one otherwise */
    mem_free(t->picture);
}

/* Which notifier it was for; the list may have been read anew meanwhile. */
struct wish {
    char *notifier, *path;
};

static void made(struct engine *en, void *ctx, const struct response *response)
{
    struct wish *w = ctx;
    const char *why = NULL;
    bool ok = errand_ok(response, &why);
    for (size_t i = 0; en->tell && i < en->tell->n; i++) {
        struct teller *t = &en->tell->list[i];
        if (!t->making || !str_eq(t->name, w->notifier))
            continue;
        t->making = false;
        t->plain = !ok;
        t->picture = ok ? mem_dup(w->path) : NULL;
        teller_leave(en, t);
        break;
    }
    free(w->notifier);
    free(w->path);
    free(w);
}

bool tell_make_picture(struct engine *en, struct teller *t, size_t text_len)
{
    const cJSON *rule = t->plain || t->picture ? NULL : rule_for(en, t);
    struct asset_row a = {0};
    if (!rule || (double)text_len > json_num(rule, "most", TEXT_MOST) || !t->rows[0].drop_id ||
        !find_picture(en, t->rows[0].drop_id, &a))
        return false;
    double side = json_num(rule, "side", SIDE), longer = a.width > a.height ? a.width : a.height;
    double scale = longer > side ? side / longer : 1;
    struct wish *w = mem_alloc(sizeof(*w));
    char *from = path_join(en->places.out, a.path);
    cJSON *line = errand_line("picture.fit"),
          *params = cJSON_GetObjectItemCaseSensitive(line, "params");
    *w = (struct wish){mem_dup(t->name), mem_printf("%s/news-%s.jpg", en->places.state, t->name)};
    json_set_num(params, "width", fmax(1, round(a.width * scale)));
    json_set_num(params, "height", fmax(1, round(a.height * scale)));
    errand_in(line, "picture", from);
    errand_out(line, "picture", w->path);
    errand_ask(en, line, made, w);
    t->making = true;
    free(from);
    asset_row_finish(&a);
    return true;
}
