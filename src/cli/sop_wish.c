/* What was asked for on the command line comes in; site, procedure and its wishes go out, or every
 * fault with what there is instead. Drives nothing. */
/* SPDX-License-Identifier: ISC */
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/str.h"
#include "cli/sop_run.h"

/* --- which --- */

char *sop_site_chosen(const struct cli *cli, const struct rules *rules)
{
    const cJSON *tree;
    struct buf names;
    char *found = NULL;
    int n = 0;
    buf_init(&names, 65536);
    cJSON_ArrayForEach(tree, rules_kind(rules, "sops"))
    {
        const char *slash = strchr(tree->string, '/');
        if (!slash || !str_eq(slash, "/site"))
            continue;
        char *name = mem_dup_n(tree->string, (size_t)(slash - tree->string));
        buf_printf(&names, "%s%s", n++ ? ", " : "", name);
        if (!found && (!cli->site || str_eq(name, cli->site)))
            found = name;
        else
            free(name);
    }
    if (!cli->site && n > 1)
        mem_free(found);
    if (!found && cli->site)
        cli_fail("there is no site %s below rules/sops; there is %s", cli->site,
                 names.len ? names.data : "none");
    else if (!found)
        cli_fail(n ? "say which site with --site: %s" : "there is no site below rules/sops%s",
                 n ? names.data : "");
    buf_finish(&names);
    return found;
}

/* The words of a procedure's file below its site, NULL for one that is none. */
static const char *procedure_name(const cJSON *tree, const char *site)
{
    size_t len = strlen(site);
    bool of_site = strncmp(tree->string, site, len) == 0 && tree->string[len] == '/';
    return of_site && json_get(tree, "steps") ? tree->string + len + 1 : NULL;
}

const cJSON *sop_procedure_chosen(const struct rules *rules, const char *site, const char *name)
{
    const cJSON *tree;
    const char *nearest = NULL, *one;
    struct buf names;
    int least = 4;
    buf_init(&names, 65536);
    cJSON_ArrayForEach(tree, rules_kind(rules, "sops"))
    {
        if (!(one = procedure_name(tree, site)))
            continue;
        if (str_eq(one, name)) {
            buf_finish(&names);
            return tree;
        }
        if (str_distance(one, name) < least) {
            least = str_distance(one, name);
            nearest = one;
        }
        buf_printf(&names, "%s%s", names.len ? ", " : "", one);
    }
    if (nearest)
        cli_fail("%s has no procedure %s; did you mean %s?", site, name, nearest);
    else
        cli_fail("%s has no procedure %s; it has %s", site, name, names.len ? names.data : "none");
    buf_finish(&names);
    return NULL;
}

/* --- wishes --- */

/* A file is given to the browser by its whole path, wherever slated was started. */
static cJSON *text_wish(const char *value)
{
    struct stat st;
    char real[PATH_MAX];
    bool file = *path_ext(value) && stat(value, &st) == 0 && S_ISREG(st.st_mode);
    return cJSON_CreateString(file && realpath(value, real) ? real : value);
}

/* In the form that its default has. */
static cJSON *wish_of(const cJSON *otherwise, const char *value)
{
    if (cJSON_IsBool(otherwise) && (str_eq(value, "true") || str_eq(value, "false")))
        return cJSON_CreateBool(str_eq(value, "true"));
    if (cJSON_IsNumber(otherwise)) {
        char *end;
        double number = strtod(value, &end);
        if (end != value && !*end)
            return cJSON_CreateNumber(number);
    }
    return text_wish(value);
}

static bool takes(const struct sop_run *r, const char *name)
{
    return json_get(json_get(r->tree, "takes"), name) ||
           json_get(json_get(r->tree, "defaults"), name);
}

/* "$name" stands somewhere in the steps. */
static bool is_used(const cJSON *steps, const char *name)
{
    const cJSON *one;
    if (cJSON_IsString(steps))
        return steps->valuestring[0] == '$' && str_eq(steps->valuestring + 1, name);
    cJSON_ArrayForEach(one, steps)
    {
        if (is_used(one, name))
            return true;
    }
    return false;
}

static bool is_needed(const cJSON *tree, const char *name)
{
    const cJSON *need;
    cJSON_ArrayForEach(need, json_get(tree, "needs"))
    {
        if (cJSON_IsString(need) && str_eq(need->valuestring, name))
            return true;
    }
    return !json_get(json_get(tree, "defaults"), name) && is_used(json_get(tree, "steps"), name);
}

const char *sop_wish_missing(const cJSON *tree, const cJSON *wishes)
{
    const cJSON *one;
    cJSON_ArrayForEach(one, json_get(tree, "takes"))
    {
        if (is_needed(tree, one->string) && !json_get(wishes, one->string))
            return one->string;
    }
    return NULL;
}

/* One --set; false after having said what is wrong with it. */
static bool wish_add(const struct sop_run *r, const char *given, cJSON *wishes, cJSON *words)
{
    const char *equals = strchr(given, '=');
    char *name = equals ? mem_dup_n(given, (size_t)(equals - given)) : mem_dup(given);
    bool own = takes(r, name), good = equals && (own || sop_words_take(r, name));
    if (!equals)
        cli_fail("--set %s has no value: --set %s=VALUE", given, given);
    else if (!good)
        cli_fail("%s takes no %s", r->name, name);
    else if (!own)
        json_set_str(words, name, equals + 1);
    else
        json_set(wishes, name, wish_of(json_get(json_get(r->tree, "defaults"), name), equals + 1));
    free(name);
    return good;
}

static bool all_there(const struct sop_run *r, const cJSON *wishes)
{
    const cJSON *one;
    bool good = true;
    cJSON_ArrayForEach(one, json_get(r->tree, "takes"))
    {
        if (is_needed(r->tree, one->string) && !json_get(wishes, one->string) &&
            !json_get(json_get(r->tree, "words"), one->string)) { /* of those it is said */
            cli_fail("%s needs %s: --set %s=... (%s)", r->name, one->string, one->string,
                     cJSON_IsString(one) ? one->valuestring : "");
            good = false;
        }
    }
    return good;
}

static void say_takes(const struct sop_run *r)
{
    const cJSON *one;
    fprintf(stderr, "%s takes:\n", r->name);
    cJSON_ArrayForEach(one, json_get(r->tree, "takes"))
    {
        const cJSON *otherwise = json_get(json_get(r->tree, "defaults"), one->string);
        char *text = otherwise ? json_compact(otherwise) : NULL;
        fprintf(stderr, "  %-14s %s%s%s%s\n", one->string,
                cJSON_IsString(one) ? one->valuestring : "", text ? "; else " : "",
                text ? text : "", is_needed(r->tree, one->string) ? " (needed)" : "");
        free(text);
    }
    sop_words_list(r);
}

cJSON *sop_wishes(const struct sop_run *r)
{
    const struct cli_list *given = &r->cli->set;
    cJSON *wishes = cJSON_CreateObject(), *words = cJSON_CreateObject();
    bool good = given->n <= CLI_LIST_MAX;
    if (!good)
        cli_fail("more than %d times --set", CLI_LIST_MAX);
    for (int i = 0; i < given->n && i < CLI_LIST_MAX; i++)
        good = wish_add(r, given->at[i], wishes, words) && good;
    good = sop_words_fill(r, words, wishes) && good;
    good = all_there(r, wishes) && good;
    cJSON_Delete(words);
    if (good)
        return wishes;
    say_takes(r);
    cJSON_Delete(wishes);
    return NULL;
}
