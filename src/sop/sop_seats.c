/* How many browsers a site's engine may have at work at once comes in, with the projects its pages
 * name and the browsers of the policy; what does not fit goes out as warnings. Refuses nothing. */
/* SPDX-License-Identifier: ISC */
#include "sop/sop_priv.h"

#include <stdlib.h>
#include <string.h>

#include "base/fault.h"
#include "base/json.h"
#include "base/mem.h"

/* Browsers that can work on pages of their own: the longest list among the site's pages. */
static int projects(const cJSON *site)
{
    const cJSON *page;
    int most = 1;
    cJSON_ArrayForEach(page, json_get(site, "pages"))
    {
        int n = cJSON_GetArraySize(page);
        most = cJSON_IsArray(page) && n > most ? n : most;
    }
    return most;
}

static void warn(struct faults *warnings, const char *name, int found, int there, const char *what,
                 const char *cure)
{
    char *place = mem_printf("providers/%s.json: limits/at_once", name);
    char *at_once = found ? mem_printf("%d at once", found) : mem_dup("no limit");
    char *expected = mem_printf("at most %d: %s", there, what);
    faults_add(warnings, "SOP_SEATS", place, at_once, expected, cure);
    free(place);
    free(at_once);
    free(expected);
}

/* Two on one project take each other's results; one without a browser only waits. */
static void check_site(const struct rules *rules, const char *name, const cJSON *site,
                       struct faults *warnings)
{
    char *file = mem_printf("providers/%s", name);
    const cJSON *provider = rules_get(rules, file);
    int at_once = (int)json_num(json_get(provider, "limits"), "at_once", 0);
    int browsers = cJSON_GetArraySize(rules_policy(rules, "/browser/urls")) +
                   (int)rules_policy_num(rules, "/browser/start");
    int pages = projects(site),
        busy = at_once && (!browsers || at_once < browsers) ? at_once : browsers;
    if (provider && busy > pages)
        warn(warnings, name, at_once, pages, "so many projects its pages name",
             "Give each browser a project of its own in pages of the site's site.json, as a list; "
             "two on one project take each other's results.");
    else if (provider && browsers && at_once > browsers)
        warn(warnings, name, at_once, browsers, "so many browsers policy.json has",
             "Name more browsers in policy.json (browser), or the others wait in line.");
    free(file);
}

size_t sop_warn(const struct rules *rules, struct faults *warnings)
{
    const cJSON *tree;
    size_t before = warnings->n;
    cJSON_ArrayForEach(tree, rules_kind(rules, "sops"))
    {
        const char *slash = strchr(tree->string, '/');
        if (!slash || strcmp(slash, "/site") != 0)
            continue;
        char *name = mem_dup_n(tree->string, (size_t)(slash - tree->string));
        check_site(rules, name, tree, warnings);
        free(name);
    }
    return warnings->n - before;
}
