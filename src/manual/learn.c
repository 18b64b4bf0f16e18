/* Mended cases come in; counts, shares and a little advice go out. A group is only compared with
 * the rest when both have ten tagged cases; a difference is only told when chance alone would
 * hardly make it, even with all the comparisons that were tried (Bonferroni: 0.05 shared among
 * them). Never guesses a tag. */
/* SPDX-License-Identifier: ISC */
#include "manual/learn.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"

#define CASES_LEAST 10
#define CHANCE_MOST 0.05
#define Z_95        1.959964 /* the normal distribution's 97.5 % point */

static const char *const tags[] = {"composition", "artifacts", "motion", "safety_filter",
                                   "character"};
#define TAGS_N ((int)(sizeof tags / sizeof *tags))

static int tag_index(const char *tag)
{
    for (int i = 0; i < TAGS_N; i++)
        if (tag && str_eq(tags[i], tag))
            return i;
    return -1;
}

/* --- the two formulas --- */

/* The logarithm of how many ways there are to choose k of n. */
static double log_choose(int n, int k)
{
    return lgamma(n + 1.0) - lgamma(k + 1.0) - lgamma(n - k + 1.0);
}

double learn_chance(int a, int b, int c, int d)
{
    int here = a + b, hits = a + c, all = a + b + c + d;
    int low = hits - (c + d) > 0 ? hits - (c + d) : 0, high = hits < here ? hits : here;
    double ways = log_choose(all, hits), seen = 0, sum = 0;
    seen = log_choose(here, a) + log_choose(c + d, c) - ways;
    for (int k = low; k <= high; k++) {
        double p = log_choose(here, k) + log_choose(c + d, hits - k) - ways;
        if (p <= seen + 1e-9)
            sum += exp(p);
    }
    return sum < 1 ? sum : 1;
}

void learn_interval(int k, int n, double *ret_low, double *ret_high)
{
    double zz = Z_95 * Z_95, p = n ? (double)k / n : 0, m = n ? n : 1;
    double middle = (p + zz / (2 * m)) / (1 + zz / m);
    double half = Z_95 / (1 + zz / m) * sqrt(p * (1 - p) / m + zz / (4 * m * m));
    *ret_low = n ? fmax(0, middle - half) : 0;
    *ret_high = n ? fmin(1, middle + half) : 1;
}

/* --- groups --- */

struct group {
    const char *name;
    int n, tagged, of[TAGS_N];
    int *minutes;
    size_t minutes_n;
};

struct groups {
    struct group *list;
    size_t n;
};

static const char *by_model(const struct learn_case *c)
{
    return c->model;
}

static const char *by_shot_type(const struct learn_case *c)
{
    return c->shot_type;
}

static const char *by_fix(const struct learn_case *c)
{
    return c->fix;
}

static const char *by_tag(const struct learn_case *c)
{
    return c->tag;
}

static const char *by_length(const struct learn_case *c)
{
    if (c->words <= 0)
        return NULL;
    return c->words <= 40 ? "up to 40 words" : c->words <= 80 ? "41 to 80 words" : "over 80 words";
}

static struct group *group_named(struct groups *g, const char *name)
{
    for (size_t i = 0; i < g->n; i++)
        if (str_eq(g->list[i].name, name))
            return &g->list[i];
    g->list = mem_grow(g->list, g->n + 1, sizeof *g->list);
    g->list[g->n] = (struct group){.name = name};
    return &g->list[g->n++];
}

static int larger_first(const void *a, const void *b)
{
    const struct group *x = a, *y = b;
    return x->n != y->n ? (x->n < y->n ? 1 : -1) : strcmp(x->name, y->name);
}

static void groups_make(struct groups *g, const struct learn_case *cases, size_t n,
                        const char *(*name_of)(const struct learn_case *c))
{
    memset(g, 0, sizeof *g);
    for (size_t i = 0; i < n; i++) {
        const char *name = name_of(&cases[i]);
        int tag = tag_index(cases[i].tag);
        if (!name || !*name)
            continue;
        struct group *one = group_named(g, name);
        one->n++;
        if (tag >= 0) {
            one->tagged++;
            one->of[tag]++;
        }
        if (cases[i].minutes > 0) {
            one->minutes = mem_grow(one->minutes, one->minutes_n + 1, sizeof *one->minutes);
            one->minutes[one->minutes_n++] = cases[i].minutes;
        }
    }
    if (g->n)
        qsort(g->list, g->n, sizeof *g->list, larger_first);
}

static void groups_finish(struct groups *g)
{
    for (size_t i = 0; i < g->n; i++)
        free(g->list[i].minutes);
    free(g->list);
}

static int smaller(const void *a, const void *b)
{
    const int *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

static cJSON *median(struct group *g)
{
    if (!g->minutes_n)
        return cJSON_CreateNull();
    qsort(g->minutes, g->minutes_n, sizeof *g->minutes, smaller);
    size_t half = g->minutes_n / 2;
    double m =
        g->minutes_n % 2 ? g->minutes[half] : (g->minutes[half - 1] + g->minutes[half]) / 2.0;
    return cJSON_CreateNumber(m);
}

static cJSON *groups_json(struct groups *g)
{
    cJSON *list = cJSON_CreateArray();
    for (size_t i = 0; i < g->n; i++) {
        cJSON *one = cJSON_CreateObject(), *of = cJSON_CreateObject();
        json_set_str(one, "name", g->list[i].name);
        json_set_num(one, "n", g->list[i].n);
        json_set(one, "minutes", median(&g->list[i]));
        for (int t = 0; t < TAGS_N; t++)
            if (g->list[i].of[t])
                json_set_num(of, tags[t], g->list[i].of[t]);
        json_set(one, "tags", of);
        cJSON_AddItemToArray(list, one);
    }
    return list;
}

static double rounded(double share)
{
    return round(share * 1000) / 1000;
}

static cJSON *tags_json(struct groups *g, int tagged)
{
    cJSON *list = cJSON_CreateArray();
    for (size_t i = 0; i < g->n; i++) {
        double low, high;
        if (tag_index(g->list[i].name) < 0)
            continue;
        cJSON *one = cJSON_CreateObject();
        learn_interval(g->list[i].n, tagged, &low, &high);
        json_set_str(one, "tag", g->list[i].name);
        json_set_num(one, "n", g->list[i].n);
        json_set_num(one, "share", rounded((double)g->list[i].n / tagged));
        json_set_num(one, "low", rounded(low));
        json_set_num(one, "high", rounded(high));
        json_set(one, "minutes", median(&g->list[i]));
        cJSON_AddItemToArray(list, one);
    }
    return list;
}

/* --- advice --- */

/* What distinguishes the groups, and what a person can do about one that stands out. */
static const struct kind {
    const char *what; /* "on kling-v3" */
    const char *cure;
    const char *(*name_of)(const struct learn_case *c);
} kinds[] = {
    {"on", "try such shots with another target first", by_model},
    {"in shots called", "look at how these shots are written and framed", by_shot_type},
    {"with prompts of", "try prompts of another length", by_length},
};
#define KINDS_N (sizeof kinds / sizeof *kinds)

static bool comparable(const struct group *g, int tagged)
{
    return g->tagged >= CASES_LEAST && tagged - g->tagged >= CASES_LEAST;
}

static int comparisons(const struct groups *g, int tagged)
{
    int n = 0;
    for (size_t i = 0; i < g->n; i++)
        n += comparable(&g->list[i], tagged) ? TAGS_N : 0;
    return n;
}

static void advise(cJSON *advice, const struct kind *kind, const struct group *g, int tag,
                   const int total[TAGS_N], int tagged, int tried)
{
    int a = g->of[tag], b = g->tagged - a, c = total[tag] - a, d = tagged - g->tagged - c;
    double low, high, chance = learn_chance(a, b, c, d);
    if ((double)a / g->tagged <= (double)c / (c + d) || chance > CHANCE_MOST / tried)
        return;
    learn_interval(a, g->tagged, &low, &high);
    char *said = mem_printf("%s is what went wrong in %d of %d cases %s %s (%.0f to %.0f %%), "
                            "elsewhere in %d of %d: %s.",
                            tags[tag], a, g->tagged, kind->what, g->name, low * 100, high * 100, c,
                            c + d, kind->cure);
    cJSON_AddItemToArray(advice, cJSON_CreateString(said));
    free(said);
}

static cJSON *advice_from(const struct groups groups[KINDS_N], const int total[TAGS_N], int tagged)
{
    cJSON *advice = cJSON_CreateArray();
    int tried = 0;
    for (size_t k = 0; k < KINDS_N; k++)
        tried += comparisons(&groups[k], tagged);
    for (size_t k = 0; k < KINDS_N; k++)
        for (size_t i = 0; i < groups[k].n; i++)
            for (int t = 0; t < TAGS_N && comparable(&groups[k].list[i], tagged); t++)
                advise(advice, &kinds[k], &groups[k].list[i], t, total, tagged, tried);
    return advice;
}

cJSON *learn_from(const struct learn_case *cases, size_t n)
{
    struct groups groups[KINDS_N], fixes, by_tags;
    cJSON *found = cJSON_CreateObject();
    int total[TAGS_N] = {0}, tagged = 0;
    for (size_t i = 0; i < n; i++)
        if (tag_index(cases[i].tag) >= 0) {
            total[tag_index(cases[i].tag)]++;
            tagged++;
        }
    for (size_t k = 0; k < KINDS_N; k++)
        groups_make(&groups[k], cases, n, kinds[k].name_of);
    groups_make(&fixes, cases, n, by_fix);
    groups_make(&by_tags, cases, n, by_tag);
    json_set_num(found, "cases", (double)n);
    json_set_num(found, "untagged", (double)n - tagged);
    json_set(found, "tags", tags_json(&by_tags, tagged));
    json_set(found, "models", groups_json(&groups[0]));
    json_set(found, "shot_types", groups_json(&groups[1]));
    json_set(found, "prompt_lengths", groups_json(&groups[2]));
    json_set(found, "fixes", groups_json(&fixes));
    json_set(found, "advice", advice_from(groups, total, tagged));
    json_set_str(found, "method",
                 "Shares with Wilson's 95 % interval. Advice from ten tagged cases in a group and "
                 "ten outside it, when Fisher's exact test leaves chance less than 5 %, shared "
                 "among all comparisons.");
    for (size_t k = 0; k < KINDS_N; k++)
        groups_finish(&groups[k]);
    groups_finish(&fixes);
    groups_finish(&by_tags);
    return found;
}
