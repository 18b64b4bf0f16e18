/* Templates and identity values come in, paths below out/ go out; and a plan's paths are held
 * against each other. Creates nothing on disk. */
/* SPDX-License-Identifier: ISC */
#include "plan/naming.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/str.h"
#include "base/utf8.h"

#define PATH_CAP      4096
#define VALUE_LEN_MAX 120 /* bytes of one filled-in text; a part of a path may have 200 */
#define PAD_MAX       9

/* --- one template --- */

/* The width of ":02d", 0 for no form, -1 for a form nobody knows. */
static int read_form(const char *form)
{
    if (*form == 0)
        return 0;
    if (strlen(form) == 4 && form[0] == ':' && form[1] == '0' && form[2] >= '1' &&
        form[2] <= '0' + PAD_MAX && form[3] == 'd')
        return form[2] - '0';
    return -1;
}

static int add_number(struct buf *out, const char *name, double number, int width, struct err *e)
{
    if (number != floor(number) || number < 0 || number > 999999999)
        return err_set(e, ERR_INPUT, "a name needs a whole number for {%s}, found %.10g", name,
                       number);
    buf_printf(out, "%0*lld", width > 0 ? width : 1, (long long)number);
    return 0;
}

static int add_text(struct buf *out, const char *name, const char *text, int width, struct err *e)
{
    if (!text || !*text)
        return err_set(e, ERR_INPUT, "a name needs a value for {%s}, and there is none", name);
    if (width > 0)
        return err_set(e, ERR_RULES, "{%s} is a text and cannot be written with leading zeros",
                       name);
    char *safe = utf8_safe_name(text, VALUE_LEN_MAX, "unnamed");
    buf_text(out, safe);
    free(safe);
    return 0;
}

static int add_value(struct buf *out, const char *spec, size_t len, const cJSON *values,
                     struct err *e)
{
    char name[64];
    if (!str_format(name, sizeof name, "%.*s", (int)(len < 99 ? len : 99), spec))
        return err_set(e, ERR_RULES, "a placeholder's name is too long: \"%.40s\"", spec);
    char *form = strchr(name, ':');
    int width = read_form(form ? form : "");
    if (width < 0)
        return err_set(e, ERR_RULES,
                       "\"{%s}\" has a form that is not known; use {name} or {name:02d}", name);
    if (form)
        *form = 0;
    const cJSON *value = cJSON_GetObjectItemCaseSensitive(values, name);
    if (cJSON_IsNumber(value))
        return add_number(out, name, value->valuedouble, width, e);
    return add_text(out, name, cJSON_GetStringValue(value), width, e);
}

int naming_fill(const char *template, const cJSON *values, char **ret_path, struct err *e)
{
    struct buf out;
    buf_init(&out, PATH_CAP);
    int rc = 0;
    for (const char *s = template; *s && !rc; s++) {
        if (*s != '{') {
            buf_add(&out, s, 1);
            continue;
        }
        size_t len = strcspn(s + 1, "{}");
        if (s[1 + len] != '}') {
            rc = err_set(e, ERR_RULES, "the name \"%s\" has a \"{\" without its \"}\"", template);
            break;
        }
        rc = add_value(&out, s + 1, len, values, e);
        s += 1 + len;
    }
    if (!rc && (out.full || !out.data || !path_is_safe(out.data)))
        rc = err_set(e, ERR_PATH, "the name \"%s\" becomes \"%s\", which is not a safe path",
                     template, out.data ? out.data : "");
    if (!rc)
        *ret_path = buf_take(&out);
    buf_finish(&out);
    return rc;
}

int naming_path(const struct rules *rules, const char *kind, const char *name, const cJSON *values,
                char **ret_path, struct err *e)
{
    char file[96];
    const cJSON *rule = NULL;
    if (str_format(file, sizeof file, "naming/%s", kind))
        rule = rules_get(rules, file);
    const char *template = json_str(json_get(rule, "names"), name, NULL);
    if (!template)
        return err_set(e, ERR_RULES, "rules/naming/%s.json has no name for \"%s\"", kind, name);
    return naming_fill(template, values, ret_path, e);
}

/* --- a whole plan --- */

struct used {
    char *key; /* folded path, owned */
    const char *path, *title;
};

static int by_key(const void *a, const void *b)
{
    const struct used *x = a, *y = b;
    int c = strcmp(x->key, y->key);
    return c ? c : strcmp(x->path, y->path);
}

/* Notes the path, or says that it is not safe. */
static void note_path(struct used *list, size_t *n, const char *path, const char *title,
                      struct faults *faults)
{
    if (!path)
        return;
    if (!path_is_safe(path)) {
        faults_add(faults, "NAME_UNSAFE", title, path, "a path of plain names below out/",
                   "Change the names in the document that it is made of.");
        return;
    }
    list[*n] = (struct used){utf8_fold_key(path), path, title};
    ++*n;
}

static struct used *gather_paths(const struct plan *p, size_t *ret_n, struct faults *faults)
{
    size_t room = p->records_n + 1;
    for (size_t i = 0; i < p->jobs_n; i++)
        room += p->jobs[i].outs_n + 1;
    struct used *list = mem_alloc(room * sizeof *list);
    size_t n = 0;
    for (size_t i = 0; i < p->jobs_n; i++) {
        const struct plan_job *j = &p->jobs[i];
        for (size_t k = 0; k < j->outs_n; k++)
            note_path(list, &n, j->outs[k].path, j->title, faults);
        note_path(list, &n, j->prompt_path, j->title, faults);
    }
    for (size_t i = 0; i < p->records_n; i++)
        note_path(list, &n, p->records[i].path, "a document of this plan", faults);
    *ret_n = n;
    return list;
}

int naming_check_plan(const struct plan *p, struct faults *faults)
{
    size_t before = faults->n + faults->more, n = 0;
    struct used *list = gather_paths(p, &n, faults);
    qsort(list, n, sizeof *list, by_key);
    for (size_t i = 1; i < n; i++) {
        if (strcmp(list[i].key, list[i - 1].key) != 0)
            continue;
        char *place = mem_printf("%s and %s", list[i - 1].title, list[i].title);
        faults_add(
            faults, "NAME_CLASH", place, list[i].path, "a file name that only one of them has",
            "Give the two different ids, ranks or names; upper and lower case count as the same.");
        free(place);
    }
    for (size_t i = 0; i < n; i++)
        free(list[i].key);
    free(list);
    return faults->n + faults->more > before ? ERR_INPUT : 0;
}
