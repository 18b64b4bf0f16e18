/* A combo order comes in; one picture per combo and prompt goes out as jobs, combos outer, prompts
 * inner, with the session's log. Reads no file. A prompt belongs to a combo when its prefix belongs
 * to the combo's wardrobe. */
/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"
#include "plan/batch.h"
#include "plan/naming.h"

static int batch_open(struct batch *b);
static void check_quality(struct batch *b);
static int add_pairs(struct batch *b, struct err *e);
static void check_only(struct batch *b);
static void say_unmatched(struct batch *b);
static void name_plan(struct batch *b);

static int combos_fill(const struct order *order, const struct plan_context *ctx, struct plan *plan,
                       struct faults *faults)
{
    struct batch b = {.order = order, .ctx = ctx, .plan = plan, .faults = faults};
    struct err e = {0};
    int rc = batch_open(&b);

    if (rc != 0)
        goto out;
    check_only(&b);
    rc = faults->n ? ERR_INPUT : add_pairs(&b, &e);
    if (rc != 0 && faults->n == 0)
        faults_add(faults, "PROMPT", "rules/prompts/combos.json or rules/naming/combos.json",
                   e.text, NULL, "Correct the template.");
    if (rc != 0)
        goto out;
    say_unmatched(&b);
    name_plan(&b);
    batch_add_session(&b);
    rc = faults->n ? ERR_INPUT : 0;
out:
    combos_finish(&b.combos);
    catalog_finish(&b.catalog);
    free(b.used);
    return rc;
}

const struct plan_kind plan_combos = {"combos", combos_fill};

/* --- opening --- */

static int read_input(struct batch *b)
{
    struct faults *notes = &b->plan->notes;
    int combos = combos_find(b->order, b->rules, notes, b->faults, &b->combos);
    int catalog = catalog_read(b->order, b->rules, notes, b->faults, &b->catalog);
    return combos ? combos : catalog;
}

static int batch_open(struct batch *b)
{
    struct tm when;
    time_t now = (time_t)b->ctx->now_s;
    int rc;

    b->rules = plan_file(b->order, b->ctx);
    b->prompts = rules_get(b->ctx->rules, "prompts/combos");
    b->naming = rules_get(b->ctx->rules, "naming/combos");
    if (!b->rules || !b->prompts || !b->naming) {
        faults_add(b->faults, "RULES_MISSING", "rules", NULL,
                   "plans/combos.json, prompts/combos.json and naming/combos.json",
                   "Put the file back.");
        return ERR_RULES;
    }
    b->folder = json_str(json_get(b->rules, "catalog"), "folder", "catalog_");
    (void)localtime_r(&now, &when);
    (void)strftime(b->timestamp, sizeof b->timestamp, "%Y-%m-%d-%H-%M-%S", &when);
    rc = read_input(b);
    if (rc != 0)
        return rc;
    check_quality(b);
    b->used = mem_alloc(b->catalog.n * sizeof *b->used);
    return b->faults->n ? ERR_INPUT : 0;
}

const char *batch_quality(const struct batch *b, const struct combo *c)
{
    const char *own = c->quality ? c->quality : json_str(b->rules, "default_quality", "1K");
    return json_str(b->order->doc, "quality", own);
}

static void check_quality(struct batch *b)
{
    for (size_t i = 0; i < b->combos.n; i++) {
        const char *quality = batch_quality(b, &b->combos.list[i]);
        if (!json_get(json_get(b->rules, "qualities"), quality))
            faults_add(b->faults, "QUALITY_UNKNOWN", b->combos.list[i].where, quality,
                       "a quality of 1K, 2K or 4K", "Correct \"quality\", or leave it out.");
    }
}

/* --- who goes with whom --- */

static bool list_has(const cJSON *list, const char *text)
{
    const cJSON *item;
    cJSON_ArrayForEach(item, list)
    {
        if (cJSON_IsString(item) && str_eq_nocase(item->valuestring, text))
            return true;
    }
    return false;
}

static bool wants_catalog(const struct batch *b, const struct combo *c, const char *catalog)
{
    const cJSON *name;
    if (!c->catalogs)
        return true;
    cJSON_ArrayForEach(name, c->catalogs)
    {
        if (cJSON_IsString(name) && catalog_is(catalog, name->valuestring, b->folder))
            return true;
    }
    return false;
}

static bool only_means(const struct batch *b, const cJSON *only, const struct combo *c,
                       const struct catalog_prompt *p)
{
    const char *combo = json_str(only, "combo", c->id);
    const char *prompt = json_str(only, "prompt", p->id);
    return str_eq_nocase(combo, c->id) && catalog_prompt_is(p, prompt, b->folder);
}

static bool is_asked(const struct batch *b, const struct combo *c, const struct catalog_prompt *p)
{
    const cJSON *list = json_get(b->order->doc, "only"), *only;
    if (cJSON_GetArraySize(list) == 0)
        return true;
    cJSON_ArrayForEach(only, list)
    {
        if (only_means(b, only, c, p))
            return true;
    }
    return false;
}

static bool belongs(const struct batch *b, const struct combo *c, const struct catalog_prompt *p)
{
    const cJSON *wardrobe = json_get(json_get(b->rules, "wardrobes"), c->wardrobe);
    return list_has(json_get(wardrobe, "prefixes"), p->prefix) && wants_catalog(b, c, p->catalog);
}

/* Every line of "only" has to mean at least one pair that exists. */
static void check_only(struct batch *b)
{
    const cJSON *only;
    cJSON_ArrayForEach(only, json_get(b->order->doc, "only"))
    {
        bool found = false;
        char *said = mem_printf("%s + %s", json_str(only, "combo", "any combo"),
                                json_str(only, "prompt", "any prompt"));
        for (size_t i = 0; i < b->combos.n; i++) {
            for (size_t k = 0; k < b->catalog.n; k++)
                found = found || (belongs(b, &b->combos.list[i], &b->catalog.list[k]) &&
                                  only_means(b, only, &b->combos.list[i], &b->catalog.list[k]));
        }
        if (!found)
            faults_add(b->faults, "ONLY_UNKNOWN", b->order->entry, said,
                       "a combo and a prompt of its wardrobe", "Correct the names.");
        free(said);
    }
}

static int add_pairs(struct batch *b, struct err *e)
{
    for (size_t i = 0; i < b->combos.n; i++) {
        const struct combo *c = &b->combos.list[i];
        for (size_t k = 0; k < b->catalog.n; k++) {
            const struct catalog_prompt *p = &b->catalog.list[k];
            int rc;
            if (!belongs(b, c, p))
                continue;
            b->used[k] = true;
            rc = is_asked(b, c, p) ? batch_add_pair(b, c, p, e) : 0;
            if (rc != 0)
                return rc;
        }
    }
    return 0;
}

/* --- saying --- */

/* Prompts that no combo of the drop goes with, in one note; it is a fault when that leaves nothing
 * to make. */
static void say_unmatched(struct batch *b)
{
    struct buf names;
    buf_init(&names, 160);
    for (size_t k = 0; k < b->catalog.n; k++) {
        if (!b->used[k])
            buf_printf(&names, "%s%s", names.len ? ", " : "", b->catalog.list[k].short_id);
    }
    if (b->plan->jobs_n == 0)
        faults_add(b->faults, "PAIR_NONE", b->order->entry, names.data,
                   "a prompt whose prefix belongs to the wardrobe of a combo",
                   "Add such a prompt, or the prefix to the wardrobe in rules/plans/combos.json.");
    else if (names.len)
        faults_add(&b->plan->notes, "PROMPT_UNUSED", b->order->entry, names.data,
                   "a combo of the wardrobe these prompts belong to", NULL);
    buf_finish(&names);
}

/* What a new version of the drop shares: the wardrobe's folder, or the whole tree when there are
 * several. */
static char *subject_of(const struct batch *b, const char *wardrobe)
{
    cJSON *values = cJSON_CreateObject();
    struct err e = {0};
    char *subject = NULL;

    json_set_str(values, "wardrobe", wardrobe);
    if (!wardrobe || naming_fill(json_str(b->naming, "subject", ""), values, &subject, &e) != 0)
        subject = mem_dup(json_str(b->naming, "tree", "Result_images"));
    cJSON_Delete(values);
    return subject;
}

static void name_plan(struct batch *b)
{
    struct plan *p = b->plan;
    const char *wardrobe = b->combos.list[0].wardrobe;
    bool same = true;

    for (size_t i = 1; i < b->combos.n; i++)
        same = same && str_eq(b->combos.list[i].wardrobe, wardrobe);
    p->subject = subject_of(b, same ? wardrobe : NULL);
    p->tree = mem_dup(json_str(b->naming, "tree", "Result_images"));
    p->title =
        mem_printf("%zu picture%s: %zu combo%s, %s", p->jobs_n, p->jobs_n == 1 ? "" : "s",
                   b->combos.n, b->combos.n == 1 ? "" : "s", same ? wardrobe : "several wardrobes");
}
