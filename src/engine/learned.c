/* Rows of what was mended come in; the page about what can be learned from them goes out, and what
 * a new row has to say about its shot goes in. Decides nothing about advice. */
/* SPDX-License-Identifier: ISC */
#include "engine/learned.h"

#include <stdlib.h>

#include "assets/page.h"
#include "base/file.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/str.h"
#include "engine/engine_priv.h"
#include "manual/learn.h"
#include "manual/target.h"

cJSON *learned_from(const struct fix_row *fixes, size_t n)
{
    struct learn_case *cases = mem_alloc((n + 1) * sizeof(*cases));
    for (size_t i = 0; i < n; i++)
        cases[i] = (struct learn_case){.tag = fixes[i].tag,
                                       .fix = fixes[i].fix,
                                       .model = fixes[i].model,
                                       .shot_type = fixes[i].shot_type,
                                       .words = fixes[i].prompt_words,
                                       .minutes = fixes[i].minutes};
    cJSON *found = learn_from(cases, n);
    free(cases);
    return found;
}

static void write_page(struct engine *en, const struct drop_row *drop, const cJSON *found)
{
    struct buf page;
    struct err e = {0};
    char *path = mem_printf("%s/%s/learn.html", en->places.out, drop->tree);
    cJSON *doc = learn_page(found, "What was mended by hand");
    buf_init(&page, 16 * 1024 * 1024);
    page_render(doc, &page);
    if (file_write(path, page.data, page.len, false, &e))
        engine_say(en, "error", "%s", e.text);
    buf_finish(&page);
    cJSON_Delete(doc);
    free(path);
}

void learned_write(struct engine *en, const struct drop_row *drop)
{
    struct fix_row *fixes = NULL;
    size_t n = 0, of_drop = 0;
    if (!drop->tree || store_fixes(en->store, 0, NULL, &fixes, &n))
        return;
    for (size_t i = 0; i < n; i++)
        of_drop += fixes[i].drop_id == drop->id;
    if (of_drop) {
        cJSON *found = learned_from(fixes, n);
        write_page(en, drop, found);
        cJSON_Delete(found);
    }
    for (size_t i = 0; i < n; i++)
        fix_row_finish(&fixes[i]);
    free(fixes);
}

/* The longest prompt of the unit is the one a person has to read. */
static int words_of(const struct unit *u)
{
    int most = 0;
    for (size_t i = 0; i < u->jobs_n; i++) {
        int n = words_count(u->jobs[i].prompt);
        most = n > most ? n : most;
    }
    return most;
}

static char *shot_type_of(const struct unit *u)
{
    char *type = NULL;
    for (size_t i = 0; i < u->jobs_n && !type; i++) {
        cJSON *meta = cJSON_Parse(u->jobs[i].meta);
        type = mem_dup(json_str(meta, "shot_type", json_str(meta, "variant", NULL)));
        cJSON_Delete(meta);
    }
    return type;
}

/* Whether what went out last for it had a rewritten prompt. */
static bool was_enhanced(struct engine *en, const struct unit *u)
{
    struct bundle_row *rows = NULL;
    size_t n = 0;
    bool enhanced = false;
    if (store_bundles(en->store, false, &rows, &n))
        return false;
    for (size_t i = 0; i < n; i++) {
        if (rows[i].drop_id == u->drop.id && str_eq(rows[i].unit, u->jobs[0].unit)) {
            cJSON *body = cJSON_Parse(rows[i].body);
            enhanced = json_bool(body, "prompt_enhanced", false);
            cJSON_Delete(body);
        }
        bundle_row_finish(&rows[i]);
    }
    free(rows);
    return enhanced;
}

void learned_fill(struct engine *en, const struct unit *u, struct fix_row *fix)
{
    struct escalation_row flag = {0};
    bool open = store_escalation(en->store, u->drop.id, u->jobs[0].unit, &flag) == 0;
    fix->enriched = fix->enriched || was_enhanced(en, u);
    if (!fix->shot_type)
        fix->shot_type = shot_type_of(u);
    if (!fix->prompt_words)
        fix->prompt_words = words_of(u);
    if (!fix->tag && open)
        fix->tag = mem_dup(flag.tag);
    if (!fix->minutes && open)
        fix->minutes = (int)((en->now_s - flag.at_s + 59) / 60);
    if (!fix->model)
        fix->model = mem_dup(open && flag.model ? flag.model : u->jobs[u->jobs_n - 1].model);
    escalation_row_finish(&flag);
}
