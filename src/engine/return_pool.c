/* The store comes in; the units a returned file may belong to, the names they go by and the
 * pictures that stand for them go out. Prints that are missing are asked for. Decides nothing. */
/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/str.h"
#include "engine/errand.h"
#include "engine/returns.h"

#define DROPS_LOOKED 50

void pool_free(struct pool *p)
{
    if (!p)
        return;
    for (size_t i = 0; i < p->units_n; i++) {
        free(p->units[i].name);
        free(p->units[i].tree);
    }
    for (size_t i = 0; i < p->items_n; i++) {
        free(p->items[i].role);
        free(p->items[i].path);
        free(p->items[i].print);
    }
    for (size_t i = 0; i < p->names_n; i++)
        free(p->name_texts[i]);
    free(p->units);
    free(p->items);
    free(p->names);
    free(p->name_texts);
    free(p->name_jobs);
    free(p);
}

int pool_unit_of(const struct pool *p, const char *unit, int64_t drop_id_or_0)
{
    int found = -1;
    for (size_t i = 0; i < p->units_n; i++)
        if (str_eq(p->units[i].name, unit) &&
            (!drop_id_or_0 || p->units[i].drop_id == drop_id_or_0)) {
            if (found >= 0)
                return -1;
            found = (int)i;
        }
    return found;
}

/* --- units --- */

static int unit_in_tree(const struct pool *p, const char *unit, const char *tree)
{
    for (size_t i = 0; i < p->units_n; i++)
        if (str_eq(p->units[i].name, unit) && str_eq(p->units[i].tree, tree))
            return (int)i;
    return -1;
}

int pool_unit_beside(struct engine *en, const struct pool *p, const char *unit, int64_t drop_id)
{
    struct drop_row drop = {0};
    int at = -1;
    if (store_drop(en->store, drop_id, &drop) == 0)
        at = unit_in_tree(p, unit, drop.tree ? drop.tree : "");
    drop_row_finish(&drop);
    return at;
}

/* Of the drops of one tree, an open one or the newest has the unit. */
static int add_unit(struct pool *p, const char *name, int64_t drop_id, const char *tree, bool open)
{
    if (!tree)
        tree = "";
    int at = unit_in_tree(p, name, tree);
    if (at >= 0)
        return p->units[at].drop_id == drop_id ? at : -1;
    p->units = mem_grow(p->units, p->units_n + 1, sizeof(*p->units));
    p->units[p->units_n] = (struct pool_unit){mem_dup(name), mem_dup(tree), drop_id, open};
    return (int)p->units_n++;
}

static void add_open_unit(struct engine *en, struct pool *p, const char *name, int64_t drop_id)
{
    struct drop_row drop = {0};
    if (store_drop(en->store, drop_id, &drop) == 0)
        add_unit(p, name, drop_id, drop.tree, true);
    drop_row_finish(&drop);
}

/* Open ones first: a name belongs to the drop that waits for it. */
static void add_open(struct engine *en, struct pool *p)
{
    struct escalation_row *flags = NULL;
    struct bundle_row *bundles = NULL;
    size_t flags_n = 0, bundles_n = 0;
    if (store_bundles(en->store, true, &bundles, &bundles_n))
        bundles_n = 0;
    if (store_escalations(en->store, true, &flags, &flags_n))
        flags_n = 0;
    for (size_t i = bundles_n; i-- > 0;) {
        add_open_unit(en, p, bundles[i].unit, bundles[i].drop_id);
        bundle_row_finish(&bundles[i]);
    }
    for (size_t i = flags_n; i-- > 0;) {
        add_open_unit(en, p, flags[i].unit, flags[i].drop_id);
        escalation_row_finish(&flags[i]);
    }
    free(bundles);
    free(flags);
}

/* --- names --- */

static void add_name(struct pool *p, const char *text, int unit, int64_t job_id)
{
    if (!text || !*text)
        return;
    for (size_t i = 0; i < p->names_n; i++)
        if (p->names[i].unit == unit && str_eq(p->name_texts[i], text))
            return;
    p->names = mem_grow(p->names, p->names_n + 1, sizeof(*p->names));
    p->name_texts = mem_grow(p->name_texts, p->names_n + 1, sizeof(*p->name_texts));
    p->name_jobs = mem_grow(p->name_jobs, p->names_n + 1, sizeof(*p->name_jobs));
    p->name_texts[p->names_n] = mem_dup(text);
    p->name_jobs[p->names_n] = job_id;
    p->names[p->names_n] =
        (struct evidence_name){p->name_texts[p->names_n], unit, job_id ? (int)p->names_n : -1};
    p->names_n++;
}

/* --- pictures --- */

struct print_wish {
    char *path;
};

static void print_done(struct engine *en, void *ctx, const struct response *response)
{
    struct manual *m = en->manual;
    const char *error;
    (void)ctx;
    if (!errand_ok(response, &error))
        engine_say(en, "error", "a picture cannot be compared with returns: %s", error);
    if (m->pool && m->pool->prints_missing > 0 && --m->pool->prints_missing == 0)
        back_pool_ready(en);
}

static void want_print(struct engine *en, struct pool *p, const char *picture, const char *print)
{
    cJSON *line = errand_line("print.make");
    errand_in(line, "picture", picture);
    errand_out(line, "print", print);
    errand_ask(en, line, print_done, NULL);
    p->prints_missing++;
}

static void add_item(struct engine *en, struct pool *p, int unit, int64_t job_id, const char *role,
                     const struct asset_row *asset)
{
    char *path = path_join(en->places.out, asset->path);
    if (!file_exists(path)) {
        free(path);
        return;
    }
    p->items = mem_grow(p->items, p->items_n + 1, sizeof(*p->items));
    p->items[p->items_n++] =
        (struct pool_item){.unit = unit,
                           .job_id = job_id,
                           .role = mem_dup(role),
                           .path = path,
                           .print = mem_printf("%s/%s.print", en->places.prints, asset->sha256)};
}

static void add_outputs(struct engine *en, struct pool *p, int unit, const struct job_row *job,
                        const cJSON *meta, size_t most)
{
    cJSON *outs = cJSON_Parse(job->outs);
    const cJSON *out;
    cJSON_ArrayForEach(out, outs)
    {
        const char *path = json_str(out, "path", "");
        struct asset_row asset = {0};
        char *stem = path_stem(path);
        add_name(p, stem, unit, job->id);
        if (!unit_on_the_way(meta) && !str_eq(path_ext(path), "mp4") && p->items_n < most &&
            store_asset_current(en->store, json_str(out, "slot", ""), &asset) == 0)
            add_item(en, p, unit, job->id, json_str(out, "role", ""), &asset);
        asset_row_finish(&asset);
        free(stem);
    }
    cJSON_Delete(outs);
}

static void add_jobs(struct engine *en, struct pool *p, const struct drop_row *drop, bool open,
                     size_t most)
{
    struct job_row *jobs = NULL;
    size_t n = 0;
    if (store_jobs(en->store, drop->id, &jobs, &n))
        return;
    for (size_t i = 0; i < n; i++) {
        cJSON *meta = cJSON_Parse(jobs[i].meta);
        int unit = jobs[i].unit ? add_unit(p, jobs[i].unit, drop->id, drop->tree, false) : -1;
        if (unit >= 0 && p->units[unit].open == open) {
            add_name(p, jobs[i].unit, unit, 0);
            add_name(p, json_str(meta, "shot_id", NULL), unit, 0);
            add_name(p, json_str(meta, "asset_name", NULL), unit, 0);
            add_outputs(en, p, unit, &jobs[i], meta, most);
        }
        cJSON_Delete(meta);
        job_row_finish(&jobs[i]);
    }
    free(jobs);
}

static void ask_prints(struct engine *en, struct pool *p)
{
    for (size_t i = 0; i < p->items_n; i++) {
        bool twice = false;
        for (size_t k = 0; k < i && !twice; k++)
            twice = str_eq(p->items[k].print, p->items[i].print);
        if (!twice && !file_exists(p->items[i].print))
            want_print(en, p, p->items[i].path, p->items[i].print);
    }
}

struct pool *pool_make(struct engine *en)
{
    struct pool *p = mem_alloc(sizeof(*p));
    struct drop_row *drops = NULL;
    size_t n = 0, most = (size_t)rules_policy_num(en->rules, "/manual/pool");
    add_open(en, p);
    if (store_drops(en->store, -1, DROPS_LOOKED, &drops, &n))
        n = 0;
    for (int pass = 0; pass < 2; pass++) /* what is out first */
        for (size_t i = 0; i < n; i++)
            if (drops[i].state != DROP_CANCELLED)
                add_jobs(en, p, &drops[i], pass == 0, most);
    for (size_t i = 0; i < n; i++)
        drop_row_finish(&drops[i]);
    free(drops);
    ask_prints(en, p);
    return p;
}
