/* An order for a set of products comes in; its video id, tree, category, jobs and documents go into
 * the plan. What is made for which rank, at which size and under which name is said by
 * rules/plans/products.json and rules/naming/products.json. */
/* SPDX-License-Identifier: ISC */
#include "plan/products_priv.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/str.h"
#include "base/utf8.h"
#include "plan/category.h"
#include "plan/naming.h"

#define ID_LEN_MAX    80 /* bytes of a video id */
#define NICHE_LEN_MAX 60 /* bytes of the niche within one that is made */

/* --- what the set is --- */

static const char *find_niche(const cJSON *doc)
{
    static const char *const members[] = {"niche", "keyword", "category"};
    for (size_t i = 0; i < sizeof members / sizeof *members; i++) {
        const char *text = json_str(doc, members[i], "");
        if (*text)
            return text;
    }
    return "";
}

/* The file's own id, else the day of the planning and the niche (or the entry's name). Owned. */
static char *make_video_id(const struct product_set *s)
{
    const char *own = json_str(s->order->doc, "video_id", "");
    if (*own)
        return utf8_safe_name(own, ID_LEN_MAX, "video");
    char day[CLOCK_TEXT_LEN];
    clock_local(s->ctx->now_s, "%Y-%m-%d", day);
    char *stem = path_stem(s->order->entry);
    char *slug = utf8_slug(*s->niche ? s->niche : stem, '-', NICHE_LEN_MAX, "products");
    char *id = mem_printf("%s-%s", day, slug);
    free(stem);
    free(slug);
    return id;
}

/* --- the products --- */

static int by_rank(const void *a, const void *b)
{
    const struct product *x = a, *y = b;
    if (x->rank != y->rank)
        return x->rank < y->rank ? -1 : 1;
    return (x->doc > y->doc) - (x->doc < y->doc);
}

static void read_product(struct product_set *s, struct product *p, const cJSON *doc, size_t index)
{
    char name[64];
    snprintf(name, sizeof name, "/products/%zu/reference_image", index);
    p->doc = doc;
    p->rank = (int)json_int(doc, "rank", 0);
    p->name = json_str(doc, "name", "");
    p->photo = order_file(s->order, name);
    const char *url = json_str(doc, "image_url", "");
    p->photo_url = !p->photo && *url ? url : NULL;
    snprintf(p->key, sizeof p->key, "%02d", p->rank);
}

static void read_products(struct product_set *s)
{
    const cJSON *products = json_get(s->order->doc, "products"), *doc;
    s->list = mem_alloc(((size_t)cJSON_GetArraySize(products) + 1) * sizeof *s->list);
    cJSON_ArrayForEach(doc, products)
    {
        read_product(s, &s->list[s->n], doc, s->n);
        s->n++;
    }
    qsort(s->list, s->n, sizeof *s->list, by_rank);
}

/* --- names --- */

char *products_path(const struct product_set *s, const char *name, const struct product *p,
                    const char *variant)
{
    cJSON *values = cJSON_CreateObject();
    struct err e = {0};
    char *path = NULL;
    json_set_str(values, "video_id", s->video_id);
    if (p)
        json_set_num(values, "rank", p->rank);
    if (variant)
        json_set_str(values, "variant", variant);
    if (naming_path(s->ctx->rules, "products", name, values, &path, &e))
        faults_add(s->faults, "NAMING", "rules/naming/products.json", name, e.text,
                   "Correct the name in that file.");
    cJSON_Delete(values);
    return path;
}

/* --- the kind --- */

static char *make_title(const struct product_set *s)
{
    const char *about = *s->niche ? s->niche : s->video_id;
    return mem_printf("%zu product%s: %s", s->n, s->n == 1 ? "" : "s", about);
}

static int fill(const struct order *order, const struct plan_context *ctx, struct plan *plan,
                struct faults *faults)
{
    struct product_set s = {.order = order, .ctx = ctx, .plan = plan, .faults = faults};
    size_t before = faults->n + faults->more;
    s.rule = plan_file(order, ctx);
    s.niche = find_niche(order->doc);
    s.category = category_detect(rules_get(ctx->rules, "prompts/categories"), s.niche);
    s.video_id = make_video_id(&s);
    s.tree = products_path(&s, "tree", NULL, NULL);
    read_products(&s);
    plan->title = make_title(&s);
    plan->tree = mem_dup(s.tree);
    plan->subject = mem_dup(s.tree);
    if (s.n == 0)
        faults_add(faults, "BATCH_SIZE", order->entry, "no product", "at least one product", NULL);
    else if (s.tree)
        products_add_jobs(&s);
    if (faults->n + faults->more == before)
        products_add_documents(&s);
    for (size_t i = 0; i < s.n; i++)
        free(s.list[i].fetch_key);
    free(s.list);
    free(s.video_id);
    free(s.tree);
    return faults->n + faults->more > before ? ERR_INPUT : 0;
}

const struct plan_kind plan_products = {"products", fill};
