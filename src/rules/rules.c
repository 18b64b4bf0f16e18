/* A rules folder comes in; one immutable set of checked trees with a digest goes out, or every
 * fault of every file. Never keeps a set that has a fault, never writes. */
/* SPDX-License-Identifier: ISC */
#include "rules/rules.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/digest.h"
#include "base/file.h"
#include "base/json.h"
#include "base/json_pool.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/str.h"
#include "rules/expand.h"
#include "rules/kinds.h"
#include "rules/schema.h"
#include "rules/schema_priv.h"

#define KIND_LEN 32 /* of a kind's name, all of which are words of our own */

struct rules {
    int refs;
    char *dir;
    char digest[DIGEST_LEN];
    cJSON *policy;
    cJSON *kinds; /* kind -> {stem -> tree}, each kind in its order */
};

/* What one loading gathers. */
struct loading {
    struct rules *rules;
    struct faults *faults;
    size_t faults_n;
};

static void add_fault(struct loading *l, const char *code, const char *place, const char *found,
                      const char *expected, const char *cure)
{
    faults_add(l->faults, code, place, found, expected, cure);
    l->faults_n++;
}

/* --- one file --- */

/* The first rule of intake that plans with that file, or NULL. */
static const cJSON *planned_by(const struct rules *r, const char *stem)
{
    const cJSON *rule;
    cJSON_ArrayForEach(rule, rules_kind(r, "intake"))
    {
        if (str_eq(json_str(rule, "plan", NULL), stem))
            return rule;
    }
    return NULL;
}

/* A plan has the shape of the kind of drop it is for. NULL: nothing says which shape. Owned. */
static cJSON *schema_of(const struct rules *r, const char *kind, const char *stem)
{
    cJSON *schema = kinds_schema(kind, stem);
    const cJSON *rule = !schema && str_eq(kind, "plans") ? planned_by(r, stem) : NULL;
    return rule ? kinds_schema(kind, json_str(rule, "kind", NULL)) : schema;
}

static void add_syntax_fault(struct loading *l, const char *name, const struct json_fault *fault)
{
    char *place = mem_printf("%s: line %d, column %d (%s)", name, fault->line, fault->column,
                             *fault->pointer ? fault->pointer : "top level");
    add_fault(l, fault->code, place, fault->found, fault->expected, "Correct the file.");
    free(place);
}

/* Reads, checks and fills one file; NULL when it has faults. name: "plans/products.json". */
static cJSON *load_file(struct loading *l, const char *kind, const char *stem, const char *name)
{
    char *path = path_join(l->rules->dir, name), *bytes = NULL;
    struct json_fault fault;
    struct err e = {0};
    cJSON *tree = NULL, *schema = NULL;
    size_t len = 0;
    if (file_read(path, json_limits_rules.bytes, &bytes, &len, &e) != 0) {
        add_fault(l, "RULES_FILE", name, e.text, "a readable JSON file", NULL);
        goto out;
    }
    if (json_parse(bytes, len, &json_limits_rules, &tree, &fault) != 0) {
        add_syntax_fault(l, name, &fault);
        goto out;
    }
    l->faults_n += rules_expand(tree, name, l->faults);
    schema = schema_of(l->rules, kind, stem);
    if (!schema && !(str_eq(kind, "plans") && planned_by(l->rules, stem)))
        add_fault(l, "FILE_UNREAD", name, stem, "the name of a file that is read here",
                  "Correct its name, let a rule of intake name it as its plan, or take it out.");
    if (schema) {
        size_t n = schema_check(schema, tree, name, l->faults);
        l->faults_n += n;
        if (n == 0)
            schema_fill(schema, tree);
    }
out:
    cJSON_Delete(schema);
    free(bytes);
    free(path);
    return tree;
}

/* --- one folder --- */

static bool is_stem(const char *stem)
{
    return *stem && strspn(stem, "abcdefghijklmnopqrstuvwxyz0123456789_-") == strlen(stem);
}

/* Notes beside the rules and what editors leave are no rules. */
static bool is_other_text(const char *name)
{
    return name[0] == '.' || str_ends(name, "~") || str_ends_nocase(name, ".md") ||
           str_ends_nocase(name, ".txt");
}

static void load_folder(struct loading *l, const char *kind, const char *folder, cJSON *files);

/* below: "" or the folder within the kind, with its slash: "site/". */
static void load_entry(struct loading *l, const char *kind, const char *below, const char *entry,
                       cJSON *files)
{
    char *name = mem_printf("%s/%s%s", kind, below, entry), *stem = path_stem(entry);
    char *whole = mem_printf("%s%s", below, stem);
    if (is_other_text(entry)) {
        /* nothing to read */
    } else if (!*below && kinds_in_folders(kind) && is_stem(entry)) {
        load_folder(l, kind, entry, files);
    } else if (!str_ends(entry, ".json") || !is_stem(stem)) {
        add_fault(l, "RULES_FILE", name, entry,
                  "a file called <name>.json, name of a-z, 0-9, - and _", "Rename or remove it.");
    } else {
        cJSON *tree = load_file(l, kind, stem, name);
        if (tree)
            cJSON_AddItemToObject(files, whole, tree);
    }
    free(whole);
    free(stem);
    free(name);
}

/* A folder within a kind: its files are called "folder/stem". */
static void load_folder(struct loading *l, const char *kind, const char *folder, cJSON *files)
{
    char *dir = mem_printf("%s/%s/%s", l->rules->dir, kind, folder);
    char *below = mem_printf("%s/", folder), *name = path_join(kind, folder);
    DIR *open_dir = opendir(dir);
    const struct dirent *entry;
    if (!open_dir)
        add_fault(l, "RULES_FILE", name, strerror(errno), "a readable folder", NULL);
    while (open_dir && (entry = readdir(open_dir)))
        load_entry(l, kind, below, entry->d_name, files);
    if (open_dir)
        closedir(open_dir);
    free(name);
    free(below);
    free(dir);
}

static int compare_trees(const void *a, const void *b)
{
    const cJSON *const *left = a, *const *right = b;
    double x = json_num(*left, "order", 1000), y = json_num(*right, "order", 1000);
    if (x != y)
        return x < y ? -1 : 1;
    return strcmp((*left)->string, (*right)->string);
}

/* The same members in the order of their "order", then name. Takes files. */
static cJSON *sort_files(cJSON *files)
{
    size_t n = (size_t)cJSON_GetArraySize(files), i = 0;
    cJSON **list = mem_grow(NULL, n + 1, sizeof *list), *sorted = cJSON_CreateObject();
    while (files->child)
        list[i++] = cJSON_DetachItemViaPointer(files, files->child);
    qsort(list, n, sizeof *list, compare_trees);
    for (i = 0; i < n; i++) {
        char *stem = mem_dup(list[i]->string);
        cJSON_AddItemToObject(sorted, stem, list[i]);
        free(stem);
    }
    free(list);
    cJSON_Delete(files);
    return sorted;
}

static void load_kind(struct loading *l, const char *kind)
{
    char *dir = path_join(l->rules->dir, kind);
    cJSON *files = cJSON_CreateObject();
    DIR *open_dir = opendir(dir);
    const struct dirent *entry;
    if (open_dir) {
        while ((entry = readdir(open_dir)))
            load_entry(l, kind, "", entry->d_name, files);
        closedir(open_dir);
    } else if (errno != ENOENT) {
        add_fault(l, "RULES_FILE", kind, strerror(errno), "a readable folder", NULL);
    }
    cJSON_AddItemToObject(l->rules->kinds, kind, sort_files(files));
    free(dir);
}

/* A folder with a slip in its name would otherwise be passed over in silence. */
static void check_top(struct loading *l)
{
    cJSON *kinds = cJSON_CreateObject();
    DIR *dir = opendir(l->rules->dir);
    const struct dirent *entry;
    if (!dir)
        add_fault(l, "RULES_MISSING", l->rules->dir, strerror(errno), "the folder with the rules",
                  "Name it with --rules, or install slated again.");
    for (size_t i = 0; kinds_names[i]; i++)
        cJSON_AddTrueToObject(kinds, kinds_names[i]);
    while (dir && (entry = readdir(dir))) {
        const char *name = entry->d_name, *near;
        char *cure;
        if (is_other_text(name) || str_eq(name, "policy.json") || json_get(kinds, name))
            continue;
        near = schema_nearest(kinds, name);
        cure = near ? mem_printf("Did you mean \"%s\"?", near) : mem_dup("Move it elsewhere.");
        add_fault(l, "RULES_FILE", name, name, "policy.json or one of the folders of rules", cure);
        free(cure);
    }
    if (dir)
        closedir(dir);
    cJSON_Delete(kinds);
}

static void load_policy(struct loading *l)
{
    char *path = path_join(l->rules->dir, "policy.json");
    cJSON *schema = kinds_schema("policy", NULL);
    if (file_exists(path))
        l->rules->policy = load_file(l, "policy", NULL, "policy.json");
    if (!l->rules->policy) {
        l->rules->policy = cJSON_CreateObject();
        schema_fill(schema, l->rules->policy);
    }
    cJSON_Delete(schema);
    free(path);
}

/* --- between files --- */

struct name_check {
    struct loading *loading;
    struct schema_report report;
};

/* A text whose schema says "names" must be the stem of a file in that folder. */
static void visit_name(void *ctx, const cJSON *schema, const cJSON *value,
                       const struct schema_at *at)
{
    struct name_check *check = ctx;
    const char *kind = json_str(schema, "names", NULL), *near;
    const cJSON *files = kind ? json_get(check->loading->rules->kinds, kind) : NULL;
    char *expected, *cure;
    if (!files || !cJSON_IsString(value) ||
        cJSON_GetObjectItemCaseSensitive(files, value->valuestring))
        return;
    near = schema_nearest(files, value->valuestring);
    expected = mem_printf("the name of a file in rules/%s", kind);
    cure =
        near ? mem_printf("Did you mean \"%s\"?", near)
             : mem_printf("Write rules/%s/%s.json, or correct the name.", kind, value->valuestring);
    schema_fault(&check->report, at, "NAME_UNKNOWN", value->valuestring, expected, cure);
    free(expected);
    free(cure);
}

static void check_names(struct loading *l)
{
    const cJSON *kind, *tree;
    cJSON_ArrayForEach(kind, l->rules->kinds)
    {
        cJSON_ArrayForEach(tree, kind)
        {
            char *name = mem_printf("%s/%s.json", kind->string, tree->string);
            struct name_check check = {l, {.file = name, .faults = l->faults}};
            cJSON *schema = schema_of(l->rules, kind->string, tree->string);
            if (schema)
                schema_walk(schema, tree, NULL, visit_name, &check);
            l->faults_n += check.report.added;
            cJSON_Delete(schema);
            free(name);
        }
    }
}

static void digest_add_tree(struct digest *d, const char *name, const cJSON *tree)
{
    char *text = json_canonical(tree);
    digest_text(d, name);
    digest_text(d, text);
    free(text);
}

static void compute_digest(struct rules *r)
{
    struct digest *d = digest_begin();
    const cJSON *kind, *tree;
    digest_add_tree(d, "policy", r->policy);
    cJSON_ArrayForEach(kind, r->kinds)
    {
        cJSON_ArrayForEach(tree, kind)
        {
            char *name = path_join(kind->string, tree->string);
            digest_add_tree(d, name, tree);
            free(name);
        }
    }
    digest_end(d, r->digest);
}

/* --- the set --- */

int rules_load(const char *dir, struct rules **ret_rules, struct faults *faults)
{
    struct rules *r = mem_alloc(sizeof *r);
    struct loading l = {.rules = r, .faults = faults};
    bool rested = json_pool_rest(true); /* rules stay */
    r->refs = 1;
    r->dir = mem_dup(dir);
    r->kinds = cJSON_CreateObject();
    check_top(&l);
    load_policy(&l);
    for (size_t i = 0; kinds_names[i]; i++)
        load_kind(&l, kinds_names[i]);
    check_names(&l);
    (void)json_pool_rest(rested);
    if (l.faults_n) {
        rules_release(r);
        return ERR_RULES;
    }
    compute_digest(r);
    *ret_rules = r;
    return 0;
}

struct rules *rules_hold(struct rules *r)
{
    r->refs++;
    return r;
}

void rules_release(struct rules *r)
{
    if (!r || --r->refs > 0)
        return;
    cJSON_Delete(r->policy);
    cJSON_Delete(r->kinds);
    free(r->dir);
    free(r);
}

const char *rules_dir(const struct rules *r)
{
    return r->dir;
}

const char *rules_digest(const struct rules *r)
{
    return r->digest;
}

const cJSON *rules_get(const struct rules *r, const char *name)
{
    const char *slash = strchr(name, '/');
    const cJSON *files;
    char kind[KIND_LEN];
    if (!slash)
        return str_eq(name, "policy") ? r->policy : NULL;
    if (!str_format(kind, sizeof kind, "%.*s", (int)(slash - name), name))
        return NULL;
    files = cJSON_GetObjectItemCaseSensitive(r->kinds, kind);
    return files ? cJSON_GetObjectItemCaseSensitive(files, slash + 1) : NULL;
}

const cJSON *rules_kind(const struct rules *r, const char *kind)
{
    return cJSON_GetObjectItemCaseSensitive(r->kinds, kind);
}

const cJSON *rules_policy(const struct rules *r, const char *pointer)
{
    const cJSON *value = json_get(r->policy, pointer);
    if (!value)
        bug("policy.json has no %s and the schema no default for it", pointer);
    return value;
}

double rules_policy_num(const struct rules *r, const char *pointer)
{
    return rules_policy(r, pointer)->valuedouble;
}

const char *rules_policy_str(const struct rules *r, const char *pointer)
{
    const char *text = cJSON_GetStringValue(rules_policy(r, pointer));
    if (!text)
        bug("%s of policy.json is no text", pointer);
    return text;
}
