/* A tree and a pattern of places come in; each value at such a place goes to a visitor, with its
 * true pointer. */
/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"
#include "intake/intake_priv.h"

static void visit_below(cJSON *value, const char *pattern, const char *pointer,
                        pointer_visit *visit, void *ctx);

/* "~" and "/" of a name as JSON pointers write them. */
static char *escaped(const char *name)
{
    char *out = mem_alloc(strlen(name) * 2 + 1), *to = out;
    for (; *name; name++) {
        if (*name == '~' || *name == '/') {
            *to++ = '~';
            *to++ = *name == '~' ? '0' : '1';
        } else {
            *to++ = *name;
        }
    }
    return out;
}

static void visit_child(cJSON *child, int index, const char *rest, const char *pointer,
                        pointer_visit *visit, void *ctx)
{
    char *name = child->string ? escaped(child->string) : mem_printf("%d", index);
    char *below = mem_printf("%s/%s", pointer, name);
    visit_below(child, rest, below, visit, ctx);
    free(below);
    free(name);
}

static void visit_below(cJSON *value, const char *pattern, const char *pointer,
                        pointer_visit *visit, void *ctx)
{
    size_t len;
    cJSON *child;
    int index = 0;
    char *part;
    if (!*pattern) {
        visit(ctx, value, pointer);
        return;
    }
    pattern++; /* the '/' */
    len = strcspn(pattern, "/");
    part = mem_dup_n(pattern, len);
    cJSON_ArrayForEach(child, value)
    {
        char own[24];
        (void)str_format(own, sizeof own, "%d", index);
        if (str_eq(part, "*") || str_eq(part, child->string ? child->string : own))
            visit_child(child, index, pattern + len, pointer, visit, ctx);
        index++;
    }
    free(part);
}

void pointers_each(cJSON *tree, const char *pattern, pointer_visit *visit, void *ctx)
{
    visit_below(tree, pattern, "", visit, ctx);
}

void pattern_init(struct pattern *p, const char *text)
{
    char *whole = mem_printf("^(%s)$", text ? text : "");
    *p = (struct pattern){.sound = false};
    p->sound = text && regcomp(&p->compiled, whole, REG_EXTENDED | REG_NOSUB | REG_ICASE) == 0;
    free(whole);
}

void pattern_finish(struct pattern *p)
{
    if (p->sound)
        regfree(&p->compiled);
    p->sound = false;
}

bool pattern_fits(const struct pattern *p, const char *text)
{
    return p->sound && regexec(&p->compiled, text, 0, NULL, 0) == 0;
}
